"""The example of an instrument as policies, and the access tables that follow from it, for `sim.policies.checks`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any

from sim.people.access import AccessTable
from sim.policies.base import PolicyKeys
from sim.policies.docket import docket_of
from sim.policies.instrument import Instrument
from sim.policies.law import access_under
from sim.scenario import Scenario, load
from sim.world.setting import Setting, first_access, make_setting

type Keys = dict[str, Any]

START, ON, TODAY = date(2020, 8, 1), date(2020, 8, 11), date(2020, 9, 15)
"""The first day of the world, the first day in force of an example, and the day on which most checks look."""
OVER = date(2020, 9, 1)
"""The day on which an example that is ended has ended."""
BAN: Mapping[str, Any] = MappingProxyType(
    {"id": "ban", "instrument": "block", "by": "US", "targets": ["WeChat"], "technique": "geoblock", "on": str(ON)}
)
"""What an instrument that acts on another policy acts on."""
MORE_IS_OPEN = ("reach", "speed", "install", "vpn_share", "vpn_speed", "sell", "vpn_open")
MORE_IS_CLOSED = (
    "install_hazard", "install_rate", "effort", "threat", "coming", "rush", "price", "push", "penalty",
    "deterred", "dark", "silenced",
)  # fmt: skip
"""Columns of the access table, by what more of them means."""


@cache
def world() -> Setting:
    """Return the setting in which the checks look: every longer route is noticed, so that cuts show in the table."""
    return make_setting(scenario([], days=60, parameters={"choice.speed_unnoticed": 0}))


@cache
def first() -> AccessTable:
    """Return the access table of its first day."""
    return first_access(world())


def table(*policies: Keys, today: date = TODAY, answers: bool = False) -> AccessTable:
    """Return the access table of a day under some policies.

    Parameters
    ----------
    policies : dict
        Keys as a scenario has them.
    today : date
    answers : bool
        Whether platforms answer demands by themselves; nobody has answered yet.
    """
    setting = replace(world(), answers={}) if answers else world()
    return access_under(docket_of(scenario(list(policies)).policies, today), first(), setting)


def scenario(policies: list[Keys], days: int = 400, **keys: Any) -> Scenario:
    """Return a scenario that starts on `START`, with some policies and other keys."""
    given = {"title": "a check", "start": START, "days": days, "people": 20_000, "policies": policies}
    return load({**given, **keys})


@dataclass(frozen=True)
class Case:
    """An instrument and its example.

    Attributes
    ----------
    instrument : Instrument
    """

    instrument: Instrument

    def example(self, name: str = "", **keys: Any) -> Keys:
        """Return the keys of the example, some of them changed; a key that is None is left out."""
        own = self.instrument.name
        given = {"id": name or "it", "instrument": own, "on": str(ON), **self.instrument.example, **keys}
        return {key: value for key, value in given.items() if value is not None}

    @cached_property
    def policy(self) -> PolicyKeys:
        """The example as a policy."""
        return scenario([*self.others, self.example()]).policies[-1]

    @cached_property
    def others(self) -> tuple[Keys, ...]:
        """What the example acts on: another policy where it relieves, halts or extends one; otherwise nothing."""
        keys = self.instrument.keys
        acts = self.instrument.relieves or keys.HALTS or keys.EXTENDS
        return (dict(BAN),) if acts else ()

    @property
    def restricts(self) -> bool:
        """Whether it only takes access away."""
        return not self.others and bool({"apply", "cut"} & self.instrument.defined)

    def outcome(self, **keys: Any) -> AccessTable:
        """Return the access table of today under the example, some of its keys changed."""
        return table(*self.others, self.example(**keys))
