"""Instruments, policies and metrics that a script or a notebook defines and uses temporarily."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

from sim import policies as registered
from sim.errors import InputError, Problem
from sim.handed import module_of, name_of
from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS
from sim.plugins import items_added
from sim.policies.base import PolicyKeys
from sim.policies.hooks import HOOKS
from sim.policies.instrument import INSTRUMENTS, Instrument, instrument_of
from sim.scenario import Scenario, with_policies

type Policy = Mapping[str, Any] | PolicyKeys
"""The keys of a policy, as a scenario file has them, or a policy of another scenario."""


@contextmanager
def using(*, instruments: Sequence[Any] = (), metrics: Sequence[Metric] = ()) -> Iterator[None]:
    """Use instruments and metrics that Python code defines, in all that runs inside the ``with`` block.

    Lists, scenarios, runs with any number of jobs, and run folders that are opened know them; afterwards they are gone.

    Parameters
    ----------
    instruments : sequence
        Each a class, an object or a module with the names that an instrument file has: ``SUMMARY``, ``CASE``,
        ``EXAMPLE``, ``Keys`` and hooks such as ``apply``. The name of the class, ``PaymentBan``, gives the name of the
        instrument, ``payment_ban``.
    metrics : sequence of Metric
        Functions under the decorator `metric`.

    Raises
    ------
    InputError
        When one of them is not what it should be: all that is wrong with it.
    """
    problems: list[Problem] = []
    items: dict[tuple[str, str], Any] = {}
    for kind, add in (("instruments", _instruments(instruments)), ("metrics", _metrics(metrics))):
        for name, make in add:
            if (kind, name) in items:
                raise InputError(Problem(kind, f"'{name}' appears twice", "each name once"))
            try:
                items[kind, name] = make()
            except InputError as error:
                problems += error.problems
    if problems:
        raise InputError(problems)
    with items_added(items):
        yield


def sorted_out(policies: Sequence[Any]) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the instruments among what a user gives as ``policies=``, and the keys of the policies.

    Raises
    ------
    InputError
        When something is neither.
    """
    instruments: list[Any] = []
    added: list[dict[str, Any]] = []
    for at, given in enumerate(_listed("policies", policies)):
        if isinstance(given, Mapping):
            added.append(dict(given))
        elif isinstance(given, PolicyKeys):
            keys = given.model_dump(exclude_none=True)
            if "announced" not in given.model_fields_set:  # it follows `on`
                keys.pop("announced", None)
            added.append(keys)
        elif given is None or isinstance(given, str | bytes | int | float | list | tuple | set):
            allowed = "a mapping with the keys of a policy, or a class with the names of an instrument file"
            raise InputError(Problem(f"policies[{at}]", f"{given!r} is no policy and no instrument", allowed))
        else:
            instruments.append(given)
    return instruments, added


def with_added(spec: Scenario, instruments: Sequence[Any], added: list[dict[str, Any]]) -> tuple[Scenario, list[str]]:
    """Return a scenario with the policies that a user adds, and notes for the reader.

    An instrument that no policy uses would have no effect. It is therefore used as in its example, from the first day
    unless the example has a date.

    Parameters
    ----------
    spec : Scenario
        The scenario.
    instruments : sequence
        What is handed over (`using`).
    added : list of dict
        Keys of policies.
    """
    used = {policy.instrument for policy in spec.policies} | {str(keys.get("instrument")) for keys in added}
    notes, more = [], []
    for name in map(name_of, instruments):
        if name not in used:
            keys = {"id": name, "instrument": name, "on": str(spec.start), **registered.load(name).example}
            more.append(keys)
            notes.append(f"No policy of the scenario uses {name}, so the run adds its EXAMPLE, from {keys['on']}.")
    return (with_policies(spec, [*added, *more]) if added or more else spec), notes


type _Named = Iterator[tuple[str, Callable[[], Any]]]


def _instruments(given: Sequence[Any]) -> _Named:
    """Yield the names of instruments, each with what makes it.

    Raises
    ------
    InputError
        When one has a name that is taken, or is the model of its keys.
    """
    for one in _listed("policies", given):
        if isinstance(one, type) and issubclass(one, PolicyKeys):
            hooks = ", ".join(HOOKS)
            raise InputError(Problem("policies", f"{one.__name__} is the model of keys alone", "the class around it, "
                             f"with SUMMARY, CASE, EXAMPLE, Keys and a hook ({hooks})"))  # fmt: skip
        name = name_of(one)
        INSTRUMENTS.check_new(name)
        yield name, partial(_instrument, name, one)


def _instrument(name: str, made_of: Any) -> Instrument:
    return instrument_of(name, module_of(made_of))


def _metrics(given: Sequence[Any]) -> _Named:
    """Yield the names of metrics, each with what checks and returns it.

    Raises
    ------
    InputError
        When one is not declared, or has a name that is taken.
    """
    for at, one in enumerate(_listed("metrics", given)):
        if not isinstance(one, Metric):
            found = f"{getattr(one, '__name__', repr(one))} is not a metric"
            raise InputError(Problem(f"metrics[{at}]", found, "a function under the decorator @sn.metric(...)"))
        METRICS.check_new(one.name)
        yield one.name, partial(METRICS.checked, one)


def _listed(option: str, given: Any) -> Sequence[Any]:
    """Return a list that a user gives.

    Raises
    ------
    InputError
        When it is not a list: a single item, say.
    """
    if not isinstance(given, list | tuple):
        found = f"{getattr(given, '__name__', type(given).__name__)} stands here"
        raise InputError(Problem(option, found, "a list", f"{option}=[...]"))
    return given
