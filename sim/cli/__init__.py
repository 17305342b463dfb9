"""The command line: each command parses its arguments, calls the library, and prints the result.

To add a command, write it in a module here, name both in ``COMMANDS`` and describe it in ``SUMMARIES``. Only the module
of the requested command is loaded, so that a quick command stays quick; `splinternet --help` loads none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from ..errors import InputError, SplinternetError
from ..plugins import project_around
from . import streams
from .app import COMMANDS, app, home_of
from .output import say_problems, warn

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and leave with its exit code: 0 done, 1 failed, 2 wrong input, 130 interrupted.

    Parameters
    ----------
    arguments : list of str, optional
        What follows the command's name; by default the process's own arguments.
    """
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for some takes longer than reading a file
    streams.prepare()
    sys.exit(streams.finish(_run(arguments), FAILED))


def _run(arguments: list[str] | None) -> int:
    """Run a command and return its exit code."""
    try:
        with project_around(Path.cwd()):
            for module in _modules_for(sys.argv[1:] if arguments is None else arguments):
                import_module(f"splinternet.cli.{module}")
            app(arguments, prog_name="splinternet")
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else DONE if leaving.code is None else FAILED
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
    except BrokenPipeError:  # the reader of our output, such as head, has gone
        streams.drop_output()
        return DONE
    except MemoryError:
        warn("error: not enough memory; run fewer people (--people) or fewer jobs (--jobs)")
        return FAILED
    except OSError as error:
        warn(f"error: {error.strerror or error}{f': {error.filename}' if error.filename else ''}")
        return FAILED
    return DONE


def _modules_for(arguments: Sequence[str]) -> Sequence[str]:
    """Return the modules to load first: that of the command; all for a name that is none, to suggest the nearest."""
    command = next((word for word in arguments if not word.startswith("-")), "")
    if not command:
        return ()
    home = home_of(command)
    return (home,) if home else tuple(COMMANDS)
