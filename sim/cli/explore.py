"""The command that opens the dashboard in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from . import completing
from .app import app
from .output import say


@app.command(epilog="Example: splinternet explore wechat_as_ordered --no-browser")
def explore(
    scenario: Annotated[
        str | None,
        typer.Argument(
            help="A scenario file, or the name of a shipped one; by default the opening case.",
            autocompletion=completing.scenarios,
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port on this machine; by default a free one.")
    ] = None,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")] = True,
) -> None:
    """Open a page on which to change a scenario and see its finding, number and picture, change with it."""
    from ..metrics.registry import METRICS
    from ..scenario import load
    from ..shipped import shipped

    # Report a mistake in the file before anything starts.
    spec = load(scenario, known_metrics=METRICS) if scenario is not None else None
    from ..app.dashboard.serve import address, check_installed, free_port, new_token, serve

    check_installed()
    by_path = {path.resolve(): name for name, path in shipped().items()}
    path = Path(spec.path).resolve() if spec is not None and spec.path is not None else None
    name = by_path.get(path) if path is not None else None
    chosen = free_port(port)
    token = new_token()
    say(f"Splinternet is at {address(chosen, token)} (Ctrl+C ends it)")
    say("The address has a token: anyone with it can use the page. Do not share it.")
    serve(None if name else path, name, chosen, token, browser=browser)
