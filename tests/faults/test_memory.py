"""Too little memory: estimated and refused before, reported as a shortage when it comes, and
nothing hangs or stays.
"""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from conftest import block, scenario

import splinternet as sn
from splinternet.errors import InputError, RunError
from splinternet.experiments import ensemble, pairs
from splinternet.experiments.parallel import Failure, error_of, outcomes
from splinternet.results import memory
from splinternet.results.memory import PROCESS, fitting_jobs, left_in_groups, needed

ENDLESS = float("inf")
MB = 1_000_000


# --- the estimate ---------------------------------------------------------------------------------


def test_the_estimate_is_near_what_a_pair_takes() -> None:
    """In a process of its own: what is in use after a few days, less what a pair of few people and
    days has in use.
    """
    code = (
        "import sys; from pathlib import Path\n"
        "from splinternet.scenario import load; from splinternet.experiments.pairs import "
        "run_pair\n"
        "for people in sys.argv[1:]:\n"
        "    run_pair(load('wechat_full_block', people=int(people), days=5), 1)\n"
        # The kernel's peak since the program began: `ru_maxrss` also counts what the process that
        # starts it holds.
        "    held = Path('/proc/self/status').read_text()\n"
        "    print(int(held.split('VmHWM:')[1].split()[0]) * 1024)"
    )
    words = [sys.executable, "-c", code, "1000", "200000"]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    small, large = map(float, told.split())
    assert needed(scenario([block()], people=200_000, days=5)) == pytest.approx(
        large - small, rel=0.5
    )
    assert small == pytest.approx(PROCESS, rel=0.7)


def test_the_estimate_follows_people_days_and_ties() -> None:
    usual = needed(scenario([], people=10_000, days=10))
    people = needed(scenario([], people=20_000, days=10)) - usual
    days = needed(scenario([], people=10_000, days=20)) - usual
    assert needed(scenario([], people=30_000, days=40)) == pytest.approx(
        usual + 2 * people + 3 * days
    )
    ties = [
        needed(scenario([], people=10_000, days=10, parameters={"ties.degree_mean": d}))
        for d in (10, 20, 30)
    ]
    assert ties[2] - ties[1] == pytest.approx(ties[1] - ties[0])
    assert ties[0] < ties[1]


def test_no_more_processes_than_fit() -> None:
    spec = scenario([block()], people=1_000_000, days=10)
    each = PROCESS + needed(spec)
    with limited(memory, 4.01 * each):
        assert fitting_jobs(spec, 8, 4, stored=True) == (4, "")
    with limited(memory, 3.99 * each):
        fit, warning = fitting_jobs(spec, 8, 4, stored=True)
    assert fit == 3
    assert warning.startswith("4 processes would need about ")
    with limited(memory, ENDLESS):
        assert fitting_jobs(spec, 8, 4, stored=True) == (4, "")
    for free in ((0.99 * each, ENDLESS), (ENDLESS, 0.99 * each), (-1.0, ENDLESS)):
        message = r"people: 1,000,000 people over 10 days need .* fewer people or days"
        with limited(memory, *free), pytest.raises(InputError, match=message):
            fitting_jobs(spec, 8, 1, stored=True)
    with (
        limited(memory, 8e9),
        pytest.raises(InputError, match=r"seeds: 2,000 seeds .* fewer seeds"),
    ):
        fitting_jobs(scenario([block()], people=1_000, days=700), 2_000, 1, stored=True)


def test_the_battle_asks_for_at_most_4_gb() -> None:
    """Twelve members over twelve years, two at a time: they are put together a metric at a time."""
    spec = sn.load("the_battle")
    with limited(memory, 4e9):
        assert fitting_jobs(spec, 12, 2, stored=True) == (2, "")
    with limited(memory, 4e9), pytest.raises(InputError, match=r"or a folder for them \(out=\)"):
        fitting_jobs(spec, 12, 2, stored=False)


def test_a_run_that_cannot_fit_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    spec = scenario([block()], people=120_000_000, days=3650)
    out = tmp_path / "run"
    assert needed(spec) > 50e9
    needs = "120,000,000 people over 3,650 days need"
    with limited(memory, 24e9), pytest.raises(InputError, match=needs):
        ensemble.run(spec, seeds=1, out=out)
    assert not out.exists()
    with limited(memory, 1e6), pytest.raises(MemoryError, match=r"and 0\.0 GB are free"):
        pairs.run_pair(scenario([block()], people=5_000, days=3), 1)


def limited(
    module: object, together: float, each: float = ENDLESS
) -> AbstractContextManager[object]:
    """Return a context in which there is so much memory, for all processes and for one."""
    return patch.object(module, "available", lambda: (together, each))


def test_a_dataset_that_cannot_fit_is_refused_with_numbers_and_a_way_out() -> None:
    result = sn.run("wechat_as_ordered", people=1_000, days=3, seeds=1, jobs=1)
    with patch("splinternet.results.result.available", return_value=(1_000.0, ENDLESS)):
        with pytest.raises(
            InputError, match=r"metrics of 1 seeds need 0\.\d GB.* 0\.0 GB are free.*panel\.nc"
        ):
            result.to_xarray()
        assert result.to_xarray("internets_by_likeness").sizes["date"] == 3


@pytest.mark.parametrize(
    ("listed", "files", "left"),
    [
        (
            "0::/job/step",
            {"job/memory.max": "900", "job/memory.current": "500", "job/step/memory.max": "max"},
            400,
        ),
        (
            "0::/job",
            {
                "memory.max": "300",
                "memory.current": "100",
                "memory.stat": "anon 7\ninactive_file 50",
            },
            250,
        ),
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


# --- when it comes --------------------------------------------------------------------------------


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
        raise error_of({1: failure}, "1 member failed", None)
    assert "fault of the program" not in str(
        caught.value
    )  # it was raised here, in code of one's own
    assert ("use fewer people or fewer jobs" in str(caught.value)) is short


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


# --- a run with little memory ---------------------------------------------------------------------


def run_within(limit: int, people: int, out: Path) -> subprocess.CompletedProcess[str]:
    """Run a scenario in two processes of at most so many addresses each [bytes]."""
    words = [
        "run",
        "wechat_full_block",
        "--people",
        str(people),
        "--days",
        "5",
        "--seeds",
        "2",
        "--jobs",
        "2",
    ]
    code = "from splinternet.cli import main; main()"

    def restrict() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))

    call: Callable[..., subprocess.CompletedProcess[str]] = subprocess.run
    return call(
        [sys.executable, "-c", code, *words, "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=restrict,
    )


def test_a_run_under_a_limit_of_memory_is_refused_before_it_begins(tmp_path: Path) -> None:
    done = run_within(700 * MB, 300_000, tmp_path / "run")
    assert done.returncode == 2
    assert "people: 300,000 people over 5 days need about 0." in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "run").exists()
