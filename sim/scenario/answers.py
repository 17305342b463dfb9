"""Questions of an interview, and how an answer is read: names, days, spans, amounts, values."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sim.errors import InputError, Problem

EARLIEST, LATEST = 1991, 2099
_SPAN = re.compile(r"(?:for )?(\d{1,4}) ?(day|week|month|year)s?")
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}


@dataclass(frozen=True)
class Question:
    """A question.

    Attributes
    ----------
    key : str
        What it is about.
    text : str
        The question.
    allowed : str
        What may be answered.
    default : str or None
        What an empty answer means; None where one must answer.
    choices : tuple of (str, str)
        What there is to choose from, each with what it is; empty where it is anything.
    """

    key: str
    text: str
    allowed: str
    default: str | None = None
    choices: tuple[tuple[str, str], ...] = ()


def refused(question: Question, found: str, hint: str = "") -> InputError:
    """Return the error of an answer.

    Parameters
    ----------
    question : Question
    found : str
        What is wrong with the answer.
    hint : str
    """
    return InputError(Problem(question.text, found, question.allowed, hint))


def words(text: str) -> list[str]:
    """Return the parts of a list with commas.

    Parameters
    ----------
    text : str
    """
    return [word.strip() for word in text.split(",") if word.strip()]


def read_day(question: Question, text: str) -> date:
    """Return an answer as a day; InputError where it is none.

    Parameters
    ----------
    question : Question
    text : str
        YYYY-MM-DD.
    """
    for form in (text, text.replace("/", "-")):
        with suppress(ValueError):
            found = date.fromisoformat(form)
            if EARLIEST <= found.year <= LATEST:
                return found
    raise refused(question, f"'{text}'")


def read_amount(question: Question, text: str) -> float:
    """Return an answer as an amount of money; InputError where it is none.

    Parameters
    ----------
    question : Question
    text : str
        A number, with or without ``$`` or ``USD``.
    """
    with suppress(ValueError):
        amount = float(text.casefold().removeprefix("$").removesuffix("usd").removesuffix("dollars").strip())
        if 0 <= amount < 1e6:
            return amount
    raise refused(question, f"'{text}'")


def read_value(text: str, example: Any) -> Any:
    """Return an answer of the kind of an example; the text itself where it is not of that kind.

    Parameters
    ----------
    text : str
    example : list, bool, int, float or str
    """
    if isinstance(example, list):
        return words(text)
    if isinstance(example, bool):
        return {"yes": True, "true": True, "no": False, "false": False}.get(text.casefold(), text)
    for kind in (int, float):
        with suppress(ValueError):
            return kind(text)
    return text


def as_typed(example: Any) -> str:
    """Return an example as somebody would type it.

    Parameters
    ----------
    example : list, bool, int, float or str
    """
    return ", ".join(map(str, example)) if isinstance(example, list) else str(example)


def is_date(value: object) -> bool:
    """Return whether a value is the text of a date.

    Parameters
    ----------
    value : object
    """
    try:
        date.fromisoformat(str(value))
    except ValueError:
        return False
    return isinstance(value, str)


def read_end(question: Question, text: str, on: date) -> date:
    """Return an answer as the first day free again: a span such as ``5 days``, or a day.

    Parameters
    ----------
    question : Question
    text : str
        In lower case.
    on : datetime.date
        First day in force.
    """
    span = _SPAN.fullmatch(text)
    if span:
        return on + timedelta(days=int(span[1]) * _DAYS[span[2]])
    return read_day(question, text.removeprefix("until").strip())
