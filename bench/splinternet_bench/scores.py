"""Scores of an entrant on the task ``outcomes``, and its lead over others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from . import outcomes
from .forecasts import HIGH, LOW, Forecast

DRAWS = 4_000
"""Draws of episodes for the interval of a lead."""
SEED = 1
"""The seed of these draws."""
BY = ("kind", "metric", "technique", "event")
"""Columns by which scores are grouped; there is also a score for all figures together."""
KEPT = ["episode", "series", "platform", "is_hit", *BY]
"""Columns that describe a figure in the tables of scores."""
SETS = {"hit platforms": True, "bystanders": False}
"""Figures of restricted platforms, and of others."""


@dataclass(frozen=True)
class Score:
    """The score of an entrant on some figures; each series counts once in every mean."""

    crps: float
    """Continuous ranked probability score [1]; lower is better."""
    error: float
    """Mean distance of the median from the counted figure [1]."""
    coverage: float
    """Share of figures that the 80 % interval covers [1]."""
    width: float
    """Mean width of that interval [1]."""
    figures: int
    series: int
    episodes: int


@dataclass(frozen=True)
class Lead:
    """The lead of an entrant over another on the figures that both forecast [1]; below 0 it is
    worse.
    """

    over: str
    """The other entrant."""
    lead: float
    """CRPS of the other entrant minus that of this one."""
    low: float | None
    """Lower end of the 80 % interval over draws of episodes; None for a single episode."""
    high: float | None
    """Upper end of that interval."""


def scored_rows(forecasts: Mapping[str, Forecast]) -> pd.DataFrame:
    """Return each forecast beside its figure, by row."""
    figures = outcomes.scored()
    figures = figures[figures.index.isin(list(forecasts))]
    known = figures[KEPT].copy()
    known["series"] = pd.factorize(known["series"])[0]
    each = [forecasts[row] for row in known.index]
    value = figures["value"].to_numpy(float)
    low = np.array([one.quantile(LOW) for one in each])
    high = np.array([one.quantile(HIGH) for one in each])
    known["median"] = [one.quantile(0.5) for one in each]
    known["crps"] = [one.crps(at) for one, at in zip(each, value, strict=True)]
    known["error"] = np.abs(known["median"] - value)
    known["coverage"] = ((low <= value) & (value <= high)).astype(float)
    known["width"] = high - low
    return known


def groups_of(rows: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the rows of each group of scores, such as ``("kind", "kept")``."""
    found = {("all", "all"): rows}
    for by in BY:
        found |= {(by, str(name)): part for name, part in rows.groupby(by, sort=False)}
    named = rows[(rows["platform"] != "") | rows["is_hit"]]
    for name, is_hit in SETS.items():
        found["set", name] = named[named["is_hit"] == is_hit]
    return {key: part for key, part in found.items() if len(part)}


def score_of(rows: pd.DataFrame) -> Score:
    """Return the score of some rows, at least one."""
    means = rows.groupby("series")[["crps", "error", "coverage", "width"]].mean().mean()
    return Score(
        crps=float(means["crps"]),
        error=float(means["error"]),
        coverage=float(means["coverage"]),
        width=float(means["width"]),
        figures=len(rows),
        series=rows["series"].nunique(),
        episodes=rows["episode"].nunique(),
    )


def lead_of(rows: pd.DataFrame, other: pd.Series) -> Lead:
    """Return the lead of an entrant over another.

    Parameters
    ----------
    rows : pandas.DataFrame
        From `scored_rows`.
    other : pandas.Series
        CRPS of the other entrant on at least the same rows, under its name.
    """
    ahead = other.loc[rows.index] - rows["crps"]
    by_series = ahead.groupby(rows["series"]).mean().to_numpy()
    episodes = rows.groupby("series")["episode"].first()
    at = pd.factorize(episodes)[0]
    lead = float(by_series.mean())
    sums = np.bincount(at, by_series)
    counts = np.bincount(at)
    if len(sums) < 2:
        return Lead(str(other.name), lead, None, None)
    even = np.full(len(sums), 1.0 / len(sums))
    drawn = np.random.default_rng(SEED).multinomial(len(sums), even, DRAWS)
    low, high = np.quantile((drawn @ sums) / (drawn @ counts), (LOW, HIGH))
    return Lead(str(other.name), lead, float(low), float(high))


def data_of(score: Score, lead: Lead | None) -> dict[str, object]:
    """Return a score and a lead as JSON data."""
    known = lead or Lead("", float("nan"), None, None)
    return {
        **asdict(score),
        "over": known.over,
        "lead": known.lead,
        "lead_low": known.low,
        "lead_high": known.high,
    }
