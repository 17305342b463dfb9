"""The free parameters of a calibration with their prior ranges, from ``sim/facts/calibrated.csv``.

All events share these parameters. A fact of one event, such as the share of people with a VPN before, is not fitted:
its event file states a range under ``uncertain:``, and every run draws it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.errors import InputError, Problem, did_you_mean
from sim.facts import Facts, load_facts
from sim.facts.table import Row, keep, read_rows

FACTS = Path(__file__).resolve().parents[2] / "facts"
CALIBRATED = FACTS / "calibrated.csv"
_COLUMNS = ("name", "prior_low", "prior_high", "scale", "why")

type Array = np.ndarray


@dataclass(frozen=True)
class Free:
    """One parameter that is calibrated, shared by all events.

    Attributes
    ----------
    name : str
    low, high : float
        Ends of the prior, uniform on its scale.
    scale : {"lin", "log"}
    why : str
        What it does to the events.
    """

    name: str
    low: float
    high: float
    scale: str = "lin"
    why: str = ""

    def at(self, u: float) -> float:
        """Return the value at a place in the prior, 0 to 1."""
        u = min(1.0, max(0.0, u))
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** u
        else:
            value = self.low + u * (self.high - self.low)
        return min(self.high, max(self.low, float(f"{value:.6g}")))

    def place(self, value: float) -> float:
        """Return the place of a value in the prior, 0 to 1; what lies outside is put on the edge."""
        value = min(self.high, max(self.low, value))
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)


@dataclass(frozen=True)
class Space:
    """All parameters that are calibrated; a point of it is an array of places in the priors, each 0 to 1."""

    free: tuple[Free, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self.free)

    def values(self, point: Sequence[float] | Array) -> dict[str, float]:
        """Return what the parameters are at a point."""
        return {one.name: one.at(float(u)) for one, u in zip(self.free, point, strict=True)}

    def point(self, values: Mapping[str, float]) -> Array:
        """Return the point at which the parameters have these values, shape (parameters,)."""
        return np.array([one.place(values[one.name]) for one in self.free])


def read_space(path: Path = CALIBRATED, facts: Facts | None = None, events: Sequence[str] = ()) -> Space:
    """Read the table of parameters to calibrate.

    Parameters
    ----------
    path : Path
    facts : Facts, optional
        Whose parameters they are; by default those shipped.
    events : sequence of str
        Names of events: no parameter may belong to one.

    Raises
    ------
    InputError
        Everything that is wrong with it: an unknown parameter, one of a single event, platform or state, a bad range.
    """
    facts = facts or load_facts()
    problems: list[Problem] = []
    found: dict[str, Free] = {}
    for row in read_rows(path, _COLUMNS, problems):
        low, high = row.number("prior_low"), row.number("prior_high")
        one = Free(row.text("name"), low, high, row.cells["scale"], row.text("why"))
        _check(one, row, facts, events)
        keep(found, one.name, one, row)
    if not problems and not found:
        problems.append(Problem(str(path), "it holds no parameters", "at least one row"))
    if problems:
        raise InputError(problems)
    return Space(tuple(found.values()))


def _check(one: Free, row: Row, facts: Facts, events: Sequence[str]) -> None:
    """Note what is wrong with a parameter to calibrate."""
    owner = _owner(one.name, facts, events)
    if owner:
        row.fault(
            f"'{one.name}' belongs to {owner} alone",
            "parameters that all events share: none has a knob of its own",
            "a fact of one event with a range stands under 'uncertain:' of its file, and is not fitted",
        )
    elif one.name not in facts.parameters:
        known = list(facts.parameters)
        row.fault(f"there is no parameter '{one.name}'", "a name in parameters.csv", did_you_mean(one.name, known))
    row.one_of("scale", ("lin", "log"))
    if not one.low < one.high or (one.scale == "log" and one.low <= 0):
        row.fault(f"a prior from {one.low:g} to {one.high:g}", "prior_low < prior_high, above 0 on a log scale")
    known_one = facts.parameters.get(one.name)
    if known_one is not None and known_one.unit == "share" and not (one.low >= 0 and one.high <= 1):
        row.fault(f"a share from {one.low:g} to {one.high:g}", "shares are 0 to 1")


def _owner(name: str, facts: Facts, events: Sequence[str]) -> str:
    """Return the event, state or platform that a name belongs to; empty when it is shared by all."""
    if name.split(".")[0] in ("policies", "world"):
        return "one scenario"
    parts = set(re.split(r"[.\-]", name))
    return next((own for own in (*events, *facts.platforms, *facts.states) if own in parts), "")
