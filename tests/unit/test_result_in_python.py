"""A result in Python: a mapping of metrics, print, charts in the user's own axes, several runs in
one picture.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from conftest import call
from matplotlib.figure import Figure
from toy_results import GROUPS, toy_result

from splinternet.errors import InputError
from splinternet.plots import draw_cell
from splinternet.results import Result

NO = {"group": "", "state": "", "platform": ""}


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(3, 100)


def test_a_result_is_a_mapping_of_metrics(result: Result) -> None:
    assert "active_users" in result and "active_userz" not in result and 3 not in result
    assert list(result) == result.metrics == result._ipython_key_completions_()
    assert len(result) == len(result.metrics)
    assert np.issubdtype(result["active_users"]["date"].dtype, np.datetime64)
    with pytest.raises(InputError, match="did you mean 'active_users'") as caught:
        result["active_userz"]
    assert len(str(caught.value)) < 350, "the error does not list every metric"


def test_own_axes_get_the_medians_of_the_cell(result: Result) -> None:
    axes = Figure().add_subplot()
    found = result.plot("family_contact", ax=axes, group="US<-CN", title="Mine")
    assert found is axes and axes.get_title(loc="left") == "Mine"
    g = GROUPS.index("US<-CN")
    by_hand = np.median(
        [p.arrays["family_contact_ever_lost"][:, g] for _, p in result.members], axis=0
    )
    drawn = next(
        line
        for line in axes.get_lines()
        if line.get_linestyle() == "-" and len(line.get_xdata()) == 100
    )
    assert drawn.get_ydata() == pytest.approx(100 * by_hand), "in per cent"


def test_several_runs_are_overlaid_with_their_effects(result: Result, tmp_path: Path) -> None:
    weak = toy_result(3, 100, effect=0.4, title="Weak")
    axes = Figure().add_subplot()
    draw_cell([result, weak], "contact_days_lost_per_member", NO, into=axes)
    lines = [line.get_ydata()[-1] for line in axes.get_lines() if len(line.get_xdata()) == 100]
    assert lines[0] > lines[1] > 0
    assert [" ".join(text.get_text().split()) for text in axes.texts] == [
        run.name.replace("_", " ") for run in (result, weak)
    ]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"name": "famly_contact", "group": "US<-CN"}, "did you mean 'family_contact'"),
        ({"name": "family_contact", "group": "US<-CM"}, "did you mean 'US<-CN'"),
        ({"name": "flows", "state": "US"}, "one number a run"),
        ({"name": "active_users", "dates": slice("soon", None)}, "2020-12-31"),
    ],
)
def test_what_cannot_be_drawn_is_named(result: Result, asked: dict, said: str) -> None:
    with pytest.raises(InputError, match=said):
        result.plot(**asked)


def test_command(
    result: Result,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    result.save("a")
    toy_result(2, 100, effect=0.4).save("b")
    assert call(capsys, "plot", "a", "b", "active_users", "--of", "US/WeChat") == (
        0,
        "Written to active_users.png\n",
        "",
    )
    assert call(capsys, "plot", "a", "b", "--group", "US<-CN", "--out", "x.svg")[0] == 0
    assert Path("x.svg").read_text(encoding="utf-8").startswith("<?xml")
    code, _, err = call(capsys, "plot", "a", "runs/none")
    assert code == 2 and "is not a folder" in err
