"""Run the opening case and put what it says into the README: ``uv run python docs/refresh.py``.

It takes about a minute. ``--people N --seeds K`` make a smaller run, to try the script; the README should hold the full
one, of 100,000 people and 8 seeds. The chart goes to ``docs/img``.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.results import Result

ROOT = Path(__file__).resolve().parents[1]
SCENARIO, CHART = "wechat_as_ordered", "family_contact"
SHOWN_TABLES = 1
"""Tables about contact that the README shows; all of them stand on the terminal."""


def excerpt(text: str) -> str:
    """Return what a terminal shows, without the tables of the groups hit less.

    Parameters
    ----------
    text : str
        The whole summary as plain text.
    """
    kept, tables, left_out = [], 0, False
    for line in text.splitlines():
        if line.endswith("in brackets"):
            tables += 1
        if line.startswith("Daily users on"):
            tables = 0
        if tables <= SHOWN_TABLES:
            kept.append(line)
        elif not left_out:
            kept += ["[... tables of other groups ...]", ""]
            left_out = True
    return "\n".join(kept)


def block(result: Result) -> str:
    """Return the README's part about the opening case."""
    from sim.results import summary

    n = len(result.members)
    command = f"splinternet run {SCENARIO}" + ("" if n == 8 else f" --seeds {n}")
    if result.scenario.people != 100_000:
        command += f" --people {result.scenario.people}"
    return (
        f"From `{command}`, splinternet {result.version}:\n\n"
        f"```text\n{excerpt(summary.text(result)).rstrip()}\n```\n\n"
        f"![Share of people from China in the United States who have lost every platform channel to their family, "
        f"by day: a projection](docs/img/{CHART}.png)"
    )


def main() -> None:
    """Run, draw, and rewrite the README."""
    sys.path.insert(0, str(ROOT / "docs"))
    import generate

    import sim
    from sim import plots

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--seeds", type=int, default=8)
    given = parser.parse_args()
    result = sim.run(SCENARIO, people=given.people, seeds=given.seeds)
    image = ROOT / "docs" / "img" / f"{CHART}.png"
    image.parent.mkdir(exist_ok=True)
    with image.open("wb") as stream:
        plots.save_png(result.plot(CHART), stream, result)
    readme = ROOT / "README.md"
    parts = {"opening case": lambda: block(result)}
    readme.write_text(generate.renewed(readme.read_text(encoding="utf-8"), parts), encoding="utf-8")


if __name__ == "__main__":
    main()
