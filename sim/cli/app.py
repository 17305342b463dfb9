"""The command line's frame: its name, its help, and the option that prints the version."""

from __future__ import annotations

from importlib import import_module
from types import MappingProxyType
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

COMMANDS = MappingProxyType(
    {
        "runs": ("run", "plot"),
        "export": ("export",),
        "follow": ("follow",),
        "compare": ("compare", "report", "publish"),
        "mitigate": ("mitigate",),
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
        "cost": ("cost",),
        "index": ("index",),
        "states": ("score-states",),
        "imports": ("import",),
    }
)
"""The modules of this package that hold commands, and the commands of each, in the order of the help."""

SUMMARIES = MappingProxyType(
    {
        "run": "Run a scenario with and without its policies",
        "plot": "Draw a chart of a run, or an effect of several, into a file",
        "export": "Write a run's ties or daily values: CSV, Excel, Parquet",
        "follow": "Follow simulated people and their kin abroad, day by day",
        "compare": "Rank runs by what their policies do, best first",
        "report": "Write a report on one run or several: a single HTML page",
        "publish": "Write a run or a sweep as a page for any web host",
        "mitigate": "Compare a scenario with ways to soften it",
        "sweep": "Run a scenario at every point of its `sweep:` grid",
        "attribute": "Show the share of each policy in each loss (Shapley)",
        "sensitivity": "Show which parameters the effects depend on most",
        "threshold": "Find the value of a path at which an effect passes a limit",
        "hindcast": "Replay past events; print simulated beside observed",
        "forecast": "Write down quantiles of the main targets, with the date",
        "score": "Score a forecast that was written down",
        "calibrate": "Fit the parameters to the record of past events",
        "new": "Write a new scenario file that runs as it is",
        "reproduce": "Run a finished run again and compare every number",
        "check": "Check scenarios, projects and tables; run nothing",
        "explain": "Show every value and its origin, and what a run takes",
        "schema": "Print the JSON Schema of scenario files",
        "list": "List the scenarios, states, platforms, metrics ...",
        "show": "Show all about one thing, with its sources",
        "routes": "Show who reaches whom before and after a cut of carriers",
        "doctor": "Check the installation: Python, packages, tables, memory",
        "explore": "Open a page on which to change a scenario and watch it",
        "losses": "Count why kin ties abroad first lose contact",
        "cost": "Print the cost tools' sums beside those of a run",
        "index": "Print how alike states' access was, by the record of blocks",
        "score-states": "Score who restricts what within 12 months, beside rivals",
        "import": "Read measurements of blocks (OONI) and outages",
    }
)
"""What each command does, in few words: the help of the whole prints this and loads no command."""
LONGEST_SUMMARY = 62
"""Characters that fit beside the longest name in a terminal of 80."""


class _Lazy(TyperGroup):
    """Loads the module of a command when the command is asked for; lists all of them in the order of the table."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Return the names of all commands."""
        return list(SUMMARIES)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """Return a command, or None where there is none of that name."""
        if cmd_name not in self.commands and (home := home_of(cmd_name)):
            import_module(f"splinternet.cli.{home}")
            loaded = typer.main.get_command(app)
            if isinstance(loaded, TyperGroup):
                self.commands.update(loaded.commands)
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write each command and what it does."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


def home_of(command: str) -> str:
    """Return the module of this package that holds a command; empty where there is none of that name."""
    return next((module for module, commands in COMMANDS.items() if command in commands), "")


app = typer.Typer(
    cls=_Lazy,
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
    """Print the version and exit."""
    if wanted:
        from ..core.program import program_stamp

        typer.echo(program_stamp())
        raise typer.Exit


@app.callback()
def frame(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_tell_version, is_eager=True, help="Show the version and exit."),
    ] = False,
) -> None:
    """Simulate what happens to people when states cut the Internet along their borders."""
