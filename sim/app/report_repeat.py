"""The part of a report that tells how to make its runs again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from sim.app.markup import Safe, joined, tag
from sim.results import Result
from sim.results.words import day, seeds_text


def repeat(results: Sequence[Result]) -> Safe:
    """Return how to make the runs again: commands, version, seeds, digests, and the scenario itself."""
    parts = []
    for result in results:
        stored = result.info.get("manifest", {})
        command = str(result.info.get("command") or "")
        lines = _commands(result, command)
        about = [
            ("run", result.run_id),
            ("program", f"splinternet {result.version}, code {result.about['code_sha256']}"),
            ("scenario", f"{result.name}, digest {result.scenario.digest}"),
            ("seeds", f"{seeds_text(result.seeds)} ({', '.join(map(str, result.seeds))})"),
            ("days", f"{day(result.dates[0])} to {day(result.dates[-1])}"),
            ("packages", ", ".join(f"{what} {version}" for what, version in stored.get("packages", {}).items())),
        ]
        facts = joined(joined([tag("dt", key), tag("dd", value)]) for key, value in about if value)
        hashes = json.dumps(result.about["data_sha256"], indent=1)
        parts += [
            tag("h3", result.scenario.title) if len(results) > 1 else Safe(""),
            tag("pre", tag("code", "\n".join(lines))),
            tag("p", "The same program, scenario and seeds give the same bytes; reproduce says whether they did."),
            tag("dl", facts, class_="facts"),
            _folded("The scenario as it was run (save it as a file to run it again)", result.scenario.to_yaml()),
            _folded("SHA-256 of the fact tables", hashes),
        ]
    return joined(parts)


def _folded(title: str, text: str) -> Safe:
    """Return a long text that is folded away."""
    return tag("details", tag("summary", title), tag("pre", tag("code", text)))


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
