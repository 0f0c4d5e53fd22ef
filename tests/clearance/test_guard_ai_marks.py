"""What comes in may carry a mark; the mark is read, and its absence proves nothing."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from secondunit.clearance.guard.ai_marks import SCAN_BYTES, ai_marks
from secondunit.clearance.provenance.authority import init_authority
from secondunit.clearance.provenance.lineage import IPTC
from secondunit.clearance.provenance.manifest import Claim, Did, embed
from secondunit.core.errors import BriefError
from secondunit.media.png import write_png


def picture(path: Path, **text: str) -> Path:
    info = PngImagePlugin.PngInfo()
    for key, value in text.items():
        info.add_text(key, value)
    Image.new("RGB", (16, 16), (90, 80, 70)).save(path, pnginfo=info)
    return path


@pytest.mark.parametrize(
    "text, mark",
    [
        ({"parameters": "a wall\nNegative prompt: people\nSteps: 20, Sampler: Euler"}, "settings of an image model"),
        ({"prompt": '{"3": {"class_type": "KSampler"}}'}, "settings of an image model"),
        ({"Software": "Midjourney 7"}, "name of a generator"),
        ({"XML:com.adobe.xmp": IPTC + "trainedAlgorithmicMedia"}, "IPTC source type of a trained model"),
        ({"XML:com.adobe.xmp": IPTC + "compositeWithTrainedAlgorithmicMedia"}, "IPTC source type of a trained model"),
        ({"XML:com.adobe.xmp": "<Iptc4xmpExt:AISystemUsed>x"}, "IPTC AI fields"),
    ],
)
def test_a_mark_is_read(tmp_path: Path, text: dict[str, str], mark: str):
    assert mark in ai_marks(picture(tmp_path / "a.png", **text))


def test_a_manifest_is_seen(tmp_path: Path):
    path = tmp_path / "a.png"
    write_png(path, np.full((16, 16, 3), 90, np.uint8))
    assert ai_marks(path) == ()
    identity = init_authority(tmp_path / "p", tmp_path / "q", show="S", organisation="O")
    done = [Did(action="c2pa.created", source_type=IPTC + "trainedAlgorithmicMedia")]
    embed(path, Claim(title="a", mime="image/png", actions=done, ingredients=[], complete=True, statement={}), identity)
    assert {"C2PA manifest", "IPTC source type of a trained model"} <= set(ai_marks(path))


def test_both_ends_of_a_large_file_are_read(tmp_path: Path):
    path = tmp_path / "a.mov"
    path.write_bytes(bytes(3 * SCAN_BYTES) + b"Stable Diffusion")
    assert ai_marks(path) == ("name of a generator",)


def test_stripping_removes_the_mark(tmp_path: Path):
    path = picture(tmp_path / "a.png", parameters="Negative prompt: x")
    with Image.open(path) as marked:
        Image.fromarray(np.asarray(marked)).save(tmp_path / "b.png")
    assert ai_marks(tmp_path / "b.png") == ()


def test_what_cannot_be_read_is_refused(tmp_path: Path):
    with pytest.raises(BriefError):
        ai_marks(tmp_path / "no.png")
