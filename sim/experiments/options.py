"""Options of every experiment: changes, size, and the place of the runs.

Numbers and names are checked here before anything is written. `Options` is the one
definition of the keywords, on top of `splinternet.changes.Changes`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypedDict

from ..changes import Changes, Given, reading, spelled_out
from ..errors import InputError, Problem, did_you_mean
from ..metrics.registry import Metric
from ..scenario import Scenario

type Cluster = str | Any
"""The address of a Dask scheduler, a Dask client or cluster, or any `concurrent.futures.Executor`.
"""
type Progress = Callable[[int, int, int], None]
"""Called with (done, failed, total) after each run."""
type Bounds = tuple[float, float]
"""The smallest and the largest allowed number."""

MOST_MEMBERS = 10_000
"""Most seeds, draws or repeats; a larger number is probably a number of people."""


def check_all(problems: Iterable[Problem]) -> None:
    """Raise InputError with all problems; do nothing if there are none."""
    if problems := list(problems):
        raise InputError(problems)


def check_count(option: str, number: object, what: str, example: int) -> None:
    """Raise InputError unless a number of seeds or processes is a whole number above 0."""
    check_all(
        number_problems(option, number, (1, math.inf), what, f"such as {example}", whole=True)
    )


def number_problems(
    option: str,
    number: object,
    bounds: Bounds = (-math.inf, math.inf),
    what: str = "",
    hint: str = "",
    *,
    whole: bool = False,
) -> list[Problem]:
    """Return the problem with a number, if there is one.

    Parameters
    ----------
    option : str
        The option with the number.
    number : object
        The number given.
    bounds : (float, float)
        The smallest and the largest allowed number; either may be infinite.
    what : str
        The counted things, in the plural.
    hint : str
        An example.
    whole : bool
        Whether it must be a whole number.
    """
    low, high = bounds
    is_number = isinstance(number, Integral if whole else Real) and not isinstance(number, bool)
    if is_number and math.isfinite(number) and low <= number <= high:  # type: ignore[arg-type, operator]
        return []
    range_words = ""
    if math.isfinite(high):
        range_words = f"{low:,} to {high:,}"
    elif math.isfinite(low):
        range_words = f"at least {low:,}"
    kind = "a whole number" if whole else "a finite number"
    if is_number and math.isfinite(number):  # type: ignore[arg-type]
        kind = ""
    found = f"{number if isinstance(number, Real) else repr(number)} {what}".rstrip()
    return [Problem(option, found, ", ".join(filter(None, (kind, range_words))), hint)]


def case_problems(wanted: Iterable[str], known: Collection[str]) -> list[Problem]:
    """Return the problems with events or episodes that the record does not have."""
    return [
        Problem(
            "",
            f"no event is called '{case}'",
            "one of " + ", ".join(known),
            did_you_mean(case, known),
        )
        for case in wanted
        if case not in known
    ]


# --- numbers and names that a user gives ----------------------------------------------------------

DEFAULT_SEEDS = 12
"""Default number of seeds: many seeds of few people cover more uncertainty in the same time."""


class Work(Changes, total=False):
    """The metrics of many runs, and the place where they run.

    Attributes
    ----------
    metrics : sequence of Metric, optional
        Your own metrics, which are functions with the decorator `metric`.
    jobs : int, optional
        Number of processes; by default one per core, but at most one per run. The results do not
        depend on it.
    cluster : str, Client or Executor, optional
        A Dask cluster on which the runs take place: the address of its scheduler, a Dask client, or
        an executor of `concurrent.futures`. The results are the same as on one machine.
    progress : callable, optional
        A function that is called with (done, failed, total) after each run. By default a notebook
        or terminal shows a progress bar.
    """

    metrics: Sequence[Metric]
    jobs: int | None
    cluster: Cluster | None
    progress: Progress | None


class Sizes(TypedDict, total=False):
    """Keywords for the size of a run, which several calls can share: ``size: sn.Sizes = {"people":
    2_000}``, then ``sn.run(x, **size)``.

    Attributes
    ----------
    people, days : int
        Simulated people and days.
    seeds : int
        Number of seeds.
    jobs : int
        Number of processes.
    """

    people: int
    days: int
    seeds: int
    jobs: int


class Options(Work, total=False):
    """The keywords that every experiment takes: `Changes`, `Work`, and ``seeds``.

    Attributes
    ----------
    seeds : int
        Number of seeds of an ensemble, or of each point of an experiment. All points use the same
        seeds, so that they differ only by their values.
    """

    seeds: int


class OptionsWithFolder(Options, total=False):
    """The keywords of an experiment that may write a folder: `Options`, and ``out``.

    Attributes
    ----------
    out : path, optional
        A folder to write, or to resume if it exists. Without it, the function writes no files.
    """

    out: Path | str | None


def takes_options[F: Callable[..., Any]](
    *kinds: Any, see: str = "**options", **defaults: Any
) -> Callable[[F], F]:
    """Let ``help`` and completion show each keyword of `OptionsWithFolder` or of other options; see
    `spelled_out`.
    """
    usual = {"seeds": DEFAULT_SEEDS, **defaults}
    return spelled_out(Changes, Work, *(kinds or (Options, OptionsWithFolder)), see=see, **usual)


@contextmanager
def posed(
    scenario: Given, options: Options, *, seeds: int = DEFAULT_SEEDS
) -> Iterator[tuple[Scenario, tuple[int, ...], dict[str, Any], list[str]]]:
    """Yield the scenario of an experiment with the options applied; inside the block the user's own
    items are known.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
    options : Options
    seeds : int
        Default number of seeds.

    Yields
    ------
    tuple
        The changed scenario, the seeds, the keywords of `Experiment.run`, and notes for the reader.

    Raises
    ------
    InputError
        The scenario cannot be used, or an option is wrong.
    TypeError
        An option is unknown.
    """
    with reading(options, options.get("metrics", ()), kind=OptionsWithFolder) as read:
        spec, notes = read(scenario)
        place = {name: options.get(name) for name in ("jobs", "cluster", "out", "progress")}
        members = options.get("seeds", seeds)
        check_count("seeds", members, "members", 8)
        yield spec, tuple(range(spec.seed, spec.seed + members)), place, notes
