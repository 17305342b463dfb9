"""The folder of compiled code, and whether a kernel is in it; this module does not load numba.

Numba keeps compiled kernels on disk. To find out whether one is out of date, it checks the kernel's own file only, not
the files of the functions that the kernel calls. Therefore the name of the folder is a digest of every file that
kernels are made of. After a change in any of them there is a new folder, so stale code never runs.
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from pathlib import Path

WITH_KERNELS = (
    "chance.py",
    "kernels.py",
    "people",
    "metrics/budget.py",
    "metrics/arm_day.py",
    "network",
    "world",
)
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


def is_kept(name: str) -> bool:
    """Return whether the compiled code of a kernel is on disk already."""
    return any(CACHE.rglob(f"*.{name}-*.nbi"))


def is_first_run() -> bool:
    """Return whether the largest kernel is yet to be compiled, as on the first run of a version of the program."""
    return not is_kept("visit_all")
