"""The outcome of one run of an experiment: one row per metric, cell and point in time, small enough to keep thousands.

A sweep or a sensitivity analysis runs a scenario hundreds of times. It keeps the summary of each run for the states,
platforms and groups that the scenario names, and not all daily values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sim.core.groups import Group, Partner, StatePair, is_diaspora, read
from sim.errors import InputError, Problem, did_you_mean
from sim.facts.model import REST_OF_WORLD
from sim.metrics.registry import METRICS, WAYS
from sim.results.focus import Focus, find_focus
from sim.results.panel import Pair
from sim.results.series import Cell
from sim.results.stats import HIGH, LOW, At, mc_error
from sim.results.summary import main_point, summary_rows
from sim.text.numbers import WHEN_WORDS, cell_name

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.store import Outcome
    from sim.scenario import Scenario

HEADLINES = ("family_contact_ever_lost_people", "family_contact_ever_lost", "active_users", "vpn_users")
"""What a chart shows by default: the first of these that a run moved."""
WHEN: tuple[At, ...] = ("total", "worst_week", "peak", "end")
FIELDS = ("metric", "state", "platform", "group", "at", "unit", "baseline", "policy", "effect")


class Output(NamedTuple):
    """One number of a run's summary.

    Attributes
    ----------
    metric, state, platform, group : str
        The metric and its cell; empty means all.
    at : {"total", "worst_week", "peak", "end"}
        When.
    """

    metric: str
    state: str
    platform: str
    group: str
    at: str

    def words(self, scenario: Scenario) -> str:
        """Return what it is, for a title: ``People who lost every platform channel ..., people from China in ...``."""
        cell = cell_name(scenario, self.metric, self.state, self.platform, self.group)
        return f"{METRICS[self.metric].label}, {cell}, {WHEN_WORDS[self.at]}"


def outcome_of(scenarios: Sequence[Scenario], pair: Pair) -> Outcome:
    """Return what one member says of everything that the scenarios name, without what is not defined.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The one that was run, and the one it was made from.
    pair : (ArmData, ArmData)
        Baseline and policy arm of the member.
    """
    focus = _Either(tuple(_named(scenario, pair) for scenario in scenarios))
    rows = [[row[name] for name in FIELDS] for row in summary_rows([pair], focus.shows) if row["effect"] is not None]
    return {"seed": pair[0].seed, "rows": rows}


@dataclass(frozen=True)
class _Either:
    """What any of several scenarios names."""

    parts: tuple[Focus, ...]

    def shows(self, cell: Cell) -> bool:
        """Return whether a cell belongs to any of them."""
        return any(focus.shows(cell) for focus in self.parts)


def _named(scenario: Scenario, pair: Pair) -> Focus:
    """Return the part of a run that a scenario names; what moves most is left out, since it differs from run to run."""
    found = find_focus(scenario, [pair])
    axes = pair[0].axes
    groups = tuple(g for g in axes.groups if Group.read(g).states <= set(found.states))
    pairs = frozenset((a, b) for a, b in found.pairs if a in found.states and b in found.states)
    return Focus(found.states, found.named_platforms, found.named_platforms, groups, pairs)


def effects(outcome: Outcome) -> dict[Output, float]:
    """Return the effect of every output of one run."""
    return {Output(*row[:5]): float(row[8]) for row in outcome["rows"]}


def units(outcomes: Iterable[Outcome]) -> dict[Output, str]:
    """Return the unit of every output."""
    return {Output(*row[:5]): str(row[5]) for outcome in outcomes for row in outcome["rows"]}


def spread_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return one row an output, summed up over the members of a point as a run's summary is.

    ``baseline``, ``policy`` and ``effect`` are medians, ``low`` and ``high`` the 10th and 90th percentile of the
    effect, ``mc_error`` the standard error of its mean.
    """
    found: dict[tuple[Any, ...], list[list[float]]] = {}
    for outcome in outcomes:
        for row in outcome["rows"]:
            found.setdefault(tuple(row[:6]), []).append(row[6:9])
    rows = []
    for key, values in found.items():
        baseline, policy, effect = np.array(values, dtype=np.float64).T
        low, high = np.quantile(effect, (LOW, HIGH))
        numbers = [float(np.median(x)) for x in (baseline, policy, effect)]
        spread = [*numbers, float(low), float(high), mc_error(effect), len(values)]
        rows.append(dict(zip((*FIELDS, "low", "high", "mc_error", "members"), (*key, *spread), strict=True)))
    return rows


class NothingMovedError(InputError):
    """The policies change none of the headlines: there is nothing to show, and nothing is wrong."""


def choose(
    table: pd.DataFrame,
    metric: str | None,
    at: str | None,
    *,
    state: str = "",
    platform: str = "",
    group: str = "",
    headlines: Sequence[str] = HEADLINES,
) -> Output:
    """Return the output that a few words mean: the first headline that moved most unless a metric is named.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns of `Output` and ``effect``.
    metric, at : str, optional
        The metric, and when; over the run for a running total, else its peak, unless stated.
    state, platform, group : str
        Its cell; the one that moved most unless stated.
    headlines : sequence of str
        The metrics to choose among, the first that moved.

    Raises
    ------
    NothingMovedError
        When no metric is named, and the policies move none of the headlines.
    InputError
        When the table holds no such number.
    """
    held = list(dict.fromkeys(table["metric"]))
    for name in (metric,) if metric else headlines:
        rows = table[(table["metric"] == name).to_numpy()]
        for column, wanted in (("state", state), ("platform", platform), ("group", group)):
            if wanted:
                rows = rows[(rows[column] == wanted).to_numpy()]
        when = at or (main_point(METRICS[name]) if name in METRICS else "")
        rows = rows[(rows["at"] == when).to_numpy()]
        if not metric:  # a diaspora shows the effect of a ban better than the residents around it
            own = rows[np.array([is_diaspora(g) for g in rows["group"]], bool)]
            rows = own if len(own) else rows
        if len(rows) and (metric or rows["effect"].abs().max() > 0):
            most = max(rows.to_dict("records"), key=lambda row: abs(row["effect"]))
            return Output(*(str(most[name]) for name in ("metric", "state", "platform", "group", "at")))
    words = " ".join(x for x in (metric or "", at or "", state, platform, group) if x)
    if not words:
        moved = table[(table["effect"].abs() > 0).to_numpy()]["metric"].drop_duplicates()
        allowed = f"a metric that they move: {', '.join(moved)}" if len(moved) else "they move no other metric either"
        raise NothingMovedError(Problem("", "the policies move none of the headlines", allowed, "name one: --metric"))
    hint = did_you_mean(metric, held) if metric and metric not in held else ""
    found = f"this experiment holds no number for '{words}'"
    raise InputError(Problem("", found, f"it holds {', '.join(held)}", hint))


def of_output(table: pd.DataFrame, output: Output) -> pd.DataFrame:
    """Return the rows of one output."""
    keep = np.ones(len(table), bool)
    for name, value in output._asdict().items():
        keep &= (table[name] == value).to_numpy()
    return table[keep]


def check_output(
    scenario: Scenario,
    metric: str | None = None,
    at: str | None = None,
    state: str = "",
    platform: str = "",
    group: str = "",
) -> None:
    """Make sure that a number may be asked for, before anything is run for it.

    Parameters
    ----------
    scenario : Scenario
        Whose states and platforms there are.
    metric, at, state, platform, group : str
        What is asked for, as `choose` takes it; None or empty where nothing is.

    Raises
    ------
    InputError
        Everything that does not exist.
    """
    states = [*scenario.facts.states, *scenario.world.states, REST_OF_WORLD]
    platforms = [*scenario.facts.platforms, *scenario.world.platforms, *WAYS]
    parts, wrong = _named_in(group)
    asked: list[tuple[str, str, object, Collection[str], str]] = [
        ("metric", "metric", metric, list(METRICS), "splinternet list metrics"),
        ("at", "time", at, WHEN, "total, worst_week, peak or end"),
        ("state", "state", state, states, "the code of a state, such as US; splinternet list states"),
        ("platform", "platform", platform, platforms, "a platform of this world; splinternet list platforms"),
        *(("group", "group", part, [*states, *platforms], "such as 'US<-CN', 'family:US<-CN' or US") for part in parts),
    ]
    problems = [
        Problem(f"--{name}", f"there is no {word} '{found}'", allowed, did_you_mean(str(found), known))
        for name, word, found, known, allowed in asked
        if found not in (None, "") and found not in known
    ]
    problems += wrong
    if problems:
        raise InputError(problems)


def _named_in(group: str) -> tuple[list[str], list[Problem]]:
    """Return what a group is made of, states or a platform, and what is wrong with its form."""
    if not group:
        return [], []
    try:
        named = read(group)
    except ValueError as error:
        return [], [Problem("--group", str(error), "such as 'US<-CN', 'family:US<-CN' or US")]
    if isinstance(named, Group):
        return list(dict.fromkeys((named.residence, named.origin))), []
    if isinstance(named, StatePair):
        return [named.first, named.second], []
    return [named.state] if isinstance(named, Partner) else [group], []


__all__ = [
    "NothingMovedError",
    "Output",
    "check_output",
    "choose",
    "effects",
    "of_output",
    "outcome_of",
    "spread_rows",
    "units",
]
