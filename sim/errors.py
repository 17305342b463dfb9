"""Errors and warnings about user input: the place, what was found, what is allowed, and how to fix
it.

All problems of an input are reported together in an :class:`InputError`, sorted by file and line.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Self

_LONGEST = 800  # most characters of one part of a problem; enough for the list of all instruments
_CLOSE = 0.75  # smallest similarity of a misspelt word (assumption)
_SURE = 0.8  # the same for texts with different numbers of words (assumption)


class SplinternetError(Exception):
    """Base class of all errors with a message for the user."""


@unique
class Code(StrEnum):
    """The kind of a problem. Programs should test this code, not the text of the message."""

    INVALID = "invalid"  # a value or a file that cannot be used for any other reason
    MISSING = "missing"  # a required value is missing
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_NAME = "unknown_name"  # an unknown state, platform, instrument, parameter, metric ...
    UNKNOWN_ID = "unknown_id"  # an unknown id of a policy
    DUPLICATE = "duplicate"
    ORDER = "order"  # dates or limits in the wrong order
    RANGE = "range"  # beyond a limit
    TYPE = "type"  # a text for a number, a single value for a list
    OUTSIDE = "outside"  # a file outside the folder where it must be
    UNAVAILABLE = "unavailable"  # declared, but not possible in this version
    # The codes below are only warnings; `doubts` also yields some codes above as warnings.
    IDLE = "idle"  # allowed, but without effect
    DATED = "dated"  # facts of another time than the scenario
    ALREADY = "already"  # a target that is already blocked before the policy begins
    UNUSED = "unused"  # a target that nobody uses in the state
    UNMEASURED = "unmeasured"  # a state without measured figures for the result
    FEW = "few"  # too few simulated people in a group
    RECORDED = "recorded"  # a recorded order that a scenario leaves out, or that it contains


class Place(str):
    """A place in a file; as text ``file:line:column``.

    Parameters
    ----------
    file : str
        Displayed name of the file.
    line, column : int
        From 1.
    """

    __slots__ = ("column", "file", "line")
    file: str
    line: int
    column: int

    def __new__(cls, file: str, line: int, column: int = 1) -> Self:
        """Return the place."""
        made = super().__new__(cls, f"{file}:{line}:{column}")
        made.file = file
        made.line = line
        made.column = column
        return made

    def __getnewargs__(self) -> tuple[str, int, int]:  # type: ignore[override]
        """Support pickling, because problems are sent between processes."""
        return self.file, self.line, self.column

    @property
    def of_line(self) -> str:
        """The place without its column."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One problem of the input.

    Attributes
    ----------
    where : str
        A `Place`, ``--set PATH=VALUE``, or the path of a key; empty without a place.
    found : str
        Description of the input at this place.
    allowed : str
        Description of the allowed input.
    hint : str
        "did you mean ...", or another way to fix it.
    code : Code
        The kind of problem.
    path : str
        The key of the scenario, such as ``policies.ban.on``; empty if the text already names it.
    """

    where: str
    found: str
    allowed: str
    hint: str = ""
    code: Code = Code.INVALID
    path: str = ""

    @property
    def said(self) -> str:
        """Description of the input, with its key."""
        return f"{self.path}: {self.found}" if self.path else self.found

    def below(self, path: str, where: str | None = None) -> Problem:
        """Return the problem for another key, and optionally another place."""
        return replace(
            self, path=path, found=self.said, where=self.where if where is None else where
        )

    def __str__(self) -> str:
        """Return the problem on one line: ``where: found; allowed; hint``. A key that equals the
        place is named once.
        """
        said = self.found if self.where == self.path else self.said
        text = "; ".join(_one_line(part) for part in (said, self.allowed, self.hint) if part)
        return f"{_one_line(self.where)}: {text}" if self.where else text


class InputError(SplinternetError):
    """The input is wrong. The program has written no files.

    Parameters
    ----------
    problems : iterable of Problem
        All problems found, in any order; the error sorts them by file, line and column.
    """

    def __init__(self, problems: Iterable[Problem] | Problem) -> None:
        listed = (problems,) if isinstance(problems, Problem) else tuple(problems)
        self.problems: tuple[Problem, ...] = tuple(sorted(listed, key=_order))
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Problem, ...]]]:
        """Support pickling of the error with its problems."""
        return type(self), (self.problems,)


class RunError(SplinternetError):
    """The input is right, but the run failed, for example because the disk is full or a seed
    failed.

    Attributes
    ----------
    trace : str
        The traceback of the user's own code that failed; empty if none failed.
    """

    trace = ""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return ``did you mean 'X'?`` for the choice closest to a word, or an empty text if none is
    close.

    Parameters
    ----------
    word : str
        What the user wrote.
    choices : iterable of str
        The allowed words; case is ignored.
    """
    by_folded = {choice.casefold(): choice for choice in sorted(choices)}
    folded = str(word).casefold()[:100]
    alike = difflib.get_close_matches(folded, by_folded, n=5)
    close = [choice for choice in alike if _has_close_words(folded, choice)]
    if not close and " " in folded:  # "Iranian authorities" begins with Iran
        begun = [choice for choice in by_folded if len(choice) > 2 and folded.startswith(choice)]
        close = sorted(begun, key=len)[-1:]
    if not close and len(folded) > 2:
        close = [choice for choice in by_folded if choice.startswith(folded)][:1]
    return f"did you mean '{by_folded[close[0]]}'?" if close else ""


def _has_close_words(one: str, other: str) -> bool:
    """Return whether two texts are similar word by word, as Hike and Line Messenger are not."""
    if "/" not in one:  # a shipped scenario may be named without its folder
        other = other.rpartition("/")[2]
    if len(one.split()) != len(other.split()):
        return difflib.SequenceMatcher(None, other, one).ratio() >= _SURE
    return all(map(_is_misspelt, one.split(), other.split()))


def _is_misspelt(one: str, other: str) -> bool:
    """Return whether two words are similar, have the same letters, or differ in one letter."""
    differing = sum(a != b for a, b in zip(one, other, strict=False))
    is_slip = len(one) == len(other) and (differing == 1 or sorted(one) == sorted(other))
    begun = other[: len(one) + 1]  # internt of internet_users
    alike = (difflib.SequenceMatcher(None, text, one).ratio() for text in (other, begun))
    return is_slip or max(alike) >= _CLOSE


def unreadable(text: str) -> str:
    """Return a description of the characters of a text that are invisible or misleading; empty if
    there are none.

    Control characters can control a terminal or end a C string, marks of direction can change how a
    text reads, and an invisible text is not a name. Line breaks and tabs count as blanks.

    Parameters
    ----------
    text : str
        What a user wrote.
    """
    if fault := commands_in(text):
        return fault
    mark = next((char for char in text if char in _SIDES), "")
    if mark and not any(
        unicodedata.bidirectional(char) in ("R", "AL") and char not in _SIDES for char in text
    ):
        return f"a mark for right-to-left writing (U+{ord(mark):04X}) in a text without right-to-left letters"
    if not any(
        unicodedata.category(char)[0] not in "ZC" and not _BLANK.match(char) for char in text
    ):
        return "a text without visible characters"
    return ""


def commands_in(text: str) -> str:
    """Return a description of the characters of a text that control a terminal or reverse the
    writing direction; empty if there are none.
    """
    if text.isprintable():  # fast path: none of the characters below is printable
        return ""
    faults = ((what, pattern.search(text)) for what, pattern in _COMMANDS.items())
    return next((f"{what} (U+{ord(found[0]):04X})" for what, found in faults if found), "")


_COMMANDS = {
    "a control character": re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f]"
    ),  # tab and newline are allowed
    "a mark that turns the direction of writing": re.compile("[\u202a-\u202e\u2066-\u2069]"),
    "a line break": re.compile("[\u2028\u2029]"),
    "an invisible character": re.compile(
        "[\u206a-\u206f\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
    ),
}
_SIDES = frozenset("\u200e\u200f\u061c")
"""Invisible marks of writing direction, needed only in texts that mix both directions."""
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001d159\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that are invisible by themselves: fillers and variation selectors."""


def _one_line(text: str) -> str:
    """Return a text of limited length without line breaks and control characters, because a problem
    is one line.
    """
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
    return "".join(char if char.isprintable() else " " for char in shown)


def _order(problem: Problem) -> tuple[str, int, int]:
    """Return the sorting key of a problem: file, line, column."""
    where = problem.where
    return (where.file, where.line, where.column) if isinstance(where, Place) else (where, 0, 0)
