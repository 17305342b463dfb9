"""What still works: what is left of the Internet of a person, and which countries still have a route to each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..metrics.registry import METRICS
from ..results.summary import Row
from ..text.connectivity import BY_STATE, WORST, hit_most
from ..text.numbers import day, percent, state_name
from ..text.reportable import effect, index, is_sure
from ..text.routes import REACH, STRETCH, VISIBLE, acting, reached
from ..text.sampling import sized_state
from .marks import Array, Bar, only_some, rows
from .page import UNSURE, Caption, Place, nothing
from .registry import chart
from .style import BLUE, VERMILLION, WIDTH
from .titles import title

if TYPE_CHECKING:
    from ..results import Result

_STATES, _PAIRS = 2, 10
_SHOWN = tuple(metric for metric in BY_STATE if metric != "route_length")
_FELT = 0.005  # a smaller change is not drawn [1] (assumption)


def _size(result: Result) -> tuple[float, float]:
    return WIDTH, 2.4 + 0.42 * max(4, sum(map(len, connected(result).values())))


@chart(
    title="Connectivity",
    description="Whom a person in the country still reaches, which services work and which pairs of kin are in contact "
    "without the policies (ring) and with them (dot), in the worst seven days.",
    metrics=("reach_abroad", *(metric for metric in _SHOWN if metric != "reach_abroad")),
    size=_size,
)
def connectivity(result: Result, place: Place) -> Caption:
    """Draw what is left of the Internet of a person in the states where most of it is lost."""
    shown = connected(result)
    if not shown:
        if any(effect(index(result).get(m, WORST, state=s)) for s in hit_most(result) for m in _SHOWN):
            why = "In every country shown, the interval of each change includes zero, or it is below half a per cent."
            return nothing(place, "what people reach and use", why, UNSURE)
        why = "In every country shown, people reach whom they reach without the policies, and the same services work."
        return nothing(place, "nobody is out of reach and every service works", why)
    axes = place.axes()
    several = len(shown) > 1
    bars = []
    for state, found in shown.items():
        where = f", {state_name(result.scenario, state)}" if several else ""
        bars += [_bar(row, where) for row in found]
    rows(axes, bars)
    axes.set_xlim(-2, 104)
    axes.set_xlabel("[%]")
    state, found = next(iter(shown.items()))
    names = [sized_state(result, code) for code in shown]
    said = f"Worst seven days in {' and '.join(names)}: without the policies (ring), with them (dot) [%]; lines: 80 %"
    notes = (
        "Pairs of kin: as a share of those in contact without the policies. What does not surely change is not shown."
    )
    first = next((bar for bar, row in zip(bars, found, strict=False) if row["metric"] == "services_usable"), bars[0])
    low, high = (percent(end / 100) for end in sorted((first.low, first.high)))
    return Caption(_title(result, state, found), said, notes, number=percent(first.value / 100),
                   interval=f"{low.removesuffix(' %')} to {high}")  # fmt: skip


def connected(result: Result) -> dict[str, list[Row]]:
    """Return the rows of connectivity that surely change, of the states where most is lost."""
    known = index(result)
    found = {}
    for state in hit_most(result):
        lines = [known.get(metric, WORST, state=state) for metric in _SHOWN]
        kept = [row for row in lines if row is not None and is_sure(row) and abs(effect(row)) >= _FELT * _by(row) > 0]
        if kept:
            found[state] = kept
    return dict(list(found.items())[:_STATES])


def _by(row: Row) -> float:
    """Return what a row is a share of."""
    return 1.0 if METRICS[str(row["metric"])].form == "share" else effect(row, "baseline")


def _bar(row: Row, where: str) -> Bar:
    """Return a row: from the level without the policies to that with them [%]."""
    by, was = _by(row) / 100, effect(row, "baseline") / _by(row) * 100
    ends = [was + effect(row, key) / by for key in ("effect", "low", "high")]
    middle, low, high = (min(100.0, max(0.0, end)) for end in ends)
    colour = VERMILLION if middle < was else BLUE
    label = f"{METRICS[str(row['metric'])].label}{where}"
    return Bar(label, middle, low, high, f"{percent(was / 100)} to {percent(middle / 100)}", colour, was, "o-")


def _title(result: Result, state: str, found: list[Row]) -> str:
    """Return the finding: how many of the world's services work, else what changes most."""
    where = state_name(result.scenario, state, article=True)
    first = next((row for row in found if row["metric"] == "services_usable"), None)
    if first is not None:
        return title("connectivity", result, where=where, share=percent(_bar(first, "").value / 100))
    most = max(found, key=lambda row: abs(effect(row)) / _by(row))
    label = METRICS[str(most["metric"])].label
    return title("connectivity_other", result, what=label, where=where, share=percent(_bar(most, "").value / 100))


@chart(
    title="Routes between countries",
    description="Share of the pairs of people in two countries with a route over the carriers, without the policies "
    "(ring) and with them (dot); where none is lost, how much longer routes are.",
    metrics=(REACH, STRETCH),
    size=lambda result: (WIDTH, 4.8),
)
def routes_matrix(result: Result, place: Place) -> Caption:
    """Draw the pairs of countries that lose most routes, or whose routes grow most, on the day of that."""
    result.need(STRETCH)
    found = reached(result, len(result.members[0][0].axes.states))
    pairs = [] if found is None else _pairs(result, found.date)
    if found is None or not pairs:
        why = "Between each two countries people have the routes that they have without the policies."
        return nothing(place, "routes between countries", why)
    axes = place.axes()
    lost = bool(pairs[0][3].any())
    bars = []
    for i, j, was, change, longer in pairs[:_PAIRS]:
        names = f"{state_name(result.scenario, i)} and {state_name(result.scenario, j)}"
        if lost:
            low, middle, high = (100 * float(was + x) for x in np.quantile(change, (0.1, 0.5, 0.9)))
            text = f"{percent(was)} to {percent(middle / 100)}"
            bars.append(Bar(names, middle, low, high, text, VERMILLION, 100 * was, "o-"))
        else:
            low, middle, high = (100 * float(x) for x in np.quantile(longer, (0.1, 0.5, 0.9)))
            bars.append(Bar(names, middle, low, high, f"+{percent(middle / 100)}", VERMILLION, 0.0, "bar"))
    rows(axes, bars)
    a, b, was, change, longer = pairs[0]
    ends = {"a": state_name(result.scenario, a, article=True), "b": state_name(result.scenario, b, article=True)}
    if lost:
        axes.set_xlim(-2, 104)
    axes.set_xlabel("pairs of people with a route [%]" if lost else "longer by [%]")
    kept = max(0.0, float(was + np.median(change)) / was) if was else 0.0
    share = percent(kept) if lost else percent(float(np.median(longer)))
    what = "Pairs of people with a route over the carriers" if lost else "How much longer routes are"
    said = f"{what}, on {day(found.date)}, the day of the largest change [%]; lines: 80 % of members"
    more = f"{len(pairs) - _PAIRS} more pairs change and are not shown. " if len(pairs) > _PAIRS else ""
    notes = f"{more}{only_some(change if lost else longer)}"
    abroad = index(result).get("reach_abroad", WORST, state=a)
    if lost and is_sure(abroad) and all(a in pair[:2] for pair in pairs):
        text = title("routes_state", result, where=ends["a"], share=percent(effect(abroad, "policy")))
    else:
        text = title("routes_matrix" if lost else "routes_longer", result, share=share, **ends)
    return Caption(text, said, notes)


def _pairs(result: Result, date: str) -> list[tuple[str, str, float, Array, Array]]:
    """Return pairs of states whose routes visibly change: what has a route without the policies, and both changes.

    The changes are (M,): of the share with a route, and of the length of routes [1]. States that act come first, then
    those between which most people are concerned.
    """
    axes = result.members[0][0].axes
    at, real = axes.dates.index(date), result.members[0][0].real
    reach = np.array([[arm.arrays[REACH][at] for arm in pair] for pair in result.members])
    far = np.array([[arm.arrays[STRETCH][at] for arm in pair] for pair in result.members])
    change = reach[:, 1] - reach[:, 0]
    with np.errstate(invalid="ignore", divide="ignore"):
        longer = np.where((far[:, 0] > 0) & (reach[:, 1] > 0), far[:, 1] / far[:, 0] - 1, 0.0)
    lost = (np.median(change, axis=0) <= -VISIBLE).any()
    size = -np.median(change, axis=0) if lost else np.median(np.nan_to_num(longer), axis=0)
    acts = acting(result)
    found = []
    for i, j in zip(*np.triu_indices(len(axes.states), 1), strict=True):
        if size[i, j] >= VISIBLE:
            a, b = axes.states[i], axes.states[j]
            people = real.get(a, 0.0) * real.get(b, 0.0)
            a, b, own = (b, a, True) if b in acts and a not in acts else (a, b, a in acts)
            was = float(np.median(reach[:, 0, i, j]))
            shift = change[:, i, j] if lost else np.zeros(len(change))
            found.append((not own, -float(size[i, j]) * people, (a, b, was, shift, longer[:, i, j])))
    return [each for *_, each in sorted(found, key=lambda one: one[:2])]
