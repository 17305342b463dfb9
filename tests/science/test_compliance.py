"""How platforms answer: the weighing worked out by hand, its directions, and Turkey 2020-21."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from conftest import Keys, cell, scenario
from scripts import script

from splinternet.actors.firms import (
    Blow,
    Stake,
    choose,
    cost_of_obeying,
    firms,
    loss_of_refusing,
    suit,
    trust,
    weigh,
)
from splinternet.engine.model import Model
from splinternet.experiments.pairs import run_pair
from splinternet.facts import load_facts
from splinternet.facts.record import AnswerSkill
from splinternet.facts.tables import read
from splinternet.scenario.schema import BEHAVIOURS
from splinternet.text import decisions as skill
from splinternet.text.decisions import act_text, chronicle_lines, plain, steps

STAKE = Stake(revenue=365.0, worth=36.5)  # a dollar of revenue a day, and a tenth of one
STUDY = script("studies/platform_answers.py")


def test_trust_grows_with_every_sanction_carried_out() -> None:
    assert trust(0.5, 2, 0) == 0.5
    assert trust(0.5, 2, 2) == 0.75
    assert [trust(0.2, 1, n) for n in range(9)] == sorted(trust(0.2, 1, n) for n in range(9))
    assert trust(1.0, 3, 4) == 1.0


def test_the_loss_of_refusing_by_hand() -> None:
    assert loss_of_refusing([], STAKE, 0.5, 100) == 0
    # All advertising gone from today on: a dollar a day.
    assert loss_of_refusing([Blow(0, revenue=1.0)], STAKE, 0.5, 100) == pytest.approx(100)
    # In 40 days, believed by half: 60 days at half a dollar.
    assert loss_of_refusing([Blow(40, revenue=1.0)], STAKE, 0.5, 100) == pytest.approx(30)
    # A fine in 10 days, then all users gone in 40: 0.5 x 7, then 0.25 x 60 x 1.1.
    blows = [Blow(40, users=1.0), Blow(10, fine=7.0)]
    assert loss_of_refusing(blows, STAKE, 0.5, 100) == pytest.approx(3.5 + 0.25 * 60 * 1.1)
    # A fine that was imposed is sunk; what lies beyond the horizon is not seen.
    assert loss_of_refusing([Blow(-3, fine=7.0), Blow(100, fine=9.0)], STAKE, 0.5, 100) == 0
    # Half of the advertising and half of the users: three quarters of the revenue, half of the
    # worth.
    both = [Blow(0, revenue=0.5), Blow(0, users=0.5)]
    assert loss_of_refusing(both, STAKE, 0.5, 100) == pytest.approx(75 + 5)


def test_worse_courts_promise_less_and_later() -> None:
    good, bad = suit(0.8, 2, 15), suit(0.4, 2, 15)
    assert (good.chance, bad.chance) == (pytest.approx(0.64), pytest.approx(0.16))
    assert (good.days, bad.days) == (23, 94)


def test_the_cheapest_answer_wins_and_doing_nothing_wins_a_tie() -> None:
    assert choose({"comply": 5.0, "refuse": 5.0}) == "refuse"
    assert choose({"refuse": 5.0, "comply": 6.0, "leave": 4.0}) == "leave"


# Two made platforms that nobody's table knows, so that revenue and news use are the parameters'.
MADE = {
    name: dict(owner=name, home="US", kind="feed", penetration={"TR": 0.3, "US": 0.1, "DE": 0.1})
    for name in ("Alpha", "Beta")
}
QUIET = {
    "compliance.cost_spread": 0.0,
    "compliance.reputation": 0.0,
    "compliance.precedent": 0.0,
    "compliance.waits": 0.0,
    "compliance.legal_cost": 1e9,
    "compliance.lead_days": 7.0,
    "compliance.user_worth": 0.0,
}


def law(**keys: Any) -> Keys:
    """Return a demand for a representative, and an advertising ban in twenty days."""
    ladder = [{"on": "2020-08-21", "sanction": "ad_ban"}]
    return {
        "id": "law",
        "instrument": "local_representative",
        "by": "TR",
        "targets": "Alpha",
        "on": "2020-08-01",
        "ladder": ladder,
    } | keys


def model_of(policy: Keys, days: int = 40, seed: int = 1, **parameters: float) -> Model:
    spec = scenario(
        [policy],
        days=days,
        people=2_000,
        world={"platforms": MADE},
        behaviour={"platforms": True},
        parameters=QUIET | {f"compliance.{name}": value for name, value in parameters.items()},
    )
    model = Model(spec, rng=seed, metrics=(), collect=False)
    model.run_for(days)
    return model


def told(model: Model) -> list[str]:
    return [act_text(decision) for decision in model.decisions]


def test_a_firm_weighs_what_the_tables_tell() -> None:
    model = model_of(law(), days=1)
    firm = firms(model, model.spec.policies[0])[0]
    q, turkey = model.setting.parameters, model.setting.facts.revenue["TR"].value
    users = model.first_using[:, model.setting.platforms.index("Alpha")]
    revenue = (
        model.group_table.using(users[:, None])[model.setting.states.index("TR"), 0] * turkey * 0.1
    )
    seen = weigh(model, model.spec.policies[0], firm, may_sue=False, may_sell=False)
    assert seen.costs["comply"] == pytest.approx(q["compliance.fixed_cost.local_representative"])
    assert seen.costs["leave"] == pytest.approx(revenue)
    assert seen.costs["refuse"] == pytest.approx(revenue * 0.8 * 0.5 * (365 - 20) / 365)
    sued = weigh(model, model.spec.policies[0], firm, may_sue=True, may_sell=False)
    wins, days = sued.court.chance, min(365, sued.court.days)
    before = revenue * 0.8 * 0.5 * max(0, days - 20) / 365
    assert sued.costs["contest"] == pytest.approx(
        1e9 + before + (1 - wins) * min(seen.costs.values())
    )


def test_what_obeying_costs_abroad_is_shared_and_nothing_where_no_state_is_free() -> None:
    def cost(others_obeyed: float, **parameters: float) -> float:
        model = model_of(law(), days=1, company=0.5, **parameters)
        firm = firms(model, model.spec.policies[0])[0]._replace(others_obeyed=others_obeyed)
        fixed = model.setting.parameters["compliance.fixed_cost.local_representative"]
        return cost_of_obeying(model, model.spec.policies[0], firm) - fixed

    alone, together = cost(0.0, reputation=0.01), cost(1.0, reputation=0.01)
    assert together == pytest.approx(alone / 2) and alone > 0
    assert cost(0.0) == 0.0 < cost(0.0, precedent=0.1)


def test_who_has_much_at_risk_gives_in_and_who_has_little_does_not() -> None:
    assert told(model_of(law())) == ["will give in", "gave in"]
    assert told(model_of(law(), revenue_ratio=0.0)) == []
    dear = model_of(law(), **{"fixed_cost.local_representative": 2e8})
    assert told(dear) == []


def test_giving_in_takes_its_lead_and_what_follows_is_obedience() -> None:
    model = model_of(law())
    decided, done = model.decisions
    assert (done.day - decided.day).days == 7
    assert model.setting.answers == {("law", "Alpha"): "complied"}
    s, p = model.setting.states.index("TR"), model.setting.platforms.index("Alpha")
    assert model.access.silenced[s, p] == model.setting.parameters["compliance.silenced"]
    assert decided.scores["comply"] < decided.scores["refuse"]


def test_an_answer_is_put_off_to_the_eve_of_the_sanction() -> None:
    at_once, eve = (model_of(law(), waits=waits).decisions[0].day for waits in (0.0, 1.0))
    assert at_once < eve
    assert 7 <= ((model_of(law()).spec.policies[0].ladder[0].on) - eve).days < 14


def test_dearer_obedience_and_a_freer_home_market_make_giving_in_later_or_never() -> None:
    def first(**parameters: float) -> float:
        made = model_of(law(), **parameters).decisions
        return (made[0].day - made[0].day.replace(month=8, day=1)).days if made else float("inf")

    costs = [first(reputation=r) for r in (0.0, 0.05, 0.9)]
    assert costs == sorted(costs)
    assert costs[-1] == float("inf")


def test_throttles_end_for_who_gives_in() -> None:
    ladder = [{"on": "2020-08-04", "sanction": "throttle", "share": 0.9}]
    for answered, slow in (
        (model_of(law(ladder=ladder)), False),
        (model_of(law(ladder=ladder), revenue_ratio=0), True),
    ):
        s, p = answered.setting.states.index("TR"), answered.setting.platforms.index("Alpha")
        assert (answered.access.speed[s, p] < 1) == slow


def test_a_court_frees_as_often_as_its_chance_and_only_once() -> None:
    free = {
        "legal_cost": 0.0,
        "fixed_cost.local_representative": 2e8,
        "court_power": 1.0,
        "court_days": 5.0,
    }
    answers = [told(model_of(law(), seed=seed, **free)) for seed in range(1, 13)]
    ends = Counter(each[1] for each in answers)
    assert set(ends) == {"won in court", "lost in court"}
    assert 2 <= ends["won in court"] <= 9  # 12 draws at 0.43
    assert all(each.count("will go to court") == 1 for each in answers if "lost in court" in each)


def test_leaving_shuts_the_state_out_while_the_demand_stands() -> None:
    ladder = [{"on": "2020-08-10", "sanction": "fine", "amount": 1e9}]
    model = model_of(
        law(ladder=ladder, until="2020-08-30"), **{"fixed_cost.local_representative": 2e8}
    )
    assert told(model) == ["will leave", "left"]
    assert model.access is model.world.access  # over on 30 August
    model = model_of(law(ladder=ladder), **{"fixed_cost.local_representative": 2e8})
    s, p = model.setting.states.index("TR"), model.setting.platforms.index("Alpha")
    assert model.access.reach[s, p].max() == pytest.approx(
        1 - model.setting.parameters["technique.geoblock.coverage"]
    )


def test_who_earns_nothing_but_has_a_mission_evades_a_block() -> None:
    policy = dict(
        id="law", instrument="data_localisation", by="TR", targets="Alpha", on="2020-08-01"
    )
    deadline = policy | {"deadline": "2020-08-30"}
    mission = {"revenue_ratio": 0.0, "user_worth": 20.0, "fixed_cost.data_localisation": 2e8}
    model = model_of(deadline, **mission)
    assert told(model) == ["will evade", "evaded"]
    assert (
        model.setting.platform_facts["Alpha"].evasion
        == model.setting.parameters["compliance.evasion_gain"]
    )
    cheap = model_of(deadline, **(mission | {"fixed_cost.data_localisation": 1.0}))
    assert told(cheap) == ["will give in", "gave in"]
    assert "at home in TR" in cheap.setting.platform_facts["Alpha"].hosting


def test_a_sale_needs_the_home_state() -> None:
    order = dict(
        id="law", instrument="divest_or_ban", by="TR", targets="Alpha", on="2020-08-01", days=20
    )
    sold = model_of(order | {"buyer": "Beta"}, sale_approval=1.0)
    assert told(sold) == ["will sell", "sold"]
    assert sold.setting.platform_facts["Alpha"].owner == "Beta"
    assert sold.access.install.min() == 1.0
    banned = model_of(order, sale_approval=0.0)
    assert banned.access.install.min() == 0.0
    assert banned.setting.platform_facts["Alpha"].owner == "Alpha"


def test_refusing_to_remove_brings_what_follows() -> None:
    order = dict(id="law", instrument="content_removal", by="TR", targets="Alpha", on="2020-08-10")
    obeys = model_of(order | {"share": 0.3, "announced": "2020-08-01"}, days=35)
    s, p = obeys.setting.states.index("TR"), obeys.setting.platforms.index("Alpha")
    assert obeys.access.silenced[s, p] == 0.3
    refuses = model_of(order | {"share": 0.3}, days=35, revenue_ratio=0.0)
    assert refuses.access.silenced[s, p] == 0.0
    assert refuses.access.reach[s, p].max() < 0.1


def test_the_firms_of_one_owner_answer_as_one() -> None:
    policy = law(targets=["Facebook", "Instagram", "Alpha"])
    model = model_of(policy)
    answers_given = model.setting.answers or {}
    assert answers_given[("law", "Facebook")] == answers_given[("law", "Instagram")]
    assert [firm.platforms for firm in firms(model_of(policy, days=1), model.spec.policies[0])] == [
        ("Facebook", "Instagram"),
        ("Alpha",),
    ]


def test_the_baseline_decides_nothing_and_nothing_asked_is_nothing_decided() -> None:
    spec = scenario([law()], days=20, world={"platforms": MADE}, behaviour={"platforms": True})
    model = Model(spec, arm="baseline", collect=False)
    model.run_for(20)
    assert not model.decisions
    block = {"id": "b", "instrument": "block", "by": "TR", "targets": "Alpha", "on": "2020-08-05"}
    on, off = (
        run_pair(
            scenario([block], days=20, world={"platforms": MADE}, behaviour={"platforms": yes}), 1
        )[1]
        for yes in (True, False)
    )
    assert np.array_equal(
        cell(on, "active_users", "TR", "Alpha"), cell(off, "active_users", "TR", "Alpha")
    )


def test_no_parameter_or_fact_names_an_answer() -> None:
    facts = load_facts()
    named = {name.casefold() for name in facts.platforms} | {
        fact.owner.casefold() for fact in facts.platforms.values()
    }
    for name in facts.parameters:
        if name.startswith("compliance."):
            assert not named & set(name.casefold().split("."))
    assert "platforms" in BEHAVIOURS


def test_rank_correlation_by_hand() -> None:
    assert STUDY.rank_correlation([1, 2, 3, 4], [10, 20, 30, 40]) == pytest.approx(1)
    assert STUDY.rank_correlation([1, 2, 3, 4], [4, 3, 2, 1]) == pytest.approx(-1)
    assert STUDY.rank_correlation([1, 2, 3], [1, float("inf"), float("inf")]) == pytest.approx(
        0.8660254
    )
    assert np.isnan(STUDY.rank_correlation([1, 1, 1], [1, 2, 3])), "no order"


@pytest.mark.parametrize("series", STUDY.DEMANDS)
def test_a_real_demand_is_compared_whatever_comes_out(series: str) -> None:
    comparison = STUDY.compare(series, members=1, people=1_000)
    assert len(comparison.lines()) == 1 + len(comparison.observed) + 2
    days = {day for member in comparison.simulated for day in member.values()} - {
        *comparison.observed.values(),
        None,
    }
    assert not any(str(day) in line for day in days for line in comparison.lines()[:-1]), (
        "no simulated day is shown"
    )
    eve = comparison.ladder[0]
    known = [day for day in comparison.observed.values() if day is not None]
    assert comparison.errors(eve) == [abs((eve - day).days) for day in known]
    assert all(set(member) == set(STUDY.read_answers()[series]) for member in comparison.simulated)
    assert all(-1 <= r <= 1 or np.isnan(r) for r in comparison.correlations())


def test_who_gives_in_sooner_by_hand() -> None:
    score, day, one = (
        np.array([3.0, 1.0, 2.0, 2.0]),
        np.array([1.0, 2.0, np.inf, np.inf]),
        np.zeros(4),
    )
    # Pairs with an order: 1-2 right, 1-3 and 1-4 right, 2-3 and 2-4 wrong; the two that never gave
    # in say nothing.
    sooner = STUDY.sooner
    assert sooner(score, day, one) == pytest.approx(3 / 5)
    assert sooner(score, day, np.array([0, 1, 0, 1])) == pytest.approx(1 / 2)
    assert np.isnan(sooner(score[2:], day[2:], one[2:]))


def test_the_stored_skill_of_platforms_is_what_the_rule_has() -> None:
    for stored, now in zip(read(AnswerSkill).values(), STUDY.answer_skills(), strict=True):
        near = {
            name: pytest.approx(x, abs=2e-4) if isinstance(x, float) else x
            for name, x in vars(now).items()
        }
        assert vars(stored) == near, stored.series


def test_without_skill_platforms_have_no_days_and_are_called_an_illustration(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    known = skill.answers()
    assert (
        not known.is_skilled
        and skill.evidence("platforms") == skill.ILLUSTRATION
        and not skill.is_dated("platforms")
    )
    model = model_of(law())
    days = [str(decision.day) for decision in model.decisions]
    told = steps(model.spec, model.decisions)
    assert not any(day in line for line in chronicle_lines(told) for day in days)
    assert any(line.startswith("Later: ") for line in plain(told))
    assert "no days are shown" in skill.note(["platforms"])
    skilled = replace(known, low=0.6, ahead_low=0.1)
    monkeypatch.setattr(skill, "answers", lambda: skilled)
    assert any(days[0] in line for line in chronicle_lines(steps(model.spec, model.decisions)))
    assert skill.evidence("platforms") == skill.SKILL and "no days are shown" not in skill.note(
        ["platforms"]
    )
