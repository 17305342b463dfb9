"""The situation in which states decide: data on states, and on all possible targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..decisions import Aim
from ..facts import load_facts
from ..facts.model import REST_OF_WORLD
from ..facts.relations import (
    INFRASTRUCTURE,
    SECTOR_OF_KIND,
    Relations,
    Territory,
    load_relations,
    votes_by_year,
)
from ..facts.tables import Quantity, read
from ..people.setting import Setting

DIASPORA_PARTS = ("messenger", "channel", "mixed", "feed")
"""Kinds of platform on which a diaspora talks with its home."""


@dataclass(frozen=True)
class Target:
    """A possible target of a state: a platform, or a firm in a sector of the infrastructure.

    Attributes
    ----------
    name : str
        Name of the platform, or of the firm.
    sector : str
        The sector in which it earns.
    home : int
        Number of the state whose law it answers to.
    platform : int
        Number of the platform; -1 for other firms.
    owner : str
        The firm.
    """

    name: str
    sector: str
    home: int
    platform: int
    owner: str

    @property
    def aim(self) -> Aim:
        """The target in the form for decisions: carriers, clouds and makers with their sector."""
        return Aim(self.name) if self.platform >= 0 else Aim(self.name, self.sector)

    @property
    def label(self) -> str:
        """The label of its aim."""
        return self.aim.label


@dataclass(frozen=True, eq=False)
class Situation:
    """The states and their possible targets, as arrays in the order of ``states`` and ``targets``.

    Attributes
    ----------
    states : tuple of str
    decides : numpy.ndarray of bool, shape (states,)
        Whether it is a state, not a territory, with a government and known relations.
    targets : tuple of Target
    users : numpy.ndarray, shape (states, targets)
        Share of internet users on the first day; for a firm that is not a platform, its market
        share [1].
    people, product, freedom : numpy.ndarray, shape (states,)
        Internet users [persons], gross domestic product [US$], freedom [1].
    alliance, trade : numpy.ndarray, shape (states, states)
        Strength of alliance [1]; share of the row state's trade that is with the column state [1].
    migrants : numpy.ndarray, shape (states, states)
        People born in the column state who live in the row state, per internet user of the row
        state [1].
    revenue : numpy.ndarray, shape (targets,)
        Earnings of each target [US$ bn a year].
    own_best : numpy.ndarray, shape (states, targets)
        Earnings of each state's largest firm in the target's sector [US$ bn a year].
    economy, technology : numpy.ndarray, shape (states, targets)
        Two of the three reasons; the third is the users.
    worth : numpy.ndarray, shape (targets,)
        Loss of a user without the target, relative to a messenger [1].
    talks : numpy.ndarray of bool, shape (targets,)
        Whether diasporas use the target to talk with their home.
    means : mapping of str to numpy.ndarray, shape (states,)
        ``filter``, ``lists`` and ``market`` [1].
    blocked : numpy.ndarray of bool, shape (states, targets)
        Targets that are blocked on the first day.
    votes : mapping of int to numpy.ndarray, shape (states,)
        Votes of each state in the United Nations by year, from
        `splinternet.facts.relations.votes_by_year`.
    """

    states: tuple[str, ...]
    decides: np.ndarray
    targets: tuple[Target, ...]
    users: np.ndarray
    people: np.ndarray
    product: np.ndarray
    freedom: np.ndarray
    alliance: np.ndarray
    trade: np.ndarray
    migrants: np.ndarray
    revenue: np.ndarray
    own_best: np.ndarray
    economy: np.ndarray
    technology: np.ndarray
    worth: np.ndarray
    talks: np.ndarray
    means: Mapping[str, np.ndarray]
    blocked: np.ndarray
    votes: Mapping[int, np.ndarray] = field(default_factory=dict)

    @cached_property
    def home(self) -> np.ndarray:
        """Number of the home state of each target, shape (targets,)."""
        return np.array([t.home for t in self.targets], dtype=np.int64)

    @property
    def likeness(self) -> np.ndarray:
        """Likeness of regimes [1], shape (states, states)."""
        return np.asarray(1.0 - np.abs(self.freedom[:, None] - self.freedom[None, :]))


def situation_of(setting: Setting) -> Situation:
    """Return the situation of a scenario's states on the first day."""
    relations = load_relations(setting.facts.name)
    states = setting.states
    targets = _targets(setting, relations)
    facts = [setting.state_facts[s] for s in states]
    people = np.array([setting.users[s] for s in states])
    users = np.array([[_users_share(setting, relations, s, t) for t in targets] for s in states])
    revenue, own_best = _earnings(relations, states, targets, (users * people[:, None]).sum(axis=0))
    # Loss of a user without each target, relative to a messenger; 0 for firms without users.
    kinds = [setting.platform_facts[t.name].kind if t.platform >= 0 else "" for t in targets]
    value = {k: setting.parameters[f"value.{k}"] for k in ("messenger", *filter(None, kinds))}
    blocked = {pair for pair, technique in setting.blocks.items() if technique != "calls_only"}
    unknown = setting.parameters["regimes.unknown_freedom"]
    per_user = [
        setting.facts.revenue.get(s, setting.facts.revenue[REST_OF_WORLD]).value for s in states
    ]
    market = weight_of_market(people, np.array(per_user), setting.parameters["targets.market_full"])
    nothing = np.zeros(len(states))

    def square(table: Mapping[tuple[str, str], Quantity]) -> np.ndarray:
        return np.array(
            [[table[a, b].value if (a, b) in table else 0.0 for b in states] for a in states]
        )

    return Situation(
        states=states,
        decides=np.array([s in relations.freedom and s not in read(Territory) for s in states]),
        targets=targets,
        users=users,
        people=people,
        product=np.array([f.population.value * f.gdp_per_head.value for f in facts]),
        freedom=np.array(
            [relations.freedom[s].value if s in relations.freedom else unknown for s in states]
        ),
        alliance=square(relations.alliance),
        trade=square(relations.trade),
        migrants=np.minimum(1.0, square(setting.facts.migrants) / people[:, None]),
        revenue=revenue,
        own_best=own_best,
        economy=contested(revenue, own_best),
        technology=_technology(setting, relations, targets, revenue),
        worth=np.array(
            [min(1.0, value[kind] / value["messenger"]) if kind else 0.0 for kind in kinds]
        ),
        talks=np.array([kind in DIASPORA_PARTS for kind in kinds]),
        means={
            name: np.array(
                [
                    relations.means[s, name].value if (s, name) in relations.means else otherwise
                    for s, otherwise in zip(states, other, strict=True)
                ]
            )
            for name, other in (("filter", nothing), ("lists", nothing), ("market", market))
        },
        blocked=np.array(
            [[t.platform >= 0 and (s, t.name) in blocked for t in targets] for s in states]
        ),
        votes=votes_by_year(states),
    )


def _earnings(
    relations: Relations, states: tuple[str, ...], targets: tuple[Target, ...], world: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the revenue of each target, and of each state's largest firm in its sector [US$ bn a
    year].

    ``world`` has the users of each target [persons].
    """
    # An owner's platforms share its sector by their users (assumption).
    revenue = np.zeros(len(targets))
    for j, target in enumerate(targets):
        firm = relations.firms.get(target.owner)
        if firm is not None and target.sector in firm.revenue:
            same = [
                k
                for k, t in enumerate(targets)
                if (t.owner, t.sector) == (target.owner, target.sector)
            ]
            together = float(world[same].sum())
            share = world[j] / together if together > 0 else 1.0 / len(same)
            revenue[j] = firm.revenue[target.sector].value * share
    best: dict[tuple[str, str], float] = {}
    for firm in relations.firms.values():
        for sector, earned in firm.revenue.items():
            best[firm.home, sector] = max(best.get((firm.home, sector), 0.0), earned.value)
    return revenue, np.array([[best.get((s, t.sector), 0.0) for t in targets] for s in states])


def _targets(setting: Setting, relations: Relations) -> tuple[Target, ...]:
    """Return every platform, then every firm in a sector of the infrastructure."""
    number = {s: i for i, s in enumerate(setting.states)}
    base = load_facts(setting.facts.name)
    targets = []
    for column, (name, fact) in enumerate(setting.platform_facts.items()):
        # The tables may have a firm under the name that it had before the first day.
        before = (base.whole or base).platforms.get(name)
        owner = fact.owner
        if owner not in relations.firms and before is not None and before.home == fact.home:
            owner = before.owner if before.owner in relations.firms else owner
        home = number.get(fact.home, number[REST_OF_WORLD])
        targets.append(Target(name, SECTOR_OF_KIND[fact.kind], home, column, owner))
    for firm in relations.firms.values():
        if firm.home in number:
            sectors = [sector for sector in firm.revenue if sector in INFRASTRUCTURE]
            targets += [
                Target(firm.name, sector, number[firm.home], -1, firm.name) for sector in sectors
            ]
    return tuple(targets)


def _users_share(setting: Setting, relations: Relations, state: str, target: Target) -> float:
    """Return the share of a state's people who use a platform, or the market share of a firm
    [1].
    """
    if target.platform < 0:
        held = relations.presence.get((target.name, target.sector, state))
        return held.value if held else 0.0
    figure: Any = setting.penetration.get(state, {}).get(target.name)
    if figure is None:
        fact = setting.facts.penetration.get((state, target.name))
        return fact.value if fact else 0.0
    if not isinstance(figure, Mapping):
        return float(figure)
    migrants = setting.facts.migrants
    total = setting.users[state]
    part = {o: migrants[state, o].value / total for o in figure if (state, o) in migrants}
    rest = figure.get("other", figure.get(state, 0.0))
    return float(
        sum(figure[o] * share for o, share in part.items())
        + rest * max(0.0, 1.0 - sum(part.values()))
    )


def _technology(
    setting: Setting, relations: Relations, targets: tuple[Target, ...], revenue: np.ndarray
) -> np.ndarray:
    """Return the fear of each target's technology by state [1], shape (states, targets)."""
    services, research = np.zeros((2, len(setting.states), len(targets)))
    spending = [
        (f.home, f.revenue, f.research.value) for f in relations.firms.values() if f.research
    ]
    for i, state in enumerate(setting.states):
        own_modes = [set(f.modes) for f in setting.platform_facts.values() if f.home == state]
        for j, target in enumerate(targets):
            if target.platform >= 0:
                modes = set(setting.platform_facts[target.name].modes)
                services[i, j] = max(
                    (len(modes & own) / len(modes) for own in own_modes), default=0.0
                )
            firm = relations.firms.get(target.owner)
            if firm and firm.research and firm.research.value > 0:
                spent = [
                    value
                    for home, sectors, value in spending
                    if home == state and target.sector in sectors
                ]
                research[i, j] = min(1.0, max(spent, default=0.0) / firm.research.value)
    return np.asarray(
        np.maximum(nearly_matched(services, revenue), nearly_matched(research, revenue))
    )


def weight_of_market(people: np.ndarray, per_user: np.ndarray, full: float) -> np.ndarray:
    """Return the importance of each state's market for firms [1], shape (states,).

    Parameters
    ----------
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    per_user : numpy.ndarray, shape (states,)
        Revenue of a platform for each of its users [US$ a year].
    full : float
        Share of the world revenue of platforms above which no firm can leave a market [1].
    """
    worth = people * per_user
    return np.asarray(np.minimum(1.0, worth / worth.sum() / full))


def contested(revenue: np.ndarray, own_best: np.ndarray) -> np.ndarray:
    """Return economic rivalry [1], shape (states, targets): revenue for which a state's best firm
    competes.

    On a logarithmic scale, since revenues span five orders of magnitude; 1 for the largest contest
    of all.

    Parameters
    ----------
    revenue : numpy.ndarray, shape (targets,)
        Revenue of each target [US$ bn a year].
    own_best : numpy.ndarray, shape (states, targets)
        Revenue of the state's largest firm in the target's sector [US$ bn a year].
    """
    return _relative_log(np.minimum(revenue[None, :], own_best))


def nearly_matched(match: np.ndarray, revenue: np.ndarray) -> np.ndarray:
    """Return the fear of technology that a state's own firms nearly match [1], shape (states,
    targets).

    A technology that the state's firms match is not a threat, and a technology in which they have
    no stake is only bought; fear is greatest half way (4 m (1 - m), an assumption). The weight of a
    technology is that of its firm in the world, on a log scale.

    Parameters
    ----------
    match : numpy.ndarray, shape (states, targets)
        Degree to which a state's best firm matches the target's, 0 to 1.
    revenue : numpy.ndarray, shape (targets,)
        Revenue of each target [US$ bn a year].
    """
    m = np.clip(match, 0.0, 1.0)
    return np.asarray(4.0 * m * (1.0 - m) * _relative_log(revenue))


def _relative_log(amounts: np.ndarray) -> np.ndarray:
    """Return amounts on a logarithmic scale, 1 for the largest."""
    logs = np.log1p(amounts)
    return np.asarray(logs / (float(logs.max(initial=0.0)) or 1.0))
