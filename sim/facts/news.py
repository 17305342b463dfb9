"""The words of the news: what they mean of an order, and the groups of platforms that they name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Literal

from .model import Facts
from .platforms import use_anywhere
from .tables import Cited, Text, Words, fold, read

type WordKind = Literal["act", "object", "group", "technique", "order", "open", "refused", "filler"]
LEAST_USE = 0.01
"""A group of platforms holds those that this share of a state's Internet users has in a month [1] (assumption)."""


class NewsWord(Cited, file="news_words.csv", key=("kind", "meaning")):
    """Words with one meaning."""

    kind: WordKind
    """``act``: the verb of an instrument; ``object``: what an instrument acts on, which comes before the verb;
    ``group``: a group of platforms; ``technique``: a technique of the table of blocks; ``order``: who orders; ``open``:
    no end is known; ``refused``: what no instrument covers; ``filler``: words that say nothing."""
    meaning: Text
    """The instrument, the group, or what is refused."""
    said: Words
    """The words."""
    covers: Words
    """Of a group: kinds of platforms, and names of others that belong to it."""
    note: str
    """What a user should know of it; of what is refused, the nearest question that can be asked."""


def phrase(text: str) -> str:
    """Return a name or a word as texts are searched for it: without case, accents, hyphens and curly quotes."""
    return " ".join(re.sub(r"[-\u2010\u2013_]", " ", fold(re.sub(r"[\u2018\u2019\u02bc]", "'", text))).split())


@cache
def vocabulary(kind: WordKind) -> Mapping[str, str]:
    """Return the meaning of each word of a kind, by the word as `phrase` writes it."""
    return {phrase(word): row.meaning for row in read(NewsWord).values() if row.kind == kind for word in row.said}


def note_of(kind: WordKind, meaning: str) -> str:
    """Return what a user should know of a meaning; empty where there is nothing."""
    row = read(NewsWord).get((kind, meaning))
    return row.note if row is not None else ""


def members(group: str, states: tuple[str, ...], facts: Facts) -> tuple[str, ...]:
    """Return the platforms of a group that people of some states use, the most used first.

    Parameters
    ----------
    group : str
        Such as ``social media``.
    states : tuple of str
        Alpha-2 codes; use in any of them is enough.
    facts : Facts
        A world as of a day.
    """
    covers = read(NewsWord)["group", group].covers
    use = {
        name: max(use_anywhere(state, name, facts).value for state in states)
        for name, fact in facts.platforms.items()
        if fact.kind in covers or name in covers
    }
    return tuple(sorted((name for name, share in use.items() if share >= LEAST_USE), key=lambda name: -use[name]))
