"""The setting of a scenario: the facts with the scenario's changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from sim.facts import Facts, PlatformFact, Quantity, StateFact
from sim.facts.kinds import read_kinds
from sim.facts.model import REST_OF_WORLD
from sim.facts.stores import usual_stores
from sim.scenario import Scenario
from sim.world.setting import Setting


def _changed(quantity: Quantity, value: float | None) -> Quantity:
    return quantity if value is None else replace(quantity, value=value, low=value, high=value, source="the scenario")


def _states(spec: Scenario, facts: Facts) -> dict[str, StateFact]:
    """Return the states with the scenario's changes; an added one is like the rest of the world where it is silent."""
    states = dict(facts.states)
    for code, keys in spec.world.states.items():
        known = states.get(code) or replace(facts.states[REST_OF_WORLD], code=code, name=keys.name or code, aliases=())
        numbers = ("population", "internet_users", "gdp_per_head", "ios_share", "vpn_share")
        changed: dict[str, Any] = {f: _changed(getattr(known, f), getattr(keys, f)) for f in numbers}
        states[code] = replace(known, name=keys.name or known.name, **changed)
    return states


def _platforms(spec: Scenario, facts: Facts) -> dict[str, PlatformFact]:
    """Return the platforms with the scenario's changes; the kind gives what is not stated of a new one."""
    platforms = dict(facts.platforms)
    for name, keys in spec.world.platforms.items():
        known = platforms.get(name)
        if known is None:
            kind = keys.kind or "mixed"
            known = PlatformFact(
                name,
                (),
                keys.owner or name,
                keys.home or "US",
                kind,
                read_kinds()[kind],
                ("own",),
                usual_stores(),
                0.0,
                "the scenario",
                "assumption",
            )
        given = {f: getattr(keys, f) for f in ("owner", "home", "kind", "modes", "hosting", "stores", "evasion")}
        platforms[name] = replace(known, **{f: v for f, v in given.items() if v is not None})
    return platforms


def _penetration(spec: Scenario, states: Mapping[str, StateFact]) -> dict[str, dict[str, Any]]:
    """Return the scenario's penetration, from ``world.penetration`` and from its platforms."""
    table: dict[str, dict[str, Any]] = {}
    for name, keys in spec.world.platforms.items():
        if keys.penetration is None:
            continue
        by_state = (
            keys.penetration if isinstance(keys.penetration, Mapping) else dict.fromkeys(states, keys.penetration)
        )
        for state, figure in by_state.items():
            table.setdefault(state, {})[name] = figure
    for state, row in spec.world.penetration.items():
        table.setdefault(state, {}).update(row)
    return table


def _with_migrants(spec: Scenario, facts: Facts) -> Facts:
    """Return the facts with the diasporas that the scenario adds or changes."""
    stated = {(home, origin): n for home, origins in spec.world.migrants.items() for origin, n in origins.items()}
    if not stated:
        return facts
    stocks = {pair: Quantity(n, n, n, "persons", "the scenario", "assumption") for pair, n in stated.items()}
    return replace(facts, migrants={**facts.migrants, **stocks})


def make_setting(spec: Scenario) -> Setting:
    """Work a scenario's world into the facts."""
    facts = _with_migrants(spec, spec.facts)
    states, platforms = _states(spec, facts), _platforms(spec, facts)
    vpn = {code: state.vpn_share.value for code, state in states.items()} | dict(spec.world.vpn_share)
    users = {code: state.internet_users.value for code, state in states.items()} | dict(spec.world.internet_users)
    known = {pair: block.technique for pair, block in facts.blocks.items()}
    return Setting(
        states=tuple(states),
        platforms=tuple(platforms),
        state_facts=states,
        platform_facts=platforms,
        penetration=_penetration(spec, states),
        vpn_share=np.array([vpn[s] for s in states]),
        ios_share=np.array([states[s].ios_share.value for s in states]),
        users=users,
        blocks=blocks_under(spec.world.blocks, known, facts),
        parameters={name: q.value for name, q in facts.parameters.items()} | dict(spec.parameters),
        facts=facts,
        answers={} if spec.behaviour.is_on("platforms") else None,
    )


def blocks_under(
    listed: Mapping[str, Sequence[str]], known: Mapping[tuple[str, str], str], facts: Facts
) -> dict[tuple[str, str], str]:
    """Return the techniques of blocks, by state and platform, with those of some states listed again.

    Parameters
    ----------
    listed : mapping of str to sequence of str
        State -> platforms. Who lists a state's blocks lists all of them, as for another year.
    known : mapping of (state, platform) to str
        Those of the other states.
    facts : Facts
    """
    blocks = {pair: technique for pair, technique in known.items() if pair[0] not in listed}
    return blocks | {
        (state, name): technique_of(facts, state, name) for state, names in listed.items() for name in names
    }


def technique_of(facts: Facts, state: str, platform: str) -> str:
    """Return the technique of a block that a scenario lists: the known one, or the state's most common."""
    known = facts.blocks.get((state, platform))
    if known is not None:
        return known.technique
    used = [block.technique for (s, _), block in facts.blocks.items() if s == state]
    return max(set(used), key=lambda t: (used.count(t), t)) if used else "dpi"
