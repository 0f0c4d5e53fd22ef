"""How many cores this process may compute on."""

import os


def compute_threads() -> int:
    """Return ``OMP_NUM_THREADS`` where it is set, as a farm sets it for its workers, else the number of cores."""
    return int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
