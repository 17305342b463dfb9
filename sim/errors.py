"""Errors and warnings about user input: the place, what was found, what is allowed, and how to fix
it.

All problems of an input are reported together: an :class:`InputError` holds them, sorted by file
and line.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum, unique
from typing import Self

_LONGEST = 800  # characters of one part of a problem; the list of all instruments fits
_CLOSE = 0.75  # similarity of a misspelt word (assumption); of texts of other numbers of words more
_SURE = 0.8


class SplinternetError(Exception):
    """Base class of all errors that the program raises on purpose, with a text for the user."""


@unique
class Code(StrEnum):
    """The kind of a problem. Programs should test this code, never the words of the message."""

    INVALID = (
        "invalid"  # a value or a file that cannot be used, for a reason that no other code names
    )
    MISSING = "missing"  # something that must be stated is not
    UNKNOWN_KEY = "unknown_key"
    UNKNOWN_NAME = "unknown_name"  # of a state, platform, instrument, parameter, metric ...
    UNKNOWN_ID = "unknown_id"  # of a policy that the scenario does not have
    DUPLICATE = "duplicate"
    ORDER = "order"  # dates or limits in the wrong order
    RANGE = "range"  # beyond a limit
    TYPE = "type"  # a text for a number, a single value for a list
    OUTSIDE = "outside"  # a file outside the folder where it must be
    UNAVAILABLE = "unavailable"  # something that this version declares and cannot do
    # Only ever warnings; some of the codes above are warnings as well, where `doubts` yields them:
    IDLE = "idle"  # allowed, and has no effect
    DATED = "dated"  # facts of another time than the scenario
    ALREADY = "already"  # a target that is out of reach before the policy begins
    UNUSED = "unused"  # a target that nobody uses there
    UNMEASURED = "unmeasured"  # a state of which nothing that matters was measured
    FEW = "few"  # too few simulated people to say much of a group
    RECORDED = "recorded"  # a real order of the record that a scenario leaves out, or contains


class Place(str):
    """A place in a file; as text ``file:line:column``.

    Parameters
    ----------
    file : str
        Name of the file, as it is shown.
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
        """Support pickling: problems travel between processes."""
        return self.file, self.line, self.column

    @property
    def of_line(self) -> str:
        """The place without its column."""
        return f"{self.file}:{self.line}"


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with the input.

    Attributes
    ----------
    where : str
        A `Place`, or ``--set PATH=VALUE``, or the path of a key, or empty when it has no place.
    found : str
        What stands there, in words.
    allowed : str
        What may stand there.
    hint : str
        "did you mean ...", or how to mend it.
    code : Code
        What kind of problem it is.
    path : str
        The key of the scenario that it is about, such as ``policies.ban.on``; empty where the words
        say so already.
    """

    where: str
    found: str
    allowed: str
    hint: str = ""
    code: Code = Code.INVALID
    path: str = ""

    @property
    def said(self) -> str:
        """The finding, with the key that it concerns."""
        return f"{self.path}: {self.found}" if self.path else self.found

    def below(self, path: str, where: str | None = None) -> Problem:
        """Return the same problem reported under another key, and perhaps at another place."""
        return replace(
            self, path=path, found=self.said, where=self.where if where is None else where
        )

    def __str__(self) -> str:
        """Return the problem on one line: ``where: found; allowed; hint``. A key that is the place
        is named once.
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
        """Let the error travel between processes with its problems."""
        return type(self), (self.problems,)


class RunError(SplinternetError):
    """The input is right, but the work failed, for example because the disk is full or a member
    stopped.

    Attributes
    ----------
    trace : str
        The traceback of the user's own code that failed; empty if none failed.
    """

    trace = ""


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return ``did you mean 'X'?`` for the choice closest to a word, or an empty text when none is
    close.

    Parameters
    ----------
    word : str
        What the user wrote.
    choices : iterable of str
        What is allowed; upper and lower case are not distinguished.
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
    """Return whether two texts are alike word by word: Hike Messenger is not Line Messenger."""
    if len(one.split()) != len(other.split()):
        return difflib.SequenceMatcher(None, other, one).ratio() >= _SURE
    return all(map(_is_misspelt, one.split(), other.split()))


def _is_misspelt(one: str, other: str) -> bool:
    """Return whether two words are alike, have the same letters, or differ in one of them."""
    differing = sum(a != b for a, b in zip(one, other, strict=False))
    is_slip = len(one) == len(other) and (differing == 1 or sorted(one) == sorted(other))
    begun = other[: len(one) + 1]  # internt of internet_users
    alike = (difflib.SequenceMatcher(None, text, one).ratio() for text in (other, begun))
    return is_slip or max(alike) >= _CLOSE


def unreadable(text: str) -> str:
    """Return the characters of a text that a reader could not see, or would see wrongly; empty if
    there are none.

    Control characters can command a terminal and end a C string; marks of direction make a text
    read as another one; a text of nothing visible is no name. Line breaks and tabs count as blanks
    here.

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
        return "a text of nothing visible"
    return ""


def commands_in(text: str) -> str:
    """Return the characters of a text that would control a terminal or reverse its writing
    direction; empty if there are none.
    """
    if text.isprintable():  # the quick way: none of the characters below is printable
        return ""
    faults = ((what, pattern.search(text)) for what, pattern in _COMMANDS.items())
    return next((f"{what} (U+{ord(found[0]):04X})" for what, found in faults if found), "")


_COMMANDS = {
    "a control character": re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f]"
    ),  # tab and newline are allowed
    "a mark that turns the direction of writing": re.compile("[\u202a-\u202e\u2066-\u2069]"),
    "a line break": re.compile("[\u2028\u2029]"),
    "a character that is never shown": re.compile(
        "[\u206a-\u206f\ufff9-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
    ),
}
_SIDES = frozenset("\u200e\u200f\u061c")
"""Invisible marks of the direction of writing: only a text that mixes both directions needs them."""
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U0001d159\U000e0100-\U000e01ef]"
)
"""Letters, marks and symbols that show nothing by themselves: fillers, and selectors of forms."""


def _one_line(text: str) -> str:
    """Return a text without line breaks and control characters, and not endless: a problem is one
    line.
    """
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."
    return "".join(char if char.isprintable() else " " for char in shown)


def _order(problem: Problem) -> tuple[str, int, int]:
    """Return the sorting key of a problem: file, line, column."""
    where = problem.where
    return (where.file, where.line, where.column) if isinstance(where, Place) else (where, 0, 0)
