"""The stored forecasts of held-out episodes as a scoreboard; refused if they do not belong to this program."""

from __future__ import annotations

import csv
from pathlib import Path

from sim.experiments.calibration.space import FACTS
from sim.experiments.calibration.stamp import LEFT_OUT, differences, read_stamp
from sim.experiments.hindcast.circumstances import record
from sim.experiments.hindcast.result import Scoreboard, ScoredRow
from sim.experiments.hindcast.rivals import rivals
from sim.experiments.hindcast.with_error import with_error


def why_refused(folder: Path = FACTS, *, events: bool = True) -> str:
    """Return why the stored forecasts are not shown; empty where they are of this program.

    Parameters
    ----------
    folder, events
        As for `differences`.
    """
    changed = differences(folder, events=events)
    if changed is None:
        return "there is no stored calibration"
    if not changed:
        return ""
    return f"since the stored calibration the {' and the '.join(changed)} changed"


def held_out_board(folder: Path = FACTS, *, chance_only: bool = False) -> Scoreboard:
    """Return every figure forecast from the other episodes, with the model's error of the other episodes.

    Parameters
    ----------
    folder : Path
        The folder of facts.
    chance_only : bool
        Leave the model's error out.
    """
    past = {one.observed.row: one for one in record()}
    rows = []
    with (folder / LEFT_OUT).open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file):
            one = past.get(line["row"])
            if one is not None:
                members = tuple(float(value) for value in line["members"].split())
                rows.append(ScoredRow(one, members, with_error(members, one, chance_only=chance_only), rivals(one)))
    settings = (read_stamp(folder) or {}).get("settings", {})
    return Scoreboard(tuple(rows), people=settings.get("people", 0), seeds=settings.get("held_out_draws", 0))
