"""Other words for every decision: with them, the same must be decided."""

from __future__ import annotations

import re
from typing import Any, Protocol

from sim.text import decisions as words

TABLES = ("WILL", "DID", "JUDGMENTS", "ACTS", "REASONS")


class Patch(Protocol):
    """What can replace an attribute for a while, as pytest's ``monkeypatch`` does."""

    def setattr(self, target: object, name: str, value: Any) -> None: ...


def other(template: str) -> str:
    """Return other words around the same names in braces: each word is turned round."""
    parts = re.split(r"(\{\w+\})", template)
    return "".join(part if part.startswith("{") else re.sub(r"\w+", lambda m: f"{m[0][::-1]}q", part) for part in parts)


def reworded(patch: Patch) -> None:
    """Replace every word of the tables of `sim.text.decisions`."""
    for name in TABLES:
        patch.setattr(words, name, {key: f"zzz {other(text)}" for key, text in getattr(words, name).items()})
    for name in ("STRIKE", "PROGRAMME"):
        patch.setattr(words, name, f"zzz {other(getattr(words, name))}")
    strike = words.strike
    patch.setattr(words, "strike", lambda instrument: f"zzz {other(strike(instrument))}")
