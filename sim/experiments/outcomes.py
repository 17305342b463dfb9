"""The outcome of one run of an experiment: one row per metric, cell and point in time, small enough to keep thousands.

A sweep or a sensitivity analysis runs a scenario hundreds of times. It keeps the summary of each run for the states,
platforms and groups that the scenario names, and not all daily values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..core.groups import Group, Partner, StatePair, is_diaspora, read
from ..errors import InputError, Problem, did_you_mean
from ..facts.model import REST_OF_WORLD
from ..metrics.registry import LOSSES, METRICS, WAYS
from ..results.focus import Focus, find_focus
from ..results.panel import Pair
from ..results.stats import HIGH, LOW, At, mc_error
from ..results.summary import main_point, summary_rows
from ..text.numbers import WHEN_WORDS, cell_name
from .store import Outcome

if TYPE_CHECKING:
    import pandas as pd

    from ..scenario import Scenario

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

    @property
    def unit(self) -> str:
        """Its unit; totals over days have one of their own."""
        metric = METRICS[self.metric]
        return metric.total_unit if self.at == "total" else metric.unit

    def words(self, scenario: Scenario) -> str:
        """Return what it is, for a title: ``People who lost every platform channel ..., people from China in ...``."""
        cell = cell_name(scenario, self.metric, self.state, self.platform, self.group)
        return f"{METRICS[self.metric].label}, {cell}, {WHEN_WORDS[self.at]}"


def outcome_of(scenarios: Sequence[Scenario], pair: Pair) -> Outcome:
    """Return the numbers of one member for all cells that the scenarios name; undefined ones are left out.

    Parameters
    ----------
    scenarios : sequence of Scenario
        The one that was run, and the one it was made from.
    pair : (ArmData, ArmData)
        Baseline and policy arm of the member.
    """
    named = [_named(scenario, pair) for scenario in scenarios]
    rows = summary_rows([pair], lambda cell: any(focus.shows(cell) for focus in named))
    return {
        "seed": pair[0].seed,
        "rows": [[row[name] for name in FIELDS] for row in rows if row["effect"] is not None],
    }


def _named(scenario: Scenario, pair: Pair) -> Focus:
    """Return the part of a run that a scenario names, without what moves most: that differs from run to run."""
    focus = find_focus(scenario, [pair])
    groups = tuple(g for g in pair[0].axes.groups if Group.read(g).states <= set(focus.states))
    pairs = frozenset((a, b) for a, b in focus.pairs if a in focus.states and b in focus.states)
    return Focus(focus.states, focus.named_platforms, focus.named_platforms, groups, pairs)


def effects(outcome: Outcome) -> dict[Output, float]:
    """Return the effect of every output of one run."""
    return {Output(*row[:5]): float(row[8]) for row in outcome["rows"]}


def spread_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Return one row an output, summed up over the members of a point as a run's summary is.

    ``baseline``, ``policy`` and ``effect`` are medians, ``low`` and ``high`` the 10th and 90th percentile of the
    effect, ``mc_error`` the standard error of its mean.
    """
    by_output: dict[tuple[Any, ...], list[list[float]]] = {}
    for outcome in outcomes:
        for row in outcome["rows"]:
            by_output.setdefault(tuple(row[:6]), []).append(row[6:9])
    rows = []
    for key, values in by_output.items():
        effect = np.array(values, dtype=np.float64)[:, 2]
        low, high = np.quantile(effect, (LOW, HIGH))
        numbers = {"low": float(low), "high": float(high), "mc_error": mc_error(effect), "members": len(values)}
        rows.append(dict(zip(FIELDS, (*key, *map(float, np.median(values, axis=0))), strict=True)) | numbers)
    return rows


class NothingMovedError(InputError):
    """The policies change none of the headlines: there is nothing to show, and nothing is wrong."""


def choose(
    table: pd.DataFrame,
    metric: str | None,
    at: str | None,
    *,
    headlines: Sequence[str] = HEADLINES,
    **cell: str,
) -> Output:
    """Return the output that a few words mean: the first headline that moved most unless a metric is named.

    Parameters
    ----------
    table : pandas.DataFrame
        With the columns of `Output` and ``effect``.
    metric, at : str, optional
        The metric, and when; over the run for a running total, else its peak, unless stated.
    headlines : sequence of str
        The metrics to choose among, the first that moved.
    **cell
        Its ``state``, ``platform`` and ``group``; the cell that moved most unless stated.

    Raises
    ------
    NothingMovedError
        When no metric is named, and the policies move none of the headlines.
    InputError
        When the table holds no such number.
    """
    rows = table.assign(size=table["effect"].abs())
    for column, value in cell.items():
        rows = rows[(rows[column] == value).to_numpy()] if value else rows
    for name in (metric,) if metric else headlines:
        when = at or (main_point(METRICS[name]) if name in METRICS else "")
        fitting = rows[((rows["metric"] == name) & (rows["at"] == when)).to_numpy()]
        if not metric:  # a diaspora shows the effect of a ban better than the residents around it
            diasporas = fitting[[is_diaspora(group) for group in fitting["group"]]]
            fitting = diasporas if len(diasporas) else fitting
        if len(fitting) and (metric or fitting["size"].max() > 0):
            most = fitting.iloc[int(fitting["size"].to_numpy().argmax())]
            return Output(*(str(most[column]) for column in Output._fields))
    words = " ".join(filter(None, (metric, at, *cell.values())))
    if not words:
        moved = table[(table["effect"].abs() > 0).to_numpy()]["metric"].drop_duplicates()
        allowed = f"a metric that they move: {', '.join(moved)}" if len(moved) else "they move no other metric either"
        raise NothingMovedError(Problem("", "the policies move none of the headlines", allowed, "name one: --metric"))
    metrics = list(dict.fromkeys(table["metric"]))
    hint = did_you_mean(metric, metrics) if metric and metric not in metrics else ""
    raise InputError(
        Problem("", f"this experiment holds no number for '{words}'", f"it holds {', '.join(metrics)}", hint)
    )


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
    problems, parts, example = [], list[str](), "such as 'US<-CN', 'family:US<-CN' or US"
    try:  # the states or the platform that a group consists of
        match read(group) if group else None:
            case Group(residence=residence, origin=origin):
                parts = list(dict.fromkeys((residence, origin)))
            case StatePair(first=first, second=second):
                parts = [first, second]
            case Partner(state=partner):
                parts = [partner]
            case _:
                parts = [group]
    except ValueError as error:
        problems.append(Problem("--group", str(error), example))
    asked: list[tuple[str, str, str | None, list[str], str]] = [
        ("metric", "metric", metric, list(METRICS), "splinternet list metrics"),
        ("at", "time", at, list(WHEN), "total, worst_week, peak or end"),
        ("state", "state", state, states, "the code of a state, such as US; splinternet list states"),
        ("platform", "platform", platform, platforms, "a platform of this world; splinternet list platforms"),
        *(("group", "group", part, [*states, *platforms, *LOSSES], example) for part in parts),
    ]
    problems += [
        Problem(f"--{name}", f"there is no {word} '{value}'", allowed, did_you_mean(str(value), known))
        for name, word, value, known, allowed in asked
        if value not in (None, "") and value not in known
    ]
    if problems:
        raise InputError(problems)
