"""All states and territories by any of their names: code, English name, aliases, region, languages.

These are more than the states of a world: a world has its detailed states and the rest of the world, ``XX``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from sim.errors import InputError, Problem, did_you_mean
from sim.facts.model import BASES, REST_OF_WORLD
from sim.facts.names import fold
from sim.facts.table import checked_rows, keep
from sim.facts.worlds import HOME

_COLUMNS = ("state", "name", "aliases", "region", "subregion", "member", "languages", "source", "basis", "licence")


@dataclass(frozen=True)
class Place:
    """A state or territory.

    Attributes
    ----------
    code : str
        ISO 3166-1 alpha-2; ``XK`` for Kosovo.
    name : str
        English name.
    aliases : tuple of str
        Other names that are accepted as input, the alpha-3 code among them.
    region, subregion : str
        As in the M49 standard of the United Nations: ``Asia``, ``Central Asia``.
    member : bool
        Whether it is a member of the United Nations.
    languages : tuple of str
        Codes of ISO 639, the most used first.
    """

    code: str
    name: str
    aliases: tuple[str, ...]
    region: str
    subregion: str
    member: bool
    languages: tuple[str, ...]


@lru_cache(maxsize=1)
def load_places() -> Mapping[str, Place]:
    """Return all states and territories by code, read once.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    places: dict[str, Place] = {}
    taken: dict[str, str] = {}
    for row in checked_rows(HOME / "state_names.csv", _COLUMNS):
        row.text("source")
        row.text("licence")
        row.one_of("basis", BASES)
        place = Place(
            code=row.text("state"),
            name=row.text("name"),
            aliases=row.words("aliases"),
            region=row.text("region"),
            subregion=row.text("subregion"),
            member=row.one_of("member", ("yes", "no")) == "yes",
            languages=row.words("languages"),
        )
        for word in (place.code, place.name, *place.aliases):
            other = taken.setdefault(fold(word), place.code)
            if other != place.code:
                row.fault(f"'{word}' already names {other}", "a name belongs to one row")
        keep(places, place.code, place, row)
    return MappingProxyType(places)


def find_place(text: str) -> str | None:
    """Return the alpha-2 code of any state or territory named by code, English name or alias, or None.

    Parameters
    ----------
    text : str
        Case, accents and spare blanks do not matter.
    """
    return _index().get(fold(text))


def place_code(text: str, where: str = "") -> str:
    """Return the alpha-2 code of any state or territory.

    Parameters
    ----------
    text : str
        Code, English name or alias.
    where : str
        ``file:line:column`` of the text, for the error.

    Raises
    ------
    InputError
        No state has that name; the hint is the closest one.
    """
    found = find_place(text)
    if found is None:
        raise InputError(unknown_place(text, where))
    return found


def unknown_place(text: str, where: str = "") -> Problem:
    """Return the problem of a text that names no state or territory, with the closest name as its hint."""
    names = [word for place in load_places().values() for word in (place.name, *place.aliases)]
    allowed = (
        f"an ISO 3166-1 alpha-2 code or an English name, such as UZ or Uzbekistan ({len(load_places())} are known)"
    )
    return Problem(where, f"no state is called '{text}'", allowed, did_you_mean(text, names))


@lru_cache(maxsize=1)
def _index() -> dict[str, str]:
    """Return folded name -> code."""
    found = {
        fold(word): place.code for place in load_places().values() for word in (place.code, place.name, *place.aliases)
    }
    return found | {fold(REST_OF_WORLD): REST_OF_WORLD}
