"""The event log: what is replayed from it gives the columns of the model on every day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from conftest import block, scenario

from splinternet.experiments.pairs import make_arms
from splinternet.people import events
from splinternet.results.panel import ARMS

DAYS, GROUP = 100, "US<-CN"
POLICIES = [
    {
        "id": "ban",
        "by": "US",
        "instrument": "transaction_ban",
        "targets": ["WeChat"],
        "announced": "2020-08-04",
        "on": "2020-08-08",
        "until": "2020-10-20",
    },
    block(id="wall", by="CN", targets=["QQ", "Skype"], on="2020-08-20", until="2020-09-25"),
]
QUICK = {
    "transaction_ban.speed": 0.2,
    "transaction_ban.ramp_days": 14,
    "delisting.loss_rate": 0.02,
    "ties.only_channel": 0.8,
}
OFF = (events.GIVES_UP, events.DROPS, events.FAILS)
ON = (events.RETURNS, events.TAKES_UP, events.PROMOTED, events.WORKS_AGAIN)
OPENS = (events.FAILS, events.WORKS_AGAIN)
"""What changes whether a platform works for a person, and not whether the person belongs to it."""


class Logged:
    """The events of some kin ties and of the people at their ends in one arm, and the model's own
    columns, on every day.
    """

    def __init__(self, arm: Any, ties: np.ndarray) -> None:
        self.arm, self.ties = arm, ties
        self.ends = np.stack([arm.kin.diaspora_end[ties], arm.kin.family_end[ties]])
        self.people = np.unique(self.ends)
        watched = np.zeros(arm.person.size, bool)
        watched[self.people] = True
        of_ties = np.zeros(arm.kin.first.size, bool)
        of_ties[ties] = True
        arm.events = events.EventLog(watched, of_ties)
        self.first = self.columns()
        self.rows: list[np.ndarray] = []
        self.days: list[dict[str, np.ndarray]] = []

    def step(self) -> None:
        self.arm.step()
        self.rows.append(self.arm.events.take())
        self.days.append(self.columns())

    def columns(self) -> dict[str, np.ndarray]:
        names = ("member", "using", "stuck", "uninstalled", "trial", "aware", "abroad")
        found = {name: self.arm.condition(name, self.people) for name in names}
        return found | {
            "vpn": self.arm.person["vpn"][self.people] > 0,
            "channels": self.arm.kin.channels[self.ties].copy(),
            "out": self.arm.kin.out_days[self.ties] > 0,
        }


@pytest.fixture(scope="module")
def logged() -> dict[str, Logged]:
    arms = make_arms(scenario(POLICIES, days=DAYS, people=14_000, parameters=QUICK), 1)
    number = [group.label for group in arms[1].world.groups].index(GROUP)
    ties = np.flatnonzero((arms[1].kin.group == number).any(axis=1))
    found = {arm.arm: Logged(arm, ties) for arm in arms}
    for _ in range(DAYS):
        for each in found.values():
            each.step()
    return found


@pytest.mark.parametrize("arm", ARMS)
def test_the_log_replayed_gives_the_columns_of_the_model_on_every_day(
    logged: dict[str, Logged], arm: str
) -> None:
    log = logged[arm]
    who = {int(number): at for at, number in enumerate(log.people)}
    tie = {int(number): at for at, number in enumerate(log.ties)}
    now = {name: column.copy() for name, column in log.first.items()}
    seen = 0
    for day, rows in enumerate(log.rows):
        seen += rows.size
        for event in rows:
            what, bit = int(event["what"]), 1 << max(0, int(event["platform"]))
            if what in (*OFF, *ON):
                at = who[int(event["who"])]
                for column in ("using",) if what in OPENS else ("using", "member"):
                    now[column][at] &= ~bit
                    now[column][at] |= bit if what in ON else 0
            elif what == events.AGREES:
                for end in log.ends[:, tie[int(event["who"])]]:
                    now["using"][who[int(end)]] |= bit
                    now["member"][who[int(end)]] |= bit
            elif what in (events.VPN, events.NO_VPN):
                now["vpn"][who[int(event["who"])]] = what == events.VPN
            elif what in (events.LOST, events.CHANGED, events.BACK):
                channels = 0 if what == events.LOST else event["now"]
                now["channels"][tie[int(event["who"])]] = channels
        for column in ("using", "member", "vpn", "channels"):
            assert np.array_equal(now[column], log.days[day][column]), f"{column} on day {day}"
    assert (seen > 1_500) == (arm == "policy")


def test_every_change_of_a_person_stands_in_the_log_of_that_day(logged: dict[str, Logged]) -> None:
    log = logged["policy"]
    before, changes = log.first, 0
    for day, (rows, now) in enumerate(zip(log.rows, log.days, strict=True)):
        of_tie = rows["what"] >= events.NUMBERS
        at = np.searchsorted(log.ties, rows["who"][of_tie])
        told = {*rows["who"][~of_tie].tolist(), *log.ends[:, at].ravel().tolist()}
        moved = np.zeros(log.people.size, bool)
        for column in (name for name in now if name not in ("channels", "out")):
            moved |= now[column] != before[column]
        changes += int(moved.sum())
        assert {*log.people[moved].tolist()} <= told, day
        before = now
    assert changes > 1_000


def test_a_tie_is_back_after_the_days_that_it_was_out(logged: dict[str, Logged]) -> None:
    log = logged["policy"]
    out = np.array([now["out"] for now in log.days])
    found = 0
    for day, rows in enumerate(log.rows):
        for event in rows[rows["what"] == events.BACK]:
            days = out[:, np.searchsorted(log.ties, event["who"])]
            lasted = int(event["days"])
            assert days[day - lasted : day].all() and not days[day] and not days[day - lasted - 1]
            found += 1
    assert found > 25
