"""Run the opening case and the hindcasts and put what they say into the pages: ``uv run python docs/refresh.py``.

The opening case goes into the README and its chart into ``docs/img`` (about a minute); the hindcasts go into
``docs/limits.md`` (some minutes). ``--only readme`` or ``--only hindcast`` does one of them. ``--people N --seeds K``
make smaller runs, to try the script; the pages should hold the full ones.
"""

from __future__ import annotations

import io
import sys
from argparse import ArgumentParser
from contextlib import redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import generate  # the script beside this one

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


def opening_case(result: Result) -> str:
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


def hindcasts(sizes: list[str]) -> str:
    """Return the part of the limits about past events, as the command prints it."""
    from sim.cli import main
    from sim.results.identity import version

    out = io.StringIO()
    with redirect_stdout(out), suppress(SystemExit):
        main(["hindcast", *sizes])
    command = " ".join(["splinternet hindcast", *sizes])
    return f"From `{command}`, splinternet {version()}:\n\n```text\n{out.getvalue().rstrip()}\n```"


def put(page: Path, part: str, text: str) -> None:
    """Write a part of a page anew."""
    page.write_text(generate.renewed(page.read_text(encoding="utf-8"), {part: lambda: text}), encoding="utf-8")


def main() -> None:
    """Run, draw, and rewrite the pages."""
    import sim
    from sim import plots

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--only", choices=("readme", "hindcast"))
    given = parser.parse_args()
    if given.only != "hindcast":
        result = sim.run(SCENARIO, people=given.people, seeds=given.seeds or 8)
        image = ROOT / "docs" / "img" / f"{CHART}.png"
        image.parent.mkdir(exist_ok=True)
        with image.open("wb") as stream:
            plots.save_png(result.plot(CHART), stream, result)
        put(ROOT / "README.md", "opening case", opening_case(result))
    if given.only != "readme":
        sizes = [f"--{name}={value}" for name in ("people", "seeds") if (value := getattr(given, name)) is not None]
        put(ROOT / "docs" / "limits.md", "hindcast", hindcasts(sizes))


if __name__ == "__main__":
    sys.exit(main())
