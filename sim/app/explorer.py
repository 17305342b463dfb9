"""A page on which a reader moves one control at a time, from runs that are made beforehand.

The scenario is run unchanged, and once for each other stop of each control: the first day and the
enforcement of an order, decisions of governments, the share of people with a VPN, and the share of
families with a second channel. The page contains the sentences and lines of each run, and needs no
server.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from markupsafe import Markup

from ..core.program import version
from ..errors import InputError, Problem
from ..experiments.mitigate import AS_IT_IS
from ..metrics.registry import METRICS
from ..plots.marks import Curve, curve, find, policy_label
from ..plots.over_time import where
from ..policies.base import Policy
from ..results.result import Result
from ..scenario import Scenario, load
from ..scenario.explain import target_cells
from ..scenario.schema import BEHAVIOURS
from ..text import findings
from ..text.basis import status_text
from ..text.finding_sentences import headline, measured
from ..text.numbers import capital, day, percent, state_name, unit
from .pages import render

MOST_RUNS = 13
"""Number of runs of a page, including the unchanged scenario; more would take long to make."""
LINE_POINTS = 60
"""Points stored for each line, so that a page stays small."""
DIGITS = 4
"""Significant digits of a stored value."""
LATER = (30, 90)
"""Delays of an order that the explorer offers [days] (assumption)."""
NOTICE = 7
"""Smallest number of days from announcement to enforcement that gets a stop of its own [days]."""
ONLY_CHANNEL = "ties.only_channel"
ENFORCED = {
    "Removed from the app stores": {"instrument": "store_removal"},
    "Transactions barred": {"instrument": "transaction_ban"},
    "Blocked by each Internet provider": {"instrument": "block", "technique": "isp"},
    "Blocked by national filtering equipment": {"instrument": "block", "technique": "dpi"},
}
"""Ways to enforce an order against a platform."""


class Stop(NamedTuple):
    """A position of a control: its label, and the values that it sets, in the form of ``--set``."""

    label: str
    settings: tuple[str, ...] = ()


class Slider(NamedTuple):
    """A slider of the page with its stops in order; the stop without settings is the unchanged
    scenario.
    """

    label: str
    note: str
    stops: tuple[Stop, ...]


type Run = Callable[[Scenario, str], Result]
"""Runs a scenario; the text says which stop it is."""


# --- what can be moved ----------------------------------------------------------------------------


def controls(spec: Scenario, most: int = MOST_RUNS) -> list[Slider]:
    """Return the sliders for a scenario that need at most a given number of runs.

    Raises
    ------
    InputError
        Nothing about the scenario can be moved.
    """
    orders = [policy for policy in spec.policies if policy.on and not policy.about()]
    if not orders and not spec.behaviour.on:
        raise _nothing_moves(spec)
    every = [_beginning(spec, order) for order in orders]
    acting = [state for order in orders for state in order.by]
    if spec.behaviour.on:
        more = [_behaviour(name) for name in spec.behaviour.on]
    else:
        more = [_enforcement(order) for order in orders]
        more += [_vpn(spec, state) for state in dict.fromkeys(acting)]
        more += [_only_channel(spec)]
    # The first order, then what is not a date, then the dates of the other orders.
    left = most - 1
    kept = []
    for control in (*every[:1], *more, *every[1:]):
        stops = [stop for stop in control.stops if not stop.settings or _is_allowed(spec, stop)]
        wanted = len(stops) - 1
        if 0 < wanted <= left:
            kept.append(control._replace(stops=tuple(stops)))
            left -= wanted
    if not kept:
        raise _nothing_moves(spec)
    return kept


def _nothing_moves(spec: Scenario) -> InputError:
    """Return the error for a scenario without controls."""
    found = f"{spec.name} has no order whose date or enforcement can be moved"
    return InputError(
        Problem("", found, "a scenario with a dated order", "add one under policies:")
    )


def _is_allowed(spec: Scenario, stop: Stop) -> bool:
    """Return whether a scenario accepts the settings of a stop and is changed by them."""
    try:
        return load(spec, overrides=stop.settings).digest != spec.digest
    except InputError:
        return False


def _beginning(spec: Scenario, order: Policy) -> Slider:
    """Return the slider for the first day of an order: announcement, unchanged, later, or never."""
    first = order.on or spec.start
    path = f"policies.{order.id}.on"
    stops = [Stop(f"{day(str(first))} ({AS_IT_IS})")]
    known = order.announced
    if known is not None and known <= first - timedelta(days=NOTICE):
        stops.insert(0, Stop(f"{day(str(known))}, at once", (f"{path}={known}",)))
    for days in LATER:
        later = first + timedelta(days=days)
        if later < _end(spec, order):
            stops.append(Stop(f"{day(str(later))}, {days} days later", (f"{path}={later}",)))
    stops.append(Stop("Never, though announced", (f"{path}=null",)))
    note = "The run always ends on the same day, so a later beginning means fewer days in force."
    return Slider(f"{policy_label(order)}: in force from", note, tuple(stops))


def _end(spec: Scenario, order: Policy) -> date:
    return min(spec.end, order.until) if order.until else spec.end


def _enforcement(order: Policy) -> Slider:
    """Return the slider for the enforcement of an order; without stops unless it targets a
    platform.
    """
    path = f"policies.{order.id}"
    stops = []
    is_known = False
    for label, keys in ENFORCED.items():
        if all(getattr(order, key) == value for key, value in keys.items()):
            stops.append(Stop(f"{label} ({AS_IT_IS})"))
            is_known = True
        else:
            whole = {"technique": "null"} | keys if order.technique is not None else keys
            settings = tuple(f"{path}.{key}={value}" for key, value in whole.items())
            stops.append(Stop(label, settings))
    note = "The order is the same; how it is carried out differs."
    kept = tuple(stops) if is_known else ()
    return Slider(f"{policy_label(order)}: how", note, kept)


def _behaviour(name: str) -> Slider:
    """Return the slider that turns decisions of states or platforms on or off."""
    stops = (Stop("No", (f"behaviour.{name}=false",)), Stop(f"Yes ({AS_IT_IS})"))
    return Slider(
        BEHAVIOURS[name].summary.rstrip("."), "A rule of the model by which they act.", stops
    )


def _vpn(spec: Scenario, state: str) -> Slider:
    """Return the slider for the share of Internet users with a VPN on the first day, over its
    range.
    """
    fact = spec.facts.states[state].vpn_share
    label = f"Internet users with a VPN on the first day, {state_name(spec, state)}"
    stated = spec.world.vpn_share.get(state, fact.value)
    return _range(label, fact, stated, f"world.vpn_share.{state}")


def _only_channel(spec: Scenario) -> Slider:
    """Return the slider for the share of families with a single app in common, over its range."""
    fact = spec.facts.parameters[ONLY_CHANNEL]
    stated = spec.parameters.get(ONLY_CHANNEL, fact.value)
    label = "Families who keep in touch by one app alone, on the first day"
    return _range(label, fact, stated, ONLY_CHANNEL)


def _range(label: str, fact: Any, stated: float, path: str) -> Slider:
    """Return the slider for a share: low end, the scenario's value, and high end."""
    low, high = (Stop(percent(end), (f"{path}={end:g}",)) for end in (fact.low, fact.high))
    possible = f"{percent(fact.low)} to {percent(fact.high)}"
    note = f"Unchanged, each seed may draw it from its range, {possible}."
    return Slider(label, note, (low, Stop(f"{percent(stated)} ({AS_IT_IS})"), high))


# --- what is shown --------------------------------------------------------------------------------


def leading_curve(result: Result) -> Curve | None:
    """Return the daily values of the subject of a run's first sentence; before anything changes,
    the use of the first target.
    """
    for one in findings.find(result):
        if one.row is not None and METRICS[str(one.row["metric"])].kind == "daily":
            place = {key: str(one.row[key]) for key in ("state", "platform", "group")}
            cell = find(result, str(one.row["metric"]), **place)
            if cell is not None:
                return curve(result, cell)
    for target in target_cells(result.scenario):
        cell = find(result, "active_users", state=target.state, platform=target.platform)
        if cell is not None:
            return curve(result, cell)
    cell = find(result, "internets_by_likeness")
    return None if cell is None else curve(result, cell)


def explored(
    spec: Scenario, seeds: int, run: Run, command: Sequence[str], most: int = MOST_RUNS
) -> dict[str, Any]:
    """Run a scenario as it is and at every stop, and return what a page shows.

    Parameters
    ----------
    spec : Scenario
    seeds : int
        Seeds of each run, as the page states them.
    run : callable
        Runs a scenario with these seeds.
    command : sequence of str
        The command that runs the unchanged scenario; a stop adds ``--set`` to it.
    most : int
        Runs that may be made.

    Returns
    -------
    dict
        JSON data: ``controls``, whose stops contain the index of their run in ``runs``; and for
        each run ``said`` (sentences), ``command``, and the lines ``without``, ``given``, ``low``
        and ``high`` at ``dates``, in ``unit``.
    """
    moved = controls(spec, most)
    base = run(spec, AS_IT_IS)
    shown = leading_curve(base)
    at = points(spec.days)
    runs = [_shown(base, shown, at, command)]
    # Observations belong to the unchanged scenario, not to its variants.
    counted = measured(base)
    runs[0]["said"] = [*counted, *headline(base)[: max(1, findings.FIRST - len(counted))]]
    places: list[list[int]] = []
    for control in moved:
        places.append([])
        for stop in control.stops:
            if not stop.settings:
                places[-1].append(0)
                continue
            result = run(load(spec, overrides=stop.settings), f"{control.label}: {stop.label}")
            words = [*command, *(word for each in stop.settings for word in ("--set", each))]
            places[-1].append(len(runs))
            runs.append(_shown(result, shown, at, words))
    stamp, meaning = status_text(base)
    what = "" if shown is None else f"{where(base, shown.cell)}: {METRICS[shown.cell.metric].label}"
    return {
        "title": spec.title,
        "scenario": spec.name,
        "stamp": stamp,
        "meaning": meaning,
        "version": version(),
        "people": spec.people,
        "seeds": seeds,
        "what": what,
        "unit": "" if shown is None else unit(shown.cell.metric),
        "dates": [base.dates[point] for point in at],
        "controls": [
            {
                "label": capital(control.label),
                "note": control.note,
                "stops": [
                    {"label": stop.label, "run": place}
                    for stop, place in zip(control.stops, row, strict=True)
                ],
            }
            for control, row in zip(moved, places, strict=True)
        ],
        "runs": runs,
    }


def points(days: int) -> list[int]:
    """Return the indices of the stored days: evenly spaced, and the last."""
    step = -(-days // LINE_POINTS)
    return sorted({*range(0, days, step), days - 1})


def _shown(
    result: Result, shown: Curve | None, at: list[int], command: Sequence[str]
) -> dict[str, Any]:
    """Return the content of a run: its sentences, and the values of the unchanged scenario's
    cell.
    """
    found: dict[str, Any] = {
        "said": headline(result),
        "command": " ".join(command),
    }
    cell = None
    if shown is not None:
        place = {key: getattr(shown.cell, key) for key in ("state", "platform", "group")}
        cell = find(result, shown.cell.metric, **place)
    if cell is not None:
        over_time = curve(result, cell)
        by = 0.01 if METRICS[cell.metric].form == "share" else 1.0
        low, given, high = over_time.given
        lines = {"without": over_time.level, "given": given, "low": low, "high": high}
        for name, line in lines.items():
            found[name] = [_rounded(float(line[point]) / by) for point in at]
    return found


def _rounded(value: float) -> float | None:
    """Return a value rounded to the stored digits; None if undefined."""
    return None if math.isnan(value) else float(f"{value:.{DIGITS}g}")


def page(data: dict[str, Any], links: Sequence[tuple[str, str]] = ()) -> Markup:
    """Return the page as one HTML file that needs no server, with links (text, target) on top."""
    text = json.dumps(data, separators=(",", ":"))
    # Inside a script element only "</" can end it.
    held = Markup(text.replace("</", "<\\/"))  # noqa: S704
    return render("explorer.html", data=data, json=held, links=links)
