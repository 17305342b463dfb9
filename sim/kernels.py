"""How the hot loops are compiled, and where the compiled code is kept.

Numba keeps compiled kernels on disk, but to tell whether one is out of date it looks only at the kernel's own file, not
at the files of the functions it calls. So the folder is named after the text of every file that kernels are made of: a
change in any of them starts afresh, and stale code can never run.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from subprocess import Popen, TimeoutExpired
from typing import Any

import numba
from llvmlite import ir
from numba.extending import intrinsic

WITH_KERNELS = ("chance.py", "kernels.py", "mechanisms", "network", "world")
"""Where kernels are, and all that they call or whose numbers they take in when they are compiled."""


def source_digest() -> str:
    """Return a digest of the text of all modules that hold kernels [hexadecimal, 16 digits]."""
    root = Path(__file__).parent
    digest = hashlib.sha256()
    for place in WITH_KERNELS:
        for path in [root / place] if place.endswith(".py") else sorted((root / place).glob("*.py")):
            digest.update(path.relative_to(root).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _cache_root() -> Path:
    """Return where compiled code may be kept: what NUMBA_CACHE_DIR says, else the user's cache folder."""
    if "NUMBA_CACHE_DIR" in os.environ:
        return Path(os.environ["NUMBA_CACHE_DIR"])
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", tempfile.gettempdir())) / "splinternet"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "splinternet"


def _use_cache() -> Path:
    """Make the folder for this version's compiled code; a temporary one where the usual place cannot be written."""
    name = f"kernels-{source_digest()}"
    for root in (
        _cache_root(),
        Path(tempfile.gettempdir()) / f"splinternet-{os.getuid() if hasattr(os, 'getuid') else 0}",
    ):
        folder = root / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="splinternet-"))


CACHE = _use_cache()
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


def is_kept(name: str) -> bool:
    """Return whether the compiled code of a kernel is on disk already."""
    return any(CACHE.rglob(f"*.{name}-*.nbi"))


def compiled_elsewhere(process: Popen[bytes]) -> None:
    """Note a process that compiles kernels which this one will load."""
    _elsewhere.append(process)


def wait_for_kernels() -> None:
    """Wait for what another process still compiles; whatever becomes of it, this one can compile it too."""
    while _elsewhere:
        with suppress(TimeoutExpired):
            _elsewhere.pop().wait(_PATIENCE)
