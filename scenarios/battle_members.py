"""The battle in sixteen members: two camps at once, decisions in every third, exits, lifted policies.

Run ``uv run python scenarios/battle_members.py`` (``--members 4`` for less). States alone decide, with a draw of all
that is uncertain for each member; no people and no platforms, so a member takes seconds.
"""

from __future__ import annotations

import argparse
from datetime import date

import numpy as np

import splinternet as sn
from sim.behaviour.alone import StatesAlone
from sim.decisions import Decision, Dissolve, Grew, Join, Launch, Leave, Lift, TakeOffice
from sim.results.worlds import world_of

SCENARIO = "the_battle"


def drawn(seed: int) -> sn.Scenario:
    """Return the scenario with a draw of its uncertain parameters."""
    spec = sn.load(SCENARIO)
    rng = np.random.default_rng([2030, seed])
    values = {name: float(rng.uniform(r.low, r.high)) for name, r in spec.uncertain.items()}
    return sn.load(spec.model_dump(mode="json") | {"parameters": values, "uncertain": {}})


def both_camps(rows: list[Decision]) -> int:
    """Return on how many days some state is in two programmes of which one is aimed at somebody in the other."""
    inside: dict[tuple[str, str], set[str]] = {}
    days: dict[date, bool] = {}
    for d in rows:
        match d.act:
            case Launch(adversary):
                inside[d.who, adversary] = {d.who}
            case Dissolve(adversary):
                del inside[d.who, adversary]
            case Join(leader, adversary):
                inside[leader, adversary].add(d.who)
            case Leave(leader, adversary):
                inside[leader, adversary].remove(d.who)
        days[d.day] = any(a & b and (foe in b or other in a) for (_, foe), a in inside.items()
                          for (_, other), b in inside.items())  # fmt: skip
    return sum(days.values())


def main(arguments: list[str] | None = None) -> None:
    """Print a row for each member, and what holds in how many."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=16)
    asked = parser.parse_args(arguments)
    print("member  kind       decisions by third   adopted  lifted  exits  programmes  days in two camps")
    thirds_full = exits = lifted = clash = 0
    for seed in range(1, asked.members + 1):
        spec = drawn(seed)
        rows = StatesAlone(spec, seed).run().decisions
        own = [d for d in rows if not isinstance(d.act, Grew | TakeOffice)]
        thirds = [sum(3 * (d.day - spec.start).days // spec.days == k for d in own) for k in range(3)]
        world, bad = world_of(seed, rows), both_camps(rows)
        opened = sum(isinstance(d.act, Launch) for d in rows)
        by_third = "".join(f"{count:6}" for count in thirds)
        counts = f"{world.adopted:7}  {world.ended:6}  {world.left:5}  {opened:10}"
        print(f"{seed:6}  {world.kind:9}  {by_third}   {counts}  {bad:17}")
        thirds_full += all(thirds)
        exits += world.left > 0
        lifted += any(isinstance(d.act, Lift) for d in rows)
        clash += bad > 0
    print(f"decisions in every third: {thirds_full} of {asked.members}; exits: {exits}; lifted policies: {lifted}; "
          f"a state in two hostile programmes: {clash}")  # fmt: skip


if __name__ == "__main__":
    main()
