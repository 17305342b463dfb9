"""One-line bans in states drawn at random: ``uv run python tests/benchmarks/places.py --seed 1 --count 20``.

Each state blocks WhatsApp, or the foreign messenger or feed that most of its people use. The ban is written to a file
of a few lines, checked, and run on a small world; the groups of its summary must include the state's largest diasporas
by UN DESA, those aside between whose ends hardly anybody uses the platform. With ``--tables`` nothing is run: worlds
of the drawn states are built, and their people are compared with the tables. It prints a table, and ends with 1 when
something is missing or wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import sim  # noqa: E402
from sim.facts import Facts  # noqa: E402
from sim.facts.loading import facts_on  # noqa: E402
from sim.facts.migration import LARGEST, LEAST_USED, largest_diasporas, migrants_of, share_exposed  # noqa: E402
from sim.facts.model import REST_OF_WORLD  # noqa: E402
from sim.facts.platforms import blocks_elsewhere, use_anywhere  # noqa: E402
from sim.facts.states import known_states, state_anywhere  # noqa: E402
from sim.facts.worlds import nearest_world  # noqa: E402
from sim.scenario import Scenario, load  # noqa: E402
from sim.world.build import make_world  # noqa: E402

TALKS = ("messenger", "mixed", "feed")


def main() -> None:
    """Draw states, check or run each, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of the draw of states")
    parser.add_argument("--count", type=int, default=20, help="states")
    parser.add_argument("--people", type=int, default=4_000, help="simulated people of a run")
    parser.add_argument("--days", type=int, default=21, help="days of a run")
    parser.add_argument("--start", type=date.fromisoformat, default=date(2025, 9, 1), help="first day of a run")
    parser.add_argument("--tables", action="store_true", help="compare built worlds with the tables, run nothing")
    asked = parser.parse_args()
    facts = facts_on(nearest_world(asked.start), asked.start)
    states = [code for code in known_states(facts) if code != REST_OF_WORLD]
    drawn = np.random.default_rng(asked.seed).choice(sorted(states), size=asked.count, replace=False).tolist()
    print(f"facts {facts.name}, {len(states)} states, seed {asked.seed}: {' '.join(drawn)}")
    wrong = 0
    with TemporaryDirectory() as folder:
        for code in drawn:
            path = Path(folder) / f"{code.lower()}.yaml"
            path.write_text(ban_of(code, facts, asked.start, asked.days), encoding="utf-8")
            faults = tables_of(load(path), code) if asked.tables else run_of(path, code, facts, asked.people)
            wrong += bool(faults)
            for fault in faults:
                print(f"   {code}: {fault}")
    print(f"{asked.count} states, {wrong} wrong")
    sys.exit(1 if wrong else 0)


def target_of(code: str, facts: Facts) -> str:
    """Return what a state bans: WhatsApp where people use it, or the most used foreign platform that is open there."""
    blocked = {**blocks_elsewhere(facts), **facts.blocks}
    use = {
        name: use_anywhere(code, name, facts).value
        for name, fact in facts.platforms.items()
        if fact.kind in TALKS and fact.home != code and (code, name) not in blocked
    }
    return "WhatsApp" if use.get("WhatsApp", 0.0) >= LEAST_USED else max(use, key=lambda name: use[name])


def ban_of(code: str, facts: Facts, start: date, days: int) -> str:
    """Return the file of a ban."""
    ban = (
        f"{{id: ban, by: {code!r}, instrument: block, targets: [{target_of(code, facts)}], on: {start + timedelta(3)}}}"
    )
    return f"title: A ban in {state_anywhere(code, facts).name}\nstart: {start}\ndays: {days}\npolicies: [{ban}]\n"


def run_of(path: Path, code: str, facts: Facts, people: int) -> list[str]:
    """Run a ban and print what came of it; return what is missing."""
    spec = load(path)
    target = spec.policies[0].targets[0]
    wanted = {
        residence: n
        for residence, n in largest_diasporas(code, facts, LARGEST)
        if share_exposed(residence, code, {target}, facts) >= LEAST_USED
    }
    begun = time.perf_counter()
    result = sim.run(path, people=people, seeds=1, jobs=1)
    seconds = time.perf_counter() - begun
    groups = {str(row["group"]) for row in result.rows()} | set(result.members[0][0].axes.groups)
    missing = [there for there in wanted if f"{there}<-{code}" not in groups]
    named = ", ".join(f"{there} {n:,.0f}" for there, n in wanted.items()) or "none"
    users = next(row for row in result.rows() if (row["metric"], row["state"], row["platform"], row["at"])
                 == ("active_users", code, target, "end"))  # fmt: skip
    before, after, built = users["baseline"] or 0, users["policy"] or 0, len(result.members[0][0].axes.states)
    print(f"{code} {target:10} {before:>12,.0f} -> {after:>12,.0f} users a day; "
          f"largest diasporas: {named}; {built} states; {seconds:.1f} s", flush=True)  # fmt: skip
    faults = [f"no group {there}<-{code} of {wanted[there]:,.0f} people" for there in missing]
    if after >= before:
        faults.append(f"the ban on {target} takes nobody's access")
    return faults


def tables_of(spec: Scenario, code: str) -> list[str]:
    """Build the world of a ban and print its people beside the tables; return what differs."""
    world = make_world(spec.model_copy(update={"people": 4_000}), 1)
    facts, faults = spec.facts, list(differences(world.groups, spec, code))
    whole = facts_on(spec.world.facts, spec.start)
    known = state_anywhere(code, whole)
    built = facts.states[code]
    for field in ("population", "internet_users"):
        if getattr(built, field).value != getattr(known, field).value:
            faults.append(
                f"{field} {getattr(built, field).value:,.0f}, in the table {getattr(known, field).value:,.0f}"
            )
    there = sum(g.people for g in world.groups if g.side == "diaspora" and g.origin == code)
    here = sum(g.people for g in world.groups if g.side == "diaspora" and g.home == code)
    print(f"{code} population {built.population.value:,.0f}, internet users {built.internet_users.value:,.0f}; "
          f"diasporas of its people {there:,.0f} online, of others there {here:,.0f} online; {len(faults)} differ",
          flush=True)  # fmt: skip
    return faults


def differences(groups: list, spec: Scenario, code: str) -> Iterator[str]:
    """Yield where the groups of a state have other numbers of people than the tables."""
    facts, whole = spec.facts, facts_on(spec.world.facts, spec.start)
    users = facts.states[code].internet_users.value
    built = sum(g.people for g in groups if g.home == code)
    if abs(built - users) > 0.001 * users:
        yield f"groups of {built:,.0f} internet users, in the table {users:,.0f}"
    table = migrants_of(whole, tuple(facts.states))
    for group in groups:
        if group.side == "diaspora" and code in (group.home, group.origin):
            state = facts.states[group.home]
            wanted = table[group.home, group.origin].value * state.internet_users.value / state.population.value
            if abs(group.people - wanted) > 0.001 * wanted:
                yield f"{group.label}: {group.people:,.0f} people, in the table {wanted:,.0f} online"


if __name__ == "__main__":
    main()
