"""The command line's frame: its name, its help, and the option that tells the version."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
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
