"""What a stored result rests on, as digests: the scenario, the rules, the facts and the fit.

``pages/refresh.py`` writes them beside each run that a page shows, and a test compares them with
those of today. The rules are known by what they do: the figures that ``tests/keep`` holds for the
scenario, and the interval of a few draws.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
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
    """Return the digests of what a run of a scenario rests on today, by part."""
    import numpy as np

    from splinternet import load
    from splinternet.results.interval import interval

    spec = load(scenario)
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))[scenario]
    # Figures that are kept are of one member, and have no interval.
    ends = [round(float(end), 6) for end in interval(np.array(_DRAWS))]
    worlds = sorted((FACTS / spec.world.facts).glob("*.csv"))
    tables = [path for path in sorted(FACTS.glob("*.csv")) if path.name not in {*NOT_READ, *FIT}]
    return {
        "scenario": spec.digest[:_SHOWN],
        "rules": _digest([json.dumps([golden, ends], sort_keys=True)]),
        "facts": _digest(path.read_text(encoding="utf-8") for path in (*tables, *worlds)),
        "fit": _digest((FACTS / name).read_text(encoding="utf-8") for name in FIT),
    }


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
    return [name for name, digest in parts(scenario).items() if stored.get(name) != digest]
