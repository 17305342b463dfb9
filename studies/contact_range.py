"""Tests of the range of lost contact: surveys as bounds, and simulated truths.

``uv run python studies/contact_range.py --bounds --people 2000 --seeds 6`` runs the recorded events
with surveys of contact, and prints whether the model stays within each bound. A survey asks about
more than lost contact (trouble, or impaired contact) or about more causes than the order, so the
share who lose every app must not exceed it. Nothing is fitted to the surveys.

``--covered --members 36 --people 5000`` takes each seed of the opening case in turn as the truth,
and counts how often the interval of twelve others contains it.
"""

from __future__ import annotations

import argparse

import numpy as np

import splinternet as sn
from splinternet.results import Result
from splinternet.results.interval import interval
from splinternet.scenario import load

EVENTS = ("events/ru_calls_2025", "events/in_wechat_tibet_2020", "events/ir_diaspora_2025")
METRIC = "family_contact_ever_lost"
CASE, GROUP = "wechat_as_ordered", "US<-CN"
OTHERS = 12


def bounds(event: str, people: int, seeds: int) -> list[tuple[str, str, float, float, float]]:
    """Return the surveys of an event: the row, the group, the bound with its tolerance, and the low
    and high end of the model on that day.
    """
    result = sn.run(event, people=people, seeds=seeds, jobs=1)
    found = []
    for seen in load(event).observed:
        if seen.metric != METRIC or not seen.group:
            continue
        given = _on(result, seen.group, str(seen.date))
        low, high = interval(given)
        found.append(
            (str(seen.row), seen.group, seen.value + seen.tolerance, float(low), float(high))
        )
    return found


def _on(result: Result, group: str, day: str) -> np.ndarray:
    """Return the share that has lost every app by a day, by seed."""
    lost = result[METRIC].sel(arm="policy", group=group)
    return np.asarray(lost.sel(date=day, method="ffill"))


def covered(members: int, people: int) -> tuple[float, float]:
    """Return how often twelve other seeds cover one, and the mean ratio of the ends of their
    interval.
    """
    result = sn.run(CASE, people=people, seeds=members, jobs=1)
    lost = np.asarray(result[METRIC].sel(arm="policy", group=GROUP).isel(date=-1))
    rng = np.random.default_rng(1)
    hits = []
    ratios = []
    for truth in range(members):
        others = np.delete(lost, truth)
        for _ in range(20):
            low, high = interval(rng.choice(others, OTHERS, replace=False))
            hits.append(low <= lost[truth] <= high)
            ratios.append(high / max(low, 1e-9))
    return float(np.mean(hits)), float(np.median(ratios))


def main() -> None:
    """Print the requested tests."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bounds", action="store_true")
    parser.add_argument("--covered", action="store_true")
    parser.add_argument("--people", type=int, default=2_000)
    parser.add_argument("--seeds", type=int, default=6)
    parser.add_argument("--members", type=int, default=36)
    args = parser.parse_args()
    for event in EVENTS if args.bounds else ():
        for row, group, most, low, high in bounds(event, args.people, args.seeds):
            holds = "holds" if low <= most else "broken"
            print(f"{row} {group}: at most {most:.2f}; model {low:.3f} to {high:.3f}: {holds}")
    if args.covered:
        share, ratio = covered(args.members, args.people)
        print(f"12 others cover {share:.0%} of {args.members} simulated truths; {ratio:.1f} to one")


if __name__ == "__main__":
    main()
