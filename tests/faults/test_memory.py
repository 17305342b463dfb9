"""Too little memory: estimated and refused before, reported as a shortage when it comes, and nothing hangs or stays."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, wait
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import cast
from unittest.mock import patch

import numpy as np
import pytest
from conftest import block, scenario

from sim.errors import InputError, RunError
from sim.experiments import ensemble, executors, memory, pairs, processes, watch
from sim.experiments.executors import Failure, outcomes
from sim.experiments.memory import ADDRESSES, PROCESS, Memory, fitting_jobs, left_in_groups, needed
from sim.experiments.processes import pool_of, submit
from sim.experiments.watch import Watch

ENDLESS = float("inf")
MB = 1_000_000


# --- the estimate --------------------------------------------------------------------------------------------------


def test_the_estimate_is_near_what_a_pair_takes() -> None:
    """In a process of its own: what is in use after a few days, less what a pair of few people and days has in use."""
    code = (
        "import sys; from pathlib import Path\n"
        "from sim.scenario import load; from sim.experiments.pairs import run_pair\n"
        "spec = load('wechat_full_block', people=int(sys.argv[1]), days=int(sys.argv[2]))\n"
        # The kernel's peak since the program began: `ru_maxrss` also counts what the process that starts it holds.
        "run_pair(spec, 1); held = Path('/proc/self/status').read_text()\n"
        "print(int(held.split('VmHWM:')[1].split()[0]) * 1024)"
    )

    def taken(people: int, days: int) -> float:
        words = [sys.executable, "-c", code, str(people), str(days)]
        return float(subprocess.run(words, capture_output=True, text=True, check=True).stdout)

    small, large = taken(1_000, 5), taken(200_000, 5)
    assert needed(scenario([block()], people=200_000, days=5)) == pytest.approx(large - small, rel=0.5)
    assert small == pytest.approx(PROCESS, rel=0.7)


def test_the_estimate_follows_people_days_and_ties() -> None:
    usual = needed(scenario([], people=10_000, days=10))
    people = needed(scenario([], people=20_000, days=10)) - usual
    days = needed(scenario([], people=10_000, days=20)) - usual
    assert needed(scenario([], people=30_000, days=40)) == pytest.approx(usual + 2 * people + 3 * days)
    ties = [needed(scenario([], people=10_000, days=10, parameters={"ties.degree_mean": d})) for d in (10, 20, 30)]
    assert ties[2] - ties[1] == pytest.approx(ties[1] - ties[0])
    assert ties[0] < ties[1]


def test_no_more_processes_than_fit() -> None:
    spec = scenario([block()], people=1_000_000, days=10)
    each = PROCESS + needed(spec)
    assert fitting_jobs(spec, 8, 4, Memory(4.01 * each, ENDLESS)) == (4, "")
    fit, said = fitting_jobs(spec, 8, 4, Memory(3.99 * each, ENDLESS))
    assert fit == 3
    assert said.startswith("4 processes would need about ")
    assert fitting_jobs(spec, 8, 4, Memory(ENDLESS, ENDLESS)) == (4, "")
    for there in (
        Memory(0.99 * each, ENDLESS),
        Memory(ENDLESS, ADDRESSES + 0.99 * needed(spec)),
        Memory(-1.0, ENDLESS),
    ):
        with pytest.raises(
            InputError, match=r"people: 1,000,000 people over 10 days need .* fewer people \(--people\)"
        ):
            fitting_jobs(spec, 8, 1, there)
    with pytest.raises(InputError, match=r"--seeds: 2,000 members .* fewer members"):
        fitting_jobs(scenario([block()], people=1_000, days=700), 2_000, 1, Memory(8e9, ENDLESS))


def test_a_run_that_cannot_fit_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    spec = scenario([block()], people=120_000_000, days=3650)
    out = tmp_path / "run"
    assert needed(spec) > 50e9
    needs = "120,000,000 people over 3,650 days need"
    with limited(memory, Memory(24e9, ENDLESS)), pytest.raises(InputError, match=needs):
        ensemble.run(spec, seeds=1, out=out)
    assert not out.exists()
    with limited(memory, Memory(1e6, ENDLESS)), pytest.raises(MemoryError, match=r"and 0\.0 GB are free"):
        pairs.run_pair(scenario([block()], people=5_000, days=3), 1)


def limited(module: object, there: Memory) -> AbstractContextManager[object]:
    """Return a context in which there is so much memory."""
    return patch.object(module, "available", lambda: there)


@pytest.mark.parametrize(
    ("listed", "files", "left"),
    [
        ("0::/job/step", {"job/memory.max": "900", "job/memory.current": "500", "job/step/memory.max": "max"}, 400),
        ("0::/job", {"memory.max": "300", "memory.current": "100", "memory.stat": "anon 7\ninactive_file 50"}, 250),
        ("4:memory:/x", {"memory/x/memory.limit_in_bytes": "70", "memory/x/memory.usage_in_bytes": "60"}, 10),
        ("4:memory:/../../etc\n0::/", {}, ENDLESS),
        ("3:cpuset:/x\n0::/", {"memory.max": "nonsense", "memory.current": "1"}, ENDLESS),
    ],
)
def test_limits_of_containers_and_batch_systems(
    listed: str, files: dict[str, str], left: float, tmp_path: Path
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert left_in_groups(listed, tmp_path) == left


def test_memory_that_is_free_goes_back_to_the_system() -> None:
    code = (
        "import numpy as np; from pathlib import Path; from sim.experiments.executors import attempt\n"
        "def used(): return int(Path('/proc/self/statm').read_text().split()[1]) * 4096\n"
        "def fill(task): return [np.ones(12_500) for _ in range(3_000)], np.ones(12_500)\n"
        "arrays, last = fill(0); circle = []; circle.append((circle, np.ones(12_500_000)))\n"
        "del arrays, circle; kept = used(); attempt(len, ()); print(kept - used())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 350 * MB, "300 MB lay below what is still in use, 100 in a circle"


# --- when it comes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "short"),
    [
        (MemoryError(), True),
        (np._core._exceptions._ArrayMemoryError((9,), np.dtype(int)), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (ImportError("x.so: failed to map segment from shared object"), True),
        (RuntimeError("can't start new thread"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (ImportError("No module named 'x'"), False),
        (ZeroDivisionError("division by zero"), False),
    ],
)
def test_a_shortage_is_told_from_a_fault(error: Exception, short: bool) -> None:
    def fail(_: int) -> None:
        raise error

    ((_, failure),) = outcomes(fail, [1], jobs=1)
    assert isinstance(failure, Failure)
    assert failure.short is short
    assert ("not enough memory" in failure.last_words) is short
    with pytest.raises(RunError) as caught:
        ensemble._raise_for({1: failure})
    assert ("fault of the program" in str(caught.value)) is not short
    assert ("run fewer people (--people) or fewer jobs (--jobs)" in str(caught.value)) is short


def greedy(folder: Path, task: int) -> int:
    """Run out of memory beside another task; alone it fits."""
    mine = folder / f"{task}"
    mine.touch()
    try:
        time.sleep(0.5)
        if len(list(folder.iterdir())) > 1:
            raise MemoryError
        return -task
    finally:
        mine.unlink()


def test_what_runs_out_of_memory_beside_others_is_done_alone(tmp_path: Path) -> None:
    assert dict(outcomes(partial(greedy, tmp_path), [1, 2], jobs=2)) == {1: -1, 2: -2}


def kill_self(task: int) -> int:
    """End as a process ends that the system kills for its memory."""
    if task == 1:
        os.kill(os.getpid(), 9)
    return -task


def test_a_killed_process_is_a_shortage_and_no_fault() -> None:
    found = dict(outcomes(kill_self, [1, 2], jobs=2))
    assert found[2] == -2
    assert found[1].died
    with pytest.raises(RunError, match=r"memory ran out; run fewer people \(--people\)") as caught:
        ensemble._raise_for({1: found[1]})
    assert "fault of the program" not in str(caught.value)


# --- what hangs ----------------------------------------------------------------------------------------------------


def sleep(seconds: float) -> float:
    """Do nothing for a while."""
    time.sleep(seconds)
    return seconds


def work(seconds: float) -> float:
    """Work for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
    return seconds


@pytest.mark.parametrize("quick", [True, False], ids=["copies", "loky, as for scripts"])
def test_processes_that_stand_still_are_ended_and_those_that_work_are_not(
    monkeypatch: pytest.MonkeyPatch, quick: bool
) -> None:
    monkeypatch.setattr(processes, "quick_start", lambda: quick)
    monkeypatch.setattr(executors, "Watch", partial(Watch, still=1.0))
    begun = time.monotonic()
    ((_, failure),) = list(executors._in_processes(sleep, [600.0], 1))
    assert failure.died
    assert time.monotonic() - begun < 60
    assert list(executors._in_processes(work, [4.0], 1)) == [(4.0, 4.0)]


def test_a_process_that_a_stuck_pool_starts_later_is_ended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool that puts another process in the place of the killed one, and whose thread ends with that one."""
    killed: list[str] = []
    both_dead = threading.Event()

    def kill(process: str) -> None:
        killed.append(process)
        pool._processes = {2: "second"} if process == "first" else {}
        if process == "second":
            both_dead.set()

    class Pool:
        _processes: dict[int, str]
        _executor_manager_thread = threading.Thread(target=both_dead.wait, daemon=True)

    pool = Pool()
    pool._processes = {1: "first"}
    pool._executor_manager_thread.start()
    monkeypatch.setattr(watch, "kill", kill)
    Watch(cast(Executor, pool)).end()
    assert both_dead.wait(30) and killed == ["first", "second"]


def test_a_pool_whose_results_nobody_collects_is_left_and_its_processes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the thread that collects them ends for want of memory: its futures never finish."""
    seen: list[int] = []

    class Forgotten(Watch):
        def is_stuck(self) -> bool:
            seen.extend(self._pids())
            return bool(seen)

        def end(self) -> None:
            super().end()
            self.seconds = 0.1

    def lost(pool: object, *given: object) -> Future[object]:
        submit(pool, sleep, 600.0)  # type: ignore[arg-type]
        return Future()

    monkeypatch.setattr(executors, "Watch", partial(Forgotten, still=0.3))
    monkeypatch.setattr(executors, "submit", lost)
    assert [outcome.died for _, outcome in executors._in_processes(sleep, [1.0], 1)] == [True]
    assert seen
    end = time.monotonic() + 20
    while any(alive(pid) for pid in seen) and time.monotonic() < end:
        time.sleep(0.05)
    assert not [pid for pid in seen if alive(pid)]


def alive(pid: int) -> bool:
    """Return whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_pool_whose_own_thread_has_ended_is_stuck() -> None:
    with pool_of(1) as pool:
        wait([submit(pool, sleep, 0.0)])
        assert not Watch(pool, still=ENDLESS).is_stuck()
        ended = type("Thread", (), {"is_alive": lambda self: False})()
        stub = type("Pool", (), {"_executor_manager_thread": ended, "_processes": None})()
        assert Watch(stub, still=ENDLESS).is_stuck()
        assert watch._worked([0]) is None


# --- a run with little memory --------------------------------------------------------------------------------------


def run_within(limit: int, people: int, out: Path) -> subprocess.CompletedProcess[str]:
    """Run a scenario in two processes of at most so many addresses each [bytes]."""
    words = ["run", "wechat_full_block", "--people", str(people), "--days", "5", "--seeds", "2", "--jobs", "2"]
    code = "from sim.cli import main; main()"

    def restrict() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    call: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    return call([sys.executable, "-c", code, *words, "--out", str(out)], capture_output=True, text=True, timeout=120,
                preexec_fn=restrict)  # fmt: skip


def test_a_run_under_a_limit_of_memory_is_refused_before_it_begins(tmp_path: Path) -> None:
    done = run_within(700 * MB, 300_000, tmp_path / "run")
    assert done.returncode == 2
    assert "people: 300,000 people over 5 days need a process of 1." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()
