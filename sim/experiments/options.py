"""Options of every experiment: its changes, its size, and where it runs.

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
"""The address of a Dask scheduler, a Dask client or cluster, or any `concurrent.futures.Executor`."""
type Progress = Callable[[int, int, int], None]
"""Called with (done, failed, total) after each run."""
type Bounds = tuple[float, float]
"""The least and the most that is allowed."""

MOST_MEMBERS = 10_000
"""Most members, draws or repeats: beyond it somebody has mistaken them for people."""


def check_all(problems: Iterable[Problem]) -> None:
    """Raise InputError with all problems; do nothing where there is none."""
    if problems := list(problems):
        raise InputError(problems)


def check_count(option: str, number: object, what: str, example: int) -> None:
    """Raise InputError unless a number of members or processes is a whole number above 0."""
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
        What the user wrote it into.
    number : object
        What was found.
    bounds : (float, float)
        The least and the most; either may be infinite.
    what : str
        What is counted, in the plural.
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
    """Return the cases, events or episodes, that the record does not have."""
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
"""Members by default: more members of fewer people hold more of what is not known in the same time."""


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
        Members.
    jobs : int
        Number of processes.
    """

    people: int
    days: int
    seeds: int
    jobs: int


class Options(Work, total=False):
    """The keywords that every experiment takes: `Changes`, `Work`, and one more.

    Attributes
    ----------
    seeds : int
        Number of members of an ensemble, or of each point of an experiment. All points use the same
        seeds, so that they differ only by their values.
    """

    seeds: int


class OptionsWithFolder(Options, total=False):
    """The keywords of an experiment that may write a folder: `Options`, and one more.

    Attributes
    ----------
    out : path, optional
        A folder to write, or to resume if it exists. Without it, the function writes no files.
    """

    out: Path | str | None


def takes_options[F: Callable[..., Any]](
    *kinds: Any, see: str = "**options", **defaults: Any
) -> Callable[[F], F]:
    """Let ``help`` and completion show each keyword of `OptionsWithFolder`, or of others; see
    `spelled_out`.
    """
    usual = {"seeds": DEFAULT_SEEDS, **defaults}
    return spelled_out(Changes, Work, *(kinds or (Options, OptionsWithFolder)), see=see, **usual)


@contextmanager
def posed(
    scenario: Given, options: Options, *, seeds: int = DEFAULT_SEEDS
) -> Iterator[tuple[Scenario, tuple[int, ...], dict[str, Any], list[str]]]:
    """Give the scenario of an experiment with all that is asked for; in the block the user's own
    items are known.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
    options : Options
    seeds : int
        Members unless the options say.

    Yields
    ------
    tuple
        The scenario with what is added and set, the seeds of the members, the keywords of
        `Experiment.run`, and notes for the reader.

    Raises
    ------
    InputError
        When the scenario cannot be used, or an option is wrong.
    TypeError
        When an option is unknown.
    """
    with reading(options, options.get("metrics", ()), kind=OptionsWithFolder) as read:
        spec, notes = read(scenario)
        place = {name: options.get(name) for name in ("jobs", "cluster", "out", "progress")}
        members = options.get("seeds", seeds)
        check_count("seeds", members, "members", 8)
        yield spec, tuple(range(spec.seed, spec.seed + members)), place, notes
