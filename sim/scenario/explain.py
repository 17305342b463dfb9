"""Explain a scenario: every value with its origin, the figures that carry its result, and the cost of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .scenario import Scenario

MUCH_USED = 0.05
"""Where an act may cut everything, platforms count from this share of the Internet users of a state on [1]
(assumption)."""

# Upper bounds that the project holds itself to (tests/benchmarks), not measurements of the machine at hand.
BYTES_A_PERSON = 150
BYTES_AT_LEAST = 400_000_000
SECONDS_A_PERSON_DAY = 5e-8
SECONDS_A_PERSON_BUILT = 1e-5
SECONDS_AT_LEAST = 2.0


class Line(NamedTuple):
    """One resolved value."""

    path: str
    """Where it stands in the scenario."""
    value: object
    """What it is."""
    origin: str
    """``file:line``, ``--set ...``, ``default`` or ``facts``."""


class Estimate(NamedTuple):
    """What one member of a run will take at most."""

    seconds: float
    """Time for both arms of one seed on one core [s]."""
    memory: float
    """Memory while it runs [bytes]."""


def lines(scenario: Scenario, *, parameters: bool = False) -> list[Line]:
    """Return every resolved value with its origin.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    parameters : bool
        Whether to add the model parameters that the scenario leaves as they are.
    """
    keys = scenario.model_dump(mode="json", exclude_none=True)
    explained = [Line(path, value, _origin(path, scenario)) for path, value in _flat(keys, ())]
    if parameters:
        explained += [
            Line(f"parameters.{name}", quantity.value, "facts")
            for name, quantity in scenario.facts.parameters.items()
            if name not in scenario.parameters
        ]
    return explained


def estimate(scenario: Scenario) -> Estimate:
    """Return an upper bound of the time and memory of one member: both arms, one seed, one core."""
    person_days = scenario.people * scenario.days * 2
    seconds = SECONDS_AT_LEAST + person_days * SECONDS_A_PERSON_DAY + scenario.people * SECONDS_A_PERSON_BUILT
    return Estimate(seconds, BYTES_AT_LEAST + scenario.people * BYTES_A_PERSON * 2.0)


def _origin(path: str, scenario: Scenario) -> str:
    """Return where a value came from: the place of its own path, or of what it follows from."""
    paths = [path]
    match path.split("."):
        case ["world", "penetration", state, *platform]:  # it may have been given with its platform
            above = f"world.platforms.{'.'.join(platform)}.penetration"
            paths += [f"{above}.{state}", above]
        case ["policies", *steps, "announced"]:
            paths += [".".join(["policies", *steps, "on"])]
    origins = scenario.origins
    return next((origins[one] for one in paths if one in origins), "default")


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """Yield dotted path and value of everything that is no mapping and no list of mappings."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _flat(entry, (*path, str(key)))
    elif path == ("policies",):
        for policy in value:
            yield from _flat(policy, (*path, str(policy["id"])))
    elif path == ("observed",):
        for at, row in enumerate(value):
            place = [row.get("group") or row.get("state") or "", *row["platform"], row["metric"], row["kind"]]
            yield f"observed.{at}", f"{row['date']} {' '.join(place)} {row['value']:g} +- {row['tolerance']:g}"
    elif value not in ([], ()):
        yield ".".join(path), value


class CarryingCell(NamedTuple):
    """The use of a platform in a state, on which the result turns."""

    state: str
    platform: str
    share: float | None
    """Share of Internet users [1]; None where the scenario gives it by group."""
    measured: bool
    """Whether somebody measured or published it, or the scenario states it; False for an assumption."""
    how: str
    """``figure`` (of the fact tables), ``scenario`` or ``none`` (not used there, as far as the tables say)."""


def carrying_cells(spec: Scenario) -> list[CarryingCell]:
    """Return the cells that carry the result of a scenario: what its policies are aimed at, where they act and beyond.

    Each state that acts, and each state whose diasporas its acts expose, with each platform that the acts are aimed at.

    Returns
    -------
    list of CarryingCell
        Each cell once, in the order of states and platforms of the scenario's facts.
    """
    facts, wanted = spec.facts, set[tuple[str, str]]()
    exposed = [{e.residence, e.origin} for e in spec.scene.exposures if e.matters]
    for state, targets in spec.scene.acting.items():
        ends = {state}.union(*(pair & facts.states.keys() for pair in exposed if state in pair))
        if targets is None:
            used = ((name, facts.penetration.get((state, name))) for name in facts.platforms)
            targets = [name for name, share in used if share is not None and share.value >= MUCH_USED]
        wanted |= {(end, name) for end in ends for name in targets}
    states = [*facts.states, *(code for code in spec.world.states if code not in facts.states)]
    platforms = [*facts.platforms, *(name for name in spec.world.platforms if name not in facts.platforms)]
    return [cell_of(spec, s, p) for s in states for p in platforms if (s, p) in wanted]


def share_assumed(cells: list[CarryingCell]) -> tuple[int, int]:
    """Return how many cells are assumptions, and how many there are."""
    return sum(not cell.measured for cell in cells), len(cells)


def assumed_targets(spec: Scenario, aims: Iterable[tuple[str, str]]) -> list[CarryingCell]:
    """Return the use of what a scenario is aimed at where no figure of it has a source; nothing where any has.

    A figure for any group of the state counts as a source, as that of people from China for WeChat.
    """
    groups = {(s, p) for (s, p, _), figure in spec.facts.group_penetration.items() if figure.basis != "assumption"}
    cells = [cell_of(spec, *aim) for aim in sorted(aims)]
    return [] if any(cell.measured or (cell.state, cell.platform) in groups for cell in cells) else cells


def cell_of(spec: Scenario, state: str, platform: str) -> CarryingCell:
    """Return one cell, as the scenario or the facts have it."""
    facts = spec.facts
    stated = spec.world.penetration.get(state, {}).get(platform)
    if stated is not None:
        return CarryingCell(state, platform, stated if isinstance(stated, float) else None, True, "scenario")
    known = facts.penetration.get((state, platform))
    if known is None:
        return CarryingCell(state, platform, 0.0, False, "none")
    return CarryingCell(state, platform, known.value, known.basis != "assumption", "figure")
