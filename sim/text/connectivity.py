"""The first findings of a run that cuts networks: who is still reached, what still works, who is still in contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, TypeGuard

from ..metrics.registry import METRICS
from ..results.summary import Row
from . import routes
from .numbers import capital, compact, compact_range, listed, quantity, state_name, with_range
from .reportable import LEAST, effect, index

if TYPE_CHECKING:
    from ..results.result import Result

BY_STATE = (
    "reach_abroad", "domestic_reach", "route_length", "services_usable", "median_services", "people_within_reach",
    "contact_across_border",
)  # fmt: skip
PAIRS = "state_pairs_in_reach"
WORST = "worst_week"
HEADER = ("without", "with the policies", "effect (10-90 %)", "last day")
_STATES = 3
"""States that have a table."""


class Lines(NamedTuple):
    """A table of connectivity: of one state, or of all of them."""

    title: str
    rows: list[tuple[str, ...]]


def leads(result: Result) -> bool:
    """Return whether a run is first about who reaches whom: a policy in it cuts networks, and it was measured."""
    return bool(cutters(result)) and any(metric in result.metrics for metric in (*BY_STATE, PAIRS))


def cutters(result: Result) -> list[str]:
    """Return the states whose policies cut networks, or whose blocks differ, in the order of the scenario."""
    cuts = [policy for policy in result.scenario.policies if policy.CUTS_NETWORKS and policy.on is not None]
    opened = result.scenario.world.blocks_policy_arm
    return list(dict.fromkeys((*(state for policy in cuts for state in policy.by), *opened)))


def found(result: Result) -> Iterator[str]:
    """Yield what was found about connectivity, one sentence each; nothing unless a policy cuts networks."""
    if not leads(result):
        return
    findings = list(routes.found(result))
    if findings or any(policy.CUTS_NETWORKS for policy in result.scenario.policies):
        yield from findings or _same_routes(result)
    for state in hit_most(result)[:1]:
        yield from _services(result, state)
        yield from _contact(result, state)


def hit_most(result: Result) -> list[str]:
    """Return the states whose policies cut networks, the one that loses most first; in other runs those in focus."""
    known = index(result)

    def lost(state: str) -> float:
        return sum(effect(known.get(metric, WORST, state=state)) for metric in ("services_usable", "reach_abroad"))

    states = cutters(result) or list(result.focus.states)
    most = sorted(states, key=lost)
    return most if not most or lost(most[0]) < 0 else most[::-1]  # where nobody loses, who gains most comes first


def moved(result: Result, state: str) -> bool:
    """Return whether any metric of a state's connectivity changes."""
    known = index(result)
    return any(abs(effect(known.get(metric, WORST, state=state))) > LEAST for metric in BY_STATE)


def tables(result: Result, *, every: bool = False) -> list[Lines]:
    """Return the tables of connectivity, all states first.

    Parameters
    ----------
    result : Result
    every : bool
        Whether to show them where no policy cuts networks too, of the states in focus where anything changes.
    """
    leading = leads(result)
    if not (leading or every):
        return []
    known = index(result)
    found = []
    row = known.get(PAIRS, WORST) if leading else None
    if row is not None:
        n = len(result.members[0][0].axes.states)
        title = f"Connectivity of all {n} states of the run, worst 7 days"
        found.append(Lines(title, [_cells(PAIRS, row, known.get(PAIRS, "end"))]))
    for state in [state for state in hit_most(result) if leading or moved(result, state)][:_STATES]:
        rows = [(metric, known.get(metric, WORST, state=state)) for metric in BY_STATE]
        lines = [_cells(metric, row, known.get(metric, "end", state=state)) for metric, row in rows if row is not None]
        title = f"The Internet of a person in {state_name(result.scenario, state, article=True)}, worst 7 days"
        if lines:
            found.append(Lines(title, lines))
    return found


def main_sentence(result: Result, state: str) -> str:
    """Return what is left of the Internet of a person in a state, for the title of a chart."""
    if leads(result):
        return next(found(result)).rstrip(".")
    row = index(result).get("services_usable", WORST, state=state)
    was, now = (compact("services_usable", effect(row, arm)) for arm in ("baseline", "policy"))
    name = state_name(result.scenario, state, article=True)
    return f"In {name}, {now} of the services of the world work in the worst seven days, instead of {was}"


def _cells(metric: str, row: Row, last: Row | None) -> tuple[str, ...]:
    """Return a row of a table: what is measured, without and with the policies, the effect, the last day.

    What the policies leave nothing of, as of routes whose length is asked for, has no level and no effect: the week in
    which it was measured is then a week before they are in force.
    """
    unit = "%" if METRICS[metric].unit == "share" else METRICS[metric].unit
    gone = last is not None and _is_number(last["baseline"]) and not _is_number(last["policy"])
    return (
        f"{METRICS[metric].label} [{unit}]",
        _level(metric, row, "baseline"),
        "none left" if gone else _level(metric, row, "policy"),
        "-" if gone else _range(metric, row),
        "" if last is None else _level(metric, last, "policy"),
    )


def _level(metric: str, row: Row, arm: str) -> str:
    """Return a level of an arm; in words where it is not defined, as the length of routes where none is left."""
    value = row[arm]
    if _is_number(value):
        return compact(metric, value)
    return "none left" if _is_number(row["baseline"]) else "not in this run"


def _is_number(value: object) -> TypeGuard[int | float]:
    """Return whether a cell of a summary row holds a number."""
    return isinstance(value, int | float)


def _range(metric: str, row: Row) -> str:
    """Return an effect with its interval; what is only rounding is zero."""
    values = [row[key] for key in ("effect", "low", "high")]
    if not all(_is_number(value) for value in values):
        return "-"
    shown = [effect(row, key) if abs(effect(row, key)) > LEAST else 0.0 for key in ("effect", "low", "high")]
    return compact_range(metric, *shown)


def _same_routes(result: Result) -> Iterator[str]:
    """Yield that no route is lost or longer, where routes were measured."""
    if routes.REACH in result.metrics:
        names = [state_name(result.scenario, state, article=True) for state in cutters(result)[:_STATES]]
        where = listed(names)
        yield f"No route is lost or longer: people in {where} reach the same people as before, at home and abroad."


def _services(result: Result, state: str) -> Iterator[str]:
    """Yield which part of the world's services works in a state, and which people there are within reach."""
    known = index(result)
    usable, own, people = (known.get(metric, WORST, state=state) for metric in BY_STATE[3:6])
    name = state_name(result.scenario, state, article=True)
    if usable is None:
        return
    if not any(row is not None and _is_felt(row) for row in (usable, own, people)):
        yield f"Every service works in {name} as without the policies."
        return
    was, now = _both("services_usable", usable)
    when = "worst seven days" if effect(usable) < 0 else "seven days of the largest change"
    text = f"In the {when}, {now} of the services of the world (by their users) work in {name}, "
    text += f"instead of {was}"
    if own is not None:
        was, now = _both("median_services", own)
        text += f"; of what people there use, {now} works for the median person, instead of {was}"
    yield f"{text}."
    if people is not None:
        was, now = _both("people_within_reach", people)
        yield f"{capital(name)} has {now} of the people abroad within reach on one platform, instead of {was}."


def _contact(result: Result, state: str) -> Iterator[str]:
    """Yield how many pairs of kin across the border lose contact in the worst week."""
    row = index(result).get("contact_across_border", WORST, state=state)
    if row is None or not row["baseline"]:
        return
    name = state_name(result.scenario, state, article=True)
    if _is_felt(row) and effect(row) > 0:
        more = with_range("contact_across_border", *(effect(row, key) for key in ("effect", "low", "high")))
        yield f"{more} more pairs of kin across the border of {name} are in contact in the best seven days."
        return
    if not _is_felt(row):
        yield f"As many pairs of kin across the border of {name} are in contact as without the policies."
        return
    low, high = sorted(-effect(row, key) for key in ("low", "high"))
    lost = with_range("contact_across_border", -effect(row), low, high)
    total = quantity("contact_across_border", effect(row, "baseline"))
    yield f"Of {total} pairs of kin in contact across the border of {name}, {lost} have none in the worst seven days."


def _both(metric: str, row: Row) -> tuple[str, str]:
    """Return the level without the policies, and that with them with its interval."""
    was = effect(row, "baseline")
    low, high = (was + effect(row, key) for key in ("low", "high"))
    return compact(metric, was), with_range(metric, effect(row, "policy"), max(0.0, low), min(1.0, high))


def _is_felt(row: Row) -> bool:
    """Return whether an effect is not zero, and its interval leaves zero out."""
    low, high = effect(row, "low"), effect(row, "high")
    return abs(effect(row)) > LEAST and not low < 0 < high
