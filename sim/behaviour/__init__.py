"""Decisions of states and platforms: one behaviour per file, found by its name under `behaviour:` in a scenario.

To add a behaviour, add ``<name>.py`` to this package, or to the folder ``behaviours`` of a project, with ``SUMMARY``,
``EVERY_DAYS`` and ``act(model)``, which returns the decisions. The key in scenario files, the listing and the checks
follow from it (`sim.scenario.behaviours`).
"""

from __future__ import annotations

from sim.arm import Arm, StatesArm
from sim.decisions import Decision, Settled
from sim.policies.base import Policy
from sim.scenario.behaviours import BEHAVIOURS


def act(model: StatesArm) -> None:
    """Let every behaviour that the scenario switches on act on its days, and log what is decided (policy arm only).

    A policy that is decided today binds tomorrow at the earliest: today's law stands already.
    """
    if model.arm != "policy":
        return
    for name in sorted(BEHAVIOURS):
        if not model.spec.behaviour.is_on(name):
            continue
        part = BEHAVIOURS[name]
        if model.day % part.every_days == 0:
            for decision in part.act(model):
                model.decisions.append(decision)
                if isinstance(decision.policy, Policy):
                    model.decided += (decision.policy,)


def lasting_events(model: Arm) -> None:
    """Let what the policies in force change for good happen: a sale, data that move; each is logged."""
    for policy, _ in model.docket.in_force:
        for platform, done, setting in policy.happens(model.date, model.setting):
            model.adopt(setting)
            reason = Settled(policy.id, policy.by)
            model.decisions.append(Decision(model.date, platform, "scenario", done, cause=policy.id, reason=reason))
