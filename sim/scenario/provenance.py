"""The origin of a scenario and its doubts, which are not part of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import Problem
from sim.facts.own import OwnTables
from sim.scenario.precedence import Fixed
from sim.scenario.scene import Scene


class Provenance(NamedTuple):
    """What is known of a scenario besides its keys.

    Attributes
    ----------
    path : Path or None
        The file it was read from.
    places : mapping of str to str
        Where each stated value came from, by its path.
    warnings : tuple of Problem
        What is allowed but probably not meant.
    fixed : tuple of Fixed
        What is no longer drawn from a range, because a value was set after it.
    own : OwnTables or None
        The user's own tables that its world is laid over, so that they travel with it.
    scene : Scene or None
        Which states its world has; the same for every part of a scenario.
    drawn_from : Scenario or None
        For the scenario of one member of an ensemble, or of one point of an experiment: the scenario as it is written.
    idle : tuple of Problem, optional
        Policies and keys that change nothing; None until somebody asks.
    before : mapping of str to str
        Where the policies of the scenario stand that it was made of, by path.
    """

    path: Path | None = None
    places: Mapping[str, str] = {}
    warnings: tuple[Problem, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    own: OwnTables | None = None
    scene: Scene | None = None
    drawn_from: Any = None
    idle: tuple[Problem, ...] | None = None
    before: Mapping[str, str] = {}
