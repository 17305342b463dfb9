"""The command explore, which opens the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..core.shipped import shipped
from .app import command
from .options import complete_scenarios, loaded
from .output import say


@command("explore wechat_as_ordered --no-browser")
def explore(
    scenario: Annotated[
        str | None,
        typer.Argument(
            help="A scenario; by default the opening case.", autocompletion=complete_scenarios
        ),
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; by default a free one.")
    ] = None,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open it in the browser.")
    ] = True,
) -> None:
    """Open a page on which to change a scenario and see its finding, number and picture, change
    with it.
    """
    # A mistake in the file is reported before anything starts.
    spec = loaded(scenario) if scenario is not None else None
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
