"""What a stored result rests on, as digests: the scenario, the rules, the facts and the fit.

``pages/refresh.py`` writes them beside each run that a page shows, ``pages/explorer.py`` and
``pages/gallery.py`` beside theirs, and ``pages/notebook_pages.py`` into each notebook; a test
compares them with those of today. The rules are known by what they do: the figures that
``tests/keep`` holds for the scenario, and the interval of a few draws.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping
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
    "record.csv",
    "skill.csv",
    "unmodelled.csv",
}
"""Tables that judge the model or word its errors, and that no run reads."""
LINE = re.compile(r"<!-- made of: (?P<parts>[^>]+) -->")
_SHOWN = 10  # characters of a digest
_DRAWS = [float(n * n) for n in range(12)]


def parts(scenario: str) -> dict[str, str]:
    """Return the digests of what a run of a scenario rests on today, by part.

    The rules of a scenario of which no figures are kept are those of all that are.
    """
    from splinternet import load

    spec = load(scenario)
    found = {"scenario": spec.digest[:_SHOWN], "rules": _rules(scenario)}
    return found | _tables((FACTS / spec.world.facts).glob("*.csv"))


def notebook_parts(code: Iterable[str]) -> dict[str, str]:
    """Return the digests of what a notebook with some code rests on today, by part: the rules of
    all scenarios, and the facts of all worlds.
    """
    found = {"code": _digest(code), "rules": _rules()}
    return found | _tables(FACTS.glob("*/*.csv"))


def _rules(scenario: str = "") -> str:
    """Return the digest of the rules, by what they do."""
    import numpy as np

    from splinternet.results.interval import interval

    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    # Figures that are kept are of one member, and have no interval.
    ends = [round(float(end), 6) for end in interval(np.array(_DRAWS))]
    return _digest([json.dumps([golden.get(scenario, golden), ends], sort_keys=True)])


def _tables(worlds: Iterable[Path]) -> dict[str, str]:
    """Return the digests of the facts, with those of some worlds, and of the fit."""
    tables = [path for path in sorted(FACTS.glob("*.csv")) if path.name not in {*NOT_READ, *FIT}]
    return {
        "facts": _digest(_without_words(path) for path in (*tables, *sorted(worlds))),
        "fit": _digest((FACTS / name).read_text(encoding="utf-8") for name in FIT),
    }


def _without_words(path: Path) -> str:
    """Return the text of a table; of the parameters without what they mean, and of the kinds of
    platform without what they are too, which no run reads.
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
    """Return the digests of today as a comment of a page."""
    said = ", ".join(f"{name} {digest}" for name, digest in parts(scenario).items())
    return f"<!-- made of: {said} -->"


def stale(scenario: str, text: str) -> list[str]:
    """Return what has changed since a part of a page was written; empty where nothing has.

    A part without digests is of before they were stored: all of it may have changed.
    """
    found = LINE.search(text)
    stored = dict(one.split(" ") for one in found["parts"].split(", ")) if found else {}
    return changed(stored, parts(scenario))


def changed(stored: Mapping[str, str], today: Mapping[str, str]) -> list[str]:
    """Return of which parts the digests differ from those that are stored."""
    return [name for name, digest in today.items() if stored.get(name) != digest]
