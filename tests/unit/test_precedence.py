"""A value that is fixed later than its range under `uncertain:` holds, in results, on screen and in
the manifest.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import call

from splinternet.experiments import ensemble
from splinternet.scenario import Scenario, load, varied

NAME = "ties.only_channel"
BASE = """
title: A throttle
start: 2020-08-01
days: 20
people: 2000
world:
  vpn_share: {US: 0.2}
policies:
  - {id: slow, by: US, instrument: throttle, targets: [WeChat], on: 2020-08-05, share: 0.5, coverage: 0.8}
parameters: {ties.only_channel: 0.6}
uncertain:
  ties.only_channel: {low: 0.3, high: 0.9}
  policies.slow.coverage: {low: 0.5, high: 1}
  world.vpn_share.US: {low: 0.1, high: 0.3}
  world.penetration.US.WeChat.CN: {low: 0.7, high: 1}
"""
ALL = {NAME, "policies.slow.coverage", "world.vpn_share.US", "world.penetration.US.WeChat.CN"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    path = tmp_path / "base.yaml"
    path.write_text(BASE)
    return path


def said(spec: Scenario) -> list[str]:
    return [text for text in spec.warnings if "is not drawn" in text]


def test_in_one_file_the_range_holds(base: Path) -> None:
    spec = load(base)
    assert set(spec.uncertain) == ALL
    assert said(spec) == []
    drawn = {ensemble.member_spec(spec, seed).parameters[NAME] for seed in range(4)}
    assert len(drawn) == 4
    assert 0.6 not in drawn
    assert said(ensemble.member_spec(spec, 1)) == [], (
        "what a member draws fixes nothing against the user's range"
    )


@pytest.mark.parametrize(
    ("setting", "dropped"),
    [
        ("parameters.ties.only_channel=0.3", NAME),
        ("parameters={ties.only_channel: 0.3}", NAME),
        ("policies.slow.coverage=0.7", "policies.slow.coverage"),
        ("world.vpn_share.US=0.5", "world.vpn_share.US"),
        ("world.penetration.US.WeChat=0.5", "world.penetration.US.WeChat.CN"),
        ("world.platforms.WeChat.penetration.US=0.5", "world.penetration.US.WeChat.CN"),
    ],
)
def test_what_is_set_later_drops_its_range_and_no_other(
    base: Path, setting: str, dropped: str
) -> None:
    spec = load(base, overrides=[setting])
    assert set(spec.uncertain) == ALL - {dropped}
    assert list(spec.fixed) == [dropped] and "by --set" in spec.fixed[dropped].found


def test_a_file_that_extends_fixes_what_it_states(base: Path) -> None:
    lines = (
        "extends: base.yaml",
        "title: Fixed",
        f"parameters: {{{NAME}: 0.3}}",
        "policies:",
        "  - {id: slow, coverage: 0.9}",
    )
    (base.parent / "fixed.yaml").write_text("\n".join(lines))
    spec = load(base.parent / "fixed.yaml")
    assert set(spec.uncertain) == ALL - {NAME, "policies.slow.coverage"}
    assert any(
        f"{NAME} is fixed at 0.3 by" in text and "fixed.yaml:3" in text for text in said(spec)
    )
    whole = base.parent / "whole.yaml"
    whole.write_text(spec.to_yaml())
    assert load(whole).digest == spec.digest


def test_a_change_in_python_fixes_and_a_later_range_is_drawn(base: Path) -> None:
    fixed = varied(load(base), {NAME: 0.3})
    assert NAME not in fixed.uncertain
    assert load(fixed, people=3_000).fixed == fixed.fixed, "it is still said after more changes"
    again = varied(fixed, {f"uncertain.{NAME}": {"low": 0.1, "high": 0.2}})
    assert again.uncertain[NAME].high == 0.2
    assert said(again) == []


def test_a_range_that_is_changed_after_its_value_is_drawn(base: Path) -> None:
    spec = load(base, overrides=[f"{NAME}=0.3", f"uncertain.{NAME}.low=0.5"])
    assert (spec.uncertain[NAME].low, spec.uncertain[NAME].high) == (0.5, 0.9)
    assert said(spec) == []


def test_a_run_says_on_screen_and_in_its_manifest_what_is_not_drawn(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ("--people", "1000", "--days", "5", "--seeds", "1", "--jobs", "1")
    place = ("--all", "--out", str(tmp_path / "run"))
    code, out, err = call(capsys, "run", "wechat_full_block", "--set", f"{NAME}=0.3", *size, *place)
    assert code == 0
    text = f"{NAME} is fixed at 0.3 by --set; the range 0.3 to 0.9 under 'uncertain' is not drawn"
    assert text in " ".join((out + err).split())
    assert text in json.loads((tmp_path / "run" / "manifest.json").read_text())["warnings"]
