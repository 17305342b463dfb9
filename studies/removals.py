"""A test that removing access never raises contact across a border, for every shipped scenario that
only removes access.

``uv run python studies/removals.py --people 3000 --seeds 2`` prints one line a scenario: the
largest rise of kin ties with a channel on a day, and the change on the last day, as shares of the
baseline arm's. The exit code is 1 if a rise is larger than chance explains (`MOST_RISE`). A
scenario and seed take about half a minute on an idle core.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from splinternet.core.shipped import shipped
from splinternet.experiments.pairs import run_pair
from splinternet.scenario import Scenario, load

TAKING = frozenset(
    {
        "block",
        "throttle",
        "store_removal",
        "preinstall_ban",
        "transaction_ban",
        "carrier_ban",
        "cable_ban",
        "cloud_ban",
        "path_rule",
        "border_cut",
        "sovereign_internet",
        "shutdown",
        "commerce_ban",
        "usage_tax",
        "vpn_ban",
        "content_removal",
    }
)
"""Instruments that only remove access."""
MOST_RISE = 0.002
"""Largest rise that chance explains: people who adopt another app may find relatives on it
(assumption).
"""


def only_takes_away(spec: Scenario) -> bool:
    """Return whether a scenario only removes access, and only in the policy arm."""
    settled = not spec.world.blocks_policy_arm and not any(spec.behaviour.model_dump().values())
    return (
        bool(spec.policies)
        and settled
        and all(policy.instrument in TAKING for policy in spec.policies)
    )


def scenarios() -> list[str]:
    """Return the names of the shipped scenarios that only remove access."""
    return [name for name in sorted(shipped()) if only_takes_away(load(name))]


def changes(spec: Scenario, seed: int) -> np.ndarray:
    """Return the change of kin ties across a border with a channel, day by day, as a share of the
    baseline arm's.
    """
    kept, left = (
        arm.arrays["cross_border_contact"]
        for arm in run_pair(spec, seed, metrics=("cross_border_contact",))
    )
    kept, left = (np.nansum(found.reshape(len(found), -1), axis=1) for found in (kept, left))
    return np.asarray((left - kept) / kept)


def main() -> int:
    """Print the table; return 1 if contact rises."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("names", nargs="*", help="scenarios; by default all that only remove access")
    asked.add_argument("--people", type=int, default=3_000)
    asked.add_argument("--days", type=int, default=None)
    asked.add_argument("--seeds", type=int, default=1)
    told = asked.parse_args()
    failed = 0
    for name in told.names or scenarios():
        spec = load(name, people=told.people, **({"days": told.days} if told.days else {}))
        found = np.array([changes(spec, seed) for seed in range(1, told.seeds + 1)])
        rise = float(found.max())
        failed += rise > MOST_RISE
        print(
            f"{name:45} largest rise {rise:+.2%}, last day {found[:, -1].mean():+.1%}", flush=True
        )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
