"""Explain a scenario: every value with its origin, and the cost of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sim.scenario.scenario import Scenario

# Upper bounds that the project holds itself to (tests/benchmarks), not measurements of the machine at hand.
BYTES_A_PERSON = 150
BYTES_AT_LEAST = 400_000_000
SECONDS_A_PERSON_DAY = 5e-8
SECONDS_A_PERSON_BUILT = 1e-5
SECONDS_AT_LEAST = 2.0


@dataclass(frozen=True)
class Line:
    """One resolved value.

    Attributes
    ----------
    path : str
        Where it stands in the scenario.
    value : object
        What it is.
    origin : str
        ``file:line``, ``--set ...``, ``default`` or ``facts``.
    """

    path: str
    value: object
    origin: str


@dataclass(frozen=True)
class Estimate:
    """What one member of a run will take at most.

    Attributes
    ----------
    seconds : float
        Time for both arms of one seed on one core [s].
    memory : float
        Memory while it runs [bytes].
    """

    seconds: float
    memory: float


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
    """Return where a value came from."""
    origins = scenario.origins
    if path in origins:
        return origins[path]
    steps = path.split(".")
    if steps[:2] == ["world", "penetration"] and len(steps) > 3:  # it may have been given with its platform
        state, platform = steps[2], ".".join(steps[3:])
        for found in (
            f"world.platforms.{platform}.penetration.{state}",
            f"world.platforms.{platform}.penetration",
        ):
            if found in origins:
                return origins[found]
    if steps[0] == "observed":
        return origins.get(f"{path}.date", "default")
    if steps[0] == "policies" and steps[-1] == "announced":
        return origins.get(".".join([*steps[:-1], "on"]), "default")
    return "default"


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
