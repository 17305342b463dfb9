"""Three steps of contact: who keeps an app, who can only telephone, who is cut off from both."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from conftest import AT_ONCE, NOBODY_JOINS, block, scenario

import splinternet as sn
from splinternet.metrics.registry import CONTACT_STEPS
from splinternet.results.calls import bill, talks_a_month

SHUT = {"technique.dpi.coverage": 1, "technique.dpi.vpn_share": 0} | AT_ONCE
MESSENGERS = "messenger"
LOST = "family_contact_ever_lost"
DARK = {"id": "dark", "instrument": "shutdown", "by": "US", "on": "2020-08-11"}
CUTS: dict[str, tuple[list[dict[str, Any]], dict[str, float]]] = {
    "a messenger": ([block()], SHUT),
    "all messengers": ([block(targets=[MESSENGERS])], SHUT),
    "calls only": (
        [block(targets=[MESSENGERS], technique="calls_only")],
        {"technique.calls_only.coverage": 1, "kin.elder_calls": 1.0} | AT_ONCE,
    ),
    "a national shutdown": ([DARK], {}),
    "a national shutdown with the lines": ([DARK | {"telephone": True}], {}),
    "an exit": (
        [
            {
                "id": "exit",
                "instrument": "withdrawal",
                "by": "CN",
                "from": "US",
                "targets": ["WeChat"],
                "on": "2020-08-11",
            }
        ],
        {},
    ),
    "an age law": (
        [
            {
                "id": "young",
                "instrument": "age_limit",
                "by": "US",
                "targets": ["WeChat"],
                "age": 25,
                "share_found": 1.0,
                "obedience": 1.0,
                "on": "2020-08-11",
            }
        ],
        {},
    ),
}


@cache
def run(cut: str) -> sn.Result:
    """Return a run of forty days of a cut that begins on the tenth."""
    policies, parameters = CUTS[cut]
    return sn.run(scenario(policies, days=40, parameters=parameters), seeds=1, jobs=1)


def shares(cut: str) -> np.ndarray:
    """Return the shares with the policies, (members, days, groups, steps), of people abroad and
    their families.
    """
    steps = run(cut)["contact_by_step"].sel(arm="policy")
    return np.asarray(steps.transpose("seed", "date", "group", "step"))


def of(cut: str, step: str, group: str = "") -> float:
    """Return the share of a group at a step on the last day, the mean of the members.

    A cut of what Chinese abroad do not use has other groups in its world.
    """
    steps = run(cut)["contact_by_step"]
    abroad = [label for label in steps.group.values if str(label).startswith("US<-")]
    group = group or ("US<-CN" if "US<-CN" in abroad else abroad[0])
    last = steps.sel(arm="policy", group=group, step=step).isel(date=-1)
    return float(last.mean())


@pytest.mark.parametrize("cut", CUTS)
def test_the_three_shares_add_up_on_every_day_and_nobody_climbs_back(cut: str) -> None:
    found = shares(cut)
    defined = ~np.isnan(found[..., 0])
    assert defined.any()
    np.testing.assert_allclose(found.sum(axis=-1)[defined], 1.0, atol=1e-12)
    result = run(cut)
    lost = np.asarray(result[LOST].sel(arm="policy").transpose("seed", "date", "group"))
    np.testing.assert_allclose(1.0 - found[..., 0][defined], lost[defined], atol=1e-12)
    entirely = result["family_contact_lost_entirely"].sel(arm="policy")
    entirely = np.asarray(entirely.transpose("seed", "date", "group"))
    people = result["contact_by_step_people"].sel(arm="policy")
    people = np.asarray(people.transpose("seed", "date", "group", "step"))
    falls = np.diff(people[..., CONTACT_STEPS.index("cut_off")], axis=1)
    assert np.nanmin(falls) >= -1e-6, "who was cut off from both stays at the worst step"
    least = found[..., CONTACT_STEPS.index("cut_off")] - entirely
    assert np.nanmin(least[:, -1]) >= -1e-9


@pytest.mark.parametrize("cut", CUTS)
def test_each_cut_leaves_what_it_says(cut: str) -> None:
    app, telephone, neither = (of(cut, step) for step in CONTACT_STEPS)
    if cut == "a national shutdown with the lines":
        assert (app, telephone) == (0.0, 0.0) and neither == 1.0
    elif cut == "a national shutdown":
        assert app == 0.0 and telephone > 0.2 and neither > 0.0
    elif cut == "an age law":
        assert app > 0.8, "the old keep their accounts"
    else:
        assert app < 1.0 and telephone > 0.0


def test_part_of_a_state_without_lines_leaves_the_telephone_to_the_others() -> None:
    half = scenario([DARK | {"telephone": True, "share": 0.5}], days=20)
    with_lines = scenario([DARK | {"share": 0.5}], days=20)
    (cut, kept) = (
        sn.run(each, seeds=1, jobs=1)["contact_by_step"].sel(arm="policy").isel(date=-1, seed=0)
        for each in (half, with_lines)
    )
    for group in ("US<-CN", "US<-MX"):
        if group in cut.group.values:
            mine = cut.sel(group=group)
            assert float(mine.sel(step="telephone")) == 0.0, "the same people lose both"
            assert float(mine.sel(step="cut_off")) > float(kept.sel(group=group, step="cut_off"))
            assert float(mine.sel(step="app")) == float(kept.sel(group=group, step="app"))


def test_the_lines_come_back_with_the_networks() -> None:
    short = DARK | {"telephone": True, "until": "2020-08-14"}
    result = sn.run(scenario([short], days=30), seeds=1, jobs=1)
    entirely = result["family_contact_lost_entirely"].sel(arm="policy", group="US<-CN")
    values = np.asarray(entirely.isel(seed=0))
    assert values[10:13].min() == 1.0 and values[-1] < 0.05


def test_a_second_app_that_both_ends_use_keeps_everybody() -> None:
    model = sn.Model(scenario([block()], days=30, parameters=SHUT | NOBODY_JOINS), rng=1)
    model.run_for(30)
    kin = model.kin
    wechat = 1 << model.setting.platforms.index("WeChat")
    has_second = np.zeros(kin.slot_group.size, np.bool_)
    has_second[kin.slot[kin.first & ~wechat != 0].ravel()] = True
    chinese = kin.slot_group == [group.label for group in model.world.groups].index("US<-CN")
    longest = model.spells.longest
    assert (longest[has_second & chinese] == 0).all()
    assert (longest[~has_second & chinese] > 0).any(), "somebody has to lose contact"


def test_calls_home_are_priced_by_where_they_go() -> None:
    spec = scenario([block()])
    china = bill(spec, "US<-CN")
    assert china is not None and china.is_sourced and china.low < china.value < china.high
    assert china.value == pytest.approx(talks_a_month(spec) * 10.0 * china.price)
    income = spec.facts.states["US"].gdp_per_head.value / 12.0
    assert china.share == pytest.approx(china.value / income)
    other = bill(spec, "US<-DE")
    assert other is not None and not other.is_sourced
    assert bill(spec, "family:US<-CN") is None


def test_the_steps_lead_in_the_run_and_its_files() -> None:
    result = run("a messenger")
    text = str(result)
    assert "would lose every app" in text and "only telephone or text" in text
    assert "keep an app" in text and "US$" in text
    rows = result.summary(all=True)
    mine = rows[
        (rows["metric"] == "contact_by_step")
        & (rows["group"] == "US<-CN")
        & (rows["at"] == "total")
    ]
    assert list(mine["platform"]) == list(CONTACT_STEPS)
    assert result.bands("contact_by_step", group="US<-CN", platform="cut_off").notnull().any()
