"""The hooks that an instrument's file may define, each with one signature and a default."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sim.policies.base import PolicyKeys

if TYPE_CHECKING:
    import numpy as np

    from sim.cut import Cut
    from sim.decisions import Act
    from sim.people.access import AccessTable
    from sim.world.setting import Setting


class Sanction(NamedTuple):
    """What a platform that refuses a demand expects from a day on."""

    on: date
    fine: float = 0.0
    """Paid once [US dollars]."""
    revenue: float = 0.0
    """Share of the revenue in the state that is lost [1]."""
    users: float = 0.0
    """Share of the users in the state who are lost [1]."""


class Event(NamedTuple):
    """Something that a policy changes for good: whom it concerns, what happens, and the setting from then on."""

    platform: str
    act: Act
    setting: Setting


class Apply(Protocol):
    """Restrict access (in place) on a day in force; take the stricter of what the table has and what is demanded."""

    def __call__(self, policy: Any, days_in_force: int, table: AccessTable, setting: Setting) -> None:
        """Change the table."""


class Relieve(Protocol):
    """Give access back, or add a channel (in place), after all restrictions.

    ``free`` is the table without the policies in ``freed``: those that this one frees from, where it declares
    ``FREES = True``; otherwise the table itself, and none.
    """

    def __call__(
        self,
        policy: Any,
        days_in_force: int,
        table: AccessTable,
        free: AccessTable,
        freed: tuple[PolicyKeys, ...],
        setting: Setting,
    ) -> None:
        """Change the table."""


class CutHook(Protocol):
    """Return what is cut on the carrier graph."""

    def __call__(self, policy: Any, days_in_force: int, setting: Setting) -> Cut:
        """Return the cut."""


class Cost(Protocol):
    """Return what a policy costs platforms, given who uses them, shapes (states, platforms) [US$ a day; persons]."""

    def __call__(self, policy: Any, days_in_force: int, users: np.ndarray, setting: Setting) -> np.ndarray:
        """Return the cost, shape (states, platforms)."""


class Feared(Protocol):
    """Return the policy that people expect when this one is announced, on its targets that have not yet obeyed."""

    def __call__(self, policy: Any, targets: tuple[str, ...], setting: Setting) -> PolicyKeys | None:
        """Return the policy; None where people expect nothing."""


class Happens(Protocol):
    """Return what changes for good on a day in force, such as a sale."""

    def __call__(self, policy: Any, today: date, setting: Setting) -> list[Event]:
        """Return the events, each with the setting after it."""


class Sanctions(Protocol):
    """Return what a platform that refuses expects; an instrument with this hook is a demand, which platforms answer."""

    def __call__(self, policy: Any, setting: Setting) -> list[Sanction]:
        """Return the sanctions, in the order of their days."""


class Answered(Protocol):
    """Return the setting after a platform has answered a demand (``complied, sold, freed, left, evades``)."""

    def __call__(self, policy: Any, platform: str, answer: str, setting: Setting) -> Setting:
        """Return the setting; the same one where the answer changes nothing."""


def restricts_nothing(policy: Any, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Leave the table as it is."""


def relieves_nothing(
    policy: Any,
    days_in_force: int,
    table: AccessTable,
    free: AccessTable,
    freed: tuple[PolicyKeys, ...],
    setting: Setting,
) -> None:
    """Leave the table as it is."""


def cuts_nothing(policy: Any, days_in_force: int, setting: Setting) -> Cut:
    """Return an empty cut."""
    from sim.cut import NOTHING

    return NOTHING


def costs_nothing(policy: Any, days_in_force: int, users: np.ndarray, setting: Setting) -> np.ndarray:
    """Return zeros, shape (states, platforms)."""
    return users * 0.0


def is_feared(policy: PolicyKeys, targets: tuple[str, ...], setting: Setting) -> PolicyKeys:
    """Return the policy itself."""
    return policy


def changes_nothing(policy: Any, today: date, setting: Setting) -> list[Event]:
    """Return no event."""
    return []


def punishes_nobody(policy: Any, setting: Setting) -> list[Sanction]:
    """Return no sanction."""
    return []


def as_before(policy: Any, platform: str, answer: str, setting: Setting) -> Setting:
    """Return the setting as it is."""
    return setting


def _parameters(protocol: type) -> tuple[str, ...]:
    """Return the names of the arguments of a hook."""
    return tuple(inspect.signature(protocol.__call__).parameters)[1:]


HOOKS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "apply": _parameters(Apply),
        "relieve": _parameters(Relieve),
        "cut": _parameters(CutHook),
        "cost": _parameters(Cost),
        "feared": _parameters(Feared),
        "happens": _parameters(Happens),
        "sanctions": _parameters(Sanctions),
        "answered": _parameters(Answered),
    }
)
"""The hooks, each with the names of its arguments in order."""
