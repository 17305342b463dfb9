"""What every experiment can be asked for: how large it is, what it adds or sets, and where it works.

`Options` is the one definition of these keywords. A function that takes them has ``**options: Unpack[Options]``, so
that type checkers know every keyword, and the decorator `takes_options`, so that ``help`` and completion show them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

from ..decisions import Switched
from ..errors import InputError, Problem, did_you_mean
from ..metrics.registry import METRICS, Metric
from ..plugins import items_added
from ..policies import INSTRUMENTS
from ..policies.base import Policy
from ..scenario import Scenario, load, varied, with_policies
from ..scenario.schema import BEHAVIOURS
from .checks import check_count
from .parallel import Cluster, Progress

DEFAULT_SEEDS = 12
"""Members by default: more members of fewer people hold more of what is not known in the same time."""

_SEE = "**options\n    See `Options`."
"""Stands for `Options` among the parameters of a docstring."""

type Given = Scenario | str | Path | dict[str, Any]
"""A scenario, its file, the name of a shipped one, or its keys."""


class Options(TypedDict, total=False):
    """The keywords that every experiment takes.

    Attributes
    ----------
    people, days : int, optional
        Simulated people and days, instead of the scenario's.
    seeds : int
        Members of an ensemble, or of every point of an experiment. All points run the same seeds: they differ by their
        values alone.
    set : mapping of str to object, optional
        Values that differ, by path or bare parameter name, as for ``--set``: ``{"ties.only_channel": 0.6}``.
    policies : sequence, optional
        What the run adds, each decided by its type. A mapping is a policy, with the keys of a scenario file; a policy
        of another scenario will do, too. Anything else is an instrument of your own: a subclass of `Policy`. Where no
        policy uses an instrument, the run adds its ``EXAMPLE``.
    behaviours : sequence of type, optional
        Behaviours of your own, which the run switches on: subclasses of `PeopleRule`, for what people decide in both
        arms, and of `Behaviour`, for states and platforms.
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

    people: int | None
    days: int | None
    seeds: int
    set: Mapping[str, Any] | None
    policies: Sequence[Any]
    behaviours: Sequence[type[Switched]]
    metrics: Sequence[Metric]
    jobs: int | None
    cluster: Cluster | None
    progress: Progress | None


class OptionsWithFolder(Options, total=False):
    """The keywords of an experiment that may write a folder: `Options`, and one more.

    Attributes
    ----------
    out : path, optional
        A folder to write or to resume. Without it, nothing is written.
    """

    out: Path | str | None


class Place(TypedDict):
    """Where an experiment works and what it writes: the part of `Options` that `Experiment.run` takes."""

    jobs: int | None
    cluster: Cluster | None
    out: Path | str | None
    progress: Progress | None


class Asked(NamedTuple):
    """The answers to `Options` for one scenario.

    Attributes
    ----------
    spec : Scenario
        Read, with what is added and set.
    seeds : tuple of int
        The seeds of the members.
    place : Place
    notes : list of str
        For the reader.
    """

    spec: Scenario
    seeds: tuple[int, ...]
    place: Place
    notes: list[str]


def takes_options[F: Callable[..., Any]](**defaults: Any) -> Callable[[F], F]:
    """Let ``help`` and completion show each of `Options` in the signature and the docstring of the function below.

    Parameters
    ----------
    **defaults
        The function's own, where they are not the usual ones.
    """
    usual: dict[str, Any] = {"seeds": DEFAULT_SEEDS, "policies": (), "behaviours": (), "metrics": (), **defaults}

    def spell_out(function: F) -> F:
        signature = inspect.signature(function)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        shared = [
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=usual.get(name), annotation=kind.__forward_arg__
            )
            for name, kind in OptionsWithFolder.__annotations__.items()
            if name not in signature.parameters
        ]
        function.__signature__ = signature.replace(parameters=[*own, *shared])  # type: ignore[attr-defined]
        kinds = (Options,) if "out" in signature.parameters else (Options, OptionsWithFolder)
        words = [inspect.cleandoc(kind.__doc__ or "").partition("----------\n")[2] for kind in kinds]
        function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace(_SEE, "\n".join(words))
        return function

    return spell_out


@contextmanager
def posed(scenario: Given, options: Options, *, seeds: int = DEFAULT_SEEDS) -> Iterator[Asked]:
    """Give the scenario of an experiment with all that is asked for; in the block the user's own items are known.

    Parameters
    ----------
    scenario : Scenario, path, name or mapping
    options : Options
    seeds : int
        Members unless the options say.

    Raises
    ------
    InputError
        When the scenario cannot be used, or an option is wrong.
    TypeError
        When an option is unknown.
    """
    with reading(options) as read:
        spec, notes = read(scenario)
        place = Place(**{name: options.get(name) for name in Place.__annotations__})  # type: ignore[typeddict-item]
        yield Asked(spec, seeds_of(spec, options.get("seeds", seeds)), place, notes)


@contextmanager
def reading(options: Options) -> Iterator[Callable[[Given], tuple[Scenario, list[str]]]]:
    """Give a function that reads scenarios as the options ask for, with notes for the reader; see `posed`."""
    for name in options:
        if name not in OptionsWithFolder.__annotations__:
            hint = did_you_mean(name, OptionsWithFolder.__annotations__)
            raise TypeError(f"unexpected keyword argument '{name}'" + (f"; {hint}" if hint else ""))
    values = options.get("set") or {}
    if not isinstance(values, Mapping):
        allowed, hint = "a mapping of paths to values", "set={'ties.only_channel': 0.6}"
        raise InputError(Problem("set", f"{type(values).__name__} stands here", allowed, hint))
    instruments, added = sorted_out(options.get("policies", ()))

    def read(scenario: Given) -> tuple[Scenario, list[str]]:
        spec = load(scenario, people=options.get("people"), days=options.get("days"), known_metrics=METRICS)
        spec, notes = with_added(spec, instruments, added)
        changes = {f"behaviour.{kind.name}": True for kind in behaviours} | dict(values)
        return varied(spec, changes) if changes else spec, notes

    behaviours = options.get("behaviours", ())
    with using(instruments=instruments, metrics=options.get("metrics", ()), behaviours=behaviours):
        yield read


def seeds_of(spec: Scenario, seeds: int) -> tuple[int, ...]:
    """Return the seeds of an ensemble: the scenario's, and on from there."""
    check_count("--seeds", seeds, "members", 8)
    return tuple(range(spec.seed, spec.seed + seeds))


@contextmanager
def using(
    *,
    instruments: Sequence[type[Policy]] = (),
    metrics: Sequence[Metric] = (),
    behaviours: Sequence[type[Switched]] = (),
) -> Iterator[None]:
    """Use instruments, metrics and behaviours that Python code defines, in all that runs inside the ``with`` block.

    Lists, scenarios, runs with any number of jobs, and run folders that are opened know them; afterwards they are gone.

    Parameters
    ----------
    instruments : sequence of type
        Subclasses of `Policy`. The name of the class, ``PaymentBan``, gives that of the instrument, ``payment_ban``.
    metrics : sequence of Metric
        Functions under the decorator `metric`.
    behaviours : sequence of type
        Subclasses of `PeopleRule` or `Behaviour`; a scenario switches them on: ``set={"behaviour.solidarity": True}``.

    Raises
    ------
    InputError
        When one of them is not what it should be: all that is wrong with it.
    """
    added: dict[tuple[str, str], Any] = {}
    kinds = (
        ("policies", instruments, INSTRUMENTS),
        ("metrics", metrics, METRICS),
        ("behaviours", behaviours, BEHAVIOURS),
    )
    for option, items, registry in kinds:
        for at, item in enumerate(_as_list(option, items)):
            found, where = getattr(item, "__name__", repr(item)), f"{option}[{at}]"
            if option == "policies" and not (isinstance(item, type) and issubclass(item, Policy)):
                allowed = "a class with the base sn.Policy, or a mapping of keys"
                raise InputError(Problem(where, f"{found} is no policy and no instrument", allowed))
            if option == "metrics" and not isinstance(item, Metric):
                allowed = "a function under the decorator @sn.metric(...)"
                raise InputError(Problem(where, f"{found} is not a metric", allowed))
            if option == "behaviours" and not (isinstance(item, type) and issubclass(item, Switched)):
                allowed = "a class with the base sn.PeopleRule or sn.Behaviour"
                raise InputError(Problem(where, f"{found} is no behaviour", allowed))
            name = item.name() if option == "policies" else item.name
            registry.check_new(name)
            if (registry.kind, name) in added:
                raise InputError(Problem(registry.kind, f"'{name}' appears twice", "each name once"))
            added[registry.kind, name] = registry.checked(item)
    with items_added(added):
        yield


def sorted_out(policies: Sequence[Any]) -> tuple[list[type[Policy]], list[dict[str, Any]]]:
    """Return the instruments among what a user gives as ``policies=``, and the keys of the policies.

    A policy that is made from a class of the user's own brings its class along.

    Raises
    ------
    InputError
        When something is neither.
    """
    instruments: list[Any] = []
    added: list[dict[str, Any]] = []
    for given in _as_list("policies", policies):
        if isinstance(given, Mapping):
            added.append(dict(given))
        elif isinstance(given, Policy):
            follows_on = "announced" not in given.model_fields_set
            added.append(given.model_dump(exclude_none=True, exclude={"announced"} if follows_on else None))
            if given.instrument not in INSTRUMENTS and type(given) not in instruments:
                instruments.append(type(given))
        else:
            instruments.append(given)
    return instruments, added


def with_added(
    spec: Scenario, instruments: Sequence[type[Policy]], added: list[dict[str, Any]]
) -> tuple[Scenario, list[str]]:
    """Return a scenario with the policies that a user adds, and notes for the reader.

    An instrument that no policy uses would have no effect. It is therefore used as in its example, from the first day
    unless the example has a date.

    Parameters
    ----------
    spec : Scenario
        The scenario.
    instruments : sequence of type
        The instruments that the user adds (`using`).
    added : list of dict
        Keys of policies.
    """
    used = {policy.instrument for policy in spec.policies} | {str(keys.get("instrument")) for keys in added}
    examples = [
        {"id": kind.name(), "instrument": kind.name(), "on": str(spec.start), **kind.EXAMPLE}
        for kind in instruments
        if kind.name() not in used
    ]
    notes = [
        f"No policy of the scenario uses {keys['instrument']}, so the run adds its EXAMPLE, from {keys['on']}."
        for keys in examples
    ]
    return (with_policies(spec, [*added, *examples]) if added or examples else spec), notes


def _as_list(option: str, given: Any) -> Sequence[Any]:
    """Return a list that a user gives; raise InputError where it is not a list: a single item, say."""
    if not isinstance(given, list | tuple):
        found = f"{getattr(given, '__name__', type(given).__name__)} stands here"
        raise InputError(Problem(option, found, "a list", f"{option}=[...]"))
    return given
