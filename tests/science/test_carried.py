"""The record's errors of use and gains, carried through each kin tie of a member."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import AT_ONCE, NOBODY_JOINS, block, scenario
from toy_results import toy_result

import splinternet as sn
from splinternet.experiments.pairs import make_arms
from splinternet.facts import record
from splinternet.facts.record import ERROR, error_of
from splinternet.results.drivers import drivers
from splinternet.scenario.load import member_spec
from splinternet.text.finding_sentences import driven_by, members_alone
from splinternet.world import carried
from splinternet.world.carried import Draw, draw, draws, moved_share

LEAKY = {"technique.dpi.coverage": 0.6, "technique.dpi.vpn_share": 0.0} | AT_ONCE | NOBODY_JOINS
SHUT = {"technique.dpi.coverage": 1.0, "technique.dpi.vpn_share": 0.0} | AT_ONCE | NOBODY_JOINS
SHIPPED = record.HOME / "discrepancy.csv"


@pytest.fixture
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the shipped table of errors in force."""
    monkeypatch.setattr(record, "DISCREPANCY", SHIPPED)


def steps(
    monkeypatch: pytest.MonkeyPatch, kept: float, gained: float = 0.0, **keys: float
) -> np.ndarray:
    """Return who keeps an app, only the telephone and neither after thirty days of a block under
    an error of the model.
    """
    error = {"kept": kept, "gained": gained}
    monkeypatch.setattr(carried, "draw", lambda kind, *_: Draw(error[kind], 1.0))
    spec = scenario([block()], days=40, people=4_000, parameters=keys)
    baseline, policy = make_arms(spec, 1, metrics=["contact_by_step", "active_users"])
    policy.carry("")
    for _ in range(spec.days):
        baseline.step()
        policy.step()
    group = [each.label for each in policy.world.groups].index("US<-CN")
    return np.asarray(policy.record.arrays["contact_by_step"][-1, group])


def test_shares_move_on_the_scale_of_the_error_and_none_and_all_stay() -> None:
    shares = np.array([0.0, 0.2, 0.5, 0.9, 1.0])
    up = moved_share(shares, np.exp(0.5))
    assert up[[0, 4]].tolist() == [0.0, 1.0]
    assert (up[1:4] > shares[1:4]).all()
    np.testing.assert_allclose(moved_share(up, np.exp(-0.5)), shares, atol=1e-12)


def test_a_platform_that_keeps_fewer_leaves_fewer_in_touch(
    monkeypatch: pytest.MonkeyPatch, known: None
) -> None:
    fewer, same, more = (steps(monkeypatch, error, **LEAKY)[0] for error in (-1.0, 0.0, 1.0))
    assert fewer < same - 0.02
    assert more > same + 0.02


def test_where_everybody_is_cut_off_there_is_no_error(
    monkeypatch: pytest.MonkeyPatch, known: None
) -> None:
    many, few = (steps(monkeypatch, error, **SHUT) for error in (1.0, -1.0))
    assert many.tolist() == few.tolist()


def test_without_a_record_nothing_is_carried() -> None:
    spec = scenario([block()], days=20, parameters=LEAKY)
    (pair,) = sn.run(spec, seeds=1, jobs=1).members
    baseline, policy = make_arms(member_spec(spec, 1), 1, metrics=["contact_by_step"])
    for _ in range(20):
        baseline.step()
        policy.step()
    plain = policy.record.arrays["contact_by_step"]
    np.testing.assert_array_equal(pair[1].arrays["contact_by_step"], plain)


def test_an_error_is_drawn_once_for_a_member_and_a_technique(known: None) -> None:
    spec = scenario([block(), block(id="two", targets=["QQ"])])
    one = draws(spec.policies, "", 1)
    assert set(one) == {("kept", "dpi"), ("gained", "dpi")}
    assert one[("kept", "dpi")].sd == error_of("kept", "", "dpi") > 0.0
    many = np.array([draw("kept", "dpi", "", seed).z for seed in range(2_000)])
    assert abs(many.mean()) < 0.07 and abs(many.std() - 1.0) < 0.05
    assert abs(np.corrcoef(many, [draw("kept", "dns", "", n).z for n in range(2_000)])[0, 1]) < 0.07
    unknown = draw("kept", "transaction_ban", "", 1).sd
    assert unknown > one[("kept", "dpi")].sd, "a technique that the record does not have is wider"


def test_the_range_of_contact_is_that_of_its_members_and_says_what_drives_it(
    known: None, tmp_path: Path
) -> None:
    spec = scenario(
        [block()],
        days=24,
        people=1_500,
        parameters=LEAKY,
        uncertain={"ties.only_channel": {"low": 0.1, "high": 0.95}},
    )
    result = sn.run(spec, seeds=10, jobs=1, out=tmp_path / "run")
    assert {f"{ERROR}kept.dpi", f"{ERROR}gained.dpi", "ties.only_channel"} <= set(result.drawn["1"])
    key = ("family_contact_ever_lost", "US<-CN", "total")
    row = next(r for r in result.rows() if (r["metric"], r["group"], r["at"]) == key)
    alone = next(
        r for r in result.chance_only().rows() if (r["metric"], r["group"], r["at"]) == key
    )
    assert (row["low"], row["high"]) == (alone["low"], alone["high"])
    found = drivers(result, row)
    assert {"ties.only_channel", f"{ERROR}kept.dpi"} <= {each.name for each in found}
    assert all(0.0 <= each.part <= 1.0 for each in found)
    assert "unknown inputs" in driven_by(result) and members_alone(result) == ""
    assert "model's error on past events" not in driven_by(result)
    again = sn.open(tmp_path / "run")
    assert again.rows() == result.rows(), "the folder knows that its members carry the errors"
    assert driven_by(again) == driven_by(result)


def test_what_goes_with_the_figure_is_named_and_what_does_not_is_not() -> None:
    toy = toy_result(12, 120)
    seeds = [pair[0].seed for pair in toy.members]
    ever = "family_contact_ever_lost"
    group = toy.members[0][0].axes.groups.index("US<-CN")
    lost = [float(pair[1].arrays[ever][-1, group]) for pair in toy.members]
    luck = np.random.default_rng(1).permutation(12)
    drawn = {
        str(seed): {"ties.only_channel": each, "error.kept.transaction_ban": float(other)}
        for seed, each, other in zip(seeds, lost, luck, strict=True)
    }
    told = sn.Result(toy.scenario, toy.members, {**toy.info, "drawn": drawn})
    row = next(
        r for r in told.rows() if (r["metric"], r["group"], r["at"]) == (ever, "US<-CN", "total")
    )
    first, second = drivers(told, row)
    assert first.name == "ties.only_channel" and first.is_clear and first.part > 0.99
    assert not second.is_clear
    said = driven_by(told)
    assert "100 % goes with ties.only_channel" in said
    assert "Measuring ties.only_channel would narrow the range most." in said
