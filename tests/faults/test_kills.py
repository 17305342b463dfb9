"""A run killed again and again loses no finished member and ends at the same bytes."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil
import pytest
from conftest import contents
from kills import kill_again_and_again, start, wait_for_another

from splinternet.cli import main
from splinternet.results import Result

RUN = ["run", "wechat_full_block", "--people", "1000", "--days", "6", "--seeds", "5"]


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return what the run writes when nobody kills it, here in this process."""
    return finished(tmp_path_factory.mktemp("runs") / "straight")


def finished(folder: Path) -> dict[str, bytes]:
    """Give the command here, in this process, and return what it leaves in its folder."""
    with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as leaving:
        patch.setattr(Result, "save_figures", lambda _, folder, **__: folder.mkdir() or [])
        main([*RUN, "--jobs", "1", "--out", str(folder)])
    assert leaving.value.code == 0
    return contents(folder)


def test_kills_at_random_moments_lose_nothing(straight: dict[str, bytes], tmp_path: Path) -> None:
    kills, checked = kill_again_and_again(
        [*RUN, "--jobs", "1"], tmp_path / "killed", kills=3, longest=0.2, seed=1
    )
    assert kills == 3
    assert checked >= 2
    assert finished(tmp_path / "killed") == straight


def wait_until_gone(group: int) -> None:
    """Wait until a group of processes has nobody left."""
    deadline = time.monotonic() + 30
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < deadline:
            os.killpg(group, 0)
            time.sleep(0.05)


def test_no_worker_outlives_a_run_that_is_killed_alone(
    straight: dict[str, bytes], tmp_path: Path
) -> None:
    process = start([*RUN, "--jobs", "2"], tmp_path / "killed")
    wait_for_another(process, tmp_path / "killed", 2)
    below = [" ".join(child.cmdline()) for child in psutil.Process(process.pid).children()]
    assert any("forkserver" in line for line in below), "workers have no server"
    os.kill(process.pid, signal.SIGKILL)  # the run, not its workers
    process.wait()
    wait_until_gone(process.pid)
    assert (tmp_path / "killed" / "unfinished").exists()
    assert finished(tmp_path / "killed") == straight
