"""One day, phase by phase: `SCHEDULE`, read from top to bottom.

Each phase is a function of the arm. Its row names what of the arm it reads and writes (see `Phase`); a test runs
scenarios in which a phase that touches anything else fails.
"""

from __future__ import annotations

from collections.abc import Callable
from queue import SimpleQueue
from threading import Lock
from typing import NamedTuple

import numpy as np

from sim import behaviour
from sim.arm import Arm
from sim.chance import Purpose, stream
from sim.compiled import wait_for_kernels
from sim.people.access import bits, differs, moved, only_ages
from sim.people.choice import find_due
from sim.people.contact import find_channels, find_channels_of, follow, follow_spells, measure_contact
from sim.people.kernel_types import Scratch, Today, VisitContext, empty_outcome, empty_scratch, pack_again, part_of
from sim.people.reconnect import find_agreements, take_up_agreed
from sim.people.state import apply_decisions, grow_for, keys_for_day, update_counts
from sim.people.substitution import newcomers_share
from sim.people.visit import visit_all
from sim.policies.law import access_under, cuts_of, docket_of, law_signature, routes_under
from sim.threads import shared_out

MANY_VISITS = 20_000
"""From so many visits a day on, they are shared out over threads."""

AT_A_TIME = 2048
"""Visits of one thread after which they are counted: what they decided, some 300 kB, is then still in the cache."""

VISIBLE_DRIFT = 0.01
"""From this change of what a platform offers on, all of its users in a state look at it again."""

GIVEN = (
    "spec",
    "arm",
    "member_seed",
    "threads",
    "world",
    "opening",
    "group_table",
    "rules",
    "first_using",
    "first_users",
    "first_offer",
    "no_wave",
    "day",
)
"""What every phase may read and none may write: it is fixed before the first day, or is the day itself."""


class Phase(NamedTuple):
    """One part of the day.

    Attributes
    ----------
    name, does : str
    function : callable
    reads, writes : tuple of str
        Attributes of `sim.arm.Arm`, or ``changes.moved`` for a part of one. Of the other arm: ``baseline.kin``. A phase
        may read what it writes, and `GIVEN`.
    """

    name: str
    does: str
    function: Callable[[Arm], None]
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def events(arm: Arm) -> None:
    """Find which policies are announced, in force or stayed today."""
    policies = arm.spec.policies if arm.arm == "policy" else ()
    arm.docket = docket_of((*policies, *arm.decided), arm.date)
    behaviour.lasting_events(arm)


def decide(arm: Arm) -> None:
    """Let states and platforms decide, where the scenario switches that on."""
    behaviour.act(arm)


def routes(arm: Arm) -> None:
    """Find which state reaches which under what is cut on the carrier graph; None while nothing is cut."""
    arm.routes = routes_under(cuts_of(arm.docket, arm.setting), arm.setting)


def access(arm: Arm) -> None:
    """Start from the arm's first table and apply what is in force and what is announced."""
    before, first, changes, bridged = arm.access, arm.opening.access, arm.changes, arm.columns.bridged
    changes.rebridged = changes.access = False
    changes.changed[:], changes.moved = 0, changes.moved[:0]
    is_law = bool(arm.docket.in_force or arm.docket.announced)
    grounds = law_signature(arm.docket, arm.setting) if is_law else ()
    if grounds == arm.grounds:
        return
    taken = before.coming if grounds and arm.grounds and grounds[-1] == arm.grounds[-1] else None
    arm.grounds = grounds
    arm.access = table = access_under(arm.docket, first, arm.setting, taken=taken) if is_law else first
    changes.moved = states = moved(before, table)
    if not states.size:
        return
    changes.access = not only_ages(before, table, states)
    places = arm.world.places
    rows, now = places.within(states), places.table(table, arm.setting)
    if changes.access or places.blocks:  # a community's own blocks may change with the setting
        was, at_first = (places.table(found, arm.setting) for found in (before, arm.world.access))
        changes.changed[rows] = bits(differs(was, now, rows))
        changes.pushed[rows] = bits(now.push[rows] > 0)
        lost = now.install_hazard[rows].max(axis=2) > 0
        changes.differs[rows] = bits(differs(now, at_first, rows) | lost)
        changes.coming = int(np.bitwise_or.reduce(bits(table.coming > 0)))
        changes.rebridged = not np.array_equal(bridged, now.bridged)
        bridged[:] = now.bridged
    pack_again(now, rows, arm.cells)


def people_decide(arm: Arm) -> None:
    """Visit everyone who has something to decide, then record the decisions."""
    c, people, changes, room_for = arm.columns, arm.person, arm.changes, arm.workspace
    today = Today(arm.day, _audience(arm), _wave(arm), _touched(arm), changes.changed, changes.pushed)
    luck = keys_for_day(arm.member_seed, arm.day)
    n = find_due(today, people, arm.agenda, arm.rules, c.reads, room_for.due)
    arm.visits, changes.n_people, changes.n_found = n, 0, -1
    arm.counts.joined[:] = 0
    if n:
        wait_for_kernels()
        due, parts = room_for.due[:n], -(-n // AT_A_TIME)
        threads = min(arm.threads, parts) if n >= MANY_VISITS else 1
        _make_room(arm, due, min(n, AT_A_TIME) * threads)
        _visit_in_parts(
            arm, due, VisitContext(today, arm.cells, c, people, arm.private, arm.agenda, arm.rules, luck), threads
        )
        changes.n_people = apply_decisions(due, n, c, people, arm.agenda, room_for.outcome.row, changes.people)
    changes.anybody = changes.n_people > 0
    changes.ever |= changes.anybody


def _make_room(arm: Arm, visitors: np.ndarray, at_a_time: int) -> None:
    """Allocate room for the decisions of some people, and for the number of them that is visited at a time."""
    room, n = arm.workspace, len(visitors)
    if len(room.outcome.row) < n or len(room.outcome.private) < at_a_time:
        room.outcome = empty_outcome(n, arm.columns.platform.size, at_a_time)
    arm.private = grow_for(arm.private, visitors)


def _visit_in_parts(arm: Arm, due: np.ndarray, scene: VisitContext, threads: int) -> None:
    """Visit some people part by part, and count what they decided.

    What others look at does not change before all have been visited, so a part may be counted while another is visited.
    """
    free: SimpleQueue[tuple[int, Scratch]] = SimpleQueue()  # where a thread puts decisions, and what it works in
    for k in range(threads):
        free.put((k * AT_A_TIME, empty_scratch(scene.world.platform.size, arm.workspace.most_ties)))
    one_counts = Lock()

    def visit(first: int, last: int) -> None:
        visitors, n = due[first:last], last - first
        place, room = free.get()
        try:
            outcome = part_of(arm.workspace.outcome, first, place, n)
            visit_all(visitors, 0, n, scene, outcome, room)
            with one_counts:
                update_counts(visitors, n, scene.people, scene.private, scene.agenda, outcome, arm.counts)
        finally:
            free.put((place, room))

    shared_out(threads, len(due), AT_A_TIME, visit)


def _audience(arm: Arm) -> np.ndarray:
    """Return what each platform offers each group, against the first day; it follows the audience slowly.

    A diaspora and its families look at both states: half to each (assumption). Until somebody changes something it is
    what it was on the first day.
    """
    if not arm.changes.ever:
        return arm.first_offer
    groups, first = arm.group_table, arm.first_users
    now = groups.using(arm.counts.using)
    level = np.divide(now, first, out=np.ones_like(now), where=first > 0)
    offer = arm.offer
    offer += (level - offer) / arm.setting.parameters["choice.audience_lag_days"]
    return np.asarray(0.5 * (offer[groups.state] + offer[groups.partner]))


def _wave(arm: Arm) -> np.ndarray:
    """Return newcomers to each platform per person of the state who looks for one, shape (groups, platforms)."""
    counts, groups = arm.counts, arm.group_table
    if not counts.trial.any():
        return arm.no_wave
    share = newcomers_share(groups.using(counts.trial), groups.using(counts.lost), arm.columns.platform)
    return np.asarray(share[groups.state])


def _touched(arm: Arm) -> np.ndarray:
    """Return, for each group, the platforms whose access or audience differs from the first day (bits).

    What changes in a person's own circle reaches that person by the agenda, not here.
    """
    groups, access = arm.group_table, arm.changes.changed | arm.changes.differs
    if not arm.changes.ever:
        return np.asarray(access[groups.place])
    offer = bits(np.abs(arm.offer - 1.0) > VISIBLE_DRIFT)
    return np.asarray(access[groups.place] | offer[groups.state] | offer[groups.partner])


def reconnect(arm: Arm) -> None:
    """Let kin who have lost touch, or will, agree on another channel, and both ends take it up."""
    changes, kin, c, people, room = arm.changes, arm.kin, arm.columns, arm.person, arm.workspace
    is_news = changes.ever and (changes.anybody or changes.rebridged or changes.out_of_touch)
    if not (is_news or changes.coming or _calls_moved(arm)):
        return
    _find_channels(arm)
    today = Today(arm.day, arm.first_offer, arm.no_wave, changes.differs, changes.changed, changes.pushed)
    scene = VisitContext(
        today, arm.cells, c, people, arm.private, arm.agenda, arm.rules, keys_for_day(arm.member_seed, arm.day)
    )
    changes.out_of_touch = find_agreements(kin, arm.world.bonds, changes.coming, scene)
    agree = int(np.count_nonzero(kin.agreed >= 0)) if changes.out_of_touch or changes.coming else 0
    if not agree:
        return
    if len(room.outcome.private) < 2 * agree:
        room.outcome = empty_outcome(2 * agree, c.platform.size)
    n = take_up_agreed(kin, scene, room.due, room.outcome)
    more = changes.people[changes.n_people :]
    if len(more) < n:  # a person may be listed twice, once for each phase
        changes.people = np.concatenate([changes.people, np.empty(n, np.int32)])
        more = changes.people[changes.n_people :]
    arm.private = grow_for(arm.private, room.due[:n])
    update_counts(room.due, n, people, arm.private, arm.agenda, room.outcome, arm.counts)
    changes.n_people += apply_decisions(room.due, n, c, people, arm.agenda, room.outcome.row, more)
    changes.anybody = changes.ever = True


def _find_channels(arm: Arm) -> None:
    """Find the channels of kin ties again, as far as they may have changed since the last time today."""
    changes, luck = arm.changes, keys_for_day(arm.member_seed, arm.day)
    if changes.n_found < 0 and (changes.rebridged or _calls_moved(arm)):
        find_channels(arm.kin, arm.columns, arm.person, arm.cells, luck)
    else:
        who = changes.people[max(0, changes.n_found) : changes.n_people]
        find_channels_of(who, len(who), arm.kin, arm.columns, arm.person, arm.cells, luck)
    changes.n_found = changes.n_people


def _calls_moved(arm: Arm) -> bool:
    """Return whether calls may work where they did not yesterday, or the other way, for kin who only call."""
    return bool(arm.changes.changed.any() and arm.kin.calls_only.any())


def contact(arm: Arm) -> None:
    """Find which kin ties have a channel today, and follow those that have none."""
    baseline, kin, changes = arm.baseline, arm.kin, arm.changes
    other = baseline.kin.channels if baseline is not None else kin.first
    other_news = baseline is not None and baseline.anybody_changed
    news = changes.anybody or changes.rebridged or other_news or _calls_moved(arm)
    changes.followed = bool(news or arm.day == 0 or arm.contact.out.any())
    if not changes.followed:
        return
    _find_channels(arm)
    provider = stream(arm.member_seed, Purpose.PROVIDER_LUCK)
    follow(kin, other, arm.day, arm.columns, arm.person, arm.private, arm.cells, provider)
    measure_contact(kin, other, arm.day > 0 and not other_news, arm.workspace.mark, arm.contact)
    follow_spells(arm.day, arm.workspace.mark, kin.slot_group, arm.spells, arm.lost_so_far)


def measure(arm: Arm) -> None:
    """Write the day's metrics into the record, where there is one."""
    if arm.record is not None:
        arm.record.write(arm)


SCHEDULE: tuple[Phase, ...] = (
    Phase(
        "events",
        "policies are announced, begin, are stayed, put off, end",
        events,
        reads=("decided", "setting"),
        writes=("docket", "setting", "grounds", "decisions"),
    ),
    Phase(
        "decide",
        "states and platforms decide, if switched on",
        decide,
        reads=("docket", "setting", "counts", "contact", "baseline.counts", "decided", "decisions", "ledger"),
        writes=("decided", "decisions", "ledger", "setting", "grounds"),
    ),
    Phase(
        "routes",
        "which state reaches which over the carriers",
        routes,
        reads=("docket", "setting"),
        writes=("routes",),
    ),
    Phase(
        "access",
        "policies in force make the access table",
        access,
        reads=("docket", "setting", "grounds", "access"),
        writes=(
            "access", "grounds", "cells", "columns.bridged", "changes.moved", "changes.access", "changes.changed",
            "changes.pushed", "changes.differs", "changes.coming", "changes.rebridged",
        ),
    ),
    Phase(
        "people",
        "keep, lapse, get a VPN, move, return",
        people_decide,
        reads=(
            "setting", "cells", "columns", "person", "private", "agenda", "counts", "offer", "changes.changed",
            "changes.pushed", "changes.differs", "changes.ever", "workspace.most_ties",
        ),
        writes=(
            "person", "private", "agenda", "counts", "offer", "visits", "changes.people", "changes.n_people",
            "changes.n_found", "changes.anybody", "changes.ever", "workspace.due", "workspace.outcome",
        ),
    ),
    Phase(
        "reconnect",
        "kin out of touch agree on another channel",
        reconnect,
        reads=(
            "cells", "columns", "person", "private", "agenda", "counts", "kin", "changes.anybody", "changes.rebridged",
            "changes.out_of_touch", "changes.ever", "changes.coming", "changes.differs", "changes.changed",
            "changes.pushed", "changes.people", "changes.n_people", "changes.n_found", "workspace.due",
            "workspace.outcome",
        ),
        writes=(
            "person", "private", "agenda", "counts", "kin", "changes.people", "changes.n_people", "changes.n_found",
            "changes.anybody", "changes.ever", "changes.out_of_touch", "workspace.due", "workspace.outcome",
        ),
    ),
    Phase(
        "contact",
        "which kin ties have a channel",
        contact,
        reads=(
            "baseline.kin", "baseline.anybody_changed", "person", "private", "cells", "columns", "kin", "contact",
            "spells", "lost_so_far", "changes.anybody", "changes.rebridged", "changes.changed", "changes.people",
            "changes.n_people", "changes.n_found",
        ),
        writes=("kin", "contact", "spells", "lost_so_far", "changes.followed", "changes.n_found", "workspace.mark"),
    ),
    Phase(
        "measure",
        "counts become metrics",
        measure,
        reads=(
            "baseline.counts", "docket", "decided", "decisions", "setting", "access", "routes", "counts", "kin",
            "contact", "lost_so_far", "visits", "changes.anybody", "changes.access", "changes.followed",
        ),
        writes=("record",),
    ),
)  # fmt: skip
