"""What states and platforms decide by themselves: one behaviour a file, found by its name in a scenario's `behaviour:`.

To add a behaviour, add ``sim/behaviour/<name>.py`` with ``SUMMARY``, ``AVAILABLE``, ``EVERY_DAYS`` and, once it works,
``act(model)``, which returns what was decided. The key in scenario files, the listing and the checks follow.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

from sim import policies
from sim.arm import Arm, StatesArm
from sim.decisions import Decision, Settled
from sim.policies.base import PolicyKeys

_NO_BEHAVIOURS = frozenset({"alone", "firm", "log", "measures", "repertoire"})


@cache
def behaviours() -> tuple[str, ...]:
    """Return the names of all behaviours, sorted, without importing any of them."""
    names = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in names if name not in _NO_BEHAVIOURS and not name.startswith("_")))


def module(name: str) -> ModuleType:
    """Return the module of a behaviour."""
    return import_module(f"{__name__}.{name}")


def act(model: StatesArm) -> None:
    """Let every behaviour that the scenario switches on act on its days, and log what is decided (policy arm only).

    A policy that is decided today binds tomorrow at the earliest: today's law stands already.
    """
    if model.arm != "policy":
        return
    for name in behaviours():
        if not getattr(model.spec.behaviour, name, False):
            continue
        part = module(name)
        if model.day % part.EVERY_DAYS == 0:
            for decision in part.act(model):
                model.decisions.append(decision)
                if isinstance(decision.policy, PolicyKeys):
                    model.decided += (decision.policy,)


def lasting_events(model: Arm) -> None:
    """Let what the policies in force change for good happen: a sale, data that move; each is logged."""
    for policy, _ in model.docket.in_force:
        happens = policies.load(policy.instrument).happens
        for platform, done, setting in happens(policy, model.date, model.setting):
            model.adopt(setting)
            reason = Settled(policy.id, policy.by)
            model.decisions.append(Decision(model.date, platform, "scenario", done, reason=reason))
