"""The effects of the policies of several runs on their target platforms: users, time, money, owner and home."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..results.firms import MINUTES, REVENUE, FirmRow, is_measured, sales_settled
from .firms import aimed_abroad, is_sure
from .numbers import compact, compact_range, state_name
from .reportable import effect, index

if TYPE_CHECKING:
    from ..results.compare import Ranking
    from ..results.result import Result

TITLE = "Users, time and money, by run: effects of its policies on the last day, US$ over the run"
_MOST = 3
"""Platforms that are listed."""
_PARTS = (("active_users", "end", "daily users {}"), (MINUTES, "end", "minutes a day {}"), (REVENUE, "total", "US$ {}"))


def sentences(ranking: Ranking) -> list[str]:
    """Return a sentence for each run and platform that is struck from abroad, and one on the firms of each home state.

    Parameters
    ----------
    ranking : Ranking
        The runs; nothing is said unless all of them measure time and money.
    """
    if not all(is_measured(run) for run in ranking.runs):
        return []
    aims = sorted({aim for run in ranking.runs for aim in aimed_abroad(run)})[:_MOST]
    by_run = [list(_of_run(run, aims)) for run in ranking.runs]
    if not any(by_run):
        return []
    return [
        f"{name}: {each}" if each else f"{name}: no sure change of money by home state."
        for name, lines in zip(ranking.names, by_run, strict=True)
        for each in lines or [""]
    ]


def _of_run(result: Result, aims: list[tuple[str, str]]) -> Iterator[str]:
    """Yield what a run changes for some (state, platform), and for the firms of each home state."""
    found, sold = index(result), sales_settled(result.scenario)
    for state, platform in aims:
        parts = []
        for metric, at, form in _PARTS:
            row = found.get(metric, at, state=state, platform=platform)
            if row is not None and effect(row, "baseline") > 0:
                values = compact_range(metric, *(effect(row, key) for key in ("effect", "low", "high")))
                parts.append(f"{form.format(values)} of {compact(metric, effect(row, 'baseline'))}")
        if not parts:
            continue
        known = result.scenario.facts.platforms[platform]
        owner, home, _ = sold.get(platform, (known.owner, known.home, None))
        where = state_name(result.scenario, state, article=True)
        yield f"{platform} in {where}: {', '.join(parts)}; owner at the end {owner} ({home})."
    for firm in result.firms.by_home:
        if is_sure(firm.revenue) or is_sure(firm.minutes):
            yield f"firms of {state_name(result.scenario, firm.home, article=True)}, everywhere: {_both(firm)}."


def _both(row: FirmRow) -> str:
    """Return what changes of time and of money; what may be zero is left out."""
    forms = ((row.minutes, MINUTES, "minutes a day {}"), (row.revenue, REVENUE, "US$ {}"))
    return ", ".join(
        form.format(compact_range(metric, amount.change, amount.low, amount.high))
        for amount, metric, form in forms
        if is_sure(amount)
    )
