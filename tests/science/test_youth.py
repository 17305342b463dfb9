"""Youth: audiences have the age that the facts say, the young find ways round, and old audiences
lose more.
"""

from __future__ import annotations

import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import block, scenario
from scipy.stats import multivariate_normal, norm

from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.facts import load_facts, read_facts
from splinternet.world.build import World, make_world
from splinternet.world.people import lean_table, leaning_of, skill_weights, youth_of

RULES = {"people.activity": 0.5, "people.homophily": 0.5, "people.youth_activity": 0.5}
YOUNG = 0.21  # of adults in the United States are 18 to 29: Census, 2020


def residents(world: World, code: str) -> slice:
    """Return the rows of a state's residents."""
    rows = np.flatnonzero(world.first["group"] == [g.label for g in world.groups].index(code))
    return slice(int(rows[0]), int(rows[-1]) + 1)


def tetrachoric(young: float, users: float, both: float) -> float:
    """Return the correlation of two thresholds that are passed by these shares of people, and by
    both at once.
    """
    grid = np.linspace(-0.95, 0.95, 191)
    ends = [norm.ppf(young), norm.ppf(users)]
    joint = [multivariate_normal.cdf(ends, cov=[[1, r], [r, 1]]) for r in grid]
    return float(np.interp(both, joint, grid))


def test_leans_of_the_united_states_follow_from_the_figures_in_their_notes() -> None:
    facts, seen = load_facts().youth_lean, 0
    for (state, platform), fact in facts.items():
        if state != "US":
            continue
        young, everybody = (
            float(x) / 100 for x in re.match(r"(\d+) %.* and (\d+) %", fact.note).groups()
        )  # type: ignore[union-attr]
        assert fact.value == pytest.approx(
            tetrachoric(YOUNG, everybody, young * YOUNG), abs=0.02
        ), platform
        seen += 1
    assert seen >= 8


@cache
def russia() -> World:
    return make_world(scenario([block(by="RU", targets=["Instagram"])], people=60_000), 1)


def test_users_of_a_platform_are_as_young_as_the_facts_say_and_no_fewer() -> None:
    world, seed = russia(), 1
    rows = residents(world, "RU")
    young = youth_of(seed, rows.start, rows.stop - rows.start) > 0
    for name in ("Odnoklassniki", "VKontakte", "Instagram", "Telegram"):
        on = (world.first["member"][rows] >> world.setting.platforms.index(name)) & 1 == 1
        found = tetrachoric(float(young.mean()), float(on.mean()), float((young & on).mean()))
        assert found == pytest.approx(world.setting.facts.youth_lean["RU", name].value, abs=0.06), (
            name
        )
        known = world.setting.facts.penetration["RU", name].value
        assert float(on.mean()) == pytest.approx(known, rel=0.06), name


def test_the_old_find_workarounds_harder() -> None:
    rows = residents(world := russia(), "RU")
    ease = -np.log(world.first["effort"][rows])
    assert np.corrcoef(ease, youth_of(1, rows.start, rows.stop - rows.start))[
        0, 1
    ] == pytest.approx(0.6, abs=0.03)
    vpn = world.first["vpn"][rows]
    young = youth_of(1, rows.start, rows.stop - rows.start) > 1.0  # about the youngest sixth
    assert vpn[young].mean() > 3 * vpn[~young].mean()


def test_weights_give_back_the_correlations_they_were_made_from() -> None:
    for lean in (-0.3, 0.0, 0.25, 0.5):
        activity, youth, _, _, own = leaning_of(lean, RULES)
        assert activity * 0.5 + youth == pytest.approx(lean)  # of a standard normal sum with youth
        assert activity**2 + youth**2 + activity * youth + 0.25 + own**2 == pytest.approx(1.0)
    activity, youth, own = skill_weights(0.5, 0.6, 0.5)
    assert (activity + 0.5 * youth, youth + 0.5 * activity) == pytest.approx((0.5, 0.6))
    assert activity**2 + youth**2 + activity * youth + own**2 == pytest.approx(1.0)


def test_no_draw_from_the_ranges_asks_for_more_than_there_is() -> None:
    known = load_facts().parameters
    ends = [
        (known[name].low, known[name].high)
        for name in (
            "circumvention.skill_correlation",
            "circumvention.skill_youth",
            "people.youth_activity",
        )
    ]
    for activity in ends[0]:
        for youth in ends[1]:
            for together in ends[2]:
                assert skill_weights(activity, youth, together)[2] > 0


def test_an_old_audience_loses_more_to_the_same_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same platform, state and luck; only the age of its audience differs."""
    spec = scenario(
        [block(by="RU", targets=["Odnoklassniki"], on="2020-08-20")], people=12_000, days=60
    )
    old = [kept(make_world(spec, seed), seed) for seed in range(1, 5)]

    def young_table(*known: Any) -> np.ndarray:
        table = lean_table(*known)
        table[known[1].index("RU"), known[2].index("Odnoklassniki")] = 0.5
        return table

    monkeypatch.setattr("splinternet.world.build.lean_table", young_table)
    young = [kept(make_world(spec, seed), seed) for seed in range(1, 5)]
    assert all(a < b for a, b in zip(old, young, strict=True)), (old, young)
    assert np.mean(young) > np.mean(old) + 0.02, (old, young)


def kept(world: World, seed: int) -> float:
    """Return the share of Odnoklassniki's users in Russia who still open it, forty days after a
    block.
    """
    model = Model(world.spec, rng=seed, world=world, metrics=("active_users",), collect=False)
    model.run_for(14)  # metrics look back on days
    before = model.active_users("Odnoklassniki", "RU")
    model.run_for(46)
    return model.active_users("Odnoklassniki", "RU") / before


def test_states_without_a_figure_of_their_own_take_the_rest_of_the_world() -> None:
    facts = load_facts().youth_lean
    table = lean_table(facts, ("US", "BR"), ("Instagram", "WhatsApp"))
    assert table[0, 0] == facts["US", "Instagram"].value
    assert table[1, 0] == facts["XX", "Instagram"].value
    assert np.isnan(table[1, 1])


def test_a_correlation_beyond_one_is_refused(tmp_path: Path) -> None:
    source = Path(__file__).resolve().parents[2] / "sim" / "facts" / "world-2020"
    shutil.copytree(source, folder := tmp_path / "world")
    table = folder / "youth_lean.csv"
    table.write_text(
        table.read_text().replace("US,Snapchat,0.72,0.62,0.82", "US,Snapchat,0.72,0.62,1.82")
    )
    with pytest.raises(InputError, match=r"youth_lean\.csv.*correlations are -1 to 1"):
        read_facts(folder)
