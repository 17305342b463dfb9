"""Scenario files: the shipped ones are right, and what a file says is what the model gets."""

from __future__ import annotations

import json
import pickle
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from scenario_sample import SAMPLE

from splinternet.core.shipped import shipped
from splinternet.errors import Code, InputError, unreadable
from splinternet.metrics.registry import METRICS
from splinternet.scenario import Range, Scenario, load, varied
from splinternet.scenario.explain import lines, longest
from splinternet.scenario.json_schema import json_schema
from splinternet.scenario.load import display

SHIPPED = sorted(shipped())
EDITOR = jsonschema.Draft7Validator(json_schema(METRICS))


def _plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _file(folder: Path, text: str, name: str = "sample.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def sample(tmp_path: Path) -> Scenario:
    return load(_file(tmp_path, SAMPLE), known_metrics=METRICS)


KNOWN_GAPS = {Code.DATED, Code.UNMEASURED, Code.ALREADY, Code.UNUSED}
"""What a shipped scenario may say that it does not know; everything else has to be mended in its
file.
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_scenarios_are_right_and_their_resolved_text_loads_again(
    name: str, tmp_path: Path
) -> None:
    scenario = load(name, known_metrics=METRICS)
    assert {doubt.code for doubt in scenario.doubts} <= KNOWN_GAPS
    assert scenario.origins["world.facts"] != "default", "its world is named"
    text = shipped()[name].read_text(encoding="utf-8")
    EDITOR.validate(json.loads(json.dumps(_plain(text), default=str)))
    again = load(_file(tmp_path, scenario.to_yaml()), known_metrics=METRICS)
    assert again.digest == scenario.digest


def test_the_schema_is_draft_7() -> None:
    schema = json_schema(METRICS)
    jsonschema.Draft7Validator.check_schema(schema)
    assert "$defs" not in json.dumps(schema)


def test_the_schema_accepts_the_sample_and_refuses_mistakes() -> None:
    data = json.loads(json.dumps(_plain(SAMPLE), default=str))
    EDITOR.validate(data)
    EDITOR.validate({"extends": "x.yaml", "policies": [{"id": "wechat-ban", "on": "2020-10-01"}]})
    for key, value in (("sede", 1), ("days", "many"), ("status", "maybe"), ("people", 5)):
        assert not EDITOR.is_valid({**data, key: value})
    data["policies"][0]["tecnique"] = "dpi"
    assert not EDITOR.is_valid(data)
    assert not EDITOR.is_valid({"title": "x", "days": 5})


def test_the_sample_survives_every_way_of_passing_it_on(sample: Scenario, tmp_path: Path) -> None:
    text = sample.to_yaml()
    again = load(_file(tmp_path, text, "again.yaml"))
    assert again.digest == sample.digest
    assert again.to_yaml() == text
    assert load(sample).digest == sample.digest
    assert load(_plain(SAMPLE)).digest == sample.digest
    assert load(json.loads(json.dumps(_plain(SAMPLE), default=str))).digest == sample.digest
    assert Scenario(**_plain(SAMPLE)).digest == sample.digest
    copy = pickle.loads(pickle.dumps(sample))
    assert (copy.digest, copy.origins, copy.path) == (sample.digest, sample.origins, sample.path)


@settings(max_examples=40, deadline=None)
@given(
    title=st.text(min_size=1, max_size=80).filter(
        lambda text: not unreadable(text) and not set("\n\t") & set(text)
    ),
    share=st.floats(0, 1),
    people=st.integers(1_000, 200_000_000),
    seed=st.integers(0, 2**53 - 1),
    start=st.dates(date(1990, 1, 1), date(2100, 12, 31)),
)
def test_any_values_survive_the_round_trip(
    title: str,
    share: float,
    people: int,
    seed: int,
    start: date,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    keys = {"title": title, "start": start, "days": 5, "people": people, "seed": seed}
    scenario = load({**keys, "world": {"vpn_share": {"DE": share}}})
    path = _file(tmp_path_factory.mktemp("round"), scenario.to_yaml())
    assert load(path).digest == scenario.digest


def test_defaults() -> None:
    scenario = load({"title": "x", "start": "2020-08-01", "days": 30})
    assert (scenario.people, scenario.seed, scenario.status) == (25_000, 1, "what-if")
    assert (scenario.world.facts, scenario.policies) == ("world-2020", ())
    assert not any(scenario.behaviour.model_dump().values())
    assert scenario.end == date(2020, 8, 30)
    assert scenario.name == "x"


def test_names_become_canonical(sample: Scenario) -> None:
    by_id = {policy.id: policy for policy in sample.policies}
    assert by_id["wechat-ban"].by == ("US",)
    assert by_id["wechat-ban"].targets == ("WeChat",)
    assert by_id["slow"].by == ("TR", "RU")
    assert by_id["stores"].targets == ("TikTok",)
    assert set(sample.world.platforms) == {"Mastodon", "Twitter"}
    assert sample.world.vpn_share == {"DE": 0.16}


def test_a_penetration_given_with_its_platform_joins_the_others(sample: Scenario) -> None:
    assert sample.world.penetration["DE"] == {"Mastodon": 0.01}
    assert sample.world.platforms["Mastodon"].penetration is None
    keys = {"title": "x", "start": "2020-08-01", "days": 5}
    everywhere = load({**keys, "world": {"platforms": {"Facebook": {"penetration": 0}}}})
    assert {table["Facebook"] for table in everywhere.world.penetration.values()} == {0}
    assert set(everywhere.world.penetration) == set(everywhere.facts.states)


def test_announced_is_the_first_day_unless_stated(sample: Scenario) -> None:
    by_id = {policy.id: policy for policy in sample.policies}
    assert by_id["wechat-ban"].announced == date(2020, 8, 6)
    assert by_id["slow"].announced == by_id["slow"].on == date(2020, 10, 1)
    assert by_id["stay"].in_force(date(2020, 10, 31))
    assert not by_id["stay"].in_force(date(2020, 11, 1))


def test_a_bare_threat_has_no_first_day() -> None:
    policy = dict(id="a", by="US", instrument="block", targets="TikTok", announced="2020-08-06")
    scenario = load({"title": "x", "start": "2020-08-01", "days": 30, "policies": [policy]})
    assert scenario.policies[0].on is None
    assert not scenario.policies[0].in_force(date(2020, 8, 20))
    assert scenario.policies[0].days_known(date(2020, 8, 6)) == 0


def test_on_may_be_in_quotes_or_come_from_yaml_1_1(tmp_path: Path) -> None:
    quoted = load(_file(tmp_path, SAMPLE))
    plain = load(_file(tmp_path, SAMPLE.replace('"on"', "on"), "plain.yaml"))
    data = _plain(SAMPLE)
    data["policies"][0][True] = data["policies"][0].pop("on")  # what PyYAML makes of on
    assert quoted.digest == plain.digest == load(data).digest


@pytest.mark.parametrize(
    ("text", "value"),
    [("1_000", 1_000), ("1e5", 100_000), ("0x7D0", 2_000), ("0o3720", 2_000), ("02000", 2_000)],
)
def test_numbers_are_those_of_yaml_1_2(text: str, value: int, tmp_path: Path) -> None:
    path = _file(tmp_path, f"title: x\nstart: 2020-08-01\ndays: 5\npeople: {text}\n")
    assert load(path).people == value


def test_no_is_norway_and_not_false(tmp_path: Path) -> None:
    path = _file(tmp_path, "title: NO\nstart: 2020-08-01\ndays: 5\n")
    assert load(path).title == "NO"
    assert '"NO"' in load(path).to_yaml()


CHILD = """\
extends: sample.yaml
title: A child
people: 50_000
world: {vpn_share: {TR: 0.3}, penetration: {US: {WeChat: {other: 0.002}}}}
policies:
  - {id: wechat-ban, "on": 2020-09-25}
  - {id: slow, instrument: block, technique: dns}
  - {id: new, instrument: block, by: CN, targets: Signal, on: 2020-11-11}
measure: [vpn_users]
"""


def test_messages_name_each_place_once_and_plainly(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^people: 300 is too small"):
        load({"title": "t", "start": "2020-08-01", "days": 8, "people": 300})
    assert display(tmp_path / "a" / ".." / "b.yaml") == str(tmp_path / "b.yaml")


def test_extends_changes_what_is_named(tmp_path: Path) -> None:
    parent = load(_file(tmp_path, SAMPLE))
    child = load(_file(tmp_path, CHILD, "child.yaml"))
    assert (child.title, child.days, child.people) == ("A child", parent.days, 50_000)
    assert child.world.vpn_share == {"DE": 0.16, "TR": 0.3}
    assert child.world.penetration["US"]["WeChat"] == {"CN": 0.9, "other": 0.002}
    assert [policy.id for policy in child.policies] == [*(p.id for p in parent.policies), "new"]
    by_id = {policy.id: policy for policy in child.policies}
    assert by_id["wechat-ban"].on == date(2020, 9, 25)
    assert by_id["wechat-ban"].reference == "Executive Order 13943"
    assert by_id["slow"].instrument == "block"
    assert by_id["slow"].by == ("TR", "RU")
    assert child.measure == ("vpn_users",)
    assert child.origins["days"].endswith("sample.yaml:4")
    assert child.origins["policies.wechat-ban.on"].endswith("child.yaml:6")


def test_an_empty_list_of_policies_clears_those_of_the_parent(tmp_path: Path) -> None:
    _file(
        tmp_path, SAMPLE.replace("sweep: {policies.wechat-ban.on: [2020-09-20, 2020-11-12]}\n", "")
    )
    child = _file(tmp_path, "extends: sample\npolicies: []\n", "child.yaml")
    assert load(child).policies == ()


def test_a_shipped_scenario_can_be_extended_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    child = _file(tmp_path, "extends: baseline_2020\ndays: 7\n")
    assert load(child).days == 7
    assert load({"extends": "baseline_2020.yaml", "days": 7}).start == load("baseline_2020").start


@pytest.mark.parametrize(
    "name", ["baseline_2020", "baseline_2020.yaml", "scenarios/baseline_2020.yaml"]
)
def test_shipped_scenarios_are_found_by_name(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(name).name == "baseline_2020"


def test_settings_win_over_the_file(tmp_path: Path) -> None:
    changes = [
        "policies.wechat-ban.on=2020-10-10",
        "world.penetration.United States.WeChat.China=0.5",
        "world.penetration.RU.Mail.ru=0.3",
        "choice.review_days=9",
        "parameters.stickiness.feed=0.4",
        "uncertain.choice.review_days.low=8",
        "policies.stay.until=null",
        "status=what-if",
    ]
    scenario = load(_file(tmp_path, SAMPLE), overrides=changes, people=30_000, days=99, seed=7)
    by_id = {policy.id: policy for policy in scenario.policies}
    assert by_id["wechat-ban"].on == date(2020, 10, 10)
    assert by_id["stay"].until is None
    assert scenario.world.penetration["US"]["WeChat"] == {"CN": 0.5, "other": 0.001}
    assert scenario.world.penetration["RU"] == {"Mail.ru": 0.3}
    assert scenario.parameters == {"choice.review_days": 9, "stickiness.feed": 0.4}
    assert scenario.uncertain["choice.review_days"].low == 8
    assert (scenario.people, scenario.days, scenario.seed, scenario.status) == (
        30_000,
        99,
        7,
        "what-if",
    )
    assert scenario.origins["status"] == "--set status=what-if"
    assert scenario.origins["people"] == "--people 30000"


def test_variations_are_scenarios_too(sample: Scenario) -> None:
    other = varied(sample, {"choice.review_days": 21, "policies.wechat-ban.on": date(2020, 11, 12)})
    assert other.parameters["choice.review_days"] == 21
    assert other.policies[0].on == date(2020, 11, 12)
    assert other.name == sample.name
    assert other.digest != sample.digest
    with pytest.raises(InputError, match="too large"):
        varied(sample, {"world.vpn_share.DE": 2})


def test_ranges_are_drawn_between_their_ends() -> None:
    plain = Range(low=1, high=100)
    assert (plain.at(0), plain.at(0.5), plain.at(1)) == (1, 50.5, 100)
    steep = Range(low=1, high=100, distribution="log-uniform")
    assert steep.at(0.5) == pytest.approx(10)


def test_doubts_are_warnings(tmp_path: Path) -> None:
    text = SAMPLE.replace("people: 20_000", "people: 2_000").replace("days: 120", "days: 60")
    text = text.replace("share: 0.5", "share: 0.5, technique: dpi").replace(
        "until: 2020-11-01", "until: 2020-09-20"
    )
    warnings = load(_file(tmp_path, text)).warnings
    told = "\n".join(warnings)
    for part in (
        "2,000 simulated people are few",
        "after the last day",
        "never in force",
        "changes nothing",
    ):
        assert part in told
    assert all("sample.yaml:" in warning for warning in warnings)


def test_doubts_of_a_scenario_made_of_another_stand_in_the_file_of_that_one(tmp_path: Path) -> None:
    text = SAMPLE.replace("share: 0.5", "share: 0.5, technique: dpi").replace(
        "until: 2020-11-01", "until: 2020-09-20"
    )

    def doubts(spec: Scenario) -> list[tuple[str, str]]:
        return [(doubt.where, doubt.said) for doubt in spec.doubts]

    unasked, asked = load(_file(tmp_path, text)), load(_file(tmp_path, text))
    found = doubts(asked)
    nothing = [
        where for where, said in found if said.startswith("policies.stay: it changes nothing")
    ]
    assert len(nothing) == 1 and "sample.yaml:" in nothing[0]
    for spec in (asked, unasked):  # whether they are known yet or not
        assert doubts(load(spec, people=30_000)) == found == doubts(load(load(spec, seed=5)))
    override = "policies.wechat-ban.technique=isp"
    changed = doubts(load(asked, overrides=[override]))
    told = "policies.wechat-ban.technique: 'technique' changes nothing for 'transaction_ban'"
    assert [one for one in changed if one not in found] == [(f"--set {override}", told)]


def test_the_values_tell_every_value_and_its_origin(sample: Scenario) -> None:
    told = {line.path: line for line in lines(sample, parameters=True)}
    assert told["days"].origin.endswith("sample.yaml:4")
    assert told["world.penetration.DE.Mastodon"].origin.endswith("sample.yaml:13")
    assert told["policies.slow.announced"].origin.endswith("sample.yaml:27")
    assert told["behaviour.coalition"].origin == "default"
    assert told["parameters.choice.review_days"].origin.endswith("sample.yaml:32")
    assert told["parameters.choice.alert_days"].origin == "facts"
    assert longest(sample) < longest(varied(sample, {"people": 10**6}))
