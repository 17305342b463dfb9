"""Run the README's cases and the hindcasts and put what they say into the pages (``uv run python docs/refresh.py``).

The opening case and the case of states go into the README and their charts into ``docs/img`` (some minutes), what the
studies of states print into ``docs/statecraft.md`` (some minutes), and the hindcasts into ``docs/limits.md`` (some
minutes). ``--only`` does one of them. ``--people N --seeds K`` make smaller runs, to try the script; the pages should
hold the full ones.
"""

from __future__ import annotations

import io
import runpy
import sys
from argparse import ArgumentParser
from contextlib import redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import generate  # the script beside this one

if TYPE_CHECKING:
    from sim.results import Result

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Case:
    """A run that the README shows."""

    part: str
    """What its part of the page is called."""
    scenario: str
    chart: str
    alternative: str
    """What the chart shows, for who does not see it."""


CASES = {
    "readme": Case(
        "opening case",
        "wechat_as_ordered",
        "family_contact",
        "Share of people from China in the United States who have lost every platform channel to their family, "
        "by day: a projection",
    ),
    "states": Case(
        "case of states",
        "clean_network_coalition",
        "decisions",
        "States that join the programme of the United States against China, by day: a what-if",
    ),
}
STUDIES = {
    "ranking of targets": ("target_ranking.py", ()),
    "coalition curve": ("coalition_curve.py", ()),
    "phases": (
        "splinternet_phases.py",
        ("--steps", "5", "--seeds", "4", "--days", "3440", "--out", "docs/img/splinternet_phases.png"),
    ),
}
"""Part of ``docs/statecraft.md`` -> the study whose output it shows, and its arguments."""
SHOWN_TABLES = 1
"""Tables about contact that the README shows; all of them stand on the terminal."""


def parts() -> list[str]:
    """Return the parts of pages that this script writes."""
    return [*(case.part for case in CASES.values()), *STUDIES, "hindcast"]


def excerpt(text: str) -> str:
    """Return what a terminal shows, without the tables of the groups hit less.

    Parameters
    ----------
    text : str
        The whole summary as plain text.
    """
    kept, tables, left_out = [], 0, False
    for line in text.splitlines():
        if line.startswith("Time and money by firm"):
            tables, left_out = SHOWN_TABLES + 1, False
        if " members with and without the policies" in line:
            tables = 0
        if line.rstrip().endswith(" simulated)"):  # the head of a group's table
            tables += 1
        if line.startswith("Daily users on"):
            tables = 0
        if tables <= SHOWN_TABLES:
            kept.append(line)
        elif not left_out:
            kept += ["[... more tables ...]", ""]
            left_out = True
    return "\n".join(kept)


def shown(case: Case, result: Result) -> str:
    """Return the README's part about a case."""
    from sim import scenario
    from sim.experiments.ensemble import DEFAULT_SEEDS
    from sim.text import terminal

    n = len(result.members)
    command = f"splinternet run {case.scenario}" + ("" if n == DEFAULT_SEEDS else f" --seeds {n}")
    if result.scenario.people != scenario.load(case.scenario).people:
        command += f" --people {result.scenario.people}"
    return (
        f"From `{command}`, splinternet {result.version}:\n\n"
        f"```text\n{excerpt(terminal.text(result)).rstrip()}\n```\n\n"
        f"![{case.alternative}](docs/img/{case.chart}.png)"
    )


def run_case(case: Case, people: int | None, seeds: int) -> None:
    """Run a case of the README, draw its chart and write its part."""
    import splinternet as sn
    from sim import plots

    result = sn.run(case.scenario, people=people, seeds=seeds)
    image = ROOT / "docs" / "img" / f"{case.chart}.png"
    image.parent.mkdir(exist_ok=True)
    with image.open("wb") as stream:
        plots.save_png(result.plot(case.chart), stream, result)
    put(ROOT / "README.md", case.part, shown(case, result))


def study(script: str, arguments: tuple[str, ...]) -> str:
    """Return what a study among the scenarios prints, as a block of text."""
    out = io.StringIO()
    with redirect_stdout(out):
        runpy.run_path(str(ROOT / "scenarios" / script))["main"](list(arguments))
    command = " ".join(["uv run python", f"scenarios/{script}", *arguments])
    return f"From `{command}`:\n\n```text\n{out.getvalue().rstrip()}\n```"


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
    from sim.experiments.ensemble import DEFAULT_SEEDS

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--only", choices=(*CASES, "studies", "hindcast"))
    given = parser.parse_args()
    for name, case in CASES.items():
        if given.only in (None, name):
            run_case(case, given.people, given.seeds or DEFAULT_SEEDS)
    if given.only in (None, "studies"):
        for part, (script, arguments) in STUDIES.items():
            put(ROOT / "docs" / "statecraft.md", part, study(script, arguments))
    if given.only in (None, "hindcast"):
        sizes = [f"--{name}={value}" for name in ("people", "seeds") if (value := getattr(given, name)) is not None]
        put(ROOT / "docs" / "limits.md", "hindcast", hindcasts(sizes))


if __name__ == "__main__":
    sys.exit(main())
