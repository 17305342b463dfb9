"""The map of the world: what it shows follows from the arrays; no model is run."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import call
from PIL import Image
from test_plots import texts
from toy_results import POLICY, toy_result

from splinternet import plots
from splinternet.decisions import Aim, Decision, Join, Launch, Strike
from splinternet.plots.atlas import MEMBER, OTHER, SHADES, VIEW, scenes
from splinternet.results import Result
from splinternet.results.world_map import FEWEST, LOST, OPENNESS, PARTED, REACH, map_day

CABLE: dict[str, Any] = {
    "id": "cable",
    "by": "US",
    "instrument": "cable_ban",
    "cables": ["New Cross Pacific"],
    "on": "2020-09-01",
}


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(3, 60, policies=[POLICY, CABLE])


def changed(result: Result, name: str, values: np.ndarray) -> Result:
    """Return a result whose policy arms have other values."""
    made = toy_result(len(result.members), 60, policies=[POLICY, CABLE])
    made.members = [
        (base, replace(policy, arrays={**policy.arrays, name: values}))
        for base, policy in result.members
    ]
    return made


def test_corridors_are_the_people_whom_the_policies_cut_off_and_not_few_of_them(
    result: Result,
) -> None:
    axes = result.members[0][1].axes
    lost = np.zeros(axes.shape(LOST))
    for label, people in (
        ("US<-CN", 5e4),
        ("DE<-TR", FEWEST - 1),
        ("US<-TR", 9e4),
        ("family:US<-CN", 9e4),
    ):
        lost[:, axes.groups.index(label)] = people
    base = np.zeros_like(lost)
    base[:, axes.groups.index("US<-CN")] = 1e4
    made = changed(result, LOST, lost)
    made.members = [(replace(b, arrays={**b.arrays, LOST: base}), p) for b, p in made.members]
    assert map_day(made.members, made.scenario, 10).corridors == (("US", "CN", 4e4),), (
        "20 people of US<-TR are too few"
    )


def test_states_are_parted_where_pairs_of_people_lose_their_route(result: Result) -> None:
    axes = result.members[0][1].axes
    reach = np.ones(axes.shape(REACH))
    reach[5, 0, 1] = reach[5, 1, 0] = 1.0 - 2 * PARTED
    reach[5, 2, 3] = reach[5, 3, 2] = 1.0 - PARTED / 2
    made = changed(result, REACH, reach)
    made.members = [
        (replace(b, arrays={**b.arrays, REACH: np.ones_like(reach)}), p) for b, p in made.members
    ]
    assert map_day(made.members, made.scenario, 4).parted == ()
    ((a, b, share),) = map_day(made.members, made.scenario, 5).parted
    assert (a, b) == ("US", "CN") and share == pytest.approx(2 * PARTED)


def test_a_cable_is_cut_from_its_day_on(result: Result) -> None:
    assert map_day(result.members, result.scenario, 30).cables == ()
    ((name, joins),) = map_day(result.members, result.scenario, 31).cables
    assert name == "New Cross Pacific" and {"US", "CN", "JP"} <= set(joins)


def test_openness_is_the_median_over_members(result: Result) -> None:
    axes = result.members[0][1].axes
    made = toy_result(3, 60)
    made.members = [
        (
            base,
            replace(
                policy, arrays={**policy.arrays, OPENNESS: np.full(axes.shape(OPENNESS), level)}
            ),
        )
        for level, (base, policy) in zip((0.2, 0.6, 0.9), made.members, strict=True)
    ]
    assert set(map_day(made.members, made.scenario, 0).openness.values()) == {0.6}
    assert scenes(made, 4)[1] == 0


def test_the_map_is_drawn_and_says_what_it_shows(result: Result) -> None:
    made = plots.draw(result, "atlas")
    told = texts(made)
    assert "people from China in the US would lack contact" in told
    assert "Natural Earth" in told and len(made.axes) == 4
    west, east = VIEW[:2]
    assert (west + east) / 2 == pytest.approx(154.0), "the Pacific in the middle"
    arc = next(line for line in made.axes[-1].lines if line.get_linewidth() > 1)
    assert 70 < min(arc.get_xdata()) < max(arc.get_xdata()) < 270, (
        "from China to the United States over the Pacific"
    )
    same = toy_result(1, 60, policies=[])
    same.members = [(base, base) for base, _ in same.members]
    assert "no effect" in texts(plots.draw(same, "atlas")).casefold()


def test_camps_have_colours_and_strikes_have_arrows(result: Result) -> None:
    acts = (
        ("US", "coalition", Launch("CN"), ()),
        ("DE", "coalition", Join("US", "CN"), ()),
        ("CN", "retaliation", Strike("block"), (Aim("Facebook"),)),
        ("TR", "targets", Strike("block"), (Aim("WeChat"),)),
    )
    made = tuple(
        Decision(date(2020, 8, 20), who, behaviour, act, target=target)
        for who, behaviour, act, target in acts
    )
    run = toy_result(1, 60, policies=[])
    run.members = [(base, replace(base, arm="policy", decisions=made)) for base, _ in run.members]
    (first, *_, last), one = scenes(run, 4)
    assert one == 1 and not first.camps and last.camps == {"US": "US", "DE": "US"}
    strikes = [strike for each in scenes(run, 4)[0] for strike in each.strikes]
    assert strikes == [("CN", "US", "Facebook"), ("TR", "CN", "WeChat")]
    figure = run.plot("atlas")
    assert figure.title == "2 countries would stand in camps at the end"
    fills = [
        {tuple(colour) for colour in axes.collections[0].get_facecolor()} for axes in figure.axes
    ]
    rgb = [
        {"#" + "".join(f"{round(255 * part):02x}" for part in colour[:3]) for colour in each}
        for each in fills
    ]
    assert rgb[0] == {MEMBER, OTHER}, "nobody stands in a camp on the first day"
    assert len(rgb[-1]) == 3


@pytest.mark.parametrize(
    ("fall", "said"),
    [(0.4, "Germany would keep 60 % of the world's platforms"), (0.004, "No effect: the map")],
)
def test_the_map_names_what_the_policies_close_and_is_not_drawn_for_what_no_shade_shows(
    fall: float, said: str
) -> None:
    made = toy_result(1, 60, policies=[])
    (base, _), *_ = made.members
    calm = {name: array for name, array in base.arrays.items() if name != "reachable_pairs"}
    level = np.ones_like(calm["openness"])
    closed = level.copy()
    closed[30:, base.axes.states.index("DE")] -= fall
    arms = [replace(base, arrays=calm | {"openness": each}) for each in (level, closed)]
    made.members = [(arms[0], arms[1])]
    assert said in texts(plots.draw(made, "atlas"))


def test_the_animation_has_a_picture_for_each_step(
    result: Result,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("splinternet.plots.atlas.FRAMES", 3)
    assert result.animate(path=tmp_path / "two.gif") == tmp_path / "two.gif"
    folder = result.save(tmp_path / "run")
    for chart, code in (("atlas", 0), ("flows", 2)):
        found, _, err = call(
            capsys, "plot", str(folder), chart, "--out", str(tmp_path / f"{chart}.gif")
        )
        assert found == code
    assert "has no animation" in err
    with Image.open(tmp_path / "atlas.gif") as picture:
        assert picture.n_frames == 3 and picture.info["loop"] == 0  # type: ignore[attr-defined]
        palettes = []
        for at in range(3):
            picture.seek(at)
            palettes.append(picture.convert("RGB").getcolors(100_000))
    seen = [{colour for _, colour in each or ()} for each in palettes]
    for fill in (*SHADES, OTHER):  # a colour of the map is the same in each picture
        rgb = tuple(int(fill[i : i + 2], 16) for i in (1, 3, 5))
        near = [
            min(max(abs(a - b) for a, b in zip(rgb, one, strict=True)) for one in each)
            for each in seen
        ]
        assert max(near) - min(near) <= 12 or max(near) > 60, fill
