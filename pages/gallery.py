"""Build the gallery: each shipped scenario with its chart, what is ordered, file and command.

``uv run python pages/gallery.py`` runs each scenario in a small world and writes ``build/gallery``;
names after it select some. A small run shows a shape and never a number: its picture has none, and
its card has the orders in words. The cases with an explorer have the finding of their stored full
run, and lead to the explorer. ``pages/site.py`` makes the landing page of the site from the cards.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import explorer  # the scripts of this folder
import made_of
from jinja2 import Environment

if TYPE_CHECKING:
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

    from splinternet.experiments.sweep import SweepResult
    from splinternet.results import Result
    from splinternet.scenario import Scenario

HERE = Path(__file__).resolve().parent
PLACE = HERE.parent / "build" / "gallery"
CARDS = "cards.json"
PEOPLE = 1_000
SEEDS = 2
MOST_DAYS = 730
"""Largest number of days of a run, so that the gallery is built in minutes (assumption)."""
TEMPLATE = HERE / "gallery.html"
DPI = 100
MOST_ORDERS = 2
"""Largest number of orders in the words of a card."""
MOST_TARGETS = 3
"""Largest number of targets of an order in the words of a card."""
NUMBER = re.compile(
    r"(?:^|\b(?:in|under) | )[-+<]?\d[\d.,]*\s?(?:[%kmx]|bn)?(?:\s*(?:\(|to |of ).*)?$", re.DOTALL
)
"""The number, with its interval, at the end of what is written beside a line, a row or a cell."""
CHOSEN = (
    "wechat_as_ordered",
    "tiktok_ban_2020",
    "cases/np_2025",
    "cases/ir_blackout_2026_abroad",
    "russia_cut_off",
    "events/br_x_2024",
    "clean_network/all",
    "the_battle",
)
"""The cases at the top of the landing page, one for each question."""
KINDS = {
    "projection": (
        "Projections",
        "Decided or announced, but not carried out in this way: what the model would expect.",
    ),
    "what-if": (
        "What-ifs",
        "Invented cases, to compare one policy with another. They are not forecasts.",
    ),
    "hindcast": ("Hindcasts", "Past events, as they happened, next to what was observed."),
}


@dataclass(frozen=True)
class Card:
    """A scenario on the page; the paths of its files are relative to the gallery's folder."""

    name: str
    title: str
    status: str
    stamp: str
    finding: str
    size: str
    picture: str
    alternative: str
    page: str
    """The page of its stored full run, relative to the landing page; empty for none."""
    yaml: str
    command: str
    countries: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    made_of: str = ""
    """Digests of the inputs of the run."""


def names() -> list[str]:
    """Return the names of all shipped scenarios, in alphabetical order."""
    from splinternet.core.shipped import shipped

    return list(shipped())


def make(name: str, folder: Path = PLACE, people: int = PEOPLE, seeds: int = SEEDS) -> Card:
    """Run a scenario, or its sweep, in a small world, write picture and file into the folder, and
    return its card.
    """
    import matplotlib.pyplot as plt

    import splinternet as sn

    spec = sn.load(name)
    if spec.sweep:
        made = sweep_card(name, sn.sweep(name, people=people, seeds=seeds, jobs=1), folder)
    else:
        days = min(spec.days, MOST_DAYS)
        made = card(
            name, sn.run(name, people=people, seeds=seeds, days=days, jobs=1), folder, spec.days
        )
    plt.close("all")
    return made


def card(name: str, result: Result, folder: Path, days: int = 0) -> Card:
    """Write picture and file of a scenario into the gallery's folder, and return its card.

    Parameters
    ----------
    name : str
        Name of the scenario.
    result : Result
        A small run of it.
    folder : Path
        The folder of the gallery.
    days : int
        Days of the scenario; the run may cover fewer.
    """
    from splinternet import plots
    from splinternet.text.basis import status_text

    chart = plots.main_chart(result)
    figure = result.plot(chart, title=result.scenario.title)
    without_numbers(figure)
    for axes in figure.axes:
        _without_scale(axes.xaxis)
        _without_scale(axes.yaxis)
    covered = f"{len(result.dates):,} days"
    if days > len(result.dates):
        covered = f"the first {len(result.dates):,} of {days:,} days"
    size = f"{result.scenario.people:,} simulated people, {len(result.members)} seeds, {covered}"
    known = plots.charts()
    about = known[chart].description if chart in known else result.scenario.title
    return _card(name, result.scenario, folder, figure, status_text(result)[0], size, about, "run")


def sweep_card(name: str, found: SweepResult, folder: Path) -> Card:
    """Write picture and file of a sweep into the gallery's folder, and return its card."""
    from matplotlib.text import Text

    spec = found.scenario
    size = (
        f"{spec.people:,} simulated people, {len(found.seeds)} seeds, "
        f"{len(found.points)} points, {spec.days:,} days"
    )
    figure = found.plot()
    without_numbers(figure)
    for text in figure.findobj(Text):
        if text.get_text().replace("\n", " ") == figure.title:
            text.set_text(spec.title)
    about = "The effect of the policies at each point: the darker, the larger."
    return _card(name, spec, folder, figure, spec.status.upper(), size, about, "sweep")


def _card(
    name: str,
    spec: Scenario,
    folder: Path,
    figure: Figure,
    stamp: str,
    size: str,
    alternative: str,
    command: str,
) -> Card:
    """Write the files of a card and return it."""
    stem = _stem(name, folder)
    _picture(figure, folder / f"{stem}.png")
    return Card(
        name,
        spec.title,
        spec.status,
        stamp,
        finding(name, spec),
        size,
        f"{stem}.png",
        alternative,
        f"explorer/{explorer.page_of(name)}" if name in explorer.CASES else "",
        f"{stem}.yaml",
        f"uv run splinternet {command} {name}",
        *_about(spec),
        made_of.line(name),
    )


def finding(name: str, spec: Scenario) -> str:
    """Return the first sentence of the stored full run of a case; for others, what is ordered."""
    from splinternet.text.orders import said_back

    if name in explorer.CASES:
        held = json.loads(explorer.stored(name).read_text(encoding="utf-8"))
        return str(held["runs"][0]["said"][0])
    return " ".join(said_back(spec, MOST_ORDERS, MOST_TARGETS))


def without_numbers(figure: Figure) -> None:
    """Remove the numbers beside lines, rows and cells of a picture: a small run does not know
    them.
    """
    from matplotlib.text import Text

    for axes in figure.axes:
        for text in axes.texts:
            if isinstance(text, Text):
                text.set_text(NUMBER.sub("", text.get_text()).strip())


def _without_scale(axis: Axis) -> None:
    """Remove the numbers of an axis; names and dates stay."""
    from matplotlib.ticker import ScalarFormatter

    if isinstance(axis.get_major_formatter(), ScalarFormatter):
        axis.set_ticklabels([])


def _about(spec: Scenario) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the countries, platforms and instruments of a card, for the filter."""
    from splinternet.text.numbers import state_name

    countries = dict.fromkeys(
        state_name(spec, state) for policy in spec.policies for state in policy.by
    )
    platforms = dict.fromkeys(name for policy in spec.policies for name in policy.targets)
    kinds = dict.fromkeys(policy.instrument.replace("_", " ") for policy in spec.policies)
    return tuple(countries), tuple(platforms), tuple(kinds)


def _stem(name: str, folder: Path) -> str:
    """Return the base name of a card's files, after copying the scenario's file."""
    from splinternet.core.shipped import shipped

    folder.mkdir(parents=True, exist_ok=True)
    stem = name.replace("/", "-")
    shutil.copyfile(shipped()[name], folder / f"{stem}.yaml")
    return stem


def _picture(figure: Figure, path: Path) -> None:
    from splinternet.plots.page import house_style

    with house_style():
        figure.savefig(path, dpi=DPI)


def landing(cards: Sequence[Card]) -> str:
    """Return the landing page of the site, in Markdown with HTML: the chosen cards, then all by
    status.

    With scripts, cards can be filtered by country, platform and instrument.
    """
    chosen = [card for name in CHOSEN for card in cards if card.name == name]
    rest = [card for card in cards if card not in chosen]
    groups = [("Chosen cases", "One of each question.", chosen)]
    groups += [
        (title, note, [card for card in rest if card.status == kind])
        for kind, (title, note) in KINDS.items()
    ]
    filters = [
        (label, key, sorted({value for card in cards for value in getattr(card, key)}))
        for label, key in (
            ("Country", "countries"),
            ("Platform", "platforms"),
            ("Instrument", "instruments"),
        )
    ]
    template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    return template.render(
        groups=[group for group in groups if group[2]], count=len(cards), filters=filters
    )


def stored(folder: Path = PLACE) -> list[Card]:
    """Return the stored cards that are up to date; empty if the gallery was not built.

    A card made with other rules, facts or fit is left out, and named.
    """
    path = folder / CARDS
    if not path.is_file():
        return []
    rows = json.loads(path.read_text(encoding="utf-8"))
    cards = [
        Card(**{key: tuple(part) if isinstance(part, list) else part for key, part in row.items()})
        for row in rows
    ]
    old = {card.name: made_of.stale(card.name, card.made_of) for card in cards}
    for name, changed in old.items():
        if changed:
            sys.stdout.write(
                f"{name}: other {', '.join(changed)} since; run `pages/gallery.py {name}`\n"
            )
    return [card for card in cards if not old[card.name]]


def build(
    wanted: Sequence[str],
    folder: Path = PLACE,
    *,
    people: int = PEOPLE,
    seeds: int = SEEDS,
    jobs: int = 2,
) -> None:
    """Make the cards of some scenarios, on several processes, and store them in the folder."""
    from joblib.externals.loky import ProcessPoolExecutor

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    cards: dict[str, Card] = {}
    longest_first = sorted(
        wanted, key=_days, reverse=True
    )  # otherwise one process would end alone with a long one
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        n = len(wanted)
        for made in pool.map(make, longest_first, [folder] * n, [people] * n, [seeds] * n):
            cards[made.name] = made
            sys.stdout.write(f"{len(cards)} of {n}: {made.name}\n")
            sys.stdout.flush()
    (folder / CARDS).write_text(
        json.dumps([asdict(cards[name]) for name in wanted], indent=1), encoding="utf-8"
    )


def _days(name: str) -> int:
    """Return the number of days of a scenario's run."""
    import splinternet as sn

    return min(sn.load(name).days, MOST_DAYS)


def main() -> None:
    """Run the requested scenarios, or all, and write the gallery."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*names(), []], metavar="NAME", help="scenarios; by default all"
    )
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=2)
    given = parser.parse_args()
    build(given.names or names(), people=given.people, seeds=given.seeds, jobs=given.jobs)
    sys.stdout.write(
        f"Written to {PLACE}; uv run python pages/site.py --stored makes the site of it\n"
    )


if __name__ == "__main__":
    main()
