"""Sentences from templates, and numbers, groups and dates in words, for tables, charts and reports.

Every sentence that a run prints is a template in ``templates/``, which an editor can read from top
to bottom. A file contains macros, which are sentences with names in double braces, and tables of
short texts by code.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import textwrap
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ..core.groups import USERS, Group, Partner, StatePair, read
from ..metrics.registry import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from ..results.result import Result
    from ..scenario import Scenario

WIDTH = 80
"""Default width of a terminal [columns]."""
_LEAST_ROOM = 16  # smallest width of the names in a table [columns]
_UNITS = re.compile(
    r" (%|million|billion|days)"
)  # words that stay on the line of the number before them
_SENTENCES = Environment(  # noqa: S701 - plain text, escaped when put into HTML
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@lru_cache
def _module(file: str) -> Any:
    return _SENTENCES.get_template(f"{file}.j2").module


def sentence(file: str, name: str, **values: Any) -> str:
    """Return a sentence of a file, on one line, with its values filled in; a missing value raises
    an error.
    """
    return " ".join(str(getattr(_module(file), name)(**values)).split())


def table(file: str, name: str) -> dict[Any, str]:
    """Return a table of short texts of a file, by code."""
    texts: dict[Any, str] = getattr(_module(file), name)
    return texts


WHEN_WORDS = {
    "end": "on the last day",
    "peak": "at the peak",
    "worst_week": "in the worst seven days",
    "total": "over the run",
}
"""Points in time, by their name in the tables."""
BRIEF = {
    "the United States": "the US",
    "the United Kingdom": "the UK",
    "the United Arab Emirates": "the UAE",
}
"""Short names for headlines and narrow tables."""
MOST_LETTERS = 40
"""Most letters of the title of a run that stands for it in a table or a sentence."""
_ROUNDING = 1e-12
_WIDE = 5.0
"""Ratio of the high end to the low end above which each has one digit."""
LEAST_OF_STAKE = 0.01
"""Smallest share of the amount at stake that a finding gives as a number [1] (assumption)."""
UNDER = "under 1 %"
"""Text for shares below that limit."""
_ARTICLE = (
    "United ",
    "Netherlands",
    "Philippines",
    "Czech ",
    "Dominican",
    "Gambia",
    "Russian Fed",
    "rest of",
    "Rest of",
)


def unit(metric: str) -> str:
    """Return the unit in which a metric is shown."""
    return "%" if METRICS[metric].unit == "share" else METRICS[metric].unit


def number(value: float | None) -> str:
    """Return a count with three significant digits and separated thousands.

    >>> number(196_804.2), number(4_391_822_003), number(12.34), number(None)
    ('197,000', '4.39 billion', '12', 'not defined')
    """
    if value is None or math.isnan(value):
        return "not defined"
    size = abs(value)
    if size >= 999_500_000:
        return f"{_rounded(value / 1e9, 3):g} billion"
    if size >= 999_500:
        return f"{_rounded(value / 1e6, 3):g} million"
    if size >= 10:
        return f"{round(_rounded(value, 3)):,}"
    if value == round(value):
        return f"{round(value)}"
    return f"{_rounded(value, 2):g}"


def percent(value: float | None) -> str:
    """Return a share in per cent: two significant digits below 10 %, no decimals above.

    >>> percent(0.0934), percent(0.00041), percent(0.0), percent(0.994), percent(1.062), percent(None)
    ('9.3 %', '0.041 %', '0 %', '99 %', '106 %', 'not defined')
    """
    if value is None or math.isnan(value):
        return "not defined"
    if abs(value) >= 0.0995:
        return f"{round(value * 100):,} %"
    value = 0.0 if abs(value) < _ROUNDING else value  # a rounding error is zero
    return f"{_rounded(value * 100, 2):g} %"


def estimate(metric: str, value: float, low: float, high: float) -> tuple[str, str]:
    """Return a number, rounded according to its interval, and the interval, empty if there is none.

    >>> estimate("family_contact_ever_lost", 0.0561, 0.0152, 0.181), estimate("active_users", 67_213, 19_704, 240_112)
    (('about 6 %', '2 to 20 %'), ('about 70,000', '20,000 to 200,000'))
    >>> estimate("family_contact_ever_lost", 0.0041, 0.0012, 0.0312)
    ('under 1 %', 'under 1 to 3 %')
    """
    if low == high or not value:
        return _finding(metric, value), ""
    shown = as_exact_as_known(value, *sorted((low, high)))
    text, *ends = (_finding(metric, number) for number in shown)
    if ends[0] == ends[1] == text:
        return text, ""
    for unit in (" %", " million", " billion"):
        if ends[0].endswith(unit) and ends[1].endswith(unit):
            ends[0] = ends[0].removesuffix(unit)
    if set(ends) <= {text, text.partition(" ")[0]}:
        return text, ""
    is_exact = _nice(abs(high - low) / 8, value) <= 0.001 * abs(value)
    return text if is_exact or text == UNDER else f"about {text}", " to ".join(ends)


def as_exact_as_known(value: float, low: float, high: float) -> tuple[float, float, float]:
    """Return a number and the ends of its interval, rounded according to the interval, as in all
    sentences, tables, charts and cards.

    The unit of the last digit is about an eighth of the interval, and at most the number itself. An
    interval that includes zero, or whose ends differ more than fivefold, has one digit at each end,
    or two if an end would otherwise equal or pass the number, as for 10 (1 to 12).

    >>> as_exact_as_known(11, 1, 12)
    (11.0, 1.0, 12.0)
    >>> as_exact_as_known(0.0853, 0.0086, 0.482), as_exact_as_known(159_310, 133_040, 191_200)
    ((0.09, 0.009, 0.5), (160000.0, 135000.0, 190000.0))
    """
    if low == high or not value:
        return value, low, high
    step = _nice((high - low) / 8, value)

    def rounded(number: float) -> float:
        if abs(number) < step:
            return _rounded(number, 1)
        return float(f"{round(number / step) * step:.12g}")

    if low * high > 0 and max(low / high, high / low) <= _WIDE:
        return rounded(value), rounded(low), rounded(high)
    said = rounded(value)
    low_end = _wide_end(low, said)
    high_end = _wide_end(high, said)
    is_between = low <= value <= high
    return min(max(said, low_end), high_end) if is_between else said, low_end, high_end


def _wide_end(end: float, said: float) -> float:
    """Return a rounded end of a wide interval, given the rounded number."""
    found = _one_digit(end)
    is_past = end != said and (found - said) * (end - said) <= 0.0
    return _rounded(end, 2) if is_past else found


def _one_digit(number: float) -> float:
    """Return a number with one significant digit, or two if one would give the next power of ten,
    as 100 % for 97 %.
    """
    found = _rounded(number, 1)
    is_next = abs(found) > abs(number) and f"{abs(found):e}".startswith("1.0")
    return _rounded(number, 2) if is_next else found


def _finding(metric: str, value: float) -> str:
    """Return a value of a metric for a finding: a value below 1 % of the amount at stake is not
    given as a number.
    """
    is_small = METRICS[metric].form == "share" and 0.0 < abs(value) < LEAST_OF_STAKE
    return UNDER if is_small else quantity(metric, value)


def short_estimate(metric: str, value: float, low: float, high: float) -> tuple[str, str]:
    """Return an estimate without ``about``, for a title or a card with the interval beside it."""
    text, ends = estimate(metric, value, *sorted((low, high)))
    return text.removeprefix("about "), ends


def _nice(size: float, value: float) -> float:
    """Return the largest of 1, 2, 5, 10, 20 ... up to a size; 2 and 5 only up to a tenth of a
    value.

    Otherwise, in steps of 2, 6.8 would be about 6, and 11 about 12.
    """
    power = 10.0 ** math.floor(math.log10(size))
    allowed = (power, *(k * power for k in (2, 5) if 10 * k * power <= abs(value)))
    return max(step for step in allowed if step <= size * 1.000001)


def quantity(metric: str, value: float | None) -> str:
    """Return a value of a metric in words: per cent for a share, a count otherwise."""
    form = METRICS[metric].form
    if form == "share":
        return percent(value)
    return (
        f"{_rounded(value, 3):g}"
        if form == "index" and value is not None and abs(value) < 10
        else number(value)
    )


def compact(metric: str, value: float | None) -> str:
    """Return a value short enough for a narrow column: ``159k``, ``17.5m``, ``4.39bn``, ``7.5
    %``.
    """
    form = METRICS[metric].form
    if value is None or math.isnan(value) or form == "share" or abs(value) < 10_000:
        return quantity(metric, value)
    for size, unit in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        # 999,600 reads 1m, not 1000k.
        if abs(_rounded(value, 3)) >= size:
            return f"{_rounded(value / size, 3):g}{unit}"
    return quantity(metric, value)


def compact_range(metric: str, value: float | None, low: float | None, high: float | None) -> str:
    """Return a value with its interval in short form: ``159k (133k to 191k)``."""
    if value is None or low is None or high is None:
        return "-" if value is None else compact(metric, value)
    known = all(map(math.isfinite, (value, low, high)))
    shown = as_exact_as_known(value, low, high) if known else (value, low, high)
    text, *ends = (_in_table(metric, number) for number in shown)
    if ends[0] == ends[1] == text:
        return text
    return f"{text} ({ends[0].removesuffix(' %')} to {ends[1]})"


def _in_table(metric: str, value: float) -> str:
    """Return a value for a table: as in a finding, but with a shorter ``under 1 %`` with its
    sign.
    """
    is_small = not math.isnan(value) and _finding(metric, value) == UNDER
    if not is_small:
        return compact(metric, value)
    return "<1 %" if value > 0 else ">-1 %"


def cells_in_words(rows: pd.DataFrame, metric: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return rows of a table with the numbers of some columns, in the unit of a metric, as texts.

    An unknown value is empty. A number that is negligible relative to the largest in these columns
    counts as a rounding error and is shown as zero.
    """
    found = rows.astype(object)
    known = {
        column: [math.nan if value is None else float(value) for value in rows[column]]
        for column in columns
    }
    least = _ROUNDING * max(
        (abs(x) for values in known.values() for x in values if not math.isnan(x)), default=0.0
    )
    for column, values in known.items():
        found[column] = [
            "" if math.isnan(x) else compact(metric, x if abs(x) >= least else 0.0) for x in values
        ]
    return found


def _rounded(value: float, digits: int) -> float:
    """Return a number rounded to some significant digits."""
    return float(f"{value:.{digits}g}")


def day(date: str | None) -> str:
    """Return ``20 September 2020`` for ``2020-09-20``."""
    if not date:
        return "no day"
    parsed = dt.date.fromisoformat(date)
    return f"{parsed.day} {parsed:%B %Y}"


def state_name(scenario: Scenario, code: str, *, article: bool = False) -> str:
    """Return the English name of a state, with its article if it needs one inside a sentence."""
    from ..facts.states import load_places

    known = scenario.facts.states
    changed = scenario.world.states.get(code)
    name = changed.name if changed else None
    if name is None:
        place = known.get(code) or load_places().get(code)
        name = place.name if place else code
    if not article or not name.startswith(_ARTICLE):
        return name
    return f"the {name[0].lower()}{name[1:]}" if name.startswith("Rest of") else f"the {name}"


def brief(text: str) -> str:
    """Return a text with short names of countries, as in headlines.

    >>> brief("people from China in the United States")
    'people from China in the US'
    """
    for full, short in BRIEF.items():
        text = text.replace(full, short).replace(capital(full), capital(short))
    return text


def brief_title(title: str, width: int = MOST_LETTERS) -> str:
    """Return a title with short names of countries, cut after a clause or a word if it is too long.

    >>> brief_title("The United States bans WeChat transactions, as ordered")
    'The US bans WeChat transactions…'
    """
    text = brief(title)
    if len(text) <= width:
        return text
    words = text[:width].rpartition(" ")[0]
    clause = words.rpartition(",")[0]
    return (clause if len(clause) > width // 2 else words).rstrip(" ,:;") + "…"


def group_name(scenario: Scenario, group: str) -> str:
    """Return a group in words.

    ``US<-CN`` is people from China in the United States; ``family:US<-CN`` their families in China;
    ``CN:Tibetans`` is Tibetans in China.
    """
    named = Group.read(group)
    there = state_name(scenario, named.residence, article=True)
    here = state_name(scenario, named.origin, article=True)
    if named.community == USERS:
        return f"residents of {there} who use a platform that a policy targets"
    if named.side == "resident":
        return f"{named.community} in {there}" if named.community else f"residents of {there}"
    if named.side == "family":
        return f"families in {here} of {named.community or 'people'} in {there}"
    return f"{named.community or 'people'} from {here} in {there}"


def cell_name(scenario: Scenario, metric: str, state: str, platform: str, group: str) -> str:
    """Return the subject of a row of a summary, in words."""
    dims = METRICS[metric].dims
    if "source" in dims:
        return f"{group} -> {platform}, {state_name(scenario, state)}"
    parts = [platform] if platform else []
    if "loss" in dims:
        return f"{group} in {state_name(scenario, state, article=True)}"
    named = read(group) if group else None
    if isinstance(named, StatePair):
        parts.append(
            f"{state_name(scenario, named.first)} and {state_name(scenario, named.second)}"
        )
    elif isinstance(named, Partner):
        parts.append(f"platforms from {state_name(scenario, named.state, article=True)}")
    elif named:
        parts.append(group_name(scenario, group))
    if state:
        here = state_name(scenario, state, article=True)
        parts.append(
            f"used in {here}" if isinstance(named, Partner) else state_name(scenario, state)
        )
    return ", ".join(parts) or "all"


def cell_title(scenario: Scenario, metric: str, state: str, platform: str, group: str) -> str:
    """Return the name of a cell with a capital first letter, for titles and labels."""
    return capital(cell_name(scenario, metric, state, platform, group))


def listed(names: Sequence[str], word: str = "and") -> str:
    """Return names as a list in a sentence: ``Russia, Turkey and Iran``.

    >>> listed(["Russia"]), listed(["Russia", "Turkey", "Iran"], "or")
    ('Russia', 'Russia, Turkey or Iran')
    """
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def ordinal(place: int) -> str:
    """Return a place in words.

    >>> ordinal(1), ordinal(2), ordinal(3), ordinal(7), ordinal(11), ordinal(22)
    ('1st', '2nd', '3rd', '7th', '11th', '22nd')
    """
    ending = (
        "th" if place % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(place % 10, "th")
    )
    return f"{place}{ending}"


def is_plural(platform: str) -> bool:
    """Return whether the name of a platform takes a verb in the plural.

    >>> is_plural("RT and Sputnik"), is_plural("Adult sites that do not check"), is_plural("Threads")
    (True, True, False)
    """
    return bool(re.search(r" and |sites\b", platform))


def days_text(days: int) -> str:
    """Return ``1 day`` or ``1,200 days``."""
    return "1 day" if days == 1 else f"{days:,} days"


def counted(seeds: int) -> str:
    """Return ``1 seed`` or ``8 seeds``."""
    return "1 seed" if seeds == 1 else f"{seeds} seeds"


def seeds_text(seeds: tuple[int, ...]) -> str:
    """Return ``seed 1`` or ``seeds 1-8``."""
    if not seeds:
        return "no seeds"
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    whole = seeds == tuple(range(seeds[0], seeds[0] + len(seeds)))
    return f"seeds {seeds[0]}-{seeds[-1]}" if whole else f"{len(seeds)} seeds"


def capital(text: str) -> str:
    """Return a text with a capital first letter; a name such as iMessage is not changed."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


# --- simulated people, in titles and legends ------------------------------------------------------


def sized_name(result: Result, group: str) -> str:
    """Return a group in words with its size: ``people from China in the United States (1,169
    simulated)``.
    """
    return f"{group_name(result.scenario, group)} ({result.sampling.simulated(group):,} simulated)"


def sized_state(result: Result, state: str) -> str:
    """Return the name of a state in a sentence and its simulated people: ``the United States (4,116
    simulated)``.
    """
    return f"{state_name(result.scenario, state, article=True)} ({result.sampling.in_state(state):,} simulated)"


# --- lines of a terminal --------------------------------------------------------------------------


def unbroken(text: str) -> str:
    """Return a text without line breaks between a number and its unit or currency."""
    return _UNITS.sub("\u00a0\\1", text.replace("US$ ", "US$\u00a0"))


def wrapped(sentence: str, width: int = WIDTH, front: str = "") -> list[str]:
    """Return a sentence as lines; numbers stay with their units, and further lines are indented to
    the first word.
    """
    text = unbroken(sentence)
    below = " " * len(front)
    lines = textwrap.wrap(
        text, width, initial_indent=front, subsequent_indent=below, break_on_hyphens=False
    )
    return [line.replace("\u00a0", " ") for line in lines]


def aligned(
    rows: Sequence[Sequence[str]], width: int = WIDTH, *, left: bool = False
) -> Iterator[str]:
    """Yield the lines of a table of a given width, its header first; numbers are not broken.

    The first column is shortened, and the last columns are left out if they do not fit; they are
    aligned right, or left for ``left``.
    """
    widths = [max(len(row[at]) for row in rows) for at in range(1, len(rows[0]))]
    while len(widths) > 1 and width - sum(widths) - 2 * len(widths) < _LEAST_ROOM:
        widths.pop()
    room = max(_LEAST_ROOM, width - sum(widths) - 2 * len(widths))
    longest = min(room, max(len(row[0]) for row in rows))
    for row in rows:
        first, *rest = textwrap.wrap(
            row[0], longest, subsequent_indent="  ", break_on_hyphens=False
        ) or [""]
        cells = (
            cell.ljust(size) if left else cell.rjust(size)
            for cell, size in zip(row[1:], widths, strict=False)
        )
        yield "  ".join((first.ljust(longest), *cells)).rstrip()
        yield from rest


def shortened(text: str, width: int, after: str = "", most: int = 1) -> list[str]:
    """Return a text and its suffix on a limited number of lines; a text that is too long ends after
    its last whole sentence that fits, or else in three dots.
    """
    lines = wrapped(f"{text}{after}", width)
    if len(lines) <= most:
        return lines
    for end in reversed([found.start() + 1 for found in re.finditer(r"[.] (?=[A-Z])", text)]):
        lines = wrapped(f"{text[:end]}{after}", width)
        if len(lines) <= most:
            return lines
    *lines, last = wrapped(text, width)[:most]
    return [*lines, f"{last[: width - len(after) - 1].rstrip()}…{after}"]


# Filters must be set before a template is read.
_SENTENCES.filters |= {
    "number": number,
    "percent": percent,
    "listed": listed,
    "days": days_text,
    "capital": capital,
    "ordinal": ordinal,
}
STATUS = table("run", "STATUS")
"""The meaning of a scenario's status, as a sentence."""
