"""Solidarity: the effect of a ban on people who keep an app because their circle does, and on
people who decide alone.

Run ``uv run python notebooks/studies/solidarity.py`` (``--people 20000 --seeds 4`` by default).
`Solidarity` is a user's own rule for people, which acts beside the built-in rules in both arms. The
share of the circle is an assumption; the table shows its consequences.
"""

from __future__ import annotations

import argparse

import splinternet as sn

SCENARIO = "wechat_full_block"
STATE = "US"
APP = "WeChat"
METRICS = {"active_users": "use it that day", "openers": "still open it", "vpn_users": "have a VPN"}


class Solidarity(sn.PeopleRule):
    """People keep an app as long as half of their circle has it."""

    share = 0.5

    def decide(self, people, today):  # type: ignore[no-untyped-def]
        """Keep each app that loses access if the circle has it."""
        proposals = people.proposals()
        for app in today.affected:
            users = people.affected(app)
            loyal = people.circle_share(app, users, of="holds") >= self.share
            proposals.keep(users[loyal], app)
        return proposals


class Quorum(Solidarity):
    """People keep an app as long as a quarter of their circle has it."""

    share = 0.25


def kept(result: sn.Result, metric: str) -> float:
    """Return a metric on the last day with the policies, as a share of its value without them, mean
    over seeds.
    """
    values = result[metric].sel(state=STATE).isel(date=-1)
    values = values.sel(platform=APP) if "platform" in values.dims else values
    means = values.mean("seed")
    return float(means.sel(arm="policy") / means.sel(arm="baseline"))


def main() -> None:
    """Print the remaining use of the app with and without the rule."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--days", type=int, default=150)
    parser.add_argument("--jobs", type=int)
    size = vars(parser.parse_args())
    print(f"{APP} in {STATE} on the last day, with the ban against without it")
    print(f"{'':34}" + "".join(f"{words:>18}" for words in METRICS.values()))
    for label, rules in (
        ("each decides alone", []),
        ("half of the circle", [Solidarity]),
        ("a quarter", [Quorum]),
    ):
        result = sn.run(SCENARIO, behaviours=rules, **size)
        print(f"{label:34}" + "".join(f"{kept(result, metric):>17.1%} " for metric in METRICS))


if __name__ == "__main__":
    main()
