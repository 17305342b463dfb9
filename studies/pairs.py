"""Pairs of runs that differ by one thing: ``uv run python studies/pairs.py --people 8000 --seeds
6``.

Both runs of a pair have the same seeds, so the same draws of uncertain values and the same chance.
The table, in Markdown, has the effect of the policies in both runs and the difference seed by seed.
The exit code is 1 if the difference of a pair does not have the sign that the rules imply for most
seeds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

import splinternet as sn
from splinternet.results import Result
from splinternet.text.numbers import compact

DAYS_LOST, USERS, REACH = "contact_days_lost", "active_users", "domestic_reach"
TALK, KINDS = {"text", "voice", "video"}, ("messenger", "mixed", "feed", "professional", "video")
CHINESE_ABROAD = "US<-CN"
NO_MESH: Mapping[str, Any] = {
    "id": "law",
    "announced": "2021-03-01",
    "on": "2021-03-01",
    "by": "RU",
    "instrument": "sovereign_internet",
    "gateways_closed": "all",
    "domestic_peering": False,
}


class Pair(NamedTuple):
    """Two runs that differ by one thing.

    Attributes
    ----------
    what : str
        The difference.
    first, second : (str or mapping, mapping or "closed")
        The scenarios without and with the difference, and their changes; ``closed`` is
        `closed_china`.
    metric, cell : str
        The metric to compare, and the group, the state, or ``STATE/PLATFORM``.
    sign : int
        Whether the rules raise the metric (1) or lower it (-1); 0 if both are possible.
    """

    what: str
    first: tuple[str | Mapping[str, Any], Mapping[str, Any] | str]
    second: tuple[str | Mapping[str, Any], Mapping[str, Any] | str]
    metric: str
    cell: str
    sign: int


def _russia(*, mesh: bool) -> dict[str, Any]:
    """Return Russia with all gateways closed and its domestic peering divided, with or without a
    mesh.
    """
    return {
        "title": "Russia closes its gateways",
        "status": "what-if",
        "start": "2021-02-01",
        "days": 60,
        "world": {"facts": "world-2020"},
        "policies": [{**NO_MESH, "domestic_mesh": mesh}],
    }


ORDER = "wechat_as_ordered"
PAIRS = (
    Pair(
        "China's blocks of 2020 are lifted",
        (ORDER, {}),
        ("wechat_without_chinas_blocks", {}),
        DAYS_LOST,
        CHINESE_ABROAD,
        0,
    ),
    Pair(
        "the same, if China had blocked every foreign platform on which people talk",
        (ORDER, "closed"),
        ("wechat_without_chinas_blocks", {}),
        DAYS_LOST,
        CHINESE_ABROAD,
        -1,
    ),
    Pair(
        "a licence for private messages",
        (ORDER, {}),
        ("wechat_with_exemption", {}),
        DAYS_LOST,
        CHINESE_ABROAD,
        -1,
    ),
    Pair(
        "a licence for private messages",
        (ORDER, {}),
        ("wechat_with_exemption", {}),
        USERS,
        "US/WeChat",
        1,
    ),
    Pair(
        "messengers talk to each other",
        (ORDER, {}),
        ("wechat_with_bridge", {}),
        DAYS_LOST,
        CHINESE_ABROAD,
        -1,
    ),
    Pair(
        "a mesh of exchange points at home",
        (_russia(mesh=False), {}),
        (_russia(mesh=True), {}),
        REACH,
        "RU",
        1,
    ),
)


def closed_china() -> dict[str, Any]:
    """Return a change of the world: China blocks every foreign platform on which people talk."""
    known = sn.load(ORDER).facts.platforms.items()
    names = [
        name
        for name, one in known
        if one.home != "CN" and TALK & set(one.modes) and one.kind in KINDS
    ]
    return {"world.blocks": {"CN": sorted({*names, "TikTok"})}}


def main() -> None:
    """Run the pairs and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=8_000, help="simulated people of a run")
    parser.add_argument("--seeds", type=int, default=6, help="seeds of a run")
    parser.add_argument(
        "--days", type=int, default=None, help="days of a run; by default those of the scenario"
    )
    asked = parser.parse_args()
    runs: dict[str, Result] = {}
    print(
        "| what is added | metric | without it | with it | difference, by member | members that differ as expected |"
    )
    print("|---|---|---|---|---|---|")
    wrong = 0
    for pair in PAIRS:
        results = [_run(spec, asked, runs) for spec in (pair.first, pair.second)]
        first, second = (effects(result, pair.metric, pair.cell) for result in results)
        apart = second - first
        as_expected = int((apart * pair.sign > 0).sum() if pair.sign else (apart != 0).sum())
        wrong += bool(pair.sign) and as_expected <= asked.seeds / 2
        numbers = [compact(pair.metric, float(np.median(values))) for values in (first, second)]
        spread = [
            compact(pair.metric, float(value)) for value in np.quantile(apart, (0.5, 0.1, 0.9))
        ]
        told = f"{spread[0]} ({spread[1]} to {spread[2]})"
        print(
            f"| {pair.what} | `{pair.metric}`, {pair.cell} | {' | '.join(numbers)} | {told} "
            f"| {as_expected} of {asked.seeds} |",
            flush=True,
        )
    sys.exit(1 if wrong else 0)


def _run(
    made_of: tuple[str | Mapping[str, Any], Mapping[str, Any] | str],
    asked: argparse.Namespace,
    runs: dict[str, Result],
) -> Result:
    """Return a scenario's run, which is made only once."""
    key = str(made_of)
    if key not in runs:
        spec, change = made_of
        changed = closed_china() if isinstance(change, str) else dict(change)
        given = spec if isinstance(spec, str) else dict(spec)
        days = asked.days if isinstance(spec, str) else None
        runs[key] = sn.run(given, people=asked.people, seeds=asked.seeds, days=days, set=changed)
    return runs[key]


def effects(result: Result, metric: str, cell: str) -> np.ndarray:
    """Return the effect on a group or a state for each seed: over the run for days, on the last day
    for other metrics.
    """
    axes = result.members[0][0].axes
    state, _, platform = cell.partition("/")
    place: tuple[int, ...] = (
        (axes.groups.index(cell),) if metric == DAYS_LOST else (axes.states.index(state),)
    )
    place += (axes.platforms.index(platform),) if platform else ()
    arms = np.array(
        [[np.nan_to_num(arm.arrays[metric][:, *place]) for arm in pair] for pair in result.members]
    )
    apart = arms[:, 1] - arms[:, 0]
    return np.asarray(apart.sum(axis=1) if metric == DAYS_LOST else apart[:, -1])


if __name__ == "__main__":
    main()
