"""How rows of a picture are dealt out to threads, which are given consecutive turns each."""

from numba import njit


@njit(nogil=True, inline="always")
def dealt(turn, count):  # type: ignore[no-untyped-def]
    """Return which of ``count`` rows has a turn: even ones first, then odd ones.

    Neighbouring rows cost alike, and what costs much lies in one part of a picture: so threads are busy alike.
    """
    upper = (count + 1) // 2
    return 2 * turn if turn < upper else 2 * (turn - upper) + 1
