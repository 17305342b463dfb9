"""The battle on one page: what the United States, China, Russia and Turkey did, and who influenced
whom.

``uv run python pages/battle.py --members 12 --people 20000`` runs the seeds one after the other,
stores each in ``build/battle``, and writes their counts to ``pages/battle.json``; a stopped run
resumes. Without options it makes from that file the table and the picture of ``docs/statecraft.md``
and the part of the README.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import splinternet as sn
from splinternet.decisions import (
    Answer,
    Decision,
    Demand,
    Launch,
    Lift,
    Likely,
    Obeyed,
    Protested,
    PushedBack,
    Strike,
    Threatened,
)
from splinternet.experiments.pairs import run_pair
from splinternet.facts.orders import KINDS_OF_LAWS, Dispute, orders_between
from splinternet.facts.states import load_places
from splinternet.facts.tables import read
from splinternet.fit.orders import deciding_states, drawable, scored_platforms
from splinternet.scenario.load import member_spec

HERE = Path(__file__).resolve().parent
STORED = HERE / "battle.json"
KEPT = HERE.parent / "build" / "battle"
PAGE = HERE.parent / "docs" / "statecraft.md"
PICTURE = HERE.parent / "docs" / "img" / "battle.png"
PART = "battle"
README = HERE.parent / "README.md"
IN_README = "four states"
SCENARIO = "the_battle"
STATES = {"US": "United States", "CN": "China", "RU": "Russia", "TR": "Turkey"}
RECORDED = date(2025, 12, 31)
"""Last day on which orders are compared with the record."""
SERVICES = "median_services"
HEAD = (
    "orders in fact to 2025 (a run can draw)",
    "in a world",
    "laws with demands",
    "firms, by law: {answers}",
    "spared for obeying, punished for refusing",
    "lifted for people",
    "services that work, end of 2030: median (middle half)",
)
ANSWERS = ("gave in", "refused", "sued", "sold", "left")
"""Answers of firms to the laws of a state; a stored run may lack one."""
BEFORE = {"states on platforms": 3_350, "platforms on states": 0, "people on states": 108}
"""Earlier counts of the arrows, for twelve seeds of 20,000 people, before platforms influenced
states.
"""


def is_order(d: Decision) -> bool:
    """Return whether a decision newly restricts a platform."""
    return (
        isinstance(d.act, Strike)
        and bool(d.target)
        and not d.target[0].sector
        and d.act.instrument not in KINDS_OF_LAWS
        and d.reason != Likely("throttle", "")
    )


def arrows(decisions: Sequence[Decision]) -> dict[str, int]:
    """Return how many decisions of each kind one side made because of another."""
    found = {
        "states on platforms": sum(bool(d.platforms) for d in decisions),
        "platforms on states": sum(is_moved_by_platform(d) for d in decisions),
        "states on people": sum(is_order(d) for d in decisions),
        "people on states": sum(isinstance(d.reason, PushedBack | Protested) for d in decisions),
        "platforms on people": sum(
            isinstance(d.act, Answer) and d.act.in_effect and d.act.kind in ("comply", "leave")
            for d in decisions
        ),
    }
    between = ("retaliation", "imitation", "coalition")
    return found | {"states on states": sum(d.behaviour in between for d in decisions)}


def is_moved_by_platform(d: Decision) -> bool:
    """Return whether a state decided because of what a platform had answered."""
    return isinstance(d.reason, Obeyed | Threatened) or (
        isinstance(d.reason, Likely) and d.reason.leading == "refused"
    )


def counted(spec: sn.Scenario, decisions: Sequence[Decision]) -> dict[str, dict[str, int]]:
    """Return the counts of each state's acts until `RECORDED`, and of platforms' answers in the
    run.
    """
    laws = {p.id: p.by[0] for p in spec.policies if type(p).demands()}
    asked = {
        state: sum(by == state for by in laws.values())
        + sum(isinstance(d.act, Demand) and d.who == state for d in decisions)
        for state in STATES
    }
    owners = {name: fact.owner for name, fact in spec.platforms.items()}
    firms = {(p.id, owners[name]) for p in spec.policies if p.id in laws for name in p.targets}
    made = [d for d in decisions if isinstance(d.act, Demand)]
    firms |= {(d.policy.id, owners[aim.name]) for d in made for aim in d.target}
    laws |= {d.policy.id: d.who for d in made}
    settled = {
        (d.cause, owners[name])
        for d in decisions
        if isinstance(d.act, Answer) and d.act.in_effect
        for name in d.platforms
    }
    out = {}
    for state in STATES:
        answers = [
            d.act.kind
            for d in decisions
            if isinstance(d.act, Answer) and d.act.in_effect and laws.get(d.cause) == state
        ]
        suits = sum(
            isinstance(d.act, Answer)
            and d.act.kind == "contest"
            and not d.act.in_effect
            and laws.get(d.cause) == state
            for d in decisions
        )
        own = [d for d in decisions if d.who == state]
        out[state] = {
            "orders": sum(is_order(d) and d.day <= RECORDED for d in own),
            "asked": asked[state],
            "gave in": answers.count("comply"),
            "refused": sum(laws[law] == state for law, _ in firms - settled),
            "sued": suits,
            "sold": answers.count("sell"),
            "left": answers.count("leave"),
            "spared or punished for its answer": sum(map(is_moved_by_platform, own)),
            "lifted for people": sum(
                isinstance(d.act, Lift) and isinstance(d.reason, PushedBack | Protested)
                for d in own
            ),
        }
    return out


def _key(d: Decision) -> tuple[str, ...]:
    """Return the key of the dispute that an order follows from."""
    return tuple(d.cause.rpartition(":")[2].split("/"))


def member(seed: int, people: int) -> dict[str, Any]:
    """Run one seed, or read it if stored, and return its counts."""
    path = KEPT / f"{people}-{seed}.json"
    if path.exists():
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found
    spec = member_spec(sn.load(SCENARIO, people=people), seed)
    _, policy = run_pair(spec, seed, metrics=(SERVICES,))
    values = policy.arrays[SERVICES]
    codes = list(policy.axes.states)
    days = [(date(year, 12, 31) - spec.start).days for year in range(2019, 2031)]
    made = list(policy.decisions)
    ages = {
        d.cause: (d.day - date.fromisoformat(d.cause.rpartition("/")[2])).days
        for d in made
        if d.cause.startswith("fact:disputes:") and read(Dispute)[_key(d)].kind == "clash"
    }
    about = {
        "seed": seed,
        "states": counted(spec, made),
        "arrows": arrows(made),
        "programmes": sum(isinstance(d.act, Launch) for d in made),
        "clashes cited": ages,
        "services": {s: [round(float(values[t, codes.index(s)]), 4) for t in days] for s in STATES},
    }
    KEPT.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(about), encoding="utf-8")
    return about


def spread(values: Sequence[float]) -> str:
    """Return the mean and, if seeds differ, the smallest and the largest value."""
    low = min(values)
    high = max(values)
    text = f"{np.mean(values):.1f}"
    return text if low == high else f"{text} ({low:g} to {high:g})"


class InFact(NamedTuple):
    """The recorded orders of a state, and those that a run could draw (`drawable`)."""

    orders: int
    drawable: int

    def __str__(self) -> str:
        return f"{self.orders} ({self.drawable})"


def in_fact(start: date) -> dict[str, InFact]:
    """Return the orders of each state in the record that lasted 14 days or more."""
    rows = [row for row in orders_between(start, RECORDED) if row.platform in scored_platforms()]
    own = {state: [row for row in rows if row.state == state] for state in deciding_states()}
    drawn = drawable(SCENARIO, RECORDED)
    return {
        state: InFact(len(made), sum(row in drawn for row in made)) for state, made in own.items()
    }


def table(stored: Mapping[str, Any]) -> str:
    """Return the block of the page: the tables of states and of arrows."""
    members = stored["members"]
    fact = in_fact(sn.load(SCENARIO).start)
    answers = answers_stored(stored)
    lines = [
        f"{len(members)} simulated worlds of {stored['people']:,} people each, April 2019 to 2030: "
        "mean (least to most).",
        "",
        "| | " + " | ".join(HEAD).format(answers=" / ".join(answers)) + " |",
        "|---|" + "---|" * len(HEAD),
    ]
    for state, name in STATES.items():
        of = {
            key: [one["states"][state][key] for one in members]
            for key in members[0]["states"][state]
        }
        mean = [f"{np.mean(of[key]):.1f}" for key in answers]
        works = [100.0 * one["services"][state][-1] for one in members]
        share = middle_half(works)
        cells = (
            name,
            str(fact[state]),
            spread(of["orders"]),
            spread(of["asked"]),
            " / ".join(mean),
            spread(of["spared or punished for its answer"]),
            spread(of["lifted for people"]),
            share,
        )
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        "| who moves whom: decisions in a world | before (12 worlds of 20,000 people) | now |",
        "|---|---|---|",
    ]
    for key in members[0]["arrows"]:
        before = f"{BEFORE[key] / 12:.0f}" if key in BEFORE else "not counted"
        lines.append(f"| {key} | {before} | {np.mean([m['arrows'][key] for m in members]):.0f} |")
    whole = [sum(each) for each in zip(*fact.values(), strict=True)]
    dark = sum(one["services"][state][-1] < 0.01 for one in members for state in STATES)
    lines += [
        "",
        f"A run can draw {whole[1]} of the {whole[0]} orders of all its states: the platform is in "
        "the run, open and used there on the first day, and no earlier order stands. A law asks "
        "many firms. A firm has refused if none of its answers came into effect. On the last day "
        f"networks are shut down in {dark} of {len(members) * len(STATES)} cases (a state in a "
        "world). No answer names users as its cause, so there is no row for people on platforms.",
    ]
    lines += ["", after_clashes(members)]
    return "\n".join(lines)


def after_clashes(members: Sequence[Mapping[str, Any]]) -> str:
    """Return a sentence for each clash after which states of stored seeds restricted platforms of
    the other side.
    """
    said = []
    for key in sorted({key for one in members for key in one["clashes cited"]}):
        row = read(Dispute)[tuple(key.rpartition(":")[2].split("/"))]
        ages = [one["clashes cited"][key] for one in members if key in one["clashes cited"]]
        sides = ", ".join(load_places()[state].name for state in (row.a, row.b))
        day = date.fromisoformat(row.since)
        said.append(
            f"in {len(ages)} after {day.day} {day:%B %Y} ({sides}: up to {max(ages)} days later)"
        )
    return f"Orders follow clashes in some of {len(members)} worlds: " + ", ".join(said) + "."


def draw(stored: Mapping[str, Any], place: Path) -> None:
    """Draw the share of used services that work: a line for each state, the spread of worlds around
    it, and the record's orders as dots.
    """
    from matplotlib.figure import Figure

    start = sn.load(SCENARIO).start
    years = [start, *(date(year, 12, 31) for year in range(2019, 2031))]
    figure = Figure(figsize=(8.0, 4.2), layout="constrained")
    axes = figure.subplots()
    for state, name in STATES.items():
        values = np.array([[1.0, *one["services"][state]] for one in stored["members"]]) * 100.0
        lines = axes.plot(years, np.median(values, axis=0), label=name)  # type: ignore[arg-type]
        colour = lines[0].get_color()
        low, high = np.percentile(values, (25, 75), axis=0)
        axes.fill_between(years, low, high, color=colour, alpha=0.12)  # type: ignore[arg-type]
        days = [
            date.fromisoformat(row.since)
            for row in orders_between(start, RECORDED)
            if row.state == state and row.platform in scored_platforms()
        ]
        at = np.interp(
            [day.toordinal() for day in days],
            [year.toordinal() for year in years],
            np.median(values, axis=0),
        )
        axes.plot(days, at, "o", color=colour, markersize=4)  # type: ignore[arg-type]
    axes.set_ylabel("share of what people use that works [%]")
    axes.set_xlim(start - timedelta(days=60), date(2031, 1, 31))  # type: ignore[arg-type]
    axes.set_title(
        "A what-if: services that work (median, middle half of worlds); dots: recorded orders",
        fontsize=10,
    )
    axes.legend(frameon=False)
    figure.savefig(place, dpi=110)


def in_short(stored: Mapping[str, Any]) -> str:
    """Return the part of the README: the table of states, the arrows and the picture."""
    members = stored["members"]
    fact = in_fact(sn.load(SCENARIO).start)
    answers = answers_stored(stored)
    head = (
        HEAD[0],
        f"in {len(members)} worlds",
        "laws with demands",
        f"firms: {' / '.join(answers)}",
        "lifted for people",
        "services that work, 2030",
    )
    lines = ["| | " + " | ".join(head) + " |", "|---|" + "---|" * len(head)]
    for state, name in STATES.items():
        own = [one["states"][state] for one in members]
        mean = {key: f"{np.mean([one[key] for one in own]):.1f}" for key in own[0]}
        works = [100.0 * one["services"][state][-1] for one in members]
        cells = (
            name,
            str(fact[state]),
            spread([one["orders"] for one in own]),
            mean["asked"],
            " / ".join(mean[key] for key in answers),
            mean["lifted for people"],
            middle_half(works),
        )
        lines.append("| " + " | ".join(cells) + " |")
    moved = {
        key: f"{np.mean([m['arrows'][key] for m in members]):.0f}" for key in members[0]["arrows"]
    }
    said = (
        "In a world, decisions of states move platforms {states on platforms} times, "
        "people {states on people} and each other {states on states}; platforms move people "
        "{platforms on people} and states {platforms on states}; people move states "
        "{people on states}."
    )
    picture = PICTURE.relative_to(README.parent).as_posix()
    return "\n".join(
        [*lines, "", said.format(**moved), "", f"![Services that work: a what-if]({picture})"]
    )


def middle_half(shares: Sequence[float]) -> str:
    """Return the median share and, if they differ, the ends of the middle half of worlds [percent]."""
    low, middle, high = (f"{end:.0f}" for end in np.percentile(shares, (25, 50, 75)))
    return f"{middle} %" if low == high else f"{middle} % ({low} to {high})"


def answers_stored(stored: Mapping[str, Any]) -> list[str]:
    """Return the answers of firms that a stored run counts."""
    return [name for name in ANSWERS if name in stored["members"][0]["states"]["US"]]


def page_with(text: str, block: str, part: str = PART) -> str:
    """Return a page with a part replaced."""
    begin = f"<!-- begin {part} -->"
    end = f"<!-- end {part} -->"
    head, _, rest = text.partition(begin)
    _, _, tail = rest.partition(end)
    return f"{head}{begin}\n\n{block}\n\n{end}{tail}"


def main(arguments: list[str] | None = None) -> None:
    """Run seeds, or make the table and the picture."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=0, help="number of seeds to run first")
    parser.add_argument("--people", type=int, default=20_000)
    asked = parser.parse_args(arguments)
    if asked.members:
        found = [member(seed, asked.people) for seed in range(1, asked.members + 1)]
        stored = {"version": sn.__version__, "people": asked.people, "members": found}
        STORED.write_text(json.dumps(stored, indent=1) + "\n", encoding="utf-8")
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    block = table(stored)
    sys.stdout.write(block + "\n")
    for page, text, part in ((PAGE, block, PART), (README, in_short(stored), IN_README)):
        page.write_text(page_with(page.read_text(encoding="utf-8"), text, part), encoding="utf-8")
    draw(stored, PICTURE)


if __name__ == "__main__":
    main()
