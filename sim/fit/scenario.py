"""A registered forecast of a scenario: quantiles of its main targets, written once.

The folder holds ``model-output/splinternet-abm/<origin date>-splinternet-abm.csv`` in the format of
the hubverse (https://docs.hubverse.io/en/latest/user-guide/model-output.html), the resolved
scenario, and ``registration.json``: time, version, data, and the digest of each file. A folder
never changes; ``splinternet-bench score`` scores it later.

A target is an observed figure without its value: metric, place, ``of``, kind and date have the same
meaning as under ``observed:``. The forecast covers the main targets 1, 4, 16 and 52 weeks after the
first order, and rows of the scenario's ``observed:`` on their own dates; their values are ignored.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Unpack

import numpy as np
import pandas as pd

from ..changes import Given
from ..core.groups import is_diaspora, is_family
from ..errors import InputError, Problem
from ..experiments import ensemble
from ..experiments.options import Options, posed, takes_options
from ..facts.worlds import COPIES
from ..metrics.registry import METRICS
from ..results.files import csv_of, write_text
from ..results.folder import whole
from ..results.manifest import about
from ..results.model_error import beside
from ..results.result import Result
from ..results.series import band
from ..scenario import Scenario, load
from ..scenario.scenario import MOST_DAYS, restricts
from ..scenario.schema import BASELINE, INTERNET_USERS, MEMBERS, Observed

LEVELS = (0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99)
"""The 23 quantiles required by forecast hubs."""
WEEKS = (1, 4, 16, 52)
"""Horizons of the main targets, from the first day of the first order [weeks]."""
GAINERS = 3
GROUPS = 3
"""Largest number of gaining platforms, and of groups that lose contact, in a forecast
(assumption).
"""
MODEL = "splinternet-abm"
REGISTRATION = "registration.json"
SCENARIO = "scenario.resolved.yaml"
COLUMNS = (
    "origin_date",
    "location",
    "target",
    "platform",
    "group",
    "kind",
    "of",
    "horizon",
    "target_end_date",
    "output_type",
    "output_type_id",
    "value",
)
"""The columns: those of the target (task ids), then the three that every hub has."""
type Key = tuple[str, ...]
"""Metric, state, platform, group, ``gain`` or ``level``, ``of`` and date of a target."""


@takes_options(Options)
def forecast(scenario: Given, out: Path | str, **options: Unpack[Options]) -> Path:
    """Run a scenario for a year from its first order and write the quantiles of its main targets
    into a new folder.

    The run lasts longer if ``days`` or a row under ``observed:`` requires it.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
        The scenario to forecast. Rows under its ``observed:`` are forecast on their dates; their
        values are ignored.
    out : path
        A new or empty folder.
    **options
        See `Options`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        If the scenario cannot be used, or the folder is not empty.
    RunError
        If a seed fails or the disk is full; nothing is written then.
    """
    folder = Path(out)
    check_new(folder)
    with posed(scenario, options) as (spec, seeds, place, _):
        last = max(
            [origin_of(spec) + timedelta(weeks=WEEKS[-1]), *(row.date for row in spec.observed)]
        )
        days = (last - spec.start).days + 1
        if days > MOST_DAYS:
            raise InputError(
                Problem(spec.name, f"its horizons need {days:,} days", f"at most {MOST_DAYS:,}")
            )
        spec = load(spec, days=max(days, spec.days))
        jobs = place["jobs"]
        cluster = place["cluster"]
        progress = place["progress"]
        result = ensemble.run(spec, seeds=len(seeds), jobs=jobs, cluster=cluster, progress=progress)
        return _written(folder, result)


def _written(folder: Path, result: Result) -> Path:
    """Write the forecast of a run into a folder, completely or not at all, and return the
    folder.
    """
    origin = origin_of(result.scenario)
    own = result.scenario.own_tables
    tables = (
        {}
        if own is None
        else {f"{COPIES}/{own.name}/{file}": text for file, text in own.texts.items()}
    )
    table = f"model-output/{MODEL}/{origin.isoformat()}-{MODEL}.csv"
    texts = {table: csv_of(quantile_table(result)), SCENARIO: result.scenario.to_yaml(), **tables}
    described = {
        "origin_date": origin.isoformat(),
        "people": result.scenario.people,
        **about(result.scenario, result.seeds, result.name),
    }
    return register(folder, texts, described)


def check_new(folder: Path) -> None:
    """Raise InputError if the folder of a forecast is not empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        found = (
            "it holds a forecast already"
            if (folder / REGISTRATION).exists()
            else "it is not an empty folder"
        )
        raise InputError(
            Problem(str(folder), found, "a new folder", "a forecast on record is never changed")
        )


def register(folder: Path, texts: Mapping[str, str], described: Mapping[str, Any]) -> Path:
    """Write a forecast into a new folder, completely or not at all, with the time and the digest of
    each file.

    Raises
    ------
    InputError
        The folder holds something.
    """
    check_new(folder)
    registration = {
        "registered": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "command": " ".join([Path(sys.argv[0]).name, *sys.argv[1:]]),
        **described,
        "files_sha256": {
            name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()
        },
    }
    with whole(folder) as building:
        for name, text in {
            **texts,
            REGISTRATION: json.dumps(registration, indent=1) + "\n",
        }.items():
            write_text(building / name, text)
        check_new(folder)  # another process may have written a forecast
    return folder


def quantile_table(result: Result) -> pd.DataFrame:
    """Return the quantiles of all targets of a run, with the columns of a model-output file.

    Raises
    ------
    InputError
        If there is nothing to forecast.
    """
    origin = origin_of(result.scenario)
    rows = []
    for target in beside(targets_of(result), result.members, result.model_error.of_observed):
        if target.why:
            continue
        metric, state, platform, group, kind, of, end = key_of_target(target.observed)
        weeks = f"{(target.observed.date - origin).days / 7:.6g}"
        task = (
            origin.isoformat(),
            state or group,
            metric,
            platform,
            group,
            kind,
            of,
            weeks,
            end,
            "quantile",
        )
        values = np.quantile(target.spread_out()[:, -1], LEVELS)
        rows += [
            (*task, level, f"{value:.6g}") for level, value in zip(LEVELS, values, strict=True)
        ]
    if not rows:
        hint = "a policy with a target that people use, or rows under observed:"
        raise InputError(Problem(result.name, "the scenario has nothing to forecast", hint))
    return pd.DataFrame(rows, columns=COLUMNS)


def origin_of(spec: Scenario) -> date:
    """Return the first day of the horizons: that of the first order, or without orders that of the
    run.
    """
    dated = [
        policy.on for policy in spec.policies if policy.on is not None and policy.on <= spec.end
    ]
    return max(spec.start, min(dated, default=spec.start))


def targets_of(result: Result) -> list[Observed]:
    """Return the targets to forecast from a run, each on its date, without duplicates.

    Parameters
    ----------
    result : Result
        A run that reaches every horizon. It determines the platforms that gain and the groups that
        lose contact.
    """
    dates = [origin_of(result.scenario) + timedelta(weeks=weeks) for weeks in WEEKS]
    dated = [(target, day) for target in _main_targets(result) for day in dates]
    dated += [(row, row.date) for row in result.scenario.observed if row.metric in result.metrics]
    empty = {"value": 0.0, "tolerance": 1.0, "use": "scored", "row": None}
    targets = [target.model_copy(update={"date": day, **empty}) for target, day in dated]
    return list({key_of_target(target): target for target in targets}.values())


def key_of_target(target: Observed) -> Key:
    """Return the key of a target."""
    place = (target.state or "", " + ".join(target.platform), target.group or "")
    return (
        target.metric,
        *place,
        "gain" if target.is_increment else "level",
        target.of,
        target.date.isoformat(),
    )


def _main_targets(result: Result) -> Iterator[Observed]:
    """Yield the main targets, without dates."""

    def target(metric: str, kind: str, of: str, **place: object) -> Observed:
        bare = {
            "date": date.min,
            "value": 0.0,
            "tolerance": 1.0,
            "state": None,
            "platform": (),
            "group": None,
        }
        return Observed.model_construct(metric=metric, kind=kind, of=of, **{**bare, **place})  # type: ignore[arg-type]

    axes = result.members[0][0].axes
    used = result.members[0][0].arrays["active_users"][0]
    hit = [
        (state, platform)
        for policy in result.scenario.policies
        if restricts(policy)
        for state in policy.by
        for platform in policy.targets
        if state in axes.states
        and used[axes.states.index(state), axes.platforms.index(platform)] > 0
    ]
    for state, platform in dict.fromkeys(hit):
        yield target("active_users", "kept", BASELINE, state=state, platform=(platform,))
    for state in dict.fromkeys(state for state, _ in hit):
        own = [platform for where, platform in dict.fromkeys(hit) if where == state]
        yield target("vpn_users", "vpn", INTERNET_USERS, state=state)
        for platform in _gainers(result, state, own):
            yield target("active_users", "gained", own[0], state=state, platform=(platform,))
    metrics = ("family_contact_ever_lost", "family_contact_lost")
    metric = next((name for name in metrics if name in METRICS and name in result.metrics), None)
    if metric is not None:
        for group in _groups(result, metric):
            yield target(metric, "contact", MEMBERS, group=group)


def _gainers(result: Result, state: str, hit: Sequence[str]) -> list[str]:
    """Return the platforms that gain most daily users in a state by the median, at most
    `GAINERS`.
    """
    axes = result.members[0][0].axes
    at = axes.states.index(state)
    gain = np.median(
        [
            (p.arrays["active_users"] - b.arrays["active_users"])[:, at].max(axis=0)
            for b, p in result.members
        ],
        axis=0,
    )
    ranked = [axes.platforms[i] for i in np.argsort(-gain, kind="stable") if gain[i] > 0]
    return [platform for platform in ranked if platform not in hit][:GAINERS]


def _groups(result: Result, metric: str) -> list[str]:
    """Return the diasporas and families that lose most contact on any day, at most `GROUPS`."""
    sizes = []
    for at, group in enumerate(result.members[0][0].axes.groups):
        if is_diaspora(group) or is_family(group):
            effects = np.array(
                [(p.arrays[metric] - b.arrays[metric])[:, at] for b, p in result.members]
            )
            middle = band(effects)[1]
            if np.isfinite(middle).any():
                sizes.append((float(np.nanmax(middle)), group))
    return [group for size, group in sorted(sizes, key=lambda one: -one[0])[:GROUPS] if size > 0]
