"""Random draws of `splinternet_2030` with people, and what must hold in each: no NaN, no state that
acts on itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.decisions import Decision
from splinternet.engine.model import Model
from splinternet.experiments.pairs import make_arms
from splinternet.policies.base import Policy
from splinternet.text.decisions import words_of

SCENARIO, PEOPLE = "splinternet_2030", 1_000
DEFINED = (
    "active_users",
    "monthly_users",
    "consumer_surplus_lost",
    "effective_internets",
    "internets_by_likeness",
    "access_likeness",
    "bloc",
    "platforms_restricted",
    "cascade_size",
    "cascade_depth",
)
"""Metrics that are defined on every day of every world."""


def line(d: Decision) -> str:
    words = words_of(d)
    return f"{d.day} {words['who']} {words['what']}: {words['because']}"


def drawn(k: int, days: int, people: int = PEOPLE) -> sn.Scenario:
    """Return the scenario with draw ``k`` of all parameters that it calls uncertain."""
    base = sn.load(SCENARIO)
    rng = np.random.default_rng([2030, k])
    values = {name: float(rng.uniform(r.low, r.high)) for name, r in base.uncertain.items()}
    keys = base.model_dump(mode="json") | {
        "days": days,
        "people": people,
        "parameters": values,
        "uncertain": {},
    }
    return sn.load(keys)


def live(spec: sn.Scenario, seed: int) -> tuple[Model, Model]:
    """Simulate all days; return both arms."""
    baseline, policy = make_arms(spec, seed)
    for _ in range(spec.days):
        baseline.step()
        policy.step()
    return baseline, policy


def faults(baseline: Model, policy: Model) -> list[str]:
    """Return what is wrong with a member: numbers that are none, and states that act on themselves."""
    found = []
    for name, values in policy.record.arrays.items():
        if np.isinf(values).any():
            found.append(f"{name} is infinite")
        lost = np.isnan(values) & ~np.isnan(baseline.record.arrays[name])
        if lost.any() or (name in DEFINED and np.isnan(values).any()):
            found.append(f"{name} is not a number")
    return found + on_themselves(policy)


def on_themselves(arm: Model | StatesAlone) -> list[str]:
    """Return the decisions by which a state acts on itself or its own firms, or weighs what is no
    number.
    """
    s = arm.outlook.situation
    home = {t.label: s.states[t.home] for t in s.targets}
    owners = {t.name: s.states[t.home] for t in s.targets if t.platform >= 0}
    found = []
    for d in arm.decisions:
        if d.who not in s.states:
            continue
        if d.target_label == d.who or home.get(d.target_label) == d.who:
            found.append(f"{line(d)}: acts on itself")
        if not all(np.isfinite(v) for v in d.scores.values()):
            found.append(f"{line(d)}: weighs {d.scores}")
        if d.policy is not None:
            found += [f"{line(d)}: {why}" for why in _wrong(d.policy, d.who, owners)]
    return found


def _wrong(policy: Policy, who: str, owners: dict[str, str]) -> list[str]:
    """Return what is wrong with a decided policy."""
    found = [] if policy.by == (who,) else [f"is by {policy.by}"]
    found += [f"is aimed at {name} at home" for name in policy.targets if owners.get(name) == who]
    avoided: Any = getattr(policy, "avoid_states", ()) or ()
    return found + (["avoids itself"] if who in avoided else [])
