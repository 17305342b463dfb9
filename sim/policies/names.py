"""Names of states, platforms, stores, clouds and policies: how they are resolved while a scenario is read.

They are looked up in a :class:`Names`, which is passed as pydantic's validation context. Without a context, for example
in a test, names are kept as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import ValidationInfo
from pydantic_core import PydanticCustomError

from sim.errors import Code, did_you_mean
from sim.facts import Facts, find_platform, find_state
from sim.facts.model import REST_OF_WORLD, TECHNIQUES
from sim.facts.names import fold
from sim.groups import Group, is_within


def refuse(found: str, allowed: str, hint: str = "", code: Code = Code.INVALID) -> PydanticCustomError:
    """Return the error that a validator raises: what was found, what is allowed, how to mend it, and its kind."""
    context = {"found": found, "allowed": allowed, "hint": hint, "code": code.value}
    return PydanticCustomError("refused", "{found}; {allowed}", context)


def unknown(what: str, text: str, allowed: str, hint: str) -> PydanticCustomError:
    """Return the error of a name that does not exist."""
    return refuse(f"unknown {what} '{text}'", allowed, hint, Code.UNKNOWN_NAME)


@dataclass(frozen=True)
class Names:
    """The names that a scenario may use: those of its facts, and those it adds.

    Attributes
    ----------
    facts : Facts
        The fact tables of the scenario's world.
    states, platforms : mapping
        What the scenario itself adds: any spelling, folded -> the canonical name.
    policies : tuple of str
        The ids of the scenario's policies.
    communities : tuple of str
        The communities that the scenario adds: ``CN:Tibetans``.
    """

    facts: Facts
    states: Mapping[str, str] = field(default_factory=dict)
    platforms: Mapping[str, str] = field(default_factory=dict)
    policies: tuple[str, ...] = ()
    communities: tuple[str, ...] = ()

    def state(self, text: str) -> str | None:
        """Return the alpha-2 code of a state given by code, name or alias; None when unknown."""
        known = find_state(text, self.facts) or self.states.get(fold(text))
        if known is not None:
            return known
        from sim.facts.places import find_place  # here and below: most scenarios load faster without it

        return find_place(text)

    def origin(self, text: str) -> str | None:
        """Return where a group comes from, a state or a community (``CN:Tibetans``), None when unknown."""
        try:
            group = Group.read(text)
        except ValueError:
            return None
        code = self.state(group.residence)
        if code is None or not group.community:
            return code
        named = str(replace(group, residence=code, origin=code))
        return named if named in self.communities else None

    def platform(self, text: str) -> str | None:
        """Return the canonical name of a platform given by name or alias; None when unknown."""
        return find_platform(text, self.facts) or self.platforms.get(fold(text))

    def stores(self) -> tuple[str, ...]:
        """Return the names of the app stores that some platform depends on."""
        return tuple(sorted({store for fact in self.facts.platforms.values() for store in fact.stores}))

    def clouds(self) -> tuple[str, ...]:
        """Return the names of the clouds that some platform runs on, or that the facts know."""
        from sim.facts.network import load_network

        return tuple(cloud.name for cloud in load_network(self.facts.name).clouds.values() if cloud.kind == "cloud")

    def hosts(self) -> tuple[str, ...]:
        """Return the names of all clouds and networks of delivery that the facts know."""
        from sim.facts.network import load_network

        return tuple(host.name for host in load_network(self.facts.name).clouds.values() if host.kind != "store")

    def makers(self) -> tuple[str, ...]:
        """Return the makers of phones whose share the facts know."""
        from sim.facts.trade import load_trade

        return tuple(sorted({maker for _, maker in load_trade(self.facts.name).makers}))

    def spellings(self, kind: str) -> list[str]:
        """Return every spelling of the states (``kind="state"``) or platforms, for did-you-mean."""
        if kind == "state":
            from sim.facts.places import load_places

            known = [(code, place.name, *place.aliases) for code, place in load_places().items()]
            return [spelling for spellings in known for spelling in spellings] + list(self.states.values())
        named = [(name, *fact.aliases) for name, fact in self.facts.platforms.items()]
        return [spelling for spellings in named for spelling in spellings] + list(self.platforms.values())


def names_of(info: ValidationInfo) -> Names | None:
    """Return the names in force, or None outside the reading of a scenario."""
    return info.context if isinstance(info.context, Names) else None


def state_code(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a state to its alpha-2 code."""
    names = names_of(info)
    code = names.state(text) if names else text
    if code is None and names is not None:
        hint = did_you_mean(text, names.spellings("state")) or "splinternet list states names them"
        raise unknown("state", text, "an ISO 3166 alpha-2 code or an English name", hint)
    return code or text


def origin_name(text: str, info: ValidationInfo) -> str:
    """Resolve where a group comes from: a state, or a community within one."""
    names = names_of(info)
    found = names.origin(text) if names is not None else text
    if names is None or found is not None:
        return found or text
    if not is_within(text):
        return state_code(text, info)
    allowed = "a community of world.communities: " + (", ".join(names.communities) or "there is none")
    raise unknown("community", text, allowed, did_you_mean(text, names.communities))


def deciding_state(text: str, info: ValidationInfo) -> str:
    """Resolve a state that can decide: the rest of the world cannot."""
    code = state_code(text, info)
    if code == REST_OF_WORLD:
        raise refuse("the rest of the world (XX) has no government", "one of the other states")
    return code


def platform_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a platform to its canonical name."""
    names = names_of(info)
    name = names.platform(text) if names else text
    if name is None and names is not None:
        from sim.facts.dated import platform_not_there

        if gone := platform_not_there(text, names.facts):
            raise refuse(*gone, Code.UNKNOWN_NAME)
        hint = did_you_mean(text, names.spellings("platform")) or "splinternet list platforms names them"
        raise refuse(
            f"unknown platform '{text}'",
            f"a platform of {names.facts.name} or of world.platforms",
            hint,
            Code.UNKNOWN_NAME,
        )
    return name or text


def store_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of an app store."""
    names = names_of(info)
    return _one_of("store", text, names.stores() if names else ())


def cloud_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a cloud on which a platform runs."""
    names = names_of(info)
    return _one_of("cloud", text, names.clouds() if names else ())


def carrier_name(text: str, info: ValidationInfo) -> str:
    """Check the name of a carrier or a firm, or an AS number; it stays as it is written."""
    from sim.facts.network import find_carriers, load_network

    names = names_of(info)
    if names is not None:
        network = load_network(names.facts.name)
        if not find_carriers(text, network):
            known = [word for c in network.carriers.values() for word in (c.name, *c.aliases, c.owner)]
            hint = did_you_mean(text, known) or "splinternet list carriers names them"
            raise refuse(
                f"unknown carrier '{text}'", "a carrier's name, a firm or an AS number", hint, Code.UNKNOWN_NAME
            )
    return text


def no_carrier_twice(items: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Refuse a carrier that appears twice in a list, by its number and by its name, say."""
    from sim.facts.network import find_carriers, load_network

    names = names_of(info)
    if names is None or len(items) < 2:
        return items
    network = load_network(names.facts.name)
    first: dict[frozenset[int], str] = {}
    for item in items:
        found = frozenset(find_carriers(item, network))
        if found in first:
            raise refuse(f"'{item}' and '{first[found]}' are the same", "each carrier once", code=Code.DUPLICATE)
        first[found] = item
    for part, item in first.items():
        whole = next((name for numbers, name in first.items() if part < numbers), None)
        if whole is not None:
            raise refuse(f"'{item}' is a carrier of '{whole}'", "each carrier once", code=Code.DUPLICATE)
    return items


def cable_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a cable."""
    from sim.facts.network import find_cable, load_network

    names = names_of(info)
    if names is None:
        return text
    network = load_network(names.facts.name)
    found = find_cable(text, network)
    if found is None:
        known = [word for cable in network.cables.values() for word in (cable.name, *cable.aliases)]
        hint = did_you_mean(text, known) or "splinternet list cables names them"
        raise unknown("cable", text, "a cable or land crossing of the facts", hint)
    return found


def maker_name(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a maker of phones."""
    names = names_of(info)
    return _one_of("maker of phones", text, names.makers() if names else ())


def _one_of(what: str, text: str, known: tuple[str, ...]) -> str:
    """Resolve a name among those known, whatever its case; every name will do where none is known."""
    found = {name.casefold(): name for name in known}.get(text.strip().casefold())
    if found is None and known:
        raise refuse(
            f"unknown {what} '{text}'", "one of " + ", ".join(known), did_you_mean(text, known), Code.UNKNOWN_NAME
        )
    return found or text


def policy_id(text: str, info: ValidationInfo) -> str:
    """Check that a policy with this id stands in the scenario."""
    names = names_of(info)
    if names is not None and text not in names.policies:
        allowed = "the id of another policy in this scenario: " + (", ".join(names.policies) or "there is none")
        raise refuse(f"no policy has the id '{text}'", allowed, did_you_mean(text, names.policies), Code.UNKNOWN_ID)
    return text


def technique_name(text: str) -> str:
    """Check the name of a technique."""
    if text not in TECHNIQUES:
        raise refuse(
            f"unknown technique '{text}'",
            "one of " + ", ".join(TECHNIQUES),
            did_you_mean(text, TECHNIQUES),
            Code.UNKNOWN_NAME,
        )
    return text
