"""Combines policies: one access table from all that are in force or announced on a day.

The strictest restriction that is not stayed counts; then exemptions restore the uses that they free, and bridges add
channels. The order of the policies in a scenario does not matter. Announced policies affect people before they begin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.people.access import AccessTable, copy_table
from sim.policies.docket import Docket
from sim.policies.instrument import load
from sim.policies.routing import apply_routes, cuts_of, routes_under
from sim.policies.shadow import cast_shadow, taken_in_the_end, what_comes, what_is_dated

if TYPE_CHECKING:
    import numpy as np

    from sim.policies.base import PolicyKeys
    from sim.world.setting import Setting

_BY_STRENGTH = ("dns", "isp", "dpi")
"""Techniques that a national filter makes stronger, the weakest first."""


def access_under(
    docket: Docket, first: AccessTable, setting: Setting, *, routed: bool = True, taken: np.ndarray | None = None
) -> AccessTable:
    """Return the access table of a day.

    Parameters
    ----------
    docket : Docket
        What is in force and what is announced.
    first : AccessTable
        The table of the first day; not changed.
    setting : Setting
    routed : bool
        Whether to read what routes are left, too: without, what is cut on the carrier graph changes nothing.
    taken : numpy.ndarray, shape (states, platforms), optional
        What the law takes in the end, as `taken_in_the_end` returns it, where that is known: it follows from the last
        of the grounds alone.
    """
    table = _under(docket, first, setting, routed)

    def law(coming: Docket) -> AccessTable:
        return _under(coming, first, setting, routed)

    if docket.announced:
        cast_shadow(docket, table, setting, law)
    table.coming[:] = taken_in_the_end(docket, first, setting, law) if taken is None else taken
    return table


def grounds_of(docket: Docket, setting: Setting) -> tuple[Docket, ...]:
    """Return all of the law that the access table of a day follows from; if it is unchanged, so is the table.

    The last item is the law after all dated changes; it is the same on most days.
    """
    announced = what_comes(docket, setting) if docket.announced else ()
    return Docket(docket.in_force, ()), *announced, what_is_dated(docket, setting)


def _under(docket: Docket, first: AccessTable, setting: Setting, routed: bool) -> AccessTable:
    """Return the table under what is in force: all restrictions, then what relieves from them."""
    table = _restricted(docket, first, setting, routed)
    for policy, days in docket.in_force:
        instrument = load(policy.instrument)
        if instrument.relieves:
            freed = exempted(policy, docket) if instrument.frees else ()
            free = _restricted(_without(docket, freed), first, setting, routed) if freed else table
            instrument.relieve(policy, days, table, free, freed, setting)
    return table


def _restricted(docket: Docket, first: AccessTable, setting: Setting, routed: bool) -> AccessTable:
    """Return the table under all restrictions; each takes the stricter of what it finds and what it demands."""
    table = copy_table(first)
    means = _national_means(docket)
    for policy, days in docket.in_force:
        enforced = _with_means(policy, means)
        for each in (policy,) if enforced is policy else (policy, enforced):  # a national filter takes nothing back
            load(policy.instrument).apply(each, days, table, setting)
    routes = routes_under(cuts_of(docket, setting), setting) if routed else None
    if routes is not None:
        apply_routes(routes, table, setting)
    return table


def exempted(exemption: PolicyKeys, docket: Docket) -> tuple[PolicyKeys, ...]:
    """Return the policies that an exemption frees from: the one it names, else those of its states on its targets."""
    named = exemption.about()
    found = []
    for policy, _ in docket.in_force:
        if policy.id == exemption.id or load(policy.instrument).relieves:
            continue
        shared = not exemption.targets or set(exemption.targets) & set(policy.targets)
        if exemption.binds(policy) and (policy.id == named or (named is None and shared)):
            found.append(policy)
    return tuple(found)


def _without(docket: Docket, policies: tuple[PolicyKeys, ...]) -> Docket:
    gone = {policy.id for policy in policies}
    return Docket(tuple(entry for entry in docket.in_force if entry[0].id not in gone), ())


def _national_means(docket: Docket) -> dict[str, str]:
    """Return the strongest technique that each state's national filter gives its blocks."""
    means: dict[str, str] = {}
    for policy, _ in docket.in_force:
        technique = policy.national_means()
        if technique in _BY_STRENGTH:
            for state in policy.by:
                means[state] = stronger(means.get(state, "dns"), technique)
    return means


def stronger(one: str, other: str) -> str:
    """Return the stronger of two techniques of filtering; one of another nature stays what it is."""
    if one not in _BY_STRENGTH or other not in _BY_STRENGTH:
        return one
    return max(one, other, key=_BY_STRENGTH.index)


def _with_means(policy: PolicyKeys, means: dict[str, str]) -> PolicyKeys:
    """Return a block by a weaker technique as its states' national filter enforces it."""
    best = policy.technique
    for state in policy.by:
        if best is not None and state in means:
            best = stronger(best, means[state])
    return policy if best == policy.technique else policy.model_copy(update={"technique": best})
