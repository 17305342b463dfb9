"""The task ``orders``: restrictions of platforms by states within 12 months.

The unit is a pair of state and platform that is open on 1 January: the platform is in service, its
home is elsewhere, and nothing restricts it there. It counts as ordered if a restriction by the
state begins in that year and lasts 14 days or more. Orders of the training years may set weights;
those of the scored years may not.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from scipy.special import expit, logit
from scipy.stats import rankdata

from . import outcomes
from .problems import BenchError, Problem

RIDGE = 1.0 / 0.3
"""Penalty on the square of each weight, for columns scaled to a spread of 1 (chosen on the training
years among 33 and 3.3).
"""
DRAWS = 400
"""Draws of states for an interval."""
SEED = 1
"""The seed of these draws."""
ENDS = (0.1, 0.5, 0.9)
BINS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Bounds of the bins of a calibration curve [1]."""
PRODUCT = "unfreedom x earlier blocks"
HISTORY = "own orders of five years"
RIVALS: Mapping[str, tuple[str, ...]] = {
    "constant": (),
    "unfreedom": ("unfreedom",),
    "earlier blocks": ("earlier_blocks",),
    PRODUCT: ("product",),
    "fear": ("fear",),
    HISTORY: ("own_orders",),
    "own orders x unfreedom x earlier blocks": ("own_product",),
    "plain logistic": ("unfreedom", "earlier_blocks", "own_orders", "log_use"),
}
"""The columns of each rival: a logistic regression on the orders of the training years. ``fear`` is
the fear of each platform in the model's battle, 0 if unknown.
"""
STRONGEST = (PRODUCT, HISTORY, "plain logistic")
"""The rivals over which leads have an interval."""
FEWEST_USERS = 0.001
"""Added to the share of people who use a platform, so that its logarithm has a floor [1]."""
RUSSIA = "RU"
SPANS = {"2017-2021": range(2017, 2022), "2022-2025": range(2022, 2026)}
"""Years in which states are ranked by state-year."""


def _table(name: str) -> pd.DataFrame:
    """Return a file of the task; an empty cell of text is an empty text."""
    text = {"state": str, "platform": str, "a": str, "b": str, "home": str}
    folder = outcomes.home() / "tasks" / "orders"
    return pd.read_csv(folder / name, dtype=text, keep_default_na=False, na_values={"fear": [""]})


@cache
def recorded(path: Path | str | None = None) -> pd.DataFrame:
    """Return the orders that count, from a table with the columns of ``orders.csv``.

    Raises
    ------
    BenchError
        If there is no such file, or a column is missing.
    """
    if path is None:
        return _table("orders.csv")
    if not Path(path).is_file():
        raise BenchError(Problem(str(path), None, "there is no such file", "a table of orders"))
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    lost = [name for name in ("state", "platform", "since") if name not in table]
    if lost:
        found = f"no column {', '.join(lost)}"
        raise BenchError(Problem(str(path), 1, found, "the columns of tasks/orders/orders.csv"))
    return table


def _years(spells: str) -> list[int]:
    """Return the years of spells such as ``2012-2014 2018``."""
    found: list[int] = []
    for spell in spells.split():
        first, _, last = spell.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


@cache
def pairs() -> pd.DataFrame:
    """Return each open pair of each year, by row: the facts known on the day, and whether an order
    came.
    """
    table = _table("pairs.csv")
    table["year"] = table["open"].map(_years)
    table = table.explode("year").astype({"year": int})
    table = table.merge(_table("days.csv"), on="year").merge(
        _table("states.csv"), on=["year", "state"]
    )
    table = table.merge(_table("platforms.csv"), on=["year", "platform"])
    orders = recorded()
    made = pd.MultiIndex.from_arrays(
        [orders["since"].str[:4].astype(int), orders["state"], orders["platform"]]
    )
    table["ordered"] = pd.MultiIndex.from_frame(table[["year", "state", "platform"]]).isin(made)
    table["earlier_blocks"] = np.log1p(table["earlier_blocks"])
    table["own_orders"] = np.log1p(table["own_orders"])
    table["product"] = table["unfreedom"] * table["earlier_blocks"]
    table["own_product"] = table["own_orders"] * table["product"]
    table["log_use"] = np.log(table["use"] + FEWEST_USERS)
    table["fear"] = table["fear"].fillna(0.0)
    names = table["year"].astype(str) + "-" + table["state"] + "-" + table["platform"]
    return table.set_index(names.rename("row"))


@cache
def rows(*, due: bool = False) -> frozenset[str]:
    """Return the rows that a submission may have, or with ``due`` those that it must have: the
    deciding states in the scored years.
    """
    table = pairs()
    if due:
        table = table[(table["part"] == "scored") & (table["decides"] == "yes")]
    return frozenset(table.index)


# --- rivals ---------------------------------------------------------------------------------------


class Fit(NamedTuple):
    """Weights of a logistic regression."""

    constant: float
    """Log odds where every column is 0 [1]."""
    weights: np.ndarray
    """(columns,): Change in the log odds for each unit of a column [1]."""

    def chance(self, columns: np.ndarray) -> np.ndarray:
        """Return the chance of each row [1], (rows,)."""
        return np.asarray(expit(self.constant + columns @ self.weights))


def fit(columns: np.ndarray, ordered: np.ndarray, ridge: float = RIDGE) -> Fit:
    """Return the weights with the lowest penalised log score (penalty of Hoerl & Kennard 1970).

    Parameters
    ----------
    columns : numpy.ndarray, shape (rows, columns)
    ordered : numpy.ndarray of bool, shape (rows,)
    ridge : float
        Penalty on half the square of each weight, with columns scaled to a spread of 1; the
        constant has none.
    """
    mean = columns.mean(axis=0)
    spread = columns.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    x = np.column_stack([np.ones(len(columns)), (columns - mean) / spread])
    penalty = np.array([0.0, *[ridge] * columns.shape[1]])
    came = x[ordered].sum(axis=0)

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        odds = x @ at
        value = np.logaddexp(0.0, odds).sum() - came @ at + 0.5 * penalty @ at**2
        return float(value), x.T @ expit(odds) - came + penalty * at

    start = np.zeros(x.shape[1])
    start[0] = logit(ordered.mean())
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-6}).x
    weights = found[1:] / spread
    return Fit(float(found[0] - weights @ mean), weights)


@cache
def rival_chances() -> pd.DataFrame:
    """Return each rival's chance for each pair [1], by row, with one column for each rival."""
    table = pairs()
    training = table[table["part"] == "train"]
    chances = {}
    for name, columns in RIVALS.items():
        known = training[training["decides"] == "yes"] if name == "fear" else training
        fitted = fit(known[[*columns]].to_numpy(float), known["ordered"].to_numpy())
        chances[name] = fitted.chance(table[[*columns]].to_numpy(float))
    return pd.DataFrame(chances, index=table.index)


# --- scores ---------------------------------------------------------------------------------------


class Scores(NamedTuple):
    """The scores of a set of chances."""

    auc: float
    """Chance that an ordered pair has a higher chance than one that is not [1]."""
    brier: float
    """Mean square error of the chance [1]; lower is better."""
    log_score: float
    """Mean of minus the natural log of the chance of each outcome [1]; lower is better."""
    precision_at_k: float
    """Of the k pairs with the highest chance, the share that was ordered; k is the number of orders
    [1].
    """


def scores(chance: np.ndarray, ordered: np.ndarray) -> Scores:
    """Return the scores of chances; ties count half. If no pair, or every pair, is ordered, AUC and
    precision are NaN.

    Parameters
    ----------
    chance : numpy.ndarray, shape (pairs,)
    ordered : numpy.ndarray of bool, shape (pairs,)
    """
    n = len(ordered)
    k = int(ordered.sum())
    p = np.clip(chance, 1e-9, 1.0 - 1e-9)
    log_score = -np.mean(np.where(ordered, np.log(p), np.log1p(-p)))
    brier = np.mean((chance - ordered) ** 2)
    if not 0 < k < n:
        return Scores(float("nan"), float(brier), float(log_score), float("nan"))
    auc = (rankdata(chance)[ordered].sum() - k * (k + 1) / 2.0) / (k * (n - k))
    cut = np.sort(chance)[::-1][k - 1]
    above = chance > cut
    equal = chance == cut
    found = (
        ordered[above].sum() + (k - above.sum()) * ordered[equal].mean()
    )  # a random choice among ties
    return Scores(float(auc), float(brier), float(log_score), float(found / k))


def leads(chances: pd.DataFrame, table: pd.DataFrame) -> dict[str, dict[str, list[float]]]:
    """Return the model's lead over the strongest rivals, by score: median and 80 % interval over
    draws of states.

    For every score, a lead above 0 means that the model is better.
    """
    rng = np.random.default_rng(SEED)
    places = {name: np.flatnonzero(table["state"] == name) for name in sorted(set(table["state"]))}
    names = np.array(list(places))
    ordered = table["ordered"].to_numpy()
    found: dict[str, list[np.ndarray]] = {name: [] for name in STRONGEST}
    better = np.array([1.0, -1.0, -1.0, 1.0])
    for _ in range(DRAWS):
        drawn = np.concatenate([places[name] for name in rng.choice(names, len(names))])
        if not ordered[drawn].any():
            continue
        each = {
            name: np.array(scores(chances[name].to_numpy()[drawn], ordered[drawn]))
            for name in ("model", *STRONGEST)
        }
        for name, own in found.items():
            own.append(better * (each["model"] - each[name]))
    ends = {name: np.quantile(own, ENDS, axis=0).T for name, own in found.items()}
    return {
        name: dict(zip(Scores._fields, own.tolist(), strict=True)) for name, own in ends.items()
    }


def half(chances: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """Return the scores of the model and of its rivals on some pairs, as JSON data."""
    ordered = table["ordered"].to_numpy()
    each = {name: scores(chances[name].to_numpy(), ordered)._asdict() for name in chances}
    return {
        **each.pop("model"),
        "pairs": len(table[["state", "platform"]].drop_duplicates()),
        "pair_years": len(table),
        "orders": int(ordered.sum()),
        "years": [int(table["year"].min()), int(table["year"].max())],
        "expected": float(chances["model"].sum()),
        "rivals": each,
    }


def calibration(chance: np.ndarray, ordered: np.ndarray) -> list[dict[str, float]]:
    """Return the calibration curve: pairs, their mean chance, and the share that was ordered."""
    bins = np.digitize(chance, BINS[1:-1])
    return [
        {
            "pairs": int((bins == b).sum()),
            "chance": float(chance[bins == b].mean()),
            "ordered": float(ordered[bins == b].mean()),
        }
        for b in np.unique(bins)
    ]


def by_state(chances: pd.DataFrame, table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the observed and expected orders of each state, most orders first."""
    found = table.groupby("state").agg(orders=("ordered", "sum"))
    found["expected"] = chances["model"].groupby(table["state"]).sum()
    ranked = found.sort_values(["orders", "expected"], ascending=False).reset_index()
    rows: list[dict[str, Any]] = json.loads(ranked.to_json(orient="records"))
    return rows


def by_state_year(chances: pd.DataFrame, table: pd.DataFrame) -> dict[str, float]:
    """Return the AUC of the model and of each rival for whether a state orders anything in a
    year.
    """
    key = [table["year"], table["state"]]
    ordered = table["ordered"].groupby(key).any().to_numpy()
    none = (1.0 - chances).groupby(key).prod()
    found = {str(name): scores(1.0 - none[name].to_numpy(), ordered).auc for name in chances}
    own = table["own_orders"].groupby(key).first().to_numpy()
    return found | {HISTORY: scores(own, ordered).auc}


def study(model: Mapping[str, float]) -> dict[str, Any]:
    """Return the scores of a model of orders beside all rivals, as JSON data.

    Parameters
    ----------
    model : mapping of str to float
        The chance of each row [1]. A part of the study without all its rows is left out.
    """
    table = pairs()
    chances = rival_chances().copy()
    chances.insert(0, "model", pd.Series(model).reindex(table.index))
    decides = table["decides"] == "yes"
    train = decides & (table["part"] == "train")
    test = decides & (table["part"] == "scored")
    found: dict[str, Any] = {}
    for name, mask in (("train", train), ("test", test)):
        if chances.loc[mask, "model"].notna().all():
            found[name] = _whole_half(chances[mask], table[mask])
    if "test" in found:
        found["test"]["as_one_period"] = _as_one_period(chances, table)
    scored = table["part"] == "scored"
    for name, mask in (("other_states", ~decides), ("all_states", decides | True)):
        if "test" in found and chances.loc[scored & mask, "model"].notna().all():
            found["test"][name] = half(chances[scored & mask], table[scored & mask])
    found["by_state_year"] = _spans(chances, table, decides)
    return found


def _whole_half(chances: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """Return the scores of some years, with everything to print."""
    apart = table["state"] != RUSSIA
    return {
        **half(chances, table),
        "without_russia": half(chances[apart], table[apart]),
        "calibration": calibration(chances["model"].to_numpy(), table["ordered"].to_numpy()),
        "leads": {
            "all": leads(chances, table),
            "without_russia": leads(chances[apart], table[apart]),
        },
        "by_state": by_state(chances, table),
    }


def _as_one_period(chances: pd.DataFrame, table: pd.DataFrame) -> dict[str, Any]:
    """Return the scores of the scored years as one forecast from their first day."""
    years = sorted(set(table.loc[table["part"] == "scored", "year"]))
    first = (table["year"] == years[0]) & (table["decides"] == "yes")
    pair = pd.MultiIndex.from_frame(table.loc[first, ["state", "platform"]])
    made = recorded()
    within = made[made["since"].str[:4].astype(int).isin(years)]
    whole = table[first].assign(
        ordered=pair.isin(pd.MultiIndex.from_frame(within[["state", "platform"]]))
    )
    return half(1.0 - (1.0 - chances[first]) ** len(years), whole)


def _spans(chances: pd.DataFrame, table: pd.DataFrame, decides: pd.Series) -> dict[str, Any]:
    """Return the skill of ranking states by year, in each span, for deciding states and for all."""
    found: dict[str, Any] = {}
    for span, years in SPANS.items():
        inside = table["year"].isin(years)
        for name, mask in (("deciding", inside & decides), ("all", inside)):
            if chances.loc[mask, "model"].notna().all():
                found.setdefault(span, {})[name] = by_state_year(chances[mask], table[mask])
    return found
