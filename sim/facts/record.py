"""The record of past events, and the skill of the model and its rules on it.

These tables do not affect the model, except the posterior, from which ensembles draw.
"""

from __future__ import annotations

import csv
import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from ..errors import InputError, Place, Problem
from .tables import HOME, Basis, Day, DayOrNone, Fault, Names, Number, Row, Text, one_of, read

REASONS = (
    "not an order",
    "no such platform",
    "no such metric",
    "no such instrument",
    "an input",
    "within a day",
    "soft",
    "evidence",
)
"""First words of the reasons for which a figure is not scored."""
DISCREPANCY = HOME / "discrepancy.csv"
POSTERIOR = HOME / "posterior.csv"
PRIORS = HOME / "calibrated.csv"
CARRIED = ("kept", "gained")
"""The kinds of error that runs carry through kin ties."""
ERROR = "error."
"""Prefix of the names of errors that runs draw: ``error.kept.block``."""
DEMAND_SERIES = ("tr_2020", "ru_2022", "in_2021")
"""Demands for a representative with known answers: the state and the year."""
SKILL_OF_A_GUESS = 0.5
"""Share of pairs that a random guess orders correctly [1]."""
Use = Literal["scored", "soft", "evidence", "none"]
NumberOrNone = Annotated[float, BeforeValidator(lambda cell: cell or "nan")]


class RecordRow(Row, file="record.csv", key=("id",)):
    """One observed figure as printed, and its use in judging the model.

    The event files (``scenarios/events``) hold the same figures as rows under ``observed:``,
    converted if a gain was printed as a level.
    """

    id: Text
    """Event and number, such as ``br_x_2024.3``."""
    table: Literal["calibration", "events"]
    """``calibration``: one of the figures of the first five events; ``events``: collected later."""
    event: Text
    episode: Text
    file: str
    """The event file, such as ``events/br_x_2024``; empty if there is none."""
    use: Use
    """``scored``; ``soft`` (shown beside the model, outside the score); ``evidence`` (for a rule or
    a parameter); ``none``.
    """
    why: str
    """Reason for not being scored, beginning with one of `REASONS`; empty for scored figures."""
    kind: str
    """Kind as in ``observed:``; empty for figures that are not compared."""
    state: str
    """The state of the figure."""
    platform: str
    """The platform of the figure."""
    what: Text
    """The counted quantity, in the words of the source."""
    date: Day
    value: Number
    """The figure [``unit``]."""
    unit: str
    """Its unit."""
    tolerance: NumberOrNone
    """Largest error of a forecast that still counts as near [``unit``]; NaN if there is none."""
    confidence: str
    proposed: Use
    """The use that the collection proposed."""
    meter: str
    raw: str
    """The figure as printed."""
    source: Text
    note: str
    """Further notes."""

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield a use without its necessary reason or file."""
        if (self.use == "scored") != (not self.why):
            yield (
                f"use is {self.use}, why is '{self.why}'",
                "a reason for what is not scored, and none for what is",
            )
        if self.why and not self.why.startswith(REASONS):
            yield f"why is '{self.why}'", "a reason that begins with one of: " + ", ".join(REASONS)
        if self.use == "scored" and not self.file:
            yield "no file", "the event file of what is scored"

    @property
    def status(self) -> str:
        """``scored``, or ``not scored`` with the reason."""
        return "scored" if self.use == "scored" else f"not scored: {self.why}"


class Discrepancy(Row, file="discrepancy.csv", key=("kind", "without")):
    """The variation of the model's error between events in a kind of figure, estimated by ``python
    -m splinternet.fit calibrate --write``.
    """

    kind: Text
    """``kept``, ``gained``, ``vpn``, ``ratio`` or ``contact``."""
    without: str
    """The episode left out of the estimate; empty for none."""
    scale: Text
    """The scale of the error."""
    sd_episode: str
    """Standard deviation between episodes [1]."""
    sd_series: str
    """Standard deviation between series of an episode [1]."""
    sd: Number
    """Standard deviation of both together [1]."""
    bias: str
    """Mean error [1]."""
    series: str
    episodes: str
    basis: Basis
    source: Text
    digest: str
    """Digest of the inputs of the estimate."""
    sd_technique: str = ""
    """Standard deviation between techniques [1]; empty in older tables."""
    techniques: str = ""
    """Number of recorded episodes of each technique, and the standard deviation of their common
    error, such as ``dpi:4:0.12|isp:7:0.2``.
    """

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield a standard deviation below 0."""
        if self.sd < 0:
            yield f"sd is {self.sd:g}", "0 or more"

    def sd_of(self, technique: str | None) -> float:
        """Return the standard deviation of the error of a technique, wider for one without a
        recorded episode [1].

        Without a technique (None), return that of a typical recorded technique.
        """
        if technique is None or not self.sd_technique:
            return self.sd
        known = {
            name: float(sd)
            for name, _, sd in (one.split(":") for one in self.techniques.split("|") if one)
        }
        shared = known.get(technique, float(self.sd_technique))
        return math.hypot(float(self.sd_episode), float(self.sd_series), shared)


ERROR_COLUMNS = tuple(field.name for field in fields(Discrepancy))


@lru_cache(maxsize=4)
def read_discrepancy(path: Path) -> Mapping[tuple[str, str], Discrepancy]:
    """Return the model's errors by kind and episode left out; empty if there is no table."""
    return read(Discrepancy, path) if path.is_file() else {}


def error_of(kind: str, without: str = "", technique: str | None = None) -> float:
    """Return the standard deviation of the model's error in a kind of figure, on its scale; 0 if
    unknown.

    Parameters
    ----------
    kind : str
        ``kept``, ``gained``, ``vpn``, ``ratio`` or ``contact``.
    without : str
        An episode to leave out, if the record contains it.
    technique : str, optional
        The technique of the order; one without a recorded episode has a wider error.
    """
    errors = read_discrepancy(DISCREPANCY)
    error = errors.get((kind, without)) or errors.get((kind, ""))
    return error.sd_of(technique) if error is not None else 0.0


def carries_errors() -> bool:
    """Return whether the record measures errors that runs can carry through kin ties."""
    return any(error_of(kind) > 0.0 for kind in CARRIED)


type Draws = tuple[dict[str, float], ...]


def read_posterior() -> Draws:
    """Return the draws of the joint posterior, each with a value for every fitted parameter: all
    draws, or none.

    If a draw has other parameters than those fitted now, or lies outside their priors, all draws
    belong to another version of the rules. None is then used: until the next calibration, seeds
    draw these parameters from their declared ranges.

    Raises
    ------
    InputError
        If a cell is not a number.
    """
    return _draws_within(POSTERIOR, PRIORS)


@lru_cache(maxsize=4)
def _draws_within(posterior: Path, priors: Path) -> Draws:
    """Return the draws of a table if all are within the priors, else none; read once."""
    draws = read_draws(posterior)
    with priors.open(encoding="utf-8", newline="") as file:
        ends = {
            row["name"]: (float(row["prior_low"]), float(row["prior_high"]))
            for row in csv.DictReader(file)
        }
    for row in draws:
        if set(row) != set(ends) or any(
            not ends[name][0] <= value <= ends[name][1] for name, value in row.items()
        ):
            return ()
    return draws


def read_draws(path: Path) -> Draws:
    """Return the draws of a table, whose columns are parameters; none if the table is missing.

    Raises
    ------
    InputError
        If a cell is not a number.
    """
    if not path.is_file():
        return ()
    draws = []
    with path.open(encoding="utf-8", newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            try:
                draws.append({name: float(value) for name, value in row.items()})
            except (TypeError, ValueError):
                where = Place(f"{path.parent.name}/{path.name}", line)
                raise InputError(
                    Problem(where, "a cell is not a number", "a number for each parameter")
                ) from None
    return tuple(draws)


def forget() -> None:
    """Clear the caches, so that the next call reads newly written tables."""
    read_discrepancy.cache_clear()
    _draws_within.cache_clear()


STAMP = "calibration.json"
"""File with the stamp of the stored calibration: settings, some of its runs, the SHA-256 of its
tables.
"""


def read_stamp(folder: Path = HOME) -> dict[str, Any]:
    """Return the stamp of the stored calibration; empty if there is none."""
    path = folder / STAMP
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else {}


def why_refused(folder: Path = HOME) -> str:
    """Return the reason why the stored forecasts are not those of this model; empty if the
    calibration's tables are unchanged.
    """
    stored = read_stamp(folder)
    if not stored.get("runs"):
        return "there is no stored calibration that keeps some of its runs"
    changed = [
        name for name, digest in stored["tables"].items() if _sha256(folder / name) != digest
    ]
    return (
        f"since the stored calibration the {' and the '.join(changed)} changed" if changed else ""
    )


def _sha256(path: Path) -> str:
    """Return the SHA-256 of a file; empty if it is missing."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


class BoardRow(Row, file="board.csv", key=("entrant", "by", "name")):
    """The score of an entrant of the bench on some held-out figures, written by ``splinternet-bench
    board --csv``.
    """

    entrant: Text
    """The model, a rival, or another model."""
    by: Literal["all", "kind", "metric", "technique", "event", "set"]
    name: Text
    """The set of figures, such as a kind or an event."""
    crps: Number
    """Continuous ranked probability score [1]; lower is better."""
    error: Number
    """Mean distance of the median from the count [1]."""
    coverage: Number
    """Share of figures that the 80 % interval covers [1]."""
    width: Number
    """Mean width of that interval [1]."""
    figures: int
    series: int
    episodes: int
    over: Text
    """The best other rival."""
    lead: Number
    """CRPS of the best other rival minus that of the entrant [1]."""
    lead_low: NumberOrNone
    """Lower end of the 80 % interval of the lead; NaN for a single episode [1]."""
    lead_high: NumberOrNone
    """Upper end of that interval [1]."""


class Rank(Row, file="ranks.csv", key=("row",)):
    """The place of the model's forecast of a held-out figure among those of the bench's rivals,
    written by ``splinternet-bench board --ranks``.
    """

    row: Text
    """Id of the figure, as in `RecordRow`."""
    median: Number
    """The model's forecast without the figures of this event, in the unit of the figure."""
    low: Number
    """Lower end of its 80 % interval."""
    high: Number
    """Upper end of its 80 % interval."""
    forecasts: int
    """Number of forecasts: the model's, and one of each rival."""
    rank: int
    """Place of the model's by its score, 1 for the nearest; equal scores share a place."""
    crps: Number
    """Continuous ranked probability score of the model [1]; lower is better."""
    nearest: Text
    """The rival with the lowest score."""
    nearest_crps: Number
    """Its score [1]."""


class RuleSkill(Row):
    """The skill of a rule on a series: the chance to order two states or firms correctly [1]; a
    guess has 0.5.
    """

    series: Text
    """The list of test cases."""
    rule: Text
    """The behaviour whose rule is tested."""
    skill: Number
    """Skill of the rule [1]."""
    low: Number
    """Lower end of its 80 % interval over draws of the states or firms [1]."""
    high: Number
    """Upper end of that interval [1]."""
    least: Number
    """Lowest skill with any one state or firm left out [1]."""
    most: Number
    """Highest skill with any one state or firm left out [1]."""
    ahead_low: Number
    """Lower end of the 80 % interval of the rule's lead over the best rival [1]."""
    ahead_high: Number
    """Upper end of that interval [1]."""

    @property
    def is_skilled(self) -> bool:
        """True if the whole intervals lie above chance and above the best rival."""
        return self.low > SKILL_OF_A_GUESS and self.ahead_low > 0.0


class Skill(RuleSkill, file="skill.csv"):
    """The skill of a rule of states.

    ``studies/who_joins.py --write`` writes the table; a test computes it again.
    """

    question: Literal["who", "when"]
    """``who`` acts, or ``when`` the acting states act."""
    states: int
    """States in the series."""
    yes: int
    """States in the series that acted."""
    ally: Number
    """Skill of a rival: closer states to the leader act first [1]."""
    rich: Number
    """Skill of a rival: states with more product per head act first [1]."""
    near: Number
    """Skill of a rival: states nearer to the adversary act first [1]."""


class AnswerSkill(RuleSkill, file="answer_skill.csv"):
    """The skill of the platforms' rule on one demand, or on all demands.

    ``studies/platform_answers.py --write`` writes the table; a test computes it again.
    """

    firms: int
    """Firms under the demand."""
    stake: Number
    """Skill of a rival: the firm's earnings in the state [1]."""
    unfree: Number
    """Skill of a rival: the lack of freedom of the firm's home [1]."""
    news: Number
    """Skill of a rival: the share of users who do not come for news [1]."""


class ObservedAnswer(Row, file="answers.csv", key=("series", "platform")):
    """The day on which a platform obeyed a state's demand for a representative; empty if it did
    not.

    A platform stands for all platforms of its firm in the demand.
    """

    series: Annotated[str, one_of(DEMAND_SERIES)]
    platform: Text
    date: DayOrNone
    earliest: DayOrNone
    latest: DayOrNone
    source: Text
    basis: Literal["press", "survey", "assumption"]
    note: str

    def faults(self, names: Names) -> Iterator[Fault]:
        """Yield days that are not in order."""
        days = [self.earliest, self.date, self.latest]
        if (None in days and any(days)) or (
            None not in days and sorted(filter(None, days)) != days
        ):
            yield (
                " / ".join(map(str, days)),
                "earliest, date and latest in this order, or none of them",
            )


def skilled_rules() -> frozenset[str]:
    """Return the rules with skill on a series of acting states, against chance and the best simple
    rival.
    """
    return frozenset(
        row.rule for row in read(Skill).values() if row.is_skilled and row.question == "who"
    )
