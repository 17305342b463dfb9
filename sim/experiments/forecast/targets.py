"""The targets of a forecast: the main targets of a scenario, 1, 4, 16 and 52 weeks after its first order.

A target is an observed figure without its value: metric, place, ``of``, kind and date have the same meaning as under
``observed:``. Rows of ``observed:`` in the scenario are also targets, on their own dates; their values are ignored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import numpy as np

from sim.groups import is_diaspora, is_family
from sim.metrics.registry import METRICS
from sim.results.result import Result
from sim.results.stats import band
from sim.scenario import Scenario
from sim.scenario.observed import BASELINE, INTERNET_USERS, MEMBERS, Observed

WEEKS = (1, 4, 16, 52)
"""Horizons of the main targets, from the first day of the first order [weeks]."""
GAINERS, GROUPS = 3, 3
"""Platforms that gain, and groups that lose contact, of which a forecast speaks (assumption)."""
_CONTACT = ("family_contact_ever_lost", "family_contact_lost")


def origin_of(spec: Scenario) -> date:
    """Return the day from which horizons count: the first day of the first order; the first of the run without any."""
    dated = [policy.on for policy in spec.policies if policy.on is not None and policy.on <= spec.end]
    return max(spec.start, min(dated, default=spec.start))


def days_needed(spec: Scenario) -> int:
    """Return how many days a run must have to reach the last horizon and the last row of ``observed:`` [days]."""
    last = max([origin_of(spec) + timedelta(weeks=WEEKS[-1]), *(row.date for row in spec.observed)])
    return (last - spec.start).days + 1


def targets_of(result: Result) -> list[Observed]:
    """Return what to forecast of a run, each on its date; a target that comes twice is listed once.

    Parameters
    ----------
    result : Result
        A run that reaches every horizon. Which platforms gain and which groups lose contact is the model's own word.
    """
    origin = origin_of(result.scenario)
    dates = [origin + timedelta(weeks=weeks) for weeks in WEEKS]
    found = [_on(one, day) for one in _main(result) for day in dates]
    found += [_on(one, one.date) for one in result.scenario.observed if one.metric in result.metrics]
    return list({key(one): one for one in found}.values())


def key(one: Observed) -> tuple[str, ...]:
    """Return the key of a target: place, metric, ``of``, kind and date."""
    place = (one.state or "", " + ".join(one.platform), one.group or "")
    return (one.metric, *place, "gain" if one.is_increment else "level", one.of, one.date.isoformat())


def _on(one: Observed, day: date) -> Observed:
    """Return a target without a value, on a date."""
    return one.model_copy(update={"date": day, "value": 0.0, "tolerance": 1.0, "use": "scored", "row": None})


def _main(result: Result) -> Iterator[Observed]:
    """Yield the main targets, on no date in particular."""
    hit = _hit(result)
    for state, platform in hit:
        yield _target("active_users", "kept", BASELINE, state=state, platform=(platform,))
    for state in dict.fromkeys(state for state, _ in hit):
        yield _target("vpn_users", "vpn", INTERNET_USERS, state=state)
        lost = next(platform for where, platform in hit if where == state)
        for platform in _gainers(result, state, {name for where, name in hit if where == state}):
            yield _target("active_users", "gained", lost, state=state, platform=(platform,))
    metric = next((name for name in _CONTACT if name in METRICS and name in result.metrics), None)
    if metric is not None:
        for group in _groups(result, metric):
            yield _target(metric, "contact", MEMBERS, group=group)


def _target(metric: str, kind: str, of: str, **place: object) -> Observed:
    """Return a target of a metric that the run holds; names are those of the run already."""
    values = {"date": date.min, "value": 0.0, "tolerance": 1.0, "state": None, "platform": (), "group": None, **place}
    return Observed.model_construct(metric=metric, kind=kind, of=of, **values)  # type: ignore[arg-type]


def _hit(result: Result) -> list[tuple[str, str]]:
    """Return the states and platforms that orders restrict, as far as the run has users there."""
    axes = result.members[0][0].axes
    pairs = [
        (state, platform)
        for policy in result.scenario.policies
        if not (policy.PROMOTES or policy.HALTS or policy.EXTENDS)
        for state in policy.by
        for platform in policy.targets
    ]
    used = result.members[0][0].arrays["active_users"][0]
    return [
        pair
        for pair in dict.fromkeys(pairs)
        if pair[0] in axes.states and used[axes.states.index(pair[0]), axes.platforms.index(pair[1])] > 0
    ]


def _gainers(result: Result, state: str, hit: Iterable[str]) -> list[str]:
    """Return the platforms that gain most daily users in a state by the median, at most `GAINERS`."""
    axes, at = result.members[0][0].axes, result.members[0][0].axes.states.index(state)
    gain = np.median(
        [(p.arrays["active_users"] - b.arrays["active_users"])[:, at].max(axis=0) for b, p in result.members], axis=0
    )
    left_out = set(hit)
    order = [int(i) for i in np.argsort(-gain, kind="stable") if gain[i] > 0 and axes.platforms[i] not in left_out]
    return [axes.platforms[i] for i in order[:GAINERS]]


def _groups(result: Result, metric: str) -> list[str]:
    """Return the diasporas and families that lose most contact on any day, at most `GROUPS`."""
    groups = result.members[0][0].axes.groups
    sizes = []
    for at, group in enumerate(groups):
        if not (is_diaspora(group) or is_family(group)):
            continue
        effects = np.array([(p.arrays[metric] - b.arrays[metric])[:, at] for b, p in result.members])
        middle = band(effects)[1]
        if np.isfinite(middle).any():
            sizes.append((float(np.nanmax(middle)), group))
    return [group for size, group in sorted(sizes, key=lambda one: -one[0])[:GROUPS] if size > 0]
