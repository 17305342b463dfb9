"""All states and territories, by any of their names, and the figures of states that are not
detailed.

A world has some states in detail and the rest of the world, ``XX``. If no source has a figure of
another state, the figure is the median of similar states, marked ``assumption``.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Annotated

from ..errors import InputError, Problem, did_you_mean
from .model import REST_OF_WORLD, Facts, StateFact
from .tables import (
    Cited,
    Quantity,
    Text,
    Words,
    YesNo,
    figure_table,
    fold,
    one_of,
    quantities,
    read,
)
from .worlds import read_shipped

FIGURES = {
    "population": "persons",
    "internet_users": "persons",
    "gdp_per_head": "US$ of 2015",
    "mobile_subscriptions": "per 100 people",
}
"""Figures of a state without detailed facts, each with its unit."""
ENOUGH = 3  # assumption: fewest states with a measured figure for a region's median
MEDIAN_OF = "median of"
"""First words of the reason for a figure that is a median of similar states."""
ALIKE = 3  # assumption: detailed states nearest in income that give a state's phones


class Place(Cited, file="state_names.csv", key=("state",)):
    """A state or territory."""

    state: Text
    """ISO 3166-1 alpha-2; ``XK`` for Kosovo."""
    name: Text
    """English name."""
    aliases: Words
    """Other names that are accepted as input, the alpha-3 code among them."""
    region: Text
    subregion: Text
    """As in the M49 standard of the United Nations: ``Asia``, ``Central Asia``."""
    member: YesNo
    """Whether it is a member of the United Nations."""
    languages: Words
    """Codes of ISO 639, the most used first."""
    licence: Text

    def words(self) -> tuple[str, ...]:
        """Return the names that belong only to this state."""
        return self.state, self.name, *self.aliases


@cache
def load_places() -> Mapping[str, Place]:
    """Return all states and territories by code, read once."""
    return read(Place)


PlaceCode = Annotated[str, one_of(load_places)]
"""The code of any state or territory."""


class LocalNames(Cited, file="state_names_local.csv", key=("state",)):
    """The names of a state in other languages, none shared with another state."""

    state: PlaceCode
    names: Words
    licence: Text


OTHER_STATES = figure_table(
    "other_states.csv", units=FIGURES, state=PlaceCode, field=Annotated[str, one_of(FIGURES)]
)


@cache
def _codes() -> dict[str, str]:
    """Return folded name -> code."""
    codes = {fold(word): code for code, place in load_places().items() for word in place.words()}
    return codes | {fold(REST_OF_WORLD): REST_OF_WORLD}


@cache
def local_names() -> Mapping[str, str]:
    """Return folded name in another language -> code."""
    return {fold(name): row.state for row in read(LocalNames).values() for name in row.names}


def find_place(text: str) -> str | None:
    """Return the alpha-2 code of any state or territory, or None.

    Parameters
    ----------
    text : str
        Code, English name, alias, or name in another language, in any case.
    """
    return _codes().get(fold(text)) or (
        local_names().get(fold(text)) if len(text) > 2 or not text.isascii() else None
    )


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
    code = find_place(text)
    if code is None:
        places = load_places()
        names = [word for place in places.values() for word in place.words()[1:]]
        allowed = f"an ISO 3166-1 alpha-2 code or an English name, such as UZ or Uzbekistan ({len(places)} are known)"
        raise InputError(
            Problem(where, f"no state is called '{text}'", allowed, did_you_mean(text, names))
        )
    return code


@lru_cache(maxsize=4)
def other_figures(world: str) -> Mapping[tuple[str, str], Quantity]:
    """Return the figures of all states that a world does not have in detail, by (state, figure),
    read once.
    """
    return quantities(read_shipped(OTHER_STATES, world))  # type: ignore[arg-type]


def known_states(facts: Facts) -> tuple[str, ...]:
    """Return the codes of all states that a world can have: its detailed ones, then the others."""
    return tuple(dict.fromkeys((*facts.states, *(state for state, _ in other_figures(facts.name)))))


def state_anywhere(code: str, facts: Facts) -> StateFact:
    """Return the facts about any state in a world.

    Raises
    ------
    InputError
        No state has that code.
    """
    if code in facts.states:
        return facts.states[code]
    place = load_places()[place_code(code)]
    figures = other_figures(facts.name)
    income = figures[code, "gdp_per_head"]
    detailed = [state for code, state in facts.states.items() if code != REST_OF_WORLD]
    alike = sorted(
        detailed, key=lambda s: (abs(math.log(s.gdp_per_head.value / income.value)), s.code)
    )[:ALIKE]
    names = ", ".join(state.code for state in alike)
    return StateFact(
        code=code,
        name=place.name,
        aliases=place.aliases,
        population=figures[code, "population"],
        internet_users=figures[code, "internet_users"],
        gdp_per_head=income,
        ios_share=median_share(
            [s.ios_share.value for s in alike], f"{MEDIAN_OF} the states nearest in income: {names}"
        ),
        vpn_share=vpn_share_in(place.region, facts),
    )


def vpn_share_in(region: str, facts: Facts) -> Quantity:
    """Return the share of people with a VPN: the median of a region's detailed states, or that of
    the rest of the world.
    """
    places = load_places()
    states = [
        state
        for code, state in facts.states.items()
        if code in places and places[code].region == region
    ]
    if len(states) < ENOUGH:
        return facts.states[REST_OF_WORLD].vpn_share
    return median_share(
        [state.vpn_share.value for state in states], f"{MEDIAN_OF} {len(states)} states in {region}"
    )


def median_share(shares: Sequence[float], reason: str) -> Quantity:
    """Return the median of some shares, with their range, as an assumption."""
    return assumed(statistics.median(shares), min(shares), max(shares), reason)


def assumed(value: float, low: float, high: float, reason: str) -> Quantity:
    """Return a share as an assumption, with a range widened to contain it."""
    low = min(low, value)
    high = max(high, value)
    return Quantity(value, low, high, "share", f"assumption: {reason}", "assumption", "own (MIT)")
