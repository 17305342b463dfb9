"""What members draw: the posterior, declared ranges and named rules; what is set is not drawn."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from splinternet.errors import InputError
from splinternet.facts import load_facts, record
from splinternet.facts.record import read_posterior
from splinternet.facts.tables import Quantity
from splinternet.facts.worlds import facts_of
from splinternet.scenario import Scenario, load
from splinternet.scenario.load import HELD, at, drawn, drawn_by_default, drawn_names, member_spec

CALM = {"title": "calm", "start": "2020-01-01", "days": 3, "people": 1_500}
HEADER = "name,value,low,high,unit,basis,source,description,choices\n"


def known(value: float, low: float, high: float, choices: tuple[str, ...] = ()) -> Quantity:
    return Quantity(value, low, high, "1", "assumption: toy", "assumption", choices=choices)


def test_half_of_the_draws_lie_below_the_value_and_half_above() -> None:
    for number in (known(0.3, 0.1, 0.9), known(240, 90, 720), known(5e5, 1e5, 2e6)):
        parts = np.linspace(0, 1, 401)[:-1]
        told = np.array([at(number, part) for part in parts])
        assert (np.diff(told) > 0).all()
        assert (told[0], at(number, 0.5)) == (
            pytest.approx(number.low),
            pytest.approx(number.value),
        )
        assert told[-1] < number.high
        assert np.median(told) == pytest.approx(number.value, rel=0.02)
    wide = known(5e5, 1e5, 2e6)
    assert at(wide, 0.25) == pytest.approx((1e5 * 5e5) ** 0.5), (
        "on a logarithmic scale where the ends are far apart"
    )
    rules = known(0, 0, 2, ("one", "two", "three"))
    assert [at(rules, part) for part in (0.0, 0.4, 0.99)] == [0.0, 1.0, 2.0]


def test_no_parameter_that_is_drawn_has_its_value_at_an_edge() -> None:
    for name, one in drawn_by_default(load(CALM)).items():
        assert one.choices or one.low < one.value < one.high, name


def test_a_member_draws_everything_that_moves_it_and_nothing_that_is_set() -> None:
    spec = load(
        {
            **CALM,
            "parameters": {"ties.only_channel": 0.6},
            "uncertain": {"ties.kin_abroad": {"low": 2, "high": 4}},
        }
    )
    first, again, other = (member_spec(spec, seed) for seed in (1, 1, 2))
    assert first.parameters == again.parameters != other.parameters
    assert first.parameters["ties.only_channel"] == 0.6
    assert 2 <= first.parameters["ties.kin_abroad"] <= 4
    assert len(drawn_names(spec)) > 100
    table = load_facts().parameters
    fitted = set(read_posterior()[0]) if read_posterior() else set()
    for name, value in first.parameters.items():
        assert (
            name in fitted
            or table[name].low <= value <= table[name].high
            or name == "ties.only_channel"
        )
    assert not [name for name in first.parameters if name.partition(".")[0] in HELD], (
        "decisions of states and firms"
    )
    assert "routes.chinese_peers" not in first.parameters
    assert drawn(first, 1) == {}, "a member draws no more"
    fewer = load({**CALM, "uncertain": {"ties.kin_abroad": {"low": 2, "high": 4}}})
    a, b = drawn(spec, 3), drawn(fewer, 3)
    assert {name: b[name] for name in a} == a, "one range less changes no other draw"


@pytest.fixture
def joint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[dict[str, float], ...]]:
    """Put a joint posterior in force: draws of every fitted parameter within its prior."""
    with record.PRIORS.open(encoding="utf-8", newline="") as file:
        ends = {
            row["name"]: (float(row["prior_low"]), float(row["prior_high"]))
            for row in csv.DictReader(file)
        }
    rows = [
        {name: low + (high - low) * i / 50 for name, (low, high) in ends.items()} for i in range(50)
    ]
    table = tmp_path / "posterior.csv"
    lines = [",".join(f"{value:.8g}" for value in row.values()) for row in rows]
    table.write_text("\n".join((",".join(ends), *lines)) + "\n", encoding="utf-8")
    monkeypatch.setattr(record, "POSTERIOR", table)
    yield read_posterior()
    record.forget()


def test_what_events_identify_is_drawn_together(joint: tuple[dict[str, float], ...]) -> None:
    assert len(joint) == 50
    spec = load(CALM)
    seen = {tuple(drawn(spec, seed)[name] for name in joint[0]) for seed in range(60)}
    assert seen <= {tuple(row.values()) for row in joint}
    assert len(seen) > 15
    alone = {drawn(spec, seed, posterior=())["choice.value_spread"] for seed in range(60)}
    assert len(alone) == 60, "without a posterior, from the declared range"


def test_a_posterior_of_other_rules_is_not_used(joint: tuple[dict[str, float], ...]) -> None:
    text = record.POSTERIOR.read_text(encoding="utf-8")
    for wrong in (
        text.replace("choice.value_spread", "choice.gone"),
        text.replace("\n0.6,", "\n60,", 1),
    ):
        assert wrong != text
        record.POSTERIOR.write_text(wrong, encoding="utf-8")
        record.forget()
        assert read_posterior() == ()
    record.POSTERIOR.write_text(text.replace("\n0.6,", "\nmuch,", 1), encoding="utf-8")
    record.forget()
    with pytest.raises(InputError, match="a cell is not a number"):
        read_posterior()


def test_a_scenario_says_how_much_is_drawn() -> None:
    ranges = {"uncertain": {"ties.kin_abroad": {"low": 2, "high": 4}}}
    stated, nothing = (
        load({**CALM, **ranges, "draw": "stated"}),
        load({**CALM, **ranges, "draw": "nothing"}),
    )
    assert set(drawn(stated, 1)) == {"ties.kin_abroad"}
    assert member_spec(nothing, 1) == nothing
    assert load({**CALM, "draw": "all"}).digest == load(CALM).digest != stated.digest
    with pytest.raises(InputError, match="draw"):
        load({**CALM, "draw": "some"})


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a table of parameters in a folder of facts."""
    (tmp_path / "world.csv").write_text(
        "key,name,value,source,basis,note\nbase,,world-2020,own,assumption,\n", encoding="utf-8"
    )
    table = tmp_path / "parameters.csv"
    table.write_text(
        HEADER
        + "toy.rule,1,0,2,choice,assumption,assumption: nobody knows,Who follows whom,nobody|friends|kin\n",
        encoding="utf-8",
    )
    return table


def calm_on(table: Path) -> dict[str, Any]:
    """Return a calm scenario on the facts beside a table."""
    return {**CALM, "world": {"facts": facts_of(table.parent)}}


def test_rules_that_the_record_cannot_distinguish_are_named_and_drawn(own: Path) -> None:
    calm = calm_on(own)
    spec = load(calm)
    told = [member_spec(spec, seed).parameters["toy.rule"] for seed in range(200)]
    assert set(told) == {0.0, 1.0, 2.0}
    assert min(told.count(rule) for rule in (0.0, 1.0, 2.0)) > 40, "each alike"
    by_name = load({**calm, "parameters": {"toy.rule": "kin"}})
    assert by_name.parameters["toy.rule"] == 2
    assert by_name.digest == load({**calm, "parameters": {"toy.rule": 2}}).digest
    assert load(calm, overrides=["toy.rule=nobody"]).parameters["toy.rule"] == 0
    assert load({**calm, "sweep": {"toy.rule": ["nobody", "kin"]}}).sweep["toy.rule"] == (0, 2)
    for wrong in ("cousins", 3, 0.5):
        with pytest.raises(InputError, match=r"nobody, friends, kin|a number"):
            load({**calm, "parameters": {"toy.rule": wrong}})
    with pytest.raises(InputError, match="no range"):
        load({**calm, "uncertain": {"toy.rule": {"low": 0, "high": 1}}})


@pytest.mark.parametrize(
    "row",
    ["3,0,2,choice|a|b|c", "0,0,1,choice|a|b|c", "0,0,1,share|a|b", "0,0,1,choice|a|a"],
)
def test_a_faulty_choice_in_a_table_is_refused(own: Path, row: str) -> None:
    numbers, _, names = row.partition("|")
    own.write_text(
        HEADER + f"toy.rule,{numbers},assumption,assumption: x,Who,{names}\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match="choice"):
        load(calm_on(own))


def test_a_scenario_of_a_member_is_the_whole_of_what_it_runs() -> None:
    spec: Scenario = member_spec(load("wechat_as_ordered"), 7)
    assert load(spec.model_dump(exclude_none=True)).parameters == spec.parameters
