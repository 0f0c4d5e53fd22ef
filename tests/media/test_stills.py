import io

import cv2
import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageCms, ImageOps

from secondunit.core.errors import BriefError
from secondunit.media.colour import LINEAR_REC709, SRGB
from secondunit.media.exr_still import choose_channels
from secondunit.media.stills import read_still, upright


def test_an_eight_bit_png_is_exact(tmp_path, codes):
    Pillow.fromarray(codes).save(tmp_path / "a.png")
    still = read_still(tmp_path / "a.png")
    assert np.array_equal(np.rint(still.pixels * 255).astype(np.uint8), codes)
    assert (still.colour_space, still.notes) == (SRGB, ())


@pytest.mark.parametrize("suffix", [".png", ".tif"])
def test_sixteen_bits_stay_sixteen(tmp_path, suffix):
    deep = np.arange(48 * 64 * 3, dtype=np.uint16).reshape(48, 64, 3) * 7
    cv2.imwrite(str(tmp_path / f"a{suffix}"), deep[..., ::-1])
    still = read_still(tmp_path / f"a{suffix}")
    assert np.array_equal(np.rint(still.pixels * 65535).astype(np.uint16), deep)


def test_float_tiff_is_linear_and_unclamped(tmp_path):
    light = np.linspace(-1, 40, 32 * 32 * 3, dtype=np.float32).reshape(32, 32, 3)
    cv2.imwrite(str(tmp_path / "a.tif"), light[..., ::-1])
    still = read_still(tmp_path / "a.tif")
    assert still.colour_space == LINEAR_REC709
    assert np.array_equal(still.pixels, light)


@pytest.mark.parametrize(
    "mode, note",
    [
        ("L", "greyscale expanded"),
        ("1", "greyscale expanded"),
        ("P", "P pixels converted"),
        ("RGBA", "alpha dropped"),
        ("LA", "alpha dropped"),
    ],
)
def test_odd_modes_are_handled_and_said(tmp_path, codes, mode, note):
    Pillow.fromarray(codes).convert(mode).save(tmp_path / "a.png")
    still = read_still(tmp_path / "a.png")
    assert still.pixels.shape == (48, 64, 3)
    assert note in " ".join(still.notes)


def test_grey_sixteen_bit(tmp_path):
    deep = (np.arange(32 * 32, dtype=np.uint16) * 60).reshape(32, 32)
    cv2.imwrite(str(tmp_path / "a.png"), deep)
    still = read_still(tmp_path / "a.png")
    assert np.array_equal(np.rint(still.pixels[..., 1] * 65535).astype(np.uint16), deep)
    assert "greyscale expanded to RGB" in still.notes


def test_cmyk_is_converted_and_said(tmp_path, codes):
    Pillow.fromarray(codes).convert("CMYK").save(tmp_path / "a.jpg", quality=98)
    still = read_still(tmp_path / "a.jpg")
    assert "CMYK" in still.notes[0]
    assert np.abs(still.pixels * 255 - codes).mean() < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_as_pillow_reads_it(tmp_path, codes, orientation):
    exif = Pillow.Exif()
    exif[0x0112] = orientation
    Pillow.fromarray(codes).save(tmp_path / "a.png", exif=exif)
    with Pillow.open(tmp_path / "a.png") as picture:
        expected = np.asarray(ImageOps.exif_transpose(picture))
    assert np.array_equal(np.rint(read_still(tmp_path / "a.png").pixels * 255), expected)
    assert np.array_equal(upright(codes, orientation), expected)


def test_lens_and_filmback_from_exif(tmp_path, codes):
    exif = Pillow.Exif()
    exif[0x010F], exif[0x0110] = "Maker", "Camera"
    exif.get_ifd(0x8769).update({0x920A: 24.0, 0xA405: 36})
    Pillow.fromarray(np.zeros((400, 600, 3), np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    metadata = read_still(tmp_path / "a.jpg").metadata
    assert (metadata.focal_length_mm, metadata.focal_35mm, metadata.camera) == (24.0, 36.0, "Maker Camera")
    # APS-C: a crop of 1.5 of a 36 x 24 mm frame
    assert metadata.filmback_mm == pytest.approx((24.0, 16.0), abs=0.02)


def test_profiles_are_known_by_name(tmp_path, codes):
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Pillow.fromarray(codes).save(tmp_path / "a.png", icc_profile=icc)
    still = read_still(tmp_path / "a.png")
    assert still.colour_space == SRGB
    assert "ICC profile" in still.decided


def broken(kind: str) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    if kind == "tiny":
        Pillow.fromarray(noise[:4, :4]).save(buffer, "PNG")
    elif kind == "wide":
        Pillow.fromarray(np.zeros((16, 16400), np.uint8)).save(buffer, "PNG")
    elif kind == "bomb":
        Pillow.new("1", (40000, 40000)).save(buffer, "PNG")
    else:
        Pillow.fromarray(noise).save(buffer, "PNG" if "png" in kind else "JPEG")
    data = buffer.getvalue()
    return data[: len(data) // 2] if "cut" in kind else data


@pytest.mark.parametrize(
    "data, says",
    [
        (b"", "is empty"),
        (b"hello, world", "no picture we can read"),
        (b"\x89PNG\r\n\x1a\n", "no picture we can read"),
        (broken("cut png"), "damaged"),
        (broken("cut jpg"), "damaged"),
        (broken("tiny"), "4 x 4, too small"),
        (broken("wide"), "larger than 16384 px"),
        (broken("bomb"), "larger than 200 megapixels"),
    ],
    ids=["empty", "text", "signature only", "cut png", "cut jpg", "tiny", "wide", "bomb"],
)
def test_bad_pictures(tmp_path, data, says):
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(BriefError, match=says) as caught:
        read_still(tmp_path / "a.png")
    assert caught.value.fix


def test_a_missing_picture_says_the_key(tmp_path):
    with pytest.raises(BriefError, match=r"cannot read the plate .*check plate.file"):
        read_still(tmp_path / "none.png")


@pytest.mark.parametrize(
    "names, chosen",
    [
        (("A", "B", "G", "R", "Z"), ("R", "G", "B")),
        (("rgba.B", "rgba.G", "rgba.R", "albedo.R", "albedo.G", "albedo.B"), ("rgba.R", "rgba.G", "rgba.B")),
        (("diffuse.blue", "diffuse.green", "diffuse.red"), ("diffuse.red", "diffuse.green", "diffuse.blue")),
        (("Y",), ("Y",)),
        (("left.B", "left.G", "left.R", "right.B", "right.G", "right.R"), ("left.R", "left.G", "left.B")),
    ],
)
def test_the_picture_among_many_channels(names, chosen):
    assert choose_channels(names) == chosen


def test_no_picture_among_the_channels():
    with pytest.raises(BriefError, match="no R, G, B"):
        choose_channels(("Z", "motion.X"))


def test_every_damaged_file_is_a_brief_error_or_a_picture(material):
    tried, refused = 0, []
    for path in sorted((material / "damaged").rglob("*")):
        if path.suffix in (".exr", ".zip") or not path.is_file():
            continue
        tried += 1
        try:
            still = read_still(path)
        except BriefError as error:
            refused.append(error)
        else:
            assert still.pixels.ndim == 3
    assert all(error.fix for error in refused)
    assert tried > len(refused) > 20
