"""Output of ``show SCENARIO --values``: values with their origins, the phases of a day, and the
cost of a run.
"""

from __future__ import annotations

from typing import Any

from ..engine.steps import schedule_with
from ..people.rule import PeopleRule
from ..results.memory import PROCESS, gigabytes, needed
from ..scenario import Scenario
from ..scenario.explain import lines, longest
from ..scenario.schema import BEHAVIOURS
from ..text.orders import said_back
from ..world.effects import whom
from .output import say, say_details, say_table, warnings_data


def values_data(spec: Scenario) -> dict[str, Any]:
    """Return the values of a scenario as JSON data, with those of the model."""
    return {
        "kind": "scenario",
        "name": spec.name,
        "digest": spec.digest,
        "says": said_back(spec),
        "values": [line._asdict() for line in lines(spec, parameters=True)],
        "schedule": [
            {"phase": p.name, "does": p.does, "reads": p.reads, "writes": p.writes}
            for p in _phases(spec)
        ],
        "estimate": {"seconds_per_seed": longest(spec), "memory_bytes": PROCESS + needed(spec)},
        "whom": [
            {"policy": policy.id, "who": str(policy.who), **found._asdict()}
            for policy, found in whom(spec)
        ],
        "warnings": warnings_data(spec),
    }


def say_values(spec: Scenario, *, parameters: bool) -> None:
    """Print the values of a scenario; with ``parameters`` also those of the model."""
    say(f"{spec.title}  [{spec.status}]")
    for said in said_back(spec):
        say(said)
    say_details([("digest", spec.digest), ("from, to", f"{spec.start} to {spec.end}")])
    say()
    rows = [(line.path, line.origin, line.value) for line in lines(spec, parameters=parameters)]
    say_table(("value", "from", ""), rows)
    if not parameters:
        others = len(spec.facts.parameters) - len(spec.parameters)
        say(f"The other {others} model parameters are as in their table (--parameters lists them).")
    if concerned := [
        (
            policy.id,
            f"{policy.who} in {', '.join(policy.concerns())}",
            f"{found.people:,.0f} of {found.everybody:,.0f}",
            f"{found.simulated:,.0f}",
        )
        for policy, found in whom(spec)
    ]:
        say()
        header = ("policy", "people affected", "internet users", "simulated people")
        say_table(header, concerned)
    say()
    day = list[tuple[str, str]]()
    for phase in _phases(spec):
        day += [
            (phase.name, phase.does),
            ("", f"reads {', '.join(phase.reads)}"),
            ("", f"writes {', '.join(phase.writes)}"),
        ]
    say_table(("each day", "what happens"), day)
    say()
    memory = gigabytes(PROCESS + needed(spec))
    limit = f"under {longest(spec):,.0f} s a seed on one core, about {memory} of memory"
    say_details([("a run takes", f"{limit} for each job (the project's own limits)")])


def _phases(spec: Scenario) -> Any:
    """Return the phases of a day of a scenario, including those of its rules for people."""
    rules = (BEHAVIOURS[name] for name in spec.behaviour.of_people)
    return schedule_with(rule for rule in rules if issubclass(rule, PeopleRule))
