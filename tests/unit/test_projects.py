"""A project folder of a user's own: what its files add is in the schema, the listings, the checks,
runs and charts.

The files are those of ``docs/extend.md``, so that the page holds.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import call, charts_in_run_folders

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.changes import reading, using
from splinternet.core.plugins import use_project
from splinternet.engine.model import Model
from splinternet.errors import InputError
from splinternet.metrics.registry import METRICS
from splinternet.results.manifest import own_files
from splinternet.scenario import load
from splinternet.scenario.schema import BEHAVIOURS

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


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Return a folder with what the page adds, and a chart of the metric."""
    page = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
    for found in BLOCK.finditer(page):
        path = tmp_path / found["path"]
        path.parent.mkdir(exist_ok=True)
        path.write_text(found["text"], encoding="utf-8")
    (tmp_path / "charts").mkdir()
    (tmp_path / "charts" / "holders.py").write_text(CHART)
    yield tmp_path
    use_project(None)


def test_a_run_with_two_jobs_holds_the_metric_and_draws_its_chart(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    said = ("--people", "1500", "--days", "3", "--seeds", "2", "--jobs", "2", "--out", "run")
    with charts_in_run_folders():
        code, _, err = call(
            capsys, "run", "splinternet_2030", "--set", "behaviour.sunset=true", *said
        )
    assert code == 0, err
    run = folder / "run"
    assert "vpn_holders_share" in (run / "series.csv").read_text()
    assert "vpn_holders_share" in (run / "summary.json").read_text()
    assert (run / "figures" / "holders.png").is_file()
    assert call(capsys, "plot", "run", "vpn_holders_share", "--out", "vpn.png")[0] == 0
    use_project(folder)
    assert 0 < float(sn.open("run").to_xarray()["vpn_holders_share"].max()) < 1


def test_the_metric_is_right_and_the_others_are_unmoved(folder: Path) -> None:
    def arrays() -> dict[str, np.ndarray]:
        model = Model("wechat_as_ordered", people=2_000, days=2)
        model.run_for(2)
        return model.record.arrays

    before = arrays()
    use_project(folder)
    after = arrays()
    share = after.pop("vpn_holders_share")
    assert list(METRICS)[-1] == "vpn_holders_share"
    assert ((share > 0) & (share < 1)).all()
    assert list(after) == list(before)
    assert all(array.tobytes() == before[name].tobytes() for name, array in after.items())


def test_a_behaviour_of_the_project_decides(folder: Path) -> None:
    use_project(folder)
    keys = {
        "title": "t",
        "start": "2020-08-01",
        "days": 1_600,
        "behaviour": {"targets": True, "sunset": True},
    }
    decided = StatesAlone(load(keys)).run().decisions
    assert "sunset" in {d.behaviour for d in decided}
    short = StatesAlone(load(keys | {"parameters": {"sunset.years": 1}})).run().decisions
    lapsed = [sum(d.behaviour == "sunset" for d in each) for each in (decided, short)]
    assert lapsed[1] > lapsed[0] > 0


def test_what_is_imported_from_the_folder_is_the_items_of_the_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python code may hand over the folder's own class or function; another one of the same name is
    refused.
    """
    use_project(folder)
    monkeypatch.syspath_prepend(str(folder))
    sunset = importlib.import_module("behaviours.sunset").Sunset
    share = importlib.import_module("metrics.vpn_holders_share").vpn_holders_share
    keys = {"title": "t", "start": "2020-08-01", "days": 8, "people": 1_000}
    with reading({"behaviours": [sunset]}, [share]) as read:
        spec = read(keys)[0]
        assert spec.behaviour.is_on("sunset") and BEHAVIOURS["sunset"].place() == sunset.place()
    other = type(
        "Sunset", (sn.Behaviour,), {"__doc__": "Another.", "decide": lambda self, state: []}
    )
    with (
        pytest.raises(InputError, match="'sunset' is an item of behaviours already"),
        using(behaviours=[other]),
    ):
        pass


def test_a_scenario_is_the_same_with_and_without_the_project(folder: Path) -> None:
    keys = {"title": "t", "start": "2020-08-01", "days": 8}
    before = load(keys).digest
    use_project(folder)
    assert load(keys).digest == before
    assert load(keys | {"behaviour": {"sunset": True}}).digest != before
    use_project(None)
    with pytest.raises(InputError, match=r"unknown key 'sunset'; one of platforms.*project folder"):
        load(keys | {"behaviour": {"sunset": True}})


def test_the_files_of_the_project_are_part_of_a_runs_identity(folder: Path) -> None:
    use_project(folder)
    with_project = own_files()
    assert with_project
    (folder / "behaviours" / "sunset.py").write_text("SUMMARY = 'other'\n")
    assert own_files() != with_project
    use_project(None)
    assert not own_files()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "def decide",
            "def decid",
            r"class Sunset decides nothing; def decide.*did you mean 'decide'",
        ),
        (
            "class Sunset(sn.Behaviour)",
            "class Sunrise(sn.Behaviour)",
            r"it declares sunrise; .* words joined by _",
        ),
        ("every_days = 30", "every_days = 'month'", r"every_days is 'month'; 1 or more"),
        ("every_days = 30", "every_days = 0", r"every_days is 0; 1 or more"),
        ("import Stated", "import Statd", r"cannot be imported: ImportError"),
    ],
)
def test_a_faulty_behaviour_is_refused_when_a_scenario_switches_it_on(
    folder: Path, old: str, new: str, said: str
) -> None:
    file = folder / "behaviours" / "sunset.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    use_project(folder)
    with pytest.raises(InputError, match=said):
        load({"title": "t", "start": "2020-08-01", "days": 8, "behaviour": {"sunset": True}})
    assert "sunset" in BEHAVIOURS


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "def vpn_holders_share",
            "def vpn_share",
            r"it declares vpn_share; a function vpn_holders_share",
        ),
        ("@sn.metric(", "sn.metric(", r"it declares no metric"),
        ('("state",)', '("states",)', r"unknown dimension 'states'; any of state, platform"),
    ],
)
def test_a_faulty_metric_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    file = folder / "metrics" / "vpn_holders_share.py"
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))
    use_project(folder)
    with pytest.raises(InputError, match=said):
        METRICS["vpn_holders_share"]
