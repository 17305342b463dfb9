"""Write what was measured: tables in the form of a world's own, and policies ready for a scenario."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sim.errors import InputError, Problem, RunError
from sim.facts.worlds import MANIFEST, nearest_world
from sim.measured.blocks import FoundBlock
from sim.measured.losses import Losses, Outage
from sim.measured.ooni import Evidence

BLOCKS, DAYS, LOST, SHUTDOWNS = "blocks.csv", "evidence/blocks.csv", "evidence/connectivity.csv", "shutdowns.yaml"
"""Files of a folder; what is no table of a world lies in a folder of its own below it."""
_WORLD_COLUMNS = ("key", "name", "value", "source", "basis", "note")
_BLOCK_COLUMNS = ("state", "platform", "technique", "since", "until", "source", "basis")
_DAY_COLUMNS = ("state", "platform", "date", "reached", "blocked", "confirmed", "failed", "share", "tests")
_LOSS_COLUMNS = ("state", "date", "share_lost", "values", "source")


def write_blocks(folder: str | Path, evidence: Evidence, blocks: Sequence[FoundBlock]) -> tuple[Path, ...]:
    """Write tables of a user's own facts: ``blocks.csv``, the latest block of each pair, and the evidence.

    A folder that has no ``world.csv`` gets one that names the shipped world nearest to the last measured day.

    Parameters
    ----------
    folder : path
        Made where it is missing; files of these names are never replaced.
    evidence : Evidence
    blocks : sequence of FoundBlock
        From `sim.measured.find_blocks`.

    Raises
    ------
    InputError
        One of the files exists.
    RunError
        The folder cannot be written.
    """
    latest = {(block.state, block.platform): block for block in blocks}
    rows = [
        (b.state, b.platform, b.technique, b.since, b.until or "", f"{b.source}; {b.note}", "measured")
        for b in latest.values()
    ]
    days = [
        (
            d.state,
            d.platform,
            d.day,
            d.reached,
            d.blocked,
            d.confirmed,
            d.failed,
            f"{d.share:.3f}",
            "|".join(sorted(d.tests)),
        )
        for d in evidence.days
    ]
    texts = {BLOCKS: _table(_BLOCK_COLUMNS, rows), DAYS: _table(_DAY_COLUMNS, days)}
    if not (Path(folder) / MANIFEST).exists():
        base = nearest_world(max(day.day for day in evidence.days))
        texts[MANIFEST] = _table(_WORLD_COLUMNS, [("base", "", base, "OONI measurements", "measured", "")])
    return _write(folder, texts)


def write_losses(folder: str | Path, losses: Losses, outages: Sequence[Outage]) -> tuple[Path, ...]:
    """Write the share lost, day by day, below ``evidence``, and ``shutdowns.yaml``, policies of the outages.

    Parameters
    ----------
    folder : path
        Made where it is missing; files of these names are never replaced.
    losses : Losses
    outages : sequence of Outage
        From `sim.measured.find_outages`.

    Raises
    ------
    InputError
        One of the files exists.
    RunError
        The folder cannot be written.
    """
    rows = [(one.state, one.day, f"{one.share:.3f}", one.points, losses.signal) for one in losses.days]
    return _write(folder, {LOST: _table(_LOSS_COLUMNS, rows), SHUTDOWNS: policies_of(losses, outages)})


def policies_of(losses: Losses, outages: Sequence[Outage]) -> str:
    """Return the outages as policies of a scenario, in YAML.

    Parameters
    ----------
    losses : Losses
    outages : sequence of Outage
    """
    begin, end = losses.reference
    lines = [
        f"# Share of connectivity lost, measured: {losses.signal}, against {begin} to {end}.",
        f"# The days of {begin} to {end} themselves differ from it by up to {losses.noise:.0%}.",
        "policies:" if outages else "policies: []",
    ]
    for number, outage in enumerate(outages, start=1):
        lines += [
            f"  - id: outage-{number}",
            f"    on: {outage.on}",
            f"    until: {outage.until}",
            f"    by: {outage.state}",
            "    instrument: shutdown",
            f"    share: {outage.share:.2f}",
            f'    reference: "measured: {losses.signal}"',
        ]
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _write(folder: str | Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write files, all of them or none, and return them."""
    home = Path(folder)
    paths = {name: home / name for name in texts}
    taken = [path for path in paths.values() if path.exists()]
    if taken:
        found = f"{', '.join(map(str, taken))} exists and is left as it is"
        raise InputError(Problem("--out", found, "a folder without such a file", "name another folder"))
    drafts = {name: path.with_name(f".{path.name}.part") for name, path in paths.items()}
    linked: list[Path] = []
    try:
        for name, text in texts.items():
            paths[name].parent.mkdir(parents=True, exist_ok=True)
            drafts[name].write_text(text, encoding="utf-8")
        for name, path in paths.items():
            os.link(drafts[name], path)  # unlike a rename, a link never replaces an existing file
            linked.append(path)
    except OSError as error:
        for path in linked:
            path.unlink()
        raise RunError(f"{home} cannot be written: {error.strerror or error}") from error
    finally:
        for draft in drafts.values():
            with suppress(OSError):
                draft.unlink()
    return tuple(paths.values())
