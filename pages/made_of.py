"""Digests of the inputs of a stored result: the scenario, the rules, the facts and the fit.

``pages/refresh.py``, ``pages/explorer.py`` and ``pages/gallery.py`` write them beside each run, and
``pages/notebook_pages.py`` into each notebook; a test compares them with current digests. The rules
are represented by their results: the figures of the scenario in ``tests/keep``, and the interval of
a few draws.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FACTS = ROOT / "sim" / "facts"
GOLDEN = ROOT / "tests" / "keep" / "golden.json"
FIT = ("calibrated.csv", "discrepancy.csv", "posterior.csv")
NOT_READ = {
    "answer_skill.csv",
    "answers.csv",
    "board.csv",
    "joiners.csv",
    "leave_one_out.csv",
    "order_looks.csv",
    "ranks.csv",
    "record.csv",
    "skill.csv",
    "unmodelled.csv",
}
"""Tables that evaluate the model or describe its errors, and that no run reads."""
LINE = re.compile(r"<!-- made of: (?P<parts>[^>]+) -->")
_SHOWN = 10  # characters of a shortened digest
_DRAWS = [float(n * n) for n in range(12)]


def parts(scenario: str) -> dict[str, str]:
    """Return the current digests of the inputs of a scenario's run, by part.

    A scenario without stored figures has the rules of all scenarios with figures; if nobody decides
    in it, without those in which states or platforms decide.
    """
    from splinternet import load

    spec = load(scenario)
    rules = _rules(scenario, are_decided=bool(spec.behaviour.on))
    found = {"scenario": spec.digest[:_SHOWN], "rules": rules}
    return found | _tables((FACTS / spec.world.facts).glob("*.csv"))


def notebook_parts(code: Iterable[str]) -> dict[str, str]:
    """Return the digests of the inputs of a notebook, by part: its code, the rules of all
    scenarios, and the facts of all worlds.

    If it names no scenario in which states or platforms decide, those are left out of the rules.
    """
    cells = list(code)
    are_decided = any(name in cell for name in decided() for cell in cells)
    found = {"code": _digest(cells), "rules": _rules(are_decided=are_decided)}
    return found | _tables(FACTS.glob("*/*.csv"))


def decided() -> list[str]:
    """Return the scenarios with stored figures in which states or platforms decide."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    return [name for name in golden if _is_decided(name)]


@cache
def _is_decided(scenario: str) -> bool:
    """Return whether states or platforms decide in a scenario."""
    from splinternet import load

    return bool(load(scenario).behaviour.on)


def _rules(scenario: str = "", *, are_decided: bool) -> str:
    """Return the digest of the rules, computed from their results."""
    import numpy as np

    from splinternet.results.interval import interval

    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    if scenario not in golden and not are_decided:
        golden = {name: rows for name, rows in golden.items() if name not in decided()}
    # The stored figures come from one seed and have no interval.
    ends = [round(float(end), 6) for end in interval(np.array(_DRAWS))]
    return _digest([json.dumps([golden.get(scenario, golden), ends], sort_keys=True)])


def _tables(worlds: Iterable[Path]) -> dict[str, str]:
    """Return the digests of the facts, including those of some worlds, and of the fit."""
    tables = [path for path in sorted(FACTS.glob("*.csv")) if path.name not in {*NOT_READ, *FIT}]
    return {
        "facts": _digest(_without_words(path) for path in (*tables, *sorted(worlds))),
        "fit": _digest((FACTS / name).read_text(encoding="utf-8") for name in FIT),
    }


def _without_words(path: Path) -> str:
    """Return the text of a table, without the descriptions of parameters and of kinds of platform,
    which no run reads.
    """
    text = path.read_text(encoding="utf-8")
    if path.name == "kinds.csv":
        lines = [line.split(",", 3) for line in text.splitlines()]
        return "".join(f"{kind},{modes},{rest}\n" for kind, modes, _, rest in lines)
    if path.name != "parameters.csv":
        return text
    rows = [row | {"description": ""} for row in csv.DictReader(text.splitlines())]
    return json.dumps(rows)


def _digest(texts: Iterable[str]) -> str:
    """Return the digest of some texts."""
    found = sha256()
    for text in texts:
        found.update(text.encode())
    return found.hexdigest()[:_SHOWN]


def line(scenario: str) -> str:
    """Return the current digests as a comment of a page."""
    said = ", ".join(f"{name} {digest}" for name, digest in parts(scenario).items())
    return f"<!-- made of: {said} -->"


def stale(scenario: str, text: str) -> list[str]:
    """Return the inputs that have changed since a part of a page was written; empty if none have.

    For an old part without digests, all inputs count as changed.
    """
    found = LINE.search(text)
    stored = dict(one.split(" ") for one in found["parts"].split(", ")) if found else {}
    return changed(stored, parts(scenario))


def changed(stored: Mapping[str, str], today: Mapping[str, str]) -> list[str]:
    """Return the parts whose digests differ from the stored ones."""
    return [name for name, digest in today.items() if stored.get(name) != digest]
