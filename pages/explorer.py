"""Compute the runs behind the explorers of six cases, and write their pages.

``uv run python pages/explorer.py`` runs ``splinternet explore`` for each case and stores the data
of its page in ``pages/explored``; names after it select cases. Run it again after a change of
rules, facts or calibration. ``uv run python pages/explorer.py --page FOLDER`` runs nothing: it
writes the pages from the stored files, as ``pages/site.py`` does.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, NamedTuple

import made_of  # a script in this folder

if TYPE_CHECKING:
    from splinternet.results import Result
    from splinternet.scenario import Scenario

DATA = Path(__file__).resolve().parent / "explored"
SEEDS = 12
"""The default of a run."""


class Case(NamedTuple):
    """A case that has a page."""

    label: str
    """The text of links to it."""
    runs: int
    """Largest number of its runs: the battle takes half an hour, all others a quarter."""


CASES = {
    "wechat_as_ordered": Case("WeChat in the United States", 13),
    "events/br_x_2024": Case("X in Brazil", 9),
    "events/ru_youtube_2024": Case("YouTube in Russia", 7),
    "tiktok_ban_2020": Case("TikTok in the United States", 8),
    "russia_cut_off": Case("Russia cut off", 6),
    "the_battle": Case("States and platforms decide", 4),
}
"""The cases with a page; the first is on the landing page."""
LINKS = (
    ("All scenarios", "../index.html"),
    ("What this is, and how to run it", "../start/index.html"),
    ("Limits: read them before you quote a figure", "../docs/limits/index.html"),
)


def stored(name: str, folder: Path = DATA) -> Path:
    """Return the file with the data of a case."""
    return folder / f"{name.rpartition('/')[2]}.json"


def compute(
    name: str, people: int | None = None, seeds: int | None = None, jobs: int = 2
) -> dict[str, Any]:
    """Run a case at every stop and return the data of its page."""
    import splinternet as sn
    from splinternet.app.explorer import explored

    seeds = seeds or SEEDS
    words = ["splinternet", "run", name, "--seeds", str(seeds)]
    if people is not None:
        words += ["--people", str(people)]
    # With a folder, results wait on the disk: twelve years do not fit into memory.
    with TemporaryDirectory() as folder:

        def run(spec: Scenario, said: str) -> Result:
            sys.stdout.write(f"{name}: {said}\n")
            sys.stdout.flush()
            return sn.run(spec, seeds=seeds, jobs=jobs, out=Path(folder) / spec.digest)

        data = explored(sn.load(name, people=people), seeds, run, words, CASES[name].runs)
    return data | {"made_of": made_of.parts(name)}


def write(data: Mapping[str, Any], path: Path) -> Path:
    """Write the data, one run a line, so that a change of one run is readable."""
    head = {key: value for key, value in data.items() if key != "runs"}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    runs = [f"  {json.dumps(run, separators=(',', ':'))}" for run in data["runs"]]
    text = "\n".join(["{", *lines, ' "runs": [', ",\n".join(runs), " ]", "}", ""])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def page_of(name: str) -> str:
    """Return the name of the page of a case; the first has that of the landing page."""
    return "index.html" if name == next(iter(CASES)) else f"{stored(name).stem}.html"


def pages(folder: Path, data: Path = DATA) -> list[Path]:
    """Write the pages of the stored cases into a folder, each with links to the others; return them
    in order.
    """
    from splinternet.app import explorer

    folder.mkdir(parents=True, exist_ok=True)
    there = [name for name in CASES if stored(name, data).is_file()]
    made = []
    for name in there:
        others = [(CASES[each].label, page_of(each)) for each in there if each != name]
        held = json.loads(stored(name, data).read_text(encoding="utf-8"))
        made.append(folder / page_of(name))
        made[-1].write_text(explorer.page(held, [*others, *LINKS]), encoding="utf-8")
    return made


def main() -> None:
    """Compute and write the data, or the pages alone."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*CASES, []], metavar="CASE", help="cases; by default all"
    )
    parser.add_argument("--people", type=int, help="by default those of the case")
    parser.add_argument("--seeds", type=int, help="by default those of the case")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=DATA, help="folder to write the data to")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FOLDER",
        help="write the pages from the stored data; run nothing",
    )
    given = parser.parse_args()
    if given.page is not None:
        for path in pages(given.page, given.out):
            sys.stdout.write(f"Written to {path}\n")
        return
    for name in given.names or CASES:
        data = compute(name, given.people, given.seeds, given.jobs)
        sys.stdout.write(f"Written to {write(data, stored(name, given.out))}\n")


if __name__ == "__main__":
    main()
