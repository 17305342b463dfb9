"""Explain a scenario: every value with its origin, the figures that its result depends on, and the
cost of a run.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, Literal, NamedTuple

from ..facts.states import MEDIAN_OF
from .scenario import Scenario

type Use = Literal["measured", "your own figure", "regional median", "assumption", "not used"]
"""Origin of a figure of use: counted or published (for all people or one diaspora), stated in the
scenario, the median of states nearby, another assumption, or absent.
"""
MUCH_USED = 0.05
"""Smallest share of a state's Internet users for a platform to count if an act may cut everything
[1] (assumption).
"""

# Upper bounds that the project guarantees (studies), not measurements of this machine.
SECONDS_A_PERSON_DAY = 5e-8
SECONDS_A_PERSON_BUILT = 1e-5
SECONDS_AT_LEAST = 2.0


class Line(NamedTuple):
    """One resolved value."""

    path: str
    """Place of the figure in the scenario."""
    value: object
    """The value."""
    origin: str
    """``file:line``, ``--set ...``, ``default`` or ``facts``."""


def lines(scenario: Scenario, *, parameters: bool = False) -> list[Line]:
    """Return every resolved value with its origin.

    Parameters
    ----------
    scenario : Scenario
        The scenario.
    parameters : bool
        Whether to add the model parameters that the scenario does not change.
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


def longest(scenario: Scenario) -> float:
    """Return an upper bound of the time of one seed, both arms on one core [s]."""
    person_days = scenario.people * scenario.days * 2
    return (
        SECONDS_AT_LEAST
        + person_days * SECONDS_A_PERSON_DAY
        + scenario.people * SECONDS_A_PERSON_BUILT
    )


def _origin(path: str, scenario: Scenario) -> str:
    """Return the origin of a value: the place of its own path, or of the value that it follows
    from.
    """
    paths = [path]
    match path.split("."):
        case ["world", "penetration", state, *platform]:  # it may be stated with its platform
            above = f"world.platforms.{'.'.join(platform)}.penetration"
            paths += [f"{above}.{state}", above]
        case ["policies", *steps, "announced"]:
            paths += [".".join(["policies", *steps, "on"])]
    origins = scenario.origins
    return next((origins[one] for one in paths if one in origins), "default")


def _flat(value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, object]]:
    """Yield dotted path and value of everything except mappings and lists of mappings."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _flat(entry, (*path, str(key)))
    elif path == ("policies",):
        for policy in value:
            yield from _flat(policy, (*path, str(policy["id"])))
    elif path == ("observed",):
        for at, row in enumerate(value):
            place = [
                row.get("group") or row.get("state") or "",
                *row["platform"],
                row["metric"],
                row["kind"],
            ]
            yield (
                f"observed.{at}",
                f"{row['date']} {' '.join(place)} {row['value']:g} +- {row['tolerance']:g}",
            )
    elif value not in ([], ()):
        yield ".".join(path), value


class CarryingCell(NamedTuple):
    """The use of a platform in a state, on which the result depends."""

    state: str
    platform: str
    share: float | None
    """Share of Internet users [1]; None if the scenario states it by group."""
    use: Use
    """Origin of the figure."""
    source: str
    """Source of the figure; empty if the scenario states it or there is no figure."""

    @property
    def measured(self) -> bool:
        """True if the figure was measured or published, or is stated in the scenario."""
        return self.use in ("measured", "your own figure")


def carrying_cells(spec: Scenario) -> list[CarryingCell]:
    """Return the cells on which the result of a scenario depends: its targets, in acting states and
    exposed states.

    They combine each acting state, and each state whose diasporas are exposed, with each targeted
    platform.

    Returns
    -------
    list of CarryingCell
        Each cell once, in the order of states and platforms of the scenario's facts.
    """
    facts = spec.facts
    wanted = set[tuple[str, str]]()
    exposed = [{e.residence, e.origin} for e in spec.scene.exposures if e.matters]
    for state, targets in spec.scene.acting.items():
        ends = {state}.union(*(pair & facts.states.keys() for pair in exposed if state in pair))
        if targets is None:
            used = ((name, facts.penetration.get((state, name))) for name in facts.platforms)
            targets = [
                name for name, share in used if share is not None and share.value >= MUCH_USED
            ]
        wanted |= {(end, name) for end in ends for name in targets}
    states = [*facts.states, *(code for code in spec.world.states if code not in facts.states)]
    return [cell_of(spec, *pair) for pair in product(states, spec.platforms) if pair in wanted]


def share_assumed(cells: list[CarryingCell]) -> tuple[int, int]:
    """Return the number of cells that are assumptions, and the number of all cells."""
    return sum(not cell.measured for cell in cells), len(cells)


def target_cells(spec: Scenario) -> list[CarryingCell]:
    """Return the figures of use of a scenario's targets in the acting states. If it may cut
    everything, return those of platforms with many users.

    They are the cells of `carrying_cells` in acting states: a figure for one of their diasporas,
    such as people from China for WeChat, counts as measured.
    """
    groups = {
        (s, p): q.source
        for (s, p, _), q in spec.facts.group_penetration.items()
        if q.basis != "assumption"
    }
    acts = [policy for policy in spec.policies if not policy.PROMOTES]
    aimed = {
        (state, name) for policy in acts for state in policy.concerns() for name in policy.targets
    }
    cut = {state for state, targets in spec.scene.acting.items() if targets is None}
    return [
        cell._replace(use="measured", source=groups[cell[:2]])
        if not cell.measured and cell[:2] in groups
        else cell
        for cell in carrying_cells(spec)
        if cell.state in cut or cell[:2] in aimed
    ]


def assumed_targets(spec: Scenario) -> list[CarryingCell]:
    """Return the targets with assumed use if they have most users of all targets; else an empty
    result.
    """
    cells = target_cells(spec)
    people = {code: fact.internet_users.value for code, fact in spec.facts.states.items()}
    # A figure by group, or for a state that the scenario adds, is counted as a whole.
    users = [
        (people.get(cell.state, 1.0) * (1.0 if cell.share is None else cell.share), cell)
        for cell in cells
    ]
    assumed = [(many, cell) for many, cell in users if not cell.measured]
    is_most = 2.0 * sum(many for many, _ in assumed) > sum(many for many, _ in users)
    return [cell for _, cell in assumed] if is_most else []


def cell_of(spec: Scenario, state: str, platform: str) -> CarryingCell:
    """Return one cell from the scenario or the facts."""
    facts = spec.facts
    stated = spec.world.penetration.get(state, {}).get(platform)
    if stated is not None:
        return CarryingCell(
            state, platform, stated if isinstance(stated, float) else None, "your own figure", ""
        )
    known = facts.penetration.get((state, platform))
    if known is None:
        return CarryingCell(state, platform, 0.0, "not used", "")
    is_median = known.source.startswith(f"assumption: {MEDIAN_OF}")
    use: Use = "regional median" if is_median else "assumption"
    if known.basis != "assumption":
        use = "measured"
    return CarryingCell(state, platform, known.value, use, known.source)
