"""Time and memory of a command in this tree and at another commit, in turns.

``uv run python studies/beside.py ad0fdad splinternet run wechat_as_ordered --out NEW``

The other commit is checked out and installed in a temporary folder. Both trees run the command in
turns, each in its own folder; the word ``NEW`` is replaced by the name of a new folder. A command
given by ``--first``, such as the runs to compare, runs once before and is not counted.

The output has the smallest, the median and the largest value of the turns. ``seconds`` is the
elapsed time, ``processor`` the user and system time of the command and of all its processes.
``together`` is the largest sum of the resident memory of these processes at one moment, counting
shared memory in each; ``largest`` is the largest memory of a single process. Processes are sampled
every 50 ms. The ratio is this tree to the other, turn by turn.
"""

from __future__ import annotations

import argparse
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

ROOT = Path(__file__).resolve().parents[1]
EVERY = 0.05
"""Interval of sampling the processes [s]."""


class Cost(NamedTuple):
    """The cost of one turn of a command: times [s], and memory [GB]."""

    seconds: float
    processor: float
    together: float
    largest: float


def cost_of(command: Sequence[str], folder: Path) -> Cost:
    """Return the cost of a command, including all processes that it starts; raise an error if it
    fails.
    """
    begun = time.monotonic()
    process = psutil.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    spent = dict[int, float]()
    together = largest = 0.0
    while process.poll() is None:
        sizes = [0.0]
        with suppress(psutil.Error):  # it and the other processes may end at any moment
            for each in (process, *process.children(recursive=True)):
                with suppress(psutil.Error):
                    sizes.append(each.memory_info().rss / 1e9)
                    times = each.cpu_times()
                    spent[each.pid] = times.user + times.system
        together, largest = max(together, sum(sizes)), max(largest, *sizes)
        time.sleep(EVERY)
    if process.returncode:
        raise SystemExit(f"{shlex.join(command)} ended with exit code {process.returncode}")
    return Cost(time.monotonic() - begun, sum(spent.values()), together, largest)


def in_tree(words: str | Sequence[str], tree: Path, new: str) -> list[str]:
    """Return a command with the program of a tree's environment, and the name of a new folder."""
    program, *others = shlex.split(words) if isinstance(words, str) else words
    return [str(tree / ".venv" / "bin" / program), *(new if w == "NEW" else w for w in others)]


def turns(command: Sequence[str], trees: Sequence[Path], pairs: int, first: Sequence[str]) -> list:
    """Return a list of `Cost` of the command for each tree, run in turns."""
    costs: list[list[Cost]] = [[] for _ in trees]
    with tempfile.TemporaryDirectory() as place:
        folders = [Path(place, str(number)) for number in range(len(trees))]
        for tree, folder in zip(trees, folders, strict=True):
            folder.mkdir()
            for words in first:
                cost_of(in_tree(words, tree, "new"), folder)
        for turn in range(pairs):
            for tree, folder, kept in zip(trees, folders, costs, strict=True):
                kept.append(cost_of(in_tree(command, tree, f"new-{turn}"), folder))
    return costs


def table(names: Sequence[str], costs: Sequence[Sequence[Cost]]) -> str:
    """Return the smallest, median and largest of each cost by tree, and the ratio of the second
    tree to the first.
    """
    lines = []
    for field in Cost._fields:
        numbers = [[getattr(cost, field) for cost in of_tree] for of_tree in costs]
        named = dict(zip(names, numbers, strict=True))
        named["ratio"] = [now / then for then, now in zip(*numbers, strict=True)]
        for name, values in named.items():
            three = (min(values), median(values), max(values))
            lines.append(f"{field:10}{name:10}" + "".join(f"{value:9.2f}" for value in three))
    return "\n".join(lines)


def main() -> None:
    """Install the other commit, run the command in turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--pairs", type=int, default=3, help="number of turns of each tree")
    parser.add_argument("--first", action="append", default=[], help="a command to run before")
    parser.add_argument("commit", help="the other commit")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="a program of the package")
    asked = parser.parse_args()
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory() as place:
        other = Path(place, "tree")
        subprocess.run([*git, "add", "-q", "--detach", str(other), asked.commit], check=True)
        try:
            subprocess.run(["uv", "sync", "-q", "--no-dev"], cwd=other, check=True)
            costs = turns(asked.command, [other, ROOT], asked.pairs, asked.first)
        finally:
            subprocess.run([*git, "remove", "--force", str(other)], check=True)
    sys.stdout.write(table([asked.commit[:8], "this tree"], costs) + "\n")


if __name__ == "__main__":
    main()
