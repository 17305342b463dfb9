"""The command check, which finds errors in scenario files and in a user's own code and tables."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core import plugins
from ..core.shipped import shipped, shipped_name
from ..errors import InputError, Problem
from .app import command
from .options import AS_JSON, PENETRATION, SETTINGS, complete_scenarios, loaded, with_use
from .output import problem_data, say, say_json, say_problems, warn, warnings_data

if TYPE_CHECKING:
    from ..scenario import Scenario

_WORLD = "world.facts="


@command("check scenarios/*.yaml")
def check(
    scenarios: Annotated[
        list[str] | None,
        typer.Argument(
            help="Scenario files or names, and folders of your own facts.",
            autocompletion=complete_scenarios,
        ),
    ] = None,
    settings: SETTINGS = None,
    add: Annotated[
        bool, typer.Option("--add-recorded", help="Add orders of the record that the files lack.")
    ] = False,
    penetration: PENETRATION = None,
    schema: Annotated[
        Path | None,
        typer.Option(help="Write the JSON schema of scenario files here, for an editor."),
    ] = None,
    as_json: AS_JSON = False,
) -> None:
    """Show all errors in scenario files, and the recorded orders that they lack.

    Items from --import are run in a small world.
    """
    if "numpy" not in sys.modules:
        # Without a limit numpy starts a thread for each core; a check multiplies no matrices.
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if schema is not None:
        _write_schema(schema, quiet=as_json)
        if not scenarios:
            return
    mine = plugins.items_in_use()
    if not scenarios and not mine:
        hint = "splinternet check wechat_as_ordered"
        allowed = "a scenario, a folder of facts, or --import FILE"
        raise InputError(Problem("check", "nothing to check is named", allowed, hint))
    values = with_use(settings, penetration)
    facts = next((text for text in values if text.startswith(_WORLD)), "").removeprefix(_WORLD)
    entries = [
        _item(kind.removesuffix("s"), name, _faults_of(kind, name, facts), quiet=as_json)
        for kind, name in mine
    ]
    entries += [_checked(name, values, quiet=as_json, add=add) for name in scenarios or ()]
    if as_json:
        items = [entry for entry in entries if "item" in entry]
        data = {"scenarios": [entry for entry in entries if "scenario" in entry]}
        say_json(data | ({"items": items} if items else {}))
    if not all(entry["ok"] for entry in entries):
        raise typer.Exit(2)


def _write_schema(path: Path, *, quiet: bool) -> None:
    """Write the JSON schema of scenario files, with imported items."""
    from ..metrics.registry import METRICS
    from ..results.files import write_text
    from ..scenario.json_schema import schema_text

    write_text(path, schema_text(METRICS))
    if not quiet:
        say(f"Written to {path}")


def _checked(name: str, settings: Sequence[str], *, quiet: bool, add: bool) -> dict[str, Any]:
    """Return the results of checking a scenario or tables of facts."""
    from ..facts.worlds import MANIFEST

    is_folder = os.path.isdir(name)  # noqa: PTH112 - Path raises for a name that is too long; the loader reports it
    if not is_folder or not (Path(name) / MANIFEST).is_file():
        return checked_scenario(name, settings, quiet=quiet, add=add)
    from ..facts.relations import check_own

    tables, problems = check_own(Path(name))
    rows = ", ".join(f"{file} {n}" for file, n in tables.rows.items()) if tables else ""
    said = f"facts {tables.key if tables else ''}: ok (rows: {rows})"
    return _item("facts", Path(name).name, problems, quiet=quiet, said=said)


def _item(
    kind: str, name: str, problems: Sequence[Problem], *, quiet: bool, said: str = ""
) -> dict[str, Any]:
    """Return the results of checking a user's own item, and print them unless JSON is requested."""
    if problems and not quiet:
        say_problems(InputError(problems))
    elif not quiet:
        say(said or f"{kind} {name}: ok")
    return {
        "item": name,
        "kind": kind,
        "ok": not problems,
        "problems": [problem_data(p) for p in problems],
    }


def _faults_of(kind: str, name: str, facts: str) -> Sequence[Problem]:
    """Run a user's own item in a small world and return its errors."""
    # Only this check needs the engine.
    from ..experiments.item_checks import check_item

    return check_item(kind, name, facts)


def checked_scenario(
    name: str,
    settings: Sequence[str] = (),
    *,
    quiet: bool = False,
    add: bool = False,
) -> dict[str, Any]:
    """Return the results of checking a scenario, and print them unless JSON is requested.

    Parameters
    ----------
    name : str
    settings : sequence of str
        ``PATH=VALUE`` each.
    quiet : bool
    add : bool
        Whether to write the recorded orders that the scenario lacks into its file.
    """
    from ..scenario.recorded import missing, notes
    from ..text.orders import said_back
    from ..text.record import said_of_record
    from ..text.use import use_of_targets

    entry: dict[str, Any] = {
        "scenario": name,
        "ok": True,
        "problems": [],
        "warnings": [],
        "notes": [],
    }
    try:
        scenario = loaded(name, list(settings))
        if add and missing(scenario):
            scenario = _with_recorded(scenario, quiet=quiet)
        told = notes(scenario, missing(scenario))
        entry["warnings"] = warnings_data(scenario)
        entry["notes"] = [problem_data(note) for note in told]
        entry["says"] = said_back(scenario)
        entry["record"] = said_of_record(scenario)
        figures = use_of_targets(scenario)
        entry["use_of_targets"] = [
            {"state": code, "use": use, "platforms": names} for code, use, names in figures
        ]
        if not quiet:
            say(f"{name}: ok")
            for said in (*entry["says"], *entry["record"]):
                say(f"  {said}")
            for code, use, names in figures:
                say(f"  use of targets in {code}, {use}: {names}")
            for text in (
                *(f"warning: {text}" for text in scenario.warnings),
                *(f"note: {text}" for text in told),
            ):
                warn(text)
    except InputError as error:
        entry["ok"] = False
        entry["problems"] = [problem_data(problem) for problem in error.problems]
        if not quiet:
            say_problems(error)
    return entry


def _with_recorded(scenario: Scenario, *, quiet: bool) -> Scenario:
    """Write the recorded orders that a scenario lacks into its file, and return the changed
    scenario.
    """
    from ..scenario import load
    from ..scenario.new import add_recorded
    from ..scenario.recorded import missing, policy_of

    if (
        scenario.path is None
        or shipped_name(str(scenario.path))
        or scenario.path in shipped().values()
    ):
        found = "a shipped scenario cannot be changed"
        hint = f"splinternet new mine --from-example {scenario.name}"
        raise InputError(Problem("--add-recorded", found, "a file of your own", hint))
    ready = []
    for order in missing(scenario):
        try:
            policy_of(order)
            ready.append(order)
        except InputError as error:
            warn(f"note: not added: {error}")
    add_recorded(scenario.path, ready)
    if not quiet:
        say("\n".join(f"added: {order}" for order in ready))
    return load(scenario.path)
