"""Runs in one table: order, differences by seed, the numbers of the summary, files, 80 columns,
kind errors.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import call
from drawn_boxes import crossed, misplaced, texts_of
from plain_interval import ends
from toy_results import GROUPS, toy_result

import splinternet as sn
from splinternet.errors import InputError
from splinternet.metrics.registry import METRICS
from splinternet.results import Result
from splinternet.results.compare import COLUMNS, Ranking, hit_most
from splinternet.text.comparison import headline

DAYS, BY = 120, "contact_days_lost_per_member"


def variant(effect: float, seeds: int = 5) -> Result:
    """Return the same worlds under a policy of another strength."""
    return toy_result(seeds, DAYS, effect=effect, title=f"The same order at {effect:g}")


@pytest.fixture(scope="module")
def three() -> Ranking:
    return sn.compare(variant(1.0), variant(0.3), variant(0.6), names=["ordered", "weak", "middle"])


def test_runs_stand_best_first_and_differ_from_the_first_seed_by_seed(three: Ranking) -> None:
    table = three.table
    assert list(table.columns) == list(COLUMNS)
    assert list(table["run"]) == ["weak", "middle", "ordered"]
    assert list(table["place"]) == [1, 2, 3]
    g = GROUPS.index(three.key[3])
    lost = [
        [p.arrays[BY][-1, g] - b.arrays[BY][-1, g] for b, p in run.members] for run in three.runs
    ]
    by_hand = np.array(lost[1]) - np.array(lost[0])
    weak = table.iloc[0]
    assert weak["difference"] == pytest.approx(np.median(by_hand))
    assert (weak["difference_low"], weak["difference_high"]) == pytest.approx(ends(by_hand))
    assert (weak["clear"], bool(weak["paired"])) == ("yes", True)
    assert pd.isna(table.iloc[2]["difference"]), "the first run does not differ from itself"


def test_the_table_holds_the_numbers_of_the_summary(three: Ranking) -> None:
    for row in three.rows:
        run = three.runs[three.names.index(str(row["run"]))]
        same = next(
            r
            for r in run.rows()
            if (r["metric"], r["group"], r["at"]) == (BY, three.key[3], "total")
        )
        assert {key: row[key] for key in ("effect", "low", "high", "simulated")} == {
            key: same[key] for key in ("effect", "low", "high", "simulated")
        }


def test_the_group_is_the_one_in_which_most_people_are_hit_families_included(
    three: Ranking,
) -> None:
    """By hand: 8.4 million in the families lose at 0.6 of the rate of the 2.11 million abroad."""
    assert hit_most(three.runs[0]) == three.key[3] == "family:US<-CN"
    other = sn.compare(*three.runs, group="US<-CN")
    assert other.key[3] == "US<-CN"
    assert other.rows[0]["effect"] == pytest.approx(float(three.rows[0]["effect"]) / 0.6)


def test_more_is_better_for_some_metrics_and_neither_for_others() -> None:
    runs = (variant(1.0), variant(0.3))
    contact = sn.compare(*runs, by="cross_border_contact")
    assert contact.order == "highest"
    assert float(contact.rows[0]["effect"]) > float(contact.rows[1]["effect"])
    users = sn.compare(*runs, by="active_users", state="US", platform="WeChat")
    assert (users.order, users.at) == ("least", "end")
    assert abs(float(users.rows[0]["effect"])) < abs(float(users.rows[1]["effect"]))


def test_runs_that_cut_nobody_off_are_ranked_by_use() -> None:
    runs = []
    for effect in (1.0, 0.5):
        run = toy_result(5, DAYS, effect=effect)
        for baseline, policy in run.members:
            for name in METRICS:
                if "group" in METRICS[name].dims:
                    policy.arrays[name][:] = baseline.arrays[name]
        runs.append(run)
    found = sn.compare(*runs)
    assert (found.metric, found.key[1:3], found.chosen) == ("active_users", ("US", "WeChat"), False)
    assert "nobody loses contact" in " ".join(found.notes)
    zero = sn.compare(*runs, by=BY)
    assert headline(zero) == ["The policies have no effect by this metric in any of these runs."]


LONG_NAMES = [
    f"a_policy_with_a_name_of_many_words_and_of_the_state_that_made_it_number_{i}" for i in range(9)
]


@pytest.mark.parametrize(
    ("effects", "names"),
    [
        ((1.0, 0.0), ["ordered", "nothing"]),
        ((1.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8), LONG_NAMES),
    ],
    ids=["no effect", "nine runs"],
)
def test_no_label_of_the_picture_is_drawn_over_another(
    effects: tuple[float, ...], names: list[str]
) -> None:
    figure = sn.compare(*(variant(effect) for effect in effects), names=names).plot()
    assert len(figure.title.split()) > 3  # type: ignore[attr-defined]
    shown = [text for text, _ in texts_of(figure)]
    assert len(shown) > 4 + 2 * len(effects), "a name and a number for each run, title, note, axis"
    assert not misplaced(figure)
    assert not crossed(figure)


def test_files(three: Ranking, tmp_path: Path) -> None:
    from openpyxl import load_workbook

    table = pd.read_csv(three.save(tmp_path / "r.csv"))
    assert table["effect"].tolist() == pytest.approx(three.table["effect"].tolist())
    sheet = load_workbook(three.save(tmp_path / "r.xlsx")).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == COLUMNS
    assert rows[1][COLUMNS.index("effect")] == pytest.approx(three.rows[0]["effect"]), (
        "a number, not a text"
    )
    assert rows[3][COLUMNS.index("difference")] is None
    assert three.save(tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")
    assert three._repr_html_().count("<tr>") == 1 + 3
    with pytest.raises(InputError, match=r"r\.doc"):
        three.save(tmp_path / "r.doc")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"by": "contact_days_lost_per_membr"}, "did you mean 'contact_days_lost_per_member'"),
        ({"group": "US<-TR"}, "fewer than 30 simulated people"),
        ({"by": "active_users", "group": "US<-CN"}, "is not by group"),
        ({"names": ["one"]}, "1 names for 2 runs"),
        ({"by": "active_users", "at": "peak"}, "noisy days"),
    ],
)
def test_what_cannot_be_compared_is_named(three: Ranking, asked: dict, said: str) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        sn.compare(*three.runs[:2], **asked)
    with pytest.raises(InputError, match="two results or more"):
        sn.compare(three.runs[0])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    place = tmp_path_factory.mktemp("runs")
    return [str(toy_result(2, 60, effect=e).save(place / n)) for n, e in (("a", 1.0), ("b", 0.4))]


def test_command(
    folders: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    code, out, _ = call(capsys, "compare", *folders, "--out", "r.csv", "--out", "r.svg")
    assert code == 0
    assert "Paired by seed: 2 simulated worlds" in out and "few seeds" in out, (
        "two members make no difference clear"
    )
    assert list(pd.read_csv("r.csv")["run"]) == ["b", "a"], (
        "runs of one scenario are named after their folders"
    )
    assert Path("r.svg").exists()
    data = json.loads(call(capsys, "compare", *folders, "--json", "--group", "US<-CN")[1])
    assert (data["group"], data["first"], data["paired"]) == ("US<-CN", "a", True)
    assert {"run", "metric", "difference", "low", "high"} <= set(data["differences"][0])
    code, out, err = call(capsys, "compare", *folders, "--out", "r.doc")
    assert (code, out) == (2, "") and ".xlsx" in err
