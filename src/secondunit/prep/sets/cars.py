"""Parked cars of a set, of the makes its period had."""

import numpy as np

from secondunit.prep.sets.assembly import Assembly
from secondunit.prep.sets.brief import SetBrief


def park(assembly: Assembly, brief: SetBrief, rng: np.random.Generator) -> None:
    """Park cars along both kerbs of the street."""
    del assembly, brief, rng
