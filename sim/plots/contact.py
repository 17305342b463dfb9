"""Charts of contact between kin: losses by group and by pair of countries, and ways back."""

from __future__ import annotations

import numpy as np

from ..core.groups import is_diaspora, is_family
from ..metrics.registry import WAYS
from ..results import Result
from ..results.interval import interval
from ..results.series import MIN_PEOPLE, band, cells_of, fewest_people
from ..text.findings import losing
from ..text.numbers import (
    capital,
    day,
    group_name,
    number,
    percent,
    short_estimate,
    sized_name,
    state_name,
    table,
)
from ..text.reportable import (
    BY_STEP,
    CUT_OFF,
    EVER,
    EVER_PEOPLE,
    FEWEST_CASES,
    LOST_DAYS,
    LOST_PEOPLE,
    WEEK,
    any_lost,
    cases,
    effect,
    ends,
    family_groups,
    index,
    is_sure,
    main_groups,
)
from ..text.tables import range_text
from .marks import (
    BAND,
    Array,
    Bar,
    arms,
    change_of,
    curve,
    days,
    end_labels,
    find,
    line,
    on_axis,
    only_some,
    over_time,
    rows,
    scale,
    thin,
    with_ends,
)
from .page import (
    BLUE,
    DOTTED,
    GREEN,
    INK,
    ORANGE,
    SKY,
    VERMILLION,
    WIDTH,
    Caption,
    Place,
    nothing,
    title,
)
from .registry import chart

_PHONE = "Telephone, SMS and e-mail do not count."
COUNTED_APART = "Telephone, SMS and e-mail are counted apart."
TIES = "cross_border_contact"
BACK = "reconnected"
_BARS = 8
_PAIRS = 8
_STEP_LINES = (
    (EVER, "", "no app", VERMILLION, "-"),
    (BY_STEP, CUT_OFF, "nor telephone", INK, DOTTED),
    (WEEK, "", "no app for 7 days", ORANGE, (0, (6, 1.5))),
)
_LOOKS = {
    "substitute": (GREEN, ""),
    "VPN": (BLUE, "///"),
    "access back": (ORANGE, "..."),
    "bridge": (SKY, "xxx"),
}
_SAID = table("run", "WAYS")


def lost_groups(result: Result, most: int = 3) -> list[str]:
    """Return the groups that clearly lose contact: first the groups of findings, in their order,
    then the others by the number of people.
    """
    found = main_groups(result, 99) or family_groups(result, most)
    sure = [group for group in found if is_sure(index(result).get(EVER, "total", group=group))]
    return list(dict.fromkeys((*losing(result), *sure)))[:most]


def _unchanged(result: Result, place: Place) -> Caption:
    """Write that nobody clearly loses contact, with the reason."""
    if not any_lost(result):
        return nothing(place, "contact")
    unsure = main_groups(result) or family_groups(result)
    return nothing(place, "contact_unsure" if unsure else "contact_few", n=FEWEST_CASES - 1)


@chart(
    title="Contact with family",
    description="Share of a diaspora that has so far lost every app to its family: for a day, on "
    "a day without telephone contact, and for 7 days in a row.",
    metrics=(EVER, BY_STEP, WEEK),
)
def family_contact(result: Result, place: Place) -> Caption:
    """Draw the share so far of the group of the question, or of the most affected group, that lost
    contact, with its band.
    """
    groups = lost_groups(result)
    if not groups:
        return _unchanged(result, place)
    group = groups[0]
    (axes,) = over_time(place, result)
    labels = []
    top = 0.0
    for metric, step, name, colour, dashes in _STEP_LINES:
        cell = find(result, metric, platform=step, group=group)
        shown = None if cell is None else curve(result, cell)
        if shown is None or not shown.size:
            continue
        edges = (shown.low * 100, shown.high * 100) if metric == EVER else None
        last = line(axes, days(result), shown.effect * 100, edges, colour=colour, dashes=dashes)
        top = max(
            top,
            *(
                float(np.nanmax(np.nan_to_num(each)))
                for each in (*(edges or ()), shown.effect * 100)
            ),
        )
        row = index(result).get(metric, "total", platform=step, group=group)
        worth = percent(last / 100) if row is None else short_estimate(metric, *ends(row))[0]
        labels.append((last, f"{name} {worth}", colour))
    axes.set_ylim(0, top * 1.05 or 1)
    axes.set_ylabel("have lost it so far [%]")
    end_labels(axes, labels)
    row = index(result).get(EVER, "total", group=group)
    whose = (
        "who could reach the family member abroad by app"
        if is_family(group)
        else "who could reach family by app"
    )
    who = group_name(result.scenario, group)
    said = (
        f"{capital(sized_name(result, group))} {whose} and then no longer, share so far [%]; {BAND}"
    )
    notes = only_some(change_of(result, EVER, group=group)[:, -1])
    share, interval = short_estimate(EVER, *ends(row))
    name = "family_contact_all" if share == "100 %" else "family_contact"
    text = title(name, result, share=share, who=who)
    return Caption(text, said, notes, number=share, interval=interval)


def _colour_of(group: str) -> str:
    """Return the colour of a group: one each for diasporas, families and others."""
    if is_diaspora(group):
        return VERMILLION
    return SKY if is_family(group) else BLUE


@chart(
    title="Days without contact, by group",
    description="Person-days without any platform channel to the family over the run, by group, "
    "with intervals.",
    metrics=(LOST_DAYS,),
    size=lambda result: (WIDTH, 4.6),
)
def contact_days_by_group(result: Result, place: Place) -> Caption:
    """Draw the person-days that each group loses, with their interval."""
    every = [
        row
        for row in result.rows()
        if row["metric"] == LOST_DAYS and row["at"] == "total" and effect(row)
    ]
    if {EVER_PEOPLE, LOST_PEOPLE} & set(
        result.metrics
    ):  # a loss of a few people in a group may be chance
        hit = {*main_groups(result, len(every)), *family_groups(result, len(every))}
        every = [row for row in every if str(row["group"]) in hit]
    shown = sorted((row for row in every if is_sure(row)), key=lambda row: -abs(effect(row)))[
        :_BARS
    ]
    if not shown:
        return _unchanged(result, place)
    by, word = scale(max(abs(end) for row in shown for end in ends(row)))
    bars = []
    for row in shown:
        group = str(row["group"])
        name = capital(group_name(result.scenario, group))
        bars.append(Bar(name, ends(row), range_text(row), _colour_of(group)))
    rows(place.axes(), bars, by, f"[{word}person-days]")
    main = lost_groups(result, 1)
    row = next((row for row in shown if row["group"] in main), shown[0])
    group = str(row["group"])
    said = f"Days without a platform channel to family, due to policies [{word}person-days]; lines: 80 % intervals"
    lost = change_of(result, LOST_DAYS, group=group).sum(axis=1)
    fewest = min(result.sampling.simulated(str(row["group"])) for row in shown)
    people = f"{result.sampling.simulated(group):,} simulated, {fewest:,} in the smallest group"
    notes = f"Red: people abroad; pale blue: families at home. {people}. {only_some(lost)} {_PHONE}"
    who = group_name(result.scenario, group)
    return Caption(
        title("contact_days_by_group", result, number=number(effect(row)), who=who), said, notes
    )


# --- between countries ----------------------------------------------------------------------------


@chart(
    title="Contact between countries",
    description="Share of family ties between two countries that an app connects on the worst "
    "day: without the policies (ring) and with them (dot).",
    metrics=(TIES,),
    size=lambda result: (WIDTH, 4.6),
)
def contact_map(result: Result, place: Place) -> Caption:
    """Draw the pairs of countries whose ties change most, on the day of the largest loss."""
    found = tie_changes(result)
    if not found:
        moved = any(not baseline.same_array(policy, TIES) for baseline, policy in result.members)
        return nothing(place, "contact_map_few" if moved else "contact_map", n=FEWEST_CASES)
    at, pairs = found
    bars = []
    for a, b, before, changes in pairs[:_PAIRS]:
        share = changes / before * 100
        low, middle, high = with_ends(share)
        names = f"{state_name(result.scenario, a)} and {state_name(result.scenario, b)}"
        text = f"{number(abs(float(np.median(changes))))} of {number(before)}"
        colour = VERMILLION if middle < 0 else GREEN
        bars.append(Bar(names, (100 + middle, 100 + low, 100 + high), text, colour, "o-", 100.0))
    axes = place.axes()
    rows(axes, bars, unit="with a channel [% of those without the policies]")
    axes.axvline(100, color=INK, linewidth=0.8)
    lowest = np.min([bar.ends for bar in bars])
    highest = np.max([bar.ends for bar in bars])
    axes.set_xlim(0 if lowest < 50 else lowest - 3, max(103, highest + 3))
    a, b, before, changes = pairs[0]
    lost = float(np.median(changes)) < 0
    both = {
        "a": state_name(result.scenario, a, article=True),
        "b": state_name(result.scenario, b, article=True),
    }
    size = abs(float(np.median(changes)))
    said = f"Family ties with a channel on {day(result.dates[at])}, as a share of those without the policies [%]"
    notes = f"Right: ties {'lost' if lost else 'gained'}, of all ties. Lines: 80 % of seeds. {only_some(changes)}"
    name = "contact_map" if lost else "contact_map_gain"
    return Caption(
        title(name, result, share=percent(size / before), number=number(size), **both), said, notes
    )


def tie_changes(result: Result) -> tuple[int, list[tuple[str, str, float, Array]]] | None:
    """Return the day with the most lost ties, and the pairs of countries whose ties clearly change,
    the largest change first.

    A pair is two countries, the ties with a channel without the policies (median), and the change
    for each seed. A reported pair has 30 simulated people, at least three of whom change, and a
    change whose 80 % interval excludes zero.
    """
    axes = result.members[0][0].axes
    cells = [c for c in cells_of(TIES, axes) if fewest_people(c, result.members) >= MIN_PEOPLE]
    changes = []
    for cell in cells:
        before, after = arms(result, cell)
        if np.array_equal(before, after, equal_nan=True):
            continue
        part = (
            np.abs(after - before)
            / np.maximum(np.fmax(before, after), 1e-12)
            * fewest_people(cell, result.members)
        )
        if float(np.median(np.nan_to_num(part), axis=0).max()) >= FEWEST_CASES:
            changes.append((cell, np.nan_to_num(before), np.nan_to_num(after - before)))
    if not changes:
        return None
    total = np.sum([np.median(change, axis=0) for _, _, change in changes], axis=0)
    at = int(np.argmin(total) if total.min() < 0 else np.argmax(total))
    pairs = []
    for cell, before, change in changes:
        low, high = interval(change[:, at])
        if (low > 0 or high < 0) and np.median(before[:, at]) > 0:
            pairs.append(
                (
                    cell.parts["state"],
                    cell.parts["partner"],
                    float(np.median(before[:, at])),
                    change[:, at],
                )
            )
    pairs.sort(key=lambda pair: -abs(float(np.median(pair[3]))))
    return (at, pairs) if pairs else None


# --- the ways back --------------------------------------------------------------------------------


@chart(
    title="How ties came back",
    description="How lost family contact has come back so far: by another app, a VPN, a bridge "
    "or the app itself. The chart shows the diaspora in which most ties came back.",
    metrics=(BACK,),
)
def reconnection(result: Result, place: Place) -> Caption:
    """Draw the ties that came back, stacked by way, for the diaspora with most such ties."""
    stacks = {group: _stack(result, group) for group in result.focus.groups if is_diaspora(group)}
    back = {
        group: sum(float(ways[-1]) for ways in stack.values()) for group, stack in stacks.items()
    }
    group = max(back, key=lambda name: back[name], default="")
    if not group or back[group] <= 0:
        return nothing(place, "reconnection_none" if any_lost(result) else "reconnection")
    if cases(result, group, back[group]) < FEWEST_CASES:
        return nothing(place, "reconnection_few", n=FEWEST_CASES - 1)
    (axes,) = over_time(place, result)
    stack = stacks[group]
    kept = thin(sum(stack.values(), np.zeros(len(result.dates))))
    x = [days(result)[day] for day in kept]
    at = on_axis(x)
    stack = {way: ways[kept] for way, ways in stack.items()}
    by, word = scale(sum(float(ways.max()) for ways in stack.values()))
    colours, hatches = zip(*(_LOOKS[way] for way in stack), strict=True)
    shares = np.array([ways / by for ways in stack.values()])
    if len(x) == 1:  # a single day is a bar
        at = at + np.array([-0.2, 0.2])
        shares = shares.repeat(2, axis=1)
    axes.stackplot(at, *shares, colors=colours, hatch=hatches, edgecolor="white", linewidth=0)
    tops = np.cumsum(shares, axis=0)
    labels = [
        (float(top[-1] - ways[-1] / by / 2), f"{_SAID[way]}\n{number(float(ways[-1]))}", colour)
        for (way, ways), top, colour in zip(stack.items(), tops, colours, strict=True)
    ]
    axes.set_ylim(0, float(tops[-1].max()) * 1.05 or 1)
    axes.set_ylabel(f"ties that came back\n[{word.strip() or 'ties'}]")
    end_labels(axes, labels)
    way, ways = next(iter(stack.items()))
    share = percent(float(ways[-1]) / back[group])
    total = np.sum(
        [change_of(result, BACK, platform=name, group=group)[:, -1] for name in WAYS], axis=0
    )
    said = f"Ties of {sized_name(result, group)} that lost contact and found it again, so far [{word}ties]"
    notes = f"Median over seeds. A tie counts once, by its first way back. {only_some(total)}"
    return Caption(title("reconnection", result, share=share, way=_SAID[way]), said, notes)


def _stack(result: Result, group: str) -> dict[str, Array]:
    """Return the ties that came back because of the policies by way, median over seeds, (T,)
    [ties].
    """
    out = {way: band(change_of(result, BACK, platform=way, group=group))[1] for way in WAYS}
    return dict(
        sorted(
            ((way, t) for way, t in out.items() if t.any()), key=lambda pair: -float(pair[1][-1])
        )
    )
