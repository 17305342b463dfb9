"""The battle for sixteen seeds: states in two camps, decisions in every third of the run, exits,
lifted policies.

Run ``uv run python studies/battle_members.py`` (``--members 4`` for fewer). Only states decide, and
each seed draws all uncertain values. There are no people and no platforms, so a seed takes seconds.
With ``--people 2000``, users and platforms decide in the same run, and a seed takes a minute on one
core; the output then includes the orders of each state beside the record, and the acts of platforms
and users. ``--run runs/the_battle-1234`` uses the seeds of a stored run.
"""

from __future__ import annotations

import argparse
from collections import Counter
from datetime import date

import numpy as np

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.decisions import (
    ADOPTS,
    FACT,
    Decision,
    Dissolve,
    Grew,
    Join,
    Launch,
    Leave,
    Lift,
    Likely,
    Protested,
    PushedBack,
    Strike,
    TakeOffice,
    camps_of,
)
from splinternet.experiments.pairs import run_pair
from splinternet.facts.orders import KINDS_OF_LAWS, orders_between
from splinternet.fit.orders import deciding_states, drawable, scored_platforms
from splinternet.scenario.load import member_spec

SCENARIO = "the_battle"
RECORDED_UNTIL = date(2025, 12, 31)
"""Last day on which orders are compared with the record."""
RECORDED = ("internets_by_likeness",)
"""The only metrics recorded with people: decisions do not depend on them, and eleven years take
little memory.
"""


def drawn(seed: int) -> sn.Scenario:
    """Return the scenario with a draw of its uncertain parameters."""
    spec = sn.load(SCENARIO)
    rng = np.random.default_rng([2030, seed])
    values = {name: float(rng.uniform(r.low, r.high)) for name, r in spec.uncertain.items()}
    return sn.load(spec.model_dump(mode="json") | {"parameters": values, "uncertain": {}})


def alone(seed: int) -> tuple[sn.Scenario, list[Decision]]:
    """Return the scenario of a seed in which only states decide, and their decisions."""
    spec = drawn(seed)
    return spec, StatesAlone(spec, seed).run().decisions


def with_people(seed: int, people: int) -> tuple[sn.Scenario, list[Decision]]:
    """Return the scenario of a seed with users and platforms, and the decisions in it."""
    spec = member_spec(sn.load(SCENARIO, people=people), seed)
    _, policy = run_pair(spec, seed, metrics=RECORDED)
    return spec, list(policy.decisions)


def without_cause(spec: sn.Scenario, rows: list[Decision]) -> int:
    """Return the number of decisions without a cause: a policy of the scenario, an earlier
    decision, or a fact.
    """
    known, found = {p.id for p in spec.policies}, 0
    for d in rows:
        found += not (d.cause in known or d.cause.startswith(FACT))
        known.add(d.id)
    return found


def both_camps(rows: list[Decision]) -> int:
    """Return the number of days on which a state is in two programmes, one of them against a member
    of the other.
    """
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
        days[d.day] = any(
            a & b and (foe in b or other in a)
            for (_, foe), a in inside.items()
            for (_, other), b in inside.items()
        )
    return sum(days.values())


def orders_of(rows: list[Decision], until: date) -> Counter[str]:
    """Return the number of platforms that each state restricts by its own decision until a day."""
    made = [
        d
        for d in rows
        if isinstance(d.act, Strike) and d.target and not d.target[0].sector and d.day <= until
    ]
    # Laws of another kind and stricter orders are not new restrictions.
    return Counter(
        d.who
        for d in made
        if d.act.instrument not in KINDS_OF_LAWS and d.reason != Likely("throttle", "")
    )


def print_orders(spec: sn.Scenario, made: Counter[str], members: int) -> None:
    """Print the mean number of orders of each state beside the record, to the end of 2025."""
    rows = [
        row
        for row in orders_between(spec.start, RECORDED_UNTIL)
        if row.platform in scored_platforms()
    ]
    known = Counter(row.state for row in rows if row.state in deciding_states())
    drawn = Counter(row.state for row in rows if row in drawable(SCENARIO, RECORDED_UNTIL))
    print(
        f"restrictions of platforms until {RECORDED_UNTIL}: state, in a mean member, in the record "
        "(14 days or more), of which a run can draw"
    )
    for state in sorted({*known, *made}, key=lambda state: (-known[state], -made[state])):
        print(f"  {state}  {made[state] / members:5.1f}  {known[state]:3}  {drawn[state]:3}")
    several = [state for state, count in known.items() if count >= 3]
    near = [state for state in several if 0.5 <= made[state] / members / known[state] <= 2.0]
    print(
        f"within a factor of two: {len(near)} of {len(several)} states with three or more ({', '.join(near)})"
    )


def main(arguments: list[str] | None = None) -> None:
    """Print a row for each seed, and the number of seeds with each property."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=16)
    parser.add_argument(
        "--people",
        type=int,
        default=0,
        help="also simulate users and platforms, with this number of people",
    )
    parser.add_argument(
        "--run", default="", help="the folder of a run, whose seeds are used instead"
    )
    asked = parser.parse_args(arguments)
    if asked.run:
        result = sn.open(asked.run)
        made = [(result.scenario, list(policy.decisions)) for _, policy in result.members]
        asked.members = len(made)
    print(
        "member  camps  decisions by third   adopted  lifted  exits  programmes  days in two camps"
    )
    thirds_full = exits = lifted = clash = decided = lost = 0
    orders: Counter[str] = Counter()
    answers, lifts = [0, 0, 0], Counter[str]()
    for seed in range(1, asked.members + 1):
        if asked.run:
            spec, all_rows = made[seed - 1]
        else:
            spec, all_rows = with_people(seed, asked.people) if asked.people else alone(seed)
        decided, lost = decided + len(all_rows), lost + without_cause(spec, all_rows)
        rows = [d for d in all_rows if not d.platforms]
        own = [d for d in rows if not isinstance(d.act, Grew | TakeOffice)]
        thirds = [
            sum(3 * (d.day - spec.start).days // spec.days == k for d in own) for k in range(3)
        ]
        bad = both_camps(rows)
        adopted, ended, left = (
            sum(isinstance(d.act, acts) for d in rows) for acts in (ADOPTS, Lift, Leave)
        )
        opened = sum(isinstance(d.act, Launch) for d in rows)
        by_third = "".join(f"{count:6}" for count in thirds)
        counts = f"{adopted:7}  {ended:6}  {left:5}  {opened:10}"
        print(f"{seed:6}  {len(camps_of(rows)):5}  {by_third}   {counts}  {bad:17}", flush=True)
        orders += orders_of(rows, RECORDED_UNTIL)
        for d in all_rows:
            answers[3 * (d.day - spec.start).days // spec.days] += bool(d.platforms)
            lifts[d.reason.code if isinstance(d.act, Lift) else ""] += 1
        thirds_full += all(thirds)
        exits += left > 0
        lifted += any(isinstance(d.act, Lift) for d in rows)
        clash += bad > 0
    print(
        f"decisions in every third: {thirds_full} of {asked.members}; exits: {exits}; lifted policies: {lifted}; "
        f"a state in two hostile programmes: {clash}; decisions without an earlier cause or a fact: {lost} of {decided}"
    )
    print_orders(spec, orders, asked.members)
    pressed = lifts[PushedBack.code] + lifts[Protested.code]
    total = sum(count for code, count in lifts.items() if code)
    print(f"lifts: {total}, of which {pressed} follow what users lost or their protests")
    if asked.people or asked.run:
        print(f"decisions of platforms in each third: {answers[0]}, {answers[1]}, {answers[2]}")


if __name__ == "__main__":
    main()
