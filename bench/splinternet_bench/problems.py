"""What is wrong with what a user gave: where, what was found, what is allowed, how to mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """Something that is wrong in a file or an option."""

    file: str
    """The file, folder or option."""
    line: int | None
    """Its line, the first being 1; None for the whole file."""
    found: str
    allowed: str
    hint: str = ""
    """A way to mend it."""

    def __str__(self) -> str:
        """Return it in one line."""
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        hint = f" {self.hint}" if self.hint else ""
        return f"{where}: {self.found}; allowed: {self.allowed}.{hint}"


class BenchError(Exception):
    """Input that cannot be used, with all that is wrong with it."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for the nearest known name; empty where none is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"Did you mean '{near[0]}'?" if near else ""
