"""How the hot loops are compiled; `sim.compiled` says where the compiled code is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from subprocess import Popen, TimeoutExpired
from typing import Any

import numba
from llvmlite import ir
from numba.extending import intrinsic

from sim.compiled import CACHE

numba.config.CACHE_DIR = str(CACHE)


_QUICK = {"nogil": True, "_nrt": False}
"""Kernels own no memory, so nothing of what they are handed has to be counted: counting took most of their time."""
_elsewhere: list[Popen[bytes]] = []
_PATIENCE = 120.0  # to wait for another process that compiles, assumption: ten times what it takes on a free core [s]
_INSIDE = _QUICK | {"no_cfunc_wrapper": True}
"""Nothing written in C calls these; a way in from C takes time to compile."""


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile a function that loops over people, and keep the compiled code; it lets other threads run meanwhile.

    It may not make arrays: the caller hands it those that it fills.
    """
    compiled: F = numba.njit(cache=True, **_QUICK)(function)
    return compiled


def part[F: Callable[..., object]](function: F) -> F:
    """Compile a function that other compiled ones call."""
    compiled: F = numba.njit(**_INSIDE)(function)
    return compiled


def leaf[F: Callable[..., object]](function: F) -> F:
    """Compile a small function that is to be merged into its callers."""
    compiled: F = numba.njit(forceinline=True, **_INSIDE)(function)
    return compiled


@intrinsic  # type: ignore[untyped-decorator]
def lowest(_: Any, bits: Any) -> Any:
    """Return the place of the lowest bit that is set, of a 64-bit number that is not 0; for kernels only."""

    def generate(_: Any, builder: Any, __: Any, given: Any) -> Any:
        return builder.cttz(given[0], ir.Constant(ir.IntType(1), 0))

    return (numba.int64(numba.int64), generate) if bits == numba.int64 else None


@intrinsic  # type: ignore[untyped-decorator]
def fetch_soon(_: Any, row: Any) -> Any:
    """Have a row of a table fetched into the cache while other work goes on; for kernels only."""

    def generate(_: Any, builder: Any, __: Any, given: Any) -> Any:
        address, whole = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [address, whole, whole, whole])
        prefetch = builder.module.declare_intrinsic("llvm.prefetch", (address,), kind)
        read, keep, data = (ir.Constant(whole, number) for number in (0, 3, 1))
        builder.call(prefetch, [builder.bitcast(given[0], address), read, keep, data])

    return (numba.void(row), generate) if isinstance(row, numba.types.Record) else None


def compiled_elsewhere(process: Popen[bytes]) -> None:
    """Note a process that compiles kernels which this one will load."""
    _elsewhere.append(process)


def wait_for_kernels() -> None:
    """Wait for what another process still compiles; whatever becomes of it, this one can compile it too."""
    while _elsewhere:
        with suppress(TimeoutExpired):
            _elsewhere.pop().wait(_PATIENCE)
