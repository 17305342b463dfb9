"""The use of platforms in any state, and its basis: measured, assumed, or a median of its region.

If a state has no figure for a platform, the median of its subregion is used, or of its region (without the platform's
home), or else the remaining use in the rest of the world. :class:`Cell` has the basis.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType

from sim.errors import InputError
from sim.facts.dated import Pair, blocked_share, is_shut, share_on
from sim.facts.elsewhere import ENOUGH, assumed, other_figures, vpn_share_in
from sim.facts.history import blocks_before
from sim.facts.model import REST_OF_WORLD, BlockFact, Facts, Quantity
from sim.facts.places import load_places, unknown_place
from sim.facts.table import QUANTITY_COLUMNS, checked_rows, keep
from sim.facts.worlds import load_world

UNUSED = 1e-4  # share of Internet users below which a platform counts as not used


@dataclass(frozen=True)
class Cell:
    """The use of a platform in a state, and how it is known.

    Attributes
    ----------
    share : Quantity
        Share of Internet users [1].
    measured : bool
        Whether somebody measured or published it; False for every kind of assumption.
    how : str
        ``figure`` (a row of the state), ``median`` (of the states in `where`), ``rest`` (what is left of the rest of
        the world) or ``none`` (not used).
    where : str
        The region of a median.
    """

    share: Quantity
    measured: bool
    how: str
    where: str = ""


def use_anywhere(state: str, platform: str, facts: Facts) -> Cell:
    """Return the use of a platform in any state, and whether it is measured.

    Parameters
    ----------
    state : str
        Alpha-2 code.
    platform : str
        Name as in the world.
    facts : Facts
        A shipped world, as it was loaded or as of another day.

    Raises
    ------
    InputError
        No state has that code.
    """
    if state in facts.states:
        found = facts.penetration.get((state, platform))
        return Cell(found, found.basis != "assumption", "figure") if found else _unused("no figure: not used there")
    others = _others(facts)
    pair = (state, platform)
    if pair in others.shares:
        share = others.shares[pair]
        return Cell(share, share.basis != "assumption", "figure")
    place = load_places().get(state)
    if place is None:
        raise InputError(unknown_place(state))
    cell = _median(platform, place.subregion, place.region, facts) or _rest(platform, facts)
    if is_shut(others.blocks, pair):
        cell = replace(cell, share=blocked_share(cell.share, vpn_share_in(place.region, facts)))
    return cell if cell.share.value >= UNUSED else _unused("less than one in ten thousand")


def blocks_elsewhere(facts: Facts) -> Mapping[Pair, BlockFact]:
    """Return what is blocked on the facts' day in the states that they do not have in detail."""
    return _others(facts).blocks


@dataclass(frozen=True)
class _Others:
    """What is known of the states that are not detailed: use with a row of its own, and blocks on the facts' day."""

    shares: Mapping[Pair, Quantity]
    blocks: Mapping[Pair, BlockFact]


@lru_cache(maxsize=16)
def _others(facts: Facts) -> _Others:
    """Return the use in the states that are not detailed, as of the facts' day, and what is blocked there."""
    base = facts.whole or facts
    if facts.day is None or base.day is None:
        raise ValueError(f"the facts {facts.name} do not say which day they describe")
    day, codes = facts.day, [code for code in load_places() if code not in facts.states]
    first, blocks = blocks_before(base.day, base, codes), blocks_before(day, facts, codes)
    shares = {}
    for pair, share in _rows(facts.name, tuple(base.platforms)).items():
        if pair[0] in facts.states or pair[1] not in facts.platforms:
            continue
        shut = is_shut(first, pair), is_shut(blocks, pair)
        vpn = vpn_share_in(load_places()[pair[0]].region, facts)
        shares[pair] = share_on(base, pair, share, vpn, day, shut)
    return _Others(MappingProxyType(shares), MappingProxyType(blocks))


@lru_cache(maxsize=4)
def _rows(world: str, platforms: tuple[str, ...]) -> Mapping[Pair, Quantity]:
    """Return the rows of ``other_penetration.csv`` of a world."""
    table: dict[Pair, Quantity] = {}
    places, names = load_places(), dict.fromkeys(platforms)
    path = load_world(world).path("other_penetration.csv")
    for row in checked_rows(path, ("state", "platform", *QUANTITY_COLUMNS)):
        key = row.one_of("state", places), row.one_of("platform", names)
        if row.cells["unit"] != "share":
            row.fault(f"unit is '{row.cells['unit']}'", "'share'")
        keep(table, key, row.quantity(), row)
    return MappingProxyType(table)


@lru_cache(maxsize=4096)
def _median(platform: str, subregion: str, region: str, facts: Facts) -> Cell | None:
    """Return the median of the measured figures in a subregion, or in a region, or None where they are too few.

    The home of the platform does not count: what people use there says little about its neighbours.
    """
    home = facts.platforms[platform].home if platform in facts.platforms else ""
    places = load_places()
    measured = {code: share for code, share in _measured(facts).get(platform, {}).items() if code != home}
    for where in (subregion, region):
        found = [share for code, share in measured.items() if where in (places[code].subregion, places[code].region)]
        if len(found) >= ENOUGH:
            share = assumed(
                statistics.median(found), min(found), max(found), f"median of {len(found)} states in {where}"
            )
            return Cell(share, False, "median", where)
    return None


@lru_cache(maxsize=16)
def _measured(facts: Facts) -> Mapping[str, Mapping[str, float]]:
    """Return the measured shares by platform and state, without the states that block the platform."""
    blocks = {**facts.blocks, **_others(facts).blocks}
    table: dict[str, dict[str, float]] = {}
    for pair, share in {**_others(facts).shares, **facts.penetration}.items():
        if share.basis != "assumption" and pair[0] != REST_OF_WORLD and not is_shut(blocks, pair):
            table.setdefault(pair[1], {})[pair[0]] = share.value
    return table


@lru_cache(maxsize=512)
def _rest(platform: str, facts: Facts) -> Cell:
    """Return what is left of the use in the rest of the world after the states that have a figure."""
    if (REST_OF_WORLD, platform) not in facts.penetration:
        return _unused("not used in the rest of the world")
    figures, users = _others(facts).shares, other_figures(facts.name)
    known = {s: (users[s, "internet_users"].value, q.value) for (s, name), q in figures.items() if name == platform}
    return Cell(share_left(facts, platform, known), False, "rest")


def share_left(facts: Facts, platform: str, known: Mapping[str, tuple[float, float]]) -> Quantity:
    """Return the use of a platform in the rest of the world without some of its states.

    Parameters
    ----------
    facts : Facts
    platform : str
        One that the rest of the world uses.
    known : mapping of str to (float, float)
        Internet users of each of the states [persons], and the share of them who use it [1].
    """
    share, users = facts.penetration[REST_OF_WORLD, platform], facts.states[REST_OF_WORLD].internet_users.value
    others = users - sum(people for people, _ in known.values())
    if others <= 0:
        return share
    value = (users * share.value - sum(people * part for people, part in known.values())) / others
    value = min(1.0, max(0.0, value))
    low, high = value * share.low / share.value, min(1.0, value * share.high / share.value)
    return assumed(value, low, high, "what is left of the rest of the world")


def _unused(why: str) -> Cell:
    """Return the cell of a platform that is not used in a state."""
    return Cell(assumed(0.0, 0.0, 0.0, why), False, "none")
