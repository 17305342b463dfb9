"""A view of an arm for one phase of the day: it fails on anything that the phase's row of
`SCHEDULE` does not name.

As Vivarium's `PopulationView` does for columns. What a phase only reads is handed out read-only.
Arrays are not: kernels would be compiled once more for read-only ones, which takes half a minute. A
write in place, and what gets round the view, show when the phase is over: everything that its row
does not allow it to write must be as it was.
"""

from __future__ import annotations

import copy
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from splinternet.arm import Arm
from splinternet.engine.record import Record
from splinternet.engine.steps import FIXED_INPUTS, GROUPS, SCHEDULE, Phase
from splinternet.people.access import AccessDiff
from splinternet.people.contact import ContactCache
from splinternet.scenario import Scenario
from splinternet.world.build import GroupTable, make_world

WORD_OF = {name: word for word, names in GROUPS.items() for name in names}
"""The word by which rows name each attribute of an arm, where it is not the attribute itself."""


class TrespassError(AttributeError):
    """A phase touched what its row does not name."""


class Seen:
    """What the phases of a run have read and written, by phase, in the words of `SCHEDULE`."""

    def __init__(self) -> None:
        self.reads: defaultdict[str, set[str]] = defaultdict(set)
        self.writes: defaultdict[str, set[str]] = defaultdict(set)


class PhaseView(Arm):
    """An arm as one phase may see it.

    Parameters
    ----------
    arm : Arm
    phase : Phase
    seen : Seen
        Where to note what is read and written.
    """

    def __init__(self, arm: Arm, phase: Phase, seen: Seen) -> None:
        for name, value in (("_whole", arm), ("_phase", phase), ("_seen", seen)):
            object.__setattr__(self, name, value)

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_") or hasattr(
            Arm, name
        ):  # properties and methods see no more than the view itself
            return object.__getattribute__(self, name)
        return _read(self._whole, name, self._phase, self._seen)

    def __setattr__(self, name: str, value: Any) -> None:
        word = WORD_OF.get(name, name)
        if word not in self._phase.writes:
            raise TrespassError(
                f"phase {self._phase.name} sets {name}, which its row does not let it write"
            )
        self._seen.writes[self._phase.name].add(word)
        setattr(self._whole, name, value)


class ReadOnly:
    """An object of which a phase may read the attributes and set none."""

    def __init__(self, whole: Any) -> None:
        object.__setattr__(self, "_whole", whole)

    def __getattr__(self, name: str) -> Any:
        return locked(getattr(self._whole, name))

    def __setattr__(self, name: str, value: Any) -> None:
        raise TrespassError(f"a phase sets {name} of what its row lets it read only")


def _read(whole: Any, name: str, phase: Phase, seen: Seen) -> Any:
    value, word = getattr(whole, name), WORD_OF.get(name, name)
    if name in FIXED_INPUTS:
        return locked(value)
    if name == "workspace":  # no phase reads what another wrote there
        return value
    if word not in (*phase.reads, *phase.writes):
        raise TrespassError(f"phase {phase.name} reads {name}, which its row does not name")
    seen.reads[phase.name].add(word)
    if word in phase.writes or word == "baseline":
        return value
    return ReadOnly(value) if isinstance(value, AccessDiff | ContactCache) else locked(value)


# --- read-only ------------------------------------------------------------------------------------

_LOCKED: dict[int, tuple[Any, Any]] = {}
"""Locked copies of frozen dataclasses by the id of the original, which is kept alive: one copy for
each.
"""


def locked(value: Any) -> Any:
    """Return a value of which only arrays can be changed in place; where that is so already, the
    value itself.
    """
    if isinstance(value, tuple):
        return (
            type(value)(*map(locked, value))
            if hasattr(value, "_fields")
            else tuple(map(locked, value))
        )
    if isinstance(value, list):
        return tuple(value)
    if isinstance(value, dict):
        return MappingProxyType(value)
    if is_dataclass(value):
        return _locked_dataclass(value)
    return value


def _locked_dataclass(value: Any) -> Any:
    """Return a copy whose lists and dictionaries are read-only; of what is frozen the same one
    every time.
    """
    inside = {
        f.name for f in fields(value) if isinstance(getattr(value, f.name), tuple | list | dict)
    }
    if id(value) not in _LOCKED:
        twin = copy.copy(value)
        for name in inside:
            object.__setattr__(twin, name, locked(getattr(value, name)))
        if not value.__dataclass_params__.frozen:
            return twin
        _LOCKED[id(value)] = value, twin
    return _LOCKED[id(value)][1]


# --- what gets round the view ---------------------------------------------------------------------


def contents(arm: Arm) -> dict[str, Any]:
    """Return what an arm holds, a number or so for each name that a row can have; equal if nothing
    changed.
    """
    found = {}
    for name, value in vars(arm).items():
        if name == "baseline" and value is not None:
            found |= {
                "baseline.kin": print_of(value.kin),
                "baseline.counts": print_of(value.counts),
            }
        elif name not in ("record", "workspace"):
            found[name] = print_of(value)
    return found


def print_of(value: Any) -> Any:
    """Return something that is equal for equal contents: of objects that cannot change, which one
    it is.
    """
    if isinstance(value, np.ndarray):
        return value.shape, zlib.crc32(np.ascontiguousarray(value).view(np.uint8))
    if isinstance(value, np.void):
        return value.tobytes()
    if isinstance(value, Mapping):
        return tuple((key, print_of(inner)) for key, inner in value.items())
    if isinstance(value, tuple | list):
        return tuple(map(print_of, value))
    if isinstance(value, GroupTable):
        return print_of(vars(value))
    if is_dataclass(value):
        frozen = value.__dataclass_params__.frozen
        inside = [getattr(value, f.name) for f in fields(value)]
        kept = [v for v in inside if not frozen or _has_arrays(v)]
        return (id(value), *map(print_of, kept))
    return value if isinstance(value, bool | int | float | str | None) else id(value)


def _has_arrays(value: Any) -> bool:
    """Return whether a value is an array, or holds some."""
    if isinstance(value, np.ndarray | GroupTable) or hasattr(value, "_fields"):
        return True
    return is_dataclass(value) and any(
        isinstance(getattr(value, f.name), np.ndarray) for f in fields(value)
    )


# --- a day through the views ----------------------------------------------------------------------


def live_through(arm: Arm, phase: Phase, seen: Seen) -> None:
    """Run one phase through its view; raise `TrespassError` if it reads or writes what its row does
    not declare.
    """
    before = contents(arm)
    view = PhaseView(arm, phase, seen)
    agents = (*arm.agents, arm.outlook)
    for agent in agents:  # they look at the arm themselves
        agent.model = view
    phase.function(view)
    for agent in agents:
        agent.model = arm
    after = contents(arm)
    changed = {name for name in before | after if before.get(name) != after.get(name)}
    wrong = {name for name in changed if WORD_OF.get(name, name) not in phase.writes}
    if wrong:
        names = ", ".join(sorted(wrong))
        raise TrespassError(
            f"phase {phase.name} changed {names}, which its row does not let it write"
        )
    seen.writes[phase.name] |= {WORD_OF.get(name, name) for name in changed}


def live(
    spec: Scenario, seed: int, seen: Seen, schedule: Iterable[Phase] = SCHEDULE
) -> tuple[Arm, Arm]:
    """Simulate all days of both arms through the views; return the arms."""
    world = make_world(spec, seed)
    baseline = Arm(spec, "baseline", seed, world)
    policy = Arm(spec, "policy", seed, world, baseline=baseline)
    for arm in (baseline, policy):
        arm.record = Record(arm)
    schedule = tuple(schedule)
    for _ in range(spec.days):
        for arm in (baseline, policy):
            arm.day += 1
            for phase in schedule:
                live_through(arm, phase, seen)
    return baseline, policy
