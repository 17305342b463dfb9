"""Runs a tiny world with every number of a scenario at both ends of what `check` allows."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import numpy as np

from splinternet.experiments.pairs import run_pair
from splinternet.facts import load_facts
from splinternet.facts.model import limits_of
from splinternet.metrics.registry import METRICS
from splinternet.policies.values import MOST_GATEWAYS
from splinternet.scenario import Scenario, load
from splinternet.scenario.json_schema import json_schema

Keys = dict[str, Any]
DAYS, PEOPLE = 33, 1_000  # one monthly turn of the states that decide

POLICIES: list[Keys] = [
    {
        "id": "transaction_ban",
        "by": "US",
        "targets": ["WeChat"],
        "announced": "2020-08-02",
        "on": "2020-08-06",
    },
    {
        "id": "block",
        "technique": "isp",
        "by": "RU",
        "targets": ["Instagram"],
        "announced": "2020-08-02",
    },
    {"id": "dns", "instrument": "block", "technique": "dns", "by": "TR", "targets": ["Twitter"]},
    {
        "id": "geoblock",
        "instrument": "block",
        "technique": "geoblock",
        "by": "IN",
        "targets": ["TikTok"],
    },
    {
        "id": "calls",
        "instrument": "block",
        "technique": "calls_only",
        "by": "AE",
        "targets": ["WhatsApp"],
    },
    {"id": "throttle", "by": "RU", "targets": ["YouTube"], "share": 0.8},
    {"id": "rate", "instrument": "throttle", "by": "RU", "targets": ["Facebook"], "rate_kbps": 200},
    {"id": "vpn_ban", "by": "RU", "share_closed": 0.5, "penalty": 2},
    {"id": "usage_tax", "by": "NG", "targets": ["Facebook"], "fee_per_day": 0.05},
    {"id": "content_removal", "by": "TR", "targets": ["Twitter"], "share": 0.2, "hours": 48},
    {
        "id": "local_representative",
        "by": "TR",
        "targets": ["Facebook"],
        "ladder": [
            {"on": "2020-08-06", "sanction": "fine", "amount": 1e6},
            {"on": "2020-08-08", "sanction": "throttle", "share": 0.9},
        ],
    },
    {
        "id": "data_localisation",
        "by": "RU",
        "targets": ["LinkedIn", "Twitter"],
        "deadline": "2020-08-08",
    },
    {
        "id": "divest_or_ban",
        "by": "US",
        "targets": ["TikTok"],
        "announced": "2020-08-02",
        "days": 4,
    },
    {"id": "cloud_ban", "by": "DE", "clouds": "Tencent Cloud"},
    {
        "id": "national_champion",
        "by": "RU",
        "targets": ["VKontakte"],
        "compulsory": True,
        "preinstalled": True,
    },
    {"id": "sovereign_internet", "by": "RU", "gateways_closed": 4, "domestic_mesh": True},
    {"id": "border_cut", "by": "TR", "gateways_closed": 2, "on": "2020-08-20"},
    {"id": "commerce_ban", "by": "US", "targets": ["AliExpress"]},
    {"id": "preinstall_ban", "by": "CN", "targets": ["WeChat"], "makers": "Huawei"},
    {"id": "shutdown", "by": "NG", "share": 0.3, "on": "2020-08-07", "until": "2020-08-09"},
    {"id": "bridge", "by": "US", "platforms": ["WeChat", "WhatsApp"], "on": "2020-08-09"},
    {
        "id": "injunction",
        "by": "US",
        "policy": "transaction_ban",
        "on": "2020-08-12",
        "until": "2020-08-14",
    },
    {"id": "content_withdrawal", "by": "US", "from": "CA", "targets": ["Facebook"], "share": 0.03},
    {"id": "device_ban", "by": "UA", "targets": ["Telegram"], "devices": 0.01},
    {
        "id": "age_limit",
        "by": "AU",
        "targets": ["TikTok"],
        "age": 16,
        "share_found": 0.4,
        "obedience": 0.5,
    },
    {
        "id": "some",
        "instrument": "block",
        "by": "FR",
        "targets": ["Snapchat"],
        "who": {"share": 0.1},
    },
]
"""A policy of every instrument that has a number of its own, and of every technique."""
WORLD: Keys = {
    "platforms": {
        "Newcomer": {
            "owner": "o",
            "home": "DE",
            "kind": "messenger",
            "penetration": 0.3,
            "evasion": 0.2,
        }
    },
    "states": {
        "QQ": {
            "name": "Q",
            "population": 2e6,
            "internet_users": 1e6,
            "gdp_per_head": 9e3,
            "ios_share": 0.2,
            "vpn_share": 0.1,
        }
    },
    "penetration": {"US": {"WeChat": {"CN": 0.9, "other": 0.001}}},
    "communities": {"CN": {"Tibetans": {"share": 0.0045, "fear": 0.2}}},
    "vpn_share": {"IR": 0.4},
    "internet_users": {"TR": 60e6},
}
BEHAVIOUR = dict.fromkeys(
    ("platforms", "targets", "retaliation", "imitation", "coalition", "pushback"), True
)
PLACES: dict[str, tuple[str | int, ...]] = {
    "PlatformKeys.evasion": ("world", "platforms", "Newcomer", "evasion"),
    "PlatformKeys.penetration": ("world", "platforms", "Newcomer", "penetration"),
    **{
        f"StateKeys.{key}": ("world", "states", "QQ", key)
        for key in ("population", "internet_users", "gdp_per_head", "ios_share", "vpn_share")
    },
    **{
        f"CommunityKeys.{key}": ("world", "communities", "CN", "Tibetans", key)
        for key in ("share", "fear")
    },
    "Who.share": ("policies", -1, "who", "share"),
    "Who.simulated": ("policies", -1, "who", "simulated"),
    "Step.share": ("policies", 10, "ladder", 1, "share"),
    "Step.amount": ("policies", 10, "ladder", 0, "amount"),
    "throttle.rate_kbps": ("policies", 6, "rate_kbps"),
    "World.penetration": ("world", "penetration", "US", "WeChat", "CN"),
    "World.vpn_share": ("world", "vpn_share", "IR"),
    "World.internet_users": ("world", "internet_users", "TR"),
}
"""Where each number of the schema stands in the scenario above, where its name does not say so."""
APART = {
    "Scenario.days": "ten years take half a minute: the command runs them",
    "Scenario.people": "the largest world takes the memory of a large machine: see test_memory.py",
    "Observed.value": "compared with what was simulated, never simulated",
    "Observed.tolerance": "compared with what was simulated, never simulated",
    "Range.low": "the ends of a range are values of what it is of, and are checked as such",
    "Range.high": "the ends of a range are values of what it is of, and are checked as such",
}
"""Numbers that are not run at both ends, and why."""


def whole(**keys: Any) -> Keys:
    """Return the scenario in which one number or some are changed."""
    policies = [
        {"instrument": policy["id"], "on": "2020-08-05", **policy} for policy in deepcopy(POLICIES)
    ]
    given = {"title": "both ends", "start": "2020-08-01", "days": DAYS, "people": PEOPLE}
    return given | {"policies": policies, "world": deepcopy(WORLD), "behaviour": BEHAVIOUR} | keys


def ends_of_parameters() -> dict[str, tuple[float, float]]:
    """Return the least and the largest value that `check` allows each parameter of the table."""
    known = load_facts("world-2020").parameters
    return {
        name: (0.0, len(found.choices) - 1.0) if found.choices else limits_of(name, found)
        for name, found in known.items()
    }


def ends_of_keys() -> dict[str, tuple[float, float]]:
    """Return the least and the largest value of each number of the schema, by model and key."""
    schema = json_schema(METRICS)
    found: dict[str, tuple[float, float]] = {}
    models = {"Scenario": schema, **schema["definitions"]}
    for model, described in models.items():
        for key, entry in described.get("properties", {}).items():
            if key == "parameters" or model == "Range":
                continue
            for number in _numbers(entry):
                found[f"{model}.{key}"] = number
    values = {
        "World.penetration": (0.0, 1.0),
        "World.vpn_share": (0.0, 1.0),
        "World.internet_users": (1.0, 1e10),
    }
    return (
        found
        | values
        | dict.fromkeys(
            ("border_cut.gateways_closed", "sovereign_internet.gateways_closed"), GATEWAYS
        )
    )


def _numbers(entry: Any) -> Iterator[tuple[float, float]]:
    """Yield the ends of the numbers in an entry of the schema; an end that is missing is infinite."""
    if isinstance(entry, list):
        for part in entry:
            yield from _numbers(part)
    elif isinstance(entry, dict):
        if entry.get("type") in ("number", "integer"):
            low = entry.get("minimum", entry.get("exclusiveMinimum", -np.inf))
            yield low, entry.get("maximum", entry.get("exclusiveMaximum", np.inf))
        yield from _numbers(
            [part for key, part in entry.items() if key in ("anyOf", "oneOf", "allOf")]
        )


def place_of(name: str) -> tuple[str | int, ...]:
    """Return where a number of the schema stands in the scenario."""
    if name in PLACES:
        return PLACES[name]
    model, key = name.split(".")
    if model == "Scenario":
        return (key,)
    return (
        "policies",
        next(at for at, policy in enumerate(POLICIES) if policy["id"] == model),
        key,
    )


def with_number(keys: Keys, name: str, value: float) -> Keys:
    """Return the scenario with a number of the schema changed; users stay no more than residents."""
    holder: Any = keys
    *steps, last = place_of(name)
    for step in steps:
        holder = holder[step]
    holder[last] = int(value) if name in WHOLE_NUMBERS else value
    if name.endswith("internet_users"):
        state = "QQ" if name.startswith("State") else "TR"
        keys["world"]["states"].setdefault(state, {})["population"] = 1e10
    if name == "StateKeys.population":
        keys["world"]["states"]["QQ"]["internet_users"] = min(1e6, value)
    return keys


GATEWAYS = (0.0, float(MOST_GATEWAYS))
WHOLE_NUMBERS = (
    "Scenario.days",
    "Scenario.seed",
    "divest_or_ban.days",
    "Who.simulated",
    "border_cut.gateways_closed",
    "sovereign_internet.gateways_closed",
)


def run(keys: Keys) -> list[str]:
    """Run a scenario that `check` accepts; return what is wrong with its numbers."""
    return wrong_in(load(keys))


def wrong_in(spec: Scenario) -> list[str]:
    """Run a scenario; return what is wrong with its numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        warnings.filterwarnings("ignore", message="(Mean of empty|All-NaN|Degrees of freedom)")
        pair = run_pair(spec, spec.seed)
    found = []
    for arm in pair:
        for name, array in arm.arrays.items():
            if np.isinf(array).any():
                found.append(f"{name} is infinite")
            if METRICS[name].unit == "share" and (np.nan_to_num(array) > 1 + 1e-9).any():
                found.append(f"{name} is a share of more than 1")
            if name == "active_users" and not (array >= 0).all():
                found.append(f"{name} is negative, or no number")
    return found
