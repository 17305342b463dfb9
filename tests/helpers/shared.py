"""What the tests share: small worlds, and pairs of arms run on them once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from splinternet.cli import main
from splinternet.core import plugins
from splinternet.engine.model import Model
from splinternet.errors import Problem
from splinternet.experiments import ensemble, parallel
from splinternet.experiments import experiment as points
from splinternet.experiments.pairs import arm_data, run_pair
from splinternet.facts import record
from splinternet.plots.page import House
from splinternet.results import Result
from splinternet.results.manifest import own_code
from splinternet.results.panel import ArmData
from splinternet.scenario import Scenario, load, tree

NOBODY_JOINS = {
    "choice.join_rate": 0.0,
    "burst.messenger": 0.0,
    "burst.feed": 0.0,
    "burst.dormant_share": 0.0,
}
"""Parameters with which nobody takes up a substitute for what is lost."""

AT_ONCE = {f"enforce.boxes.{providers}_days": 0.0 for providers in ("mobile", "incumbent", "small")}
"""Parameters with which national boxes change on the first day everywhere."""

Keys = dict[str, Any]
Pair = tuple[ArmData, ArmData]


def scenario(
    policies: list[Keys] | None = None, *, days: int = 60, people: int = 3_000, **keys: Any
) -> Scenario:
    """Return a scenario that starts in August 2020, with the policies given."""
    return load(
        {
            "title": "a test",
            "start": "2020-08-01",
            "days": days,
            "people": people,
            "policies": policies or [],
            **keys,
        }
    )


def block(**keys: Any) -> Keys:
    """Return a block of WeChat by the United States from 11 August, with some keys changed."""
    return {
        "id": "ban",
        "by": "US",
        "instrument": "block",
        "technique": "dpi",
        "targets": ["WeChat"],
        "on": "2020-08-11",
    } | keys


@pytest.fixture(autouse=True, scope="session")
def no_model_error(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Leave the model's error from event to event out: a test that is about it puts its own table
    in force.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(record, "DISCREPANCY", tmp_path_factory.getbasetemp() / "no_error.csv")
        yield


@pytest.fixture(autouse=True, scope="session")
def every_chart_has_a_title() -> Iterator[None]:
    """Refuse a chart without a title, whichever test writes it, of a run or of an experiment."""

    def savefig(figure: House, *places: Any, **keys: Any) -> None:
        assert figure.title.strip(), "a chart without a title"
        Figure.savefig(
            figure, *places, **keys
        )  # looked up at this moment: `blank_pages` puts another in its place

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(House, "savefig", savefig)
        yield


@lru_cache(maxsize=256)
def _read_yaml(text: str, name: str) -> tuple[tree.Tree | None, tuple[Problem, ...]]:
    problems: list[Problem] = []
    return FROM_YAML(text, name, problems), tuple(problems)


FROM_YAML = tree.from_yaml


@pytest.fixture(autouse=True, scope="session")
def each_file_is_parsed_once() -> Iterator[None]:
    """Parse the text of a scenario file once: parsing takes most of loading, and nothing changes a
    tree.
    """

    def from_yaml(text: str, name: str, problems: list[Problem]) -> tree.Tree | None:
        found, wrong = _read_yaml(text, name)
        problems.extend(wrong)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules["splinternet.scenario.load"], "from_yaml", from_yaml)
        yield


@pytest.fixture(autouse=True, scope="session")
def workers_wait_for_the_next_test() -> Iterator[None]:
    """Keep worker processes: two of them take seven seconds to start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parallel, "IDLE_SECONDS", 600)
        yield


@pytest.fixture
def forget() -> Iterator[None]:
    """Forget what a test defines."""
    before = dict(plugins._known)
    yield
    plugins._known.clear()
    plugins._known.update(before)


EVERY_CHART = Result.save_figures
BY_A_WORKER = ensemble.figures_beside


def stand_in(result: Result, folder: Path, **_: object) -> list[Path]:
    """Write one small file in place of the charts of a run; it differs from run to run."""
    path = folder / "stand_in.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(result.run_id.encode())
    return [path]


stand_in.__doc__ = EVERY_CHART.__doc__  # the reference of Python shows it


@pytest.fixture(autouse=True, scope="session")
def no_charts_in_run_folders() -> Iterator[None]:
    """Leave the charts out of run folders: they take ten times as long as all other files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Result, "save_figures", stand_in)
        patch.setattr(ensemble, "figures_beside", lambda *_: nullcontext())
        yield


@contextmanager
def charts_in_run_folders() -> Iterator[None]:
    """Draw the charts of run folders after all."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Result, "save_figures", EVERY_CHART)
        patch.setattr(ensemble, "figures_beside", BY_A_WORKER)
        yield


SAVEFIG = Figure.savefig


def blank_on_pages(figure: Figure, stream: Any, **keys: Any) -> None:
    """Save a figure; as SVG, the form on pages, an empty one: drawing takes most of the time of a
    page.
    """
    if keys.get("format") == "svg":
        stream.write(b'<svg xmlns="http://www.w3.org/2000/svg"/>')
    else:
        SAVEFIG(figure, stream, **keys)


@contextmanager
def blank_pages() -> Iterator[None]:
    """Leave the pictures on pages blank, for tests of the words around them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Figure, "savefig", blank_on_pages)
        yield


KEPT: dict[tuple[object, ...], points.Outcome] = {}
RUN_TASK = points.run_task


def run_once(task: points.Task) -> points.Outcome:
    """Run a task of an experiment; the same one again gives what it gave before: that follows from
    task and code.
    """
    what = task.spec.digest, task.seed, str(task.values), task.without, str(own_code())
    if what not in KEPT:
        KEPT[what] = RUN_TASK(task)
    return KEPT[what]


MEMBERS: dict[tuple[str, ...], Pair] = {}
RUN_MEMBER = ensemble.run_member


def member_once(spec: Scenario, seed: int, *more: Any, **options: Any) -> Pair:
    """Run a member of a run; the same one again is what it was before, as in `run_once`."""
    what = spec.digest, *map(str, (seed, more, options, own_code()))
    if what not in MEMBERS:
        MEMBERS[what] = RUN_MEMBER(spec, seed, *more, **options)
    return MEMBERS[what]


@cache
def _shipped_pair(name: str, people: int, days: int, seed: int) -> Pair:
    return run_pair(load(name, people=people, days=days), seed)


@pytest.fixture(scope="session")
def shipped_pair() -> Callable[..., Pair]:
    """Run a shipped scenario on few people; the same call is run once a session."""
    return lambda name, people=3_000, days=90, seed=1: _shipped_pair(name, people, days, seed)


def policy_arm(spec: Scenario, seed: int = 1, metrics: Collection[str] | None = None) -> ArmData:
    """Run the policy arm of a member alone, for tests of who uses what: that does not depend on the
    other arm.
    """
    model = Model(spec, rng=seed, metrics=metrics, collect=False)
    model.run_for(spec.days)
    return arm_data(model)


def cell(arm: ArmData, metric: str, *labels: str) -> np.ndarray:
    """Return the daily values of one cell, by the labels of its dimensions."""
    from splinternet.metrics.registry import METRICS

    place: list[Any] = [slice(None)] if METRICS[metric].kind == "daily" else []
    place += [
        arm.axes.labels(dim).index(label)
        for dim, label in zip(METRICS[metric].dims, labels, strict=True)
    ]
    return arm.arrays[metric][tuple(place)]


def same(one: ArmData, other: ArmData, days: slice = slice(None)) -> bool:
    """Return whether two arms report the same to the bit, on some days."""
    from splinternet.metrics.registry import METRICS

    return all(
        np.array_equal(one.arrays[m], other.arrays[m], equal_nan=True)
        if METRICS[m].kind == "total"
        else np.array_equal(one.arrays[m][days], other.arrays[m][days], equal_nan=True)
        for m in one.arrays
    )


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process; return its exit code, output and errors."""
    with pytest.raises(SystemExit) as leaving:
        main(list(arguments))
    told = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, told.out, told.err


FILES = ("series.csv", "summary.json", "summary.csv", "panel.nc", "scenario.resolved.yaml")
"""Files of a run folder, without those that record when and where it was made."""


def contents(folder: Path) -> dict[str, bytes]:
    """Return the files of a run folder and its figures, by name."""
    files = [*FILES, *(f"figures/{p.name}" for p in sorted((folder / "figures").iterdir()))]
    return {name: (folder / name).read_bytes() for name in files}
