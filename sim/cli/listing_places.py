"""States and platforms as rows and as details, on any day: the data behind ``list states`` and ``show Nepal``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from ..facts import Facts, Quantity, load_facts
from ..facts.loading import facts_on
from ..facts.model import REST_OF_WORLD, BlockFact
from ..facts.people import largest_diasporas
from ..facts.platforms import blocks_elsewhere, use_anywhere
from ..facts.states import find_place, known_states, load_places, state_anywhere
from ..facts.worlds import available_facts, load_world, nearest_world

type Pairs = list[tuple[str, object]]

_SHOWN = 5
"""So many diasporas are shown each way."""
_LEAST_USE = 0.01
"""Share of Internet users from which on a platform is shown [1]."""


def facts_of_day(on: date | None) -> Facts:
    """Return the facts to show: the nearest world as of a day, or the newest world on its own day.

    Parameters
    ----------
    on : datetime.date or None
    """
    if on is not None:
        return facts_on(nearest_world(on), on)
    return load_facts(max(available_facts(), key=lambda name: load_world(name).day or date.min))


def rows(facts: Facts) -> list[Sequence[object]]:
    """Return a row for each state: code, name, region, residents, Internet users, VPN share and how it is known."""
    places, found = load_places(), list[Sequence[object]]()
    for code in known_states(facts):
        state = state_anywhere(code, facts)
        region = places[code].subregion if code in places else ""
        users, vpn = state.internet_users.value, state.vpn_share.value
        how = "in detail" if code in facts.states else "when named"
        found.append((code, state.name, region, state.population.value, users, vpn, how))
    return found


def entry(name: str, facts: Facts) -> tuple[str, Pairs] | None:
    """Return the English name of a state and what is known of it on the facts' day; None where no state has that name.

    Parameters
    ----------
    name : str
        Code, English name or alias.
    facts : Facts
        As of a day.
    """
    code = find_place(name)
    if code is None:
        return None
    state, place = state_anywhere(code, facts), load_places().get(code)
    pairs: Pairs = [("code", code), ("aliases", state.aliases)]
    if place is not None:
        pairs += [("region", f"{place.subregion}, {place.region}"), ("languages", place.languages)]
    for field in ("population", "internet_users", "gdp_per_head", "ios_share", "vpn_share"):
        pairs.append((field.replace("_", " "), shown(getattr(state, field))))
    if code != REST_OF_WORLD:
        pairs.append(("lives abroad", _people(largest_diasporas(code, facts, _SHOWN))))
        pairs.append(("came from", _people(largest_diasporas(code, facts, _SHOWN, side=0))))
    pairs.append(
        (f"blocked on {facts.day}", [_block(pair[1], fact) for pair, fact in _blocks(facts) if pair[0] == code])
    )
    pairs.append(("used by", "share of its internet users in a month"))
    shares = {name: use_anywhere(code, name, facts) for name in facts.platforms}
    used = sorted((n for n, share in shares.items() if share.value >= _LEAST_USE), key=lambda n: -shares[n].value)
    pairs += [(name, _use(shares[name])) for name in used]
    measured = sum(shares[name].basis != "assumption" for name in used)
    pairs.append(("measured", f"{measured} of these {len(used)} figures; the others are assumptions"))
    return state.name, [(key, value) for key, value in pairs if value not in ((), [], "")]


def shown(quantity: Quantity) -> str:
    """Return a quantity in words: value, range, unit, basis, source."""
    number = "{:,.0f}" if abs(quantity.value) >= 1000 else "{:g}"
    value, low, high = (number.format(part) for part in (quantity.value, quantity.low, quantity.high))
    source = quantity.source.removeprefix(f"{quantity.basis}: ")
    return f"{value} ({low} to {high}) {quantity.unit}; {quantity.basis}: {source}"


def _use(share: Quantity) -> str:
    """Return the use of a platform in words, and how it is known."""
    value, low, high = (f"{part:.3g}" for part in (share.value, share.low, share.high))
    source = share.source.removeprefix(f"{share.basis}: ")
    return f"{value} ({low} to {high}); {'measured' if share.basis != 'assumption' else 'assumption'}: {source}"


def _people(found: Sequence[tuple[str, float]]) -> list[str]:
    """Return diasporas in words: ``India 733,734``."""
    places = load_places()
    return [f"{places[code].name} {people:,.0f}" for code, people in found]


def _block(platform: str, fact: BlockFact) -> str:
    """Return a block in words."""
    return f"{platform} ({fact.technique}, since {fact.since})"


@lru_cache(maxsize=4)
def _blocks(facts: Facts) -> tuple[tuple[tuple[str, str], BlockFact], ...]:
    """Return all blocks in force, those in states that are not detailed among them."""
    return tuple(sorted({**blocks_elsewhere(facts), **facts.blocks}.items()))
