"""Metrics of states: silenced voices, restrictions and their likeness, states that follow others,
and groups of states that share an internet.

Connectivity lost is the common measure of all runs, for users, platforms and states, and in hours
of a blackout. The three parts follow the three questions of the literature on fragmentation: do
people reach each other, do services reach people, are networks of states open to each other
(docs/metrics.md maps them to terms of the literature). Each part is compared with the loss in one
hour of a total shutdown of the state in the same world.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..actors import statecraft
from ..decisions import Decision, Dissolve, Grew, Leave, Lift, TakeOffice
from .family import share
from .registry import LOSSES, metric

if TYPE_CHECKING:
    from .arm_day import ArmDay

BLOCKED = 0.5
"""A platform counts as blocked if at most this share of the people can use it without effort
[1].
"""
OF_PLATFORMS = ("platforms", "scenario")
"""Sources of platforms' answers, decided or set by the scenario, which are not policies of
states.
"""
ENDS = (Lift, Leave, Dissolve)
"""Acts that end a policy or a membership."""


def alignment(blocked: np.ndarray) -> np.ndarray:
    """Return the similarity of two states' blocks (Jaccard), shape (states, states); NaN if neither
    blocks anything.

    After Merrill & Weber 2020, https://doi.org/10.5210/fm.v26i1.11415.

    Parameters
    ----------
    blocked : numpy.ndarray of bool, shape (states, platforms)
    """
    both = blocked.astype(float) @ blocked.astype(float).T
    count = np.diag(both)
    either = count[:, None] + count[None, :] - both
    return np.asarray(np.divide(both, either, out=np.full_like(both, np.nan), where=either > 0))


def causes(decisions: list[Decision]) -> dict[str, str]:
    """Return the id of each policy -> that of the policy that it answers or copies; empty for a
    first one.

    Acts that end something do not count as causes. Neither do new governments or growing firms: a
    policy that responds to them is a first one. State, target and day identify a decision without a
    policy.
    """
    world = {d.id for d in decisions if isinstance(d.act, Grew | TakeOffice)}
    return {
        d.id: "" if d.cause in world or d.rests_on_fact else d.cause
        for d in decisions
        if not (d.behaviour in OF_PLATFORMS or isinstance(d.act, ENDS) or d.id in world)
    }


def cascades(causes: dict[str, str]) -> dict[str, tuple[int, int]]:
    """Return the size and the depth of each cascade, by the policy that began it.

    Parameters
    ----------
    causes : dict of str to str
        From `causes`.

    Returns
    -------
    dict of str to (int, int)
        Number of policies that follow, and length of their longest chain; (0, 0) if nobody
        followed.
    """
    begun: dict[str, tuple[int, int]] = {}
    for policy in causes:
        depth = 0
        at = policy
        seen = {policy}
        while causes.get(at, "") and causes[at] not in seen:
            at = causes[at]
            seen.add(at)
            depth += 1
        followers, longest = begun.get(at, (0, 0))
        begun[at] = followers + (depth > 0), max(longest, depth)
    return begun


def cascades_by_state(arm: ArmDay) -> np.ndarray:
    """Return the number of policies that follow those that each state began, and the longest chain,
    shape (2, states).
    """
    began = {policy.id: policy.by[0] for policy in arm.policies}
    began |= {
        d.id: d.who for d in arm.decisions if d.policy is None and d.behaviour not in OF_PLATFORMS
    }
    found = np.zeros((2, len(arm.states)))
    for root, (followers, longest) in cascades(causes(arm.decisions)).items():
        if root in began:
            i = arm.states.index(began[root])
            found[:, i] = found[0, i] + followers, max(found[1, i], longest)
    return found


@metric(
    "Accounts and content silenced",
    "share",
    ("state", "platform"),
    form="share",
    follows="people",
    better="less",
)
def voice_silenced(arm: ArmDay) -> np.ndarray:
    """Share of accounts and content that the platform hides from the state's people, by removal and
    by obedience to demands.
    """
    return arm.access.silenced


@metric("Accounts silenced", "persons", ("state",), follows="people", better="less")
def accounts_silenced(arm: ArmDay) -> np.ndarray:
    """Number of monthly users whose accounts are silenced, summed over all platforms, if each
    platform silences the same share of its users as of its content.
    """
    return np.asarray((arm.access.silenced * arm.members).sum(axis=1))


@metric(
    "Platforms that people get less of than on the first day",
    "platforms",
    ("state",),
    form="index",
    follows="access",
    better="less",
)
def platforms_restricted(arm: ArmDay) -> np.ndarray:
    """Number of platforms that are restricted in the state: compared with the first day they reach
    fewer people, work more slowly, or are missing from app stores.
    """
    return (arm.usable < arm.first_usable)[:, arm.world_users > 0].sum(axis=1).astype(float)


@metric(
    "Likeness of what two states block",
    "share",
    ("state", "partner"),
    form="share",
    follows="access",
)
def blocking_alignment(arm: ArmDay) -> np.ndarray:
    """Similarity of what two states block for most of their people: platforms that both block,
    divided by those that at least one blocks (Jaccard index).
    """
    return alignment((arm.usable <= BLOCKED)[:, arm.world_users > 0])


@metric(
    "Policies that followed from those the state began",
    "policies",
    ("state",),
    kind="total",
    form="index",
    better="less",
)
def cascade_size(arm: ArmDay) -> np.ndarray:
    """Number of policies, decided by behaviours, that answer or copy a policy that the state began,
    directly or through other policies.
    """
    return cascades_by_state(arm)[0]


@metric(
    "Longest chain of policies that the state began",
    "policies",
    ("state",),
    kind="total",
    form="index",
    better="less",
)
def cascade_depth(arm: ArmDay) -> np.ndarray:
    """Length of the longest chain of policies in which each policy answers or copies the previous
    one; 0 if no state followed.
    """
    return cascades_by_state(arm)[1]


@metric("Effective number of internets", "internets", (), form="index", follows="access")
def effective_internets(arm: ArmDay) -> float:
    """Number of equally large, separate internets that would be as divided as the blocs of states.
    It is 1 / the sum of the squared shares of internet users in each bloc: 1 for one Internet, k
    for k blocs of equal size.
    """
    return statecraft.effective_internets(arm.bloc, arm.internet_users)


@metric(
    "Effective number of internets, without a threshold",
    "internets",
    (),
    form="index",
    follows="access",
)
def internets_by_likeness(arm: ArmDay) -> float:
    """The inverse of the mean likeness of access between two internet users drawn at random
    (Leinster & Cobbold 2012).
    """
    return statecraft.internets_by_likeness(arm.likeness, arm.internet_users)


@metric(
    "Bloc of the state", "number of its first member", ("state",), form="index", follows="access"
)
def bloc(arm: ArmDay) -> np.ndarray:
    """Bloc of a state: states whose access to platforms is alike on average (average linkage) have
    the same number.
    """
    return arm.bloc.astype(float)


@metric(
    "Likeness of access between two states",
    "share",
    ("state", "partner"),
    form="share",
    follows="access",
)
def access_likeness(arm: ArmDay) -> np.ndarray:
    """Share of platforms that people in both of two states can use without effort, among those
    usable in at least one; weighted by users.
    """
    return arm.likeness


# --- connectivity lost ----------------------------------------------------------------------------

HOURS = 24
"""Hours of a day."""


def lost(baseline: np.ndarray, policy: np.ndarray, whole: np.ndarray | None = None) -> np.ndarray:
    """Return the loss due to the policies, as a share of a whole [1]; a gain is negative, NaN where
    the whole is 0.

    Parameters
    ----------
    baseline, policy : numpy.ndarray
        Values without and with the policies, in the same shape [any unit].
    whole : numpy.ndarray, optional
        By default the baseline.
    """
    return share(baseline - policy, baseline if whole is None else whole)


def states_lost(arm: ArmDay) -> np.ndarray:
    """Return the lost share of each state's connection with other states, (states,) [1]."""
    now = arm.connected
    return lost(now if arm.connected_before is None else arm.connected_before, now)


@metric(
    "Connectivity that users lose",
    "days",
    ("state",),
    follows="people",
    running=True,
    error="contact",
)
def connectivity_lost_users(arm: ArmDay) -> np.ndarray:
    """Average number of days so far on which people could not reach their family abroad by app. The
    average is over the state's people who could reach it without the policies.
    """
    return share(arm.by_state(arm.lost_so_far.days), arm.by_state(arm.lost_so_far.had))


@metric(
    "Connectivity that platforms lose",
    "share",
    ("state",),
    form="share",
    follows="people",
    averaged=True,
    error="kept",
    every="week",
)
def connectivity_lost_platforms(arm: ArmDay) -> np.ndarray:
    """Share of cross-border minutes that is lost and not regained on other foreign platforms.
    Cross-border minutes are those of the state's people on foreign platforms, and of people
    elsewhere on the state's platforms.
    """
    return lost(*arm.minutes_across)


@metric(
    "Connectivity that states lose",
    "share",
    ("state",),
    form="share",
    follows="people",
    averaged=True,
)
def connectivity_lost_states(arm: ArmDay) -> np.ndarray:
    """Loss of connection between the state and the rest of the world, as a share of the baseline.
    Connection is the likeness of access, times the share of pairs of people with a route. Other
    states are weighted by their people.
    """
    return states_lost(arm)


@metric(
    "Blackout hours",
    "hours a day",
    ("state", "loss"),
    follows="people",
    error="hours",
    every="week",
)
def blackout_hours(arm: ArmDay) -> np.ndarray:
    """Hours of a total shutdown of the state that would cost as much connectivity in the same
    world, separately for the losses of users, platforms and states.

    A total shutdown cuts the state's people off every platform: they have no channel to their
    family, spend no minutes on foreign platforms, and share nothing with other states.
    """
    before = arm.minutes_by_first_home_before
    hour = before.sum(axis=1) - np.diag(
        before
    )  # loss by a shutdown: other states keep this state's platforms
    by_loss = {
        "users": share(arm.by_state(arm.contact.without), arm.by_state(arm.contact.members)),
        "platforms": lost(*arm.minutes_across, hour),
        "states": states_lost(arm),
    }
    return HOURS * np.column_stack([by_loss[name] for name in LOSSES])
