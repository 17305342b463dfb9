"""Changes that Python code may make to a scenario before it runs, and their keywords.

`Changes` is the one definition of these keywords: a model and every experiment take them. A
function that takes them has ``**changes: Unpack[Changes]``, so that type checkers know every
keyword, and the decorator `spelled_out`, so that ``help`` and completion show them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from .core.plugins import items_added
from .decisions import Switched
from .errors import InputError, Problem, did_you_mean
from .facts.worlds import facts_of
from .metrics.registry import METRICS, Metric
from .policies import INSTRUMENTS
from .policies.base import Policy
from .scenario import Scenario, load, varied, with_policies
from .scenario.load import FACTS_PATH, retitled
from .scenario.schema import BEHAVIOURS

type Given = Scenario | str | Path | dict[str, Any]
"""A scenario, its file, the name of a shipped scenario, or a mapping of keys."""


class Changes(TypedDict, total=False):
    """Changes to the scenario.

    Attributes
    ----------
    people, days : int, optional
        Number of simulated people and number of days; both replace the values of the scenario.
    facts : str or Path, optional
        A folder with your own tables, which change tables of a shipped world (``--facts``).
    set : mapping of str to object, optional
        Values to change, by path or parameter name, as for ``--set``; for example
        ``{"ties.only_channel": 0.6}``.
    policies : sequence, optional
        Policies and instruments that the run adds to the scenario. A policy is a mapping with the
        keys of a scenario file, or a ``Policy`` of another scenario. An instrument of your own is a
        subclass of ``Policy``. If no policy uses an instrument, the run adds the policy in its
        ``EXAMPLE``.
    behaviours : sequence of type, optional
        Your own behaviours, which the run switches on. Subclasses of `PeopleRule` decide for people
        in both arms; subclasses of `Behaviour` decide for states and platforms.
    """

    people: int | None
    days: int | None
    facts: str | Path | None
    set: Mapping[str, Any] | None
    policies: Sequence[Any]
    behaviours: Sequence[type[Switched]]


@dataclass(frozen=True)
class Reader:
    """Reads a scenario with the changes of `Changes`; other processes can use it too.

    Attributes
    ----------
    people, days : int, optional
        Values that replace those of the scenario.
    values : mapping of str to object
        The values to set, by path.
    instruments : tuple of type
        The user's own instruments.
    added : tuple of dict
        Keys of added policies.
    facts : str
        The name of the world with the user's own tables, with which the scenario is read; empty for
        the scenario's own world.
    """

    people: int | None = None
    days: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    instruments: tuple[type[Policy], ...] = ()
    added: tuple[dict[str, Any], ...] = ()
    facts: str = ""

    def __bool__(self) -> bool:
        """Return whether there are any changes."""
        return any(
            (
                self.people is not None,
                self.days is not None,
                self.values,
                self.instruments,
                self.added,
                self.facts,
            )
        )

    def __call__(self, scenario: Given) -> tuple[Scenario, list[str]]:
        """Return a scenario with the changes applied, and notes for the reader.

        An instrument that no policy uses would have no effect. Its example is therefore added, from
        the first day unless the example has a date.
        """
        world = (f"{FACTS_PATH}={self.facts}",) if self.facts else ()
        spec = load(
            scenario,
            overrides=world,
            people=self.people,
            days=self.days,
            known_metrics=METRICS,
        )
        used = {policy.instrument for policy in spec.policies} | {
            str(keys.get("instrument")) for keys in self.added
        }
        examples = [
            {"id": kind.name, "instrument": kind.name, "on": str(spec.start), **kind.EXAMPLE}
            for kind in self.instruments
            if kind.name not in used
        ]
        notes = [
            f"No policy of the scenario uses {keys['instrument']}, so the run adds its EXAMPLE, from {keys['on']}."
            for keys in examples
        ]
        if self.added or examples:
            spec = with_policies(spec, [*self.added, *examples])
        added = [str(keys["id"]) for keys in (*self.added, *examples) if "id" in keys]
        spec = varied(spec, self.values) if self.values else spec
        return retitled(spec, list(self.values), added), notes


UNCHANGED = Reader()
_PATHS = """\
**paths
    Any other value of the scenario, by path; for example ``**{"ties.only_channel": 0.6}``. The
    batch runner and the page of Mesa vary models by keywords."""


@contextmanager
def reading(
    changes: Changes, metrics: Sequence[Metric] = (), *, kind: Any = Changes
) -> Iterator[Reader]:
    """Yield a reader of scenarios that applies changes; inside the block the user's own items are
    known.

    Parameters
    ----------
    changes : Changes
    metrics : sequence of Metric
        The user's own metrics.
    kind : type
        The `TypedDict` of the allowed keywords.

    Raises
    ------
    InputError
        A value has the wrong form. TypeError A keyword is unknown.
    """
    for name in changes:
        if name not in kind.__annotations__:
            hint = did_you_mean(name, kind.__annotations__)
            if name in ("arm", "rng", "steps"):
                hint = f"sn.Model(..., {name}=...) takes it"
            raise TypeError(f"unexpected keyword argument '{name}'" + (f"; {hint}" if hint else ""))
    values = changes.get("set") or {}
    if not isinstance(values, Mapping):
        allowed = "a mapping of paths to values"
        hint = "set={'ties.only_channel': 0.6}"
        raise InputError(Problem("set", f"{type(values).__name__} stands here", allowed, hint))
    instruments: list[Any] = []
    added: list[dict[str, Any]] = []
    for given in _as_list("policies", changes.get("policies", ())):
        if isinstance(given, Mapping):
            added.append(dict(given))
        elif isinstance(given, Policy):  # a policy of a user's own class includes its class
            follows_on = "announced" not in given.model_fields_set
            added.append(
                given.model_dump(exclude_none=True, exclude={"announced"} if follows_on else None)
            )
            if given.instrument not in INSTRUMENTS and type(given) not in instruments:
                instruments.append(type(given))
        else:
            instruments.append(given)
    behaviours = changes.get("behaviours", ())
    with using(instruments=instruments, metrics=metrics, behaviours=behaviours):
        values = {f"behaviour.{kind.name}": True for kind in behaviours} | dict(values)
        folder = changes.get("facts")
        yield Reader(
            people=changes.get("people"),
            days=changes.get("days"),
            values=values,
            instruments=tuple(instruments),
            added=tuple(added),
            facts="" if folder is None else facts_of(Path(folder)),
        )


@contextmanager
def model_spec(
    scenario: Given | None, changes: Changes, metrics: Sequence[Metric] = ()
) -> Iterator[Scenario]:
    """Yield the scenario of a single model; inside the block the user's own items are known.

    In addition to the keywords of `Changes`, any path may be a keyword, because `mesa.batch_run`
    and `SolaraViz` vary models by keywords.

    Raises
    ------
    InputError
        The scenario cannot be used, or a value has the wrong form.
    """
    paths = {name: value for name, value in changes.items() if name not in Changes.__annotations__}
    known: Any = {name: value for name, value in changes.items() if name not in paths}
    if paths and isinstance(values := known.get("set") or {}, Mapping):
        known["set"] = {**paths, **values}
    with reading(known, metrics) as read:
        given = "baseline_2020" if scenario is None else scenario
        yield given if isinstance(given, Scenario) and not read else read(given)[0]


def spelled_out[F: Callable[..., Any]](
    *kinds: Any, see: str = "**changes", any_path: bool = False, **defaults: Any
) -> Callable[[F], F]:
    """Let ``help`` and completion show each keyword of some `TypedDict` in signature and docstring.

    Parameters
    ----------
    *kinds
        Classes of keywords, each of which extends the previous one. Their docstrings replace the
        parameter ``see`` of the function's docstring.
    see : str
        The parameter that they replace; ``**changes`` is described by "See `Changes`."
    any_path : bool
        Whether the function also takes any path of the scenario, as for `model_spec`.
    **defaults
        The function's defaults that differ from the usual defaults.
    """
    usual: dict[str, Any] = {"policies": (), "behaviours": (), "metrics": (), **defaults}

    def spell_out(function: F) -> F:
        of: Any = vars(function)["__init__"] if isinstance(function, type) else function
        signature = inspect.signature(of)
        own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
        shared = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=usual.get(name),
                annotation=kind.__forward_arg__,
            )
            for name, kind in kinds[-1].__annotations__.items()
            if name not in signature.parameters
        ]
        paths = [inspect.Parameter("paths", inspect.Parameter.VAR_KEYWORD, annotation="Any")]
        spelled = [*own, *shared, *(paths if any_path else [])]
        of.__signature__ = signature.replace(parameters=spelled)
        words = [
            inspect.cleandoc(kind.__doc__ or "").partition("----------\n")[2] for kind in kinds
        ]
        marker = f"{see}\n    See `{see[2:].capitalize()}`."
        if any_path:
            words.append(_PATHS)
        function.__doc__ = inspect.cleandoc(function.__doc__ or "").replace(
            marker, "\n".join(words)
        )
        return function

    return spell_out


@contextmanager
def using(
    *,
    instruments: Sequence[type[Policy]] = (),
    metrics: Sequence[Metric] = (),
    behaviours: Sequence[type[Switched]] = (),
) -> Iterator[None]:
    """Use instruments, metrics and behaviours that Python code defines inside a ``with`` block.

    Inside the block, lists, scenarios, runs with any number of jobs, and opened run folders know
    these items.

    Parameters
    ----------
    instruments : sequence of type
        Subclasses of `Policy`. The name of the class, ``PaymentBan``, gives that of the instrument,
        ``payment_ban``.
    metrics : sequence of Metric
        Functions with the decorator `metric`.
    behaviours : sequence of type
        Subclasses of `PeopleRule` or `Behaviour`; a scenario switches them on:
        ``set={"behaviour.solidarity": True}``.

    Raises
    ------
    InputError
        An item is wrong; the error lists all problems.
    """
    added: dict[tuple[str, str], Any] = {}
    kinds: dict[str, tuple[Any, Any, Any, str, str]] = {
        "policies": (
            instruments,
            INSTRUMENTS,
            Policy,
            "no policy and no instrument",
            "a class with the base sn.Policy, or a mapping of keys",
        ),
        "metrics": (
            metrics,
            METRICS,
            Metric,
            "not a metric",
            "a function under the decorator @sn.metric(...)",
        ),
        "behaviours": (
            behaviours,
            BEHAVIOURS,
            Switched,
            "no behaviour",
            "a class with the base sn.PeopleRule or sn.Behaviour",
        ),
    }
    for option, (items, registry, base, fault, allowed) in kinds.items():
        for at, item in enumerate(_as_list(option, items)):
            is_class = isinstance(item, type) and issubclass(item, base)
            if not (isinstance(item, base) if base is Metric else is_class):
                kind = type(item)
                is_made = isinstance(item, base) and base is not Metric
                hint = f"the class itself: {option}=[{kind.__name__}]" if is_made else ""
                shown = f"a {kind.__name__}" if is_made else repr(item)
                found = f"{getattr(item, '__name__', shown)} is {fault}"
                raise InputError(Problem(f"{option}[{at}]", found, allowed, hint))
            name = item.name
            registry.check_new(name)
            if (registry.kind, name) in added:
                raise InputError(
                    Problem(registry.kind, f"'{name}' appears twice", "each name once")
                )
            added[registry.kind, name] = registry.checked(item)
    with items_added(added):
        yield


def _as_list(option: str, given: Any) -> Sequence[Any]:
    """Return a user's list; raise InputError if it is not a list, for example a single item."""
    if not isinstance(given, list | tuple):
        found = f"{getattr(given, '__name__', type(given).__name__)} stands here"
        raise InputError(Problem(option, found, "a list", f"{option}=[...]"))
    return given
