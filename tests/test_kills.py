"""A run killed again and again loses no finished member and ends at the same bytes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from kills import kill_and_resume, start, wait_for_another
from test_ensemble import contents


def test_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    run = ["run", "wechat_full_block", "--people", "1000", "--days", "20", "--seeds", "24", "--jobs", "1"]
    assert start(run, tmp_path / "straight").wait() == 0
    kills, checked = kill_and_resume(run, tmp_path / "killed", kills=3, longest=0.5, seed=1)
    assert kills == 3
    assert checked >= 2
    assert contents(tmp_path / "killed") == contents(tmp_path / "straight")


def test_no_worker_outlives_a_run_that_is_killed_alone(tmp_path: Path) -> None:
    run = ["run", "wechat_full_block", "--people", "1000", "--days", "20", "--seeds", "40", "--jobs", "2"]
    assert start(run, tmp_path / "straight").wait() == 0
    process = start(run, tmp_path / "killed")
    wait_for_another(process, tmp_path / "killed", 2)
    os.kill(process.pid, signal.SIGKILL)  # the run, not its workers
    process.wait()
    deadline = time.monotonic() + 30
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, 0)
            time.sleep(0.05)
    assert (tmp_path / "killed" / "unfinished").exists()
    assert start(run, tmp_path / "killed").wait() == 0
    assert contents(tmp_path / "killed") == contents(tmp_path / "straight")
