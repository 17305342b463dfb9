"""A whole scenario, checked and resolved: its origin, warnings, text, and the states of its world.
These are the states that the scenario names, and states whose diasporas could lose a channel by its
policies.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    SerializeAsAny,
    ValidationInfo,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ..core.groups import Group
from ..errors import Place, Problem
from ..facts import Facts, PlatformFact, load_facts
from ..facts.loading import facts_on
from ..facts.model import REST_OF_WORLD
from ..facts.people import Exposure, corridors_of, exposures, states_added, with_states
from ..facts.platforms import KindRow, usual_stores, where_acting
from ..facts.states import find_place, load_places
from ..facts.tables import read
from ..facts.worlds import OwnTables, name_in
from ..policies.base import Policy
from ..policies.values import Day, Line, Number, Prose, Text, Texts, parse_int
from .schema import Behaviour, Observed, Part, Range, World

type Acting = Mapping[str, Collection[str] | None]


@dataclass(frozen=True)
class Scene:
    """The parts of the world that a scenario needs, computed on first use.

    Variants of a scenario with some of its policies share a scene, so that they have the same
    states.
    """

    world: World
    start: date
    policies: tuple[Policy, ...] = ()
    observed: tuple[Observed, ...] = ()
    varied: tuple[str, ...] = ()
    """Paths of the values that are drawn or swept."""
    named: bool = False
    """Whether the scenario names a platform of a kind that is included only if named."""

    @property
    def facts(self) -> Facts:
        """The world as of the first day, with the states that it needs."""
        return with_states(self.dated, self.states)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """States that the world needs beside its detailed ones; sorted, because the order of
        policies does not matter.
        """
        facts = self.dated
        acting = self.acting
        undetailed = load_places().keys() - facts.states.keys() - {REST_OF_WORLD}
        named = {
            code
            for code in (*self._named(), *_homes(facts, self.world, acting))
            if code in undetailed
        }
        added = states_added(facts, self.exposures, named) if acting else ()
        return tuple(sorted({*named, *added}))

    @cached_property
    def exposures(self) -> tuple[Exposure, ...]:
        """Diasporas that could lose a channel due to the policies: the largest of each acting
        state, then by exposure.
        """
        return tuple(exposures(self.dated, self.acting))

    @cached_property
    def acting(self) -> Acting:
        """The affected states, each with the targeted platforms, or None if everything may be cut.

        They are the acting states or, if an owner leaves a country, that country.
        """
        acting: dict[str, set[str] | None] = {}
        for policy in self.policies:
            for state in policy.concerns() if restricts(policy) else ():
                before = acting.get(state, set())
                acting[state] = (
                    None if policy.CUTS_ALL or before is None else before.union(policy.targets)
                )
        for state, listed in self.world.blocks_policy_arm.items():
            blocked = (name for where, name in self._as_loaded.blocks if where == state)
            before = acting.get(state, set())
            known = self.world.blocks.get(state) or tuple(blocked)
            acting[state] = None if before is None else before | (set(listed) ^ set(known))
        return {state: targets for state, targets in acting.items() if targets is None or targets}

    @property
    def dated(self) -> Facts:
        """The world on the first day: only with its detailed states, and with the acting states
        too.
        """
        facts = self._as_loaded
        if name_in(facts.name):  # a user's own figures are kept, whatever their basis
            return facts
        concerned = (s for p in self.policies if restricts(p) for s in p.concerns())
        return where_acting(facts, frozenset({*self.acting, *concerned}))

    @property
    def _as_loaded(self) -> Facts:
        """The world on the first day, without the acting states."""
        return facts_on(self.world.facts, self.start, self.world.platforms, named=self.named)

    @property
    def least_states(self) -> int:
        """Smallest number of states in the world: the detailed states, and the states that the
        scenario names.
        """
        return len({*load_facts(self.world.facts).states, *self._named()})

    def _named(self) -> Iterator[str]:
        """Yield the states that the scenario names."""
        world = self.world
        for policy in self.policies:
            yield from policy.by
            yield from (name for kind, name in policy.objects() if kind == "state")
        for table in (
            world.vpn_share,
            world.internet_users,
            world.states,
            world.blocks,
            world.blocks_policy_arm,
        ):
            yield from table
        for residence, origins in world.migrants.items():
            yield from (residence, *origins)
        for state, communities in world.communities.items():
            yield from (state, *(code for keys in communities.values() for code in keys.diaspora))
        for state, by_platform in world.penetration.items():
            tables = (figure for figure in by_platform.values() if isinstance(figure, Mapping))
            yield from (
                state,
                *(Group.read(origin).origin for figure in tables for origin in figure),
            )
        yield from (keys.home for keys in world.platforms.values() if keys.home is not None)
        for row in self.observed:
            yield from (row.state,) if row.state is not None else ()
            yield from Group.read(row.group).states if row.group is not None else ()
        for path in self.varied:
            steps = path.split(".")
            yield from (
                code
                for step in steps[1:]
                if steps[0] == "world" and (code := find_place(step)) is not None
            )


def restricts(policy: Policy) -> bool:
    """Return whether a policy by itself restricts its targets."""
    return not (policy.PROMOTES or policy.HALTS or policy.EXTENDS)


def _homes(facts: Facts, world: World, acting: Acting) -> Iterator[str]:
    """Yield the homes of the targets from which people live in an acting state, or the reverse."""
    platforms = changed_platforms(facts, world)
    for state, targets in acting.items():
        for home in (platforms[name].home for name in targets or () if name in platforms):
            if any(home in pair for pair in corridors_of(state, facts)):
                yield home


def changed_platforms(facts: Facts, world: World) -> dict[str, PlatformFact]:
    """Return the platforms of some facts with a scenario's changes; a new platform takes missing
    values from its kind.
    """
    platforms = dict(facts.platforms)
    for name, keys in world.platforms.items():
        kind = keys.kind or "mixed"
        fact = platforms.get(name) or PlatformFact(
            name=name,
            aliases=(),
            owner=keys.owner or name,
            home=keys.home or "US",
            kind=kind,
            modes=read(KindRow)[kind].modes,
            hosting=("own",),
            stores=usual_stores(),
            evasion=0.0,
            source="the scenario",
            basis="assumption",
        )
        given = {
            f: getattr(keys, f)
            for f in ("owner", "home", "kind", "modes", "hosting", "stores", "evasion")
        }
        platforms[name] = replace(fact, **{f: v for f, v in given.items() if v is not None})
    return platforms


FEWEST_PEOPLE = 1_000
MOST_PEOPLE = 200_000_000
FEW_PEOPLE = 20_000
"""Number of simulated people below which diasporas that a policy can reach have fewer than 100
(`world.sampling`).
"""
LARGEST_SEED = 2**53 - 1
"""Largest first seed; larger numbers lose digits in tables and JSON readers that use floats."""
LONGEST_TITLE = 300
"""Letters."""
MOST_DAYS = 4_383  # twelve years
FIRST_YEAR = 1990
LAST_YEAR = 2100
"""Years in which a scenario may start."""
_YAML_1_1_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})


class Scenario(Part):
    """One scenario, checked and resolved. Its names are canonical, and it includes the values from
    ``extends`` and ``--set``.

    ``Scenario(**keys)`` accepts the same keys as a file and makes the same checks.

    Raises
    ------
    InputError
        The scenario is wrong; the error lists all problems.
    """

    title: Annotated[Line, Field(max_length=LONGEST_TITLE)]
    """The events in a few words; every chart and table shows this title as a heading."""
    status: Literal["hindcast", "projection", "what-if"] = "what-if"
    """Whether the event happened, was about to happen, or is imagined; every chart, table and
    report shows the status.
    """
    caveat: Annotated[Prose, Field(max_length=500)] | None = None
    """A warning against misinterpretation of the numbers; every result shows this text."""
    start: Day
    """The first day, YYYY-MM-DD."""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(parse_int)]
    """Number of days to simulate; one step is one day [days]."""
    people: Annotated[int, Field(ge=FEWEST_PEOPLE, le=MOST_PEOPLE), BeforeValidator(parse_int)] = (
        25_000
    )
    """Number of simulated people; each represents many real people [persons]."""
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED), BeforeValidator(parse_int)] = 1
    """The first seed; the seeds of an ensemble count up from it."""
    world: World = Field(default_factory=World)
    """The world before the first day."""
    policies: tuple[SerializeAsAny[InstanceOf[Policy]], ...] = ()
    """The policies of states, in any order."""
    behaviour: Behaviour = Field(default_factory=lambda: Behaviour.model_validate({}))
    """Behaviours by which states and platforms decide for themselves."""
    parameters: Mapping[Text, Number] = Field(default_factory=dict)
    """Model parameters that differ from the values in the table of parameters."""
    uncertain: Mapping[Text, Range] = Field(default_factory=dict)
    """Parameters, or numbers of this scenario by path, that each seed of an ensemble draws from a
    range.
    """
    draw: Literal["all", "stated", "nothing"] = "all"
    """Quantities that each seed of an ensemble draws. With `all` it draws the quantities under
    `uncertain` and every parameter that the scenario does not set, from the posterior of the
    calibration or the declared range. With `stated` it draws only the quantities under `uncertain`,
    with `nothing` none.
    """
    sweep: Mapping[Text, tuple[Any, ...]] = Field(default_factory=dict)
    """Parameters, or paths of this scenario, each with the list of values that a sweep tries."""
    measure: Texts = ()
    """The metrics to report; by default all."""
    episode: Text | None = None
    """The episode to which the event belongs; events of one state within 60 days of each other
    share an episode.
    """
    observed: tuple[Observed, ...] = ()
    """The measured figures; `splinternet hindcast FILE` scores a file that has some."""

    # Data besides its keys, set by `note`.
    _path: Path | None = None  # the file it was read from
    _places: Mapping[str, str] = {}  # origin of each stated value, by path
    _warnings: tuple[Problem, ...] = ()  # settings that are allowed but probably not intended
    _fixed: Mapping[
        str, Problem
    ] = {}  # ranges that are no longer drawn, because a later value fixes them
    _inherited: frozenset[str] = frozenset()  # ranges that an extended file states
    _own: OwnTables | None = None  # the user's own tables behind its world
    _scene: Scene | None = None  # the states of its world
    _drawn_from: Any = None  # for one seed or one point: the scenario that it varies
    _idle: tuple[Problem, ...] | None = None  # policies that change nothing; None until first use

    @model_validator(mode="before")
    @classmethod
    def _checked_whole(cls, keys: Any, info: ValidationInfo) -> Any:
        """Apply the checks of a file to keys from Python."""
        from .load import load

        return (
            keys if info.context is not None or not isinstance(keys, Mapping) else dict(load(keys))
        )

    def note(self, **known: Any) -> None:
        """Set data besides its keys: ``path``, ``places``, ``warnings``, ``scene`` and others."""
        for name, value in known.items():
            if f"_{name}" not in self.__private_attributes__:
                raise TypeError(f"a scenario has no '{name}' to note")
            setattr(self, f"_{name}", value)

    @property
    def path(self) -> Path | None:
        """The file of the scenario; None for a Python mapping."""
        return self._path

    @property
    def name(self) -> str:
        """A short name: the name of the file, or a name made from the title without its changes."""
        if self._path is not None:
            return self._path.stem
        title = self.title.partition(" (changed: ")[0].partition(" (with: ")[0]
        letters = "".join(
            char if char.isalnum() and char.isascii() else " " for char in title.casefold()
        )
        return "_".join(letters.split())[:60].rstrip("_") or "scenario"

    @property
    def facts(self) -> Facts:
        """The world on the scenario's first day, with the states that it needs, before the
        scenario's changes.
        """
        return self.scene.facts

    @property
    def platforms(self) -> dict[str, PlatformFact]:
        """The platforms of its world by name, with its own changes."""
        return changed_platforms(self.facts, self.world)

    @property
    def own_tables(self) -> OwnTables | None:
        """The user's own tables on which its world is based; None for a shipped world."""
        return self._own

    @property
    def scene(self) -> Scene:
        """The states and diasporas that its world needs."""
        return self._scene or Scene(self.world, self.start, self.policies, self.observed)

    def __repr__(self) -> str:
        names = ", ".join(policy.id for policy in self.policies) or "none"
        return f"<Scenario {self.name}: {self.start} to {self.end}, policies: {names}>"

    def __str__(self) -> str:
        size = f"{self.days:,} days, {self.people:,} simulated people, {self.world.facts}"
        lines = [
            f"{self.title} [{self.status}]",
            f"{self.start} to {self.end}, {size}",
            *(f"  {policy}" for policy in self.policies),
        ]
        if self.uncertain:
            lines.append(f"  uncertain: {', '.join(self.uncertain)}")
        return "\n".join(lines)

    @property
    def end(self) -> date:
        """The last day."""
        return self.start + timedelta(days=self.days - 1)

    @property
    def places(self) -> Mapping[str, str]:
        """Place of each stated value: path -> ``file:line:column``, ``--set ...`` or
        ``default``.
        """
        return self._places

    @property
    def origins(self) -> Mapping[str, str]:
        """Origin of each stated value, by path: ``file:line``, ``--set ...`` or ``default``."""
        return {
            path: at.of_line if isinstance(at, Place) else at for path, at in self.places.items()
        }

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings about values that are allowed but probably not intended, and about values that
        are fixed although a range was stated.
        """
        return tuple(dict.fromkeys(map(str, (*self.doubts, *self.fixed.values()))))

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """Warnings with code and place: settings that are allowed but probably not meant, and facts
        that are not known.

        Policies that change nothing are searched on first use, which loads array packages and takes
        some milliseconds.
        """
        from ..world.effects import idle

        if self._idle is None:
            self.note(idle=idle(self))
        return (*self._warnings, *(self._idle or ()))

    @property
    def fixed(self) -> Mapping[str, Problem]:
        """Values that are not drawn, by path, because a setting after their range fixes them."""
        return self._fixed

    @property
    def inherited(self) -> frozenset[str]:
        """The paths under ``uncertain:`` that the scenario inherits from the scenario that it
        extends.
        """
        return self._inherited

    @property
    def drawn_from(self) -> Scenario:
        """The scenario from which one seed of an ensemble draws, or which one point varies;
        otherwise itself.
        """
        return self._drawn_from or self

    @property
    def digest(self) -> str:
        """SHA-256 of the resolved scenario in hexadecimal digits; scenarios with the same digest
        give the same run.

        Empty keys from later versions do not count, so that a scenario without them keeps its
        digest.
        """
        keys = self.model_dump(mode="json")
        keys = {
            key: value
            for key, value in keys.items()
            if value or key not in ("caveat", "episode", "observed")
        }
        if keys["draw"] == "all":
            keys.pop("draw")
        later = ("migrants", "communities")
        keys["world"] = {
            key: value for key, value in keys["world"].items() if value or key not in later
        }
        keys["policies"] = [
            {
                key: value
                for key, value in policy.items()
                if value is not None or key not in ("who", "reason")
            }
            for policy in keys["policies"]
        ]
        text = json.dumps(keys, sort_keys=True, separators=(",", ":"), allow_nan=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def stated(self) -> dict[str, Any]:
        """Return the keys in the form of a file, without keys that are empty or follow from other
        keys.
        """
        keys: dict[str, Any] = _filled(self.model_dump(exclude_none=True))
        keys["world"] = {key: value for key, value in keys["world"].items() if value != {}}
        for part in ("policies", "observed"):
            if part in keys:
                keys[part] = [_filled(entry) for entry in keys[part]]
        for policy, entry in zip(self.policies, keys.get("policies", ()), strict=True):
            if (
                "announced" not in policy.model_fields_set
            ):  # it follows `on`, even if `on` is changed
                entry.pop("announced", None)
        return keys

    def to_yaml(self) -> str:
        """Return the resolved scenario as the text of a file, without comments. The text loads to
        the same digest.
        """
        return yaml_text(self.stated())

    def _repr_html_(self) -> str:
        """Return the scenario as text, for a notebook."""
        from ..app.pages import render

        return render("scenario.html", spec=self)


def _filled(keys: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys that are not empty."""
    return {key: value for key, value in keys.items() if value not in ({}, (), [])}


def yaml_text(value: Any) -> str:
    """Return a value as YAML; words that YAML 1.1 takes for yes or no (on, NO) are in quotes."""

    def quoted(value: Any) -> Any:
        if isinstance(value, dict):
            return {quoted(key): quoted(entry) for key, entry in value.items()}
        if isinstance(value, Iterable) and not isinstance(value, str):
            return [quoted(entry) for entry in value]
        is_word = isinstance(value, str) and value.casefold() in _YAML_1_1_WORDS
        return DoubleQuotedScalarString(value) if is_word else value

    writer = YAML(typ="rt", pure=True)
    text = StringIO()
    writer.width = 4096
    writer.allow_unicode = False
    writer.representer.ignore_aliases = lambda *_: True
    writer.dump(quoted(value), text)
    return text.getvalue()
