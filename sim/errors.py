"""Every error a user can meet: where it is, what was found, what is allowed, and how to mend it.

Wrong input is reported whole: an :class:`InputError` holds all its problems, sorted by file and line.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_PLACE = re.compile(r"(?P<file>.*):(?P<line>\d+):(?P<column>\d+)")
_LONGEST = 800  # characters of one part of a problem; the list of all instruments fits
_CLOSE = 0.6  # similarity from which difflib calls two words close: its own default


class SplinternetError(Exception):
    """Any error that this program raises on purpose; its text is meant for the user."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the input.

    Attributes
    ----------
    where : str
        ``file:line:column``, or ``--set PATH=VALUE``, or the path of a key, or empty when it has no place.
    found : str
        What stands there, in words.
    allowed : str
        What may stand there.
    hint : str
        "did you mean ...", or how to mend it.
    """

    where: str
    found: str
    allowed: str
    hint: str = ""

    def __str__(self) -> str:
        """Return the problem on one line: ``where: found; allowed; hint``."""
        text = "; ".join(_one_line(part) for part in (self.found, self.allowed, self.hint) if part)
        return f"{_one_line(self.where)}: {text}" if self.where else text


class InputError(SplinternetError):
    """The input is wrong; nothing has been written.

    Parameters
    ----------
    problems : iterable of Problem
        Everything that is wrong, in any order; kept sorted by file, line and column.
    """

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        listed = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(listed, key=_order))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Let the error travel between processes with its problems."""
        return type(self), (self.problems,)


class RunError(SplinternetError):
    """The input is right, yet the work failed: no space left, say, or a member that stopped."""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return ``did you mean 'X'?`` for the choice closest to a word, or an empty text when none is close.

    Parameters
    ----------
    word : str
        What the user wrote.
    choices : iterable of str
        What is allowed; upper and lower case are not told apart.
    """
    by_folded = {choice.casefold(): choice for choice in sorted(choices)}
    folded = str(word).casefold()[:100]
    close = difflib.get_close_matches(folded, by_folded, n=1, cutoff=_CLOSE)
    if not close and len(folded) > 2:
        close = [choice for choice in by_folded if choice.startswith(folded)][:1]
    return f"did you mean '{by_folded[close[0]]}'?" if close else ""


def _one_line(text: str) -> str:
    """Return a text without line breaks and control characters, and not endless: a problem is one line."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
    return "".join(char if char.isprintable() else " " for char in shown)


def _order(problem: Problem) -> tuple[str, int, int]:
    """Return the sorting key of a problem: file, line, column."""
    place = _PLACE.fullmatch(problem.where)
    if place is None:
        return problem.where, 0, 0
    return place["file"], int(place["line"]), int(place["column"])
