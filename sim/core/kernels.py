"""Compilation of the slowest loops, storage of the compiled code, and threads.

Numba keeps compiled kernels on disk. To find out whether one is out of date, it checks the kernel's
own file only, not the files of the functions that the kernel calls. Therefore a digest of all files
with kernel code names the folder. A change in any of them makes a new folder, so stale code never
runs. The settings of numba do not change: users' own kernels stay where numba puts them.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import numba
from llvmlite import ir
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.registry import CPUDispatcher
from numba.extending import intrinsic

WITH_KERNELS = ("core", "people", "network", "world")
"""Modules with compiled kernels, with functions that these call, or with constants that they
contain.
"""


def _cache_folder() -> Path:
    """Make the folder for this version's compiled code; a temporary one if the usual place is
    read-only.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for place in WITH_KERNELS:
        for path in (
            [root / place] if place.endswith(".py") else sorted((root / place).glob("*.py"))
        ):
            digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    temporary = Path(tempfile.gettempdir())
    home = os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")
    if sys.platform == "win32":
        home = os.environ.get("LOCALAPPDATA", temporary)
    usual = Path(os.environ.get("NUMBA_CACHE_DIR", Path(home) / "splinternet"))
    user = os.getuid() if hasattr(os, "getuid") else 0
    for parent in (usual, temporary / f"splinternet-{user}"):
        folder = parent / f"kernels-{digest.hexdigest()[:16]}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="splinternet-"))


CACHE = _cache_folder()


def is_first_run() -> bool:
    """Return whether the largest kernel still has to be compiled, as on a version's first run."""
    return not any(CACHE.glob("*.visit_all-*.nbi"))


class _Locator(_CacheLocator):  # type: ignore[misc]
    """Gives numba the folder for the compiled code of one of this package's kernels."""

    def __init__(self, function: Callable[..., object]) -> None:
        self._name = f"{function.__module__}-{function.__code__.co_firstlineno}"

    @classmethod
    def from_function(cls, py_func: Callable[..., object], _: str) -> Self:
        return cls(py_func)

    def get_cache_path(self) -> str:
        return str(CACHE)

    def get_source_stamp(self) -> str:
        return CACHE.name

    def get_disambiguator(self) -> str:
        return self._name


class _CacheImpl(CompileResultCacheImpl):  # type: ignore[misc]
    _locator_classes = (_Locator,)


class _Cache(FunctionCache):  # type: ignore[misc]
    _impl_class = _CacheImpl


_QUICK = {"nogil": True, "_nrt": False, "no_cfunc_wrapper": True}
"""Kernels own no memory, so numba need not count references, which would take eight times as long
in a large world. C code does not call kernels, so they need no C entry point, which takes time to
compile.
"""


def kernel[F: Callable[..., object]](function: F) -> F:
    """Compile a function that loops over people, and keep the compiled code; other threads run
    during a call.

    The function may not make arrays: the caller passes the arrays that it fills.
    """
    compiled = numba.njit(**_QUICK)(function)
    if not numba.config.DISABLE_JIT:
        compiled._cache = _Cache(function)  # noqa: SLF001 - as `cache=True` does, but in a folder of our own
    return compiled  # type: ignore[no-any-return]


class _ForKernels(CPUDispatcher):  # type: ignore[misc]
    """A compiled function that refuses calls from Python: it has no entry point, so a call would
    crash the process.
    """

    def __call__(self, *_: object, **__: object) -> None:
        raise TypeError(
            f"{self.__name__} is compiled for other compiled functions; Python cannot call it"
        )


def part[F: Callable[..., object]](function: F, **how: Any) -> F:
    """Compile a function that other compiled ones call.

    Python cannot call it: an entry point takes about as long to compile as the function.
    """
    compiled = numba.njit(**_QUICK, no_cpython_wrapper=True, **how)(function)
    compiled.__class__ = _ForKernels
    return compiled  # type: ignore[no-any-return]


def leaf[F: Callable[..., object]](function: F) -> F:
    """Compile a small function and merge it into its callers."""
    return part(function, forceinline=True)


def inlined[F: Callable[..., object]](function: F) -> F:
    """Compile a long function as part of its only caller; otherwise it would be optimised twice."""
    return part(function, inline="always")


@intrinsic  # type: ignore[untyped-decorator]
def lowest(_: Any, bits: Any) -> Any:
    """Return the position of the lowest set bit of a 64-bit number other than 0; for kernels
    only.
    """

    def generate(_: Any, builder: Any, __: Any, given: Any) -> Any:
        return builder.cttz(given[0], ir.Constant(ir.IntType(1), 0))

    return (numba.int64(numba.int64), generate) if bits == numba.int64 else None


def shared_out[T](
    threads: int, size: int, at_a_time: int, work: Callable[[int, int], T]
) -> Sequence[T]:
    """Process the parts of a list in threads; each thread takes the next free part.

    Parameters
    ----------
    threads : int
        Number of threads; with 1, the calling thread processes the parts in order.
    size : int
        Length of the list.
    at_a_time : int
        Length of a part.
    work : callable
        Called with the first position of a part and the position after its last.

    Returns
    -------
    sequence
        The results of ``work``, in the order of the parts. An error in a thread is raised here.
    """
    firsts = range(0, size, at_a_time)
    ends = [min(first + at_a_time, size) for first in firsts]
    if min(threads, len(firsts)) < 2:
        return [*map(work, firsts, ends)]
    with ThreadPoolExecutor(threads) as pool:
        return [*pool.map(work, firsts, ends)]
