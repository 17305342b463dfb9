"""A worker that imports the user's file starts no workers of its own: the run ends and says why."""

from __future__ import annotations

import inspect
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil

import splinternet as sn
from splinternet.experiments.parallel import outcomes

STUDY = """\
import splinternet as sn


class Loyal(sn.PeopleRule):
    "Nobody gives anything up."

    def decide(self, people, today):
        return None


def study():
    return sn.run("wechat_full_block", behaviours=[Loyal], people=1_000, days=5, seeds=2, jobs=2)


"""
LIMIT = 120.0
"""Seconds after which the run is held to be stuck; it takes some 10 on an idle machine."""


def watched(folder: Path, program: str) -> tuple[int | None, str, int]:
    """Run a program; return its exit code, what it says, and the most workers seen at once."""
    safe = os.environ | {"LOKY_MAX_DEPTH": "2"}  # no flood, should the test fail
    told = folder / "told.txt"
    with told.open("w") as output:
        running = psutil.Popen(
            [sys.executable, program], cwd=folder, env=safe, stdout=output, stderr=output
        )
        most = 0
        seen = set[psutil.Process]()
        before = set[psutil.Process]()
        end = time.monotonic() + LIMIT
        while running.poll() is None and time.monotonic() < end:
            below = {*workers_below(running)}
            # One that ends while another takes its place is seen beside it for a moment.
            most = max(most, len(below & before))
            before = below
            seen |= below
            time.sleep(0.1)
    code = running.poll()
    if code is None:
        running.kill()
        running.wait()
    left = psutil.wait_procs(seen, timeout=10)[1]
    for process in left:
        process.kill()
    assert not left, "a worker outlives the run"
    return code, told.read_text(encoding="utf-8"), most


def workers_below(process: psutil.Process) -> list[psutil.Process]:
    """Return the workers among the descendants; Python has trackers of resources besides."""
    found = []
    for each in process.children(recursive=True):
        try:
            if any("popen_loky" in word for word in each.cmdline()):
                found.append(each)
        except psutil.Error:
            continue  # it has just ended
    return found


def test_a_study_that_is_imported_starts_no_storm_and_its_mend_works(tmp_path: Path) -> None:
    study = tmp_path / "study.py"
    study.write_text(f"{STUDY}result = study()\n", encoding="utf-8")
    mended = (
        f'{STUDY.replace("Loyal", "Faithful")}if __name__ == "__main__":\n    result = study()\n'
    )
    (tmp_path / "mended.py").write_text(mended, encoding="utf-8")
    plots = "import mended\n\nprint(mended.study().seeds)\nimport study\n\nprint(study.result)\n"
    (tmp_path / "plots.py").write_text(plots, encoding="utf-8")
    code, told, most = watched(tmp_path, "plots.py")
    line = STUDY.count("\n") + 1
    assert told.startswith("(1, 2)\n"), told
    assert told.endswith(
        f"InputError: {study}:{line}: a run starts while a worker process imports study.py, and so "
        "on without end; a file that starts no run when imported; "
        'put the call under `if __name__ == "__main__":`\n'
    )
    assert (code, most) == (1, 2)


CALLS: dict[str, Callable[..., Any]] = {
    "attribute": lambda: sn.attribute("wechat_full_block"),
    "hindcast": lambda: sn.hindcast(),
    "run": lambda: sn.run("wechat_full_block"),
    "sensitivity": lambda: sn.sensitivity("wechat_full_block", every=True),
    "sweep": lambda: sn.sweep("wechat_full_block", {"ties.only_channel": [0.3, 0.5]}),
    "threshold": lambda: sn.threshold("wechat_full_block", "ties.only_channel"),
}


def inside(name: str) -> str:
    """Start runs inside a worker; return the error."""
    try:
        CALLS[name]()
    except sn.InputError as error:
        return str(error)
    return "not refused"


def test_whatever_takes_jobs_refuses_inside_a_worker() -> None:
    takes_jobs = {
        name
        for name in sn.__all__
        if inspect.isfunction(getattr(sn, name))
        and "jobs" in inspect.signature(getattr(sn, name)).parameters
    }
    assert set(CALLS) == takes_jobs
    with ThreadPoolExecutor(1) as executor:
        told = dict(outcomes(inside, sorted(CALLS), cluster=executor))
    for name, error in told.items():
        assert "a run starts inside a worker process" in error, (name, error)
    assert not Path("never").exists()
    sn.run("wechat_full_block", people=1_000, days=3, seeds=1, jobs=1)  # here it is none
