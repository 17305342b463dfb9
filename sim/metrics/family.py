"""Contact with family abroad: losses, their duration, and ways of return."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .registry import CONTACT_STEPS, metric

if TYPE_CHECKING:
    from .arm_day import ArmDay

WINDOW = 90
"""Final period of a run in which a severed tie has no channel on any day [days]."""


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return part / whole [share], in their broadcast shape; NaN where the whole is 0."""
    return np.asarray(part / np.where(whole > 0, whole, np.nan))


def median_duration(duration: np.ndarray, ended: np.ndarray) -> float:
    """Return the Kaplan-Meier median of durations, some of which have not ended.

    Parameters
    ----------
    duration : numpy.ndarray, shape (spells,)
        Duration of each spell, so far or to its end [days].
    ended : numpy.ndarray of bool, shape (spells,)
        False for a spell that was still in progress when last observed.

    Returns
    -------
    float
        First duration by which at least half have ended; NaN if fewer than half are known to end
        [days].
    """
    survival = 1.0
    for days in np.unique(duration[ended]):
        at_risk = np.count_nonzero(duration >= days)
        survival *= 1.0 - np.count_nonzero((duration == days) & ended) / at_risk
        if survival <= 0.5:
            return float(days)
    return float("nan")


@metric(
    "What people keep of their family abroad",
    "share",
    ("group", "step"),
    form="share",
    follows="people",
    running=True,
    error="contact",
    written="first",
)
def contact_by_step(arm: ArmDay) -> np.ndarray:
    """Shares of a group's people who keep an app to relatives abroad, who can only telephone or
    text, and who can do neither. It counts only people who would have an app without the policies.
    Each person counts at the worst of these steps so far. The three shares add up to 1.
    """
    return share(by_step(arm), arm.lost_so_far.had[:, None])


@metric(
    "People by what they keep of their family abroad",
    "persons",
    ("group", "step"),
    follows="people",
    running=True,
    error="contact",
)
def contact_by_step_people(arm: ArmDay) -> np.ndarray:
    """The number of people behind `contact_by_step`. A diaspora group counts people of the
    diaspora, and a family group counts their families.
    """
    return by_step(arm) * arm.weight[:, None]


def by_step(arm: ArmDay) -> np.ndarray:
    """Return the simulated people at each step of contact so far, shape (groups, steps)."""
    so_far = arm.lost_so_far
    at = {
        "app": so_far.had - so_far.ever,
        "telephone": so_far.ever - so_far.cut_off,
        "cut_off": so_far.cut_off,
    }
    return np.column_stack([at[step] for step in CONTACT_STEPS])


@metric(
    "Ever lost every platform channel to their family",
    "share",
    ("group",),
    form="share",
    follows="people",
    running=True,
    better="less",
    error="contact",
    headline=2,
    written="first",
)
def family_contact_ever_lost(arm: ArmDay) -> np.ndarray:
    """Share of a group's people who so far could reach no relative abroad by app on at least one
    day. It counts only people who could without the policies.
    """
    return share(arm.lost_so_far.ever, arm.lost_so_far.had)


@metric(
    "Lost every platform channel for 7 days or more",
    "share",
    ("group",),
    form="share",
    follows="people",
    running=True,
    better="less",
    error="contact",
    written="soon",
)
def family_contact_lost_7d(arm: ArmDay) -> np.ndarray:
    """Share of a group's people who so far could reach no relative abroad by app for 7 days in a
    row. It counts only people who could without the policies.
    """
    return share(arm.lost_so_far.week, arm.lost_so_far.had)


@metric(
    "Lost every platform channel for 30 days or more",
    "share",
    ("group",),
    form="share",
    follows="people",
    running=True,
    better="less",
    error="contact",
    written="soon",
)
def family_contact_lost_30d(arm: ArmDay) -> np.ndarray:
    """Share of a group's people who so far could reach no relative abroad by app for 30 days in a
    row. It counts only people who could without the policies.
    """
    return share(arm.lost_so_far.month, arm.lost_so_far.had)


@metric(
    "Days without any platform channel, per person",
    "days",
    ("group",),
    follows="people",
    running=True,
    better="less",
    error="contact",
    written="soon",
)
def contact_days_lost_per_member(arm: ArmDay) -> np.ndarray:
    """Average number of days so far on which a person could reach no relative abroad by app. It
    counts only people who could without the policies.
    """
    return share(arm.lost_so_far.days, arm.lost_so_far.had)


@metric(
    "People who ever lost every platform channel to their family",
    "persons",
    ("group",),
    follows="people",
    running=True,
    better="less",
    error="contact",
    headline=1,
)
def family_contact_ever_lost_people(arm: ArmDay) -> np.ndarray:
    """The number of people behind `family_contact_ever_lost`. A diaspora group counts people of the
    diaspora, and a family group counts their families.
    """
    return arm.lost_so_far.ever * arm.weight


@metric(
    "Lost every platform channel to their family",
    "share",
    ("group",),
    form="share",
    follows="people",
    better="less",
    error="contact",
    written="first",
)
def family_contact_lost(arm: ArmDay) -> np.ndarray:
    """Share of a group's people who can reach no relative abroad by app that day. It counts only
    people who could without the policies.
    """
    return share(arm.contact.without, arm.contact.members)


@metric(
    "People who lost every platform channel to their family",
    "persons",
    ("group",),
    follows="people",
    better="less",
    error="contact",
)
def family_contact_lost_people(arm: ArmDay) -> np.ndarray:
    """The number of people behind `family_contact_lost`. A diaspora group counts people of the
    diaspora, and a family group counts their families.
    """
    return arm.contact.without * arm.weight


@metric(
    "Lost every channel to their family, telephone included",
    "share",
    ("group",),
    form="share",
    follows="people",
    better="less",
    error="contact",
)
def family_contact_lost_entirely(arm: ArmDay) -> np.ndarray:
    """Share of a group's people who can reach no relative abroad that day by app, telephone, SMS or
    e-mail. It counts only people who could reach one by app without the policies.
    """
    return share(arm.contact.entirely, arm.contact.members)


@metric(
    "Days without any platform channel to the family",
    "person-days",
    ("group",),
    follows="people",
    better="less",
    error="contact",
    adds_up=True,
)
def contact_days_lost(arm: ArmDay) -> np.ndarray:
    """Number of people who have no platform channel to their family that day; its sum over days is
    in person-days.
    """
    return arm.contact.without * arm.weight


@metric(
    "Conversations with family abroad that had no channel",
    "conversations",
    ("group",),
    follows="people",
    better="less",
    error="ties",
    adds_up=True,
)
def conversations_lost(arm: ArmDay) -> np.ndarray:
    """Conversations that pairs of relatives without a working app would usually have that day."""
    return arm.contact.silent * arm.weight


@metric(
    "Kin ties abroad out of contact",
    "ties",
    ("group",),
    follows="people",
    better="less",
    error="ties",
)
def ties_out_of_contact(arm: ArmDay) -> np.ndarray:
    """Pairs of relatives in two states whom no app connects that day, although one would without
    the policies.
    """
    return arm.contact.out * arm.weight


@metric(
    "Kin ties abroad out of contact for 30 days or more",
    "ties",
    ("group",),
    follows="people",
    better="less",
    error="ties",
)
def ties_lost(arm: ArmDay) -> np.ndarray:
    """Kin ties abroad that have been out of contact for at least 30 days in a row."""
    return arm.contact.lost * arm.weight


@metric(
    "Kin ties abroad without a channel in the run's last 90 days",
    "ties",
    ("group",),
    kind="total",
    better="less",
    error="ties",
)
def ties_severed(arm: ArmDay) -> np.ndarray | float:
    """Kin ties out of contact on each of the last 90 days. The metric is not defined for a run
    shorter than 90 days.
    """
    return float("nan") if arm.days < WINDOW else arm.contact.severed * arm.weight


@metric(
    "Kin ties abroad that depend on a single platform",
    "share",
    ("group",),
    form="share",
    follows="people",
    better="less",
)
def fragile_ties(arm: ArmDay) -> np.ndarray:
    """Share of pairs of relatives in contact by app that day who have exactly one app that works
    for both.
    """
    return share(arm.contact.fragile, arm.contact.open)


@metric(
    "Ties that came back, by the way they came back",
    "ties",
    ("group", "way"),
    form="index",
    follows="people",
    running=True,
)
def reconnected(arm: ArmDay) -> np.ndarray:
    """Family contacts regained so far, by the first way of return: restored access, a VPN, another
    app or a bridge. It counts pairs of relatives.
    """
    return arm.contact.back * arm.weight[:, None]


@metric(
    "Kin ties abroad that have been out of contact",
    "ties",
    ("group",),
    form="index",
    follows="people",
    running=True,
    better="less",
    error="ties",
)
def ties_ever_out(arm: ArmDay) -> np.ndarray:
    """Running total of the kin ties abroad that have been out of contact on at least one day."""
    return arm.contact.ever * arm.weight


@metric(
    "Median time until a tie out of contact comes back",
    "days",
    ("group",),
    kind="total",
    form="index",
    better="less",
)
def days_to_reconnect(arm: ArmDay) -> np.ndarray:
    """Kaplan-Meier median of the days from a tie's first day out of contact until it regains a
    channel. Ties still out of contact at the end are censored. The metric is not defined where
    fewer than half of the ties have regained one.
    """
    median = np.full(len(arm.groups), np.nan)
    out = arm.kin.first_out >= 0
    group = arm.kin.group[out]
    back = arm.kin.first_back[out]
    lasted = np.where(back >= 0, back, arm.days) - arm.kin.first_out[out]
    for g in np.unique(group):
        here = (group == g).any(axis=1)
        median[g] = median_duration(lasted[here], back[here] >= 0)
    return median


@metric(
    "Kin ties between two states that have a channel",
    "ties",
    ("state", "partner"),
    follows="people",
    pairs_once=True,
    better="more",
    every="week",
)
def cross_border_contact(arm: ArmDay) -> np.ndarray:
    """Kin ties between two states that have a channel that day. A tie without a channel on the
    first day counts only if a change of law has opened one since. Each tie counts once, and the
    matrix shows it in both directions.
    """
    return arm.kin_in_contact


@metric(
    "Pairs of kin abroad in contact",
    "ties",
    ("state",),
    form="index",
    follows="people",
    better="more",
    every="week",
)
def contact_across_border(arm: ArmDay) -> np.ndarray:
    """Pairs of relatives, one in the state and one abroad, whom an app connects that day. A pair
    counts once, however many channels it has. A pair without a channel on the first day counts only
    if a change of law has opened one since.
    """
    missing = np.isnan(arm.kin_in_contact)
    pairs = np.where(missing, 0.0, arm.kin_in_contact).sum(axis=1)
    pairs[missing.all(axis=1)] = np.nan
    return pairs
