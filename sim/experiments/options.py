"""What every experiment can be asked for: what it changes, how large it is, and where it works.

`Options` is the one definition of these keywords, on top of `splinternet.changes.Changes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..changes import Changes, Given, reading, spelled_out
from ..metrics.registry import Metric
from ..scenario import Scenario
from .checks import check_count
from .parallel import Cluster, Progress

DEFAULT_SEEDS = 12
"""Members by default: more members of fewer people hold more of what is not known in the same time."""


class Work(Changes, total=False):
    """What many runs measure, and where they are made.

    Attributes
    ----------
    metrics : sequence of Metric, optional
        Metrics of your own: functions under the decorator `metric`.
    jobs : int, optional
        Number of processes; by default one per core, but at most one per run. The outcome is the same for any number.
    cluster : str, Client or Executor, optional
        A Dask cluster to work on instead: the address of its scheduler, or a client; or any executor of
        `concurrent.futures`. The outcome is the same.
    progress : callable, optional
        Called with (done, failed, total) after each run; by default a bar in a notebook or on a terminal.
    """

    metrics: Sequence[Metric]
    jobs: int | None
    cluster: Cluster | None
    progress: Progress | None


class Options(Work, total=False):
    """The keywords that every experiment takes: `Changes`, `Work`, and one more.

    Attributes
    ----------
    seeds : int
        Members of an ensemble, or of every point of an experiment. All points run the same seeds: they differ by their
        values alone.
    """

    seeds: int


class OptionsWithFolder(Options, total=False):
    """The keywords of an experiment that may write a folder: `Options`, and one more.

    Attributes
    ----------
    out : path, optional
        A folder to write or to resume. Without it, nothing is written.
    """

    out: Path | str | None


def takes_options[F: Callable[..., Any]](*kinds: Any, see: str = "**options", **defaults: Any) -> Callable[[F], F]:
    """Let ``help`` and completion show each keyword of `OptionsWithFolder`, or of others; see `spelled_out`."""
    usual = {"seeds": DEFAULT_SEEDS, **defaults}
    return spelled_out(Changes, Work, *(kinds or (Options, OptionsWithFolder)), see=see, **usual)


@contextmanager
def posed(
    scenario: Given, options: Options, *, seeds: int = DEFAULT_SEEDS
) -> Iterator[tuple[Scenario, tuple[int, ...], dict[str, Any], list[str]]]:
    """Give the scenario of an experiment with all that is asked for; in the block the user's own items are known.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
    options : Options
    seeds : int
        Members unless the options say.

    Yields
    ------
    tuple
        The scenario with what is added and set, the seeds of the members, the keywords of `Experiment.run`, and notes
        for the reader.

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
        check_count("--seeds", members, "members", 8)
        yield spec, tuple(range(spec.seed, spec.seed + members)), place, notes
