"""A Python file of a user's own (`--import`) and tables of a user's own (`--facts`).

What they add is in the schema, the listings, the checks, runs and charts.

The files are those of ``docs/extend.md``, so that the page holds.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from conftest import blank_pages, call, charts_in_run_folders

import splinternet as sn
from splinternet.core import plugins
from splinternet.core.plugins import import_file, items_added
from splinternet.errors import InputError
from splinternet.metrics.registry import METRICS
from splinternet.results.manifest import own_code
from splinternet.scenario import load

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(
    r"^<!-- file: (?P<path>\S+) -->\n```\w+\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE
)
CHART = '''
from matplotlib.figure import Figure

from splinternet.plots import chart


@chart("Holders of VPNs", "A line for each state.", ("vpn_holders_share",))
def holders(result):
    """Draw the share."""
    figure = Figure()
    figure.subplots().plot(result.members[0][1].arrays["vpn_holders_share"])
    return figure
'''


pytestmark = pytest.mark.usefixtures("forget")
SHORT = {"title": "t", "start": "2020-08-01", "days": 8}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the working folder, with what the page adds and a chart of the metric."""
    page = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
    for found in BLOCK.finditer(page):
        path = tmp_path / found["path"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(found["text"], encoding="utf-8")
    (tmp_path / "holders.py").write_text(CHART)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_run_with_two_jobs_holds_the_metric_and_draws_its_chart(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mine = ("--import", "vpn_holders_share.py", "--import", "sunset.py", "--import", "holders.py")
    said = ("--people", "1500", "--days", "3", "--seeds", "2", "--jobs", "2", "--out", "run")
    with charts_in_run_folders():
        code, _, err = call(
            capsys,
            *("run", "splinternet_2030", "--facts", "facts", "--set", "behaviour.sunset=true"),
            *(*mine, *said),
        )
    assert code == 0, err
    run = folder / "run"
    assert "vpn_holders_share" in (run / "series.csv").read_text()
    assert "vpn_holders_share" in (run / "summary.json").read_text()
    assert (run / "figures" / "holders.png").is_file()
    assert (run / "facts" / "facts" / "parameters.csv").is_file(), "the tables travel with the run"
    own = json.loads((run / "manifest.json").read_text())["own_sha256"]
    assert {"behaviours/sunset (handed over)", "metrics/vpn_holders_share (handed over)"} <= {*own}
    assert call(capsys, "plot", "run", "vpn_holders_share", "--out", "vpn.png", *mine)[0] == 0
    assert 0 < float(sn.open("run").to_xarray()["vpn_holders_share"].max()) < 1
    plugins._known.clear()  # as in another session, which knows the run only with the file
    code, _, err = call(capsys, "report", "run")
    assert code == 2 and "--import FILE" in err
    with blank_pages():
        code, _, err = call(capsys, "report", "run", "--out", "report.html", *mine)
    assert code == 0, err


def test_the_metric_is_right_and_the_others_are_unmoved(folder: Path) -> None:
    def arrays() -> dict[str, np.ndarray]:
        model = sn.Model("wechat_as_ordered", people=2_000, days=2)
        model.run_for(2)
        return model.record.arrays

    before = arrays()
    with items_added(import_file(Path("vpn_holders_share.py"))):
        after = arrays()
    share = after.pop("vpn_holders_share")
    assert ((share > 0) & (share < 1)).all()
    assert list(after) == list(before)
    assert all(array.tobytes() == before[name].tobytes() for name, array in after.items())
    assert "vpn_holders_share" not in list(METRICS), "a run measures only what it is handed"


def test_a_behaviour_decides_as_soon_as_it_is_defined(folder: Path) -> None:
    keys = {
        "title": "t",
        "start": "2020-08-01",
        "days": 1_600,
        "behaviour": {"targets": True, "sunset": True},
        "world": {"facts": "facts"},
    }
    with pytest.raises(InputError, match=r"unknown key 'sunset'; one of platforms.*--import FILE"):
        load(keys)
    import_file(Path("sunset.py"))
    decided = sn.StatesAlone(load(keys)).run().decisions
    assert "sunset" in {d.behaviour for d in decided}
    short = sn.StatesAlone(load(keys | {"parameters": {"sunset.years": 1}})).run().decisions
    lapsed = [sum(d.behaviour == "sunset" for d in each) for each in (decided, short)]
    assert lapsed[1] > lapsed[0] > 0
    assert list(own_code(load(keys))) == ["behaviours/sunset (handed over)"]
    assert not own_code(load(SHORT)), "what a scenario does not use is no part of its run"


def test_tables_of_facts_may_be_named_in_python(folder: Path) -> None:
    import_file(Path("sunset.py"))
    model = sn.Model(
        SHORT, facts="facts", people=1_000, set={"behaviour.sunset": True, "sunset.years": 3}
    )
    assert model.spec.parameters["sunset.years"] == 3
    with pytest.raises(InputError, match=r"nowhere: there are no tables of facts here"):
        sn.Model(SHORT, facts="nowhere", people=1_000)
    with (folder / "facts" / "parameters.csv").open("a") as table:
        table.write("ties.kin_abroad,2,1,5,years,assumption,assumption: mine,Kin\n")
    with pytest.raises(InputError, match=r"'ties.kin_abroad' is a parameter of the model"):
        sn.Model(SHORT, facts="facts", people=1_000)


def test_a_scenario_is_the_same_whatever_is_imported(folder: Path) -> None:
    before = load(SHORT).digest
    with items_added(import_file(Path("sunset.py"))):
        assert load(SHORT).digest == before
        assert load(SHORT | {"behaviour": {"sunset": True}}).digest != before


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "sunset",
            "def decide",
            "def decid",
            r"class Sunset decides nothing; def decide.*did you mean 'decide'",
        ),
        ("sunset", "every_days = 30", "every_days = 0", r"every_days is 0; 1 or more"),
        (
            "sunset",
            "Decision, Stated",
            "Decision, Statd",
            r"sunset.py:8:1: cannot be imported: Import",
        ),
        (
            "sunset",
            "class Sunset(",
            "class Sunset)(",
            r"sunset.py:11:1: cannot be imported: Syntax",
        ),
        (
            "vpn_holders_share",
            "@sn.metric(",
            "sn.metric(",
            r"vpn_holders_share.py: it declares no item; a class with the",
        ),
        (
            "vpn_holders_share",
            '("state",)',
            '("states",)',
            r"unknown dimension 'states'; any of state, platf",
        ),
    ],
)
def test_a_faulty_file_is_refused(
    folder: Path, file: str, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = folder / f"{file}.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    code, _, err = call(capsys, "list", "metrics", "--import", f"{file}.py")
    assert code == 2 and re.search(said, err), err


def test_a_file_that_is_not_there_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(capsys, "check", "wechat_as_ordered", "--import", "nowhere.py")
    assert code == 2 and "nowhere.py: there is no such file" in err


def test_the_check_names_every_fault_of_a_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "from splinternet.policies import Policy\n"
        "class Broken(Policy):\n    def aply(self):\n        return 1\n"
    )
    (folder / "broken.py").write_text(text)
    code, _, told = call(capsys, "check", "--import", "broken.py")
    assert (
        code == 2 and "broken.py:3:1: 'aply' is unknown" in told and "did you mean 'apply'?" in told
    )
    assert "no docstring" in told
    assert "nothing to check is named" in call(capsys, "check")[2]


def test_the_schema_knows_what_is_imported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for mine in ((), ("--import", "sunset.py")):
        call(capsys, "check", "--schema", "schema.json", *mine, "--json")
        keys = json.loads(Path("schema.json").read_text())
        assert ("sunset" in json.dumps(keys)) == bool(mine)
