"""The command line: each command parses its arguments, calls the library, and prints the result.

To add a command, decorate a function of a module here with `app.command`, and name it in
`app.COMMANDS`. Only the module of the requested command is loaded, so that a quick command stays
quick; `splinternet --help` loads none.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from contextlib import suppress

import typer

from ..core.workers import allow_server
from ..errors import InputError, SplinternetError
from .app import app
from .output import say_problems, warn

DONE = 0
FAILED = 1
WRONG_INPUT = 2
INTERRUPTED = 130


def main(
    arguments: list[str] | None = None, of: typer.Typer = app, name: str = "splinternet"
) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 failed, 2 wrong input, 130
    interrupted.

    Parameters
    ----------
    arguments : list of str, optional
        The arguments after the program name; by default those of the process.
    of, name : typer.Typer and str
        The group of commands and its name.
    """
    os.environ.setdefault(
        "PYDANTIC_DISABLE_PLUGINS", "__all__"
    )  # searching for it takes longer than reading a file
    _prepare_output()
    if arguments is None:
        allow_server()
    code = _run(arguments, of, name)
    try:
        sys.stdout.flush()
    except OSError as error:
        _drop_output()
        if not code and not isinstance(
            error, BrokenPipeError
        ):  # the reader of the output, such as head, has ended
            warn(f"error: standard output cannot be written: {error.strerror or error}")
            code = FAILED
    gc.freeze()  # the process ends: a last search for garbage takes 0.2 s after a run
    sys.exit(code)


def _run(arguments: list[str] | None, of: typer.Typer, name: str) -> int:
    """Run a command and return its exit code."""
    try:
        of(arguments, prog_name=name)
    except SystemExit as leaving:
        if leaving.code is None:
            return DONE
        return leaving.code if isinstance(leaving.code, int) else FAILED
    except InputError as error:
        say_problems(error)
        return WRONG_INPUT
    except SplinternetError as error:
        if trace := getattr(error, "trace", ""):
            warn(f"Traceback of your own code (most recent call last):\n{trace.rstrip()}")
        warn(f"error: {error}")
        return FAILED
    except KeyboardInterrupt:
        warn("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of the output, such as head, has ended
        _drop_output()
        return DONE
    except MemoryError:
        warn("error: not enough memory; use fewer people (--people) or fewer jobs (--jobs)")
        return FAILED
    except OSError as error:
        said = f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}"
        is_closed = error.errno == errno.EBADF
        warn(
            f"error: {'standard output is closed, so what was to be printed is lost' if is_closed else said}"
        )
        return FAILED
    return DONE


def _prepare_output() -> None:
    """Make sure that printing never fails: a character that the terminal cannot show becomes its
    code.

    A closed stream is reopened on the null device, so that no file of the run gets its number;
    output is reopened for reading, so that printing raises an error.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(
                    os.devnull, os.O_WRONLY if name == "stderr" else os.O_RDONLY
                )  # takes the lowest free number
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, "w" if number else "r", closefd=False))  # noqa: SIM115 - a number
        elif number and hasattr(getattr(sys, name), "reconfigure"):
            with suppress(OSError, ValueError):
                getattr(sys, name).reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Send all further output to the null device, so that Python ends without an error."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
