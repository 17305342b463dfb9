"""One day, phase by phase: `SCHEDULE`, read from top to bottom.

Each phase is a function of the model; its row says what it reads and writes.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim import behaviour
from sim.chance import Purpose, stream
from sim.kernels import wait_for_kernels
from sim.mechanisms.access import bits, differs, moved
from sim.mechanisms.agenda import find_due
from sim.mechanisms.condition import luck_of
from sim.mechanisms.contact import find_channels, find_channels_of, follow, measure_contact
from sim.mechanisms.look import Scene, empty_outcome
from sim.mechanisms.settings import Today, pack_again
from sim.mechanisms.tally import write_down
from sim.mechanisms.value import empty_room
from sim.mechanisms.visit import visit_all
from sim.policies.docket import docket_of
from sim.policies.law import access_under, grounds_of
from sim.policies.routing import cuts_of, routes_under

if TYPE_CHECKING:
    from sim.model import Model

MANY_VISITS = 20_000
"""From so many visits a day on, they are shared out over threads."""

VISIBLE_DRIFT = 0.01
"""From this change of what a platform offers on, all of its users in a state look at it again."""


class Phase(NamedTuple):
    """One part of the day."""

    name: str
    does: str
    function: Callable[[Model], None]
    reads: tuple[str, ...]
    writes: tuple[str, ...]


def events(model: Model) -> None:
    """Find which policies are announced, in force or stayed today."""
    policies = model.spec.policies if model.arm == "policy" else ()
    model.docket = docket_of((*policies, *model.decided), model.date)
    behaviour.lasting_events(model)


def decide(model: Model) -> None:
    """Let states and platforms decide, where the scenario switches that on."""
    behaviour.act(model)


def routes(model: Model) -> None:
    """Find which state reaches which under what is cut on the carrier graph; None while nothing is cut."""
    model.routes = routes_under(cuts_of(model.docket, model.setting), model.setting)


def access(model: Model) -> None:
    """Start from the arm's first table and apply what is in force and what is announced."""
    before, first, model._rebridged = model.access, model.opening.access, False
    model._changed[:], model._moved = 0, model._moved[:0]
    in_force = model.docket.in_force or model.docket.announced
    if not in_force and before is first:
        return
    grounds = grounds_of(model.docket, model.setting)
    if grounds == model._grounds:
        return
    model._grounds = grounds
    model.access = table = access_under(model.docket, first, model.setting) if in_force else first
    model._moved = states = moved(before, table)
    if not states.size:
        return
    model._changed[states] = bits(differs(before, table, states))
    model._pushed[states] = bits(table.push[states] > 0)
    lost = table.install_hazard[states].max(axis=2) > 0
    model._differs[states] = bits(differs(table, model.world.access, states) | lost)
    model._rebridged = not np.array_equal(model.columns.bridged, table.bridged)
    model.columns.bridged[:] = table.bridged
    pack_again(table, states, model.cells)


def people_decide(model: Model) -> None:
    """Visit everyone who has something to decide, then write down what they decided."""
    c, people = model.columns, model.person
    today = Today(model.day, _audience(model), _touched(model), model._changed, model._pushed)
    luck = luck_of(model.member_seed, model.day)
    rules = model._rules
    n = find_due(today, people, model.agenda, rules, luck, model._due)
    if len(model._outcome.row) < n:  # the same room every day: new memory is dear
        model._outcome = empty_outcome(min(people.size, 2 * n), c.platform.size)
    outcome = model._outcome
    scene = Scene(today, model.cells, c, people, model.agenda, rules, luck)

    if n:
        wait_for_kernels()

    def visit(first: int, last: int) -> None:
        room = empty_room(c.platform.size, model._most_ties)
        visit_all(model._due, first, last, scene, model.use, outcome, room)

    if model.threads > 1 and n >= MANY_VISITS:
        cuts = [int(x) for x in np.linspace(0, n, model.threads + 1)]
        with ThreadPoolExecutor(model.threads) as pool:
            list(pool.map(visit, cuts[:-1], cuts[1:]))
    elif n:
        visit(0, n)
    model.visits = n
    model.counts.joined[:] = 0
    who = model._changed_people
    model._n_changed = write_down(model._due, n, c, people, model.agenda, model.use, outcome, model.counts, who)
    model._any_change = model._n_changed > 0
    model._has_changed |= model._any_change


def _audience(model: Model) -> np.ndarray:
    """Return what each platform offers each group, against the first day; it follows the audience slowly.

    A diaspora and its families look at both states: half to each (assumption). Until somebody changes something it is
    what it was on the first day.
    """
    if not model._has_changed:
        return model._first_audience
    now, first = model.record.using(model.counts.using), model.record.first
    level = np.divide(now, first, out=np.ones_like(now), where=first > 0)
    model.offer += (level - model.offer) / model.setting.parameters["choice.audience_lag_days"]
    return np.asarray(0.5 * (model.offer[model.record.state] + model.offer[model.record.partner]))


def _touched(model: Model) -> np.ndarray:
    """Return, for each group, the platforms whose access or audience differs from the first day (bits).

    What changes in a person's own circle is told to that person directly, not here.
    """
    access = model._changed.copy()
    if model.access is not model.world.access:
        access |= model._differs
    state, partner = model.record.state, model.record.partner
    if not model._has_changed:
        return np.asarray(access[state])
    offer = bits(np.abs(model.offer - 1.0) > VISIBLE_DRIFT)
    return np.asarray(access[state] | offer[state] | offer[partner])


def contact(model: Model) -> None:
    """Find which kin ties have a channel today, and follow those that have none."""
    other = model.baseline.kin.channels if model.baseline is not None else model.kin.first
    mine = model._any_change or model._rebridged
    news = mine or (model.baseline is not None and model.baseline._any_change)
    model._followed = bool(news or model.day == 0 or model.contact.out.any())
    if not model._followed:
        return
    if model._rebridged:
        find_channels(model.kin, model.columns, model.person)
    else:
        find_channels_of(model._changed_people, model._n_changed, model.kin, model.columns, model.person)
    provider = stream(model.member_seed, Purpose.PROVIDER_LUCK)
    follow(model.kin, other, model.day, model.columns, model.person, model.cells, provider)
    same = model.day > 0 and not (model.baseline is not None and model.baseline._any_change)
    measure_contact(model.kin, other, same, model._mark, model.contact)


def measure(model: Model) -> None:
    """Write the day's measures into the record."""
    model.record.write(model.day)


SCHEDULE: tuple[Phase, ...] = (
    Phase("events", "policies are announced, begin, are stayed, put off, end", events, ("policies",), ("docket",)),
    Phase("decide", "states and platforms decide, if switched on", decide, ("docket", "record"), ("decided",)),
    Phase("routes", "which state reaches which over the carriers", routes, ("docket",), ("routes",)),
    Phase("access", "policies in force make the access table", access, ("docket", "routes"), ("access",)),
    Phase("people", "keep, lapse, get a VPN, move, return", people_decide, ("access", "people"), ("people", "counts")),
    Phase("contact", "which kin ties have a channel", contact, ("people",), ("kin", "contact")),
    Phase("measure", "counts become measures", measure, ("counts", "contact"), ("record",)),
)  # fmt: skip
