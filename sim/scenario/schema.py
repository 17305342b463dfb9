"""The keys of a scenario as frozen models, each with its meaning, unit and default.

The JSON Schema for editors, the listing of keys and the checks all follow from these models.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PrivateAttr,
    SerializeAsAny,
    ValidationInfo,
    model_validator,
)

from sim.errors import Problem
from sim.facts import Facts
from sim.facts.own import OwnTables
from sim.policies.base import PolicyKeys
from sim.policies.values import Day, Line, Number, Text, Texts, whole
from sim.scenario.behaviours import Behaviour as Behaviour
from sim.scenario.digest import digest_of
from sim.scenario.observed import Observed
from sim.scenario.part import Part
from sim.scenario.precedence import Fixed
from sim.scenario.provenance import Provenance
from sim.scenario.scene import Scene
from sim.scenario.world import OTHER as OTHER
from sim.scenario.world import Penetration as Penetration
from sim.scenario.world import PlatformKeys as PlatformKeys
from sim.scenario.world import StateKeys as StateKeys
from sim.scenario.world import World as World

FEWEST_PEOPLE, MOST_PEOPLE = 1_000, 200_000_000
FEW_PEOPLE = 20_000
"""Below this many simulated people, diasporas that a policy can reach have fewer than 100 (`sim.world.sampling`)."""
LARGEST_SEED = 2**53 - 1
"""Larger numbers lose digits in tables and JSON readers that hold numbers as floats; members count up from it."""
MOST_DAYS = 4_383  # twelve years
MOST_PLATFORMS = 63
"""What a person uses is kept as the bits of one signed 64-bit number."""


class Range(Part):
    """A quantity that is not known exactly; ensembles draw it."""

    low: Number
    """Lowest value that is drawn."""
    high: Number
    """Highest value that is drawn."""
    distribution: Literal["uniform", "log-uniform"] = "uniform"
    """How it is drawn between the two."""

    def at(self, part: float) -> float:
        """Return the value at a part of the range, 0 for the low end and 1 for the high end.

        Parameters
        ----------
        part : float
            A uniform draw [1].
        """
        if self.distribution == "uniform":
            return self.low + part * (self.high - self.low)
        return float(self.low * (self.high / self.low) ** part)


class Scenario(Part):
    """One scenario, checked and resolved: names are canonical, ``extends`` and ``--set`` are worked in.

    Whatever way one is made, it is checked whole: ``Scenario(**keys)`` takes what a file may say.

    Raises
    ------
    InputError
        Everything that is wrong with it.
    """

    title: Annotated[Line, Field(max_length=300)]
    """What happens, in a few words; it heads every chart and table."""
    status: Literal["hindcast", "projection", "what-if"] = "what-if"
    """Whether it happened, was about to happen, or is imagined; stamped on every chart, table and report."""
    start: Day
    """The first day, YYYY-MM-DD."""
    days: Annotated[int, Field(ge=1, le=MOST_DAYS), BeforeValidator(whole)]
    """Number of days; one step is one day [days]."""
    people: Annotated[int, Field(ge=FEWEST_PEOPLE, le=MOST_PEOPLE), BeforeValidator(whole)] = 25_000
    """Simulated people; each stands for many [persons]."""
    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED), BeforeValidator(whole)] = 1
    """Where the random numbers start; the members of an ensemble count up from it."""
    world: World = Field(default_factory=World)
    """The world before the first day."""
    policies: tuple[SerializeAsAny[InstanceOf[PolicyKeys]], ...] = ()
    """What states do, in any order."""
    behaviour: Behaviour = Field(default_factory=lambda: Behaviour.model_validate({}))
    """What states and platforms decide by themselves."""
    parameters: Mapping[Text, Number] = Field(default_factory=dict)
    """Model parameters that differ from their table."""
    uncertain: Mapping[Text, Range] = Field(default_factory=dict)
    """Parameters, or numbers of this scenario by path, that ensembles draw."""
    draw: Literal["all", "stated", "nothing"] = "all"
    """What members of an ensemble draw: every parameter that is not set here, from the posterior of the calibration and
    its declared range, besides what stands under `uncertain`; only what stands there; or nothing."""
    sweep: Mapping[Text, tuple[Any, ...]] = Field(default_factory=dict)
    """Parameters, or values of this scenario by path, that a sweep goes through."""
    measure: Texts = ()
    """The metrics to report; all of them unless stated."""
    episode: Text | None = None
    """The episode that the event is part of: events of one state within 60 days of each other share one."""
    observed: tuple[Observed, ...] = ()
    """What was measured; it makes the file one that `splinternet hindcast FILE` scores."""

    _provenance: Provenance = PrivateAttr(default=Provenance())

    @model_validator(mode="before")
    @classmethod
    def _checked_whole(cls, keys: Any, info: ValidationInfo) -> Any:
        """Send keys that come straight from Python through the same checks as a file."""
        from sim.scenario.load import load as read_scenario

        if info.context is not None or not isinstance(keys, Mapping):
            return keys
        return dict(read_scenario(keys))

    def note(self, **found: Any) -> None:
        """Note what is known of it besides its keys, by the attributes of `Provenance`."""
        self._provenance = self._provenance._replace(**found)

    def note_doubts(self, found: Iterable[Problem]) -> None:
        """Note doubts of the reading, before those that are known already."""
        self.note(warnings=(*found, *self._provenance.warnings))

    @property
    def provenance(self) -> Provenance:
        """What is known of it besides its keys."""
        return self._provenance

    @property
    def path(self) -> Path | None:
        """The file it was read from; None for a Python mapping."""
        return self._provenance.path

    @property
    def name(self) -> str:
        """A short name: that of the file, or one made from the title."""
        if self._provenance.path is not None:
            return self._provenance.path.stem
        letters = "".join(char if char.isalnum() and char.isascii() else " " for char in self.title.casefold())
        return "_".join(letters.split())[:60].rstrip("_") or "scenario"

    @property
    def facts(self) -> Facts:
        """The world it starts from, as of its first day and with the states it needs, without its own changes."""
        return self.scene.facts

    @property
    def own_tables(self) -> OwnTables | None:
        """The user's own tables that its world is laid over; None for a shipped world."""
        return self._provenance.own

    @property
    def scene(self) -> Scene:
        """Which states and diasporas its world needs."""
        return self._provenance.scene or Scene(self.world, self.start, self.policies, self.observed)

    @property
    def end(self) -> date:
        """The last day."""
        return self.start + timedelta(days=self.days - 1)

    @property
    def origins(self) -> Mapping[str, str]:
        """Where each stated value came from: path -> ``file:line``, ``--set ...`` or ``default``."""
        return self._provenance.places

    def place(self, path: str) -> str:
        """Return where a key of a policy stands: in its file, or in that of the scenario that it was made of."""
        own = self.origins.get(path, path)
        return own if own.startswith("--") else self._provenance.before.get(path, own)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is allowed but probably not meant, and what is fixed although a range was stated for it."""
        return tuple(dict.fromkeys((*map(str, self.doubts), *map(str, self._provenance.fixed))))

    @property
    def doubts(self) -> tuple[Problem, ...]:
        """What is allowed but probably not meant, and what the facts do not know, each with its code and place.

        Policies and keys that change nothing are found when somebody first asks: it takes array packages and some
        milliseconds.
        """
        from sim.policies.effects import idle as idle_policies

        if self._provenance.idle is None:
            self.note(idle=idle_policies(self))
        return (*self._provenance.warnings, *(self._provenance.idle or ()))

    @property
    def fixed(self) -> tuple[Fixed, ...]:
        """The values that are not drawn because something later than their range fixes them."""
        return self._provenance.fixed

    @property
    def drawn_from(self) -> Scenario:
        """The scenario as it is written, for that of one member of an ensemble or one point; itself for any other."""
        found: Scenario | None = self._provenance.drawn_from
        return self if found is None else found

    @property
    def digest(self) -> str:
        """SHA-256 of the resolved scenario, hexadecimal: the same digest, the same run."""
        return digest_of(self.model_dump(mode="json"))

    def to_yaml(self) -> str:
        """Return the resolved scenario as a file's text, without comments; it loads to the same digest."""
        from sim.scenario.dump import dump as dump_scenario

        return dump_scenario(self)

    def _repr_html_(self) -> str:
        """Return what it says, for a notebook."""
        from sim.text.scenario_notebook import html as show_scenario

        return show_scenario(self)
