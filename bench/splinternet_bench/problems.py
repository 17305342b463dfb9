"""Problems of a user's input: place, finding, allowed values, and fix."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """A problem in a file or an option."""

    file: str
    """The file, folder or option."""
    line: int | None
    """Its line, from 1; None for the whole file."""
    found: str
    allowed: str
    hint: str = ""
    """A way to fix it."""

    def __str__(self) -> str:
        """Return the problem in one line."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}: {self.found}; allowed: {self.allowed}.{hint}"


class BenchError(Exception):
    """Invalid input, with all its problems."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for the nearest known name; empty if none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean '{near[0]}'?" if near else ""
