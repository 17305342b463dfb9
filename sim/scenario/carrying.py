"""The figures of use on which the result of a scenario depends most, and whether they were measured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.facts import Facts
from sim.scenario.schema import Scenario

MUCH_USED = 0.05
"""Where an act may cut everything, platforms count from this share of the Internet users of a state on [1]
(assumption)."""


@dataclass(frozen=True)
class CarryingCell:
    """The use of a platform in a state, on which the result turns.

    Attributes
    ----------
    state, platform : str
    share : float or None
        Share of Internet users [1]; None where the scenario gives it by group.
    measured : bool
        Whether somebody measured or published it, or the scenario states it; False for an assumption.
    how : str
        ``figure`` (of the fact tables), ``scenario`` or ``none`` (not used there, as far as the tables say).
    """

    state: str
    platform: str
    share: float | None
    measured: bool
    how: str


def carrying_cells(spec: Scenario) -> list[CarryingCell]:
    """Return the cells that carry the result of a scenario: what its policies are aimed at, where they act and beyond.

    Each state that acts, and each state whose diasporas its acts expose, with each platform that the acts are aimed at.

    Parameters
    ----------
    spec : Scenario

    Returns
    -------
    list of CarryingCell
        Each cell once, in the order of states and platforms of the scenario's facts.
    """
    facts = spec.facts
    wanted = set(_pairs(spec, facts))
    states = [*facts.states, *(code for code in spec.world.states if code not in facts.states)]
    platforms = [*facts.platforms, *(name for name in spec.world.platforms if name not in facts.platforms)]
    return [_cell(spec, facts, s, p) for s in states for p in platforms if (s, p) in wanted]


def share_assumed(cells: list[CarryingCell]) -> tuple[int, int]:
    """Return how many cells are assumptions, and how many there are."""
    return sum(not cell.measured for cell in cells), len(cells)


def _pairs(spec: Scenario, facts: Facts) -> Iterator[tuple[str, str]]:
    """Yield (state, platform) of all that the policies can reach."""
    for state, targets in spec.scene.acting.items():
        ends = {state}
        for exposure in spec.scene.exposures:
            pair = (exposure.residence, exposure.origin)
            if exposure.matters and state in pair:
                ends.update(code for code in pair if code in facts.states)
        if targets is None:
            used = ((name, facts.penetration.get((state, name))) for name in facts.platforms)
            aimed = [name for name, share in used if share is not None and share.value >= MUCH_USED]
        else:
            aimed = list(targets)
        yield from ((end, name) for end in ends for name in aimed)


def _cell(spec: Scenario, facts: Facts, state: str, platform: str) -> CarryingCell:
    """Return one cell, as the scenario or the facts have it."""
    stated = spec.world.penetration.get(state, {}).get(platform)
    if stated is not None:
        return CarryingCell(state, platform, stated if isinstance(stated, float) else None, True, "scenario")
    known = facts.penetration.get((state, platform))
    if known is None:
        return CarryingCell(state, platform, 0.0, False, "none")
    return CarryingCell(state, platform, known.value, known.basis != "assumption", "figure")
