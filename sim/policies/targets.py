"""Targets in the words of users: a platform, a firm, a kind, a home country, all, and exceptions.

A name is looked up in this order: a platform with exactly this spelling, a kind in small letters, a
platform, a firm with all its platforms, an alias of a platform. So `Messenger` is the platform and
`messenger` the kind, `Amazon` the shop and `Meta` all platforms of Meta.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from ..errors import Code, did_you_mean
from ..facts import find_platform, load_facts
from ..facts.history import PlatformEvent
from ..facts.platforms import KindRow, UnmodelledRow
from ..facts.states import find_place
from ..facts.tables import fold, read
from ..facts.worlds import available_facts, load_world
from .values import Names, OneOrMore, one_or_more, platform_name, refuse, shown

if TYPE_CHECKING:
    from ..facts import Facts
    from ..facts.model import PlatformFact
    from ..people.setting import Setting

EVERY_PLATFORM = "all"
"""The name for all platforms of the day."""
WITHOUT = "except"
SELECTS = {
    "firm": "a firm: all its platforms",
    "kind": "a kind of platform: messenger, feed, video ...",
    "home": "a state: the platforms whose owner answers to its law",
    WITHOUT: "names of the excluded platforms",
}
"""Keys of a selection and their values; a platform must match all given keys."""


_KINDS_CALLED = {
    "email": "mail",
    "e-mail": "mail",
    "mails": "mail",
    "clouds": "cloud",
    "cards": "card",
    "bank": "banks",
    "office software": "office",
    "phones": "operating system",
    "operating systems": "operating system",
    "app stores": "store",
    "stores": "store",
}
"""Folded names of services that have no figures -> the word in the table."""


class Traits(NamedTuple):
    """Properties by which targets select platforms."""

    owner: str
    home: str
    kind: str


@dataclass(frozen=True)
class Catalogue:
    """The platforms among which targets choose.

    Attributes
    ----------
    traits : mapping of str to Traits
        Traits by name of platform, in the order of the world.
    find : callable
        Returns the name of a platform given by any of its names; None when unknown.
    find_state : callable
        Returns the code of a state given by any of its names; None when unknown.
    aliases : tuple of str
        Other names of the platforms, for did-you-mean.
    """

    traits: Mapping[str, Traits]
    find: Callable[[str], str | None]
    find_state: Callable[[str], str | None]
    aliases: tuple[str, ...] = ()

    def named(self, text: str) -> list[str]:
        """Return the platforms for a name; empty if it is unknown."""
        if text in self.traits:
            return [text]
        if text == EVERY_PLATFORM:
            return list(self.traits)
        known = {fold(name): name for name in self.traits}
        own_name = known.get(fold(text))
        if of_kind := self.of("kind", text):
            return of_kind
        if own_name is not None:
            return [own_name]
        found = self.find(text)
        return self.of("firm", text) or (
            [found] if found is not None and found in self.traits else []
        )

    def of(self, key: str, text: str) -> list[str]:
        """Return the platforms of a firm, a kind or a home country."""
        match key:
            case "firm":
                return [name for name, has in self.traits.items() if fold(has.owner) == fold(text)]
            case "kind":
                return [name for name, has in self.traits.items() if has.kind == text]
            case _:
                code = self.find_state(text)
                return [name for name, has in self.traits.items() if has.home == code]

    def words(self) -> list[str]:
        """Return the names of platforms, firms and kinds, for did-you-mean."""
        rows = self.traits.items()
        own = {word for name, has in rows for word in (name, has.owner, has.kind)}
        return sorted(own | set(self.aliases))

    def meant(self, items: Sequence[Any]) -> list[Any]:
        """Return the platforms for a list of targets.

        Parameters
        ----------
        items : sequence
            Names, and selections: mappings with the keys of `SELECTS`. A selection with only
            exceptions applies to the other items of the list, or alone to all platforms.

        Returns
        -------
        list
            Each platform once, unless two of its names are listed. Unknown names stay unchanged in
            the list for a later check.

        Raises
        ------
        PydanticCustomError
            If a selection cannot be read, or contains no platform.
        """
        groups: list[list[Any]] = []
        left_out: set[str] = set()
        excepted: list[str] = []
        for item in items:
            if isinstance(item, Mapping) and len(items) > 1 and set(item) == {WITHOUT}:
                left_out |= self._left_out(item[WITHOUT])
                excepted += _texts(WITHOUT, item[WITHOUT])
            elif isinstance(item, Mapping):
                groups.append(self._selected(item))
            else:
                groups.append(self.named(item) if isinstance(item, str) else [])
                groups[-1] = groups[-1] or [item]
        found = [name for group in groups for name in group if isinstance(name, str)]
        if not all(name in self.traits for name in found) or len(found) < len(groups):
            return [group[0] for group in groups]
        single = [group[0] for group in groups if len(group) == 1]
        if len(single) != len(set(single)):
            return single
        self._refuse_idle(excepted, found)
        return [name for name in dict.fromkeys(found) if name not in left_out]

    def _selected(self, item: Mapping[str, Any]) -> list[str]:
        """Return the platforms of one selection."""
        if not item:
            allowed = "a name, or such as {home: US, except: [Wikipedia]}"
            raise refuse("an empty selection", allowed, "", Code.TYPE)
        for key in item:
            if key not in SELECTS:
                hint = did_you_mean(str(key), SELECTS)
                allowed = f"{', '.join(SELECTS)}"
                raise refuse(f"unknown key '{key}'", allowed, hint, Code.UNKNOWN_KEY)
        chosen = list(self.traits)
        for key in ("firm", "kind", "home"):
            if key in item:
                wanted = {name for text in _texts(key, item[key]) for name in self._one(key, text)}
                chosen = [name for name in chosen if name in wanted]
        left_out = self._left_out(item.get(WITHOUT, ()))
        self._refuse_idle(_texts(WITHOUT, item.get(WITHOUT, ())), chosen)
        chosen = [name for name in chosen if name not in left_out]
        if not chosen:
            keys = item.items()
            said = ", ".join(f"{key}: {shown(value)}" for key, value in keys if key != WITHOUT)
            kept = f"of {said}, the exceptions leave no platform"
            found = kept if left_out else f"no platform of that day has {said}"
            raise refuse(found, "at least one platform")
        return chosen

    def _one(self, key: str, text: str) -> list[str]:
        """Return the platforms of a firm, a kind or a home country that must have some."""
        found = self.of(key, text)
        if found:
            return found
        if key == "home" and self.find_state(text) is not None:
            raise refuse(f"no platform of that day is at home in {text}", "another state")
        if key != "home" and (no := _not_modelled(text)):
            raise no
        known: set[str] = set()
        if key == "firm":
            known = {has.owner for has in self.traits.values()}
        elif key == "kind":
            known = {has.kind for has in self.traits.values()} & set(read(KindRow))
        allowed = f"one of {', '.join(sorted(known))}" if known else "a state by code or name"
        raise refuse(
            f"unknown {key} '{text}'", allowed, did_you_mean(text, known), Code.UNKNOWN_NAME
        )

    def _refuse_idle(self, excepted: Iterable[str], chosen: Sequence[str]) -> None:
        """Refuse exceptions that leave nothing out, because no target is meant by them."""
        idle = [text for text in excepted if set(chosen).isdisjoint(self.named(text))]
        if idle:
            found = f"except: {', '.join(idle)} has no effect: not among the targets"
            allowed = f"some of {', '.join(chosen)}"
            raise refuse(found, allowed, f"leave {', '.join(idle)} out of 'except'")

    def _left_out(self, value: object) -> set[str]:
        """Return the platforms of the exceptions."""
        left_out: set[str] = set()
        for text in _texts(WITHOUT, value):
            found = self.named(text)
            if not found and (no := _not_modelled(text)):
                raise no
            if not found:
                hint = did_you_mean(text, self.words())
                raise refuse(
                    f"unknown platform '{text}'",
                    "a platform, a firm or a kind",
                    hint,
                    Code.UNKNOWN_NAME,
                )
            left_out.update(found)
        return left_out


def _texts(key: str, value: object) -> Iterable[str]:
    """Return the names in the value of a selection's key: one, or a list."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) for item in items):
        raise refuse(
            f"{key}: {shown(value)} is not a name", "a name, or a list of names", "", Code.TYPE
        )
    return items


def catalogue(names: Names) -> Catalogue:
    """Return the catalogue for the targets of a scenario.

    Parameters
    ----------
    names : Names
        The names in force: the platforms of the first day, and those that the scenario adds.
    """
    facts = names.facts.platforms
    traits = {name: Traits(fact.owner, fact.home, fact.kind) for name, fact in facts.items()}
    for name, keys in names.changed.items():
        before = traits.get(name, Traits(name, "US", "mixed"))
        code = names.state(keys["home"]) if "home" in keys else None
        traits[name] = Traits(
            keys.get("owner", before.owner), code or before.home, keys.get("kind", before.kind)
        )
    aliases = tuple(word for fact in facts.values() for word in fact.aliases)
    return Catalogue(traits, names.platform, names.state, aliases)


def catalogue_of(platforms: Mapping[str, PlatformFact], facts: Facts) -> Catalogue:
    """Return the catalogue for the targets of a world, in the given order."""
    traits = {name: Traits(has.owner, has.home, has.kind) for name, has in platforms.items()}
    return Catalogue(traits, lambda text: find_platform(text, facts), find_place)


def catalogue_of_setting(setting: Setting) -> Catalogue:
    """Return the catalogue of a running world."""
    return catalogue_of({n: setting.platform_facts[n] for n in setting.platforms}, setting.facts)


def _meant(value: object, info: ValidationInfo) -> object:
    """Replace targets by names of platforms, if the names are known."""
    items = one_or_more([value] if isinstance(value, Mapping) else value)
    known = isinstance(info.context, Names) and isinstance(items, list | tuple)
    return catalogue(info.context).meant(items) if known else items  # type: ignore[arg-type]


def unmodelled(
    firms: Sequence[str], homes: Collection[str] = (), spared: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Return the services without figures in the tables of some firms, or of the firms at home in
    some states but those `spared`; and their app stores, which have an order of their own.
    """
    named = {*map(fold, firms)}
    left_out = {*map(fold, spared)}
    rows = [
        row
        for row in read(UnmodelledRow).values()
        if (fold(row.firm) in named or (not firms and row.home in homes))
        and fold(row.firm) not in left_out
    ]
    stores = [row.service for row in rows if row.what == "app store"]
    return [row.service for row in rows if row.service not in stores], stores


def _not_modelled(text: str) -> PydanticCustomError | None:
    """Return the error for a service, a firm or a kind of services that orders name but that have
    no figures in the tables.
    """
    rows = read(UnmodelledRow).values()
    name = fold(text)
    for row in rows:
        if name in map(fold, (row.service, *row.also)):
            what = f"{row.service} ({row.what}, of {row.firm})"
            return _unavailable(f"{what} is not a platform of the facts", row)
    if own := [row for row in rows if name == fold(row.firm)]:
        services = ", ".join(row.service for row in own)
        return _unavailable(f"{own[0].firm} ({services}) has no platform in the facts", own[0])
    kind = _KINDS_CALLED.get(name, name)
    if alike := [row for row in rows if kind in (fold(row.what), *map(fold, row.what.split()))]:
        services = ", ".join(row.service for row in alike)
        return _unavailable(f"{text} ({services}) is not a kind of platform of the facts", alike[0])
    return None


def _unavailable(found: str, row: UnmodelledRow) -> PydanticCustomError:
    """Return the error for a service without figures: what is missing, and what to write."""
    if row.instead:
        return refuse(found, row.instead, "", Code.UNAVAILABLE)
    hint = "leave it out"
    if row.used:
        own = f"world.platforms.{_as_key(row.service)} with owner, home, kind and penetration"
        hint = f"{hint}, or state it in a scenario file (with new: --from-example FILE): {own}"
    allowed = "a platform of the facts"
    return refuse(f"{found}: {row.missing} is missing", allowed, hint, Code.UNAVAILABLE)


def _as_key(name: str) -> str:
    """Return a name in the form for the path of a key."""
    return f"'{name}'" if " " in name else name


def firm_then(text: str, firms: Iterable[str], facts: Facts | None = None) -> str:
    """Return what helps with the name of a firm of another day: its name in this world, such as
    Facebook for Meta in 2020, or the platforms that were once its own; empty if there are none.

    Parameters
    ----------
    text : str
    firms : iterable of str
        The owners of the platforms of the day.
    facts : Facts, optional
        The world; without it, platforms are not searched.
    """
    known = {fold(word): word for word in firms}
    renamed = (pair for world in available_facts() for pair in load_world(world).renamed.items())
    for one, other in renamed:
        for name, then in ((one, other), (other, one)):
            if fold(name) == fold(text) and fold(then) in known:
                return f"in this world the firm is called '{known[fold(then)]}'"
    platforms = load_facts(facts.name, named=True).platforms if facts is not None else {}
    own = {name for name, fact in platforms.items() if fold(fact.owner) == fold(text)}
    own |= {row.platform for row in read(PlatformEvent).values() if fold(row.to) == fold(text)}
    names = [name for name in platforms if name in own]
    return f"the platforms of that firm in the tables: {', '.join(names)}" if names else ""


def _known(text: str, info: ValidationInfo) -> str:
    """Resolve the name of a platform; the error for an unknown one suggests the nearest platform,
    firm or kind.
    """
    names = info.context
    if isinstance(names, Names) and names.platform(text) is None and (no := _not_modelled(text)):
        raise no
    try:
        return platform_name(text, info)
    except PydanticCustomError as error:
        context = dict(error.context or {})
        if not isinstance(names, Names):
            raise
        known = catalogue(names)
        firms = {has.owner for has in known.traits.values()}
        hint = firm_then(text, firms, names.facts) or did_you_mean(text, known.words())
        if not str(context.get("found")).startswith("unknown platform"):
            raise
        hint = hint or "splinternet list platforms and splinternet list firms have their names"
        allowed = "a platform, a firm or a kind of platform"
        raise refuse(context["found"], allowed, hint, Code.UNKNOWN_NAME) from None


TargetName = Annotated[str, Field(json_schema_extra={"x-names": "target"}), AfterValidator(_known)]
Targets = Annotated[OneOrMore[TargetName], BeforeValidator(_meant)]
