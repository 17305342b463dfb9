"""Checks of numbers that a user gives, before anything is written: what was found, what is allowed, an example."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from numbers import Integral, Real

from sim.errors import InputError, Problem, did_you_mean

type Bounds = tuple[float, float]
"""The least and the most that is allowed."""

MOST_MEMBERS = 10_000
"""Most members, draws or repeats: beyond it somebody has mistaken them for people."""


def check_count(option: str, number: object, what: str, example: int) -> None:
    """Make sure that what counts members or processes is a whole number above 0.

    Raises
    ------
    InputError
    """
    check_all([count_problem(option, number, (1, math.inf), what, f"{option} {example}")])


def case_problems(wanted: Iterable[str], known: Collection[str]) -> list[Problem]:
    """Return the cases, events or episodes, that the record does not have."""
    return [
        Problem("", f"no event is called '{case}'", "one of " + ", ".join(known), did_you_mean(case, known))
        for case in wanted
        if case not in known
    ]


def check_all(found: Iterable[Problem | None]) -> None:
    """Raise InputError with all problems there are; nothing where there is none."""
    problems = [problem for problem in found if problem is not None]
    if problems:
        raise InputError(problems)


def count_problem(option: str, number: object, bounds: Bounds, what: str = "", hint: str = "") -> Problem | None:
    """Return what is wrong with a number that counts something; None where nothing is.

    Parameters
    ----------
    option : str
        What the user wrote it into.
    number : object
        What was found.
    bounds : (float, float)
        The least and the most; the most may be infinite.
    what : str
        What is counted, in the plural.
    hint : str
        An example.
    """
    if isinstance(number, bool) or not isinstance(number, Integral):
        return Problem(option, f"{number!r} {what}".rstrip(), f"a whole number, {allowed(bounds)}", hint)
    return _outside(option, int(number), f"{number} {what}".rstrip(), bounds, hint)


def number_problem(option: str, number: object, bounds: Bounds = (-math.inf, math.inf)) -> Problem | None:
    """Return what is wrong with a number that may have a fraction; None where nothing is.

    Parameters
    ----------
    option : str
        What the user wrote it into.
    number : object
        What was found.
    bounds : (float, float)
        The least and the most; either may be infinite.
    """
    if isinstance(number, bool) or not isinstance(number, Real) or not math.isfinite(number):
        return Problem(option, repr(number), ", ".join(filter(None, ("a finite number", allowed(bounds)))))
    return _outside(option, float(number), f"{number}", bounds)


def allowed(bounds: Bounds) -> str:
    """Return bounds in words: ``at least 2``, ``2 to 100,000``; empty where there are none."""
    low, high = bounds
    if math.isinf(high):
        return "" if math.isinf(low) else f"at least {low:,}"
    return f"at most {high:,}" if math.isinf(low) else f"{low:,} to {high:,}"


def _outside(option: str, number: float, found: str, bounds: Bounds, hint: str = "") -> Problem | None:
    """Return the problem with a number beyond its bounds."""
    low, high = bounds
    return None if low <= number <= high else Problem(option, found, allowed(bounds), hint)
