"""Build the gallery: a page of every shipped scenario with its chart, finding, report, file and command.

``uv run python docs/gallery.py`` runs each scenario in a small world and writes ``build/site/gallery/index.html``;
names after it choose some. The figures are those of small runs, and each card says so. Run it after ``docs/site.py``,
which clears ``build/site``.
"""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment

if TYPE_CHECKING:
    from sim.results import Result

ROOT = Path(__file__).resolve().parents[1]
PLACE = ROOT / "build" / "site" / "gallery"
SHIPPED = ROOT / "scenarios"
PEOPLE, SEEDS = 2_000, 2
TEMPLATE = Path(__file__).with_name("gallery.html")


@dataclass(frozen=True)
class Card:
    """A scenario on the page; paths are relative to the page."""

    name: str
    title: str
    stamp: str
    finding: str
    size: str
    picture: str
    alternative: str
    report: str
    yaml: str


def names() -> list[str]:
    """Return the names of all shipped scenarios that simulate something, in alphabetical order."""
    top = sorted(path.stem for path in SHIPPED.glob("*.yaml") if not path.stem.endswith("_sweep"))
    return [*top, *(f"events/{path.stem}" for path in sorted((SHIPPED / "events").glob("*.yaml")))]


def card(name: str, result: Result, folder: Path) -> Card:
    """Write report, picture and file of a scenario into the gallery's folder, and return its card."""
    from sim import plots
    from sim.text.basis import status_text
    from sim.text.findings import headline

    stem = name.replace("/", "-")
    folder.mkdir(parents=True, exist_ok=True)
    figure = result.plot(plots.main_chart(result))
    with (folder / f"{stem}.png").open("wb") as stream:
        plots.save_png(figure, stream, result)
    result.report(folder / f"{stem}.html")
    shutil.copyfile(SHIPPED / f"{name}.yaml", folder / f"{stem}.yaml")
    size = f"{result.scenario.people:,} simulated people, {len(result.members)} seeds, {len(result.dates)} days"
    return Card(
        name, result.scenario.title, status_text(result)[0], headline(result)[0], size, f"{stem}.png",
        str(getattr(figure, "title", name)), f"{stem}.html", f"{stem}.yaml",
    )  # fmt: skip


def write(cards: list[Card], folder: Path) -> Path:
    """Write the page and return it."""
    page = folder / "index.html"
    page.write_text(
        Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8")).render(cards=cards),
        encoding="utf-8",
    )
    return page


def main() -> None:
    """Run the scenarios that are asked for, or all, and write the gallery."""
    import matplotlib.pyplot as plt

    import splinternet as sn

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*names(), []], metavar="NAME", help="scenarios; all unless given")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    given = parser.parse_args()
    cards = []
    for name in given.names or names():
        sys.stdout.write(f"{name}\n")
        cards.append(card(name, sn.run(name, people=given.people, seeds=given.seeds), PLACE))
        plt.close("all")
    sys.stdout.write(f"Written to {write(cards, PLACE)}\n")


if __name__ == "__main__":
    main()
