"""Commands that show the scenarios, instruments, metrics, facts and other items: list and show."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Annotated

import typer

from ..errors import InputError, Problem, did_you_mean
from . import completing, listing
from .app import app
from .output import say, say_details, say_json, say_table
from .scenarios import AS_JSON

ON = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="The day for states and platforms, such as 2024-08-02; else the newest facts."),
]


@app.command("list", epilog="Example: splinternet list blocks --state RU --platform WhatsApp")
def list_(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]",
            help=f"One of {', '.join(listing.KINDS)}; without it, the kinds.",
            autocompletion=completing.kinds,
        ),
    ] = "",
    on: ON = None,
    state: Annotated[str, typer.Option(help="Of blocks and record: only this state.")] = "",
    platform: Annotated[str, typer.Option(help="Of blocks and record: only this platform.")] = "",
    as_json: AS_JSON = False,
) -> None:
    """List the scenarios, states, platforms, carriers, cables, instruments, metrics ... there are."""
    if not kind:
        _say_kinds(as_json=as_json)
        return
    plural = kind if kind in listing.KINDS else f"{kind}s"
    if plural not in listing.KINDS:
        hint = did_you_mean(kind, listing.KINDS)
        raise InputError(Problem("", f"unknown kind '{kind}'", "one of " + ", ".join(listing.KINDS), hint))
    found = listing.table(plural, day_of(on))
    header, rows = listing.narrowed(found, state, platform) if state or platform else found
    if as_json:
        say_json([dict(zip(header, row, strict=True)) for row in rows])
    else:
        say_table(header, rows)


def _say_kinds(*, as_json: bool) -> None:
    """Print the kinds that there are to list."""
    if as_json:
        say_json(list(listing.KINDS))
        return
    say("Kinds; splinternet list KIND lists one of them:")
    for kind in listing.KINDS:
        say(f"  {kind}")


@app.command(epilog="Example: splinternet show WeChat")
def show(
    name: Annotated[
        str,
        typer.Argument(
            help="A scenario, state, platform, instrument, parameter ..., or a run's folder.",
            autocompletion=completing.names,
        ),
    ],
    chronicle: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Of a run: what member N decided, from cause to effect.")
    ] = None,
    on: ON = None,
    as_json: AS_JSON = False,
) -> None:
    """Show all there is to know about one thing, with its sources; of a run, what was decided and why."""
    if chronicle is not None:
        _chronicle(name, chronicle, as_json=as_json)
        return
    from .listing_details import details

    found = details(name, day_of(on))
    if not found:
        hint = did_you_mean(name, listing.all_names()) or "splinternet list KIND names what there is"
        kinds = ", ".join(kind.removesuffix("s") for kind in listing.KINDS)
        raise InputError(Problem("", f"nothing is called '{name}'", f"the name of a {kinds}", hint))
    if as_json:
        say_json([{"kind": entry.kind, "name": entry.name, **dict(entry.pairs)} for entry in found])
        return
    for at, entry in enumerate(found):
        if at:
            say()
        say(f"{entry.name} ({entry.kind})")
        say_details((f"  {key}", value) for key, value in entry.pairs if key != "text")
        for key, value in entry.pairs:
            if key == "text":
                say(f"\n{value}".rstrip())


def day_of(text: str | None) -> date | None:
    """Return the day that a user typed, or None.

    Raises
    ------
    InputError
        It is no day from 1990 to 2100.
    """
    if text is None:
        return None
    from ..scenario.scenario import FIRST_YEAR, LAST_YEAR

    with suppress(ValueError):
        day = date.fromisoformat(text)
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            return day
    raise InputError(Problem("--on", f"'{text}'", f"a day from {FIRST_YEAR} to {LAST_YEAR}, YYYY-MM-DD"))


def _chronicle(folder: str, member: int, *, as_json: bool) -> None:
    """Print the chronicle of a member of a run: each step below the one that it follows from."""
    from dataclasses import asdict

    from ..results import open_run
    from ..text.chronicle import chronicle, lines
    from ..text.skill import note

    result = open_run(folder)
    if member > len(result.members):
        raise InputError(Problem("--chronicle", f"there is no member {member}", f"1 to {len(result.members)}"))
    steps = chronicle(result, member)
    if as_json:
        say_json([asdict(step) for step in steps])
        return
    for line in lines(steps) or ["Nobody decided anything, and nothing was given."]:
        say(line)
    if worth := note(result.scenario.behaviour.on):
        say(worth)
