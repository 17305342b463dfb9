"""Run every shipped scenario through the command line, small: ``uv run python .ci/shipped.py [NAME
...]``.

Each has six members, and days until two after its first policy begins. So small a run shows that a
scenario is read, that its members fit together, that its run folder is written, and that no panel of
its charts collapses; its figures say nothing. There is a line for each scenario with its exit code
and its seconds of processor time; the exit code of all is 1 where one of them is not 0.

Half of a run's time is the start of the program. So one process for each core runs its share of the
scenarios, one after the other, each through the entry point of the command line.
"""

from __future__ import annotations

import contextlib
import gc
import io
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

from matplotlib.figure import Figure

from splinternet import plots
from splinternet.cli import main as command
from splinternet.core.shipped import shipped
from splinternet.scenario import load

SHARE = "--share"
"""Says that the names after it are the share of one process."""
PEOPLE = 8_000
"""So many simulated people that the order of the diasporas, and which are kept, could differ."""
SEEDS = 6
MOST_DAYS = 60
LEAST_PIXELS = 60
"""Height and width of a panel below which it shows nothing; assumption."""


def days_of(name: str) -> int:
    """Return the days until two after the first policy of a scenario begins."""
    spec = load(name)
    begins = [(policy.on - spec.start).days for policy in spec.policies if policy.on is not None]
    return min(max(0, min(begins, default=0)) + 2, MOST_DAYS, spec.days)


def collapsed(figure: Figure) -> list[str]:
    """Return the panels of a figure, which has been drawn, that are too small to show anything."""
    found = []
    for axes in figure.axes:
        box = axes.get_window_extent()
        is_panel = axes.axison and axes.get_visible() and axes.get_label() != "<colorbar>"
        if is_panel and min(box.width, box.height) < LEAST_PIXELS:
            title = axes.get_title(loc="left") or axes.get_title() or axes.get_ylabel()
            found.append(f"a panel of {box.width:.0f} x {box.height:.0f} pixels: {title}")
    return found


@contextlib.contextmanager
def charts_looked_at() -> Iterator[list[str]]:
    """Yield a list that collects the faults of the charts saved in the ``with`` block."""
    wrong = list[str]()
    save = plots.save_figure

    def look(figure: Figure, path: Path, result: Any) -> None:
        save(figure, path, result)
        wrong.extend(f"{path.name}: {panel}" for panel in collapsed(figure))

    with patch.object(plots, "save_figure", look), warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        yield wrong
    of_charts = [each for each in warned if {"matplotlib", "plots"} & {*Path(each.filename).parts}]
    wrong.extend(f"matplotlib warns: {each.message}" for each in of_charts)


def run(name: str) -> int:
    """Run a scenario in a new folder, print its line, and return its exit code: 1 too where one of
    its charts collapses.
    """
    sizes = ("--people", PEOPLE, "--seeds", SEEDS, "--days", days_of(name), "--jobs", 1)
    said = io.StringIO()
    began = time.process_time()
    with (
        tempfile.TemporaryDirectory() as folder,
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(said),
        charts_looked_at() as wrong,
    ):
        try:
            command(["run", name, *map(str, sizes), "--out", f"{folder}/run"])
        except SystemExit as end:
            code = int(end.code or 0)
    code = code or int(bool(wrong))
    gc.collect()  # a result refers to itself, and its members are large
    seconds = time.process_time() - began
    print(
        f"{code}  {seconds:5.1f} s  {name}\n{said.getvalue() if code else ''}", end="", flush=True
    )
    for each in wrong:
        print(f"   {each}", flush=True)
    return code


def main() -> None:
    """Share the scenarios among the cores and wait for all of them."""
    names = sys.argv[1:] or sorted(shipped())
    if names[0] == SHARE:
        sys.exit(any([run(name) for name in names[1:]]))
    began = time.monotonic()
    cores = os.cpu_count() or 1
    shares = [share for start in range(cores) if (share := names[start::cores])]
    started = [subprocess.Popen([sys.executable, __file__, SHARE, *share]) for share in shares]
    codes = [each.wait() for each in started]
    print(f"{len(names)} scenarios in {time.monotonic() - began:.0f} s")
    sys.exit(any(codes))


if __name__ == "__main__":
    main()
