"""Run the cases that the pages show, and write their output (``uv run python pages/refresh.py``).

The README shows the opening case in short. ``docs/results.md`` and ``docs/statecraft.md`` show
the whole summaries, with charts in ``docs/img``. Parts of the output of studies of states go into
``docs/statecraft.md``; the pictures of the README and of the evidence page are drawn from the
stored forecasts. The notebooks are run and stored with their tables and charts. Each case takes
some minutes; ``--only`` runs one. ``--people N --seeds K`` make smaller runs of all except the
notebooks, for tests; the pages should show full runs.
"""

from __future__ import annotations

import io
import re
import runpy
import sys
from argparse import ArgumentParser
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import generate  # the scripts of this folder
import made_of
import notebook_pages

if TYPE_CHECKING:
    from splinternet.results import Result

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Case:
    """A run that pages show."""

    part: str
    """Name of its part of a page; the part of the README has the same name with "in short"."""
    scenario: str
    page: str = ""
    """The page with the whole summary; empty for none."""
    in_readme: int = 0
    """Number of findings in the README; 0 for no part."""
    chart: str = ""
    """The chart below the summary; empty for none."""
    alternative: str = ""
    """Alternative text of the chart."""


CASES = {
    "readme": Case(
        "opening case",
        "wechat_as_ordered",
        "docs/results.md",
        1,
        "family_contact",
        "People who have lost every app to their family, by day: a projection",
    ),
    "states": Case(
        "case of states",
        "clean_network_coalition",
        "docs/statecraft.md",
        0,
        "decisions",
        "States that join the programme of the United States against China, by day: a what-if",
    ),
    "gains": Case("", "tiktok_ban_2020", chart="gains"),
    "routes": Case("", "russia_cut_off", chart="atlas"),
}
"""Cases of the pages; the last two are pictures of ``docs/examples.md``."""
STUDIES = {
    "ranking of targets": ("studies/target_ranking.py", r"rank|  \d|\d+ of|Of the|in 0"),
    "coalition curve": (
        "studies/coalition_curve.py",
        "date|2020-|root mean|states of this|chance",
    ),
}
"""Part of ``docs/statecraft.md`` -> the study, and the beginnings of the lines to show."""
PHASES = (
    "--steps",
    "5",
    "--seeds",
    "4",
    "--days",
    "3440",
    "--out",
    "docs/img/splinternet_phases.png",
)
"""Arguments of the study that draws the picture of phases on that page."""
BATTLE = "battle"
FOUR_STATES = "four states"
"""The parts that ``pages/battle.py`` writes from its stored runs; the second is in the README."""
WIDTH = 100
"""Width of a run's output in the README [columns]."""


def parts() -> list[str]:
    """Return the parts of pages that this script writes."""
    whole = [case.part for case in CASES.values() if case.page]
    in_readme = [in_short(case) for case in CASES.values() if case.in_readme]
    return [*whole, *in_readme, *STUDIES, BATTLE, FOUR_STATES]


def in_short(case: Case) -> str:
    """Return the name of a case's part of the README."""
    return f"{case.part} in short"


def short(result: Result, findings: int) -> str:
    """Return title, status and first findings of a run, as plain text."""
    from splinternet.text.basis import status_text
    from splinternet.text.finding_sentences import headline
    from splinternet.text.numbers import unbroken

    stamp, _ = status_text(result)
    lines = [f"[{stamp}] {result.scenario.title}", "", *headline(result)[:findings]]
    said = [
        "\n".join(wrap(unbroken(line), WIDTH, subsequent_indent="  ")) for line in [*lines, "[...]"]
    ]
    return "\n".join(said).replace("\u00a0", " ")


def command(case: Case, result: Result) -> str:
    """Return the command that makes a case's run."""
    from splinternet import scenario
    from splinternet.experiments.options import DEFAULT_SEEDS

    n = len(result.members)
    words = f"splinternet run {case.scenario}" + ("" if n == DEFAULT_SEEDS else f" --seeds {n}")
    if result.scenario.people != scenario.load(case.scenario).people:
        words += f" --people {result.scenario.people}"
    return words


def shown(case: Case, result: Result, *, in_readme: bool = False) -> str:
    """Return the part about a case: its full summary or that for the README, and its chart."""
    from splinternet.text import terminal

    said = short(result, case.in_readme) if in_readme else terminal.text(result).rstrip()
    made = made_of.line(case.scenario)
    text = (
        f"{made}\n\nFrom `{command(case, result)}`, splinternet {result.version}:"
        f"\n\n```text\n{said}\n```"
    )
    if not case.chart:
        return text
    return f"{text}\n\n![{case.alternative}]({'docs/' if in_readme else ''}img/{case.chart}.png)"


def run_case(case: Case, people: int | None, seeds: int) -> None:
    """Run a case, draw its chart and write its parts."""
    import splinternet as sn
    from splinternet import plots

    result = sn.run(case.scenario, people=people, seeds=seeds)
    if case.chart:
        image = ROOT / "docs" / "img" / f"{case.chart}.png"
        image.parent.mkdir(exist_ok=True)
        with image.open("wb") as stream:
            plots.write_figure(result.plot(case.chart), stream, "png", result)
    if case.page:
        put(ROOT / case.page, case.part, shown(case, result))
    if case.in_readme:
        put(ROOT / "README.md", in_short(case), shown(case, result, in_readme=True))


def study(script: str, arguments: tuple[str, ...] = (), lines: str = "") -> str:
    """Return the output of a study, or its lines with certain beginnings, as a block of text."""
    out = io.StringIO()
    with redirect_stdout(out):
        runpy.run_path(str(ROOT / script))["main"](list(arguments))
    said = "\n".join(line for line in out.getvalue().splitlines() if re.match(lines, line))
    words = " ".join(["uv run python", script, *arguments])
    return f"From `{words}`:\n\n```text\n{said.rstrip()}\n```"


def put(page: Path, part: str, text: str) -> None:
    """Replace a part of a page."""
    page.write_text(
        generate.renewed(page.read_text(encoding="utf-8"), {part: lambda: text}), encoding="utf-8"
    )


def main() -> None:
    """Run the cases, draw their charts, and rewrite the pages."""
    from splinternet.experiments.options import DEFAULT_SEEDS

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int)
    parser.add_argument("--seeds", type=int)
    parser.add_argument("--only", choices=(*CASES, "studies", BATTLE, "scoreboard", "notebooks"))
    given = parser.parse_args()
    for name, case in CASES.items():
        if given.only in (None, name):
            run_case(case, given.people, given.seeds or DEFAULT_SEEDS)
    if given.only in (None, "studies"):
        for part, (script, lines) in STUDIES.items():
            put(ROOT / "docs" / "statecraft.md", part, study(script, lines=lines))
        study("notebooks/studies/splinternet_phases.py", PHASES)
    if given.only in (None, BATTLE, "readme", "states"):
        runpy.run_path(str(ROOT / "pages" / "battle.py"))["main"]([])
    if given.only in (None, "scoreboard"):
        for drawing in ("scoreboard", "proof"):
            runpy.run_path(str(ROOT / "pages" / f"{drawing}.py"), run_name="__main__")
    if given.only in (None, "notebooks"):
        notebook_pages.store(notebook_pages.stored())


if __name__ == "__main__":
    sys.exit(main())
