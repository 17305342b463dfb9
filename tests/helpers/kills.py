"""Kill a run at random moments and give the same command again, as a power cut or a batch system
would.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

CODE = """
from pathlib import Path
from splinternet.facts import record
from splinternet.results import Result
record.DISCREPANCY = Path('no_error.csv')  # as in the tests: no error of the model
Result.save_figures = lambda _, folder, **__: folder.mkdir() or []  # charts take longer than these runs
from splinternet.cli import main
main()
"""
CALL = [sys.executable, "-c", CODE]


def kill_again_and_again(
    arguments: list[str], out: Path, kills: int, longest: float, seed: int
) -> tuple[int, int]:
    """Start a command, kill it and all its processes, and so on.

    Parameters
    ----------
    arguments : list of str
        A command of splinternet that writes into ``out``.
    out : Path
    kills : int
        How often it is killed, fewer if it finishes before.
    longest : float
        It is killed a random time up to this after it has stored another member; every third time
        after it began [s].
    seed : int
        Of the moments.

    Returns
    -------
    tuple of int
        Kills, and finished members seen at a kill and found unchanged at the next.
    """
    moments, done, checked = Random(seed), 0, 0
    stored: dict[str, bytes] = {}
    for kill in range(kills):
        process = start(arguments, out)
        if kill % 3 < 2:  # the others are killed while they start, too
            wait_for_another(process, out, len(stored))
        try:
            process.wait(moments.uniform(0.0, longest))
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        done += 1
        now = {p.name: p.read_bytes() for p in (out / "members").glob("seed-*.nc")}
        for name, data in stored.items():
            assert now.get(name) == data, f"{name} was lost or changed"
        checked += len(stored)
        stored = now
        assert not (out / "manifest.json").exists(), "a folder half done must not look finished"
    return done, checked


def wait_for_another(
    process: subprocess.Popen[bytes], out: Path, before: int, most: float = 120.0
) -> None:
    """Wait until a run has stored one member more than before, or has ended."""
    deadline = time.monotonic() + most
    while process.poll() is None and time.monotonic() < deadline:
        if len(list((out / "members").glob("seed-*.nc"))) > before:
            return
        time.sleep(0.02)


def start(arguments: list[str], out: Path) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that its workers can be killed with it."""
    return subprocess.Popen(
        [*CALL, *arguments, "--out", str(out)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
