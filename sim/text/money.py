"""Findings about money in words: sales and trade lost, moves to other clouds, payments, phones at stake.

There is no text if nothing is at stake, as in most scenarios.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from ..facts.relations import OTHER, load_trade
from ..results.summary import Row
from .numbers import number, state_name, with_range

if TYPE_CHECKING:
    from ..results.result import Result

_LEAST_DOLLARS = 1e6
"""A sum over the run below this is not worth a sentence."""
_BARRED = 0.5
"""Payments count as barred, not merely used less, where fewer than this share of the payers are left."""


def found(result: Result) -> Iterator[str]:
    """Yield what was found about money, one sentence each; nothing where nothing is at stake."""
    yield from _phones(result)
    yield from _largest(result, "sales", -1, "Sellers in {state} lose {sum} of sales on {platform} over the run.")
    yield from _largest(result, "trade", -1, "People in {state} spend {sum} less on {platform} over the run.")
    yield from _largest(
        result, "cost_to_platforms", 1, "It costs {platform} {sum} over the run to go on serving {state}."
    )
    yield from _payments(result)


def _rows(result: Result, metric: str, at: str) -> list[Row]:
    if metric not in result.metrics:
        return []
    return [row for row in result.rows() if row["metric"] == metric and row["at"] == at]


def _value(row: Row, column: str = "effect") -> float:
    value = row[column]
    return float(value) if isinstance(value, int | float) else 0.0


def _ranged(row: Row, sign: float) -> str:
    """Return the effect with its interval; with sign -1 a fall is a positive number."""
    low, high = sorted(_value(row, column) * sign for column in ("low", "high"))
    return with_range(str(row["metric"]), _value(row) * sign, low, high)


def _first(rows: Iterable[Row], sign: float) -> Row | None:
    ranked = sorted(rows, key=lambda row: -_value(row) * sign)
    return ranked[0] if ranked else None


def _largest(result: Result, metric: str, sign: float, sentence: str) -> Iterator[str]:
    """Yield a sentence on the cell of a metric that changes most, if it is worth one."""
    row = _first(_rows(result, metric, "total"), sign)
    if row is None or _value(row) * sign < _LEAST_DOLLARS:
        return
    state = state_name(result.scenario, str(row["state"]), article=True)
    yield sentence.format(state=state, platform=row["platform"], sum=f"US$ {_ranged(_with_facts(result, row), sign)}")


def _with_facts(result: Result, row: Row) -> Row:
    """Return a sum with the range of the fact it is proportional to worked in: what is sold, or spent by a user.

    No member draws these facts, so the ends of the interval are stretched by theirs.
    """
    facts = load_trade(result.scenario.facts.name)
    state, platform = str(row["state"]), str(row["platform"])
    known = {
        "sales": facts.sales.get((state, platform)),
        "trade": facts.spending.get((platform, state)) or facts.spending.get((platform, OTHER)),
    }.get(str(row["metric"]))
    if known is None or known.value == 0:
        return row
    near, far = sorted((_value(row, "low"), _value(row, "high")), key=abs)
    ends = sorted((near * known.low / known.value, far * known.high / known.value))
    return {**row, "low": ends[0], "high": ends[1]}


def _phones(result: Result) -> Iterator[str]:
    row = _first(_rows(result, "handset_sales_at_stake", "peak"), 1)
    if row is not None and _value(row) > 0:
        yield (
            f"At stake are {_ranged(row, 1)} of the world's iPhone sales: people who would sooner change phones than "
            f"lose {row['platform']}."
        )


def _payments(result: Result) -> Iterator[str]:
    known, added = result.scenario.facts.platforms, result.scenario.world.platforms

    def kind_of(platform: str) -> str:
        changed = added[platform].kind if platform in added else None
        return changed or (known[platform].kind if platform in known else "")

    rows = [
        row
        for row in _rows(result, "payment_users", "end")
        if _value(row, "policy") < _BARRED * _value(row, "baseline")
        and kind_of(str(row["platform"])) != "commerce"  # purchases there are reported as trade
    ]
    row = _first(rows, -1)
    if row is not None:
        state = state_name(result.scenario, str(row["state"]), article=True)
        had, left = number(_value(row, "baseline")), number(_value(row, "policy"))
        still = "none" if _value(row, "policy") == 0 else left
        yield f"Payments by {row['platform']} were open to {had} users in {state}; on the last day to {still}."
