"""The dashboard: the choices, the session that simulates them, and the page in a real browser."""

from __future__ import annotations

import csv
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import LONG, Address, served, started
from conftest import block, call, same, scenario
from playwright.sync_api import Browser, BrowserContext, Page, expect

from splinternet.app.dashboard import charts, opening
from splinternet.app.dashboard import session as sessions
from splinternet.app.dashboard.charts.svg import settle
from splinternet.app.dashboard.choices import MOST_PEOPLE, Choices, behaviours_of
from splinternet.app.dashboard.desk import Desk
from splinternet.app.dashboard.past import Past, world_key
from splinternet.app.dashboard.scene import MIN_PEOPLE, Scene, until
from splinternet.app.dashboard.serve import free_port
from splinternet.app.dashboard.session import Session
from splinternet.cli import main
from splinternet.errors import InputError
from splinternet.experiments.pairs import run_pair
from splinternet.metrics.registry import METRICS
from splinternet.results.panel import Pair
from splinternet.scenario import Scenario, load
from splinternet.scenario.files import LARGEST_FILE
from splinternet.scenario.schema import BEHAVIOURS
from splinternet.text.numbers import percent

STAYED = "wechat_as_happened"


# --- what is chosen ---------------------------------------------------------------------------------------------------


def test_nothing_changed_is_the_scenario_itself() -> None:
    base = load(STAYED)
    assert Choices(base).scenario().digest == base.digest
    assert not Choices(base).is_changed
    assert not Choices(base).with_value("days", "100").with_value("days", "365").changed, "its own value is no change"


def test_a_change_of_substance_makes_a_what_if_and_more_people_do_not() -> None:
    choices = Choices(load(STAYED))
    assert choices.with_value("people", "5000").scenario().status == "hindcast"
    later = choices.with_value("policies.wechat-ban.on", "2020-10-01").scenario()
    assert later.status == "what-if"
    assert later.title.endswith(", changed")
    assert str(later.policies[0].on) == "2020-10-01"
    assert str(later.policies[0].announced) == "2020-08-06"


def test_what_stays_or_lifts_a_policy_goes_with_it() -> None:
    choices = Choices(load(STAYED)).switched("wechat-ban", False)
    assert choices.scenario().policies == ()
    assert [p.id for p in Choices(load(STAYED)).switched("stay", False).scenario().policies] == ["wechat-ban", "end"]
    assert choices.switched("wechat-ban", True).scenario().digest == load(STAYED).digest


def test_announcement_moves_with_a_policy_that_was_not_announced_before() -> None:
    base = scenario([block()])
    moved = Choices(base).with_value("policies.ban.on", "2020-08-05").scenario().policies[0]
    assert str(moved.announced) == str(moved.on) == "2020-08-05"


def test_what_is_set_by_hand_is_not_uncertain_any_more() -> None:
    base = load("wechat_as_ordered")
    made = Choices(base).with_value("ties.only_channel", "0.5").scenario()
    assert set(base.uncertain) - set(made.uncertain) == {"ties.only_channel"}
    assert made.parameters["ties.only_channel"] == 0.5


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("policies.wechat-ban.on", "2020-09-35", "is not a date"),
        ("policies.wechat-ban.on", "2020-08-01", "before 'announced'"),
        ("policies.wechat-ban.technique", "magic", "unknown technique"),
        ("policies.wechat-ban.by", "US, ZZ", "zz"),
        ("policies.wechat-ban.by", "", ""),
        ("policies.wechat-ban.targets", "WeChatt", "did you mean"),
        ("people", "12", "at least 1,000"),
        ("people", str(MOST_PEOPLE + 1), "too many for the page"),
        ("days", "a week", "not a whole number"),
        ("ties.only_channel", "1.7", "0 to 1"),
        ("choice.review_days", "often", "not a number"),
        ("choice.review_days", "nan", ""),
    ],
)
def test_a_problem_is_told_at_its_input(path: str, text: str, expected: str) -> None:
    # A transaction ban leaves no choice of technique; a block does.
    choices = Choices(scenario([block(id="wechat-ban")]) if "technique" in path else load(STAYED))
    problems = choices.with_value(path, text).problems()
    assert set(problems) == {path}
    assert expected in problems[path].lower()


def test_inputs_that_are_not_on_the_page_cannot_be_set() -> None:
    for path in ("world.facts", "title", "extends", "policies.wechat-ban.id", "policies.nobody.on", "parameters"):
        with pytest.raises(InputError):
            Choices(load(STAYED)).with_value(path, "x")


def test_behaviours_are_offered_that_this_version_has_and_no_others() -> None:
    base = load("wechat_as_ordered")
    offered = behaviours_of(base)
    for key in BEHAVIOURS:
        choices = Choices(base).with_value(f"behaviour.{key}", "yes")
        if key in offered:
            assert getattr(choices.scenario().behaviour, key)
        else:
            assert set(choices.problems()) == {f"behaviour.{key}"}
        assert choices.with_value(f"behaviour.{key}", "no").changed == {}
        assert set(Choices(base).with_value(f"behaviour.{key}", "perhaps").problems()) == {f"behaviour.{key}"}


# --- where scenarios come from ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../pyproject.toml", "/etc/passwd", "no such", "", "hindcast/../wechat_19m", "x" * 9999]
)
def test_only_offered_scenarios_are_opened(name: str) -> None:
    with pytest.raises(InputError, match="there is no scenario"):
        opening.opened(name, None)


def test_an_upload_is_checked_like_a_file_and_names_no_folder() -> None:
    with pytest.raises(InputError) as error:
        opening.uploaded("my file.yaml", "title: x\nstart: 2020-08-01\ndays: 0\npoeple: 3\n")
    assert [problem.where for problem in error.value.problems] == ["my_file.yaml:3:7", "my_file.yaml:4:1"]
    assert "/tmp" not in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        "extends: ../../../../etc/passwd\n",
        "extends: /etc/hostname\n",
        "!!python/object/apply:os.system ['true']\n",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\ntitle: *c\n",
        "[" * 5000,
        "\0",
        " " * (LARGEST_FILE + 1),
        "",
    ],
    ids=["outside", "absolute", "code", "aliases", "deep", "control", "large", "empty"],
)
def test_an_upload_reaches_nothing_else(text: str) -> None:
    with pytest.raises(InputError) as error:
        opening.uploaded("x.yaml", text)
    assert "root:" not in str(error.value)


def test_an_upload_can_extend_a_shipped_scenario() -> None:
    made = opening.uploaded("a/b\\mine.v2.yaml", "extends: wechat_as_ordered\ntitle: mine\n")
    assert (made.title, made.policies[0].id, made.name) == ("mine", "wechat-ban", "a_b_mine_v2")


# --- the session ------------------------------------------------------------------------------------------------------


@contextmanager
def session(spec: Any, **keys: Any) -> Iterator[Session]:
    made = Session(spec, **keys)
    try:
        yield made
    finally:
        made.close()


def settled(made: Session, day: int | None = None, *, or_later: bool = False) -> sessions.Moment:
    """Return what a session shows once it rests: on a day, where one is given, ``or_later``."""

    def rests(m: sessions.Moment) -> bool:
        there = day is None or m.day == day or (or_later and m.day > day)
        return m.stage in ("ready", "done", "failed") and there

    moment = made.wait_until(rests, LONG)
    assert moment.stage in ("ready", "done"), moment
    return moment


SMALL = scenario([block()], people=2_000, days=40)


def test_a_session_lives_through_the_same_days_as_a_run() -> None:
    with session(SMALL) as made:
        settled(made, 0)
        made.step(24)
        halfway = settled(made, 24)
        made.play()
        end = made.wait_until(lambda m: m.stage == "done", LONG)
    expected = run_pair(SMALL, SMALL.seed)
    assert halfway.pair is not None
    assert end.pair is not None
    for shown, run in zip(end.pair, expected, strict=True):
        assert same(shown, run)
    cut = until(halfway.pair[1], 24)
    for name, array in cut.arrays.items():
        assert METRICS[name].kind == "daily"
        assert np.array_equal(array, expected[1].arrays[name][:25], equal_nan=True)


def test_another_scenario_is_lived_through_to_the_same_day() -> None:
    other = scenario([block(technique="isp")], people=2_000, days=40)
    with session(SMALL) as made:
        settled(made, 0)
        made.step(30)
        before = settled(made, 30)
        for spec in (SMALL, other, SMALL, other):  # the last one counts
            made.apply(spec)
        after = settled(made, 30)
        assert after.spec is other
        shorter = scenario([block()], people=2_000, days=12)
        made.apply(shorter)
        assert made.wait_until(lambda m: m.stage == "done", LONG).day == 11
    assert before.pair is not None
    assert after.pair is not None
    expected = run_pair(other, other.seed)[1]
    lost = "active_users"
    assert np.array_equal(after.pair[1].arrays[lost][:31], expected.arrays[lost][:31], equal_nan=True)
    assert not np.array_equal(after.pair[1].arrays[lost][:31], before.pair[1].arrays[lost][:31], equal_nan=True)


def lived(past: Past, spec: Scenario, day: int) -> tuple[Pair, int]:
    """Simulate a scenario up to a day; return both arms, and the last day that was already simulated."""
    line = past.line(spec, day)
    begun = line.arm.day
    while line.arm.day < day:
        line.step()
    return past.pair(line), begun


def test_what_is_taken_up_from_other_policies_is_what_a_run_gives() -> None:
    late = {"id": "stay", "instrument": "injunction", "policy": "ban", "by": "US"}
    stayed = scenario([block(), late | {"on": "2020-08-25"}], people=2_000, days=40)
    later = scenario([block(), late | {"on": "2020-08-29"}], people=2_000, days=40)
    never = scenario([block()], people=2_000, days=40)
    past = Past(stayed, stayed)
    assert lived(past, stayed, 39)[1] == -1
    for spec, differs in ((later, 24), (never, 28)):  # from the day on which a stay that is left out began
        assert world_key(spec, stayed) == past.key
        pair, begun = lived(past, spec, 39)
        assert differs - 4 <= begun < differs
        for mine, run in zip(pair, run_pair(spec, spec.seed, world_of=stayed), strict=True):
            assert same(mine, run)
    assert lived(past, stayed, 39)[1] == 39, "an arm that was left stands ready"
    pair, begun = lived(past, stayed, 30)
    assert 0 <= begun <= 30
    for mine, run in zip(pair, run_pair(stayed, stayed.seed), strict=True):
        for name in ("active_users", "family_contact_lost", "ties_ever_out"):
            assert np.array_equal(mine.arrays[name][:31], run.arrays[name][:31], equal_nan=True)


def test_notice_of_one_policy_does_not_prepare_people_for_another() -> None:
    """People who exchange telephone numbers ahead of a ban do not have them in an arm where the ban has no notice."""
    warned = scenario([block(announced="2020-08-08", on="2020-09-04")], people=3_000, days=50)
    sudden = scenario([block(announced="2020-09-04", on="2020-09-04")], people=3_000, days=50)
    past = Past(warned, warned)
    lived(past, warned, 49)
    pair, begun = lived(past, sudden, 49)
    assert begun >= 0, "it is taken up from the other"
    for mine, run in zip(pair, run_pair(sudden, sudden.seed, world_of=warned), strict=True):
        assert same(mine, run)


def test_what_was_decided_is_taken_up_with_all_that_is_remembered() -> None:
    deciding = load("turkey_law_7253", people=2_000, days=100)
    past = Past(deciding, deciding)
    lived(past, deciding, 99)
    _, begun = lived(past, deciding, 85)
    assert 70 < begun <= 85
    line = past.line(deciding, 99)
    while line.arm.day < 99:
        line.step()
    expected = run_pair(deciding, deciding.seed)
    days = [d.day - deciding.start for d in expected[1].decisions]
    assert min(days).days < begun < max(days).days, "decisions before and after the day on which it was taken up"
    assert past.pair(line)[1].decisions == expected[1].decisions
    for mine, run in zip(past.pair(line), expected, strict=True):
        assert same(mine, run)


def test_another_world_is_not_taken_for_the_same() -> None:
    key = world_key(SMALL, SMALL)
    for change in ({"seed": 5}, {"people": 3_000}, {"parameters": {"choice.review_days": 20.0}}, {"days": 41}):
        assert world_key(SMALL.model_copy(update=change), SMALL) != key
    other = scenario([block(targets=["QQ"])], people=2_000, days=40)
    assert world_key(other, other) != key, "a policy on another platform has other people simulated finely"
    assert world_key(scenario([], people=2_000, days=40), SMALL) == key


def test_a_long_way_shows_the_days_that_are_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "PATIENCE", 0.0)
    monkeypatch.setattr(sessions, "GLIMPSE_SECONDS", 0.0)
    other = scenario([block(technique="isp")], people=2_000, days=40)
    with session(SMALL) as made:
        settled(made, 0)
        made.step(39)
        before = made.wait_until(lambda m: m.stage == "done", LONG)
        made.apply(other)
        first = made.wait_until(lambda m: m.serial > before.serial and m.stage == "building", LONG)
        assert first.stage != "building" or first.is_stale
        seen = made.wait_until(lambda m: m.spec is other, LONG)
        assert seen.stage == "catching up"
        assert (seen.is_stale, seen.day < 39) == (False, True)
        assert made.wait_until(lambda m: m.stage == "done", LONG).day == 39


def test_play_pause_reset_and_pace() -> None:
    with session(SMALL, pace=20.0) as made:
        settled(made, 0)
        begun = time.monotonic()
        made.play()
        moment = made.wait_until(lambda m: m.day >= 10, LONG)
        assert moment.stage == "playing"
        assert time.monotonic() - begun > 0.8 * moment.day / 20.0 - 0.1  # no faster than the pace
        made.pause()
        day = settled(made).day
        time.sleep(0.3)
        assert made.moment.day == day
        made.reset()
        assert settled(made, 0).day == 0
        made.set_pace(0.0)
        made.play()
        made.wait_until(lambda m: m.stage == "done", LONG)
        made.play()  # from the last day, it begins again
        assert made.wait_until(lambda m: m.stage != "done", LONG).stage != "done"
        assert made.wait_until(lambda m: m.stage == "done", LONG).day == SMALL.days - 1


def test_a_failure_is_told_and_the_next_scenario_works(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(spec: Scenario, whole: Scenario) -> Past:
        if spec.title == "a test":
            raise RuntimeError("no such world")
        return Past(spec, whole)

    monkeypatch.setattr(sessions, "Past", fails)
    with session(SMALL) as made:
        failed = made.wait_until(lambda m: m.stage == "failed", LONG)
        assert "stopped with an error" in failed.problem
        made.apply(SMALL.model_copy(update={"title": "another"}))
        assert settled(made).day == 0


# --- the desk and what it draws ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    path = tmp_path_factory.mktemp("own") / "mine.yaml"
    path.write_text(OWN, encoding="utf-8")
    made = Desk(path)
    yield made
    made.session.close()


OWN = """\
title: A messenger is blocked at one end
status: what-if
start: 2020-08-01
days: 60
people: 3000
policies:
  - {id: ban, by: US, instrument: block, technique: dpi, targets: [WeChat], announced: 2020-08-06, on: 2020-08-11}
"""


def test_pictures_say_what_the_arrays_hold(desk: Desk) -> None:
    settled(desk.session, 0)
    desk.tell("show", 14)
    moment = settled(desk.session, 14)
    data, scene = desk.live(moment), desk.scene(moment)
    assert scene is not None
    assert (data["date"], data["day"]) == ("2020-08-15", 14)
    at = scene.group("US<-CN")
    share = float(scene.policy.arrays["family_contact_lost"][14, at])
    assert share > 0
    assert "US<-CN" in scene.touched
    assert f"{percent(share)} of people from China in the United States" in data["finding"]
    assert "US from CN" in data["charts"]["family"]
    assert "WeChat" in data["charts"]["users"]
    assert "block" in data["charts"]["timeline"]
    assert "United States and China" in data["charts"]["matrix"]
    assert "is least open" in data["charts"]["atlas"]
    for picture in data["charts"].values():
        assert picture.startswith("<svg")
        assert "nan" not in picture
        assert "http" not in picture.replace('xmlns="http://www.w3.org/2000/svg"', "")
    desk.tell("show", 3)
    earlier = desk.live(desk.session.moment)
    assert (earlier["day"], earlier["done"]) == (3, 14), "an earlier day is looked at without simulating it again"


def test_ties_of_a_pair_are_those_of_both_directions(desk: Desk) -> None:
    desk.tell("show", 14)
    moment = settled(desk.session, 14)
    scene = desk.scene(moment)
    assert scene is not None
    without, left = scene.ties("US", "CN") or (0.0, 0.0)
    out = scene.policy.arrays["ties_out_of_contact"][14]
    both = [group for group in ("US<-CN", "CN<-US") if group in scene.policy.axes.groups]
    expected = sum(out[scene.group(group)] for group in both)
    assert without - left == pytest.approx(float(expected))
    assert expected > 0
    assert scene.ties("US", "CN") == scene.ties("CN", "US")


def test_small_groups_are_not_shown(desk: Desk) -> None:
    scene = desk.scene(settled(desk.session))
    assert scene is not None
    few = replace(scene.policy, cells=dict.fromkeys(scene.policy.cells, MIN_PEOPLE - 1))
    thin = Scene(scene.spec, (scene.baseline, few), scene.day)
    assert thin.groups == []
    assert thin.ties("US", "CN") is None


def test_whatever_the_page_sends_the_desk_stands(desk: Desk) -> None:
    before = desk.choices.scenario().digest
    for order in (*Desk.ORDERS, "__class__", "close", ""):
        if order in ("play", "pause", "reset", "undo", "restore"):
            continue
        for value in (None, "", "x", -1, 1e99, [], {}, {"path": None, "text": None}, {"policy": "nobody", "on": 1}):
            desk.tell(order, value)
            assert isinstance(desk.notice, str)
    desk.tell("undo")
    assert desk.choices.scenario().digest == before
    settled(desk.session)


@pytest.mark.parametrize(("days", "done", "horizon"), [(365, 3, 365), (1131, 115, 240), (1131, 1100, 1131)])
def test_charts_of_a_long_run_grow(desk: Desk, days: int, done: int, horizon: int) -> None:
    scene = desk.scene(settled(desk.session))
    assert scene is not None
    long = replace(scene, spec=scene.spec.model_copy(update={"days": days}), day=1, done=done)
    assert long.horizon == horizon
    assert "2020-08-11" in charts.timeline(long)


def test_a_line_keeps_its_colour_and_shares_it_with_none_beside_it() -> None:
    colours: dict[str, int] = {}
    settle(colours, ["a", "b", "c"])
    assert colours == {"a": 0, "b": 1, "c": 2}
    settle(colours, ["d", "b", "e"])
    assert (colours["b"], colours["d"], colours["e"]) == (1, 0, 2)
    settle(colours, ["a", "d"])
    assert colours["a"] != colours["d"]


# --- the command ------------------------------------------------------------------------------------------------------


def test_explore_refuses_before_it_starts(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "explore", "wechat_as_orderd", "--no-browser")
    assert code == 2 and "did you mean" in err
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    code, _, err = call(capsys, "explore", "wechat_as_ordered", "--no-browser")
    assert code == 1 and "uv sync --inexact --extra dashboard" in err


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="cannot be used"):
            free_port(taken.getsockname()[1])
    assert free_port(None) > 0


# --- in the browser ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with served(OWN, tmp_path_factory.mktemp("served")) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as made:
        yield made


@pytest.fixture(scope="module")
def window(browser: Browser, address: Address) -> Iterator[BrowserContext]:
    """Open a window for all tabs, so that the page's own files are fetched once."""
    made = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    first = made.new_page()
    first.goto(address.signed)
    first.close()
    yield made
    made.close()


@pytest.fixture
def page(window: BrowserContext, address: Address) -> Iterator[Page]:
    """Open a tab of its own, and hold that nothing is asked of anyone else and nothing goes wrong in it."""
    tab = window.new_page()
    asked: list[str] = []
    wrong: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("response", lambda answer: wrong.append(answer.url) if answer.status >= 400 else None)
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    tab.set_default_timeout(90_000)  # kernels may have to be compiled first, beside other tests
    tab.goto(f"{address}#day=0")  # else it opens with a picture of the whole run
    tab.wait_for_selector(".sp-board[data-stage=ready]")
    yield tab
    tab.close()
    outside = [url for url in asked if not url.startswith((address, address.replace("http", "ws"), "blob:", "data:"))]
    assert not outside, f"asked of others: {outside}"
    assert not wrong


def day_of(tab: Page) -> int:
    return int(tab.get_attribute(".sp-board", "data-day") or "-1")


def go_to(tab: Page, day: int) -> None:
    """Move the bar of days, as somebody does who drags it."""
    tab.eval_on_selector("#sp-day", "(bar, day) => { bar.value = day; bar.dispatchEvent(new Event('change')); }", day)
    tab.wait_for_selector(f".sp-board[data-stage=ready][data-day='{day}']")


def test_it_opens_and_plays(page: Page) -> None:
    expect(page.locator(".sp-stamp")).to_have_text("what-if")
    expect(page.locator(".sp-name")).to_contain_text("A messenger is blocked at one end")
    expect(page.locator("h1")).to_contain_text("nothing has happened yet")
    assert page.locator(".sp-card svg").count() == 7
    page.select_option("#sp-pace", "60")
    page.click("#sp-play")
    page.wait_for_function("Number(document.querySelector('.sp-board').dataset.day) >= 20")
    expect(page.locator("#sp-play")).to_contain_text("Pause")
    page.click("#sp-play")
    page.wait_for_selector(".sp-board[data-stage=ready]")
    day = day_of(page)
    assert 20 <= day < 59
    page.click("#sp-step")
    page.wait_for_selector(f".sp-board[data-day='{day + 1}']")
    expect(page.locator("h1")).to_contain_text("people from China in the United States")
    page.click("#sp-reset")
    page.wait_for_selector(".sp-board[data-stage=ready][data-day='0']")


def test_a_switch_shows_at_once_and_at_the_same_day(page: Page) -> None:
    go_to(page, 45)
    lost = page.inner_text("h1")
    assert re.search(r"\d %", lost)
    chart = page.inner_html(".sp-card svg >> nth=0")
    page.click(".sp-switch")
    expect(page.locator("h1")).to_contain_text("no policy is switched on")
    assert day_of(page) == 45
    assert page.inner_html(".sp-card svg >> nth=0") != chart
    page.click(".sp-switch")
    expect(page.locator("h1")).to_have_text(lost)


def test_errors_are_told_beside_the_input_and_the_page_lives_on(page: Page) -> None:
    field = page.locator("#sp-policies-ban-on")
    field.fill("2020-02-31")
    field.press("Enter")
    error = page.locator("#sp-policies-ban-on-error")
    expect(error).to_contain_text("is not a date")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.fill("#sp-people", "7")
    page.press("#sp-people", "Tab")
    expect(page.locator(".sp-error")).to_have_count(2)
    page.click("#sp-week")  # the last possible scenario goes on
    page.wait_for_selector(".sp-board[data-stage=ready][data-day='7']")
    page.click("#sp-scenario-file")
    expect(page.locator("#sp-notice")).to_contain_text("is not a date")
    field.fill("2020-08-15")
    field.press("Enter")
    page.fill("#sp-people", "2000")
    page.press("#sp-people", "Tab")
    expect(page.locator(".sp-error")).to_have_count(0)
    page.wait_for_selector(".sp-board[data-stage=ready][data-day='7']")


def test_what_is_downloaded_is_accepted(page: Page, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.select_option("#sp-policies-ban-technique", "isp")
    expect(page.locator(".sp-name")).to_contain_text("changed")
    go_to(page, 30)
    with page.expect_download() as scenario_file:
        page.click("#sp-scenario-file")
    with page.expect_download() as data_file:
        page.click("#sp-data-file")
    with page.expect_download() as people:
        page.click("#sp-lives-file")
    people.value.save_as(tmp_path / "people.txt")
    assert "Life 1 of" in (tmp_path / "people.txt").read_text(encoding="utf-8")
    path = tmp_path / scenario_file.value.suggested_filename
    scenario_file.value.save_as(path)
    with pytest.raises(SystemExit) as leaving:
        main(["check", str(path)])
    assert leaving.value.code == 0, capsys.readouterr().err
    spec = load(path)
    assert (spec.status, spec.policies[0].technique) == ("what-if", "isp")
    data = tmp_path / "data.csv"
    data_file.value.save_as(data)
    expected = run_pair(spec, spec.seed)[1]
    row, column = expected.axes.states.index("US"), expected.axes.platforms.index("WeChat")
    with data.open(encoding="utf-8") as stream:
        shown = [
            float(line["value"])
            for line in csv.DictReader(stream)
            if (line["arm"], line["metric"], line["state"], line["platform"])
            == ("policy", "active_users", "US", "WeChat")
        ]
    assert shown == pytest.approx(expected.arrays["active_users"][:31, row, column].tolist(), rel=1e-9)


def test_files_are_opened_and_refused(page: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "other.yaml", tmp_path / "bad.yaml"
    good.write_text(OWN.replace("A messenger", "Another messenger"), encoding="utf-8")
    bad.write_text("title: x\ndays: -3\n", encoding="utf-8")
    page.set_input_files("#sp-upload", bad)
    expect(page.locator("#sp-notice")).to_contain_text("bad.yaml:2:7")
    expect(page.locator(".sp-name")).to_contain_text("A messenger")
    page.set_input_files("#sp-upload", good)
    expect(page.locator(".sp-name")).to_contain_text("Another messenger")
    page.wait_for_selector(".sp-board[data-stage=done][data-day='59']")
    assert page.locator("#sp-link").count() == 0, "nobody else has the file, so there is no link to it"
    page.select_option("#sp-scenario", "mine.yaml")
    expect(page.locator(".sp-name")).to_contain_text("A messenger")


def test_tabs_share_nothing(page: Page, address: str) -> None:
    go_to(page, 12)
    page.click(".sp-switch")
    expect(page.locator("h1")).to_contain_text("no policy")
    other = page.context.new_page()
    other.goto(f"{address}#day=0")
    other.wait_for_selector(".sp-board[data-stage=ready]")
    assert day_of(other) == 0
    assert other.is_checked("#sp-on-ban")
    other.click("#sp-step")
    other.wait_for_selector(".sp-board[data-day='1']")
    assert day_of(page) == 12
    other.close()


def test_the_keyboard_is_enough_and_nothing_is_cut_off(page: Page) -> None:
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "sp-on-ban":
            break
    page.keyboard.press("Space")
    expect(page.locator("#sp-on-ban")).not_to_be_checked()
    page.focus("#sp-step")
    page.keyboard.press("Enter")
    page.wait_for_selector(".sp-board[data-day='1']")
    nameless = page.evaluate(
        "[...document.querySelectorAll('.sp-page input:not([hidden]), .sp-page select, .sp-page button')].filter("
        "e => !(e.labels && e.labels.length) && !e.getAttribute('aria-label') && !e.innerText.trim())"
        ".map(e => e.outerHTML)"
    )
    assert nameless == []
    for width in (1280, 900, 320):
        page.set_viewport_size({"width": width, "height": 800})
        wide = (
            "[...document.querySelectorAll('.sp-page *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1)"
        )
        assert page.evaluate(f"{wide}.map(e => e.className)") == [], width
