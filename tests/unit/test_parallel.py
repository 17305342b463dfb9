"""Running in parallel: the same from one process, from two and from a Dask cluster, even if a
worker dies.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import distributed
import pytest
from conftest import block, charts_in_run_folders, contents, scenario

from splinternet.errors import InputError, RunError
from splinternet.experiments import ensemble
from splinternet.experiments.parallel import Failure, beside, error_of, outcomes
from splinternet.experiments.sweep import sweep
from splinternet.facts import record
from splinternet.facts.tables import HOME
from splinternet.plots import run_figures
from splinternet.results.folder import write_json, write_member
from splinternet.results.result import Result
from splinternet.results.summary import shown_data
from splinternet.scenario import Scenario


def spec(**keys: object) -> Scenario:
    return scenario([block()], days=12, people=1_000, **keys)


def doubling() -> Callable[[int], int]:
    """Return a function that workers get by value, so that they need not import this file and all
    that tests use.
    """

    def double(number: int) -> int:
        """Double a number; 13 is a bug, 14 cannot be worked on, 66 kills the process that meets
        it.
        """
        if number == 13:
            raise ZeroDivisionError("as in a bug")
        if number == 14:
            raise RunError("no such number")
        if number == 66:
            os.kill(os.getpid(), signal.SIGKILL)
        return 2 * number

    return double


double = doubling()


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Start a scheduler and a worker, each a process of its own; a worker that dies has a
    successor.
    """
    settings = {"distributed.worker.daemon": False, "distributed.comm.timeouts.connect": "20s"}
    import dask

    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
        ) as local,
    ):
        yield local


@pytest.mark.parametrize("way", ["here", "workers", "executor"])
def test_every_task_comes_back_once_and_a_failed_one_stops_no_other(way: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        keys: dict[str, Any] = {"executor": {"cluster": pool}, "workers": {"jobs": 2}}.get(way, {})
        found = dict(outcomes(double, [1, 13, 14, 2], **{"jobs": 1} | keys))
    trouble, refused = found.pop(13), found.pop(14)
    assert isinstance(refused, Failure)
    assert refused.last_words.endswith("RunError: no such number")
    assert found == {1: 2, 2: 4}
    assert isinstance(trouble, Failure)
    assert trouble.last_words == "ZeroDivisionError: as in a bug"


def test_a_task_that_kills_its_process_is_given_up_alone_and_one_that_dies_once_is_not(
    tmp_path: Path,
) -> None:
    died = tmp_path / "died"

    def die(number: int) -> int:
        if number == 3 and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        while number == 66 and not died.exists():  # 3 is the first
            time.sleep(0.01)
        return double(number)

    found = dict(outcomes(die, [3, 66, 1, 2, 4], jobs=2))
    trouble = found.pop(66)
    assert isinstance(trouble, Failure)
    assert trouble.died and "died" in trouble.last_words
    assert found == {1: 2, 2: 4, 3: 6, 4: 8} and died.exists()
    with pytest.raises(RunError, match=r"memory ran out; use fewer people or fewer jobs") as caught:
        raise error_of({66: trouble}, "1 member failed", None)
    assert "fault of the program" not in str(caught.value)


def test_a_module_that_a_worker_does_not_find_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = types.ModuleType("gone_from_here")
    exec("def work(number): return number", gone.__dict__)
    monkeypatch.setitem(sys.modules, "gone_from_here", gone)
    with pytest.raises(
        RunError, match=r"cannot import what it needs: No module named 'gone_from_here'"
    ):
        list(outcomes(gone.work, [1, 2], jobs=2))


def test_what_cannot_be_sent_to_another_process_is_said() -> None:
    with pytest.raises(RunError, match=r"cannot be sent to another process: .*--jobs 1"):
        list(outcomes(lambda lock: 1, [threading.Lock(), threading.Lock()], jobs=2))


def test_one_two_and_a_cluster_give_the_same_bytes(
    cluster: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "DISCREPANCY", HOME / "discrepancy.csv")  # as in a worker
    ways: dict[str, dict[str, Any]] = {
        "one": {"jobs": 1},
        "two": {"jobs": 2},
        "cluster": {"cluster": cluster.scheduler_address},
    }
    for name, way in ways.items():
        ensemble.run(spec(), seeds=2, out=tmp_path / name, **way)
    one, two, dask = (contents(tmp_path / name) for name in ways)
    assert one == two == dask
    made = [json.loads((tmp_path / name / "manifest.json").read_text()) for name in ways]
    for key in ("run_id", "version", "commit", "facts_sha256", "scenario", "seeds"):
        assert made[0][key] == made[1][key] == made[2][key]


def test_a_task_beside_others_gives_its_outcome_or_says_that_its_process_died() -> None:
    with beside(double, 21, 1) as outcome:
        assert outcome() == 42
    with beside(double, 66, 1) as outcome:
        lost = outcome()
    assert isinstance(lost, Failure) and lost.died


def test_a_task_beside_others_ends_with_the_block(tmp_path: Path) -> None:
    begun = tmp_path / "pid"

    def wait_for_ever(_: int) -> None:
        begun.write_text(str(os.getpid()))
        time.sleep(600)

    with pytest.raises(KeyboardInterrupt), beside(wait_for_ever, 0, 1):
        while not begun.exists() or not begun.read_text():
            time.sleep(0.01)
        raise KeyboardInterrupt
    until = time.monotonic() + 10
    while Path("/proc", begun.read_text()).exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path("/proc", begun.read_text()).exists()


def test_a_worker_draws_the_same_figures_and_those_that_it_cannot_draw_are_drawn_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(record, "DISCREPANCY", HOME / "discrepancy.csv")  # as in a worker
    few = spec(measure=["vpn_users"])
    with charts_in_run_folders():
        for name, jobs in (("here", 1), ("worker", 2)):
            ensemble.run(few, seeds=2, jobs=jobs, out=tmp_path / name)
    asked: list[str] = []

    @contextmanager
    def dead(function: Callable[..., Any], *_: object) -> Iterator[Callable[[], Failure]]:
        asked.append(function.__name__)
        yield lambda: Failure("killed", died=True)

    monkeypatch.setattr(ensemble, "beside", dead)
    with charts_in_run_folders():
        ensemble.run(few, seeds=2, jobs=2, out=tmp_path / "lost")
    assert asked == ["_draw"]
    here, worker, lost = (contents(tmp_path / name) for name in ("here", "worker", "lost"))
    assert here == worker == lost
    assert {"figures/overview.png", "figures/card.png"} <= set(lost)


def test_the_worker_that_draws_is_told_the_summary_of_this_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It draws the rows that the run writes beside the members, not those that a killed run left
    there, and works out no rows of its own.
    """
    monkeypatch.setattr(record, "DISCREPANCY", HOME / "discrepancy.csv")  # as in a worker
    few = spec(measure=["vpn_users"])
    members = tmp_path / "members"
    pairs = [ensemble.run_member(few, seed) for seed in (1, 2)]
    members.mkdir()
    for pair in pairs:
        write_member(members, *pair)
    result = Result(few, pairs)
    told = shown_data(result)
    info: dict[str, Any] = {}
    write_json(members / "shown.json", {"rows": [], "focus": {}})  # of a killed run
    begun: list[str] = []

    @contextmanager
    def here(function: Callable[..., Any], task: Any, *_: object) -> Iterator[Callable[[], Any]]:
        begun.append(function.__name__)
        assert not (members / "shown.json").exists()
        yield lambda: function(task)

    monkeypatch.setattr(ensemble, "beside", here)
    with (
        charts_in_run_folders(),
        monkeypatch.context() as without,
        ensemble.figures_beside(few, (1, 2), info, members, 2) as figures,
    ):
        write_json(members / "shown.json", told)
        without.setattr("splinternet.results.result.summary_rows", None)
        without.setattr("splinternet.results.result.find_focus", None)
        assert figures is not None
        drawn = figures()
    assert begun == ["_draw"]
    assert drawn
    assert drawn == run_figures(Result(few, pairs, info, rows=told["rows"], focus=result.focus))


def test_a_lost_worker_costs_no_member(cluster: Any, tmp_path: Path) -> None:
    straight = ensemble.run(spec(), seeds=3, jobs=1)
    (pid,) = [worker.pid for worker in cluster.workers.values()]
    killed: list[int] = []

    def kill_one(done: int, failed: int, total: int) -> None:
        if done == 1 and not killed:
            killed.append(pid)
            os.kill(pid, signal.SIGKILL)

    with distributed.Client(cluster, set_as_default=False) as client:
        again = ensemble.run(spec(), seeds=3, cluster=client, progress=kill_one)
    assert killed
    assert again == straight


def test_a_failed_member_is_told_and_the_others_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_member = ensemble.run_member

    def failing(scenario: Scenario, seed: int, *_: object, **options: object) -> object:
        if seed == 2:
            raise ZeroDivisionError("as in a bug")
        return run_member(scenario, seed)

    monkeypatch.setattr(ensemble, "run_member", failing)
    with pytest.raises(
        RunError,
        match=r"1 seed failed \(seed 2\): ZeroDivisionError: as in a bug.*others are kept",
    ):
        ensemble.run(spec(), seeds=3, jobs=1, out=tmp_path / "run")
    assert "Traceback" in (tmp_path / "run" / "log.txt").read_text()
    assert sorted(p.stem for p in (tmp_path / "run" / "members").iterdir()) == ["seed-1", "seed-3"]


def test_a_cluster_that_does_not_answer_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("splinternet.experiments.parallel.CONNECT_SECONDS", 0.5)
    with pytest.raises(InputError, match="no scheduler answers"):
        ensemble.run(spec(), seeds=2, cluster="tcp://127.0.0.1:9", out=tmp_path / "run")
    with pytest.raises(InputError, match="no scheduler answers"):
        sweep(
            spec(),
            {"technique.dpi.coverage": [0.9, 1.0]},
            seeds=1,
            cluster="no address",
            out=tmp_path / "grid",
        )
    assert not list(tmp_path.iterdir())


def test_a_worker_with_other_code_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "splinternet.experiments.parallel._program", iter(["here", "there"]).__next__
    )
    with (
        ThreadPoolExecutor(1) as pool,
        pytest.raises(InputError, match="a worker has there, this is here"),
    ):
        list(outcomes(double, [1], cluster=pool))
