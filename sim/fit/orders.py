"""Chances that a state restricts a platform within 12 months: open pairs, reasons, weights.

The unit is a pair of state and platform that is open on the first of January: the platform is in
service, its home is elsewhere, and nothing restricts it there. It counts as ordered if a
restriction by the state begins in that year and lasts 14 days or more. The weights of the reasons
are fitted on `TRAIN` and frozen in ``order_weights.csv``. The bench scores `TEST`
(``splinternet-bench score-states``), and ``order_looks.csv`` lists each such test.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd

from ..facts import load_facts
from ..facts.history import Before, Restriction, dated_name, dates_of, owner_on
from ..facts.model import PlatformFact, find_platform
from ..facts.orders import (
    CANDIDATES,
    FEWEST_USERS,
    REASONS,
    TALK,
    TIMES,
    Dispute,
    Moment,
    OrderWeight,
    Rate,
    at_war,
    chance_of_order,
    days_of,
    disputes_on,
    features,
    freedom_of_states,
    known_on,
    orders_between,
    precedents,
    rate_of,
    remembered,
)
from ..facts.record import ObservedAnswer
from ..facts.relations import load_relations
from ..facts.tables import read
from ..facts.worlds import DEFAULT_WORLD, load_world
from ..results.files import csv_of

TRAIN = range(2012, 2022)
TEST = range(2022, 2026)
"""Years whose orders set the weights, and scored years."""
WORLDS = (DEFAULT_WORLD, "world-2025")
EXPOSURES = ("war_years", "clash_years")
"""Time within the horizon in which packages may come, as in `AtWar` [years]."""
COLUMNS = (*REASONS, *CANDIDATES, *EXPOSURES)
"""Facts about each pair that are known on the first day, in the order of arrays."""
DRAWS = 50
"""Draws of states for the error of a weight."""


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
        """Return some of `COLUMNS`, (pairs, names)."""
        return self.reasons[:, [COLUMNS.index(name) for name in names]]

    def of(self, states: Sequence[str]) -> PairYears:
        """Return the pairs of some states."""
        return self.only(np.isin(self.states, list(states)))


@cache
def scored_platforms() -> Mapping[str, PlatformFact]:
    """Return the platforms of the shipped worlds that have a launch, by their name in the
    record.
    """
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
    """Return the states that decide in runs: those with known relations."""
    return tuple(load_relations(DEFAULT_WORLD).freedom)


@cache
def _restricted() -> Mapping[str, frozenset[tuple[str, str]]]:
    """Return the pairs of state and platform that are restricted on the day of each world."""
    rows = [row for row in read(Restriction).values() if row.technique != "calls_only"]
    return {
        world: frozenset(
            (row.state, row.platform) for row in rows if row.holds_on(load_world(world).day)
        )
        for world in WORLDS
    }


def _share(state: str, platform: str) -> float:
    """Return the share of a state's internet users who use a platform without restrictions [1].

    This is the figure from before the first block, if any; else that of the tables, unless the
    platform is restricted on their day, because orders reduce use; else the mean of foreign states
    without a restriction.
    """
    before = read(Before).get((state, platform))
    if before is not None:
        return float(before.value)
    elsewhere: float | None = None
    for world in WORLDS:
        facts = load_facts(world)
        shut = _restricted()[world]
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
    """Return the open pairs of each year, with whether an order came.

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
    """Return several sets of pairs as one."""
    return PairYears(*map(np.concatenate, zip(*(vars(one).values() for one in parts), strict=True)))


def open_pairs(states: tuple[str, ...], day: date, until: date) -> PairYears:
    """Return the pairs that are open on a day, with whether an order came from that day on.

    Parameters
    ----------
    states : tuple of str
        States whose freedom is known.
    day : datetime.date
    until : datetime.date
        Last day on which an order counts.
    """
    names = tuple(scored_platforms())
    freedom = freedom_of_states()
    launched = dates_of("launched")
    closed = dates_of("closed")
    talk = np.array([fact.kind in TALK for fact in scored_platforms().values()])
    unfreedom = np.array([1.0 - freedom[state] for state in states])
    share = shares(states)
    known = known_on(day)
    recent = precedents(day)
    text = day.isoformat()
    homes = [
        (owner_on(name, day) or ("", fact.home))[1] for name, fact in scored_platforms().items()
    ]
    there = np.array([launched[name] < text < closed.get(name, "9999") for name in names])
    shut = np.array([[name in known.standing.get(state, ()) for name in names] for state in states])
    own = np.array([[home == state for home in homes] for state in states])
    same = np.array([[a == b for b in homes] for a in homes], dtype=float)
    reasons = features(
        unfreedom,
        np.array([recent.get(name, 0.0) for name in names]),
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
    memory = read(OrderWeight)["memory"].value
    exposed = [
        [at_war(state, home, day, until + timedelta(days=1), memory) for home in homes]
        for state in states
    ]
    more += [np.array([[one[k] for one in row] for row in exposed]) for k in range(len(EXPOSURES))]
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
    """Return whether each state has an election in the year from a day on, a coup in the two years
    before, and a war in the year before [1].

    Early elections are included before they are called, so a gain from elections is an upper
    bound.
    """
    year = timedelta(days=365)

    def any_in(kind: str, state: str, first: date, last: date) -> bool:
        return any(first <= moment < last for moment in days_of(kind).get(state, ()))

    since = (day - year).isoformat()
    text = day.isoformat()
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


@cache
def fears() -> Mapping[tuple[str, str], float]:
    """Return the fear of the battle's first day, by state and the platform's name in the record."""
    from ..actors.agents import StatesAlone
    from ..actors.weighing import weigh
    from ..scenario import load

    model = StatesAlone(load("the_battle"), 1)
    facts = load_facts(DEFAULT_WORLD)
    situation = model.outlook.situation
    fear = weigh(model, as_if_open=True).fear
    at = {target.name: j for j, target in enumerate(situation.targets) if target.platform >= 0}
    names = {name: find_platform(name, facts) for name in scored_platforms()}
    return {
        (state, name): float(fear[i, at[found]])
        for i, state in enumerate(situation.states)
        for name, found in names.items()
        if found in at
    }


@cache
def drawable(scenario: str, last: date) -> frozenset[Restriction]:
    """Return the orders of the record, from the first day of a scenario to another day, that its
    states could draw: the platform is one of the run's, open and used there on the first day, and
    no earlier order stands.
    """
    from ..actors.agents import StatesAlone
    from ..actors.control import Control
    from ..scenario import load

    model = StatesAlone(load(scenario), 1)
    control = Control()
    list(control.act(model))
    s = model.outlook.situation
    names = [dated_name(model.setting.platform_facts[s.targets[j].name]) for j in control.at]
    is_open = {
        (state, name)
        for state, may in zip(s.states, control.may, strict=True)
        for name, is_in in zip(names, may, strict=True)
        if is_in
    }
    rows = orders_between(model.spec.start, last)

    def stands(row: Restriction) -> bool:
        before = date.fromisoformat(row.since) - timedelta(days=1)
        same = (one for one in rows if (one.state, one.platform) == (row.state, row.platform))
        return any(one.holds_on(before) for one in same)

    return frozenset(
        row for row in rows if (row.state, row.platform) in is_open and not stands(row)
    )


def draws_of_states(states: np.ndarray, draws: int = DRAWS, seed: int = 1) -> list[np.ndarray]:
    """Return the rows of each draw of states with replacement."""
    rng = np.random.default_rng(seed)
    names = np.unique(states)
    rows = {name: np.flatnonzero(states == name) for name in names}
    return [
        np.concatenate([rows[name] for name in rng.choice(names, len(names))]) for _ in range(draws)
    ]


@cache
def known_states() -> tuple[str, ...]:
    """Return all states with known freedom, whose orders set the weights."""
    return tuple(sorted(freedom_of_states()))


@cache
def training() -> PairYears:
    """Return the pairs that set the weights: all states, `TRAIN`."""
    return pair_years(known_states(), tuple(TRAIN))


def model_chance(pairs: PairYears) -> np.ndarray:
    """Return the chance that the model gives to each pair by the stored weights [1]."""
    table = {reason: row.value for reason, row in read(OrderWeight).items()}
    return chance_of_order(pairs.columns(REASONS).T, expected_packages(pairs, table))


def expected_packages(pairs: PairYears, table: Mapping[str, float]) -> np.ndarray:
    """Return the expected packages of orders of each pair, by the rates of a table (`PACKAGES`)
    [1], shape (pairs,).
    """
    return np.asarray(table["package"] * pairs.columns(EXPOSURES).sum(axis=1))


def held_out(reasons: Sequence[str] = REASONS, *, packages: bool = True) -> dict[str, float]:
    """Return the scores of deciding states in `TRAIN`, each with weights fitted without its own
    orders.

    Parameters
    ----------
    reasons : sequence of str
        The columns of the logistic regression.
    packages : bool
        Whether to include packages between states at war.
    """
    from splinternet_bench.orders import fit, scores

    chances = []
    pairs = [training().of([state]) for state in deciding_states()]
    for state, own in zip(deciding_states(), pairs, strict=True):
        others = training().only(training().states != state)
        chance = fit(others.columns(reasons), others.ordered).chance(own.columns(reasons))
        if packages:
            counted = {name: one.ratio for name, one in disputes_of(TRAIN, without=state).items()}
            hit = counted["included"] * expected_packages(own, counted)
            chance = 1.0 - (1.0 - chance) * np.exp(-hit)
        chances.append(chance)
    ordered = np.concatenate([own.ordered for own in pairs])
    return scores(np.concatenate(chances), ordered)._asdict()


def gains() -> dict[str, dict[str, float]]:
    """Return the gain in skill of each reason over the product of unfreedom and earlier blocks, on
    `TRAIN`, each state held out.

    ``all`` has every reason of the model, ``all but precedent`` all except one, ``all and war`` one
    more; ``all with packages`` adds the packages of orders between states at war. A gain above 0 is
    an improvement.
    """
    others = [name for name in (*REASONS, *CANDIDATES) if name != "precedent"]
    cases: dict[str, Sequence[str]] = {f"+ {name}": ("precedent", name) for name in others}
    cases |= {
        "all": REASONS,
        "all but precedent": [name for name in REASONS if name != "precedent"],
    }
    cases |= {f"all and {name}": (*REASONS, name) for name in CANDIDATES}
    cases["all with packages"] = REASONS
    plain = held_out(["precedent"], packages=False)
    found = {
        name: held_out(reasons, packages=name == "all with packages")
        for name, reasons in cases.items()
    }
    return {
        name: {
            "auc": scores["auc"] - plain["auc"],
            "brier": plain["brier"] - scores["brier"],
            "log_score": plain["log_score"] - scores["log_score"],
        }
        for name, scores in found.items()
    }


def fitted() -> dict[str, tuple[float, float]]:
    """Return the weight of each reason, fitted on `TRAIN`, with its standard error over draws of
    states.
    """
    from splinternet_bench.orders import fit

    pairs = training()
    columns = training().columns(REASONS)
    whole = fit(columns, pairs.ordered)
    near = times(TRAIN)
    drawn = [fit(columns[rows], pairs.ordered[rows]) for rows in draws_of_states(pairs.states)]
    spread = np.std([[one.constant, *one.weights] for one in drawn], axis=0)
    values = zip((whole.constant, *whole.weights.tolist()), spread.tolist(), strict=True)
    counted = near | disputes_of(TRAIN)
    of_counts = {
        kind: (rate.ratio, rate.ratio / (rate.observed + 1.0) ** 0.5)
        for kind, rate in counted.items()
    }
    # The spread of the longest time since a clash over samples as large as the number of packages.
    longest = counted["memory"].ratio
    of_counts["memory"] = longest, longest / (counted["package"].observed + 1.0)
    return dict(zip(("constant", *REASONS), values, strict=True)) | of_counts


def times(years: range) -> dict[str, Rate]:
    """Return the observed and expected days with orders near each kind of moment in some years."""
    return {kind: rate_of(kind, date(years[0], 1, 1), date(years[-1], 12, 31)) for kind in TIMES}


class Share(NamedTuple):
    """A count of cases, and of opportunities."""

    observed: int
    """Packages, or platforms in packages."""
    of: float
    """Years of two states at war or after a clash, or platforms that were open before a package."""

    @property
    def ratio(self) -> float:
        """Cases per opportunity [1/year or 1]."""
        return self.observed / self.of if self.of else 0.0


class Package(NamedTuple):
    """The orders of one day by a state against platforms of the other side."""

    age: int
    """Time since the war or the clash began [days]."""
    platforms: frozenset[str]


class Side(NamedTuple):
    """One state in a war, or after a clash, with a platform of the other side to restrict."""

    kind: str
    days: int
    """Duration [days]."""
    first: int
    """Time from the beginning of the war or clash to the first day of the count [days]."""
    theirs: frozenset[str]
    """Platforms of the other side that were open at the beginning."""
    packages: tuple[Package, ...]


def sides_of(years: range, without: str = "") -> list[Side]:
    """Return each state in each war or after each clash, and its packages of orders.

    Parameters
    ----------
    years : range
    without : str
        A state whose own acts are excluded.
    """
    first = date(years[0], 1, 1)
    last = date(years[-1], 12, 31)
    launched = dates_of("launched")
    made = [row for row in orders_between(first, last) if row.platform in scored_platforms()]
    found = []
    for war in (row for row in read(Dispute).values() if row.kind in ("war", "clash")):
        since = date.fromisoformat(war.since)
        begin = max(first, since)
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
            days: dict[str, set[str]] = defaultdict(set)
            for row in made:
                if row.state == state and begin.isoformat() <= row.since <= end.isoformat():
                    days[row.since] |= {row.platform} & theirs
            packages = tuple(
                Package((date.fromisoformat(day) - since).days, frozenset(names))
                for day, names in sorted(days.items())
                if names
            )
            found.append(
                Side(
                    war.kind, (end - begin).days, (begin - since).days, frozenset(theirs), packages
                )
            )
    return found


def disputes_of(years: range, without: str = "") -> dict[str, Share]:
    """Return counts of packages of orders at war or after a clash, the memory of clashes, and the
    platforms in packages.

    The memory is the longest time from a clash to a package. This is the most likely memory: a
    shorter one does not allow all packages.

    Parameters
    ----------
    years : range
    without : str
        A state whose own acts are excluded.
    """
    sides = sides_of(years, without)
    clashes = [side for side in sides if side.kind == "clash"]
    ages = [one.age for side in clashes for one in side.packages]
    memory = max(ages, default=365)
    years_of_war = sum(side.days for side in sides if side.kind == "war") / 365.25
    after_clashes = sum(remembered(one.first, one.first + one.days, memory) for one in clashes)
    struck = 0
    open_then = 0
    for side in sides:
        left = len(side.theirs)
        for one in side.packages:
            struck += len(one.platforms)
            open_then += left
            left -= len(one.platforms)
    return {
        "package": Share(sum(len(side.packages) for side in sides), years_of_war + after_clashes),
        "memory": Share(memory, 1.0),
        "included": Share(struck, float(open_then)),
    }


def after_obeying(last: date = date(TRAIN[-1], 12, 31)) -> Share:
    """Return the orders against platforms after they had obeyed a demand of the state
    (``answers.csv``), and the number expected from the reasons alone.

    Their ratio is the factor of obeying on the chance of an order. So few orders are expected that
    `control.obeyed` is a range and not fitted.
    """
    orders = 0
    expected = 0.0
    made = orders_between(date(TRAIN[0], 1, 1), last)
    for answer in read(ObservedAnswer).values():
        state = answer.series[:2].upper()
        name = "X" if answer.platform == "Twitter" else answer.platform
        day = answer.date
        if day is None or day > last or name not in scored_platforms():
            continue
        pairs = open_pairs((state,), day, last)
        chance = model_chance(pairs.only(pairs.platforms == name))
        expected += float((1.0 - (1.0 - chance) ** ((last - day).days / 365.25)).sum())
        orders += any(
            (row.state, row.platform) == (state, name) and row.since > day.isoformat()
            for row in made
        )
    return Share(orders, expected)


def weights_digest() -> str:
    """Return the digest of the stored weights, for the log of tests on `TEST`."""
    from hashlib import sha256

    text = ",".join(f"{row.reason}={row.value!r}" for row in read(OrderWeight).values())
    return sha256(text.encode()).hexdigest()[:12]


def weights_table() -> str:
    """Return the table of weights fitted to `TRAIN`, as CSV."""
    stored = read(OrderWeight)
    rows = [
        (reason, value, float(f"{error:.2g}"), stored[reason].source, stored[reason].basis)
        for reason, (value, error) in fitted().items()
    ]
    columns = ["reason", "value", "se", "source", "basis"]
    return csv_of(pd.DataFrame(rows, columns=columns), "%.6g")
