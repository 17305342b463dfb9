"""The answer in one picture: four panels (contact, users, ways back, who gains), or a card with one
number to share.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from ..results import Result
from ..text.decisions import decided
from ..text.finding_sentences import held_out
from ..text.findings import YOUNG, find
from ..text.tables import leads
from .contact import COUNTED_APART, lost_groups
from .page import GREY, VERMILLION, Caption, House, Place, blank, framed, nothing, points, readable
from .registry import Chart, chart, charts
from .states import connected
from .use import changed_use, winners

CONTACT = "family_contact"
USE = "active_users"
ROUTES = "routes_matrix"
SLOTS = (
    (CONTACT, "contact_map"),
    (USE, "vpn_users"),
    ("reconnection", "flows"),
    ("gains", "firm_gains"),
)
"""The four questions: who loses contact, which platforms lose users, how ties come back, who gains.
If the first chart of a question shows nothing, the second may replace it.
"""
OF_ALL_USERS = (USE, "flows", "gains")
"""Charts of the users of all ages."""
_GAP = 0.025
"""Space between the title of the page and the panels, as a part of their height."""


def leading_charts(result: Result) -> Iterator[str]:
    """Yield the charts of the clear findings of a run, the most important first."""
    if any(decided(result)) and "cascade_size" in result.metrics:
        yield "decisions"
    if leads(result) and "reach_abroad" in result.metrics and connected(result):
        yield "connectivity"
    young = any(one.kind == "too_young" for one in find(result))
    if young:  # a law on age is about people under the limit, not about all
        yield YOUNG
    cut_off = "family_contact_ever_lost" in result.metrics and bool(lost_groups(result))
    moved = not young and "active_users" in result.metrics and bool(changed_use(result))
    if cut_off:
        yield CONTACT
    if moved:
        yield USE
    if young or cut_off or moved or "path_stretch" not in result.metrics:
        return
    if any(one.kind in ("pair", "longer") for one in find(result)):
        yield ROUTES


def main_chart(result: Result) -> str:
    """Return the name of the chart of a run's main finding; without a finding, of a chart that
    states this.
    """
    first = next(leading_charts(result), "")
    if first:
        return first
    held = ((CONTACT, "family_contact_ever_lost"), (USE, "active_users"))
    return next((name for name, metric in held if metric in result.metrics), result.metrics[0])


def chosen(result: Result) -> tuple[list[tuple[Chart, Caption]], list[Caption]]:
    """Return the charts of the panels with their captions, and the captions of charts with nothing
    to show.

    The leading charts of the run come first, then the answers to the four questions.
    """
    known = charts()
    ahead = [name for name in leading_charts(result) if name not in (CONTACT, USE)]
    if "decisions" in ahead:
        ahead.insert(0, "atlas")
    shown: list[tuple[Chart, Caption]] = []
    quiet: list[Caption] = []
    for names in (*((name,) for name in ahead), *SLOTS):
        for name in names:
            of_all = YOUNG in ahead and name in OF_ALL_USERS
            if len(shown) == len(SLOTS) or of_all or not known[name].fits(result):
                continue
            if name == "gains" and not winners(
                result
            ):  # the chart of users already shows the losses
                quiet.append(Caption("No platform clearly gains daily users", nothing=True))
                continue
            scratch = House(result=result, figsize=(6.0, 4.0))  # drawn only for its caption
            scratch.set_layout_engine("none")
            caption: Caption = known[name].function(result, Place(scratch, name))
            if not caption.nothing:
                shown.append((known[name], caption))
                break
            if name == names[0]:
                quiet.append(caption)
    return shown, quiet


@chart(
    title="The answer in four panels",
    description="Who loses contact, which platforms lose users, how lost contact comes back, and "
    "who gains. A note names what does not clearly change.",
    metrics=(),
    size=lambda result: (12.0, 9.0),
)
def overview(result: Result, place: Place) -> Caption:
    """Draw up to four charts that answer the question of a run."""
    shown, quiet = chosen(result)
    if not shown:
        why = (
            " ".join(f"{caption.title}." for caption in quiet)
            or "The run measures nothing that these charts show."
        )
        return nothing(place, "overview", why=why)
    columns = 1 if len(shown) == 1 else 2
    deep = -(-len(shown) // columns)
    _, below = place.figure().subfigures(2, 1, height_ratios=(_GAP, 1))
    parts = below.subfigures(deep, columns, squeeze=False, wspace=0.02, hspace=0.03).ravel()
    captions: list[Caption] = []
    for part, (one, _) in zip(parts, shown, strict=False):
        heading = (
            "" if captions else one.title
        )  # the page has the finding of the first chart as its title
        captions.append(
            framed(
                part,
                lambda at, one=one: one.function(result, at),  # type: ignore[misc]
                chart=one.name,
                title=heading,
                is_panel=True,
            )
        )
    unchanged = list(dict.fromkeys(caption.title for caption in quiet))

    def say_unchanged(at: Place) -> Caption:
        axes = blank(at.axes())
        said = "\n".join(textwrap.fill(f"{each}.", 46) for each in unchanged)
        axes.text(0.02, 0.9, said, va="top", color=GREY, transform=axes.transAxes)
        return Caption("Not drawn: no clear change", nothing=True)

    for part in parts[len(shown) :]:
        framed(part, say_unchanged, is_panel=True)
    notes = " ".join(dict.fromkeys(caption.notes for caption in captions if caption.notes))
    if len(shown) == len(parts) and quiet:
        notes = f"{'. '.join(unchanged)}. {notes}"
    return shown[0][1]._replace(subtitle=result.scenario.title, notes=notes)


@chart(
    title="A card to share",
    description="One number with its interval, one sentence and their chart; 1200 by 675 pixels.",
    metrics=(),
    size=lambda result: (12.0, 6.75),
    dpi=100.0,
    letters=1.55,
)
def card(result: Result, place: Place) -> Caption:
    """Draw a card: the number of the main finding, its sentence, and the main chart beside it."""
    one = charts()[main_chart(result)]
    left, right = place.figure().subfigures(1, 2, width_ratios=(0.36, 0.64))
    caption = framed(
        right, lambda at: one.function(result, at), chart=one.name, is_panel=True, bare=True
    )
    axes = blank(left.subplots())
    if caption.number:
        large = points("xx-large") * (2.6 if len(caption.number) < 8 else 1.5)
        interval = f"80 % interval:\n{caption.interval}" if caption.interval else "in all runs"
        axes.text(
            0.04,
            0.52,
            caption.number,
            fontsize=large,
            color=readable(VERMILLION),
            fontweight="bold",
        )
        axes.text(0.04, 0.46, interval, color=GREY, fontsize="large", va="top", linespacing=1.3)
    marked = caption.notes if result.observed else ""
    apart = COUNTED_APART if one.name == CONTACT else ""
    said = " ".join(filter(None, (apart, marked, held_out(result))))
    below = textwrap.fill(said, 34)
    axes.text(0.04, 0.02, below, color=GREY, fontsize="small", va="bottom", linespacing=1.3)
    return caption._replace(subtitle=result.scenario.title, notes="")
