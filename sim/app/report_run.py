"""The parts of a report that tell of one run: the question, what was changed, what was found, who loses."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.app.markup import Safe, joined, listed, table, tag
from sim.app.report_words import in_words, own_keys, world_changes
from sim.groups import is_diaspora, is_family
from sim.policies import load
from sim.policies.base import PolicyKeys
from sim.results import Result
from sim.results.basis import basis
from sim.results.cells import MIN_PEOPLE
from sim.results.effects import (
    FEWEST_CASES,
    LOST,
    LOST_DAYS,
    LOST_PEOPLE,
    Index,
    cases,
    effect,
    movers,
)
from sim.results.findings import headline
from sim.results.rows import summary_rows
from sim.results.words import capital, compact, compact_range, day, group_name, number, state_name
from sim.text.main_decisions import MAIN_HEAD, main_decisions

if TYPE_CHECKING:
    from sim.plots.figure import House

_ASKS = {
    "projection": "It did not happen this way. What does the model expect if it had",
    "hindcast": "It happened. What does the model make of it",
    "what-if": "An invented case. What does the model expect of it",
}
_ORDER = (
    "family_contact",
    "contact_by_diaspora",
    "contact_days_by_group",
    "reconnection",
    "contact_map",
    "contact_matrix",
    "active_users",
    "gains",
    "flows",
    "vpn_users",
)
"""Charts in the order in which they tell the story; others follow by name."""
_MOVERS = 8  # platforms that lose, and that gain


def question(result: Result) -> Safe:
    """Return the question of a run, and how it is answered."""
    scenario = result.scenario
    title = scenario.title.rstrip(".?")
    ask = f"{_ASKS.get(str(scenario.status), 'What does the model expect')}: {title}?"
    return joined(
        [
            tag("p", ask, class_="lead"),
            tag(
                "p",
                "The same simulated people live through the same days twice, with the same luck: once without the "
                f"policies below and once with them, from {day(result.dates[0])} to {day(result.dates[-1])} "
                f"({len(result.dates):,} days). What differs between the two is the effect. "
                f"This is done {_times(result)}.",
            ),
        ]
    )


def _times(result: Result) -> str:
    """Return how often a world was run."""
    n = len(result.members)
    if n == 1:
        return "once, so there is no interval"
    draws = " and its own draw of what is uncertain" if result.scenario.uncertain else ""
    return f"for {n} seeds, each with its own luck{draws}; intervals hold 10 to 90 % of them"


def finding(result: Result) -> Safe:
    """Return what the run found, in words, with intervals."""
    first, *rest = headline(result)
    box = tag("div", tag("p", tag("b", first)), *(tag("p", sentence) for sentence in rest), class_="finding")
    told = [*basis(result), *(f"Note: {note}" for note in result.notes)]
    return joined([box, *(tag("p", line, class_="note") for line in told), *_decided(result)])


def _decided(result: Result) -> list[Safe]:
    """Return the main decisions of states and firms under their heading; nothing where nobody decided."""
    lines = main_decisions(result.members)
    if not lines:
        return []
    states = result.scenario.facts.states
    codes = sorted({name for line in lines for name in line.names if name in states})
    named = "; ".join(f"{code}: {state_name(result.scenario, code)}" for code in codes)
    told = listed([line.text for line in lines])
    return [tag("p", tag("b", MAIN_HEAD)), told, *([tag("p", f"{named}.", class_="note")] if named else [])]


def changed(result: Result, *, anchor: str = "") -> Safe:
    """Return the policies in time, and what the scenario changes of the world."""
    policies = result.scenario.policies
    if not policies:
        return tag("p", "Nothing: the scenario has no policy, so the two arms must be the same.")
    rows = [_policy(result, policy) for policy in policies]
    header = ("policy", "by", "on", "announced", "in force", "what it does", "source of the facts")
    parts = [_timeline(result), table("Policies", header, rows, widths=(13, 9, 12, 10, 12, 23, 21))]
    world = world_changes(result)
    if world:
        parts.append(tag("p", "The scenario also changes the world before the first day:"))
        parts.append(listed([_world_change(result, path, value) for path, value in world]))
    return joined(parts)


def _world_change(result: Result, path: str, value: str) -> Safe:
    """Return one change of the world: in words where there are some, and by its path."""
    said = in_words(path, result.scenario)
    return joined([f"{said}: {value} (", tag("code", path), ")"] if said else [tag("code", path), f" = {value}"])


def _timeline(result: Result) -> Safe:
    """Return the policies in time as a picture."""
    from sim.plots.registry import house_style
    from sim.plots.timeline import policy_timeline

    with house_style():
        figure = policy_timeline(result)
    return picture(result, figure, "Bars: in force; rings: announced; hatched: stayed by a court.")


def _policy(result: Result, policy: PolicyKeys) -> tuple[str, ...]:
    """Return a policy as a row."""
    by = ", ".join(state_name(result.scenario, state) for state in policy.by)
    on = day(str(policy.on)) if policy.on else "never: a bare threat"
    if policy.on and policy.on < result.scenario.start:
        on += ", in this run from its first day"
    if policy.until:
        on += f" to {day(str(policy.until))} (first day free again)"
    announced = "-" if policy.announced in (None, policy.on) else day(str(policy.announced))
    keys = own_keys(result.scenario, policy)
    what = load(policy.instrument).summary + (f" ({keys})" if keys else "")
    source = policy.reference or "not stated"
    return policy.id, by, ", ".join(policy.targets) or "-", announced, on, what, source


def charts(result: Result, most: int = 0) -> Safe:
    """Return the charts that show something, the story first; the others are named.

    Parameters
    ----------
    most : int
        How many to show at most; all of them unless given.
    """
    from sim import plots

    known = plots.charts()
    names = sorted(known, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    shown: list[Safe] = []
    empty: list[str] = []
    for name in names:
        if not set(known[name].metrics[:1]) <= set(result.metrics) or (most and len(shown) == most):
            continue
        figure: Any = plots.draw(result, name)
        if figure.shows_nothing:
            if name != "decisions" or _states_decide(result):
                empty.append(known[name].title)
        else:
            shown.append(picture(result, figure, known[name].description))
    if empty:
        shown.append(tag("p", f"Looked at and found to show no effect: {', '.join(empty)}.", class_="note"))
    return joined(shown)


def _states_decide(result: Result) -> bool:
    """Return whether any state could decide; where none could, that none did is no finding."""
    return bool(set(result.scenario.behaviour.on) - {"platforms"})


def picture(result: Result, figure: House, description: str) -> Safe:
    """Return a chart as an inline picture that tells in words what it shows."""
    from sim.plots import save_svg

    stream = io.BytesIO()
    save_svg(figure, stream, result)
    data = base64.b64encode(stream.getvalue()).decode("ascii")
    wide, high = (round(inches * 96) for inches in figure.get_size_inches())
    image = tag(
        "img",
        src=f"data:image/svg+xml;base64,{data}",
        alt=f"{figure.title}. {description}",
        width=str(wide),
        height=str(high),
    )
    return tag("figure", image, tag("figcaption", description))


def losers(result: Result) -> Safe:
    """Return who loses contact, group by group, and which platforms lose and gain people."""
    parts = [*_by_group(result), *_by_platform(result)]
    return joined(parts) if parts else tag("p", "The run did not measure contact with families or use of platforms.")


def _by_group(result: Result) -> list[Safe]:
    """Return the table of groups, and a sentence on those it leaves out."""
    if not {LOST, LOST_PEOPLE} & set(result.metrics):
        return []
    first = result.members[0][0]
    groups = [group for group in first.axes.groups if is_diaspora(group) or is_family(group)]
    # Every group, not only those in focus, and nothing but groups.
    focus = replace(result.focus, groups=tuple(groups), states=(), platforms=(), pairs=frozenset())
    rows = [row for row in summary_rows(result.members, focus) if row["group"] and not row["platform"]]
    found = Index({tuple(str(row[k]) for k in ("metric", "state", "platform", "group", "at")): row for row in rows})  # type: ignore[misc]
    sizes = {group: effect(found.get(LOST_PEOPLE, "peak", group=group)) for group in groups}
    thin = [group for group in groups if min(pair[0].cells.get(group, 0) for pair in result.members) < MIN_PEOPLE]
    hit = [g for g in groups if g not in thin and cases(result, g, sizes[g]) >= FEWEST_CASES]
    hit.sort(key=lambda group: -sizes[group])
    rest = len(groups) - len(thin) - len(hit)
    left = []
    if rest:
        lost = f"nobody, or fewer than {FEWEST_CASES} simulated people, which may be chance"
        left.append(f"{_groups(rest, 'other ' if hit else '')} {'loses' if rest == 1 else 'lose'} {lost}.")
    if thin:
        left.append(f"{_groups(len(thin))} of fewer than {MIN_PEOPLE} simulated people left out.")
    if not hit:
        return [
            tag("h3", "By group"),
            tag("p", "No group is seen to lose contact with its family."),
            tag("p", " ".join(left), class_="note"),
        ]
    note = (
        "A family is counted where it lives, its relatives abroad apart. The share is of those who without the "
        "policies have a platform channel to the other end that day, not of all whom the group stands for. "
    )
    header = ("group", "simulated", "stand for", "lost contact at the peak", "that is, people", "days without contact")
    cells = [_group_row(result, found, group) for group in hit]
    title = "Who loses every platform channel to the family: effect of the policies (10 to 90 % of members)"
    return [
        tag("h3", "By group"),
        table(title, header, cells, numbers=range(1, 6), widths=(25, 10, 12, 17, 18, 18), note=note + " ".join(left)),
    ]


def _groups(n: int, which: str = "") -> str:
    """Return ``1 group`` or ``12 other groups``."""
    return f"{n} {which}group{'s' * (n != 1)}"


def _group_row(result: Result, found: Index, group: str) -> tuple[str, ...]:
    """Return one group as a row."""
    baseline = result.members[0][0]

    def told(metric: str, at: str) -> str:
        row = found.get(metric, at, group=group)
        if row is None or row["effect"] is None:
            return "-"
        return compact_range(metric, effect(row), effect(row, "low"), effect(row, "high"))

    return (
        capital(group_name(result.scenario, group)),
        f"{baseline.cells.get(group, 0):,}",
        number(baseline.real.get(group)),
        told(LOST, "peak"),
        told(LOST_PEOPLE, "peak"),
        told(LOST_DAYS, "total"),
    )


def _by_platform(result: Result) -> list[Safe]:
    """Return the table of platforms that lose and gain daily users."""
    if "active_users" not in result.metrics:
        return []
    rows = movers(result)
    losses = [row for row in reversed(rows) if effect(row) < 0][:_MOVERS]
    gains = [row for row in rows if effect(row) > 0][:_MOVERS]
    if not losses and not gains:
        return [tag("h3", "By platform"), tag("p", "Every platform has the daily users it would have had anyway.")]
    cells: list[Sequence[str]] = [
        (
            f"{row['platform']}, {state_name(result.scenario, str(row['state']))}",
            compact("active_users", effect(row, "baseline")),
            compact("active_users", effect(row, "policy")),
            compact_range("active_users", *(effect(row, key) for key in ("effect", "low", "high"))),
            f"{int(effect(row, 'simulated')):,}",
        )
        for row in (*losses, *gains)
    ]
    header = ("platform, state", "without", "with the policies", "effect (10-90 %)", "simulated users")
    title = f"Daily users on {day(result.dates[-1])} [persons]: the largest losses, then the largest gains"
    unsure = any(effect(row, "low") <= 0 <= effect(row, "high") for row in (*losses, *gains))
    note = "Where the interval holds nought, chance may account for the change." if unsure else ""
    return [tag("h3", "By platform"), table(title, header, cells, numbers=range(1, 5), note=note)]
