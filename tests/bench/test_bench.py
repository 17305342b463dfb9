"""The bench: its files follow from the scenarios, the board gives the stored figures, and a
submission by hand is scored with all that is wrong in it.
"""

from __future__ import annotations

import ast
import gzip
import json
import runpy
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from splinternet.facts import record
from splinternet.facts.tables import HOME
from splinternet.fit.forecast import order_forecasts, outcome_forecasts
from splinternet.fit.tasks import order_tables, outcome_tables, text_of
from splinternet_bench import board, due, orders, outcomes, registered
from splinternet_bench.cli import main
from splinternet_bench.forecasts import Forecast, of_point, of_quantiles
from splinternet_bench.problems import BenchError
from splinternet_bench.rivals import RIVALS, rival_forecasts
from splinternet_bench.scores import lead_of, scored_rows
from splinternet_bench.submission import read_submission

ROOT = Path(__file__).resolve().parents[2]
BENCH = ROOT / "bench"
HEADER = "row,output_type,output_type_id,value"


def folder_of(place: Path, lines: list[str], about: str = "name: mine\n") -> Path:
    """Return a submission with some lines."""
    place.mkdir()
    (place / "model.yml").write_text(about, encoding="utf-8")
    (place / "forecasts.csv").write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return place


def called(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return what the command returns, prints and warns of."""
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


# Files that follow from others.


@pytest.mark.parametrize("task", ["outcomes", "orders"])
def test_the_task_files_are_those_that_the_scenarios_and_tables_make(task: str) -> None:
    tables = {"outcomes": outcome_tables, "orders": order_tables}[task]()
    assert {path.name for path in (BENCH / "tasks" / task).iterdir()} == set(tables)
    for name, table in tables.items():
        stored = (BENCH / "tasks" / task / name).read_text(encoding="utf-8")
        assert stored == text_of(table), f"{name}: run `python -m splinternet.fit tasks`"


def test_the_entrant_is_what_the_model_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record, "DISCREPANCY", HOME / "discrepancy.csv")
    for name, file, table in (
        ("splinternet", "forecasts.csv", outcome_forecasts()),
        ("splinternet-orders", "forecasts.csv.gz", order_forecasts()),
    ):
        stored = pd.read_csv(BENCH / "entrants" / name / file)
        assert stored["row"].tolist() == table["row"].tolist(), (
            f"{name}: run `python -m splinternet.fit forecast`"
        )
        assert stored["value"].to_numpy() == pytest.approx(table["value"].to_numpy(), rel=1e-5)


def test_the_stored_board_is_the_board_and_the_example_is_an_entrant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = BENCH / "examples" / "neighbours.py"
    assert len(script.read_text(encoding="utf-8").splitlines()) < 45
    monkeypatch.setattr(sys, "argv", [str(script), str(tmp_path / "mine")])
    runpy.run_path(str(script), run_name="__main__")
    file = tmp_path / "board.csv"
    places = tmp_path / "ranks.csv"
    options = ("--csv", str(file), "--ranks", str(places))
    code, out, _ = called(capsys, "board", str(tmp_path / "mine"), *options)
    assert code == 0 and out.count("neighbours") == len(board.KINDS)
    whole = pd.read_csv(file)
    assert set(whole["entrant"]) == {"splinternet", "core", "neighbours", *RIVALS}
    stored = pd.read_csv(ROOT / "sim" / "facts" / "board.csv")
    kept = pd.read_csv(ROOT / "sim" / "facts" / "ranks.csv")
    pd.testing.assert_frame_equal(pd.read_csv(places), kept, rtol=1e-4)
    # By hand: the rank of one figure, from all forecasts of it.
    told = {"splinternet": read_submission(board.shipped_entrants()["splinternet"]).forecasts}
    told |= rival_forecasts("episode")
    crps = {name: each["br_x_2024.3"].crps(0.2) for name, each in told.items()}
    ours = kept.set_index("row").loc["br_x_2024.3"]
    assert ours["forecasts"] == len(crps) == 7
    assert ours["rank"] == 1 + sorted(crps, key=lambda name: crps[name]).index("splinternet")
    assert ours["crps"] == pytest.approx(crps["splinternet"], rel=1e-4)
    others = whole[whole["entrant"] != "neighbours"].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, stored, rtol=1e-4)
    monkeypatch.setattr(board, "board", lambda _: stored)
    ours = json.loads(called(capsys, "board", "--json")[1])["entrants"]["splinternet"]["all"]
    assert (ours["figures"], ours["episodes"], ours["over"]) == (93, 20, "regression")
    assert ours["crps"] == pytest.approx(0.113, abs=5e-4)
    assert ours["crps"] + ours["lead"] == pytest.approx(0.146, abs=5e-4)
    assert (ours["lead_low"], ours["lead_high"]) == pytest.approx((0.017, 0.050), abs=2e-3)


def test_a_picture_that_cannot_be_drawn_is_refused_with_what_mends_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = pd.read_csv(ROOT / "sim" / "facts" / "board.csv")
    monkeypatch.setattr(board, "board", lambda _: stored)
    for option, name in (("--plot", "board.doc"), ("--csv", "no/board.csv")):
        code, _, told = called(capsys, "board", option, str(tmp_path / name))
        assert code == 2 and told.startswith(f"{option}: ") and "allowed: a file" in told
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    code, _, told = called(capsys, "board", "--plot", str(tmp_path / "board.png"))
    assert code == 2 and "Install splinternet-bench[plot]." in told


def test_the_bench_imports_no_model() -> None:
    for path in BENCH.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {"sim", "splinternet"} & {name.split(".")[0] for name in names}, path


def test_a_compressed_table_is_read_and_two_tables_or_a_broken_one_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shipped = BENCH / "entrants" / "splinternet"
    for name in ("model.yml", "forecasts.csv"):
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    plain = called(capsys, "score", str(tmp_path), "--json")[1]
    text = (tmp_path / "forecasts.csv").read_bytes()
    (tmp_path / "forecasts.csv.gz").write_bytes(gzip.compress(text))
    code, _, told = called(capsys, "score", str(tmp_path))
    assert code == 2 and "forecasts.csv beside it" in told
    (tmp_path / "forecasts.csv").unlink()
    assert called(capsys, "score", str(tmp_path), "--json")[1] == plain
    (tmp_path / "forecasts.csv.gz").write_bytes(gzip.compress(text)[:-20])
    code, _, told = called(capsys, "score", str(tmp_path))
    assert code == 2 and "allowed: a table in UTF-8" in told


# Forecasts and leads, by hand.


def test_a_point_is_scored_by_its_error_and_levels_do_not_pay() -> None:
    assert of_point(0.3).crps(0.5) == pytest.approx(0.2)
    assert Forecast(np.array([0.0, 1.0])).crps(0.5) == pytest.approx(0.25)
    weighted = Forecast(np.array([0.0, 1.0]), np.array([3.0, 1.0]))
    assert weighted.crps(0.0) == pytest.approx(0.25 - 0.5 * 2 * 0.75 * 0.25)
    assert (weighted.quantile(0.5), weighted.quantile(0.9)) == (0.0, 1.0)
    few = of_quantiles([0.1, 0.5, 0.9], [0.1, 0.5, 0.9])
    many = of_quantiles(list(np.linspace(0.1, 0.9, 81)), list(np.linspace(0.1, 0.9, 81)))
    assert few.crps(0.7) == pytest.approx(many.crps(0.7))


def test_a_lead_counts_a_series_once_and_has_no_interval_in_one_episode() -> None:
    rows = pd.DataFrame(
        {"episode": ["a", "a", "b"], "series": [0, 0, 1], "crps": [0.1, 0.3, 0.5]},
        index=["a.1", "a.2", "b.1"],
    )
    other = pd.Series([0.2, 0.4, 1.1], rows.index, name="other")
    found = lead_of(rows, other)
    assert found.lead == pytest.approx((0.1 + 0.6) / 2)
    assert (found.low, found.high) == pytest.approx((0.1, 0.6))
    assert lead_of(rows[:2], other).low is None


def test_a_rival_never_sees_the_fold_that_it_forecasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the outcomes of one episode changed, its forecasts are the same, and others are not."""
    changed = outcomes.figures().copy()
    own = changed["episode"] == "ir_2018"
    changed.loc[own, "value"] = 9.0
    before = rival_forecasts("episode")
    monkeypatch.setattr(outcomes, "figures", lambda: changed)
    after = rival_forecasts.__wrapped__("episode")
    for name in RIVALS:
        same = {
            row: np.array_equal(said.values, after[name][row].values)
            for row, said in before[name].items()
        }
        assert all(same[row] for row in same if own[row])
        assert name in ("half", "nothing") or not all(same.values())


# Submissions.


def test_a_submission_by_hand_is_scored_with_all_that_is_wrong_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    figures = outcomes.scored()
    kept = figures[figures["episode"] != "ua_vk_2017"].index
    lines = [f"{row},quantile,{level},{level}" for row in kept for level in (0.1, 0.5, 0.9)]
    lines[3] = lines[3].replace(kept[1], "br_whatsap_2015.3")
    lines[7] = lines[7] + ",7"
    folder = folder_of(tmp_path / "mine", lines)
    code, out, _ = called(capsys, "score", str(folder), "--json")
    found = json.loads(out)
    assert code == 2
    wrong, malformed = found["problems"]
    assert (wrong["line"], malformed["line"]) == (5, 9)
    assert "br_whatsap_2015.3" in wrong["found"] and "br_whatsapp_2015.3" in wrong["hint"]
    assert "5 cells" in malformed["found"] and HEADER in malformed["allowed"]
    lost = set(figures.index) - set(kept)
    assert lost and set(found["missing"]) == lost | {kept[2]}
    whole = found["entrants"]["mine"]["all"]
    assert whole["figures"] == len(kept) - 1
    assert {lead["over"] for lead in found["leads"]} == set(RIVALS)
    code, out, _ = called(capsys, "score", str(folder))
    assert code == 2 and "ua_vk_2017: " in out and "forecasts.csv:9: 5 cells" in out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("ua_vk_2017.1,quantil,0.5,1", "Did you mean 'quantile'?"),
        ("ua_vk_2017.1,quantile,50,1", "a level above 0 and below 1"),
        ("ua_vk_2017.1,quantile,0.5,many", "a finite number"),
        ("ua_vk_2017.1,quantile,0.9,-1", "quantiles that fall"),
        ("ua_vk_2017.1,quantile,0.1,0.3", "'0.1' twice"),
        ("ua_vk_2017.1,sample,1,0.3", "quantile and sample of one row"),
    ],
)
def test_each_fault_of_a_line_is_named_with_its_number(
    tmp_path: Path, line: str, said: str
) -> None:
    lines = ["br_whatsapp_2015.1,sample,1,0.3", "ua_vk_2017.1,quantile,0.1,0.2", line]
    found = read_submission(folder_of(tmp_path / "mine", lines))
    (problem,) = found.problems
    assert said in str(problem) and problem.line == 4
    assert list(found.forecasts) == ["br_whatsapp_2015.1"]


def test_a_folder_that_cannot_be_read_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = called(capsys, "score", str(tmp_path))
    assert code == 2 and err.count("there is no such file") == 2
    folder = folder_of(tmp_path / "a", [], "name: mine\ntsk: orders\nfolds: states\n")
    code, _, err = called(capsys, "score", str(folder))
    assert code == 2 and "Did you mean 'task'?" in err and "Did you mean 'state'?" in err
    folder = folder_of(tmp_path / "b", ["nobody.1,sample,1,0.3"])
    with pytest.raises(BenchError, match="no row can be scored"):
        read_submission(folder)


def test_another_fold_holds_out_more() -> None:
    """Without its technique a figure is forecast by less, so the regression errs by more."""
    said = {fold: scored_rows(rival_forecasts(fold)["regression"]) for fold in outcomes.FOLDS}
    assert said["technique"]["crps"].mean() > said["episode"]["crps"].mean()


# Orders.


def test_scores_of_chances_by_hand() -> None:
    """Of 2 x 2 comparisons the order wins 3 and ties 1 half; of the two highest one was ordered."""
    ordered = np.array([True, True, False, False])
    found = orders.scores(np.array([0.8, 0.5, 0.5, 0.1]), ordered)
    assert found.auc == pytest.approx(3.5 / 4)
    assert found.brier == pytest.approx((0.04 + 0.25 + 0.25 + 0.01) / 4)
    assert found.log_score == pytest.approx(-(np.log(0.8) + 2 * np.log(0.5) + np.log(0.9)) / 4)
    assert found.precision_at_k == pytest.approx(0.75)  # the second place is one of two equals


def test_a_fit_finds_the_weights_that_made_the_data_and_a_penalty_shrinks_them() -> None:
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(40_000, 2))
    chance = 1.0 / (1.0 + np.exp(4.0 - columns @ np.array([1.0, -0.5])))
    ordered = rng.random(40_000) < chance
    found = orders.fit(columns, ordered, 1e-9)
    assert found.constant == pytest.approx(-4.0, abs=0.1)
    assert found.weights == pytest.approx([1.0, -0.5], abs=0.1)
    gradient = columns.T @ (found.chance(columns) - ordered)
    assert np.abs(gradient).max() < 1e-3  # the score equations of the likelihood
    shrunk = orders.fit(columns, ordered, 1e4).weights
    assert np.abs(shrunk).sum() < 0.5 * np.abs(found.weights).sum()


def test_the_states_are_scored_beside_their_own_history(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "DRAWS", 5)
    code, out, _ = called(capsys, "score-states", "--json")
    found = json.loads(out)
    assert code == 0
    for half, pair_years, made in (("train", 9_906, 44), ("test", 4_525, 24)):
        assert (found[half]["pair_years"], found[half]["orders"]) == (pair_years, made)
        assert set(found[half]["rivals"]) == set(orders.RIVALS)
    test = found["test"]
    assert test["auc"] == pytest.approx(0.937, abs=5e-4)
    assert test["rivals"][orders.PRODUCT]["auc"] == pytest.approx(0.925, abs=5e-4)
    whole = found["by_state_year"]["2022-2025"]["all"]
    assert whole[orders.HISTORY] == pytest.approx(0.804, abs=1e-3)
    assert whole["model"] == pytest.approx(0.696, abs=1e-3)


def test_the_forecasts_on_record_are_as_they_were_written() -> None:
    folders = sorted((BENCH / "tasks" / "open").glob("*-orders"))
    assert len(folders) >= 4
    for folder in folders:
        assert registered.read_registration(folder)["kind"] == "orders"


def test_chances_are_put_on_record_and_scored_when_their_time_is_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One order comes that the forecast has, a year later: the score is that of one order."""
    folder = tmp_path / "record"
    code, out, _ = called(capsys, "forecast", "--out", str(folder))
    assert code == 0 and "The record is known up to 2026-04-01: chances from 2026-04-02" in out
    table = pd.read_csv(folder / "orders.csv", keep_default_na=False)
    assert (table["state"].nunique(), len(table)) == (104, 5858)
    few = tmp_path / "few"
    assert called(capsys, "forecast", "--deciding", "--out", str(few))[0] == 0
    deciding = pd.read_csv(few / "orders.csv", keep_default_na=False)
    assert deciding["state"].nunique() == 22
    top = table.iloc[0]
    code, _, err = called(capsys, "score", str(folder))
    assert code == 2 and "the record ends on" in err
    code, _, err = called(capsys, "forecast", "--out", str(folder))
    assert code == 2 and "never changed" in err
    longer = pd.DataFrame(
        [(top["state"], top["platform"], top["from"]), ("AF", "Pinterest", top["until"])],
        columns=["state", "platform", "since"],
    )
    longer.to_csv(tmp_path / "longer.csv", index=False)
    words = ("score", str(folder), "--observed", str(tmp_path / "longer.csv"), "--json")
    found = json.loads(called(capsys, *words)[1])
    assert (found["orders"], found["auc"], found["precision_at_k"]) == (1, 1.0, 1.0)
    assert found["expected"] == pytest.approx(table["model"].sum())
    assert set(found["rivals"]) == set(orders.RIVALS)
    half = tmp_path / "half"
    assert called(capsys, "forecast", "--deciding", "--months", "6", "--out", str(half))[0] == 0
    shorter = pd.read_csv(half / "orders.csv", keep_default_na=False)["model"].max()
    assert shorter == pytest.approx(1 - (1 - deciding["model"].max()) ** 0.5, abs=1e-5)
    (folder / "orders.csv").write_text("state\n", encoding="utf-8")
    code, _, err = called(capsys, *words)
    assert code == 2 and "was changed after the forecast" in err


def test_what_has_come_so_far_is_scored_by_the_frozen_rules(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of four made-up rows one is an order: others are too short, too late, there before."""
    folder = BENCH / "tasks" / "open" / "2026-11-29-packages-orders"
    table = pd.read_csv(folder / "orders.csv", keep_default_na=False)
    top, short, late, before = (table.iloc[at] for at in range(4))
    made = [
        (top["state"], top["platform"], "2026-04-10", ""),
        (short["state"], short["platform"], "2026-04-10", "2026-04-23"),
        (late["state"], late["platform"], "2026-06-11", ""),
        (before["state"], before["platform"], "2026-03-01", "2026-05-01"),
    ]
    columns = ["state", "platform", "since", "until"]
    pd.DataFrame(made, columns=columns).to_csv(tmp_path / "made.csv", index=False)
    words = ("score", str(folder), "--observed", str(tmp_path / "made.csv"), "--until")
    found = json.loads(called(capsys, *words, "2026-06-10", "--json")[1])
    assert (found["orders"], found["auc"], found["pairs"]) == (1, 1.0, len(table) - 1)
    every = found["with_restricted"]
    assert (every["orders"], every["pairs"]) == (1, len(table))
    days = 70  # from 2 April to 10 June
    chance = 1 - (1 - table["model"]) ** (days / 365)
    assert every["expected"] == pytest.approx(chance.sum())
    assert every["brier"] == pytest.approx(np.mean((chance - (table.index == 0)) ** 2))
    assert {"fear", "own orders of five years (later)"} <= set(found["rivals"])
    for day in ("2026-04-01", "2027-04-02", "soon"):
        code, _, told = called(capsys, *words, day)
        assert code == 2 and "a day from 2026-04-02 to 2027-04-01" in told


def test_the_last_day_that_is_asked_is_frozen_or_where_the_lists_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "tasks" / "open"
    place.mkdir(parents=True)
    rules = (BENCH / "tasks" / "open" / due.RULES).read_text(encoding="utf-8")
    (place / due.RULES).write_text(rules, encoding="utf-8")
    monkeypatch.setattr(outcomes, "home", lambda: tmp_path)
    for newest, last in (("2026-08-15", "2026-08-01"), ("2026-12-24", "2026-11-16")):
        table = pd.DataFrame({"list": ["a", "b"], "newest": ["2026-05-01", newest]})
        table.to_csv(place / due.LISTS, index=False)
        assert due.last_asked() == last


def test_the_page_of_open_forecasts_has_the_score_so_far(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = called(capsys, "open", "--json")
    rows = json.loads(out)
    assert code == 0 and len(rows) == 5
    page = (BENCH / "tasks" / "open" / "README.md").read_text(encoding="utf-8")
    for row in rows:
        rivals = row["rivals"]
        own = next(each for name, each in rivals.items() if name.startswith(orders.HISTORY))
        numbers = f"| {row['orders']} | {row['expected']:.1f} | {row['auc']:.3f} "
        numbers += f"| {row['log_score']:.4f} | {rivals['constant']['log_score']:.4f} "
        assert f"`{row['folder']}`" in page and numbers + f"| {own['log_score']:.4f} |" in page
    assert "orders 1, expected" in called(capsys, "open")[1]
