"""The framework of the command line: its commands, its help, and the decorator of commands."""

from __future__ import annotations

import inspect
import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperGroup

from ..core.plugins import import_file, items_added
from ..core.workers import begin_server

COMMANDS = MappingProxyType(
    {
        "run": ("runs", "Run a scenario with and without its policies"),
        "plot": ("runs", "Draw a chart of a run, or an effect of several, into a file"),
        "export": ("runs", "Write a run's ties or daily values: CSV, Excel, Parquet"),
        "compare": ("runs", "Rank runs by what their policies do, best first"),
        "report": ("runs", "Write a report on one run or several: a single HTML page"),
        "mitigate": ("runs", "Compare a scenario with ways to soften it"),
        "sweep": ("experiments", "Run a scenario at every point of its `sweep:` grid"),
        "attribute": ("experiments", "Show the share of each policy in each loss (Shapley)"),
        "sensitivity": ("experiments", "Show which parameters the effects depend on most"),
        "hindcast": ("record", "Replay past events; print simulated beside observed"),
        "new": ("new", "Write a new scenario file that runs as it is"),
        "check": ("scenarios", "Check scenarios, code and tables of your own"),
        "list": ("catalogue", "List the scenarios, states, platforms, metrics ..."),
        "show": ("catalogue", "Show all about one thing, with its sources"),
        "explore": ("explore", "Open a page on which to change a scenario and watch it"),
        "index": ("record", "Print how alike states' access was, by the record of blocks"),
    }
)
"""Commands in the order of the help: the module that holds each, and a short description."""
LONGEST_SUMMARY = 62
"""Characters that fit beside the longest name in a terminal of 80 columns."""


class _Lazy(TyperGroup):
    """Prints the help from the table above, and loads the module of a command only on request."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """Return the names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]
        """Return a command; for an unknown name load all commands, so that the nearest can be
        suggested.
        """
        if cmd_name not in self.commands:
            load([COMMANDS[cmd_name][0]] if cmd_name in COMMANDS else None)
            self.commands.update(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
        return self.commands.get(cmd_name)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]
        """Write each command and what it does."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


def load(modules: Iterable[str] | None = None) -> None:
    """Import modules of this package by name, which registers their commands; by default all
    modules with commands.
    """
    for module in modules or dict.fromkeys(home for home, _ in COMMANDS.values()):
        import_module(f"splinternet.cli.{module}")


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


_WITHOUT_OWN = ("new", "index")
"""Commands that do not use a user's own code."""
IMPORTED = "imported"
OWN_FACTS = "own_facts"
_IMPORT_OPTION = Annotated[
    list[Path] | None,
    typer.Option(
        "--import", metavar="FILE", help="Python with your own classes, metrics or charts."
    ),
]
_FACTS_OPTION = Annotated[
    Path | None,
    typer.Option("--facts", metavar="FOLDER", help="Your own tables of facts, with a world.csv."),
]


class Given(NamedTuple):
    """Marks a parameter that `make` computes; the parameters of `make` become options of the
    command.

    A parameter of `make` may be marked in the same way.
    """

    make: Callable[..., Any]


def command[F: Callable[..., None]](
    example: str, name: str | None = None, of: typer.Typer = app
) -> Callable[[F], F]:
    """Make a function a command of a group: its parameters become arguments and options, and its
    name becomes the command's name.

    The example is a command line without the name of the program (the group's name or
    ``splinternet``).
    """
    program = of.info.name or "splinternet"

    def register(function: F) -> F:
        options = list(_options(function))
        uses_own = of is app and (name or function.__name__) not in _WITHOUT_OWN
        own = list(_own_options(options)) if uses_own else []

        def call(**values: Any) -> None:
            if values.get("jobs", 1) != 1:
                begin_server()
            with ExitStack() as used:
                for path in values.pop(IMPORTED, None) or ():
                    used.enter_context(items_added(import_file(path)))
                if (folder := values.pop(OWN_FACTS, None)) is not None:
                    from ..facts.worlds import facts_of

                    facts = f"world.facts={facts_of(folder)}"
                    values["settings"] = [facts, *(values["settings"] or ())]
                _filled(function, values)

        call.__name__ = function.__name__
        call.__doc__ = function.__doc__
        call.__signature__ = inspect.Signature([*options, *own])  # type: ignore[attr-defined]
        of.command(name, epilog=f"Example: {program} {example}")(call)
        return function

    return register


def _own_options(options: Iterable[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    """Yield the options that name a user's own code and tables."""
    names = {option.name for option in options}
    word = inspect.Parameter.KEYWORD_ONLY
    yield inspect.Parameter(IMPORTED, word, default=None, annotation=_IMPORT_OPTION)
    if "settings" in names:
        yield inspect.Parameter(OWN_FACTS, word, default=None, annotation=_FACTS_OPTION)


def _filled(function: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """Call a function with its options by name and the values that `Given` parameters compute."""
    given = {
        each.name: _filled(each.default.make, values)
        if isinstance(each.default, Given)
        else values[each.name]
        for each in _parameters(function)
    }
    return function(**given)


def _options(function: Callable[..., Any]) -> Iterator[inspect.Parameter]:
    """Yield the options of a command, in the order of its parameters."""
    for each in _parameters(function):
        if isinstance(each.default, Given):
            yield from _options(each.default.make)
        else:
            yield each.replace(kind=inspect.Parameter.KEYWORD_ONLY)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """Return the parameters of a function; classes that only a type checker loads become
    placeholders.
    """
    later = dict.fromkeys(("Scenario", "Result"), object)
    return list(inspect.signature(function, locals=later, eval_str=True).parameters.values())


def _say_version(wanted: bool) -> None:
    """Print the version and the other data that a bug report needs, and exit."""
    if wanted:
        from ..core.program import cores, packages, program_stamp

        typer.echo(program_stamp())
        for name, version in packages().items():
            typer.echo(f"{name} {version}")
        typer.echo(f"{platform.platform()}, {cores()} cores")
        raise typer.Exit


@app.callback()
def frame(
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_say_version,
            is_eager=True,
            help="Show version, commit, packages, cores.",
        ),
    ] = False,
) -> None:
    """Simulate what happens to people when states cut the Internet along their borders."""
