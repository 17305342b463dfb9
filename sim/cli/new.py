"""The command that begins a scenario: new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from ..errors import Code, InputError, Problem
from .app import command
from .options import PENETRATION, complete_scenarios
from .output import say


@command("new mine --from-example wechat_as_ordered")
def new(
    name: Annotated[
        str | None, typer.Argument(help="Its name; NAME.yaml is written, and never over a file.")
    ] = None,
    example: Annotated[
        str,
        typer.Option(
            "--from-example",
            metavar="EXAMPLE",
            help="A scenario to start from.",
            autocompletion=complete_scenarios,
        ),
    ] = "",
    recorded: Annotated[
        bool, typer.Option("--recorded", help="An order of the record: the newest by a state.")
    ] = False,
    by: Annotated[
        str, typer.Option(metavar="STATE", help="With --recorded: the state that ordered it.")
    ] = "",
    targets: Annotated[
        list[str] | None,
        typer.Option(metavar="PLATFORM", help="With --recorded: a platform that it is about."),
    ] = None,
    on: Annotated[
        str, typer.Option(metavar="DATE", help="With --recorded: about its first day.")
    ] = "",
    penetration: PENETRATION = None,
) -> None:
    """Write a new scenario file that runs as it is: commented, a variant of an example, or an order
    of the record.
    """
    if name is None:
        allowed = "splinternet new NAME"
        raise InputError(Problem("NAME", "the new scenario has no name", allowed, "", Code.MISSING))
    if recorded:
        if example:
            found = "an order of the record is not made from an example"
            raise InputError(Problem("--recorded", found, "--recorded or --from-example, not both"))
        _write_recorded(name, by, targets or (), on, penetration or ())
        return
    for option, given in (("--by", by), ("--targets", targets), ("--on", on)):
        if given:
            found = f"{option} says which order of the record is meant"
            raise InputError(Problem(option, found, "with --recorded"))
    from ..scenario.new import write_new

    path = write_new(name, example, penetration or ())
    say(f"Written to {path}; check it with: splinternet check {path}")


def _write_recorded(
    name: str, by: str, targets: Sequence[str], on: str, figures: Sequence[str]
) -> None:
    """Write the scenario of an order of the record, and say which order it is."""
    from ..facts.states import place_code
    from ..scenario.new import write_recorded
    from ..scenario.recorded import recorded_order, recorded_platform

    if not by:
        found = "it is not said whose order it is"
        hint = "splinternet list blocks names the orders of all states"
        raise InputError(Problem("--by", found, "a state by code or name", hint, Code.MISSING))
    platforms = [recorded_platform(target, "--targets") for target in targets]
    order = recorded_order(place_code(by, "--by"), platforms, _day(on) if on else None)
    path, left_out = write_recorded(name, order, figures)
    say(f"From the record: {order}; {order.sources[0]}")
    for note in order.notes:
        say(f"  {note}")
    if left_out:
        say(f"  left out, because the facts have no figures: {', '.join(left_out)}")
    say(f"Written to {path}; check it with: splinternet check {path}")


def _day(text: str) -> date:
    """Return the day of ``--on``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(Problem("--on", f"'{text}' is no day", "YYYY-MM-DD")) from None
