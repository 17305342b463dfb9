"""Output of the command line: plain aligned columns, JSON, problems, a progress bar."""

from __future__ import annotations

import json
import shutil
import string
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer

from ..errors import InputError, Problem

if TYPE_CHECKING:
    from ..scenario import Scenario

type Row = Sequence[object]
_COMMANDS = [
    *range(32),
    *range(127, 160),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0x2028,
    0x2029,
]
_UNSHOWN = {
    code: f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
    for code in _COMMANDS
    if chr(code) not in "\n\t"
}
"""Control characters and marks of writing direction, each with its printed replacement."""
_UNSHOWN_IN_JSON = {code: f"\\u{code:04x}" for code in _COMMANDS if code > 31}
"""The replacements for JSON, which escapes all other characters by itself."""
WIDEST = 160


def shown(text: str) -> str:
    """Return a text that is safe to print: characters that control the terminal or the direction of
    writing become codes.
    """
    return text.translate(_UNSHOWN)


def say(text: str = "", *, end: bool = True) -> None:
    """Print a line of output; with an empty ``end``, a text that has its own line ends."""
    typer.echo(shown(text), nl=end)


def warn(text: str) -> None:
    """Print a line to standard error."""
    typer.echo(shown(text), err=True)


def say_json(data: object) -> None:
    """Print data as JSON; dates and other objects become text, NaN becomes null."""
    text = json.dumps(_plain(data), indent=2, ensure_ascii=False, default=str, allow_nan=False)
    typer.echo(text.translate(_UNSHOWN_IN_JSON))


def say_table(header: Sequence[str], rows: Iterable[Row]) -> None:
    """Print aligned columns below their names; the last one is wrapped to the terminal."""
    cells = [list(header), *([_cell(cell) for cell in row] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        _say_wrapped("  ".join(map(str.ljust, row[:-1], widths)), row[-1])


class _Filling(string.Formatter):
    """Fills templates; an undefined value becomes a dash."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value as text."""
        return "-" if value is None else str(super().format_field(value, format_spec))


def say_rows(columns: Mapping[str, str], rows: Iterable[object]) -> None:
    """Print things as a table: each header has a template of cells, in which ``0`` is the row
    (``{0[share]:.1%}``).
    """
    fill = _Filling().format
    say_table(
        list(columns), [[fill(template, row) for template in columns.values()] for row in rows]
    )


def say_details(pairs: Iterable[tuple[str, object]]) -> None:
    """Print names and values, one a line, aligned."""
    listed = [(name, _cell(value)) for name, value in pairs]
    widest = max((len(name) for name, _ in listed), default=0)
    for name, value in listed:
        _say_wrapped(name.ljust(widest), value)


MOST_PROBLEMS = 50  # a longer list has few causes, and its first problems would scroll away


def say_problems(error: InputError) -> None:
    """Print the problems of the input to standard error; a long list ends with the number of
    further problems.
    """
    for problem in error.problems[:MOST_PROBLEMS]:
        warn(f"error: {problem}")
    more = len(error.problems) - MOST_PROBLEMS
    if more > 0:
        what = "problem" if more == 1 else "problems"
        see = "fix these first, or see all with splinternet check --json"
        warn(f"error: and {more} more {what} of this input; {see}")


def problem_data(problem: Problem) -> dict[str, str]:
    """Return a problem as JSON data."""
    data = {
        "where": problem.where,
        "found": problem.said,
        "allowed": problem.allowed,
        "hint": problem.hint,
    }
    return {"code": problem.code.value, **data}


def warnings_data(scenario: Scenario) -> list[dict[str, str]]:
    """Return the warnings of a scenario as JSON data, each with its code and place."""
    return [problem_data(problem) for problem in (*scenario.doubts, *scenario.fixed.values())]


@contextmanager
def progress_bar(
    what: str, kept: str = "nothing is kept"
) -> Iterator[Callable[[int, int, int], None]]:
    """Yield a function that shows progress: call it with (done, failed, total). Without a terminal
    it shows nothing.

    On an interrupt, the text ``kept`` follows ``3 of 12 done; `` and states what happens to
    finished work.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TimeElapsedColumn

    counts = [0, 0]
    columns = (
        "{task.description}",
        BarColumn(bar_width=20),
        "{task.fields[counts]}",
        TimeElapsedColumn(),
    )
    console = Console(stderr=True)
    with Progress(
        *columns, console=console, transient=True, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task(what, total=None, counts="")

        def show(done: int, failed: int, total: int) -> None:
            counts[:] = done, total
            lost = f", {failed} failed" if failed else ""
            bar.update(
                task, completed=done + failed, total=total, counts=f"{done} of {total} done{lost}"
            )

        try:
            yield show
        except KeyboardInterrupt:
            bar.stop()
            done, total = counts
            said = f"{done} of {total} done" if total else "nothing done yet"
            warn(f"{said}; {kept if done else 'the same command begins again'}")
            raise


def _say_wrapped(front: str, last: str) -> None:
    """Print a line whose last column is wrapped beside the others."""
    indent = len(front) + 2
    width = width_of_terminal()
    if width == 0 or width - indent < 24:
        say(f"{front}  {last}".rstrip())
        return
    parts = textwrap.wrap(last, width - indent, break_long_words=False, break_on_hyphens=False) or [
        ""
    ]
    say(f"{front}  {parts[0]}".rstrip())
    for part in parts[1:]:
        say(" " * indent + part)


def width_of_terminal() -> int:
    """Return the width of the terminal, or 0 if the output is not a terminal [characters]."""
    return min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else 0


def _cell(value: object) -> str:
    """Return a value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Up to six digits, :g is enough; beyond that it would write 6.11574e+06.
        whole = abs(value) >= 1_000_000 or (abs(value) >= 1000 and value == int(value))
        return f"{value:,.0f}" if whole else f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(_cell(item) for item in value)
    return str(value)


def _plain(data: Any) -> Any:
    """Return data that JSON can represent: NaN and infinities become null, and file names become
    UTF-8.
    """
    if isinstance(data, dict):
        return {str(key): _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, float) and data - data != 0:
        return None
    if isinstance(data, str):
        return data.encode("utf-8", "replace").decode()
    return data
