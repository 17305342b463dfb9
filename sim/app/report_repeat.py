"""The part of a report that says how to repeat its runs."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..core.program import program_stamp
from ..facts.worlds import COPIES
from ..results import Result
from ..text.numbers import day, seeds_text


@dataclass(frozen=True)
class Repeated:
    """What makes one run again.

    Attributes
    ----------
    title : str
        Its heading; empty on a page about one run.
    commands : list of str
        What to type.
    facts : list of tuple of str
        Program, scenario, seeds, days and packages: name and value.
    scenario : str
        The scenario as it was run [YAML].
    hashes : str
        SHA-256 of each fact table [JSON].
    """

    title: str
    commands: list[str]
    facts: list[tuple[str, str]]
    scenario: str
    hashes: str


@dataclass(frozen=True)
class Repeat:
    """How to make the runs again."""

    TEMPLATE: ClassVar[str] = "repeat.html"
    runs: list[Repeated]


def repeat(results: Sequence[Result]) -> Repeat:
    """Return how to make the runs again: commands, version, seeds, digests, and the scenario itself."""
    return Repeat([_repeated(result, result.scenario.title if len(results) > 1 else "") for result in results])


def _repeated(result: Result, title: str) -> Repeated:
    """Return how to make one run again, under a heading."""
    stored = result.info.get("manifest", {})
    facts = [
        ("run", result.run_id),
        ("program", f"{program_stamp(result.version, result.commit)}, code {result.about['code_sha256']}"),
        ("scenario", f"{result.name}, digest {result.scenario.digest}"),
        ("own facts", _tables(result)),
        ("seeds", f"{seeds_text(result.seeds)} ({', '.join(map(str, result.seeds))})"),
        ("days", f"{day(result.dates[0])} to {day(result.dates[-1])}"),
        ("packages", ", ".join(f"{what} {version}" for what, version in stored.get("packages", {}).items())),
    ]
    return Repeated(
        title=title,
        commands=_commands(result, str(result.info.get("command") or "")),
        facts=[(name, value) for name, value in facts if value],
        scenario=result.scenario.to_yaml(),
        hashes=json.dumps(result.about["data_sha256"], indent=1),
    )


def _tables(result: Result) -> str:
    """Return where the user's own tables are that a run needs; nothing for a run on a shipped world."""
    own = result.scenario.own_tables
    return f"{own.key}: the tables in {COPIES}/{own.name} of the run folder, beside the scenario" if own else ""


def _commands(result: Result, command: str) -> list[str]:
    """Return the commands that make a run and that make it again; of one made from Python, some that do the same."""
    folder = f"runs/{result.name}-{result.run_id}"
    words = shlex.split(command) if command else []
    if len(words) > 1 and words[0].split("/")[-1] == "splinternet" and words[1] == "run":
        return [shlex.join(["splinternet", *words[1:]]), f"splinternet reproduce {shlex.quote(_out(words) or folder)}"]
    seeds = f"--seeds {len(result.seeds)} --set seed={result.seeds[0]}"
    made = (
        f"splinternet run scenario.resolved.yaml {seeds} --out {folder}   # the scenario below, saved under this name"
    )
    return [made, f"splinternet reproduce {folder}"]


def _out(words: Sequence[str]) -> str:
    """Return the folder that a command names for its run; nothing where it names none."""
    for at, word in enumerate(words):
        if word == "--out" and at + 1 < len(words):
            return words[at + 1]
        if word.startswith("--out="):
            return word.removeprefix("--out=")
    return ""
