"""Instruments, policies and metrics that a script or a notebook defines and uses temporarily."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sim.errors import InputError, Problem
from sim.metrics.metric import Metric
from sim.metrics.registry import METRICS
from sim.plugins import Registry, items_added
from sim.policies import INSTRUMENTS
from sim.policies.base import Policy
from sim.scenario import Scenario, with_policies


@contextmanager
def using(*, instruments: Sequence[type[Policy]] = (), metrics: Sequence[Metric] = ()) -> Iterator[None]:
    """Use instruments and metrics that Python code defines, in all that runs inside the ``with`` block.

    Lists, scenarios, runs with any number of jobs, and run folders that are opened know them; afterwards they are gone.

    Parameters
    ----------
    instruments : sequence of type
        Subclasses of `Policy`. The name of the class, ``PaymentBan``, gives that of the instrument, ``payment_ban``.
    metrics : sequence of Metric
        Functions under the decorator `metric`.

    Raises
    ------
    InputError
        When one of them is not what it should be: all that is wrong with it.
    """
    for at, kind in enumerate(_as_list("policies", instruments)):
        if not (isinstance(kind, type) and issubclass(kind, Policy)):
            found = f"{getattr(kind, '__name__', repr(kind))} is no policy and no instrument"
            raise InputError(Problem(f"policies[{at}]", found, "a class with the base sn.Policy, or a mapping of keys"))
    for at, metric in enumerate(_as_list("metrics", metrics)):
        if not isinstance(metric, Metric):
            found = f"{getattr(metric, '__name__', repr(metric))} is not a metric"
            raise InputError(Problem(f"metrics[{at}]", found, "a function under the decorator @sn.metric(...)"))
    added = [
        *_checked(INSTRUMENTS, [(kind.name(), kind) for kind in instruments]),
        *_checked(METRICS, [(metric.name, metric) for metric in metrics]),
    ]
    with items_added(dict(added)):
        yield


def _checked(registry: Registry[Any], items: Iterable[tuple[str, Any]]) -> Iterator[tuple[tuple[str, str], Any]]:
    """Yield items, each with its kind and name.

    Raises
    ------
    InputError
        When a name is taken, or an item is not what it should be.
    """
    seen: set[str] = set()
    for name, item in items:
        registry.check_new(name)
        if name in seen:
            raise InputError(Problem(registry.kind, f"'{name}' appears twice", "each name once"))
        seen.add(name)
        yield (registry.kind, name), registry.checked(item)


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
            keys = given.model_dump(exclude_none=True)
            if "announced" not in given.model_fields_set:  # it follows `on`
                keys.pop("announced", None)
            added.append(keys)
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
    notes, examples = [], []
    for kind in instruments:
        name = kind.name()
        if name not in used:
            keys = {"id": name, "instrument": name, "on": str(spec.start), **kind.EXAMPLE}
            examples.append(keys)
            notes.append(f"No policy of the scenario uses {name}, so the run adds its EXAMPLE, from {keys['on']}.")
    return (with_policies(spec, [*added, *examples]) if added or examples else spec), notes


def _as_list(option: str, given: Any) -> Sequence[Any]:
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
