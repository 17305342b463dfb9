"""Writing files so that a kill or a full disk never leaves an incomplete file."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sim.errors import RunError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_STREAMS = (Path("/dev"), Path("/dev/fd"), Path("/proc/self/fd"))
"""Where devices are, and the streams of this process by name."""
SPARE = 20_000_000  # bytes left free on the disk, assumption: room for other programs' small files


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn an error of the disk into one that says what to do.

    Raises
    ------
    RunError
        When the disk is full, or the place cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise RunError(
                f"the disk that holds {path} is full; nothing half-written was left. Free some space and "
                "give the same command again: the members that a run has finished are kept"
            ) from error
        raise RunError(
            f"{path} cannot be written: {error.strerror or error}; choose another place with --out"
        ) from error


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a file whole or not at all; see `write_whole`.

    Raises
    ------
    RunError
        When the disk is full, or the place cannot be written.
    """
    write_whole(path, lambda stream: stream.write(data))


def write_whole(path: Path, fill: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all: under another name first, then renamed.

    A link stays one: the file that it leads to is written. A device or a pipe is written into as it is.

    Parameters
    ----------
    path : Path
    fill : callable
        Writes everything into the stream that it is given.

    Raises
    ------
    RunError
        When the disk is full, or the place cannot be written.
    """
    with disk_errors(path):
        if (path.exists() and not path.is_file()) or path.parent in _STREAMS:
            with path.open("wb") as stream:
                fill(stream)
            return
        if path.is_symlink():
            path = path.resolve()
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                fill(stream)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def write_text(path: Path, text: str) -> None:
    """Write a text file whole or not at all, in UTF-8 with plain line ends."""
    write_bytes(path, text.encode("utf-8"))


def check_space(path: Path, needed: float) -> None:
    """Raise RunError when the disk has less room than a run will need.

    Parameters
    ----------
    path : Path
        Where it will be written; it need not exist yet.
    needed : float
        Estimate of what it will take [bytes].
    """
    place = path.absolute()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    if free < needed + SPARE:
        raise RunError(
            f"the disk that holds {path} has {_size(free)} free; this run needs about "
            f"{_size(needed + SPARE)}. Free some space, choose another place with --out, or ask for fewer "
            "seeds or days"
        )


def remove_tree(path: Path) -> None:
    """Delete a folder and all it holds; a folder that is gone already is fine."""
    shutil.rmtree(path, ignore_errors=True)


def _size(n_bytes: float) -> str:
    """Return a number of bytes in words."""
    return f"{n_bytes / 1e9:.1f} GB" if n_bytes >= 1e9 else f"{n_bytes / 1e6:.0f} MB"
