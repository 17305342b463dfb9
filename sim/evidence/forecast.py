"""Forecasts on record: quantiles of the main targets of a scenario, written down once and scored
later.

The folder holds ``model-output/splinternet-abm/<origin date>-splinternet-abm.csv`` in the format of
the hubverse (https://docs.hubverse.io/en/latest/user-guide/model-output.html), the resolved
scenario, and ``registration.json``: when it was written, by which program, and the digest of
each file. A folder is never changed.

A target is an observed figure without its value: metric, place, ``of``, kind and date have the same
meaning as under ``observed:``. The main targets are forecast 1, 4, 16 and 52 weeks after the first
order, rows of ``observed:`` in the scenario on their own dates; their values are ignored.

Forecasts of orders hold, beside their registration, a table with the chance of an order for each
state and platform (`forecast_orders`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, Unpack

import numpy as np
import pandas as pd

from ..changes import Given
from ..core.groups import is_diaspora, is_family
from ..errors import InputError, Problem
from ..experiments import ensemble
from ..experiments.options import Options, posed, takes_options
from ..facts.history import Restriction
from ..facts.orders import REASONS, counts, lasts
from ..facts.tables import DayText, Number, Row, Text, one_of, read
from ..facts.worlds import COPIES
from ..metrics.registry import METRICS
from ..results.files import csv_of, original, write_text
from ..results.folder import whole
from ..results.index_measured import last_recorded_day
from ..results.manifest import about, file_hash
from ..results.model_error import beside
from ..results.result import Result
from ..results.series import band
from ..scenario import Scenario, load
from ..scenario.scenario import MOST_DAYS, restricts
from ..scenario.schema import BASELINE, INTERNET_USERS, MEMBERS, Observed
from .scores import HIGH, LOW, Forecast, crps_of_quantiles, interval_score
from .state_scores import (
    deciding_states,
    model_chance,
    open_pairs,
    rival_chances,
    scores,
    weights_digest,
)

LEVELS = (0.01, 0.025, *(round(0.05 * i, 2) for i in range(1, 20)), 0.975, 0.99)
"""The 23 quantiles that forecast hubs ask for."""
WEEKS = (1, 4, 16, 52)
"""Horizons of the main targets, from the first day of the first order [weeks]."""
GAINERS, GROUPS = 3, 3
"""Platforms that gain, and groups that lose contact, of which a forecast speaks (assumption)."""
MODEL, REGISTRATION, SCENARIO = "splinternet-abm", "registration.json", "scenario.resolved.yaml"
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
"""The columns: what is forecast (task ids), then the three that every hub has."""
KIND, TABLE = "orders", "orders.csv"
"""What the registration says that it forecasts, and the file with the chances."""
MONTH = 365.25 / 12.0
"""[days]"""
MOST_MONTHS = 60

type Key = tuple[str, ...]
"""Metric, state, platform, group, ``gain`` or ``level``, ``of`` and date of a target."""


class ObservedRow(Row):
    """A row of a CSV of what was counted: what is forecast, and the figure [1]."""

    location: Text
    target: Annotated[str, one_of(METRICS)]
    platform: str
    group: str
    kind: Literal["gain", "level"]
    of: str
    target_end_date: DayText
    observation: Number


@takes_options(Options)
def forecast(scenario: Given, out: Path | str, **options: Unpack[Options]) -> Path:
    """Run a scenario for a year from its first order and write the quantiles of its main targets
    into a new folder.

    The run lasts longer where ``days`` or a row under ``observed:`` asks for it.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
        What to forecast. Rows under its ``observed:`` are forecast on their dates, whatever value
        they have.
    out : path
        A folder that is not there yet, or is empty.
    **options
        See `Options`.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    InputError
        When the scenario cannot be used, or the folder holds something.
    RunError
        When a member fails or the disk is full; nothing is written then.
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
        jobs, cluster, progress = place["jobs"], place["cluster"], place["progress"]
        result = ensemble.run(spec, seeds=len(seeds), jobs=jobs, cluster=cluster, progress=progress)
        return _written(folder, result)


def _written(folder: Path, result: Result) -> Path:
    """Write the forecast that a run makes into a folder, whole or not at all, and return the
    folder.
    """
    origin, own = origin_of(result.scenario), result.scenario.own_tables
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
    """Raise InputError where the folder of a forecast holds something."""
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
    """Write a forecast into a new folder, whole or not at all, with the time and the digest of each
    file.

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
        check_new(folder)  # another forecast may have been written meanwhile
    return folder


def quantile_table(result: Result) -> pd.DataFrame:
    """Return the quantiles of all targets of a run, with the columns of a model-output file.

    Raises
    ------
    InputError
        When there is nothing to forecast.
    """
    origin, rows = origin_of(result.scenario), []
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
        sample = Forecast(tuple(map(float, target.spread_out()[:, -1])))
        rows += [(*task, level, f"{sample.quantile(level):.6g}") for level in LEVELS]
    if not rows:
        hint = "a policy with a target that people use, or rows under observed:"
        raise InputError(Problem(result.name, "the scenario has nothing to forecast", hint))
    return pd.DataFrame(rows, columns=COLUMNS)


def origin_of(spec: Scenario) -> date:
    """Return the day from which horizons count: the first day of the first order; the first of the
    run without any.
    """
    dated = [
        policy.on for policy in spec.policies if policy.on is not None and policy.on <= spec.end
    ]
    return max(spec.start, min(dated, default=spec.start))


def targets_of(result: Result) -> list[Observed]:
    """Return what to forecast of a run, each on its date; a target that comes twice is listed once.

    Parameters
    ----------
    result : Result
        A run that reaches every horizon. Which platforms gain and which groups lose contact is the
        model's own word.
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
    """Yield the main targets, on no date in particular."""

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

    axes, used = result.members[0][0].axes, result.members[0][0].arrays["active_users"][0]
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
    """Return the platforms that gain most daily users in a state by the median, at most `GAINERS`."""
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


def score(folder: Path | str, observed: Path | str) -> dict[str, Any]:
    """Score a forecast by what was counted since: the means over all targets, and every row, as
    JSON data.

    Parameters
    ----------
    folder : path
        What `forecast` wrote.
    observed : path
        What was counted: a scenario with ``observed:`` (only rows that are ``scored`` count), or a
        CSV with the columns of `ObservedRow`.

    Raises
    ------
    InputError
        When there is no forecast, one of its files was changed, or nothing that was counted is in
        it.
    """
    registration = read_registration(folder)
    known: dict[Key, dict[float, float]] = {}
    for name in registration["files_sha256"]:
        if name.startswith("model-output/"):
            table = pd.read_csv(Path(folder) / name, dtype=str, keep_default_na=False).map(original)
            for row in table[table["output_type"] == "quantile"].to_dict("index").values():
                known.setdefault(_key_of_row(row), {})[float(row["output_type_id"])] = float(
                    row["value"]
                )
    counted = _read_observed(observed)
    rows = [_scored(key, known[key], value) for key, value in counted if key in known]
    if not rows:
        hint = (
            "metric, place, platform, 'of', kind and date must all agree with a row of the forecast"
        )
        allowed = f"a figure that {folder} forecasts"
        raise InputError(Problem(str(observed), "nothing in it is in the forecast", allowed, hint))
    return {
        "scenario": registration["scenario"]["name"],
        "registered": registration["registered"],
        "targets": len(rows),
        "wis": statistics.fmean(row["wis"] for row in rows),
        "crps": statistics.fmean(row["crps"] for row in rows),
        "coverage": statistics.fmean(row["covered"] for row in rows),
        "width": statistics.fmean(row["high"] - row["low"] for row in rows),
        "rows": rows,
        "not_forecast": [" ".join(filter(None, key)) for key, _ in counted if key not in known],
    }


def _scored(key: Key, quantiles: Mapping[float, float], observed: float) -> dict[str, Any]:
    """Return target, figures and scores of a target: weighted interval score and CRPS, lower is
    better.
    """
    names = ("metric", "state", "platform", "group", "kind", "of", "date")
    levels, values = list(quantiles), list(quantiles.values())
    middle, low, high = (quantiles[level] for level in (0.5, LOW, HIGH))
    return {
        **{name: part or None for name, part in zip(names, key, strict=True)},
        "observed": observed,
        "median": middle,
        "low": low,
        "high": high,
        "covered": low <= observed <= high,
        "wis": interval_score(levels, values, observed),
        "crps": crps_of_quantiles(levels, values, observed),
    }


def read_registration(folder: Path | str) -> dict[str, Any]:
    """Return what the registration of a forecast says, once every file has been found unchanged.

    Raises
    ------
    InputError
        There is no forecast, or one of its files is missing or was changed.
    """
    path = Path(folder) / REGISTRATION
    if not path.is_file():
        hint = "splinternet forecast SCENARIO --out DIR writes one"
        raise InputError(
            Problem(str(folder), "there is no forecast here", f"a folder with {REGISTRATION}", hint)
        )
    registration: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name, digest in registration["files_sha256"].items():
        file = path.parent / name
        if not file.is_file() or file_hash(file) != digest:
            changed = "it is missing or was changed after the forecast was written down"
            raise InputError(Problem(str(file), changed, f"the file with SHA-256 {digest}"))
    return registration


def _key_of_row(row: Mapping[Any, Any]) -> Key:
    """Return the key of a row of a model-output file, or of a table of what was counted."""
    state = "" if row["group"] else row["location"]
    return (
        row["target"],
        state,
        row["platform"],
        row["group"],
        row["kind"],
        row["of"],
        row["target_end_date"],
    )


def _read_observed(path: Path | str) -> list[tuple[Key, float]]:
    """Return what was counted, by target."""
    if Path(path).suffix != ".csv":
        spec = load(path, known_metrics=METRICS)
        if not spec.observed:
            raise InputError(
                Problem(str(path), "nothing under 'observed:'", "a scenario with observed figures")
            )
        return [(key_of_target(row), row.value) for row in spec.observed if row.use == "scored"]
    if not Path(path).is_file():
        raise InputError(
            Problem(str(path), "there is no such file", "a CSV or a scenario with observed:")
        )
    return [
        (_key_of_row(vars(row)), row.observation) for row in read(ObservedRow, Path(path)).values()
    ]


def forecast_orders(out: str | Path, months: int = 12) -> Path:
    """Write down the chance of an order within some months, for each state that decides and each
    platform open there.

    The forecast is made on the day after the last recorded day, from what the record says then; see
    `splinternet.evidence.state_scores` for what counts as an order.

    Parameters
    ----------
    out : path
        A new folder.
    months : int
        Horizon [months].

    Raises
    ------
    InputError
        The folder holds something, or the horizon is not from 1 to `MOST_MONTHS`.
    """
    if not 1 <= months <= MOST_MONTHS:
        raise InputError(Problem("--forecast", f"it is {months}", f"1 to {MOST_MONTHS} months"))
    day = last_recorded_day() + timedelta(days=1)
    until = day + timedelta(days=round(months * MONTH) - 1)
    pairs = open_pairs(deciding_states(), day, until)
    chances = {"model": model_chance(pairs), **rival_chances(pairs)}
    table = pd.DataFrame(
        {"state": pairs.states, "platform": pairs.platforms, "from": day, "until": until}
    )
    for name, chance in chances.items():
        table[name] = np.round(1.0 - (1.0 - chance) ** (months / 12.0), 6)
    table = table.sort_values(["model", "state", "platform"], ascending=[False, True, True])
    described = {
        "kind": KIND,
        "origin_date": day.isoformat(),
        "until": until.isoformat(),
        "weights": weights_digest(),
        "reasons": list(REASONS),
        "expected_orders": round(float(table["model"].sum()), 2),
    }
    return register(Path(out), {TABLE: csv_of(table)}, described)


def score_orders(folder: str | Path, observed: str | Path | None = None) -> dict[str, Any]:
    """Return the score of a forecast of orders, once its time is over.

    Parameters
    ----------
    folder : path
        What `forecast_orders` wrote.
    observed : path, optional
        A table with the columns of ``block_history.csv``; by default the shipped one.

    Raises
    ------
    InputError
        The folder holds no such forecast, a file was changed, or the table ends before the forecast
        does.
    """
    registration = read_registration(folder)
    if registration.get("kind") != KIND:
        raise InputError(
            Problem(str(folder), "it forecasts no orders", "what score-states --forecast wrote")
        )
    table = pd.read_csv(Path(folder) / TABLE, keep_default_na=False)
    rows: Mapping[Any, Restriction] = read(
        Restriction, Path(observed) if observed is not None else None
    )
    begin, end = registration["origin_date"], registration["until"]
    last = max(row.since for row in rows.values())
    if last < end:
        found = f"the record ends on {last}, the forecast on {end}"
        hint = "score it when the record is longer, or name a longer one with --observed"
        raise InputError(
            Problem(
                str(observed or "block_history.csv"),
                found,
                f"rows up to {date.fromisoformat(end)}",
                hint,
            )
        )
    made = {
        (r.state, r.platform)
        for r in rows.values()
        if counts(r) and lasts(r) and begin <= r.since <= end
    }
    ordered = np.array(
        [pair in made for pair in zip(table["state"], table["platform"], strict=True)]
    )
    named = table.columns.drop(
        ["state", "platform", "from", "until"]
    )  # the model and the rivals of its day
    each = {name: scores(table[name].to_numpy(float), ordered)._asdict() for name in named}
    return {
        "registered": registration["registered"],
        "from": begin,
        "until": end,
        "pairs": len(table),
        "orders": int(ordered.sum()),
        "expected": float(table["model"].sum()),
        **each.pop("model"),
        "rivals": each,
    }
