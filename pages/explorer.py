"""Compute the runs behind the explorer on the landing page, and write its page.

``uv run python pages/explorer.py`` does for the opening case what ``splinternet explore`` does for
any scenario, and stores what its page shows in ``pages/explorer.json``. Run it again after a change
of rules, facts or calibration. ``uv run python pages/explorer.py --page FOLDER`` runs nothing: it
writes the page from the stored file, as ``pages/site.py`` does.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from splinternet.results import Result
    from splinternet.scenario import Scenario

DATA = Path(__file__).resolve().parent / "explorer.json"
SCENARIO = "wechat_as_ordered"
SEEDS = 12
"""As many as a run has unless stated."""
LINKS = (
    ("All scenarios", "../index.html"),
    ("What this is, and how to run it", "../start/index.html"),
    ("Limits: read them before you quote a figure", "../docs/limits/index.html"),
)


def compute(people: int | None = None, seeds: int = SEEDS, jobs: int = 2) -> dict[str, Any]:
    """Run the opening case at every stop and return the data of the page."""
    import splinternet as sn
    from splinternet.app.explorer import explored

    def run(spec: Scenario, said: str) -> Result:
        sys.stdout.write(f"{said}\n")
        sys.stdout.flush()
        return sn.run(spec, seeds=seeds, jobs=jobs)

    words = ["splinternet", "run", SCENARIO, "--seeds", str(seeds)]
    if people is not None:
        words += ["--people", str(people)]
    return explored(sn.load(SCENARIO, people=people), seeds, run, words)


def write(data: Mapping[str, Any], path: Path = DATA) -> Path:
    """Write the data, one run a line, so that a change of one of them can be read."""
    head = {key: value for key, value in data.items() if key != "runs"}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    runs = [f"  {json.dumps(run, separators=(',', ':'))}" for run in data["runs"]]
    text = "\n".join(["{", *lines, ' "runs": [', ",\n".join(runs), " ]", "}", ""])
    path.write_text(text, encoding="utf-8")
    return path


def page(folder: Path, data: Path = DATA) -> Path:
    """Write the page of the stored data into a folder, and return it."""
    from splinternet.app import explorer

    folder.mkdir(parents=True, exist_ok=True)
    made = folder / "index.html"
    stored = json.loads(data.read_text(encoding="utf-8"))
    made.write_text(explorer.page(stored, LINKS), encoding="utf-8")
    return made


def main() -> None:
    """Compute and write the data, or the page alone."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, help="by default as many as the scenario has")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=DATA, help="where to write the data")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FOLDER",
        help="write the page from the stored data; run nothing",
    )
    given = parser.parse_args()
    if given.page is not None:
        sys.stdout.write(f"Written to {page(given.page)}\n")
        return
    data = compute(given.people, given.seeds, given.jobs)
    sys.stdout.write(f"Written to {write(data, given.out)}\n")


if __name__ == "__main__":
    main()
