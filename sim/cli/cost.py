"""The command that puts the sums of the cost tools beside those of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .app import app
from .output import say, say_details, say_json
from .scenarios import AS_JSON

_NETLOSS = """\
NetLoss (Internet Society) is a regression: its coefficients are estimated anew every year, so no formula gives its sum.
Its publisher took it off the menu on 1 June 2026; use its page: https://pulse.internetsociety.org/en/netloss/"""


@app.command(epilog="Example: splinternet cost runs/wechat_as_ordered-1234")
def cost(
    run_folder: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")], as_json: AS_JSON = False
) -> None:
    """Print what the formula of the cost tools gives for a run's blocks and shutdowns, beside what the model gives."""
    import numpy as np

    from ..experiments.cost import cost_in, internet_share
    from ..results import open_run
    from ..text.numbers import percent, state_name

    result = open_run(run_folder)
    acting = dict.fromkeys(s for p in result.scenario.policies if p.OUTAGE or p.people_cut_off() for s in p.by)
    costs = {state: cost_in(result, state) for state in acting}
    if as_json:
        say_json(
            {
                state: {key: np.asarray(value).tolist() for key, value in found._asdict().items()}
                for state, found in costs.items()
            }
        )
        return

    def rounded(*values: float) -> str:
        return " to ".join(f"{float(f'{value:.2g}'):,.0f}" for value in values)

    def spread(values: np.ndarray) -> str:
        low, middle, high = np.quantile(values, (0.1, 0.5, 0.9)).tolist()
        return f"{rounded(middle)} ({rounded(low, high)})"

    for state, found in costs.items():
        low, high, source = internet_share(state)
        say(f"{state_name(result.scenario, state)}: {found.days} days with a service cut")
        say_details(
            [
                ("  COST's formula [US$]", rounded(*found.formula)),
                ("    Internet economy, part of GDP", f"{percent(low)} to {percent(high)}; {source}"),
                ("    users concerned", " to ".join(map(percent, found.users))),
                ("  the model: worth of what users lose [US$]", spread(found.surplus)),
                ("  the model: days without contact to family", spread(found.contact)),
            ]
        )
    say(_NETLOSS if costs else "Nothing is blocked, slowed or cut off.")
