"""Writing a result into a run folder."""

from __future__ import annotations

import datetime as dt
import json
import math
import tempfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import commands_in
from sim.facts.worlds import COPIES
from sim.results.arrays import attributes_text, pack, write_panel
from sim.results.csv_cells import csv_of_rows
from sim.results.decisions import write_decisions
from sim.results.files import check_space, disk_errors, remove_tree, write_text
from sim.results.folder import (
    DECISIONS,
    FIGURES,
    LOG,
    MANIFEST,
    PANEL,
    SCENARIO,
    SERIES,
    SUMMARY,
    SUMMARY_TABLE,
    TIES,
    RunFolder,
    estimate_bytes,
)
from sim.results.identity import file_hash, packages
from sim.results.panel import Packed
from sim.results.rows import COLUMNS
from sim.results.summary import summary_data
from sim.results.tidy import write_series
from sim.results.ties_file import write_ties

if TYPE_CHECKING:
    from sim.results.result import Result
    from sim.scenario import Scenario

_KEPT_APART = (
    "name",
    "command",
    "wall_seconds",
    "warnings",
    "log",
    "manifest",
)  # of what `Result.info` holds


def save(result: Result, folder: Path | str) -> Path:
    """Write a result into a folder, whole or not at all, and return the folder.

    Parameters
    ----------
    result : Result
        What to write.
    folder : Path or str
        A new or empty folder, or one that holds the same run, which is then replaced.

    Raises
    ------
    InputError
        When the folder holds another run or other files.
    RunError
        When the disk is full; the folder is then as it was before.
    """
    target = Path(folder).absolute()
    RunFolder.check(target, result.about)
    check_space(target, estimate_bytes(result.scenario.days, len(result.members)))
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
        try:
            building.chmod(0o755)
            write_files(result, building)
            _swap(building, target)
        finally:
            remove_tree(building)
    return Path(folder)


def _swap(building: Path, target: Path) -> None:
    """Put a finished folder in its place; one that stands there is moved aside first, then deleted."""
    if not target.exists():
        building.replace(target)
        return
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".old", dir=target.parent))
    target.replace(aside)
    try:
        building.replace(target)
    except OSError:
        aside.replace(target)
        raise
    remove_tree(aside)


class Alone:
    """Does what takes longest of writing a run in this process; others may do it otherwise."""

    def pack(self, result: Result) -> Iterable[Packed]:
        """Yield the arrays of each member, packed for the panel."""
        return map(pack, result.members)

    def begun(self, work: Callable[[], object]) -> AbstractContextManager[Callable[[], object]]:
        """Begin some work that ends in files; what the block is given ends it."""
        return nullcontext(work)

    def draw(self, result: Result) -> Callable[[Path], object]:
        """Begin to draw the charts; what is returned writes them into a folder when all else is done."""
        return result.begin_figures()


def finish(folder: RunFolder, result: Result, helper: Alone | None = None) -> Path:
    """Write all files of a finished run into its folder and return it.

    Parameters
    ----------
    folder : RunFolder
    result : Result
        All members.
    helper : Alone, optional
        Who packs members and draws charts, where it is not this process alone.

    Raises
    ------
    RunError
        When a member is missing, or the disk is full; the members stay, and the run can be resumed.
    """
    return folder.finish(result.seeds, lambda building: write_files(result, building, helper))


def write_files(result: Result, folder: Path, helper: Alone | None = None) -> None:
    """Write every file of a finished run into a folder that is not yet in its place, the manifest last."""
    helper = helper or Alone()
    about = attributes_text({
        "scenario": result.name, "digest": result.scenario.digest, "status": result.scenario.status,
        "version": result.version, "run_id": result.run_id,
    })  # fmt: skip
    # The panel first: another process may write it while this one makes the rows of the tables, which charts need too.
    with helper.begun(partial(_write_panel, result, folder, about, helper)) as end_panel:
        draw = helper.draw(result)  # in the end, this process helps those that draw
        write_scenario(result.scenario, folder)
        if result.scenario.behaviour.on:
            with (folder / DECISIONS).open("w", encoding="utf-8", newline="") as stream:
                write_decisions(stream, result.members)
        write_text(folder / SUMMARY, json.dumps(plain(summary_data(result)), indent=1, allow_nan=False) + "\n")
        write_text(folder / SUMMARY_TABLE, csv_of_rows(result.rows(), COLUMNS))
        with (folder / SERIES).open("w", encoding="utf-8", newline="") as stream:
            write_series(stream, result.members, result.stored_cells)
        ties = result.kept_ties()
        if ties:
            write_ties(folder / TIES, ties, about)
        draw(folder / FIGURES)
        end_panel()
    write_text(folder / LOG, "".join(f"{line}\n" for line in result.info.get("log", ())))
    write_text(folder / MANIFEST, json.dumps(_manifest(result, folder), indent=1, allow_nan=False) + "\n")


def _write_panel(result: Result, folder: Path, about: Mapping[str, str], helper: Alone) -> None:
    """Write the panel with what the helper has packed."""
    write_panel(folder / PANEL, result.members, about, helper.pack(result))


def write_scenario(scenario: Scenario, folder: Path) -> None:
    """Write a resolved scenario into a folder, with the user's own tables that it needs, so that it can be read again.

    Parameters
    ----------
    scenario : Scenario
    folder : Path
        A folder without them.
    """
    write_text(folder / SCENARIO, scenario.to_yaml())
    if scenario.own_tables is not None:
        scenario.own_tables.write(folder / COPIES)


def _manifest(result: Result, folder: Path) -> dict[str, Any]:
    """Return what a run says of itself."""
    outputs = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != LOG)
    info = {key: value for key, value in result.info.items() if key not in _KEPT_APART}
    return {
        **result.about,
        "command": "".join("?" if commands_in(char) else char for char in str(result.info.get("command", ""))),
        "wall_seconds": plain(result.info.get("wall_seconds")),
        "warnings": result.warnings,
        "written": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        # A run that was read back stays the work of the program that made it.
        "packages": result.info.get("manifest", {}).get("packages") or packages(),
        **_left_out(result),
        "files_sha256": {path.relative_to(folder).as_posix(): file_hash(path) for path in outputs},
        "info": plain(info),
    }


def _left_out(result: Result) -> dict[str, Any]:
    """Return which metrics the tidy table leaves out, wholly or in part; nothing where it holds all."""
    stored = {cell.key for cell in result.stored_cells}
    metrics = sorted({cell.metric for cell in result.cells if cell.key not in stored})
    return {"series_left_out": metrics} if metrics else {}


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: numbers that are not finite become null, objects their text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | bool | int):
        return value
    item = getattr(value, "item", None)
    return plain(item()) if callable(item) else str(value)
