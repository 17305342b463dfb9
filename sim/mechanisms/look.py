"""The view of a person on one platform: its value now, the way to it, and whether the app still works."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numba import boolean

from sim.kernels import leaf
from sim.mechanisms.agenda import Agenda
from sim.mechanisms.circumvention import (
    NO_WAY,
    app_life,
    app_lost,
    can_reinstall,
    direct_value,
    in_store,
    open_worth,
    workaround_value,
)
from sim.mechanisms.own import Own
from sim.mechanisms.settings import OWN, PERSON, Cells, Columns, Luck, Rows, Rules, Today
from sim.mechanisms.substitution import left_by_others
from sim.mechanisms.value import Room, doing_without, liveliness, taste_value

NEVER = 1 << 30  # a day after the last
NEEDY = 0.02  # a loss of value up to this leaves a person calm (assumption)

ACT = np.dtype(
    [
        ("joined", np.int64),  # platforms joined today, bits
        ("felt", np.int64),  # platforms of which anything may have changed today, bits
        ("wake", np.int32),  # day of the next review
        ("source", np.int16),  # the lost platform that drove it, or -1
        ("again", np.int16),  # 1 for a look tomorrow, whatever is due
    ],
    align=True,
)
"""What others notice of a visitor's decision, and the day of the next review."""


class Outcome(NamedTuple):
    """The decisions of the visitors of one day, one row each; columns that nobody else reads, for a part at a time."""

    row: Rows  # (visitors,) PERSON, as they are after the visit
    act: Rows  # (visitors,) ACT
    own: Rows  # (visitors at a time,) OWN, as they are after the visit
    use: np.ndarray  # (visitors at a time, platforms) chance of use today, in LEVELS


class Scene(NamedTuple):
    """All that a visit may read: the day, access, the world, yesterday's people and agenda, rules and random keys."""

    today: Today
    access: Cells
    c: Columns
    people: Rows
    own: Own
    agenda: Agenda
    rules: Rules
    luck: Luck


class Visitor(NamedTuple):
    """The person visited: index among all people and today's visitors, phone, VPN, and whether a review is due."""

    i: int
    k: int
    device: int
    has_vpn: bool
    is_review: bool


class Look(NamedTuple):
    """The view of a person on one platform, in marginal feed users' value."""

    first_worth: float  # on the first day
    worth: float  # now, if it worked fully
    without: float  # below this, doing without is better
    direct: float  # opened directly, or NO_WAY
    around: float  # opened by VPN, or NO_WAY; also for people without one, because few of them need its value
    best: float  # the better way that this person has
    keeping: float  # the same given the alternatives: the platform is kept while this is at least `without`
    eased: float  # share of the worth that the way leaves, if everybody were still there [1]
    left: float  # share of the worth of a platform used by VPN that remains beside those that open without one [1]
    app_day: int  # day on which the app will stop working


def empty_outcome(visitors: int, platforms: int, at_a_time: int | None = None) -> Outcome:
    """Return empty arrays for the decisions of ``visitors``, ``at_a_time`` visited together; by default all."""
    together = visitors if at_a_time is None else at_a_time
    return Outcome(
        row=np.empty(visitors, PERSON),
        act=np.empty(visitors, ACT),
        own=np.empty(together, OWN),
        use=np.empty((together, platforms), np.uint8),
    )


def part_of(o: Outcome, first: int, place: int, visitors: int) -> Outcome:
    """Return the room for the visitors from ``first`` on, who are visited together in the rows from ``place`` on."""
    return Outcome(
        row=o.row[first : first + visitors],
        act=o.act[first : first + visitors],
        own=o.own[place : place + visitors],
        use=o.use[place : place + visitors],
    )


@leaf
def look_at(v: Visitor, p: int, found: Any, only: int, scene: Scene, o: Outcome, room: Room) -> Look:
    """Find what a platform is worth to a person, and by which way; note an app that has stopped working.

    ``only`` are the platforms that are the only channel to somebody of the person's kin abroad (bits).
    """
    access, c, people, rules, luck = scene.access, scene.c, scene.people, scene.rules, scene.luck
    i, bit = v.i, 1 << p
    first_worth = taste_value(i, p, c, people, rules, luck)
    met = liveliness(found, scene.today.audience[people[i].group, p], rules)
    share = c.platform[p].tie_share
    gross = first_worth
    if people[i].first_member & bit:
        gross = open_worth(i, p, first_worth, access, c, people, rules, luck)
    worth = gross * ((1.0 - share) + share * met)
    app_day = _check_app(v, p, scene, o)
    direct = direct_value(i, p, worth, access, c, people, rules, luck)
    around = workaround_value(i, p, worth, access, people, rules, luck) if v.has_vpn else NO_WAY
    if o.own[v.k].uninstalled & bit and not can_reinstall(i, p, v.device, access, people, rules, luck):
        direct = NO_WAY
    best = max(direct, around) if v.has_vpn else direct
    keeping, eased, left_by_vpn = best, min(1.0, max(0.0, best / first_worth)), 1.0
    if 0.0 < best < (1.0 - NEEDY) * first_worth:
        # The only channel to kin abroad is kept for as long as it works well enough.
        by_vpn, needed = v.has_vpn and around > direct, only & bit != 0
        if by_vpn:
            left_by_vpn = (
                1.0
                if needed
                else left_by_others(i, p, by_vpn, scene.today.audience, access, c, people, rules, luck, room)
            )
            keeping = workaround_value(i, p, gross * left_by_vpn, access, people, rules, luck) / rules.drop_by_vpn
            eased = workaround_value(i, p, gross, access, people, rules, luck) / first_worth
        if direct > 0.0:
            # A platform that still opens takes no effort, so it is dropped only if it adds little to the others.
            left = (
                1.0
                if needed
                else left_by_others(i, p, boolean(False), scene.today.audience, access, c, people, rules, luck, room)
            )
            kept = direct_value(i, p, gross * left, access, c, people, rules, luck) / rules.drop_below
            keeping = max(keeping, kept) if by_vpn else kept
            eased = eased if by_vpn else direct_value(i, p, gross, access, c, people, rules, luck) / first_worth
    without = doing_without(i, p, c, people)
    return Look(first_worth, worth, without, direct, around, best, keeping, eased, left_by_vpn, app_day)


@leaf
def _check_app(v: Visitor, p: int, scene: Scene, o: Outcome) -> int:
    """Mark an app that has stopped working, or can be had again; return the day on which it will stop."""
    bit, me = 1 << p, scene.people[v.i]
    cell = scene.access[me.state, p]
    hazard = cell.install_hazard[v.device]
    if hazard <= 0.0 or in_store(v.i, p, v.device, scene.access, scene.people, scene.luck):
        o.own[v.k].uninstalled &= ~bit
        return NEVER
    if app_lost(v.i, p, v.device, scene.access, scene.people, scene.luck):
        o.own[v.k].uninstalled |= bit
        return NEVER
    rate = cell.install_rate[v.device]
    if not me.member & bit or rate <= 0.0:
        return NEVER
    left = app_life(v.i, p, scene.luck) - hazard
    return scene.today.day + max(1, math.ceil(left / rate))
