"""What `check` accepts runs: every number of the schema and every parameter, at both ends of what
it allows.
"""

from __future__ import annotations

import csv
import math
import re
from fnmatch import fnmatchcase
from itertools import batched
from pathlib import Path

import ends
import pytest

import splinternet as sn
from splinternet.errors import InputError
from splinternet.facts import load_facts, model
from splinternet.facts.model import limits_of
from splinternet.facts.tables import Quantity
from splinternet.scenario import load

PARAMETERS = ends.ends_of_parameters()
NUMBERS = {name: found for name, found in ends.ends_of_keys().items() if name not in ends.APART}
TOGETHER = 120
"""Parameters that are set in one run: so that two runs of a batch try as many at each end."""


def test_every_number_has_both_ends() -> None:
    assert len(PARAMETERS) > 150
    assert len(NUMBERS) > 20
    open_ends = [
        name
        for name, found in {**PARAMETERS, **NUMBERS}.items()
        if not all(map(math.isfinite, found))
    ]
    assert open_ends == []


@pytest.mark.parametrize("end", [0, 1], ids=["least", "most"])
@pytest.mark.parametrize(
    "names", list(batched(sorted(PARAMETERS), TOGETHER)), ids=lambda names: names[0]
)
def test_parameters_run_at_both_ends(names: tuple[str, ...], end: int) -> None:
    assert (
        ends.run(ends.whole(days=8, parameters={name: PARAMETERS[name][end] for name in names}))
        == []
    )


@pytest.mark.parametrize("end", [0, 1], ids=["least", "most"])
def test_numbers_of_the_schema_run_at_both_ends(end: int) -> None:
    keys = ends.whole(days=8)
    for name, found in NUMBERS.items():
        if name not in ("StateKeys.population", "Scenario.seed"):
            ends.with_number(keys, name, found[end])
    assert ends.run(keys) == []
    keys = ends.with_number(
        ends.whole(days=2), "StateKeys.population", NUMBERS["StateKeys.population"][end]
    )
    assert ends.run(ends.with_number(keys, "Scenario.seed", NUMBERS["Scenario.seed"][end])) == []


def test_what_few_runs_divide_by_runs_at_its_least() -> None:
    """A block that ends brings people back, and agreements fade only by the rule that says so."""
    names = ("return.days", "return.away_days", "kin.fading_days")
    parameters = {name: PARAMETERS[name][0] for name in names} | {"kin.agreement_rule": "fading"}
    block = dict(
        id="b", instrument="block", by="CN", targets=["WeChat"], on="2020-08-02", until="2020-08-05"
    )
    assert ends.run(ends.whole(days=8, policies=[block], parameters=parameters)) == []


DIVISOR = re.compile(r"/ (?:[\w.]*(?:q|parameters)\[\"([a-z_.]+)\"\]|[\w.]*rules\.(\w+))")
GUARDED = {"burst.days", "circumvention.effort_spread", "cloud_ban.move_days"}
"""At 0 of these, the line that divides is not reached."""


def test_what_the_model_divides_by_is_never_0() -> None:
    sources = [path.read_text("utf-8") for path in Path(sn.__file__).parent.rglob("*.py")]
    rules = {
        name.replace(".", "_"): name for name in PARAMETERS
    }  # a rule is a parameter with another sign
    found = {
        name or rules.get(rule, rule) for text in sources for name, rule in DIVISOR.findall(text)
    }
    assert found >= GUARDED | {"return.days"}
    assert {name for name in found if name in PARAMETERS and PARAMETERS[name][0] <= 0} == GUARDED


def test_parameters_beyond_their_ends_are_refused_with_both() -> None:
    for at, towards in ((0, -math.inf), (1, math.inf)):
        beyond = {name: math.nextafter(found[at], towards) for name, found in PARAMETERS.items()}
        with pytest.raises(InputError) as caught:
            load({"title": "x", "start": "2020-08-01", "days": 3, "parameters": beyond})
        told = {
            problem.path.removeprefix("parameters."): problem.allowed
            for problem in caught.value.problems
        }
        known = load_facts("world-2020").parameters
        named = {
            name: f"one of: {', '.join(found.choices)}"
            for name, found in known.items()
            if found.choices
        }
        assert (
            told
            == {name: f"{least:g} to {most:g}" for name, (least, most) in PARAMETERS.items()}
            | named
        )


def test_every_row_of_the_limits_is_of_a_parameter() -> None:
    with (Path(model.__file__).parent / "limits.csv").open(newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    of_many = [name for name in names if name == "*" or name.startswith("unit:")]
    fitting = {
        name: [p for p in PARAMETERS if fnmatchcase(p, name)]
        for name in names
        if name not in of_many
    }
    assert [name for name, found in fitting.items() if not found] == []


def test_the_range_of_the_table_is_always_allowed() -> None:
    known = load_facts("world-2020").parameters
    limits = {name: limits_of(name, q) for name, q in known.items()}
    assert all(limits[name][0] <= q.low <= q.high <= limits[name][1] for name, q in known.items())
    own = Quantity(5.0, -2.0, 5_000_000.0, "days", "assumption: a test", "assumption")
    assert limits_of("mine.days", own) == (-2.0, 5_000_000.0)
    assert limits_of(
        "mine.share", Quantity(0.1, 0, 1, "share", "assumption: a test", "assumption")
    ) == (0.0, 1.0)
    assert limits_of(
        "mine.slope", Quantity(0.1, -3, 2, "1", "assumption: a test", "assumption")
    ) == (-300.0, 300.0)
    assert limits_of("stickiness.feed", known["stickiness.feed"]) == (0.01, 0.99)
