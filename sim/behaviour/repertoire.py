"""The means a state has: which instrument it can use against whom, and the decision that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sim import policies
from sim.arm import StatesArm
from sim.behaviour.measures import measures, situation
from sim.decisions import Decision, Reason, ShutOut, Strike, name_of
from sim.policies.base import PolicyKeys
from sim.world.situation import Target


def against(model: StatesArm, state: int, target: Target, notice: int, name: str) -> PolicyKeys | None:
    """Return the policy by which a state can act against a target, by its means; None where it has none.

    Parameters
    ----------
    model : StatesArm
    state : int
        Number of the deciding state.
    target : Target
    notice : int
        Days from announcement to force; it binds tomorrow at the earliest [days].
    name : str
        Id of the policy.
    """
    s, ready = situation(model), policies.available()
    code = s.states[state]
    instrument, own = _instrument(model, state, target)
    if instrument not in ready:
        return None
    keys = {
        "id": name,
        "instrument": instrument,
        "by": (code,),
        "announced": model.date,
        "on": model.date + timedelta(days=max(1, notice)),
        **own,
    }
    return policies.keys(instrument)(**keys)


def can_act(model: StatesArm, state: int, target: Target) -> bool:
    """Return whether a state has an instrument against a target in the modelled network."""
    return _instrument(model, state, target)[0] in policies.available()


def _instrument(model: StatesArm, state: int, target: Target) -> tuple[str, dict[str, Any]]:
    """Return the instrument for a target and its own keys; a national filter first, then lists, then business."""
    means, enough = situation(model).means, model.setting.parameters["targets.means_enough"]
    if target.platform >= 0:
        if means["filter"][state] >= enough or _built_a_filter(model, state):
            return "block", {"targets": (target.name,), "technique": "dpi"}
        if means["lists"][state] >= enough:
            return "block", {"targets": (target.name,), "technique": "isp"}
        if means["market"][state] < enough:
            return "", {}
        trade = target.sector == "commerce" and "commerce_ban" in policies.available()
        return ("commerce_ban" if trade else "transaction_ban"), {"targets": (target.name,)}
    if target.sector == "carrier":
        return "carrier_ban", {"carriers": (target.name,)}
    if target.sector == "cloud":
        known = {h for f in model.setting.platform_facts.values() for h in f.hosting if h.startswith(target.name)}
        return ("cloud_ban", {"clouds": tuple(sorted(known))}) if known else ("", {})
    return "", {}


def _built_a_filter(model: StatesArm, state: int) -> bool:
    """Return whether a measure of its own has given a state a national filter."""
    return any(m.by == state and m.days >= 0 and getattr(m.policy, "capability", "") == "dpi" for m in measures(model))


def strike(
    model: StatesArm,
    state: int,
    j: int,
    behaviour: str,
    *,
    notice: int,
    reason: Reason,
    cause: str,
    scores: dict[str, float],
) -> Decision:
    """Return the decision of a state to act against a target.

    Parameters
    ----------
    model : StatesArm
    state, j : int
        Numbers of the state and of the target.
    behaviour : str
        Which behaviour decides.
    notice : int
        Days from announcement to force [days].
    reason : Reason
        Why it acts.
    cause : str
        Id of the measure that it answers or copies; empty for a first one.
    scores : dict of str to float
        What was weighed.
    """
    s = situation(model)
    code, target = s.states[state], s.targets[j]
    policy = against(model, state, target, notice, name_of(code, target.label, model.date))
    act = Strike(policy.instrument) if policy else ShutOut()
    return Decision(model.date, code, behaviour, act, (target.aim,), policy, cause, scores, reason)
