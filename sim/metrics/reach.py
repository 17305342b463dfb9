"""Reach: the people and services that each state still reaches, over which routes, and with how much effort."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sim.metrics.registry import metric

if TYPE_CHECKING:
    from sim.metrics.arm_day import ArmDay

LIKE_HALF = 0.5
"""A service works for the median person where it works for at least half of the people."""


def mean_abroad(values: np.ndarray, weight: np.ndarray, *, nobody: float = 1.0) -> np.ndarray:
    """Return the weighted mean of each row over the other states, shape (states,).

    Parameters
    ----------
    values, weight : numpy.ndarray, shape (states, states)
    nobody : float
        What stands where no other state has a weight.
    """
    weight = np.where(np.eye(len(values), dtype=bool), 0.0, weight)
    total = weight.sum(axis=1)
    return np.asarray(
        np.divide((values * weight).sum(axis=1), total, out=np.full(len(values), nobody), where=total > 0)
    )


def meeting_share(
    usable: np.ndarray, holders: np.ndarray, reach: np.ndarray, people: np.ndarray, social: np.ndarray
) -> np.ndarray:
    """Return the share of the people abroad whom a person of each state can reach on a platform, shape (states,).

    People of two states meet on the one platform that joins most of them: its share of users at the other end, times
    the share of it that works at this end. How the users of several platforms overlap is not known between states, so
    the figure is a lower bound.

    Parameters
    ----------
    usable : numpy.ndarray, shape (states, platforms)
        Share of each platform that a person of the state gets without effort [1].
    holders : numpy.ndarray, shape (states, platforms)
        People who hold each platform and reach it [persons].
    reach : numpy.ndarray, shape (states, states)
        Share of the pairs of people with a route [1].
    people : numpy.ndarray, shape (states,)
        Internet users [persons].
    social : numpy.ndarray of bool, shape (platforms,)
        Whether people meet on each platform.
    """
    share = np.divide(holders, people[:, None], out=np.zeros_like(holders), where=people[:, None] > 0)
    share = np.minimum(share, 1.0)[:, social]
    joined = (usable[:, None, social] * share[None, :, :]).max(axis=2, initial=0.0)
    return mean_abroad(joined * reach, np.broadcast_to(people, reach.shape), nobody=0.0)


def services_left(works: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Return the share of services that works, by state, shape (states,); NaN where nothing is used.

    Parameters
    ----------
    works : numpy.ndarray, shape (states, platforms)
        How much of each platform works [1].
    weight : numpy.ndarray, shape (platforms,) or (states, platforms)
        What each platform counts, such as its users.
    """
    total = np.broadcast_to(weight, works.shape).sum(axis=1)
    return np.asarray(np.divide((works * weight).sum(axis=1), total, out=np.full(len(works), np.nan), where=total > 0))


def open_share(
    part: np.ndarray, reach: np.ndarray, modes: np.ndarray, speed: np.ndarray, install: np.ndarray
) -> np.ndarray:
    """Return the share of the world's platforms, by value, that a person can use without effort, shape (states,).

    Without effort means: without a VPN or another workaround, at full speed, from the store of one's phone. A platform
    that is slowed counts for the speed that is left, one off the stores for those whose phone still gets it there.

    Parameters
    ----------
    part : numpy.ndarray, shape (platforms,)
        Each platform's part in the value of all [share].
    reach : numpy.ndarray, shape (states, platforms, modes)
        Share of the state's people whom each mode reaches directly.
    modes : numpy.ndarray, shape (platforms, modes)
        Weight of each mode in the platform's value, summing to 1.
    speed, install : numpy.ndarray, shape (states, platforms)
        Speed left, and share of phones that can install it.
    """
    reached = (reach * modes[None, :, :]).sum(axis=2)
    return np.asarray((reached * speed * install * part[None, :]).sum(axis=1))


@metric("Pairs of states that reach each other", "pairs", (), form="index", follows="routes")
def state_pairs_in_reach(arm: ArmDay) -> float:
    """Pairs of states of the run with a route to each other; a pair of which some people have none counts in part."""
    return float(arm.routes_reach[np.triu_indices(len(arm.routes_reach), 1)].sum())


@metric("Have a route to people abroad", "share", ("state",), form="share", follows="routes")
def reach_abroad(arm: ArmDay) -> np.ndarray:
    """Share of the people in the other states of the run to whom a person in the state has a route over the
    carriers.
    """
    return mean_abroad(arm.routes_reach, np.broadcast_to(arm.internet_users, arm.routes_reach.shape))


@metric("Length of routes abroad, first day 1", "ratio", ("state",), form="index", follows="routes")
def route_length(arm: ArmDay) -> np.ndarray:
    """Mean number of carriers on the routes from the state to people abroad that are left, against the first day."""
    stretch = np.broadcast_to(arm.on_routes(lambda routes: routes.stretch), arm.routes_reach.shape)
    return mean_abroad(stretch, arm.routes_reach * arm.internet_users, nobody=np.nan)


@metric("Services of the world that work", "share", ("state",), form="share", follows="access")
def services_usable(arm: ArmDay) -> np.ndarray:
    """Share of the services of the world, each counted by its users in all states, that a person in the state can use
    directly, at full speed and from the phone's store.
    """
    return services_left(arm.usable, arm.world_users)


@metric("Own services that work", "share", ("state",), form="share", follows="access")
def median_services(arm: ArmDay) -> np.ndarray:
    """Share of the services of the first day, each counted by its users in the state, that still work for the median
    person there: a mode that reaches fewer than half of the people does not, a slow service counts in part.
    """
    access, modes = arm.access, arm.setting.has_modes
    works = ((access.reach >= LIKE_HALF) & (modes > 0)).sum(axis=2) / np.maximum(modes.sum(axis=1), 1)
    return services_left(works * access.speed, arm.first_users)


@metric("People abroad met on one platform", "share", ("state",), form="share", follows="people")
def people_within_reach(arm: ArmDay) -> np.ndarray:
    """Share of the people in the other states of the run who use the one messenger or network that joins most of them
    to a person in the state, where it works at both ends and a route joins them; a lower bound.
    """
    return meeting_share(arm.usable, arm.members, arm.routes_reach, arm.internet_users, arm.social)


@metric("Reach each other over the carriers", "share", ("state", "partner"), form="share", follows="routes")
def reachable_pairs(arm: ArmDay) -> np.ndarray:
    """Share of the pairs of people, one in each state, who are on a network and whose carriers have a valley-free route
    to each other.
    """
    return arm.routes_reach


@metric("Length of routes against the first day", "ratio", ("state", "partner"), form="index", follows="routes")
def path_stretch(arm: ArmDay) -> np.ndarray | float:
    """Mean number of carriers on a route against the first day, over the pairs of people with a route on both days."""
    return arm.on_routes(lambda routes: routes.stretch)


@metric("Reach each other at home", "share", ("state",), form="share", follows="routes")
def domestic_reach(arm: ArmDay) -> np.ndarray:
    """Share of the pairs of people in a state who are on a network and reach each other over the carriers."""
    return np.diag(arm.routes_reach)


@metric("Capacity left at the border", "share", ("state",), form="share", follows="routes")
def border_capacity(arm: ArmDay) -> np.ndarray | float:
    """Capacity of a state's links abroad that is left, against the first day."""
    return arm.on_routes(lambda routes: routes.capacity_left)


@metric("Load at the border", "ratio", ("state",), form="index", follows="routes")
def border_load(arm: ArmDay) -> np.ndarray | float:
    """Traffic per capacity at a state's border, against the first day."""
    return arm.on_routes(lambda routes: routes.load)


@metric(
    "Platforms of the world that a person can use without effort", "share", ("state",), form="share", follows="access"
)
def openness(arm: ArmDay) -> np.ndarray:
    """Share of the world's platforms, by value, that a person in the state can use directly, at full speed and from the
    phone's store.
    """
    return open_share(arm.value_share, arm.access.reach, arm.mode_weights, arm.access.speed, arm.installable)
