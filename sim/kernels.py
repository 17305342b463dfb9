"""How the hot loops are compiled; `sim.compiled` says where the compiled code is kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numba
from llvmlite import ir
from numba.core.registry import CPUDispatcher
from numba.extending import intrinsic

from sim.compiled import CACHE

numba.config.CACHE_DIR = str(CACHE)


_QUICK = {"nogil": True, "_nrt": False, "no_cfunc_wrapper": True}
"""Kernels own no memory, so nothing of what they are handed has to be counted: counting took most of their time.
Nothing written in C calls them; a way in from C takes time to compile."""
_INSIDE = _QUICK | {"no_cpython_wrapper": True}
"""Python does not call these either. A way in from Python takes about as long to compile as the function."""


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile a function that loops over people, and keep the compiled code; it lets other threads run meanwhile.

    It may not make arrays: the caller hands it those that it fills.
    """
    compiled: F = numba.njit(cache=True, **_QUICK)(function)
    return compiled


class _ForKernels(CPUDispatcher):  # type: ignore[misc]
    """A compiled function that refuses calls from Python: it has no way in, and the call would end the process."""

    def __call__(self, *_: object, **__: object) -> None:
        raise TypeError(f"{self.__name__} is compiled for other compiled functions; Python cannot call it")


def _inside[F: Callable[..., object]](function: F, **how: Any) -> F:
    compiled = numba.njit(**_INSIDE, **how)(function)
    compiled.__class__ = _ForKernels
    return compiled  # type: ignore[no-any-return]


def part[F: Callable[..., object]](function: F) -> F:
    """Compile a function that other compiled ones call."""
    return _inside(function)


def leaf[F: Callable[..., object]](function: F) -> F:
    """Compile a small function that is to be merged into its callers."""
    return _inside(function, forceinline=True)


def inlined[F: Callable[..., object]](function: F) -> F:
    """Compile a long function as part of its only caller: by itself, it would be optimised twice."""
    return _inside(function, inline="always")


@intrinsic  # type: ignore[untyped-decorator]
def lowest(_: Any, bits: Any) -> Any:
    """Return the place of the lowest bit that is set, of a 64-bit number that is not 0; for kernels only."""

    def generate(_: Any, builder: Any, __: Any, given: Any) -> Any:
        return builder.cttz(given[0], ir.Constant(ir.IntType(1), 0))

    return (numba.int64(numba.int64), generate) if bits == numba.int64 else None


@intrinsic  # type: ignore[untyped-decorator]
def fetch_soon(_: Any, table: Any, i: Any) -> Any:
    """Have a row of a table fetched into the cache while other work goes on; for kernels only."""

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        address, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        rows = context.make_array(signature.args[0])(context, builder, given[0])
        place = builder.mul(builder.extract_value(rows.strides, 0), given[1])
        row = builder.gep(builder.bitcast(rows.data, address), [place])
        kind = ir.FunctionType(ir.VoidType(), [address, whole, whole, whole])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (address,), kind)
        read, keep, data = (ir.Constant(whole, number) for number in (0, 3, 1))
        builder.call(prefetch, [row, read, keep, data])

    return (numba.void(table, numba.int64), generate) if isinstance(table, numba.types.Array) else None
