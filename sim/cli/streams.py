"""Standard output and error as they may be: closed, full, gone, or unable to show a character."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress

from .output import warn

_STANDARD = (0, 1, 2)


class _Closed(io.TextIOBase):
    """Stands in for a stream that was closed before the program started; remembers whether anything was lost."""

    def __init__(self) -> None:
        self.lost = False

    def writable(self) -> bool:
        """Return that it takes text."""
        return True

    def write(self, text: str) -> int:
        """Drop some text."""
        self.lost = self.lost or bool(text)
        return len(text)


def prepare() -> None:
    """Make sure that printing never fails: a character that the terminal cannot show becomes its code.

    What is closed is opened onto nothing, so that no file of the run gets the number of a standard stream.
    """
    for number in _STANDARD:
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _Closed())
        elif hasattr(stream, "reconfigure"):
            with suppress(OSError, ValueError):
                stream.reconfigure(errors="backslashreplace")


def finish(code: int, failed: int) -> int:
    """Flush what was printed and return the exit code: ``failed`` where output was lost and all else went well.

    Parameters
    ----------
    code : int
        The exit code of the command.
    failed : int
        That of a command that failed.
    """
    if isinstance(sys.stdout, _Closed):
        if sys.stdout.lost:
            warn("error: standard output is closed, so what was to be printed is lost")
            return code or failed
        return code
    try:
        sys.stdout.flush()
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        drop_output()
    except OSError as error:
        drop_output()
        warn(f"error: standard output cannot be written: {error.strerror or error}")
        return code or failed
    return code


def drop_output() -> None:
    """Send all further output nowhere, so that Python does not complain when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
