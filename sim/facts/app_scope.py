"""Who can use an app at all: its languages, and the countries whose telephone numbers can open an account.

`sim/facts/app_scope.csv` lists both; ``*`` means any. A platform without a row has all languages and accepts all
numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from sim.facts.model import BASES, REST_OF_WORLD
from sim.facts.places import load_places
from sim.facts.table import checked_rows, keep

ANY = "*"
_TABLE = Path(__file__).parent / "app_scope.csv"
_COLUMNS = ("platform", "languages", "numbers", "basis", "source")


class AppScope(NamedTuple):
    """Whom an app is made for.

    Attributes
    ----------
    languages : frozenset of str
        Codes of languages; ``*`` alone for any.
    numbers : frozenset of str
        Codes of the states whose telephone numbers open an account without further ado; ``*`` alone for any.
    """

    languages: frozenset[str]
    numbers: frozenset[str]

    def speaks(self, languages: frozenset[str]) -> bool:
        """Return whether the app speaks one of some languages; a place without any known ones understands all."""
        return ANY in self.languages or not languages or not self.languages.isdisjoint(languages)

    def takes_numbers_of(self, state: str) -> bool:
        """Return whether a telephone number of a state opens an account."""
        return ANY in self.numbers or state in self.numbers or state == REST_OF_WORLD


@lru_cache(maxsize=1)
def read_app_scopes() -> Mapping[str, AppScope]:
    """Return the scope of each app that has a row, by platform.

    Raises
    ------
    InputError
        When the table is faulty: every row is named.
    """
    found: dict[str, AppScope] = {}
    for row in checked_rows(_TABLE, _COLUMNS):
        row.one_of("basis", BASES)
        row.text("source")
        scope = AppScope(frozenset(row.words("languages")), frozenset(row.words("numbers")))
        for column, words in zip(("languages", "numbers"), scope, strict=True):
            if not words or (ANY in words and len(words) > 1):
                row.fault(f"{column} is '{row.cells[column]}'", "codes separated by |, or * alone")
        keep(found, row.text("platform"), scope, row)
    return MappingProxyType(found)


def scope_of(platform: str) -> AppScope:
    """Return whom an app is made for: anybody, where the table has no row."""
    return read_app_scopes().get(platform, AppScope(frozenset({ANY}), frozenset({ANY})))


def languages_of(state: str) -> frozenset[str]:
    """Return the languages of a state's people, by code; none where they are not known."""
    place = load_places().get(state)
    return frozenset(place.languages) if place else frozenset()
