"""The world before the first day as tables: the facts with the scenario's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from sim.facts import Facts, PlatformFact, StateFact
from sim.facts.model import MODES
from sim.people.access import AccessTable, open_table
from sim.world.enforcement import covers, in_force_at, working_tools


@dataclass(frozen=True)
class Setting:
    """States, platforms and parameters of one scenario.

    Attributes
    ----------
    states, platforms : tuple of str
        In the order of every table.
    state_facts, platform_facts : mapping
    penetration : mapping
        The scenario's own figures: state -> platform -> share or shares by origin.
    vpn_share, ios_share : numpy.ndarray, shape (states,)
    users : mapping of str to float
        Internet users [persons].
    blocks : mapping of (state, platform) to str
        Technique of what is blocked on the first day.
    parameters : mapping of str to float
        Every parameter, with the scenario's values.
    facts : Facts
    answers : mapping of (policy id, platform) to str, optional
        What platforms have answered to demands: ``complied, sold, freed, left, evades``; None where they do not decide
        and every demand has its fixed outcome.
    """

    states: tuple[str, ...]
    platforms: tuple[str, ...]
    state_facts: Mapping[str, StateFact]
    platform_facts: Mapping[str, PlatformFact]
    penetration: Mapping[str, Mapping[str, Any]]
    vpn_share: np.ndarray
    ios_share: np.ndarray
    users: Mapping[str, float]
    blocks: Mapping[tuple[str, str], str]
    parameters: Mapping[str, float]
    facts: Facts
    answers: Mapping[tuple[str, str], str] | None = None

    @cached_property
    def seats(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The home and the clouds of each platform."""
        facts = self.platform_facts
        return tuple((facts[name].home, tuple(facts[name].hosting)) for name in self.platforms)

    @cached_property
    def has_modes(self) -> np.ndarray:
        """Whether each platform has each mode, shape (platforms, modes) [0 or 1]."""
        return _fixed([[mode in self.platform_facts[name].modes for mode in MODES] for name in self.platforms])

    @cached_property
    def mode_weights(self) -> np.ndarray:
        """Share of each platform's value that each of its modes carries, shape (platforms, modes)."""
        weight = np.zeros((len(self.platforms), len(MODES)))
        for row, name in enumerate(self.platforms):
            for mode in self.platform_facts[name].modes or ("post",):
                weight[row, MODES.index(mode)] = self.parameters[f"mode_share.{mode}"]
        return _fixed(weight / weight.sum(axis=1, keepdims=True))

    @cached_property
    def always_on(self) -> np.ndarray:
        """How many times the usual effort it takes to use each platform by VPN, shape (platforms,) [1].

        What comes when others write or call - a messenger's text, voice and video - comes only while the VPN runs;
        posts wait until one looks.
        """
        waits = self.mode_weights[:, [MODES.index("post"), MODES.index("pay")]].sum(axis=1)
        talk = np.array([self.platform_facts[name].kind == "messenger" for name in self.platforms]) * (1.0 - waits)
        return _fixed(1.0 + (self.parameters["circumvention.always_on"] - 1.0) * talk)

    @cached_property
    def kind_value(self) -> np.ndarray:
        """Value of each platform's kind to the marginal user, shape (platforms,) [marginal feed users' value]."""
        return _fixed([self.parameters[f"value.{self.platform_facts[name].kind}"] for name in self.platforms])

    def parameters_of(self, *heads: str) -> dict[str, float]:
        """Return the parameters whose first word is one of ``heads``."""
        return {name: value for name, value in self.parameters.items() if name.split(".")[0] in heads}

    def sold(self, platform: str, owner: str, home: str) -> Setting:
        """Return the setting after a sale: another owner, another home."""
        return self._with_platform(platform, owner=owner, home=home)

    def hosted(self, platform: str, state: str) -> Setting:
        """Return the setting after a platform has put a state's data into that state."""
        return self._with_platform(platform, hosting=(*self.platform_facts[platform].hosting, f"at home in {state}"))

    def hosted_in(self, platform: str, state: str) -> bool:
        """Return whether a platform hosts a state's data there: it is its home, or it has moved them."""
        fact = self.platform_facts[platform]
        return fact.home == state or f"at home in {state}" in fact.hosting

    def evading(self, platform: str, evasion: float) -> Setting:
        """Return the setting after a platform has built counter-measures [share of a block's coverage undone]."""
        return self._with_platform(platform, evasion=evasion)

    def answered(self, policy: str, platform: str, answer: str) -> Setting:
        """Return the setting after a platform has answered a demand."""
        return replace(self, answers={**(self.answers or {}), (policy, platform): answer})

    def _with_platform(self, platform: str, **changed: Any) -> Setting:
        fact = replace(self.platform_facts[platform], **changed)
        return replace(self, platform_facts={**self.platform_facts, platform: fact})


def _fixed(numbers: Any) -> np.ndarray:
    """Return numbers that many read and nobody may change."""
    table = np.array(numbers, dtype=np.float64)
    table.flags.writeable = False
    return table


class Enforcement(NamedTuple):
    """How a block is carried out.

    Attributes
    ----------
    technique : str
    days : int
        Days in force, 0 on the first.
    order : str, optional
        Who gave the order to providers.
    deadline : int, optional
        Days after the first on which all must have carried it out.
    """

    technique: str
    days: int
    order: str | None = None
    deadline: int | None = None


def covered_share(setting: Setting, platform: str, how: Enforcement) -> float:
    """Return the share of people whom a block keeps from a platform, so many days after it began [share]."""
    q, evasion = setting.parameters, setting.platform_facts[platform].evasion
    return in_force_at(how.order, how.technique, how.days, how.deadline, q) * covers(
        how.order, how.technique, evasion, q
    )


def cut_off(setting: Setting, table: AccessTable, state: str, platform: str, how: Enforcement) -> None:
    """Apply a block to the access of one state to one platform (in place); the stricter of two counts."""
    cut_off_row(setting, table, setting.states.index(state), platform, how)


def cut_off_row(setting: Setting, table: AccessTable, s: int, platform: str, how: Enforcement) -> None:
    """Apply a block to one row of a table (in place), that of a state or of a community."""
    p = setting.platforms.index(platform)
    left = 1.0 - covered_share(setting, platform, how)
    modes = [MODES.index(m) for m in (("voice", "video") if how.technique == "calls_only" else MODES)]
    table.reach[s, p, modes] = np.minimum(table.reach[s, p, modes], left)
    effort = setting.parameters[f"technique.{how.technique}.effort"] * setting.always_on[p]
    table.effort[s, p] = max(table.effort[s, p], effort)
    works = working_tools(how.technique, how.days, setting.parameters)
    table.vpn_share[s, p] = min(table.vpn_share[s, p], works)


LONG_AGO = 3650
"""Days in force of what was blocked before the first day: every lag is over."""


def first_access(setting: Setting) -> AccessTable:
    """Return the access table of the first day: everything works but what is blocked already."""
    table = open_table(len(setting.states), len(setting.platforms))
    for (state, platform), technique in setting.blocks.items():
        cut_off(setting, table, state, platform, Enforcement(technique, LONG_AGO))
    return table
