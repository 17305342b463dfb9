"""Reach: the people and services that each state still reaches, the routes, and the effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .family import share
from .registry import mean_abroad, metric

if TYPE_CHECKING:
    from .arm_day import ArmDay

LIKE_HALF = 0.5
"""Share of people for whom a service must work to count as working for the median person."""


def services_left(works: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the share of services that work, by state, shape (states,); NaN if the state uses
    none.

    Parameters
    ----------
    works : numpy.ndarray, shape (states, platforms)
        Working share of each platform [1].
    weight : numpy.ndarray, shape (platforms,) or (states, platforms)
        Weight of each platform, such as its users.
    """
    return share((works * weight).sum(axis=1), np.broadcast_to(weight, works.shape).sum(axis=1))


@metric(
    "Pairs of states that reach each other",
    "pairs",
    (),
    form="index",
    follows="routes",
    better="more",
)
def state_pairs_in_reach(arm: ArmDay) -> float:
    """Pairs of states in the run with a route to each other. A pair counts in part if some of its
    people have no route.
    """
    return float(arm.routes_reach[np.triu_indices(len(arm.routes_reach), 1)].sum())


@metric(
    "Have a route to people abroad",
    "share",
    ("state",),
    form="share",
    follows="routes",
    better="more",
)
def reach_abroad(arm: ArmDay) -> np.ndarray:
    """Share of the people in the other states of the run whom a person in the state can reach over
    the routes of carriers.
    """
    return mean_abroad(
        arm.routes_reach, np.broadcast_to(arm.internet_users, arm.routes_reach.shape)
    )


@metric(
    "Length of routes abroad, first day 1",
    "ratio",
    ("state",),
    form="index",
    follows="routes",
    better="less",
)
def route_length(arm: ArmDay) -> np.ndarray:
    """Mean number of carriers on the remaining routes from the state to people abroad, relative to
    the first day.
    """
    stretch = np.broadcast_to(arm.on_routes(lambda routes: routes.stretch), arm.routes_reach.shape)
    return mean_abroad(stretch, arm.routes_reach * arm.internet_users, nobody=np.nan)


@metric(
    "Services of the world that work",
    "share",
    ("state",),
    form="share",
    follows="access",
    better="more",
)
def services_usable(arm: ArmDay) -> np.ndarray:
    """Share of the world's services that a person in the state can use directly, at full speed and
    from the phone's store. Each service is weighted by its users in all states.
    """
    return services_left(arm.usable, arm.world_users)


@metric(
    "Services in use that work", "share", ("state",), form="share", follows="access", better="more"
)
def median_services(arm: ArmDay) -> np.ndarray:
    """Share of the services of the first day that still work for the median person in the state,
    each weighted by its users there. A mode of a service does not count if it reaches fewer than
    half of the people. A slow service, or one that removes content, counts in part.
    """
    access = arm.access
    modes = arm.setting.has_modes
    works = ((access.reach >= LIKE_HALF) & (modes > 0)).sum(axis=2) / np.maximum(
        modes.sum(axis=1), 1
    )
    return services_left(works * access.speed * (1.0 - access.silenced), arm.first_users)


@metric(
    "People abroad on a shared platform",
    "share",
    ("state",),
    form="share",
    follows="people",
    better="more",
    every="week",
)
def people_within_reach(arm: ArmDay) -> np.ndarray:
    """Share of people in the other states whom a person in the state can reach on one messenger or
    social network, the one that reaches most of them. The platform must work at both ends and a
    route must exist. The share is a lower bound.

    People of two states meet on one platform: its share of users at the other end, times the share
    of it that works at this end.
    """
    people = arm.internet_users
    users = np.divide(
        arm.members, people[:, None], out=np.zeros_like(arm.members), where=people[:, None] > 0
    )
    users = np.minimum(users, 1.0)[:, arm.social]
    # The overlap of users of several platforms between states is unknown, so only the best one
    # counts.
    usable = arm.usable[:, arm.social]
    joined = (usable.T[:, :, None] * users.T[:, None, :]).max(axis=0, initial=0.0)
    return mean_abroad(joined * arm.routes_reach, np.broadcast_to(people, joined.shape), nobody=0.0)


@metric(
    "Reach each other over the carriers",
    "share",
    ("state", "partner"),
    form="share",
    follows="routes",
    better="more",
)
def reachable_pairs(arm: ArmDay) -> np.ndarray:
    """Share of pairs of people, one in each of two states, who are online and whose carriers have a
    valley-free route to each other.
    """
    return arm.routes_reach


@metric(
    "Length of routes against the first day",
    "ratio",
    ("state", "partner"),
    form="index",
    follows="routes",
    better="less",
)
def path_stretch(arm: ArmDay) -> np.ndarray | float:
    """Mean number of carriers on a route, relative to the first day, over the pairs of people with
    a route on both days.
    """
    return arm.on_routes(lambda routes: routes.stretch)


@metric(
    "Reach each other at home", "share", ("state",), form="share", follows="routes", better="more"
)
def domestic_reach(arm: ArmDay) -> np.ndarray:
    """Share of the pairs of people in a state who are connected to a network and can reach each
    other over the routes of carriers.
    """
    return np.diag(arm.routes_reach)


@metric(
    "Capacity left at the border",
    "share",
    ("state",),
    form="share",
    follows="routes",
    better="more",
)
def border_capacity(arm: ArmDay) -> np.ndarray | float:
    """Remaining capacity of a state's links abroad, as a share of that on the first day."""
    return arm.on_routes(lambda routes: routes.capacity_left)


@metric("Load at the border", "ratio", ("state",), form="index", follows="routes", better="less")
def border_load(arm: ArmDay) -> np.ndarray | float:
    """Ratio of traffic to capacity at a state's border, relative to the first day."""
    return arm.on_routes(lambda routes: routes.load)


@metric(
    "Platforms of the world that a person can use without effort",
    "share",
    ("state",),
    form="share",
    follows="access",
    better="more",
)
def openness(arm: ArmDay) -> np.ndarray:
    """Share of the world's platforms that a person in the state can use directly, at full speed and
    from the phone's store, each weighted by its value.

    A slowed platform counts by the remaining speed, a removed app by the phones that can still
    install it.
    """
    return np.asarray((arm.usable_by_weight * arm.value_share).sum(axis=1))
