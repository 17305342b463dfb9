"""Arguments and options that several commands share, the values computed from them, and their shell
completion.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.shipped import shipped
from .app import Given
from .output import warn

if TYPE_CHECKING:
    from ..results import Result
    from ..scenario import Scenario


def completed(known: Callable[[], Iterable[str]]) -> Callable[[str], list[str]]:
    """Return the known names that complete a word in the shell, ignoring case."""

    def complete(incomplete: str) -> list[str]:
        return [
            name
            for name in dict.fromkeys(known())
            if name.casefold().startswith(incomplete.casefold())
        ]

    return complete


complete_scenarios = completed(shipped)
_NUMBER = re.compile(
    r"(\d{1,3}(?:[ ,_\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?) ?(k|m|thousand|million)?"
)
_TIMES = {"": 1.0, "k": 1e3, "thousand": 1e3, "m": 1e6, "million": 1e6}


def whole(text: str | int) -> int:
    """Return a number of people as users write it: ``20000``, ``20,000``, ``20k``, ``1.5
    million``.
    """
    found = _NUMBER.fullmatch(str(text).strip().casefold())
    refused = typer.BadParameter(f"'{text}' is not a whole number, such as 20000, 20,000 or 20k")
    if found is None:
        raise refused
    number = float(re.sub(r"[ ,_\u00a0\u202f]", "", found[1])) * _TIMES[found[2] or ""]
    if number != int(number):
        raise refused
    return int(number)


SCENARIO = Annotated[
    str,
    typer.Argument(help="A scenario file, or a shipped name.", autocompletion=complete_scenarios),
]
RUN = Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder; it is only read.")]
SETTINGS = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Change a value, such as policies.wechat-ban.on=2020-11-12.",
    ),
]
PENETRATION = Annotated[
    list[str] | None,
    typer.Option(
        metavar="STATE.PLATFORM=SHARE", help="Your own figure of use [1], such as VN.WhatsApp=0.08."
    ),
]
PEOPLE = Annotated[
    int | None,
    typer.Option(parser=whole, metavar="NUMBER", help="Simulated people, such as 20,000."),
]
DAYS = Annotated[int | None, typer.Option(help="Days to run.")]
SEEDS = Annotated[
    int, typer.Option(min=1, max=10_000, help="Seeds of every run; all runs have the same seeds.")
]
EVENT_MEMBERS = Annotated[
    int | None, typer.Option("--seeds", min=1, max=10_000, help="Seeds of each event.")
]
JOBS = Annotated[
    int | None, typer.Option(min=1, help="Number of processes; by default one per core.")
]
CLUSTER = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="A Dask cluster to work on, tcp://HOST:8786.")
]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CHANCE_ONLY = Annotated[
    bool,
    typer.Option(
        "--chance-only", help="Intervals without the model's error, as it differs between events."
    ),
]


def with_use(settings: list[str] | None, penetration: list[str] | None) -> list[str]:
    """Return the values of ``--set`` with those of ``--penetration``, which are values of
    world.penetration.
    """
    return [*(settings or ()), *(f"world.penetration.{figure}" for figure in penetration or ())]


def loaded(
    scenario: SCENARIO,
    settings: SETTINGS = None,
    penetration: PENETRATION = None,
    people: PEOPLE = None,
    days: DAYS = None,
) -> Scenario:
    """Read a scenario, with changes."""
    from ..metrics.registry import METRICS
    from ..scenario import load

    values = with_use(settings, penetration)
    return load(scenario, overrides=values, people=people, days=days, known_metrics=METRICS)


def loaded_with_warnings(
    scenario: SCENARIO, settings: SETTINGS = None, people: PEOPLE = None, days: DAYS = None
) -> Scenario:
    """Read a scenario, with changes, and print its warnings."""
    spec = loaded(scenario, settings, None, people, days)
    for warning in spec.warnings:
        warn(f"warning: {warning}")
    return spec


@dataclass
class Work:
    """Where the runs are computed: a number of processes, or the address of a cluster."""

    jobs: JOBS = None
    cluster: CLUSTER = None


@dataclass
class Cell:
    """The time, group, state and platform of the number to show."""

    at: Annotated[str | None, typer.Option(help="When: total, worst_week, peak or end.")] = None
    group: Annotated[str, typer.Option(help="The group to show, such as 'US<-CN'.")] = ""
    state: Annotated[str, typer.Option(help="The state to show.")] = ""
    platform: Annotated[str, typer.Option(help="The platform to show.")] = ""


def opened(folders: Sequence[Path | str], chance_only: bool) -> list[Result]:
    """Return the runs in some folders."""
    from ..results import open_run

    results = [open_run(folder) for folder in folders]
    return [result.chance_only() for result in results] if chance_only else results


SPEC: Any = Given(loaded_with_warnings)
WORK: Any = Given(Work)
CELL: Any = Given(Cell)
