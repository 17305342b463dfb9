"""Three news items, each from six answers to a report: ``uv run python tests/benchmarks/news.py --people 20000``.

For each, it asks `splinternet new --interactive` for a scenario, checks it, runs it and writes its report, each by the
command line in a folder of its own, and looks at what comes out:

- the three largest diasporas of the acting state by UN DESA are named in the headline;
- no platform that had closed by then is there, let alone gains;
- each blocked platform is named in the headline;
- the share of the figures that are assumptions is stated.

It prints the seconds of each command, and ends with 1 where something is not as it should be.
"""

from __future__ import annotations

import argparse
import csv
import html
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sim.facts.history import dates_of
from sim.results import Result, open_run
from sim.text.findings import headline
from sim.text.numbers import state_name
from sim.text.terminal import text as summary_of

ROOT = Path(__file__).resolve().parents[2]
STATED = re.compile(r"(\d+) of the (\d+) figures of use that carry this result are assumptions \(([\d.]+) %\)")


@dataclass(frozen=True)
class Item:
    """A news item: the acting state, the answers, and the platforms that are blocked."""

    name: str
    state: str
    answers: tuple[str, ...]
    blocked: tuple[str, ...]


NEPALS = (
    "Facebook", "Messenger", "Instagram", "YouTube", "WhatsApp", "X", "LinkedIn", "Snapchat", "Reddit", "Discord",
    "Pinterest", "Signal", "Threads", "WeChat", "VKontakte", "LINE", "imo", "Zalo",
)  # fmt: skip
"""Those of Nepal's 26 that the facts have; the answers name all."""
NOT_IN_THE_FACTS = ("Quora", "Tumblr", "Clubhouse", "Mastodon", "Rumble", "MeWe", "Soul", "Hamro Patro")
ITEMS = (
    Item(
        "nepal_2025",
        "NP",
        ("Nepal", "block", ", ".join((*NEPALS, *NOT_IN_THE_FACTS)), "keep", "2025-09-04", "5 days", "none"),
        NEPALS,
    ),
    Item(
        "turkey_2024", "TR", ("Turkey", "block", "Instagram", "2024-08-02", "until 2024-08-11", "none"), ("Instagram",)
    ),
    Item("iran_2026", "IR", ("Iran", "shutdown", "2026-01-08", "until 2026-01-28", "none", "0.99"), ()),
)


def command(folder: Path, *words: str, answers: tuple[str, ...] = ()) -> tuple[float, str]:
    """Run a command of the program in a folder; return the seconds it took and what it printed."""
    begun = time.perf_counter()
    code = "from sim.cli import main; main()"
    asked = "".join(f"{answer}\n" for answer in answers)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    whole = [sys.executable, "-c", code, *words]
    done = subprocess.run(whole, cwd=folder, input=asked, capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise SystemExit(f"splinternet {' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return time.perf_counter() - begun, done.stdout + done.stderr


def largest(state: str, world: str) -> list[str]:
    """Return where most people born in a state live, read from the tables themselves."""
    stocks: dict[str, float] = {}
    for table in ("other_migrants.csv", "migrants.csv"):
        with (ROOT / "sim" / "facts" / world / table).open(encoding="utf-8", newline="") as file:
            stocks |= {row["residence"]: float(row["value"]) for row in csv.DictReader(file) if row["origin"] == state}
    return sorted((code for code in stocks if code != "XX"), key=lambda code: -stocks[code])[:3]


def faults(item: Item, result: Result, page: str) -> Iterator[str]:
    """Yield what is not as it should be."""
    said, spec = " ".join(headline(result)), result.scenario
    for code in largest(item.state, spec.world.facts):
        name = state_name(spec, code)
        if f"{name} (" not in said:
            yield f"the headline does not name the diaspora in {name}"
    for platform in item.blocked:
        if not re.search(rf"\b{re.escape(platform)}\b", said):
            yield f"the headline does not name {platform}"
    first = spec.start.isoformat()
    closed = {name for name, day in dates_of("closed").items() if day <= first}
    there = closed & set(result.members[0][0].axes.platforms)
    if there:
        yield f"platforms that had closed are in the run: {', '.join(sorted(there))}"
    for place, text in (("summary", " ".join(summary_of(result).split())), ("report", page)):
        if not STATED.search(text):
            yield f"the {place} does not state the share of assumptions"


def main() -> None:
    """Go through the items and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=2)
    parser.add_argument("--only", choices=[item.name for item in ITEMS], help="one item instead of all")
    asked = parser.parse_args()
    wrong = 0
    for item in ITEMS:
        if asked.only not in (None, item.name):
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            file, size = f"{item.name}.yaml", ("--people", str(asked.people), "--seeds", str(asked.seeds))
            seconds = {"new": command(folder, "new", item.name, "--interactive", answers=item.answers)[0]}
            seconds["check"], told = command(folder, "check", file)
            seconds["run"], _ = command(folder, "run", file, *size, "--out", "run")
            seconds["report"], _ = command(folder, "report", "run", "--out", "page.html")
            result, page = open_run(folder / "run"), (folder / "page.html").read_text(encoding="utf-8")
            found = list(faults(item, result, " ".join(html.unescape(re.sub("<[^>]*>", "", page)).split())))
            stated = STATED.search(" ".join(summary_of(result).split()))
            print(f"{item.name}: {', '.join(f'{word} {spent:.1f} s' for word, spent in seconds.items())}")
            print(told.strip())
            for sentence in headline(result):
                print(f"  {sentence}")
            print(f"  {stated[0] if stated else 'no share of assumptions'}")
            for fault in found:
                print(f"  WRONG: {fault}")
            wrong += len(found)
    print("all as it should be" if not wrong else f"{wrong} wrong")
    sys.exit(int(wrong > 0))


if __name__ == "__main__":
    main()
