"""Checks of numbers and names that a user gives, before anything is written."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from numbers import Integral, Real

from ..errors import InputError, Problem, did_you_mean

type Bounds = tuple[float, float]
"""The least and the most that is allowed."""

MOST_MEMBERS = 10_000
"""Most members, draws or repeats: beyond it somebody has mistaken them for people."""


def check_all(problems: Iterable[Problem]) -> None:
    """Raise InputError with all problems; do nothing where there is none."""
    if problems := list(problems):
        raise InputError(problems)


def check_count(option: str, number: object, what: str, example: int) -> None:
    """Raise InputError unless a number of members or processes is a whole number above 0."""
    check_all(number_problems(option, number, (1, math.inf), what, f"{option} {example}", whole=True))


def number_problems(
    option: str,
    number: object,
    bounds: Bounds = (-math.inf, math.inf),
    what: str = "",
    hint: str = "",
    *,
    whole: bool = False,
) -> list[Problem]:
    """Return the problem with a number, if there is one.

    Parameters
    ----------
    option : str
        What the user wrote it into.
    number : object
        What was found.
    bounds : (float, float)
        The least and the most; either may be infinite.
    what : str
        What is counted, in the plural.
    hint : str
        An example.
    whole : bool
        Whether it must be a whole number.
    """
    low, high = bounds
    is_number = isinstance(number, Integral if whole else Real) and not isinstance(number, bool)
    if is_number and math.isfinite(number) and low <= number <= high:  # type: ignore[arg-type, operator]
        return []
    range_words = f"{low:,} to {high:,}" if math.isfinite(high) else f"at least {low:,}" if math.isfinite(low) else ""
    kind = "" if is_number and math.isfinite(number) else "a whole number" if whole else "a finite number"  # type: ignore[arg-type]
    found = f"{number if isinstance(number, Real) else repr(number)} {what}".rstrip()
    return [Problem(option, found, ", ".join(filter(None, (kind, range_words))), hint)]


def case_problems(wanted: Iterable[str], known: Collection[str]) -> list[Problem]:
    """Return the cases, events or episodes, that the record does not have."""
    return [
        Problem("", f"no event is called '{case}'", "one of " + ", ".join(known), did_you_mean(case, known))
        for case in wanted
        if case not in known
    ]
