"""Commands about scenario files: check, explain, schema."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .. import plugins
from ..errors import InputError, Problem
from ..shipped import shipped, shipped_name
from . import completing
from .app import app
from .output import (
    problem_data,
    say,
    say_details,
    say_json,
    say_problems,
    say_table,
    warn,
)

if TYPE_CHECKING:
    from ..facts.history import Recorded
    from ..scenario import Scenario

SETTINGS = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Change a value, such as policies.wechat-ban.on=2020-11-12."),
]
PENETRATION = Annotated[
    list[str] | None,
    typer.Option(metavar="STATE.PLATFORM=SHARE", help="Your own figure of use [1], such as VN.WhatsApp=0.08."),
]
CLUSTER = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="Work on a Dask cluster: its scheduler, tcp://HOST:8786.")
]


def whole(text: str | int) -> int:
    """Return a number of people as users write it: ``20000``, ``20,000``, ``20k``."""
    from ..scenario.news import read_number

    number = read_number(str(text))
    if number is None or number != int(number):
        raise typer.BadParameter(f"'{text}' is not a whole number, such as 20000, 20,000 or 20k")
    return int(number)


PEOPLE = Annotated[int | None, typer.Option(parser=whole, metavar="NUMBER", help="Simulated people, such as 20,000.")]
DAYS = Annotated[int | None, typer.Option(help="Days to run.")]
JOBS = Annotated[int | None, typer.Option(min=1, help="Number of processes; by default one per core.")]
AS_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]
CHANCE_ONLY = Annotated[
    bool, typer.Option("--chance-only", help="Show intervals without the model's error from event to event.")
]


@app.command(epilog="Example: splinternet check scenarios/*.yaml")
def check(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenario files or names, project folders (splinternet.toml), folders of own facts; "
            "without any, the project around this folder.",
            autocompletion=completing.scenarios,
        ),
    ] = None,
    settings: SETTINGS = None,
    add: Annotated[
        bool, typer.Option("--add-recorded", help="Write orders of the record that the files lack into them.")
    ] = False,
    penetration: PENETRATION = None,
    as_json: AS_JSON = False,
) -> None:
    """Say everything that is wrong with scenario files or with a project's items, and which recorded orders they lack.

    Your own items are run in a small world.
    """
    if "numpy" not in sys.modules:
        # Without a limit numpy starts a thread for each core when it loads; a check multiplies no matrices.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if not scenarios:
        around = plugins.project()
        if around is None:
            found, allowed = "no scenario is named, and there is no project here", "a scenario, or a folder with a"
            raise InputError(
                Problem("check", found, f"{allowed} {plugins.FILE}", "splinternet check wechat_as_ordered")
            )
        scenarios = [str(around.root)]
    entries = [entry for name in scenarios for entry in _checked(name, with_use(settings, penetration), as_json, add)]
    if as_json:
        say_json(
            {
                "scenarios": [entry for entry in entries if "scenario" in entry],
                **({"items": items} if (items := [entry for entry in entries if "item" in entry]) else {}),
            }
        )
    if not all(entry["ok"] for entry in entries):
        raise typer.Exit(2)


def with_use(settings: Sequence[str] | None, penetration: Sequence[str] | None) -> list[str]:
    """Return the values of ``--set`` with those of ``--penetration``, which are values of world.penetration."""
    return [*(settings or ()), *(f"world.penetration.{figure}" for figure in penetration or ())]


def _checked(name: str, settings: Sequence[str], as_json: bool, add: bool) -> Iterator[dict[str, Any]]:
    """Yield what was found out about a scenario, about all that a project folder holds, or about tables of facts."""
    if not os.path.isdir(name):  # noqa: PTH112 - Path raises for a name that is too long; the loader reports it
        yield checked_scenario(name, settings, as_json=as_json, add=add)
        return
    if _holds_tables(Path(name)):
        yield _checked_tables(Path(name), as_json)
        return
    if not (Path(name) / plugins.FILE).is_file():
        yield checked_scenario(name, settings, as_json=as_json, add=add)
        return
    from .project import items_of, scenarios_of

    for kind, item, problems in items_of(Path(name)):
        if not as_json and not problems:
            say(f"{kind} {item}: ok")
        elif not as_json:
            say_problems(InputError(problems))
        yield {"item": item, "kind": kind, "ok": not problems, "problems": [problem_data(p) for p in problems]}
    with plugins.project_around(Path(name)):
        for path in scenarios_of(Path(name)):
            yield checked_scenario(path, settings, as_json=as_json, add=add, try_items=False)  # all were tried above


def _holds_tables(folder: Path) -> bool:
    """Return whether a folder holds tables of facts, and is no project."""
    from ..facts.worlds import MANIFEST

    return (folder / MANIFEST).is_file() and not (folder / plugins.FILE).is_file()


def _checked_tables(folder: Path, as_json: bool) -> dict[str, Any]:
    """Return what was found out about tables of a user's own, and print it unless JSON is wanted."""
    from ..facts.relations import check_own

    tables, problems = check_own(folder)
    if not as_json and problems:
        say_problems(InputError(problems))
    elif not as_json and tables is not None:
        counted = ", ".join(f"{file} {n}" for file, n in tables.rows.items())
        say(f"facts {tables.key}: ok (rows: {counted})")
    return {"item": folder.name, "kind": "facts", "ok": not problems, "problems": [problem_data(p) for p in problems]}


def _faults_of_items(scenario: Scenario) -> list[Problem]:
    """Return what is wrong with the items of the user's own that a scenario uses, each run in a small world."""
    from ..metrics.registry import METRICS
    from ..policies import INSTRUMENTS
    from ..scenario.schema import BEHAVIOURS

    used = [
        ("behaviours", name)
        for name in (*scenario.behaviour.of_people, *scenario.behaviour.on)
        if name in BEHAVIOURS.own()
    ]
    instruments = dict.fromkeys(policy.instrument for policy in scenario.policies)
    used += [("instruments", name) for name in instruments if name in INSTRUMENTS.own()]
    used += [("metrics", name) for name in METRICS.own()]
    if not used:
        return []
    from ..experiments.own_items import check_item  # the engine: loaded only where there is something to run

    return [problem for item in used for problem in check_item(*item)]


def checked_scenario(
    name: str, settings: Sequence[str] = (), *, as_json: bool = False, try_items: bool = True, add: bool = False
) -> dict[str, Any]:
    """Return what was found out about a scenario, and print it unless JSON is wanted.

    Parameters
    ----------
    name : str
    settings : sequence of str
        ``PATH=VALUE`` each.
    as_json : bool
    try_items : bool
        Whether the items of the user's own that it uses are run, in a small world.
    add : bool
        Whether the orders of the record that it lacks are written into its file.
    """
    from ..metrics.registry import METRICS
    from ..scenario import load
    from ..scenario.recorded import missing, notes

    entry: dict[str, Any] = {"scenario": name, "ok": True, "problems": [], "warnings": [], "notes": []}
    try:
        scenario = load(name, overrides=settings, known_metrics=METRICS)
        if try_items and (problems := _faults_of_items(scenario)):
            raise InputError(problems)
        if add and (lacking := missing(scenario)):
            scenario = _added(scenario, lacking, quiet=as_json)
        told = notes(scenario, missing(scenario))
        entry["warnings"], entry["notes"] = warning_data(scenario), [problem_data(note) for note in told]
        if not as_json:
            say(f"{name}: ok")
            for kind, texts in (("warning", scenario.warnings), ("note", told)):
                if texts:
                    warn("\n".join(f"{kind}: {text}" for text in texts))
    except InputError as error:
        entry["ok"], entry["problems"] = False, [problem_data(problem) for problem in error.problems]
        if not as_json:
            say_problems(error)
    return entry


def _added(scenario: Scenario, orders: list[Recorded], *, quiet: bool) -> Scenario:
    """Write orders of the record into the file of a scenario, and return what the file is then."""
    from ..scenario import load
    from ..scenario.new import add_recorded
    from ..scenario.recorded import policy_of

    if scenario.path is None or shipped_name(str(scenario.path)) or scenario.path in shipped().values():
        found, hint = "a shipped scenario stays as it is", f"splinternet new mine --from {scenario.name}"
        raise InputError(Problem("--add-recorded", found, "a file of your own", hint))
    ready = []
    for order in orders:
        try:
            policy_of(order)
            ready.append(order)
        except InputError as error:
            warn(f"note: not added: {error}")
    add_recorded(scenario.path, ready)
    if not quiet:
        say("\n".join(f"added: {order}" for order in ready))
    return load(scenario.path)


def warning_data(scenario: Scenario) -> list[dict[str, str]]:
    """Return the warnings of a scenario as JSON data, each with its code and place.

    Parameters
    ----------
    scenario : Scenario
    """
    return [problem_data(problem) for problem in (*scenario.doubts, *scenario.fixed.values())]


@app.command(epilog="Example: splinternet explain wechat_as_ordered")
def explain(
    scenario: Annotated[
        str, typer.Argument(help="A scenario file, or the name of a shipped one.", autocompletion=completing.scenarios)
    ],
    settings: SETTINGS = None,
    parameters: Annotated[bool, typer.Option("--parameters", help="List all model parameters.")] = False,
    as_json: AS_JSON = False,
) -> None:
    """Show every value and where it came from, the order of a day, and what a run will take."""
    from ..decisions import PeopleRule
    from ..engine.steps import schedule_with
    from ..metrics.registry import METRICS
    from ..policies.effects import whom
    from ..scenario import load
    from ..scenario.explain import estimate, lines
    from ..scenario.schema import BEHAVIOURS

    spec = load(scenario, overrides=settings or (), known_metrics=METRICS)
    concerned = [(policy, str(policy.who), found) for policy, found in whom(spec)]
    explained, cost = lines(spec, parameters=parameters or as_json), estimate(spec)
    rules = (BEHAVIOURS[name] for name in spec.behaviour.of_people)
    phases = schedule_with(rule for rule in rules if issubclass(rule, PeopleRule))
    schedule = [(phase.name, phase.does, phase.reads, phase.writes) for phase in phases]
    if as_json:
        values = [{"path": line.path, "value": line.value, "origin": line.origin} for line in explained]
        day = [dict(zip(("phase", "does", "reads", "writes"), phase, strict=True)) for phase in schedule]
        bound = {"seconds_per_seed": cost.seconds, "memory_bytes": cost.memory}
        whole = {
            "name": spec.name,
            "digest": spec.digest,
            "values": values,
            "schedule": day,
            "estimate": bound,
            "whom": [{"policy": policy.id, "who": who, **found._asdict()} for policy, who, found in concerned],
        }
        say_json({**whole, "warnings": warning_data(spec)})
        return
    say(f"{spec.title}  [{spec.status}]")
    say_details([("digest", spec.digest), ("from, to", f"{spec.start} to {spec.end}")])
    say()
    say_table(("value", "", "from"), [(line.path, line.value, line.origin) for line in explained])
    if not parameters:
        untouched = len(spec.facts.parameters) - len(spec.parameters)
        say(f"The other {untouched} model parameters have the values of their table (--parameters lists them).")
    if concerned:
        say()
        found_rows = [
            (policy.id, f"{who} in {', '.join(policy.concerns())}", f"{found.people:,.0f} of {found.everybody:,.0f}",
             f"{found.simulated:,.0f}")
            for policy, who, found in concerned
        ]  # fmt: skip
        say_table(("policy", "whom it concerns", "internet users", "simulated people"), found_rows)
    say()
    rows = [
        row
        for name, does, reads, writes in schedule
        for row in ((name, does), ("", f"reads {', '.join(reads)}"), ("", f"writes {', '.join(writes)}"))
    ]
    say_table(("each day", "what happens"), rows)
    say()
    cost_text = f"under {cost.seconds:,.0f} s a seed on one core, under {cost.memory / 1e9:,.1f} GB of memory"
    say_details([("a run takes", f"{cost_text} for each job (the project's own limits)")])
    for warning in spec.warnings:
        warn(f"warning: {warning}")


@app.command(epilog="Example: splinternet schema > schema.json")
def schema(
    out: Annotated[Path | None, typer.Option(help="Write it to this file instead of printing it.")] = None,
) -> None:
    """Print the JSON Schema of scenario files, for completion and checks in an editor."""
    from ..metrics.registry import METRICS
    from ..scenario.json_schema import schema_text

    text = schema_text(METRICS)
    if out is None:
        say(text, end=False)
    else:
        from ..results.files import write_text

        write_text(out, text)
