"""The shipped scenarios: each runs, says what it is, keeps to the chronology, and the null case is
null.
"""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from conftest import Pair, call, cell
from first_pictures import runs_and_has_room

import splinternet as sn
from splinternet.core.shipped import shipped
from splinternet.engine.model import Model
from splinternet.scenario import Scenario
from splinternet.scenario import load as read_scenario
from splinternet.world.law import docket_of

load = cache(read_scenario)  # nearly all of the library, six times
SHIPPED = sorted(shipped())
HINDCASTS = [name for name in SHIPPED if name.startswith("events/")]
CUTS = ("cable_cut_vietnam", "transit_cut_bhutan", "transit_cut_kazakhstan")
STAY = date(2020, 9, 20)

DATES: dict[tuple[str, str], tuple[str | None, str | None, str | None]] = {
    ("wechat_as_ordered", "wechat-ban"): ("2020-08-06", "2020-09-20", None),
    ("wechat_as_happened", "stay"): ("2020-09-20", "2020-09-20", None),
    ("wechat_as_happened", "end"): ("2021-06-09", "2021-06-09", None),
    ("tiktok_ban_2020", "tiktok-stores"): ("2020-08-06", "2020-09-20", None),
    ("tiktok_ban_2020", "tiktok-ban"): ("2020-08-06", "2020-11-12", None),
    ("events/cn_instagram_2014", "instagram-block"): ("2014-09-29", "2014-09-29", None),
    ("events/ua_vk_2017", "vk-block"): ("2017-05-16", "2017-05-16", None),
    ("events/ru_instagram_2022", "twitter-block"): ("2022-02-26", "2022-02-26", None),
    ("events/ru_instagram_2022", "facebook-block"): ("2022-03-04", "2022-03-04", None),
    ("events/ru_instagram_2022", "instagram-block"): ("2022-03-11", "2022-03-14", None),
    ("events/ru_youtube_2024", "youtube-slow-1"): ("2024-07-25", "2024-08-01", None),
    ("events/ru_youtube_2024", "youtube-slow-3"): ("2024-12-15", "2024-12-15", None),
    ("cases/tr_instagram_2024", "instagram-block"): ("2024-08-02", "2024-08-02", "2024-08-11"),
    ("cases/np_2025", "unregistered"): ("2025-08-28", "2025-09-04", "2025-09-09"),
    ("cases/mm_2021", "facebook-block"): ("2021-02-03", "2021-02-04", None),
    ("cases/in_kashmir_2019", "kashmir-cut"): ("2019-08-05", "2019-08-05", "2020-01-25"),
    ("cases/gulf_calls_2017", "saudi-calls-opened"): ("2013-06-05", "2013-06-05", "2017-09-21"),
    ("events/us_tiktok_2025", "tiktok-stores"): ("2024-04-24", "2025-01-18", "2025-02-14"),
    ("events/us_tiktok_2025", "tiktok-dark"): ("2025-01-19", "2025-01-19", "2025-01-20"),
}
"""(announced, on, until) by scenario and policy, as the chronology has them."""


def policy_of(spec: Scenario, name: str) -> dict[str, object]:
    """Return the keys of one policy."""
    return next(policy for policy in spec.policies if policy.id == name).model_dump(mode="json")


@pytest.mark.parametrize(("where", "dates"), DATES.items(), ids=lambda x: "-".join(map(str, x)))
def test_dates_are_those_of_the_chronology(
    where: tuple[str, str], dates: tuple[str | None, str | None, str | None]
) -> None:
    keys = policy_of(load(where[0]), where[1])
    assert (keys["announced"], keys["on"], keys["until"]) == dates


def test_status_tells_what_happened_from_what_was_ordered_or_imagined() -> None:
    status = {name: load(name).status for name in SHIPPED}
    assert all(status[name] == "hindcast" for name in HINDCASTS)
    assert status["wechat_as_happened"] == "hindcast"
    assert {status[name] for name in ("wechat_as_ordered", "tiktok_ban_2020")} == {"projection"}
    assert {status[name] for name in ("wechat_19m", "wechat_full_block", "baseline_2020")} == {
        "what-if"
    }


def test_each_title_is_what_the_scenario_asks() -> None:
    """A title is a question; only the opening case and scenarios in which states decide have a
    statement instead.
    """
    no_question = [load(name) for name in SHIPPED if not load(name).title.endswith("?")]
    assert all(
        each.name == "wechat_as_ordered" or any(each.behaviour.model_dump().values())
        for each in no_question
    )
    assert all(len(load(name).title) <= 120 for name in SHIPPED)


@pytest.mark.parametrize("folder", ["ages", "orders", "sovereignty"])
def test_each_example_of_an_order_says_what_is_not_modelled(folder: str) -> None:
    files = [path for path in shipped().values() if path.parent.name == folder]
    files += [path for path in shipped().values() if path.stem in CUTS]
    assert len(files) > len(CUTS)
    for path in files:
        comment = path.read_text(encoding="utf-8").partition("title:")[0]
        assert re.search(r"[Nn]ot\s(# )?modelled", comment), path.name


@pytest.mark.parametrize("name", HINDCASTS)
def test_hindcasts_change_the_world_and_no_parameter(name: str) -> None:
    spec = load(name)
    assert not spec.parameters
    assert all(path.startswith(("world.", "policies.")) for path in spec.uncertain)


@pytest.mark.parametrize("name", HINDCASTS)
def test_hindcasts_begin_before_the_event_and_end_after_the_last_target(name: str) -> None:
    spec = load(name)
    assert all(spec.start < row.date <= spec.end for row in spec.observed)
    assert not docket_of(spec.policies, spec.start).in_force
    acting = {state for policy in spec.policies for state in (*policy.by, *policy.concerns())}
    assert {row.state for row in spec.observed if row.state is not None} <= acting


def test_the_order_is_the_same_in_every_wechat_scenario() -> None:
    ordered, happened, many = (
        load(f"wechat_{name}") for name in ("as_ordered", "as_happened", "19m")
    )
    same_keys = {"by", "targets", "announced", "on", "until", "instrument"}
    keys = [
        {k: policy_of(spec, "wechat-ban")[k] for k in same_keys}
        for spec in (ordered, happened, many)
    ]
    assert keys[0] == keys[1] == keys[2]
    assert policy_of(load("wechat_full_block"), "wechat-ban")["instrument"] == "block"


def test_daily_users_on_the_first_day_are_those_the_title_says() -> None:
    for name, least, most in (("wechat_as_ordered", 1.5e6, 3e6), ("wechat_19m", 17e6, 21e6)):
        model = Model(load(name, people=5_000, days=1), collect=False)
        model.step()
        assert least < model.active_users("WeChat", "US") < most


@pytest.fixture(scope="module")
def happened(shipped_pair: Callable[..., Pair]) -> Pair:
    """The WeChat order as it happened, to the end of December 2020."""
    return shipped_pair("wechat_as_happened", people=6_000, days=153, seed=1)


NULL = ("alibaba_threat", "clean_network/cable", "tiktok_stayed", "wechat_as_happened")
"""Cases of which nothing took effect; people may have feared it."""


@pytest.mark.parametrize("name", NULL)
def test_a_case_of_which_nothing_took_effect_takes_nothing_from_anybody(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    size = ("--people", "1000", "--days", "200", "--seeds", "1", "--jobs", "1")
    code, out, _ = call(capsys, "run", name, *size, "--out", str(tmp_path / "run"))
    assert code == 0
    said = out.replace("US: lose every app      0 %            0 %", "")  # a row of the table
    # The bound of a sample in which nobody loses anything.
    said = re.sub(r"Under [0-9.]+ % of people[^:]*:\s+0\s+of\s+the\s+\d+\s+simulated", "", said)
    assert not {"lose", "loses", "lost."} & set(said.split())
    result = sn.open(tmp_path / "run")
    runs_and_has_room(result)
    acting = {(by, target) for p in result.scenario.policies for target in p.targets for by in p.by}
    for baseline, policy in result.members:
        for metric in ("services_usable", "contact_days_lost", "family_contact_lost"):
            without, with_order = (arm.arrays[metric] for arm in (baseline, policy))
            assert np.array_equal(without, with_order, equal_nan=True), metric
        for state, platform in acting:
            without, with_order = (
                cell(arm, "active_users", state, platform) for arm in (baseline, policy)
            )
            assert (with_order >= 0.95 * without).all()
            assert with_order[-1] == pytest.approx(without[-1], rel=0.01)


def test_a_hindcast_extends_no_file_with_something_imagined() -> None:
    """It would inherit the imagined policy. Text that says so stands in its reference."""
    for name in SHIPPED:
        spec = load(name)
        imagined = [p.id for p in spec.policies if "imagined" in (p.reference or "")]
        assert spec.status != "hindcast" or not imagined, name


def test_members_that_draw_the_world_make_one_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The draws of these seeds leave a group nobody."""
    size = ("--people", "2500", "--seeds", "5", "--days", "2", "--jobs", "1")
    assert call(capsys, "run", "baidu_ban", *size, "--out", str(tmp_path / "run"))[0] == 0


def test_installs_rise_in_the_last_days_before_the_order(happened: Pair) -> None:
    dates = list(happened[1].axes.dates)
    installs, stayed = cell(happened[1], "installs", "US", "WeChat"), dates.index(str(STAY))
    before, last, after = (
        installs[: dates.index("2020-09-01")],
        installs[stayed - 2 : stayed],
        installs[stayed:],
    )
    assert last.min() > 2 * before.mean()
    assert after.mean() < 2 * before.mean()


@pytest.mark.parametrize("study", ["block", "decay"])
def test_the_enforcement_study_runs_from_any_folder(
    study: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    script = runpy.run_path(
        str(Path(__file__).parents[2] / "notebooks" / "studies" / "enforcement_study.py")
    )
    script["main"]([study, "--people", "1000", "--seeds", "1", "--days", "60", "--jobs", "1"])
    told = capsys.readouterr().out
    assert all(name in told for name in script["STUDIES"][study].variants)
    assert (tmp_path / f"enforcement_{study}.png").read_bytes().startswith(b"\x89PNG")
