"""The model's error in intervals: its scales, what it does to each kind of metric, and where it
cancels.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plain_interval import ends
from toy_results import GROUPS, PLATFORMS, toy_result

import splinternet as sn
from splinternet.errors import InputError
from splinternet.facts import record
from splinternet.facts.record import ERROR_COLUMNS, error_of, read_discrepancy
from splinternet.metrics.registry import METRICS
from splinternet.plots.marks import find
from splinternet.results import Result
from splinternet.results.compare import compare_two
from splinternet.results.model_error import NODES, SCALE_OF, ModelError, widened
from splinternet.text.comparison import notes_on_pair

SD = 0.6
BLACKOUT = {
    "title": "dark",
    "start": "2020-08-01",
    "days": 30,
    "policies": [{"id": "dark", "instrument": "shutdown", "by": "US", "on": "2020-08-05"}],
}
KINDS = ("kept", "gained", "vpn", "ratio", "contact")


def table(folder: Path, *rows: tuple[str, str, float]) -> Path:
    path = folder / "discrepancy.csv"
    lines = [
        f"{kind},{without},{SCALE_OF[kind]},0,0,{sd},0,1,1,measured,a toy,x,,"
        for kind, without, sd in rows
    ]
    path.write_text("\n".join((",".join(ERROR_COLUMNS), *lines)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Put an error of the same size in force for every kind."""
    monkeypatch.setattr(record, "DISCREPANCY", table(tmp_path, *((kind, "", SD) for kind in KINDS)))
    yield
    record.forget()


def whole(**keys: object) -> Result:
    """Return a toy run with the model's error in its intervals."""
    made = toy_result(5, 120, **keys)  # type: ignore[arg-type]
    return Result(made.scenario, made.members)


def row(result: Result, metric: str, at: str, **columns: str) -> dict:
    wanted = {"metric": metric, "at": at, "state": "", "platform": "", "group": "", **columns}
    return next(r for r in result.rows() if all(r[key] == value for key, value in wanted.items()))


@settings(deadline=None)
@given(st.sampled_from(KINDS), st.floats(0.03, 0.97), st.floats(0.0, 2.0))
def test_an_error_leaves_the_middle_and_grows_with_its_size(kind: str, x: float, sd: float) -> None:
    told = widened(np.array([x]), sd, kind)[0]
    assert told[len(NODES) // 2] == pytest.approx(x)
    assert (np.diff(told) >= 0).all()
    wider = widened(np.array([x]), sd + 0.5, kind)[0]
    assert wider[0] < told[0] and wider[-1] > told[-1]


def test_nothing_and_everything_stay_on_the_scale_of_shares() -> None:
    told = widened(np.array([0.0, 1.0, 1.2, 1e-4]), 1.0, "kept")
    assert (told[0] == 0).all()
    assert (told[1] == 1).all()
    assert (told[2] == 1.2).all(), "more than before is not a share of it"
    assert told[3] == pytest.approx(1e-4 * np.exp(NODES), rel=1e-3), (
        "a small share errs by a factor"
    )
    rise = widened(np.array([0.3]), 0.5, "vpn", 0.1)[0]
    assert rise == pytest.approx(0.1 + 0.05 * np.sinh(np.arcsinh(0.2 / 0.05) + 0.5 * NODES))


def test_use_of_a_platform_that_is_restricted_errs_on_the_share_that_is_left(known: None) -> None:
    result = whole()
    found, plain = (
        row(result, "active_users", "end", state="US", platform="WeChat"),
        result.chance_only(),
    )
    arms = np.array(
        [
            (b.arrays["active_users"][-1, 0, 0], p.arrays["active_users"][-1, 0, 0])
            for b, p in result.members
        ]
    )
    odds = (arms[:, 1] / (arms[:, 0] - arms[:, 1]))[:, None] * np.exp(SD * NODES)
    # A loss counts as a share of the median number of users (`results.series.at_median`).
    by_hand = (odds / (1 + odds) - 1) * np.median(arms[:, 0])
    assert (found["low"], found["high"]) == pytest.approx(ends(by_hand))
    alone = row(plain, "active_users", "end", state="US", platform="WeChat")
    assert alone["effect"] == found["effect"]
    assert found["low"] < alone["low"] and found["high"] > alone["high"]
    assert found["mc_error"] == alone["mc_error"], "the model's error is no error of sampling"


def test_a_bystander_errs_by_the_users_of_the_platform_that_is_restricted(known: None) -> None:
    result = whole()
    signal = PLATFORMS.index("Signal")
    found = row(result, "active_users", "end", state="US", platform="Signal")
    first = np.array([b.arrays["active_users"][0, 0, 0] for b, _ in result.members])
    gain = np.array(
        [
            (p.arrays["active_users"] - b.arrays["active_users"])[-1, 0, signal]
            for b, p in result.members
        ]
    )
    by_hand = first[:, None] * 0.05 * np.sinh(np.arcsinh(gain / first / 0.05)[:, None] + SD * NODES)
    assert (found["low"], found["high"]) == pytest.approx(ends(by_hand))


def test_contact_errs_alike_as_share_people_and_days(known: None) -> None:
    result, group = whole(), GROUPS.index("US<-CN")
    share = row(result, "family_contact_lost", "end", group="US<-CN")
    lost = np.array(
        [
            (p.arrays["family_contact_lost"] - b.arrays["family_contact_lost"])[-1, group]
            for b, p in result.members
        ]
    )
    odds = (lost / (1 - lost))[:, None] * np.exp(SD * NODES)
    assert share["high"] == pytest.approx(ends(odds / (1 + odds))[1])
    people = ModelError(result.scenario).of(
        find(result, "family_contact_lost_people", group="US<-CN"), result.members
    )
    assert people is not None
    real = result.members[0][0].real["US<-CN"]
    none = np.zeros(5)
    assert people(none, lost * real, 1) == pytest.approx(real * odds / (1 + odds))
    assert (people(none, none, 1) == 0).all()
    assert people(none, np.full(5, 0.999 * real), 1).max() < real, "never more than there are"


def test_no_interval_holds_more_than_there_is(known: None) -> None:
    """A blackout names no platform: use errs as of what it hits, and nobody loses users that a
    platform lacks.
    """
    result = whole()
    users = result.members[0][0].internet_users["US"]
    cell = find(result, "active_users", state="US", platform="Signal")
    had, left = np.full(5, 55.9), np.full(5, 0.3)
    plain = ModelError(result.scenario).of(cell, result.members)
    assert plain is not None
    lost = plain(had, left, 1)
    assert lost.min() == pytest.approx(-55.9), (
        "a bystander errs by the gain's scale, down to nothing left"
    )
    assert plain(had, np.full(5, 0.9 * users), 1).max() <= users - 55.9 + 1e-9
    assert plain(had * 7, left * 7, 7).min() == pytest.approx(-55.9 * 7)
    dark = result.scenario.model_copy(update={"policies": sn.load(BLACKOUT).policies})
    cut = ModelError(dark).of(cell, result.members)
    assert cut is not None
    share = (0.3 / 55.6) * np.exp(SD * NODES)
    assert cut(had, left, 1)[0] == pytest.approx((share / (1 + share) - 1) * 55.9)
    vpn = ModelError(result.scenario).of(find(result, "vpn_users", state="US"), result.members)
    assert vpn is not None
    assert vpn(np.full(5, 0.4 * users), np.full(5, 0.95 * users), 1).max() <= 0.6 * users * (
        1 + 1e-9
    )


def test_no_more_ties_are_cut_than_had_a_channel(known: None) -> None:
    result = whole()
    axes = result.members[0][0].axes
    ends = axes.states.index("US"), axes.states.index("CN")
    there = np.array(
        [baseline.arrays["cross_border_contact"][0][ends] for baseline, _ in result.members]
    )
    error = ModelError(result.scenario).of(
        find(result, "ties_out_of_contact", group="US<-CN"), result.members
    )
    assert error is not None and (there > 0).all()
    assert error(np.zeros(5), 0.2 * there, 1) == pytest.approx(
        0.2 * there[:, None] * np.exp(SD * NODES)
    )
    assert error(np.zeros(5), 0.9 * there, 1).max(axis=1) == pytest.approx(there)


def test_no_effect_stays_none_and_what_no_event_measures_stays_as_it_is(known: None) -> None:
    nothing = whole(effect=0.0)
    for one in nothing.rows():
        if one["effect"] == 0.0 and one["mc_error"] == 0.0:
            assert one["low"] == one["high"] == 0.0, one
    result, plain = whole(), whole().chance_only()
    measured = {
        name for name, metric in METRICS.items() if metric.error not in ("", "kept", "hours")
    }
    others = [
        (a, b)
        for a, b in zip(result.rows(), plain.rows(), strict=True)
        if a["metric"] not in measured
    ]
    assert others and all(a == b for a, b in others)
    assert measured <= set(METRICS)


def test_most_of_the_error_cancels_between_two_runs_of_one_world(known: None) -> None:
    first, second, same = whole(), whole(effect=0.9), whole()
    assert all(
        r["low"] in (0.0, None) and r["high"] in (0.0, None) for r in compare_two(first, same).rows
    )
    both = next(
        r
        for r in compare_two(first, second).rows
        if (r["metric"], r["at"], r["group"]) == ("contact_days_lost", "total", "US<-CN")
    )
    apart = row(first, "contact_days_lost", "total", group="US<-CN")
    assert both["high"] - both["low"] < 0.35 * (apart["high"] - apart["low"])
    assert "cancels" in " ".join(notes_on_pair(compare_two(first, second)))


def test_an_event_of_the_record_gets_the_error_of_the_other_episodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = table(tmp_path, ("kept", "", 0.5), ("kept", "ir_2018", 0.9), ("gained", "", 0.1))
    monkeypatch.setattr(record, "DISCREPANCY", path)
    assert error_of("kept", "ir_2018") == 0.9
    assert error_of("kept", "mine") == error_of("kept") == 0.5
    assert error_of("vpn") == 0.0
    result = toy_result(2, 30)
    event = result.scenario.model_copy(update={"episode": "ir_2018"})
    wide = ModelError(event).of(
        find(result, "active_users", state="US", platform="WeChat"), result.members
    )
    assert wide is not None
    found = wide(np.array([2.0, 2.0]), np.array([1.0, 1.0]), 1)[0, -1]
    assert found == pytest.approx(2 / (1 + np.exp(-0.9 * NODES[-1])) - 2)
    path.write_text(path.read_text(encoding="utf-8").replace("0.5", "much"), encoding="utf-8")
    record.forget()
    with pytest.raises(InputError, match="sd is 'much'"):
        read_discrepancy(path)
    record.forget()
