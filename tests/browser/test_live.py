"""The live page: both arms stepped together, its settings, and Mesa's page in a real browser."""

from __future__ import annotations

import base64
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browsing import LONG, Address, files_served, served, started
from conftest import block, call, scenario
from playwright.sync_api import Browser, BrowserContext, Page, expect

from splinternet.app.explorer import leading_curve
from splinternet.app.live import (
    MOST_SEED,
    LivePair,
    _end,
    controls,
    picture,
    with_settings,
)
from splinternet.app.live_server import free_port
from splinternet.errors import InputError
from splinternet.experiments.ensemble import run
from splinternet.experiments.pairs import run_pair
from splinternet.scenario import load, varied
from splinternet.scenario.load import member_spec
from splinternet.text.finding_sentences import headline

FIRST = """
from pathlib import Path
from splinternet.app import live, live_server
from splinternet.facts import record
live_server.LEFT = '3s'  # work for a closed tab ends here after so long, not a quarter of a minute
live.PICTURES = 2  # a picture takes a second
record.DISCREPANCY = Path('no_error.csv')
end = live._end
def told(model):
    end(model)
    with Path(PLACE).open('a') as file:
        print(not model.problem and (model.spec.seed, model.running), file=file)
live._end = told
"""  # the intervals of the server are those of the tests: conftest.py leaves the model's error out
SMALL = {"extends": "wechat_as_ordered", "start": "2020-09-10", "people": 1_000}
OPENING = "\n".join(f"{key}: {value}" for key, value in SMALL.items()) + "\ndays: 24\n"
HOSTILE = """<!doctype html><title>cats</title><script>
const port = PORT, seen = [];
const done = what => { seen.push(what); document.title = JSON.stringify(seen); };
const socket = new WebSocket(`ws://127.0.0.1:${port}/jupyter/api/kernels/k1/channels?session_id=s1`);
socket.onopen = () => done('socket open');
socket.onerror = () => done('socket refused');
fetch(`http://127.0.0.1:${port}/`, {credentials: 'include'}).then(r => r.text()).then(
  text => done('read ' + text.length), () => done('fetch refused'));
const frame = document.createElement('iframe');
frame.src = `http://127.0.0.1:${port}/`;
frame.onload = () => { try { done('frame ' + frame.contentDocument.body.innerText.length); }
                       catch (error) { done('frame closed'); } };
document.documentElement.append(frame);
</script>"""


WATCH = """() => {
  window.shown = [];
  new MutationObserver(() => window.shown.push(
    ["h1", "p"].map(tag => document.querySelector(`.live ${tag}`)?.textContent))
  ).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""  # notes the title and the day beside it at every change of the page


# --- the pair -------------------------------------------------------------------------------------


def test_the_pair_is_a_run_so_far_and_ends_with_it() -> None:
    spec = scenario([block()], people=1_500, days=20)
    pair = LivePair(spec, people=1_500, rng=3)
    for _ in range(10):
        pair.step()
    so_far = pair.result()
    shorter = run(varied(spec, {"days": 10, "seed": 3}), seeds=1, jobs=1)
    assert so_far.dates == shorter.dates
    assert headline(so_far) == headline(shorter)
    for _ in range(99):  # Mesa's page steps several days at a time
        pair.step()
    whole = run_pair(member_spec(varied(spec, {"seed": 3}), 3), 3)
    assert not pair.running and pair.days_done == 20
    for mine, other in zip(pair.result().members[0], whole, strict=True):
        assert {name: array.tobytes() for name, array in mine.arrays.items()} == {
            name: array.tobytes() for name, array in other.arrays.items()
        }


def test_settings_change_a_policy_and_make_a_what_if() -> None:
    spec = load("wechat_as_happened")
    sizes = {"people": 1_500, "seed": spec.seed}
    same = {name: control["value"] for name, control in controls(spec).items() if "." in name}
    assert with_settings(spec, sizes, same).digest == varied(spec, sizes).digest
    off = with_settings(spec, sizes, same | {"policies.wechat-ban": False})
    assert (off.policies, off.status) == ((), "what-if"), "the stay of an order goes with it"
    later = with_settings(spec, sizes, same | {"policies.wechat-ban.on": "2020-10-01"})
    assert (str(later.policies[0].on), str(later.policies[0].announced)) == (
        "2020-10-01",
        "2020-08-06",
    )
    other = with_settings(
        scenario([block()]),
        sizes,
        {"policies.ban.technique": "isp", "policies.ban.on": "2020-08-05"},
    )
    assert (other.policies[0].technique, str(other.policies[0].announced)) == ("isp", "2020-08-05")


def test_a_wrong_setting_is_said_and_nothing_runs() -> None:
    spec = load("wechat_as_ordered")
    pair = LivePair(spec, people=1_500, rng=1, **{"policies.wechat-ban.on": "2020-09-35"})
    assert "2020-09-35" in pair.problem and "is not a date" in pair.problem
    pair.step()
    assert not pair.running and pair.days_done == 0


def test_a_pair_too_large_for_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("splinternet.results.memory.available", lambda: [1e6])
    pair = LivePair(load("wechat_as_ordered"), people=1_500, rng=1)
    assert "1,500 people over 365 days need" in pair.problem


def test_the_picture_is_of_what_the_sentence_is_about() -> None:
    spec = scenario([block()], people=1_500, days=30)
    pair = LivePair(spec, people=1_500, rng=1)
    pair.step()
    first = leading_curve(pair.result())
    assert first is not None and first.size == 0.0
    assert b"<svg" in picture(pair.result(), first)
    for _ in range(29):
        pair.step()
    shown = leading_curve(pair.result())
    assert shown is not None and shown.size > 0.0
    assert shown.cell.metric == "family_contact_ever_lost"
    assert "every app" in headline(pair.result())[0]


def test_the_battle_has_a_date_for_each_policy_and_is_stepped_to_its_end() -> None:
    spec = load("the_battle", people=1_000, days=60)
    assert sum(name.endswith(".on") for name in controls(spec)) == 7
    pair = LivePair(spec, people=1_000, rng=1)
    while pair.running:
        pair.step()
    shown = leading_curve(pair.result())
    assert shown is not None and (pair.days_done, pair.problem) == (60, "")
    assert b"<svg" in picture(pair.result(), shown)


def test_a_page_that_is_closed_simulates_no_further_day() -> None:
    pair = LivePair(scenario([block()], days=5), people=1_000, rng=1)
    pair.step()
    _end(pair)
    pair.step()
    assert pair.days_done == 1


def test_explore_refuses_before_it_starts(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "explore", "wechat_as_orderd", "--live", "--no-browser")
    assert code == 2 and "did you mean" in err
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="cannot be used"):
            free_port(taken.getsockname()[1])


# --- the page -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Give a browser for which the names of the attacker lead to this machine."""
    with started("--host-resolver-rules=MAP evil.example 127.0.0.1") as made:
        yield made


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file in which the server says that it has ended the work of a closed tab."""
    return tmp_path_factory.mktemp("ended") / "told"


@pytest.fixture(scope="module")
def opening(tmp_path_factory: pytest.TempPathFactory, ended: Path) -> Iterator[Address]:
    first = FIRST.replace("PLACE", repr(str(ended)))
    with served(OPENING, tmp_path_factory.mktemp("opening"), first) as url:
        yield url


def opened(browser: Browser, address: Address, width: int = 1280, height: int = 800) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_default_timeout(1_000 * LONG)
    expect.set_options(timeout=1_000 * LONG)
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.on("request", lambda asked: is_own(asked.url))
    page.goto(address.signed)
    expect(page.locator(".live h1")).to_be_visible()
    return page


def is_own(url: str) -> None:
    assert url.startswith(("http://127.0.0.1:", "data:", "blob:")), f"{url} is on another server"


def step(page: Page, until: int) -> None:
    """Press Step until a day is done; each press goes on to the next picture."""
    when = page.locator(".live p").first
    while True:
        said = when.inner_text()
        seen = re.match(r"Day ([\d,]+) of", said)
        if seen and int(seen[1].replace(",", "")) >= until:
            return
        page.get_by_role("button", name="Step", exact=True).click()
        expect(when).not_to_have_text(said)


def test_the_opening_case_says_what_a_run_of_as_many_days_says_and_plays_to_its_end(
    browser: Browser, opening: Address
) -> None:
    page = opened(browser, opening)
    step(page, 1)
    seen = re.search(r"Day (\d+) of 24", page.locator(".live").inner_text())
    assert seen is not None and int(seen[1]) > 11, "the ban is in force"
    spec = load(SMALL | {"days": int(seen[1])})
    expect(page.locator(".live h1")).to_have_text(headline(run(spec, seeds=1, jobs=1))[0])
    expect(page.locator(".live")).to_contain_text("it shows a shape, not a number")
    image = page.locator(".live img")
    assert image.get_attribute("alt") == page.locator(".live h1").inner_text()
    drawn = base64.b64decode((image.get_attribute("src") or "").partition("base64,")[2])
    assert drawn.count(b'id="axes_') == 2, "both arms, and their difference"
    page.evaluate(WATCH)
    page.get_by_label("US: transaction ban on WeChat").click(force=True)
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".live h1")).to_contain_text("as ordered")
    page.get_by_role("button", name="▶").click()
    expect(page.locator(".live")).to_contain_text("Day 24 of 24")
    expect(page.get_by_role("button", name="Step", exact=True)).to_be_disabled()
    expect(page.locator(".live h1")).to_contain_text("no policies")
    assert page.locator(".live img").count() == 1
    assert page.locator(".v-alert").count() == 0, "no error"
    shown = page.evaluate("window.shown")
    assert {(said == spec.title, when.startswith("Day")) for said, when in shown} == {
        (False, True),
        (True, False),
    }, "a title stands beside the day that it is about"
    page.get_by_label("US: transaction ban on WeChat").click(force=True)
    page.get_by_label("in force from").fill("2020-09-35")
    page.get_by_label("in force from").press("Enter")
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".live")).to_contain_text("2020-09-35' is not a date")
    page.close()


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_picture_is_above_the_settings(
    browser: Browser, opening: Address
) -> None:
    page = opened(browser, opening, 390, 844)
    step(page, 1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture = page.locator(".live img").bounding_box()
    settings = page.get_by_role("button", name="Reset").bounding_box()
    assert picture is not None and settings is not None
    assert 300 <= picture["width"] <= 390
    assert picture["y"] + picture["height"] < settings["y"]
    page.get_by_role("button", name="Reset").click()
    expect(page.locator(".live h1")).to_contain_text("as ordered")
    page.close()


# --- who may use it -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def window(browser: Browser, opening: Address) -> Iterator[BrowserContext]:
    """Open the window of somebody who has the page open, and so holds its cookie."""
    made = browser.new_context()
    tab = made.new_page()
    tab.goto(opening.signed)
    tab.wait_for_selector(".live h1", timeout=1_000 * LONG)
    yield made
    made.close()


@pytest.mark.parametrize("host", ["evil.example", "localhost"])
def test_a_page_of_another_origin_reads_nothing(
    host: str, window: BrowserContext, opening: Address, tmp_path: Path
) -> None:
    port = opening.split(":")[2].strip("/")
    (tmp_path / "index.html").write_text(HOSTILE.replace("PORT", port))
    with files_served(tmp_path) as attacker:
        tab = window.new_page()
        tab.goto(f"http://{host}:{attacker}/")
        tab.wait_for_function(
            "document.title.startsWith('[') && JSON.parse(document.title).length >= 3",
            timeout=60_000,
        )
        told = sorted(re.findall(r'"([^"]+)"', tab.title()))
        assert told == ["fetch refused", "frame closed", "socket refused"]
        tab.close()


def test_a_name_that_leads_here_is_not_answered(window: BrowserContext, opening: Address) -> None:
    """DNS rebinding: the page of the attacker is at this server's own port, so that its origin is
    the server's.
    """
    tab = window.new_page()
    answer = tab.goto(opening.signed.replace("127.0.0.1", "evil.example"))
    assert answer is not None
    assert (answer.status, answer.text()) == (403, "This server does not answer to that name.")
    tab.close()


def test_without_the_token_there_is_no_page_and_work_ends_with_its_tab(
    browser: Browser, opening: Address, ended: Path
) -> None:
    answer = browser.new_context().new_page().goto(opening)
    assert answer is not None and answer.status == 403
    page = opened(browser, opening)
    page.get_by_role("slider", name="Seed").press("End")  # no other tab has this seed
    page.get_by_role("button", name="Reset").click()
    step(page, 1)
    page.close()
    end = time.monotonic() + 60
    while not (ended.exists() and f"({MOST_SEED}, False)" in ended.read_text()):
        assert time.monotonic() < end, "the server still works for closed tabs"
        time.sleep(0.1)
