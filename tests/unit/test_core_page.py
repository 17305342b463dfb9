"""The core on one page: short, fast, right at its limits, and not far from the full model."""

from __future__ import annotations

import ast
import json
import re
import runpy
import sys
import time
import tokenize
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from scripts import script

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "notebooks" / "core.py"


@pytest.fixture(scope="module")
def core() -> ModuleType:
    return script("notebooks/core.py")


@pytest.fixture(scope="module")
def forecasts(core: ModuleType) -> ModuleType:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "core", core)
        return script("notebooks/core_forecasts.py")


def code_lines(path: Path) -> int:
    """Return the lines that hold code: no blank line, no comment, no docstring."""
    text = path.read_text(encoding="utf-8")
    kinds = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    found: set[int] = set()
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type not in (*kinds, tokenize.ENCODING, tokenize.ENDMARKER):
                found.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.difference_update(range(node.lineno, (node.end_lineno or 0) + 1))
    return len(found)


def state_of_two_apps(**changed: object) -> pd.DataFrame:
    """Return a world in which everybody here and abroad has one messenger, and nothing else."""
    rows = {"Only": ["messenger", 0.0, 1.0, 1.0], "Other": ["messenger", 0.0, 0.0, 0.0]}
    columns = ["kind", "evasion", "diaspora", "family"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).assign(**changed)


def order(core: ModuleType, table: pd.DataFrame, q: dict[str, float], vpn: float) -> pd.DataFrame:
    """Return the days of a block from day 5 on."""
    groups = {"diaspora": 300, "family": 300}
    model = core.Core(table, ["Only"], "dpi", 5, np.inf, vpn, groups, core.parameters() | q)
    model.run_for(40)
    days: pd.DataFrame = model.datacollector.get_model_vars_dataframe()
    return days


def test_it_is_one_page_that_needs_nothing_of_the_package() -> None:
    assert 120 <= code_lines(CORE) <= 200
    tree = ast.parse(CORE.read_text(encoding="utf-8"))
    imported = {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    assert imported == {"mesa", "numpy", "pandas"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name != "__init__":
            assert ast.get_docstring(node), node.name


def test_the_command_prints_the_opening_case(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [str(CORE)])
    runpy.run_path(str(CORE), run_name="__main__")
    out = capsys.readouterr().out
    assert "ever_lost" in out and len(out.splitlines()) == 8


def test_the_opening_case_takes_five_seconds_and_has_the_size_of_the_full_one(
    core: ModuleType,
) -> None:
    """The full model's result is the one that the page of the opening case prints."""
    before = time.process_time()
    model = core.opening_case()
    model.run_for(364)
    assert time.process_time() - before < 5
    told = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    found = re.search(r"About ([\d.]+) % \(([\d.]+) to ([\d.]+) %\) of people from", told)
    assert found
    middle = float(found[1]) / 100
    assert middle / 4 < model.ever_lost < middle * 4
    days = model.datacollector.get_model_vars_dataframe()
    lost = 1 - days["WeChat"].min() / days["WeChat"][0]
    used = re.search(r"lose about (\d+) % of its daily users", told)
    assert used
    assert float(used[1]) / 400 < lost < float(used[1]) / 25
    assert days.loc[:49, ["lost", "ever_lost"]].eq(0).all().all()


def test_without_an_order_nothing_changes(core: ModuleType) -> None:
    model = core.opening_case(people=400)
    model.on = np.inf
    model.run_for(60)
    days = model.datacollector.get_model_vars_dataframe()
    assert (days == days.iloc[0]).all().all()


def test_a_block_cuts_off_nobody_where_everybody_has_a_vpn_that_works(core: ModuleType) -> None:
    sure = {"technique.dpi.vpn_share": 1.0, "technique.dpi.coverage": 1.0}
    sure |= {"circumvention.effort_spread": 0.0, "circumvention.friction": 0.0}
    model = core.opening_case(people=400, q=core.parameters() | sure)
    model.technique = "dpi"
    model.vpn[:] = True
    model.run_for(70)
    assert model.ever_lost == 0
    assert model.use[model.targets] == model.first_use[model.targets]


def test_a_complete_block_of_the_only_app_cuts_off_every_family(core: ModuleType) -> None:
    whole = {"technique.dpi.coverage": 1.0, "technique.dpi.vpn_share": 0.0}
    whole |= {"ties.no_family_share": 0.0, "fear.principle": 1.0}
    days = order(core, state_of_two_apps(), whole, vpn=0.0)
    assert days["lost"][4] == 0
    assert (days["lost"].loc[5:] == 1).all()
    assert (days["vpn"] == 0).all()
    partly = order(core, state_of_two_apps(), whole | {"technique.dpi.coverage": 0.4}, vpn=0.0)
    assert partly["lost"].iloc[-1] == pytest.approx(0.4, abs=0.08)


def test_families_come_back_by_an_app_that_both_hold(core: ModuleType) -> None:
    """The second app is in both telephones, and half agree on it at once."""
    whole = {"technique.dpi.coverage": 1.0, "fear.principle": 1.0, "ties.only_channel": 1.0}
    table = state_of_two_apps(diaspora=1.0, family=1.0)
    days = order(core, table, whole | {"ties.no_family_share": 0.0}, vpn=0.0)
    assert 0 < days["lost"][5] < 0.4
    assert days["lost"].iloc[-1] == 0


def test_the_rules_stand_beside_the_values_of_the_table(core: ModuleType) -> None:
    cells = json.loads(CORE.with_name("00_core.ipynb").read_text(encoding="utf-8"))["cells"]
    rules = "".join("".join(cell["source"]) for cell in cells)
    said = re.findall(r"`([a-z_]+\.[a-z_.]+)` ([\d.]+\d|\d)", rules)
    known = core.parameters()
    assert len(said) > 15
    assert not {name: value for name, value in said if float(value) != known[name]}


def test_what_it_says_of_an_order_lies_within_bounds(forecasts: ModuleType) -> None:
    """Of one order: shares, one for each draw."""
    figures = pd.read_csv(
        ROOT / "bench" / "tasks" / "outcomes" / "figures.csv", keep_default_na=False
    )
    part = figures[(figures["event"] == "br_x_2024") & (figures["scored"] == "yes")]
    order = part.iloc[0][forecasts.ORDER].to_dict()
    found = forecasts.simulated(order, part, draws=2, people=200)
    assert found.shape == (len(part), 2)
    assert np.isfinite(found).all()
    kept = found[(part["platform"] == "X") & (part["kind"] == "kept")]
    assert ((kept >= 0) & (kept < 0.9)).all()


def test_no_outcome_of_an_episode_reaches_its_own_forecast(forecasts: ModuleType) -> None:
    """Other outcomes of one episode leave its forecast as it is, and move those of others."""
    figures = forecasts.figures_of_the_bench()
    figures = figures[figures["scored"] == "yes"]
    draws = np.random.default_rng(1).random((len(figures), forecasts.DRAWS))
    record = pd.DataFrame(draws, index=figures.index)
    own = figures["episode"] == "ir_2018"
    before = forecasts.held_out(record, figures)
    changed = figures.assign(value=figures["value"].where(~own, 0.9))
    after = forecasts.held_out(record, changed)
    assert after[own].equals(before[own])
    assert not after[~own].equals(before[~own])


def test_the_page_has_its_scores_of_the_board() -> None:
    board = pd.read_csv(ROOT / "sim" / "facts" / "board.csv").set_index(["name", "entrant"])
    told = (ROOT / "docs" / "how-it-works.md").read_text(encoding="utf-8")
    for words, kind in (("all, 93", "all"), ("kept, 42", "kept"), ("gained, 35", "gained")):
        entrants = ("core", "splinternet", "regression", "climatology")
        numbers = " | ".join(f"{board['crps'][kind, name]:.3f}" for name in entrants)
        assert f"| {words} | {numbers} |" in told
