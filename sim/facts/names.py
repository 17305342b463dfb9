"""Find a state or a platform by any of its names."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from sim.facts.model import Facts


def find_state(text: str, facts: Facts) -> str | None:
    """Return the alpha-2 code of a state named by code or English name, or None.

    Parameters
    ----------
    text : str
        Code, name or alias; case, accents and spare blanks do not matter.
    facts : Facts
        The tables to look in.
    """
    return _state_index(facts).get(fold(text))


def find_platform(text: str, facts: Facts) -> str | None:
    """Return the canonical name of a platform named by name or alias, or None.

    Parameters
    ----------
    text : str
        Name or alias; case, accents and spare blanks do not matter.
    facts : Facts
        The tables to look in.
    """
    return _platform_index(facts).get(fold(text))


def fold(text: str) -> str:
    """Return a text without case, accents and spare blanks, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", str(text))
    plain = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())


@lru_cache(maxsize=8)
def _state_index(facts: Facts) -> dict[str, str]:
    """Return folded name -> code."""
    return {fold(word): code for code, state in facts.states.items() for word in (code, state.name, *state.aliases)}


@lru_cache(maxsize=8)
def _platform_index(facts: Facts) -> dict[str, str]:
    """Return folded name -> canonical name."""
    return {fold(word): name for name, platform in facts.platforms.items() for word in (name, *platform.aliases)}
