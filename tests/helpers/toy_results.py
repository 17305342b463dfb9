"""Made-up results with plausible numbers, for the tests of results and charts: no model is run.

The story is that of WeChat in the United States: announced on day 5, in force from day 50, its use
decays, some people get a VPN, some turn to QQ or Signal, and contact with families in China is lost
and partly found again.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from splinternet import scenario
from splinternet.decisions import (
    Aim,
    Allegiance,
    Decision,
    GaveWay,
    Imitation,
    Join,
    Lift,
    PolicyName,
    Retaliation,
    Strike,
)
from splinternet.metrics.registry import METRICS, WAYS
from splinternet.results.panel import ArmData, Axes, Pair
from splinternet.results.result import Result

STATES = ("US", "CN", "TR", "DE")
PLATFORMS = ("WeChat", "QQ", "TikTok", "WhatsApp", "Facebook", "Signal", "Telegram")
PLATFORMS += ("Skype", "iMessage", "VKontakte")
GROUPS = ("US", "CN", "TR", "DE", "US<-CN", "family:US<-CN", "DE<-TR", "family:DE<-TR", "US<-TR")
CELLS = {"US": 30_000, "CN": 30_000, "TR": 8_000, "DE": 8_000}
CELLS |= {
    "US<-CN": 1_000,
    "family:US<-CN": 2_000,
    "DE<-TR": 1_000,
    "family:DE<-TR": 2_000,
    "US<-TR": 20,
    "US/VKontakte": 12,
}
WHOLE = ("reachable_pairs", "path_stretch", "domestic_reach", "border_capacity", "border_load")
WHOLE += ("reach_abroad", "route_length", "services_usable", "median_services")
WHOLE += ("people_within_reach",)
"""Metrics that are 1 where nothing is cut."""
GAINS = {"QQ": 9e4, "Signal": 1.6e5, "WhatsApp": 2.2e5, "iMessage": 6e4, "Skype": 4e4}
MOVES = {"QQ": 1.2e5, "Signal": 2.1e5, "WhatsApp": 3.0e5, "iMessage": 8e4, "Skype": 5e4}
REAL = {"US": 288e6, "CN": 989e6, "TR": 65e6, "DE": 75e6, "US<-CN": 2.11e6, "family:US<-CN": 8.4e6}
REAL |= {"DE<-TR": 1.3e6, "family:DE<-TR": 5.2e6, "US<-TR": 0.11e6}
USERS = {
    "US": (2.0e6, 2e4, 33e6, 28e6, 180e6, 6e5, 2.5e6, 4e6, 90e6, 3e5),
    "CN": (800e6, 190e6, 0, 1e6, 1e6, 1e5, 2e5, 2e6, 1.2e8, 1e4),
    "TR": (1e4, 1e3, 8e6, 45e6, 30e6, 1e5, 2e6, 5e5, 3e6, 1e5),
    "DE": (9e4, 5e3, 5e6, 52e6, 22e6, 1.2e6, 4e6, 2e6, 8e6, 4e5),
}
POLICY: dict[str, Any] = {
    "id": "wechat-ban",
    "by": "US",
    "instrument": "transaction_ban",
    "targets": ["WeChat"],
    "announced": "2020-08-06",
    "on": "2020-09-20",
    "reference": "Executive Order 13943",
}
STAY: dict[str, Any] = {
    "id": "stay",
    "by": "US",
    "instrument": "injunction",
    "policy": "wechat-ban",
    "on": "2020-11-19",
    "until": "2020-12-19",
}


def toy_scenario(days: int = 180, *, stayed: bool = False, **keys: Any) -> scenario.Scenario:
    """Return the scenario that the made-up results belong to."""
    base = {
        "title": "The United States bans WeChat transactions, as ordered",
        "status": "projection",
        "start": "2020-08-01",
        "days": days,
        "policies": [POLICY, STAY] if stayed else [POLICY],
        "world": {"penetration": {"US": {"WeChat": 0.01}}},
    }
    return scenario.load(base | keys)


def toy_axes(days: int) -> Axes:
    """Return the labels of the made-up results."""
    dates = np.datetime64("2020-08-01") + np.arange(days)
    return Axes(tuple(str(date) for date in dates), STATES, PLATFORMS, GROUPS, WAYS)


def toy_arm(seed: int, arm: str, days: int, effect: float, start: int = 50) -> ArmData:
    """Return one arm of a made-up member.

    Parameters
    ----------
    effect : float
        How strong the policies are; zero gives the baseline to the bit.
    start : int
        Day on which they begin to have an effect.
    """
    rng = np.random.default_rng(seed)
    axes = toy_axes(days)
    luck = float(rng.lognormal(0, 0.25))
    day = np.arange(days)
    after = np.clip(day - start, 0, None)
    told = np.clip(day - 5, 0, None)
    gone = effect * (1 - np.exp(-after / (40 * luck)))  # share of use that is gone
    back = effect * (
        1 - np.exp(-np.clip(day - start - 20, 0, None) / 60)
    )  # share of what was lost that came back
    wiggle = 1 + 0.01 * rng.normal(size=days).cumsum() / np.sqrt(days)
    arrays = {name: np.zeros(axes.shape(name)) for name in METRICS}

    share = 0.13 * luck * gone * (1 - 0.55 * back)
    _users(arrays, axes, gone, effect * told, wiggle, luck)
    _contact(arrays, axes, share, gone, back)
    arrays["vpn_users"] += np.outer(wiggle, [6e6, 3e7, 8e6, 4e6])
    arrays["vpn_users"][:, 0] += 2.4e5 * luck * gone
    arrays["fragile_ties"] += 0.4
    for name in WHOLE:
        arrays[name] += 1.0
    arrays["services_usable"][:, 0] -= 0.3 * gone
    for i, j in ((0, 1), (1, 0)):
        arrays["reachable_pairs"][:, i, j] -= 0.4 * gone
        arrays["path_stretch"][:, i, j] += 0.2 * gone
    arrays["concentration"] += np.outer(wiggle, [0.3, 0.4, 0.25, 0.35])
    arrays["consumer_surplus_lost"][:, 0] += 1.1e6 * gone
    for name in ("effective_internets", "internets_by_likeness"):
        arrays[name] += 1.3 + 0.4 * gone
    arrays["bloc"][:, 1] = gone > 0
    if days < 90:
        arrays["ties_severed"][:] = np.nan
    else:
        arrays["ties_severed"][4:6] = 2.1e5 * share[-1]
    frozen = {name: np.ascontiguousarray(array, dtype=np.float64) for name, array in arrays.items()}
    return ArmData(seed, arm, axes, frozen, dict(CELLS), dict(REAL))


def _users(
    arrays: dict[str, np.ndarray],
    axes: Axes,
    gone: np.ndarray,
    told: np.ndarray,
    wiggle: np.ndarray,
    luck: float,
) -> None:
    """Fill in use by state and platform."""
    users = arrays["active_users"]
    for i, state in enumerate(axes.states):
        users[:, i, :] = np.outer(wiggle, USERS[state])
    users[:, 0, 0] *= 1 - 0.85 * gone
    fear = 1 - np.exp(-told / 30)
    for platform, people in GAINS.items():
        users[:, 0, axes.platforms.index(platform)] += people * luck * (0.8 * gone + 0.2 * fear)
    users[:, 1, 1] += 1.1e5 * gone
    for name, factor in (("weekly_users", 1.5), ("monthly_users", 1.9), ("openers", 1.0)):
        arrays[name][:] = users * factor
    flows = arrays["flows"]
    for platform, people in MOVES.items():
        flows[0, 0, axes.platforms.index(platform)] = people * luck * gone[-1]
    flows[0, 0, 1] += 1.0 * fear[-1]


def _contact(
    arrays: dict[str, np.ndarray], axes: Axes, share: np.ndarray, gone: np.ndarray, back: np.ndarray
) -> None:
    """Fill in contact with families."""
    for group, base, weight in (
        ("US<-CN", 2.11e6, 1.0),
        ("family:US<-CN", 8.4e6, 0.6),
        ("US<-TR", 0.1e6, 0.3),
    ):
        g = axes.groups.index(group)
        lose(arrays, group, share * weight, base)
        arrays["family_contact_lost_entirely"][:, g] = share * weight * 0.1
        arrays["conversations_lost"][:, g] = share * weight * base * 0.7
        arrays["ties_out_of_contact"][:, g] = share * weight * base * 1.8
        arrays["ties_lost"][:, g] = share * weight * base * 1.1
        for way, part in (("VPN", 0.3), ("substitute", 0.7)):
            arrays["reconnected"][:, g, axes.ways.index(way)] = 3e5 * weight * part * gone * back
    ties = arrays["cross_border_contact"]
    for a, b, n in (
        ("US", "CN", 3.9e6),
        ("DE", "TR", 2.6e6),
        ("US", "DE", 1.4e6),
        ("US", "TR", 2e5),
        ("CN", "DE", 3e5),
    ):
        i, j = axes.states.index(a), axes.states.index(b)
        ties[:, i, j] = ties[:, j, i] = n * (1 - (share if {a, b} == {"US", "CN"} else 0))


def lose(arrays: dict[str, np.ndarray], group: str, share: np.ndarray, people: float) -> None:
    """Let the same so many people of a group, the first to lose contact and the last to get it
    back, lose contact.

    Parameters
    ----------
    arrays : dict of str to (days, ...) float
        The metrics of an arm; those of contact of that group are filled in.
    share : (days,) float
        Of the members, without a channel on each day.
    people : float
        Members with a channel in the baseline [persons].
    """
    g, days = GROUPS.index(group), len(share)
    so_far = np.maximum.accumulate
    arrays["family_contact_lost"][:, g] = share
    arrays["family_contact_lost_people"][:, g] = arrays["contact_days_lost"][:, g] = share * people
    arrays["family_contact_ever_lost"][:, g] = so_far(share)
    arrays["family_contact_ever_lost_people"][:, g] = so_far(share) * people
    arrays["contact_days_lost_per_member"][:, g] = np.cumsum(share)
    steps = np.array([1.0, 0.0, 0.0]) + np.outer(so_far(share), [-1.0, 0.9, 0.1])
    arrays["contact_by_step"][:, g] = steps
    arrays["contact_by_step_people"][:, g] = steps * people
    for name, length in (("family_contact_lost_7d", 7), ("family_contact_lost_30d", 30)):
        least = [
            share[day + 1 - length : day + 1].min() if day + 1 >= length else 0.0
            for day in range(days)
        ]
        arrays[name][:, g] = so_far(np.array(least))


def toy_pair(seed: int, days: int = 180, *, effect: float = 1.0, start: int = 50) -> Pair:
    """Return both arms of a made-up member."""
    return toy_arm(seed, "baseline", days, 0.0), toy_arm(seed, "policy", days, effect, start)


def toy_result(
    seeds: int = 8, days: int = 180, *, effect: float = 1.0, start: int = 50, **keys: Any
) -> Result:
    """Return a made-up result; its intervals hold chance only, whatever error the shipped tables
    give the model.
    """
    members = [toy_pair(seed, days, effect=effect, start=start) for seed in range(1, seeds + 1)]
    note = "the share of families with WeChat as their only channel is not known: it is drawn from 0.3 to 0.9"
    return Result(
        toy_scenario(days, **keys),
        members,
        {"notes": [note], "command": "splinternet run toy", "chance_only": True},
    )


def decided_by_states(members: list[Pair], dates: tuple[str, ...]) -> list[Pair]:
    """Return made-up members in which states decide: one answers, one joins and one copies in every
    second alone.
    """
    found = []
    for n, (baseline, policy) in enumerate(members):
        day, last = (date.fromisoformat(dates[at]) for at in (min(len(dates) - 1, 60 + 7 * n), -1))
        twitter, block = (Aim("Twitter"),), Strike("block")
        answer, copy = (
            PolicyName(f"{who}-twitter-{on}", "block") for who, on in (("CN", day), ("TR", last))
        )
        end = PolicyName(f"{answer.id}-end", "lift")
        hit, ally = Retaliation("US", (Aim("WeChat"),), "wechat-ban"), Allegiance("US", "CN")
        made = [
            Decision(day, "CN", "retaliation", block, twitter, answer, "wechat-ban", {}, hit),
            Decision(
                day, "DE", "coalition", Join("US", "CN"), (Aim("CN"),), None, "wechat-ban", {}, ally
            ),
        ]
        if n % 2:
            copied = Imitation("CN", answer.id)
            made += [
                Decision(last, "TR", "imitation", block, twitter, copy, answer.id, {}, copied),
                Decision(
                    last,
                    "CN",
                    "retaliation",
                    Lift(answer.id),
                    twitter,
                    end,
                    answer.id,
                    {},
                    GaveWay(),
                ),
            ]
        found.append((baseline, replace(policy, decisions=tuple(made))))
    return found
