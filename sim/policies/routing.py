"""The cuts of policies on the carrier graph, and the effect of the remaining routes on access.

A platform is served from its home and from the homes of the clouds it runs on. People without a route to any of them
cannot use it; a VPN in a third state helps if there are routes to that state and from there to the platform. Detours
and crowded borders slow the traffic on them. A VPN is a detour itself, so it makes nothing faster.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.cut import NOTHING, Cut
from sim.facts.network import ASSUMPTIONS, load_network
from sim.people.access import felt_speed
from sim.policies.docket import Docket
from sim.policies.instrument import load

if TYPE_CHECKING:
    from sim.network import Coupling
    from sim.network.traffic import Floats
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

type Seats = tuple[tuple[str, tuple[str, ...]], ...]


def cuts_of(docket: Docket, setting: Setting) -> Cut:
    """Return all that is cut on the carrier graph by what is in force."""
    cuts = (load(policy.instrument).cut(policy, days, setting) for policy, days in docket.in_force)
    return reduce(Cut.__or__, (cut for cut in cuts if cut != NOTHING), NOTHING)


def routes_under(cut: Cut, setting: Setting) -> Coupling | None:
    """Return which state reaches which under a cut, and how well; None where nothing is cut."""
    if cut == NOTHING:
        return None
    assumption = ASSUMPTIONS[int(setting.parameters["routes.chinese_peers"] >= 0.5)]
    return _routes(cut, setting.facts.name, assumption, tuple(setting.facts.states))


@lru_cache(maxsize=256)
def _routes(cut: Cut, facts: str, assumption: str, states: tuple[str, ...]) -> Coupling:
    from sim.network import coupling, shipped
    from sim.network.cuts import check_states

    graph = shipped(facts, assumption, states)
    check_states(cut, graph)
    return coupling(graph, cut, states)


class Limits(NamedTuple):
    """What routes leave of each platform at best, for G states and P platforms, (G, P) each [1].

    Attributes
    ----------
    reach, speed : numpy.ndarray
        Share of a state's people with a route to where a platform is served from, and the speed that they notice.
    dark : numpy.ndarray
        Share without a route by way of any third state either.
    """

    reach: Floats
    speed: Floats
    dark: Floats


def apply_routes(routes: Coupling, table: AccessTable, setting: Setting) -> None:
    """Let the access table read the routes (in place); the stricter of what it says and what they allow counts."""
    n = len(routes.states)  # a state that a scenario adds has no carriers in the tables, and keeps its routes
    q = setting.parameters
    felt = (q["routes.stretch_exponent"], q["routes.headroom"], q["choice.speed_unnoticed"])
    limits = _limits(routes, setting.seats, setting.facts.name, *felt)
    np.minimum(table.reach[:n], limits.reach[:, :, None], out=table.reach[:n])
    for column in (table.speed, table.vpn_speed):
        np.minimum(column[:n], limits.speed, out=column[:n])
    np.maximum(table.dark[:n], limits.dark, out=table.dark[:n])


@lru_cache(maxsize=64)
def _limits(
    routes: Coupling, seats: Seats, facts: str, stretch_exponent: float, headroom: float, unnoticed: float
) -> Limits:
    """Work out the limits; they stay the same until something else is cut, or a platform moves."""
    with np.errstate(divide="ignore"):
        crowded = np.minimum(1.0, headroom / routes.load)
    speed = routes.stretch**-stretch_exponent * np.minimum.outer(crowded, crowded)
    np.fill_diagonal(speed, np.diag(routes.stretch) ** -stretch_exponent)
    speed = felt_speed(speed, unnoticed)
    found = Limits(*np.ones((3, len(routes.states), len(seats))))
    rows = np.arange(len(routes.states))
    for p, serving in enumerate(_served_from(seats, facts, routes.states)):
        reach, fast = routes.reach[:, serving], speed[:, serving]
        best = reach.argmax(axis=1)
        found.reach[:, p], found.speed[:, p] = reach[rows, best], fast[rows, best]
        # A VPN is an exit in some third state: two legs, of which each needs a route.
        legs = np.minimum(routes.reach, reach.max(axis=1)[None, :]).max(axis=1)
        found.dark[:, p] = 1.0 - legs
    return found


def _served_from(seats: Seats, facts: str, states: tuple[str, ...]) -> list[list[int]]:
    """Return, for each platform, the numbers of the states that it is served from."""
    clouds = load_network(facts).clouds
    found = []
    for home, hosting in seats:
        homes = [home] + [clouds[host].home for host in hosting if host in clouds]
        found.append(
            [states.index(code) for code in dict.fromkeys(homes) if code in states] or list(range(len(states)))
        )
    return found
