"""The command line's frame: its name, its help, and the option that tells the version."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated

import typer
from typer.core import TyperGroup

COMMANDS = MappingProxyType(
    {
        "runs": ("run", "plot"),
        "export": ("export",),
        "follow": ("follow",),
        "compare": ("compare", "report"),
        "experiments": ("sweep", "attribute", "sensitivity", "threshold"),
        "hindcast": ("hindcast",),
        "forecast": ("forecast", "score"),
        "calibrate": ("calibrate",),
        "new": ("new", "reproduce"),
        "scenarios": ("check", "explain", "schema"),
        "catalogue": ("list", "show"),
        "routes": ("routes",),
        "doctor": ("doctor",),
        "explore": ("explore",),
        "losses": ("losses",),
        "imports": ("import",),
    }
)
"""The modules of this package that hold commands, and the commands of each, in the order of the help."""


class _InOrder(TyperGroup):
    """Lists the commands in the order of the table, whichever module was loaded first."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Return the names of the commands that are loaded."""
        return [name for names in COMMANDS.values() for name in names if name in self.commands]


app = typer.Typer(
    cls=_InOrder,
    name="splinternet",
    help="Simulate what happens to people when states cut the Internet along their borders.",
    epilog="Example: splinternet run wechat_as_ordered --people 20000",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,  # plain help: quick to print, and the same in a terminal and in a file
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    """Print the version and leave."""
    if wanted:
        from importlib.metadata import version

        typer.echo(f"splinternet {version('splinternet')}")
        raise typer.Exit


@app.callback()
def frame(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version and leave."),
    ] = False,
) -> None:
    """Simulate what happens to people when states cut the Internet along their borders."""
