"""The means of a state: the instrument that it can use against a target, and the decision that follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sim import policies
from sim.arm import StatesArm
from sim.behaviour.standing import situation, standing_policies
from sim.decisions import Decision, Lift, Reason, ShutOut, Strike, name_of
from sim.facts.relations import read_repertoire
from sim.ledger import Standing
from sim.policies.base import Policy
from sim.world.situation import Target

_FILTER = "dpi"
"""The technique of a national filter."""


def against(model: StatesArm, state: int, target: Target, notice: int, name: str) -> Policy | None:
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
    code = situation(model).states[state]
    instrument, own = _instrument(model, state, target)
    if not instrument:
        return None
    keys = {
        "id": name,
        "instrument": instrument,
        "by": (code,),
        "announced": model.date,
        "on": model.date + timedelta(days=max(1, notice)),
        **own,
    }
    return policies.INSTRUMENTS[instrument](**keys)


def can_act(model: StatesArm, state: int, target: Target) -> bool:
    """Return whether a state has an instrument against a target in the modelled network."""
    return bool(_instrument(model, state, target)[0])


def _instrument(model: StatesArm, state: int, target: Target) -> tuple[str, dict[str, Any]]:
    """Return the instrument for a target and its own keys; an empty name where the state has none."""
    kind = "platform" if target.platform >= 0 else target.sector
    ready = policies.available()
    for way in read_repertoire():
        fits = way.object == kind and way.sector in ("", target.sector) and way.instrument in ready
        if fits and _has(model, state, way.means):
            names = _names(model, target, kind)
            key = next(key for key, named in policies.INSTRUMENTS[way.instrument].OBJECTS.items() if named == kind)
            technique = {"technique": way.technique} if way.technique else {}
            return (way.instrument, {key: names, **technique}) if names else ("", {})
    return "", {}


def _has(model: StatesArm, state: int, means: str) -> bool:
    """Return whether a state has enough of some means; a filter may be its own work since the first day."""
    if not means:
        return True
    enough = situation(model).means[means][state] >= model.setting.parameters["targets.means_enough"]
    return bool(enough) or (means == "filter" and _built_a_filter(model, state))


def _names(model: StatesArm, target: Target, kind: str) -> tuple[str, ...]:
    """Return the names by which a policy is aimed at a target; those of a cloud begin with its firm's."""
    if kind != "cloud":
        return (target.name,)
    hosts = {h for f in model.setting.platform_facts.values() for h in f.hosting if h.startswith(target.name)}
    return tuple(sorted(hosts))


def _built_a_filter(model: StatesArm, state: int) -> bool:
    """Return whether a policy of its own has given a state a national filter."""
    return any(
        m.by == state and m.days >= 0 and m.policy is not None and m.policy.national_means() == _FILTER
        for m in standing_policies(model)
    )


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
        Id of the policy that it answers or copies; empty for a first one.
    scores : dict of str to float
        What was weighed.
    """
    s = situation(model)
    code, target = s.states[state], s.targets[j]
    policy = against(model, state, target, notice, name_of(code, target.label, model.date))
    act = Strike(policy.instrument) if policy else ShutOut()
    return Decision(model.date, code, behaviour, act, (target.aim,), policy, cause, scores, reason)


def lifted(
    model: StatesArm, state: int, standing: Standing, behaviour: str, reason: Reason, scores: dict[str, float], *,
    cause: str = "",
) -> Decision:  # fmt: skip
    """Return the decision of a state to end a policy from tomorrow.

    Parameters
    ----------
    model : StatesArm
    state : int
        Number of the state.
    standing : Standing
        What it ends; where the modelled network has no instrument for it, the log alone says that it ends.
    behaviour : str
        Which behaviour decides.
    reason : Reason
        Why.
    scores : dict of str to float
        What was weighed.
    cause : str
        Id of an earlier decision that it follows from; by default that of the policy itself.
    """
    s = situation(model)
    tomorrow = model.date + timedelta(days=1)
    code, target = s.states[state], tuple(s.targets[j].aim for j in standing.objects)
    policy = None
    if standing.policy is not None:
        name, instrument = f"{standing.id[:49]}-end-{tomorrow}", policies.ending()
        keys: dict[str, Any] = {"id": name, "instrument": instrument, "by": (code,), "on": tomorrow}
        policy = policies.INSTRUMENTS[instrument](**(keys | {"policy": standing.id}))
    act = Lift(standing.id)
    return Decision(model.date, code, behaviour, act, target, policy, cause or standing.id, scores, reason)
