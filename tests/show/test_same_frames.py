"""A take made by kernels compiled on the way, and one made by kernels read back from disk: the same files.

Run as a script, this makes a small take and prints digests of what it is made of:
``python -m tests.show.test_same_frames FOLDER``.
"""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.show.show_kit import SHOT, make_show

from secondunit.show import take

ROOT = Path(__file__).parents[2]


def parts(root: Path) -> dict[str, str]:
    """Return digests of a take's pictures and of the dust that they show."""
    show = make_show(root)
    made = take(show, SHOT, draft=False, workers=1)[0]
    files = [*show.cache.rglob("*.npz"), *made.folder.rglob("*.exr")]
    return {str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def made_elsewhere(root: Path, cache: Path) -> dict[str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.show.test_same_frames", str(root)], cwd=ROOT, check=False,
        env=os.environ | {"NUMBA_CACHE_DIR": str(cache)}, capture_output=True, text=True, timeout=1800,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.long
def test_a_first_take_is_the_take_that_a_second_run_makes(tmp_path):
    compiled = made_elsewhere(tmp_path / "one", tmp_path / "kernels")
    read_back = made_elsewhere(tmp_path / "two", tmp_path / "kernels")
    assert any(name.endswith(".exr") for name in compiled)
    assert [name for name in compiled if compiled[name] != read_back.get(name)] == []


if __name__ == "__main__":
    print(json.dumps(parts(Path(sys.argv[1]))))
