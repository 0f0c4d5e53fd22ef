"""Fused multiply-add for compiled kernels: a product and a sum with one rounding (IEEE 754-2019, section 5.4.1).

No kernel is compiled with ``fastmath``: it lets the compiler choose where to round, and the code that Numba runs right
after compiling has been through the optimiser once less than the code it keeps on disk, so that a first run and a
second one would differ. Where a fused product pays, a kernel says so.
"""

from typing import Any

from numba.core import types
from numba.extending import intrinsic


@intrinsic
def fma(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Return a b + c, float32 all."""
    if {a, b, c} != {types.float32}:
        return None

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.fma(*arguments)

    return types.float32(a, b, c), emit
