"""The page of explore: its controls, its stored data, and the same numbers as the command's run."""

from __future__ import annotations

import json
import re
import shlex
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import html5lib
import pytest
from conftest import call, member_once
from scripts import script

import splinternet as sn
from splinternet.app.explorer import MOST_RUNS, controls, leading_curve, page
from splinternet.errors import InputError
from splinternet.results import open_run
from splinternet.scenario import Scenario, load
from splinternet.text.finding_sentences import headline, measured

EXPLORER = script("pages/explorer.py")
OPENING = "wechat_as_ordered"


def held_of(name: str) -> dict[str, Any]:
    """Return the stored data of a case."""
    path = EXPLORER.stored(name)
    assert path.is_file(), f"run `uv run python pages/explorer.py {name}`"
    return dict(json.loads(path.read_text(encoding="utf-8")))


@pytest.fixture(autouse=True)
def runs_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run a member once, though a page and a command have it."""
    monkeypatch.setattr("splinternet.experiments.ensemble.run_member", member_once)


@pytest.fixture(scope="module")
def explorer() -> ModuleType:
    return EXPLORER


@pytest.fixture(scope="module")
def data() -> dict[str, Any]:
    return held_of(OPENING)


def of_words(command: str) -> Scenario:
    """Return the scenario that the words of a command run."""
    words = shlex.split(command)
    settings = [word for before, word in pairwise(words) if before == "--set"]
    sizes = {
        key: int(words[words.index(f"--{key}") + 1])
        for key in ("people", "days")
        if f"--{key}" in words
    }
    return load(words[2], overrides=settings, **sizes)


@pytest.mark.parametrize("name", EXPLORER.CASES)
def test_a_scenario_has_controls_with_one_stop_as_it_is(name: str) -> None:
    spec = load(name)
    most = EXPLORER.CASES[name].runs
    found = controls(spec, most)
    others = [stop for control in found for stop in control.stops if stop.settings]
    assert 1 <= len(others) < most <= MOST_RUNS
    for control in found:
        assert [stop.settings for stop in control.stops].count(()) == 1, control.label
        assert len({stop.label for stop in control.stops}) == len(control.stops)
    made = [load(spec, overrides=stop.settings).digest for stop in others]
    assert len({spec.digest, *made}) == len(made) + 1, "each stop is a scenario of its own"


def test_a_scenario_without_an_order_is_refused() -> None:
    with pytest.raises(InputError, match="no order whose date or enforcement"):
        controls(load("baseline_2020"))


@pytest.mark.parametrize("name", EXPLORER.CASES)
def test_the_stored_page_holds_a_run_for_each_stop_with_the_command_that_makes_it(
    explorer: ModuleType, name: str
) -> None:
    case = explorer.CASES[name]
    data = held_of(name)
    spec = load(name)
    assert (data["people"], data["seeds"]) == (spec.people, explorer.SEEDS), (
        "run pages/explorer.py again, at full size"
    )
    places = [0]
    for control, stored in zip(controls(spec, case.runs), data["controls"], strict=True):
        assert control.note == stored["note"], "run pages/explorer.py again"
        for stop, held in zip(control.stops, stored["stops"], strict=True):
            assert stop.label == held["label"], "run pages/explorer.py again"
            places += [held["run"]] if stop.settings else []
            run = data["runs"][held["run"]]
            made = of_words(run["command"])
            assert made.digest == load(spec, overrides=stop.settings).digest, run["command"]
    assert places == list(range(len(data["runs"])))
    for run in data["runs"]:
        lines = [run[key] for key in ("without", "given", "low", "high") if key in run]
        assert all(len(line) == len(data["dates"]) for line in lines)
        for _, given, low, high in zip(*lines, strict=True) if lines else ():
            assert low is None or low <= given <= high
    assert explorer.stored(name).stat().st_size < 300_000, "a page of this size loads on a phone"


def test_the_stored_sentence_bears_out_its_line(data: dict[str, Any]) -> None:
    for run in data["runs"]:
        stated = re.match(
            r"(?:About|\D*) ?([\d.]+) % \(([\d.]+) to ([\d.]+) %\) "
            r"of people from China in the United States",
            run["said"][0],
        )
        if stated is None:
            continue
        for number, name in zip(stated.groups(), ("given", "low", "high"), strict=True):
            wide = run["high"][-1] - run["low"][-1]  # a sentence rounds to an eighth of it,
            unit = 10.0 ** (len(number.split(".")[0]) - 1)  # and a wide end to its first digit
            step = max(wide / 8, 0.0 if name == "given" else unit / 2)
            assert abs(float(number) - run[name][-1]) <= step, run["command"]
    assert "%) of people from China in the United States" in data["runs"][0]["said"][0]


def test_the_page_shows_the_numbers_of_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    sizes = ("--people", "1000", "--days", "60", "--seeds", "1", "--jobs", "1")
    monkeypatch.setattr("splinternet.app.explorer.LATER", (5,))
    monkeypatch.setattr("splinternet.app.explorer.controls", lambda spec, _=0: controls(spec, 3))
    code, out, err = call(capsys, "explore", "wechat_full_block", *sizes)
    assert code == 0 and "wechat_full_block_explorer.html" in out and "1 of " in err
    text = Path("wechat_full_block_explorer.html").read_text(encoding="utf-8")
    inside = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    assert inside is not None
    held = json.loads(inside[1])
    for run in (held["runs"][0], held["runs"][-1]):
        words = [*shlex.split(run["command"])[1:], "--jobs", "1", "--out", "own", "--overwrite"]
        assert call(capsys, *words)[0] == 0
        result = open_run(Path("own"))
        assert run["said"] == headline(result)
        line = leading_curve(open_run(Path("own")))
        assert line is not None
        if run is held["runs"][0]:
            assert run["given"][-1] == pytest.approx(100 * line.given[1][-1], rel=1e-3)
            assert run["high"][-1] == pytest.approx(100 * line.given[2][-1], rel=1e-3)
            assert run["given"][-1] > run["without"][-1]


def test_the_page_is_valid_and_asks_no_server(explorer: ModuleType, data: dict[str, Any]) -> None:
    hostile = data | {"title": "</script><b>&", "what": "<i>"}
    for text in (page(data, explorer.LINKS), page(hostile)):
        parsed = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
        assert "http" not in text.replace("http://www.w3.org", "")
        assert not list(parsed.iter("b")) and not list(parsed.iter("i"))


def test_each_case_has_a_page_with_links_to_the_others(
    tmp_path: Path, data: dict[str, Any]
) -> None:
    names = list(EXPLORER.CASES)[:3]
    for name in names:
        EXPLORER.write(data | {"title": name}, EXPLORER.stored(name, tmp_path / "data"))
    made = EXPLORER.pages(tmp_path / "site", tmp_path / "data")
    assert [path.name for path in made] == ["index.html", "br_x_2024.html", "ru_youtube_2024.html"]
    for path, name in zip(made, names, strict=True):
        text = path.read_text(encoding="utf-8")
        assert f"<h1>{name}</h1>" in text
        links = set(re.findall(r'href="([^"./]+[.]html)"', text))
        assert links == {other.name for other in made if other != path}


def test_a_hindcast_opens_with_what_was_counted_and_only_as_it_happened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The run as it is says what the command says; a run of another day is no measurement."""
    name = "events/br_x_2024"
    case = EXPLORER.CASES[name]._replace(runs=2)
    monkeypatch.setitem(EXPLORER.CASES, name, case)
    monkeypatch.setattr("splinternet.app.explorer.LATER", ())
    found = EXPLORER.compute(name, people=1_000, seeds=1, jobs=1)
    result = sn.run(name, people=1_000, seeds=1, jobs=1)
    counted = measured(result)
    after = headline(result)[: max(1, 3 - len(counted))]
    assert counted and found["runs"][0]["said"] == [*counted, *after]
    assert not set(counted) & set(found["runs"][1]["said"])
    assert set(found["made_of"]) == {"scenario", "rules", "facts", "fit"}
