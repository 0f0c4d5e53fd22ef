"""The held-out set, frozen: what it is made of is written down in the repository, and nothing else is evaluated.

``held_out.json`` names every scene by the digest of its parameters and cameras, and the scripts by theirs. The noise
that the entrants are given is drawn from the digest of it all, so that nobody can pick seeds that look well. A change
of scripts or scenes is refused until it is frozen anew, which history shows. Pictures may differ in their last bits
from machine to machine, and chaos makes that more: they are held to a fingerprint.

``python -m training.frozen make FOLDER`` makes the pictures; ``freeze`` freezes; ``record FOLDER`` writes down the
pictures' digests and fingerprints.
"""

import argparse
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from secondunit.core.errors import BriefError
from secondunit.core.recipe import canonical, digest
from secondunit.media.atomic import whole_file
from secondunit.media.digest import file_digest
from training.held_out import BLOCKS, SEEDS, HeldOutPlan, HeldOutSize, make_scene, plan_scene, scene_path

FROZEN = Path(__file__).parent / "held_out.json"
SCRIPTS = ("companion.py", "fine_motion.py", "held_out.py", "rehearsal.py", "scene.py", "target.py", "view.py")
NOISES = 8
_NEAR = 0.05
"""Relative difference of a block's mean alpha or light beyond which a picture is not the frozen one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """The held-out set as it was written down."""

    size: HeldOutSize
    scenes: dict[int, str]
    """Digest of each scene's plan, by seed."""
    scripts: dict[str, str]
    digest: str
    """Of all above."""
    files: dict[int, dict[str, Any]]
    """SHA-256 and fingerprint of each scene's pictures as first made; empty until they were."""

    @property
    def noise_seeds(self) -> tuple[int, ...]:
        """Seeds of the noise that entrants are given."""
        rng = np.random.default_rng(int(self.digest[:16], 16))
        return tuple(int(s) for s in rng.choice(1 << 20, NOISES, replace=False) + 1)


def freeze(seeds: Iterable[int], size: HeldOutSize) -> Frozen:
    """Return the set of these scenes as the scripts would make it now."""
    scenes = {seed: plan_digest(plan_scene(seed, size)) for seed in seeds}
    scripts = {name: file_digest(Path(__file__).parent / name) for name in SCRIPTS}
    return Frozen(size=size, scenes=scenes, scripts=scripts, digest=_whole(size, scenes, scripts), files={})


def read_frozen(path: Path = FROZEN) -> Frozen:
    """Read a frozen set and hold it against the scripts as they are.

    Raises
    ------
    BriefError
        It is missing, was altered, or the scripts or scenes are no longer those that were frozen.
    """
    try:
        said = json.loads(path.read_text())
        size = HeldOutSize(**said["size"])
        scenes = {int(k): str(v) for k, v in said["scenes"].items()}
        scripts = dict(said["scripts"])
        files = {int(k): v for k, v in said.get("files", {}).items()}
        whole = str(said["digest"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BriefError(
            f"{path}: no frozen set ({error})", fix="freeze one: python -m training.frozen freeze"
        ) from error
    if whole != _whole(size, scenes, scripts):
        raise BriefError(f"{path} was altered: its digest is not its own", fix="take it from the repository again")
    now = freeze(scenes, size)
    changed = sorted(name for name in now.scripts if now.scripts[name] != scripts.get(name))
    if changed or sorted(scripts) != sorted(SCRIPTS):
        raise BriefError(
            f"the held-out set was frozen with another {', '.join(changed) or 'list of scripts'}",
            fix="take it back; or freeze anew (python -m training.frozen freeze) and evaluate every entrant anew",
        )
    other = [str(seed) for seed in scenes if now.scenes[seed] != scenes[seed]]
    if other:
        raise BriefError(f"held-out scene {', '.join(other)} is another than was frozen", fix="freeze anew")
    return Frozen(size=size, scenes=scenes, scripts=scripts, digest=whole, files=files)


def write_frozen(path: Path, frozen: Frozen) -> None:
    """Write a frozen set."""
    said = canonical(asdict(frozen)) | {"noise_seeds": list(frozen.noise_seeds)}
    with whole_file(path) as part:
        part.write_text(json.dumps(said, indent=1, sort_keys=True) + "\n")


def make_held_out(out: Path, frozen: Frozen, *, seeds: Iterable[int] | None = None) -> None:
    """Make the scenes that ``out`` does not hold, one after another."""
    out.mkdir(parents=True, exist_ok=True)
    for seed in seeds or frozen.scenes:
        path = scene_path(out, seed)
        claim = path.with_suffix(".lock")
        if path.is_file():
            continue
        try:
            os.close(os.open(claim, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        try:
            line = make_scene(path, plan_scene(seed, frozen.size), frozen.noise_seeds)
            said = line | {"set": frozen.digest, "sha256": file_digest(path)}
            path.with_suffix(".json").write_text(json.dumps(said, indent=1) + "\n")
            print(f"held-out scene {seed}: {line['cpu_seconds']} CPU-s", flush=True)
        finally:
            claim.unlink(missing_ok=True)


def read_scene(folder: Path, seed: int, frozen: Frozen) -> tuple[dict[str, NDArray[Any]], bool]:
    """Return a scene's arrays, and whether they are the first-made ones to the bit.

    Raises
    ------
    BriefError
        It is missing, was made for another set, was altered, or looks otherwise than the one that was frozen.
    """
    path = scene_path(folder, seed)
    line = path.with_suffix(".json")
    if not (path.is_file() and line.is_file()):
        raise BriefError(
            f"held-out scene {seed} is not in {folder}", fix=f"make it: python -m training.frozen make {folder}"
        )
    said, found = json.loads(line.read_text()), file_digest(path)
    fix = f"delete {path.name} and make it again: python -m training.frozen make {folder}"
    if said.get("set") != frozen.digest:
        raise BriefError(f"held-out scene {seed} was made for another set", fix=fix)
    if said.get("sha256") != found:
        raise BriefError(f"{path} was altered since it was made", fix=fix)
    with np.load(path) as data:
        arrays = {name: data[name] for name in data.files}
    first = frozen.files.get(seed)
    if first is None or first["sha256"] == found:
        return arrays, first is not None
    apart = np.abs(np.array(first["fingerprint"]) / np.maximum(fingerprint(arrays), 1e-6) - 1.0)
    if float(apart.max()) > _NEAR:
        where = BLOCKS[int(np.unravel_index(int(apart.argmax()), apart.shape)[1])]
        raise BriefError(
            f"held-out scene {seed} looks otherwise than the frozen one ({where} differs by {apart.max():.1%})",
            fix="the solver or the light has changed: freeze anew and evaluate every entrant anew",
        )
    return arrays, False


def fingerprint(arrays: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Return (views, blocks, 3): the targets' mean alpha, sun and sky."""
    return np.asarray(arrays["target"].astype(np.float64).mean(axis=(2, 4, 5)))


def plan_digest(plan: HeldOutPlan) -> str:
    """Return the digest of a plan, in six significant digits: the last bits of a sine are a machine's own."""
    views = [
        (canonical(v.camera), [(p.tolist(), float(m)) for p, m in v.occluders]) for v in plan.views
    ]  # fmt: skip
    rest = (canonical(plan.scene), plan.span, plan.run, plan.width, plan.height, plan.twin)
    return digest(_rounded((views, rest)))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value


def _whole(size: HeldOutSize, scenes: dict[int, str], scripts: dict[str, str]) -> str:
    return digest({"size": asdict(size), "scenes": {str(k): v for k, v in scenes.items()}, "scripts": scripts})


def record(folder: Path, frozen: Frozen) -> Frozen:
    """Return the set with the pictures in a folder written down as the first made."""
    files = {}
    for seed in frozen.scenes:
        with np.load(scene_path(folder, seed)) as data:
            mean = fingerprint({"target": data["target"]})
        files[seed] = {"sha256": file_digest(scene_path(folder, seed)), "fingerprint": np.round(mean, 5).tolist()}
    return replace(frozen, files=files)


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("freeze", "make", "record"))
    parser.add_argument("folder", type=Path, nargs="?", help="of the pictures, to make or to write down as first made")
    given = parser.parse_args()
    if given.what == "freeze":
        write_frozen(FROZEN, freeze(SEEDS, HeldOutSize()))
    elif given.folder is None:
        parser.error("a folder is needed")
    elif given.what == "make":
        make_held_out(given.folder, read_frozen())
    else:
        write_frozen(FROZEN, record(given.folder, read_frozen()))


if __name__ == "__main__":
    main()
