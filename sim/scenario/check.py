"""Check a scenario's tree and build the scenario: first by each model, then by rules for the whole scenario."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from pydantic import ValidationError

from sim import policies
from sim.errors import Code, Problem, did_you_mean
from sim.facts.exposed import MOST_STATES
from sim.policies.base import PolicyKeys
from sim.policies.values import Names, shown
from sim.scenario.messages import problems_of
from sim.scenario.policy_rules import policy_faults
from sim.scenario.rules import broken_rules, doubts
from sim.scenario.scene import Scene
from sim.scenario.schema import Penetration, Scenario, World
from sim.scenario.tree import Node
from sim.scenario.unknown import unknown
from sim.scenario.vary import faults_of_variations

_OPTIONAL_PARTS = ("world", "policies", "behaviour", "parameters", "uncertain", "sweep", "measure", "observed")


def checked(
    tree: Node, names: Names, problems: list[Problem], known_metrics: Collection[str] | None = None
) -> Scenario | None:
    """Return the scenario that a tree describes, or None with everything that is wrong among the problems.

    Parameters
    ----------
    tree : Node
        Merged and with canonical names.
    names : Names
        The names in force.
    problems : list of Problem
        What was found wrong before; what is found now is added.
    known_metrics : collection of str, optional
        What ``measure:`` may name.
    """
    scenario = _validated(tree, names, problems)
    problems += _new(broken_rules(tree, names, known_metrics), problems)
    if not problems:
        problems += faults_of_variations(tree, names, _faults)
    if problems or scenario is None:
        return None
    varied = (*scenario.uncertain, *scenario.sweep)
    scenario.note(scene=Scene(scenario.world, scenario.start, scenario.policies, scenario.observed, varied))
    if scenario.scene.least_states > MOST_STATES:
        found = f"{scenario.scene.least_states} states are named or known in detail"
        problems.append(Problem(tree.where, found, f"at most {MOST_STATES} in one world", "", Code.RANGE))
        return None
    scenario = scenario.model_copy(update={"world": _unfolded(scenario)})
    scenario.note(warnings=(*doubts(tree, scenario, names), *unknown(tree, scenario)))
    return scenario


def _faults(tree: Node, names: Names) -> list[Problem]:
    """Return what is wrong with a tree, its variations aside."""
    problems: list[Problem] = []
    _validated(tree, names, problems)
    return problems + _new(broken_rules(tree, names, None), problems)


def _new(found: Iterable[Problem], known: list[Problem]) -> list[Problem]:
    """Return the problems at places where none is known yet."""
    taken = {problem.where for problem in known if problem.where}
    return [problem for problem in found if problem.where not in taken]


def _validated(tree: Node, names: Names, problems: list[Problem]) -> Scenario | None:
    """Validate the policies, each against its instrument, and then the whole."""
    listed = _policies(tree, names, problems)
    keys = {
        key: node.plain()
        for key, node in tree.mapping.items()
        if key != "policies" and not (key in _OPTIONAL_PARTS and node.value is None)
    }
    world = keys.get("world")
    if isinstance(world, dict):
        keys["world"] = {key: value for key, value in world.items() if value is not None}
    problems += _new(policy_faults(tree, listed), problems)
    try:
        return Scenario.model_validate({**keys, "policies": listed}, context=names)
    except ValidationError as error:
        problems += problems_of(error, tree, Scenario)
        return None


def _policies(tree: Node, names: Names, problems: list[Problem]) -> tuple[PolicyKeys, ...]:
    """Return the policies that are right; what is wrong with the others is added to the problems."""
    node = tree.get("policies")
    if node is None or node.value is None:
        return ()
    if not isinstance(node.value, list):
        found, hint = f"{shown(node.plain())} stands here", "begin each with - id:"
        problems.append(Problem(node.where, found, "a list of policies", hint, Code.TYPE, "policies"))
        return ()
    valid = (_policy(tree, at, names, problems) for at in range(len(node.value)))
    return tuple(policy for policy in valid if policy is not None)


def _policy(tree: Node, at: int, names: Names, problems: list[Problem]) -> PolicyKeys | None:
    """Return one policy, or None with what is wrong with it among the problems."""
    node = tree.get("policies", at)
    if node is None or not isinstance(node.value, dict):
        where = tree.where_of(("policies", at))
        allowed = "keys: id, instrument, by, targets, on ..."
        problems.append(Problem(where, "not a policy", allowed, "", Code.TYPE, f"policies.{at}"))
        return None
    instrument = node.get("instrument")
    known = policies.instruments()
    model: type[PolicyKeys] = PolicyKeys
    if instrument is not None and isinstance(instrument.value, str):
        if instrument.value not in known:
            found = f"unknown instrument {shown(instrument.value)}"
            hint = did_you_mean(instrument.value, known)
            allowed = "one of " + ", ".join(known)
            problems.append(Problem(instrument.where, found, allowed, hint, Code.UNKNOWN_NAME))
            return None
        model = policies.keys(instrument.value)
    try:
        return model.model_validate(node.plain(), context=names)
    except ValidationError as error:
        problems += problems_of(error, tree, model, ("policies", at))
        return None


def _unfolded(scenario: Scenario) -> World:
    """Return a world whose penetrations all stand in one place, those given with a platform included."""
    world = scenario.world
    table: dict[str, dict[str, Penetration]] = {
        state: dict(by_platform) for state, by_platform in world.penetration.items()
    }
    platforms = {}
    for name, keys in world.platforms.items():
        given = keys.penetration
        if given is None:
            by_state: Mapping[str, Penetration] = {}
        elif isinstance(given, Mapping):
            by_state = given
        else:
            by_state = dict.fromkeys((*scenario.facts.states, *world.states), given)
        for state, value in by_state.items():
            table.setdefault(state, {})[name] = value
        platforms[name] = keys.model_copy(update={"penetration": None})
    return world.model_copy(update={"penetration": table, "platforms": platforms})
