"""Which state orders which platform restricted, within 12 months: the chance, its score, and
rivals.

The unit is a pair of state and platform that is open on the first of January: the platform is in
service, its home is elsewhere, and nothing restricts it there. It counts as ordered if a
restriction by the state begins in that year and lasts 14 days or more. The weights of the reasons
are fitted on `TRAIN` and frozen in ``order_weights.csv``. `TEST` is scored, and each look at it is
logged in ``order_looks.csv``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit, logit
from scipy.stats import rankdata

from ..facts import load_facts
from ..facts.history import Before, Restriction, dates_of, owner_on
from ..facts.model import PlatformFact, find_platform
from ..facts.orders import (
    AFTER,
    BEFORE,
    CANDIDATES,
    FEWEST_USERS,
    PACKAGES,
    REASONS,
    TALK,
    TIMES,
    Dispute,
    Look,
    Moment,
    OrderWeight,
    Rate,
    chance_of_order,
    counts,
    days_of,
    disputes_on,
    features,
    freedom_of_states,
    known_on,
    orders_between,
    rate_of,
)
from ..facts.relations import load_relations
from ..facts.tables import read
from ..facts.worlds import DEFAULT_WORLD, load_world

TRAIN, TEST = range(2012, 2022), range(2022, 2026)
"""Years whose orders may set a weight, and years that are scored."""
WORLDS = (DEFAULT_WORLD, "world-2025")
RIDGE = 1.0 / 0.3
"""Penalty on the square of each weight, for reasons scaled to a spread of 1 (chosen on `TRAIN`
among 33 and 3.3).
"""
COLUMNS = (*REASONS, *CANDIDATES)
"""What is known of each pair on the first day, in the order of arrays."""
DRAWS = 400
"""Draws of states for an interval."""
LOW, HIGH = 0.1, 0.9
"""Ends of an interval."""
BINS = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)
"""Bounds of the chances that a calibration curve puts together [1]."""


@dataclass(frozen=True, eq=False)
class PairYears:
    """Pairs of state and platform in some years."""

    states: np.ndarray
    """str, (pairs,): alpha-2 codes."""
    platforms: np.ndarray
    """str, (pairs,): names as in the record."""
    years: np.ndarray
    """int, (pairs,): year of the first day."""
    reasons: np.ndarray
    """(pairs, columns): `COLUMNS`, as known on 1 January."""
    ordered: np.ndarray
    """bool, (pairs,): Whether an order came within the horizon."""

    def only(self, mask: np.ndarray) -> PairYears:
        """Return some of the pairs."""
        return PairYears(*(column[mask] for column in vars(self).values()))

    def columns(self, names: Sequence[str]) -> np.ndarray:
        """Return some of `COLUMNS`, or ``fear``, (pairs, names)."""
        fear = np.array(
            [fears().get(pair, 0.0) for pair in zip(self.states, self.platforms, strict=True)]
            if "fear" in names
            else np.zeros(len(self.states))
        )
        return np.column_stack(
            [
                np.zeros((len(self.states), 0)),
                *(
                    fear if name == "fear" else self.reasons[:, COLUMNS.index(name)]
                    for name in names
                ),
            ]
        )

    def of(self, states: Sequence[str]) -> PairYears:
        """Return the pairs of some states."""
        return self.only(np.isin(self.states, list(states)))


@cache
def scored_platforms() -> Mapping[str, PlatformFact]:
    """Return the platforms of the shipped worlds that have a launch, by their name in the record."""
    out: dict[str, PlatformFact] = {}
    for name in dates_of("launched"):
        for world in WORLDS:
            facts = load_facts(world)
            found = find_platform(name, facts)
            if found is not None:
                out.setdefault(name, facts.platforms[found])
    return out


@cache
def deciding_states() -> tuple[str, ...]:
    """Return the states that decide in runs: those of which relations are known."""
    return tuple(load_relations(DEFAULT_WORLD).freedom)


@cache
def _restricted() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Return the pairs of state and platform that are restricted on the day of each world, by
    whomever.
    """
    rows = [row for row in read(Restriction).values() if row.technique != "calls_only"]
    return {
        world: frozenset(
            (row.state, row.platform) for row in rows if row.holds_on(load_world(world).day)
        )
        for world in WORLDS
    }


def _share(state: str, platform: str) -> float:
    """Return the share of a state's internet users who use a platform where nothing restricts it
    [1].

    The figure of before the first block, where there is one; then that of the tables, unless the
    platform is restricted there on their day: what is left of its users would be a consequence of
    the order. Otherwise the mean of other states than its home that do not restrict it.
    """
    before = read(Before).get((state, platform))
    if before is not None:
        return float(before.value)
    elsewhere: float | None = None
    for world in WORLDS:
        facts, shut = load_facts(world), _restricted()[world]
        name = find_platform(platform, facts)
        if name is None:
            continue
        if (state, platform) not in shut and (state, name) in facts.penetration:
            return float(facts.penetration[state, name].value)
        rows = [
            (s.internet_users.value, facts.penetration[code, name].value)
            for code, s in facts.states.items()
            if code != facts.platforms[name].home
            and (code, platform) not in shut
            and (code, name) in facts.penetration
        ]
        if rows and elsewhere is None:
            elsewhere = sum(people * share for people, share in rows) / sum(
                people for people, _ in rows
            )
    return elsewhere or 0.0


@cache
def shares(states: tuple[str, ...]) -> np.ndarray:
    """Return the use of every platform in every state [1], shape (states, platforms)."""
    return np.array(
        [[_share(state, platform) for platform in scored_platforms()] for state in states]
    )


@cache
def pair_years(states: tuple[str, ...], years: tuple[int, ...], horizon: int = 1) -> PairYears:
    """Return the open pairs of each year, and whether an order came.

    Parameters
    ----------
    states : tuple of str
        States whose freedom is known.
    years : tuple of int
    horizon : int
        Years in which an order counts [years].
    """
    return _joined(
        [open_pairs(states, date(year, 1, 1), date(year + horizon - 1, 12, 31)) for year in years]
    )


def _joined(parts: Sequence[PairYears]) -> PairYears:
    """Return some pairs and others as one."""
    return PairYears(*map(np.concatenate, zip(*(vars(one).values() for one in parts), strict=True)))


def open_pairs(states: tuple[str, ...], day: date, until: date) -> PairYears:
    """Return the pairs that are open on a day, and whether an order came from that day on.

    Parameters
    ----------
    states : tuple of str
        States whose freedom is known.
    day : datetime.date
    until : datetime.date
        Last day on which an order counts.
    """
    names, freedom = tuple(scored_platforms()), freedom_of_states()
    launched, closed = dates_of("launched"), dates_of("closed")
    talk = np.array([fact.kind in TALK for fact in scored_platforms().values()])
    unfreedom, share = np.array([1.0 - freedom[state] for state in states]), shares(states)
    known, text = known_on(day), day.isoformat()
    homes = [
        (owner_on(name, day) or ("", fact.home))[1] for name, fact in scored_platforms().items()
    ]
    there = np.array([launched[name] < text < closed.get(name, "9999") for name in names])
    shut = np.array([[name in known.standing.get(state, ()) for name in names] for state in states])
    own = np.array([[home == state for home in homes] for state in states])
    same = np.array([[a == b for b in homes] for a in homes], dtype=float)
    reasons = features(
        unfreedom,
        np.array([float(known.blocks[name]) for name in names]),
        share,
        shut @ same,
        talk,
        np.array([float(known.calls[state]) for state in states]),
    )
    parted = [
        [
            [frozenset((state, home)) in disputes_on(day, *kinds) for home in homes]
            for state in states
        ]
        for kinds in (("war", "clash"), ("sanctions",))
    ]
    blocks = np.log1p([known.blocks[name] for name in names])[None, :]
    of_states = [np.log1p([known.habit[state] for state in states]), *moments_of_year(states, day)]
    more = [
        np.log(share + FEWEST_USERS),
        blocks,
        np.asarray(of_states[0])[:, None],
        *np.array(parted, dtype=float),
        *(np.asarray(column)[:, None] for column in of_states[1:]),
    ]
    reasons = np.stack([*reasons, *(np.broadcast_to(column, share.shape) for column in more)])
    made = {(row.state, row.platform) for row in orders_between(day, until)}
    i, j = np.nonzero(there[None, :] & ~shut & ~own)
    ordered = np.array(
        [(states[a], names[b]) in made for a, b in zip(i, j, strict=True)], dtype=bool
    )
    return PairYears(
        np.array(states)[i],
        np.array(names)[j],
        np.full(i.size, day.year),
        reasons[:, i, j].T,
        ordered,
    )


def moments_of_year(states: tuple[str, ...], day: date) -> list[list[float]]:
    """Return whether each state elects in the year from a day on, had a coup in two years before, a
    war in one [1].

    An early election is known before it is called, so that a gain of elections is an upper bound.
    """
    year = timedelta(days=365)

    def any_in(kind: str, state: str, first: date, last: date) -> bool:
        return any(first <= moment < last for moment in days_of(kind).get(state, ()))

    since, text = (day - year).isoformat(), day.isoformat()
    wars = {
        row.state
        for row in read(Moment).values()
        if row.kind == "war" and row.since < text and (not row.until or row.until > since)
    }
    return [
        [float(any_in("election", state, day, day + year)) for state in states],
        [float(any_in("coup", state, day - 2 * year, day)) for state in states],
        [float(state in wars) for state in states],
    ]


# --- the fit --------------------------------------------------------------------------------------


class Fit(NamedTuple):
    """Weights of a logistic regression."""

    constant: float
    """Log odds where every column is 0 [1]."""
    weights: np.ndarray
    """(columns,): added to the log odds for each unit of a column [1]."""

    def chance(self, columns: np.ndarray) -> np.ndarray:
        """Return the chance of each row [1], shape (rows,)."""
        return np.asarray(expit(self.constant + columns @ self.weights))


def fit(
    columns: np.ndarray, ordered: np.ndarray, ridge: float = RIDGE, near: Fit | None = None
) -> Fit:
    """Return the weights of least penalised log score (Hoerl & Kennard 1970 for the penalty).

    Parameters
    ----------
    columns : numpy.ndarray, shape (rows, columns)
    ordered : numpy.ndarray of bool, shape (rows,)
    ridge : float
        Penalty on half the square of each weight, with columns scaled to a spread of 1; the
        constant has none.
    near : Fit, optional
        A fit to nearly the same rows, from which fewer steps are needed.
    """
    from scipy.optimize import minimize

    mean, spread = columns.mean(axis=0), columns.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    x = np.column_stack([np.ones(len(columns)), (columns - mean) / spread])
    penalty, came = np.array([0.0, *[ridge] * columns.shape[1]]), x[ordered].sum(axis=0)

    def loss(at: np.ndarray) -> tuple[float, np.ndarray]:
        odds = x @ at
        gradient = x.T @ expit(odds) - came + penalty * at
        return float(np.logaddexp(0.0, odds).sum() - came @ at + 0.5 * penalty @ at**2), gradient

    def curvature(at: np.ndarray) -> np.ndarray:
        chance = expit(x @ at)
        return np.asarray((x.T * (chance * (1.0 - chance))) @ x + np.diag(penalty))

    start = np.array([logit(ordered.mean()), *np.zeros(columns.shape[1])])
    if near is not None:
        start = np.array([near.constant + near.weights @ mean, *(near.weights * spread)])
    found = minimize(
        loss, start, jac=True, hess=curvature, method="trust-exact", options={"gtol": 1e-7}
    ).x
    weights = found[1:] / spread
    return Fit(float(found[0] - weights @ mean), weights)


PRODUCT = "unfreedom x earlier blocks"
RIVALS: Mapping[str, tuple[str, ...]] = {
    "constant": (),
    "unfreedom": ("unfreedom",),
    "earlier blocks": ("blocks",),
    PRODUCT: ("precedent",),
    "fear": ("fear",),
}
"""The columns of simple rivals, each with a logistic regression on the orders that the model is
fitted to. ``fear`` is what states that decide in runs fear of each platform on the first day of the
battle; 0 where unknown.
"""


@cache
def fears() -> Mapping[tuple[str, str], float]:
    """Return the fear of the battle's first day, by state and the platform's name in the record."""
    from ..actors.agents import StatesAlone
    from ..actors.strikes import weigh
    from ..scenario import load

    model = StatesAlone(load("the_battle"), 1)
    facts, situation, fear = (
        load_facts(DEFAULT_WORLD),
        model.outlook.situation,
        weigh(model, as_if_open=True).fear,
    )
    at = {target.name: j for j, target in enumerate(situation.targets) if target.platform >= 0}
    names = {name: find_platform(name, facts) for name in scored_platforms()}
    return {
        (state, name): float(fear[i, at[found]])
        for i, state in enumerate(situation.states)
        for name, found in names.items()
        if found in at
    }


# --- scores ---------------------------------------------------------------------------------------


class Scores(NamedTuple):
    """How good chances are."""

    auc: float
    """Chance that an ordered pair has a higher chance than one that is not [1]."""
    brier: float
    """Mean square error of the chance [1]; lower is better."""
    log_score: float
    """Mean of minus the natural log of the chance of what came [1]; lower is better."""
    precision_at_k: float
    """Of the k pairs with the highest chance, the share that was ordered; k is the number of orders
    [1].
    """


def scores(chance: np.ndarray, ordered: np.ndarray) -> Scores:
    """Return the scores of chances; ties count half.

    Parameters
    ----------
    chance : numpy.ndarray, shape (pairs,)
    ordered : numpy.ndarray of bool, shape (pairs,)
    """
    n, k = len(ordered), int(ordered.sum())
    auc = (
        (rankdata(chance)[ordered].sum() - k * (k + 1) / 2.0) / (k * (n - k))
        if 0 < k < n
        else float("nan")
    )
    p = np.clip(chance, 1e-9, 1.0 - 1e-9)
    cut = np.sort(chance)[::-1][k - 1] if k else 1.0
    above, at = chance > cut, chance == cut
    room = (k - above.sum()) * (
        ordered[at].mean() if at.any() else 0.0
    )  # of equals, as many as a blind choice finds
    precision = (ordered[above].sum() + room) / k if k else float("nan")
    log_score = -np.mean(np.where(ordered, np.log(p), np.log1p(-p)))
    return Scores(
        float(auc), float(np.mean((chance - ordered) ** 2)), float(log_score), float(precision)
    )


def calibration(chance: np.ndarray, ordered: np.ndarray) -> list[dict[str, float]]:
    """Return the calibration curve: pairs, their mean chance, and the share that was ordered, by
    `BINS`.
    """
    bins = np.digitize(chance, BINS[1:-1])
    return [
        {
            "pairs": int((bins == b).sum()),
            "chance": float(chance[bins == b].mean()),
            "ordered": float(ordered[bins == b].mean()),
        }
        for b in range(len(BINS) - 1)
        if (bins == b).any()
    ]


def draws_of_states(states: np.ndarray, draws: int = DRAWS, seed: int = 1) -> list[np.ndarray]:
    """Return the rows of each draw of states with replacement."""
    rng, names = np.random.default_rng(seed), np.unique(states)
    rows = {name: np.flatnonzero(states == name) for name in names}
    return [
        np.concatenate([rows[name] for name in rng.choice(names, len(names))]) for _ in range(draws)
    ]


@dataclass(frozen=True, eq=False)
class Half:
    """One half of the split, scored."""

    pairs: PairYears
    chances: Mapping[str, np.ndarray]
    """By name, ``model`` and then each rival: chance of each pair [1], (pairs,)."""

    @property
    def scores(self) -> dict[str, Scores]:
        """The scores of the model and of each rival."""
        return {name: scores(chance, self.pairs.ordered) for name, chance in self.chances.items()}

    def without(self, state: str) -> Half:
        """Return the half without a state."""
        mask = self.pairs.states != state
        return Half(
            self.pairs.only(mask), {name: chance[mask] for name, chance in self.chances.items()}
        )

    def leads(self) -> dict[str, dict[str, tuple[float, float, float]]]:
        """Return how far the model is ahead of each rival, by score: middle and 80 % interval over
        draws of states.

        Above 0 the model is better, for every score.
        """
        found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for rows in draws_of_states(self.pairs.states):
            ordered = self.pairs.ordered[rows]
            if not ordered.any():
                continue
            each = {name: scores(chance[rows], ordered) for name, chance in self.chances.items()}
            for name in RIVALS:
                for field in Scores._fields:
                    sign = -1.0 if field in ("brier", "log_score") else 1.0
                    lead = sign * (getattr(each["model"], field) - getattr(each[name], field))
                    found[name][field].append(lead)
        ends = (LOW, 0.5, HIGH)
        return {
            name: {
                field: tuple(float(v) for v in np.quantile(values, ends))  # type: ignore[misc]
                for field, values in fields.items()
            }
            for name, fields in found.items()
        }

    def data(self) -> dict[str, Any]:
        """Return the half as JSON data."""
        each = self.scores
        model = each["model"]._asdict()
        return {
            **model,
            "pairs": len(
                set(zip(self.pairs.states.tolist(), self.pairs.platforms.tolist(), strict=True))
            ),
            "pair_years": len(self.pairs.ordered),
            "orders": int(self.pairs.ordered.sum()),
            "years": [int(self.pairs.years.min()), int(self.pairs.years.max())],
            "expected": float(self.chances["model"].sum()),
            "rivals": {name: score._asdict() for name, score in each.items() if name != "model"},
        }


@cache
def known_states() -> tuple[str, ...]:
    """Return all states whose freedom is known: their orders set the weights."""
    return tuple(sorted(freedom_of_states()))


@cache
def training() -> PairYears:
    """Return the pairs that set the weights: all states, `TRAIN`."""
    return pair_years(known_states(), tuple(TRAIN))


@cache
def _rival_fits() -> Mapping[str, Fit]:
    """Return the fit of each rival on what the model is fitted on; fear is known of deciding states
    alone.
    """
    return {
        name: fit(_known_of(training(), name).columns(names), _known_of(training(), name).ordered)
        for name, names in RIVALS.items()
    }


def _known_of(pairs: PairYears, rival: str) -> PairYears:
    """Return the pairs of which the columns of a rival are known."""
    return pairs.of(deciding_states()) if rival == "fear" else pairs


def rival_chances(pairs: PairYears) -> dict[str, np.ndarray]:
    """Return the chances that each rival gives to pairs [1]."""
    return {
        name: _rival_fits()[name].chance(pairs.columns(names)) for name, names in RIVALS.items()
    }


def model_chance(pairs: PairYears) -> np.ndarray:
    """Return the chance that the model gives to each pair by the stored weights [1]."""
    return chance_of_order(pairs.columns(REASONS).T, pairs.columns(["war"])[:, 0])


def half_of(pairs: PairYears, horizon: int = 1) -> Half:
    """Return pairs with the chances of the model, by the stored weights, and of each rival.

    Parameters
    ----------
    pairs : PairYears
    horizon : int
        Years that the chance is about, if the chance of each year is alike [years].
    """
    chances = {"model": model_chance(pairs), **rival_chances(pairs)}
    return Half(pairs, {name: 1.0 - (1.0 - chance) ** horizon for name, chance in chances.items()})


def held_out(rules: Mapping[str, Sequence[str]] | None = None, *, packages: bool = True) -> Half:
    """Return `TRAIN`, deciding states, each state by weights that its own orders did not set.

    Parameters
    ----------
    rules : mapping of str to sequence of str, optional
        The columns of the ``model`` and of its rivals; by default `REASONS` and `RIVALS`.
    packages : bool
        Whether the model has packages between states at war.
    """
    rules = rules or {"model": REASONS, **RIVALS}
    parts, near = defaultdict[str, list[np.ndarray]](list), dict[str, Fit]()
    pairs = [training().of([state]) for state in deciding_states()]
    for state, own in zip(deciding_states(), pairs, strict=True):
        others = training().only(training().states != state)
        for name, columns in rules.items():
            on = _known_of(others, name)
            near[name] = fit(on.columns(columns), on.ordered, near=near.get(name))
            chance = near[name].chance(own.columns(columns))
            if name == "model" and packages:
                a_year = disputes_of(TRAIN, without=state)
                rate = a_year["package"].ratio * a_year["included"].ratio
                chance = 1.0 - (1.0 - chance) * np.exp(-rate * own.columns(["war"])[:, 0])
            parts[name].append(chance)
    return Half(_joined(pairs), {name: np.concatenate(chance) for name, chance in parts.items()})


def gains() -> dict[str, dict[str, float]]:
    """Return what each reason adds to the product of unfreedom and earlier blocks, on `TRAIN`, each
    state held out.

    ``all`` has every reason of the model, ``all but precedent`` the rest; ``all and war`` one more;
    ``all with packages`` also has the packages of orders between states at war. Above 0 it helps.
    """
    others = [name for name in (*REASONS, *CANDIDATES) if name != "precedent"]
    cases: dict[str, Sequence[str]] = {f"+ {name}": ("precedent", name) for name in others}
    cases |= {
        "all": REASONS,
        "all but precedent": [name for name in REASONS if name != "precedent"],
    }
    cases |= {f"all and {name}": (*REASONS, name) for name in CANDIDATES}
    cases["all with packages"] = REASONS
    plain, out = held_out({"model": ("precedent",)}, packages=False).scores["model"], {}
    for name, reasons in cases.items():
        found = held_out({"model": reasons}, packages=name == "all with packages").scores["model"]
        out[name] = {
            "auc": found.auc - plain.auc,
            "brier": plain.brier - found.brier,
            "log_score": plain.log_score - found.log_score,
            "precision_at_k": found.precision_at_k - plain.precision_at_k,
        }
    return out


def fitted() -> dict[str, tuple[float, float]]:
    """Return the weight of each reason, fitted on `TRAIN`, with its standard error over draws of
    states.
    """
    pairs, columns = training(), training().columns(REASONS)
    whole, near = fit(columns, pairs.ordered), times(TRAIN)
    drawn = [fit(columns[rows], pairs.ordered[rows]) for rows in draws_of_states(pairs.states, 50)]
    spread = np.std([[one.constant, *one.weights] for one in drawn], axis=0)
    values = zip((whole.constant, *whole.weights.tolist()), spread.tolist(), strict=True)
    counted = near | disputes_of(TRAIN)
    of_counts = {
        kind: (rate.ratio, rate.ratio / (rate.observed + 1.0) ** 0.5)
        for kind, rate in counted.items()
    }
    return dict(zip(("constant", *REASONS), values, strict=True)) | of_counts


def times(years: range) -> dict[str, Rate]:
    """Return how many days with orders fell near each kind of moment in some years, and how many
    were expected.
    """
    return {kind: rate_of(kind, date(years[0], 1, 1), date(years[-1], 12, 31)) for kind in TIMES}


class Share(NamedTuple):
    """A count of cases among chances for them."""

    observed: int
    """Packages, or platforms in packages."""
    of: float
    """Years of two states at war or after a clash, or platforms that were open when a package came."""

    @property
    def ratio(self) -> float:
        """Cases a chance [1/year or 1]."""
        return self.observed / self.of if self.of else 0.0


def disputes_of(years: range, without: str = "") -> dict[str, Share]:
    """Return packages of orders between states at war or after a clash, and how many platforms each
    had.

    A package is the orders of one day by a state against platforms of the other side. Years count
    while the state has a platform of the other side to restrict.

    Parameters
    ----------
    years : range
    without : str
        A state whose own acts are left out.
    """
    first, last = date(years[0], 1, 1), date(years[-1], 12, 31)
    launched, time, packages, struck, open_then = dates_of("launched"), 0.0, 0, 0, 0
    made = [row for row in orders_between(first, last) if row.platform in scored_platforms()]
    wars = [row for row in read(Dispute).values() if row.kind in ("war", "clash")]
    for war in wars:
        begin = max(first, date.fromisoformat(war.since))
        end = min(last, date.fromisoformat(war.until)) if war.until else last
        for state, other in ((war.a, war.b), (war.b, war.a)):
            shut = known_on(begin).standing.get(state, frozenset())
            theirs = {
                name
                for name, fact in scored_platforms().items()
                if name not in shut
                and (owner_on(name, begin) or ("", fact.home))[1] == other
                and launched[name] <= end.isoformat()
            }
            if state == without or state not in freedom_of_states() or not theirs or begin >= end:
                continue
            time += (end - begin).days / 365.25
            days = defaultdict(set)
            for row in made:
                if (
                    row.state == state
                    and row.platform in theirs
                    and begin.isoformat() <= row.since <= end.isoformat()
                ):
                    days[row.since].add(row.platform)
            for day in sorted(days):
                packages, struck, open_then = (
                    packages + 1,
                    struck + len(days[day]),
                    open_then + len(theirs),
                )
                theirs -= days[day]
    return dict(
        zip(PACKAGES, (Share(packages, time), Share(struck, float(open_then))), strict=True)
    )


# --- what the record says of orders ---------------------------------------------------------------


def lasting(years: range) -> dict[str, float]:
    """Return how long the orders of the deciding states in some years lasted.

    Of those that could have lasted a year by the last recorded day: shares that ended within 14, 90
    and 365 days.
    """
    last = date.fromisoformat(max(row.since for row in read(Restriction).values()))
    rows = [
        row
        for row in read(Restriction).values()
        if counts(row)
        and row.state in deciding_states()
        and int(row.since[:4]) in years
        and (last - date.fromisoformat(row.since)).days >= 365
    ]
    days = np.array(
        [
            (date.fromisoformat(r.until) - date.fromisoformat(r.since)).days if r.until else 10**6
            for r in rows
        ]
    )
    out = {f"ended within {limit} days": float((days < limit).mean()) for limit in (14, 90, 365)}
    return {"orders": float(len(rows)), **out, "no known end": float((days == 10**6).mean())}


def followers(most: int = 5, months: int = 24) -> list[dict[str, Any]]:
    """Return who restricts what another restricted before, the pairs furthest above chance, before
    `TEST`.

    A state follows on a platform if its first lasting order there comes within some months after
    that of another. By chance, it would on as many as its own share of platforms times the other's.

    Parameters
    ----------
    most : int
        Pairs returned.
    months : int
    """
    first: dict[tuple[str, str], str] = {}
    for row in orders_between(date(TRAIN[0], 1, 1), date(TRAIN[-1], 12, 31)):
        pair = row.state, row.platform
        first[pair] = min(first.get(pair, "9999"), row.since)
    by: dict[str, dict[str, date]] = defaultdict(dict)
    for (state, platform), day in first.items():
        by[state][platform] = date.fromisoformat(day)
    span, rows = (TRAIN[-1] - TRAIN[0] + 1) * 12, []
    for a, ours in by.items():
        for b, theirs in by.items():
            after = [
                p
                for p, day in theirs.items()
                if p in ours and 0 < (day - ours[p]).days <= months * 30.44
            ]
            by_chance = len(ours) * len(theirs) / len(scored_platforms()) * months / span
            if a != b and len(after) >= 2:
                rows.append(
                    {"who": b, "after": a, "platforms": sorted(after), "by_chance": by_chance}
                )
    rows.sort(key=lambda row: (row["by_chance"] - len(row["platforms"]), row["who"]))  # type: ignore[operator, arg-type]
    return rows[:most]


def orders_by_state(half: Half) -> list[tuple[str, int, float]]:
    """Return orders of each deciding state, and how many the model expected, most orders first."""
    made = Counter(half.pairs.states[half.pairs.ordered].tolist())
    expected: Counter[str] = Counter()
    for state, chance in zip(
        half.pairs.states.tolist(), half.chances["model"].tolist(), strict=True
    ):
        expected[state] += chance
    return sorted(((s, made[s], expected[s]) for s in expected), key=lambda row: (-row[1], -row[2]))


def weights_digest() -> str:
    """Return the digest of the stored weights, for the log of looks at `TEST`."""
    from hashlib import sha256

    text = ",".join(f"{row.reason}={row.value!r}" for row in read(OrderWeight).values())
    return sha256(text.encode()).hexdigest()[:12]


def headline() -> str:
    """Return the score of `TEST` in a sentence."""
    each = half_of(pair_years(deciding_states(), tuple(TEST))).scores
    model, rival = each["model"], each[PRODUCT]
    return (
        f"Who restricts what, {TEST[0]}-{TEST[-1]}: AUC {model.auc:.2f}, {PRODUCT} {rival.auc:.2f}; Brier "
        f"{model.brier:.4f} beside {rival.brier:.4f} (splinternet score-states)."
    )


CAVEAT = (
    "The reasons were chosen in sight of the whole record, 2022-2025 included; only their weights are blind to it. The "
    "registered forecasts are the clean test."
)


def study() -> dict[str, Any]:
    """Return the whole study as JSON data: both halves, held out, without Russia, gains, and what
    orders are like.
    """
    states = deciding_states()
    halves = {
        "train": half_of(pair_years(states, tuple(TRAIN))),
        "test": half_of(pair_years(states, tuple(TEST))),
    }
    wide = tuple(state for state in known_states() if state not in states)
    out: dict[str, Any] = {name: half.data() for name, half in halves.items()}
    for name, half in halves.items():
        out[name]["without_russia"] = half.without("RU").data()
        out[name]["calibration"] = calibration(half.chances["model"], half.pairs.ordered)
        out[name]["leads"] = {"all": half.leads(), "without_russia": half.without("RU").leads()}
        out[name]["by_state"] = [
            {"state": state, "orders": made, "expected": expected}
            for state, made, expected in orders_by_state(half)
        ]
        out[name]["lasting"] = lasting(TRAIN if name == "train" else TEST)
    span = len(TEST)
    out["test"]["as_one_period"] = half_of(pair_years(states, (TEST[0],), span), span).data()
    out["test"]["other_states"] = half_of(pair_years(wide, tuple(TEST))).data()
    out["leave_one_state_out"] = held_out().data()
    out["gains"], out["followers"] = gains(), followers()
    out["times"] = [
        {
            "kind": kind,
            "before": BEFORE.get(kind, 0),
            "after": AFTER[kind],
            "ratio": rate.ratio,
            "train": [rate.observed, rate.expected],
            "test": [*times(TEST)[kind]],
        }
        for kind, rate in times(TRAIN).items()
    ]
    out["packages"] = {
        kind: {"observed": share.observed, "of": share.of}
        for kind, share in disputes_of(TRAIN).items()
    }
    out["weights"] = {
        row.reason: {"value": row.value, "se": row.se} for row in read(OrderWeight).values()
    }
    out["looks"] = [vars(row) for row in read(Look).values()]
    out["caveat"] = CAVEAT
    return out
