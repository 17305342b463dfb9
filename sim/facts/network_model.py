"""The parts of the network: carriers, their links, cables, exchange points and clouds, each with a source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from sim.facts.model import Quantity

ROLES = ("tier1", "transit", "access", "mobile", "gateway", "research", "content")
SERVING = ("access", "mobile", "gateway", "tier1", "transit")
"""Roles that may carry people's access: a state's only big provider is often its gateway too."""
RELATIONS = ("provider", "peer")
ASSUMPTIONS = ("chinese_customers", "chinese_peers")
"""How the Chinese carriers stand to the top clique: as customers (the default), or as transit-free peers."""
LINK_BASES = ("cited", "clique", "stylised")
CONFIDENCES = ("high", "medium", "low")
CABLE_KINDS = ("submarine", "land")
CABLE_STATUSES = ("in service", "planned", "retired")
CLOUD_KINDS = ("cloud", "store")


@dataclass(frozen=True)
class CarrierFact:
    """One network that carries others' traffic, its people's, or its own content.

    Attributes
    ----------
    asn : int
        Autonomous system number.
    name : str
        The name that results use.
    aliases : tuple of str
        Other names that are accepted as input; ``AS<number>`` always is.
    owner : str
        The firm; carriers of one firm share it, so that a rule on the firm finds all of them.
    seat : str
        Alpha-2 code of the state whose law it answers to, any state of the world.
    state : str
        The same as a state of the facts: the seat, or ``XX`` where the facts do not have it.
    role : str
        One of :data:`ROLES`.
    state_share : Quantity
        Share of the firm that states own, directly or through their funds and firms [1].
    state_owner : str
        Alpha-2 code of the state that owns it; empty when none does.
    users_share : Quantity
        Share of the Internet users of ``state`` whose access it carries [1]; 0 for carriers that sell no access.
    source, basis, confidence : str
        For number, seat, owner and role; basis as in :data:`sim.facts.model.BASES`.
    note : str
        What a reader should know.
    where : str
        File and line of its row.
    """

    asn: int
    name: str
    aliases: tuple[str, ...]
    owner: str
    seat: str
    state: str
    role: str
    state_share: Quantity
    state_owner: str
    users_share: Quantity
    source: str
    basis: str
    confidence: str
    note: str = ""
    where: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class LinkFact:
    """How two carriers stand to each other.

    Attributes
    ----------
    a, b : int
        Numbers of the two carriers.
    relation : str
        ``provider``: a carries b's traffic to everywhere, for money; ``peer``: each carries the other's customers'.
    assumption : str
        One of :data:`ASSUMPTIONS` when the link holds under that one only; empty when it holds under both.
    basis : str
        ``cited`` (a publication says so), ``clique`` (both are in the top clique, whose members peer by definition) or
        ``stylised`` (ours: a carrier of that place and size has such a link).
    confidence, source, note, where : str
        As in :class:`CarrierFact`.
    """

    a: int
    b: int
    relation: str
    assumption: str
    basis: str
    confidence: str
    source: str
    note: str = ""
    where: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class CableFact:
    """A cable, or a land crossing, that joins states.

    Attributes
    ----------
    name, aliases
        As in :class:`CarrierFact`.
    kind : str
        One of :data:`CABLE_KINDS`.
    joins : tuple of str
        States of the facts that it joins; ``XX`` where it lands elsewhere.
    landings : tuple of str
        Alpha-2 codes of all the states where it lands, of any state of the world.
    capacity : Quantity
        What it can carry, as designed or as last upgraded before 2021 [Tbit/s].
    ready : int
        Year in which it was, or was to be, ready.
    status : str
        In August 2020, one of :data:`CABLE_STATUSES`.
    owners : tuple of str
        Firms that own or announced it.
    carriers : tuple of int
        Carriers of the facts that own or use it.
    source, basis, confidence, note, where : str
        As in :class:`CarrierFact`.
    """

    name: str
    aliases: tuple[str, ...]
    kind: str
    joins: tuple[str, ...]
    landings: tuple[str, ...]
    capacity: Quantity
    ready: int
    status: str
    owners: tuple[str, ...]
    carriers: tuple[int, ...]
    source: str
    basis: str
    confidence: str
    note: str = ""
    where: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class ExchangeFact:
    """An Internet exchange point, where carriers peer.

    Attributes
    ----------
    name, aliases, seat, state
        As in :class:`CarrierFact`.
    city : str
        Where its switches stand.
    members : tuple of int
        Those of the facts' carriers that are connected to it.
    source, basis, confidence, note, where : str
        As in :class:`CarrierFact`; they cover place and being there, and the members unless the note says otherwise.
    """

    name: str
    aliases: tuple[str, ...]
    seat: str
    state: str
    city: str
    members: tuple[int, ...]
    source: str
    basis: str
    confidence: str
    note: str = ""
    where: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True)
class CloudFact:
    """A cloud that hosts services, or a store that hands out applications.

    Attributes
    ----------
    name, aliases
        As in :class:`CarrierFact`; ``platforms.csv`` uses the names.
    owner : str
        The firm.
    home : str
        State of the facts whose law the owner answers to.
    kind : str
        One of :data:`CLOUD_KINDS`.
    carriers : tuple of int
        Carriers of the facts that are the cloud's own networks.
    source, basis, confidence, note, where : str
        As in :class:`CarrierFact`.
    """

    name: str
    aliases: tuple[str, ...]
    owner: str
    home: str
    kind: str
    carriers: tuple[int, ...]
    source: str
    basis: str
    confidence: str
    note: str = ""
    where: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, eq=False)
class NetworkFacts:
    """One set of tables of the network; mappings are read-only and ordered as their files.

    Attributes
    ----------
    name : str
        Folder name of the tables, such as ``world-2020``.
    states : tuple of str
        Codes of the states of the facts, in their order.
    carriers : mapping of int to CarrierFact
        By number.
    links : tuple of LinkFact
        Of all assumptions; :meth:`links_under` picks those of one.
    cables, exchanges, clouds : mapping of str to CableFact, ExchangeFact, CloudFact
        By name.
    """

    name: str
    states: tuple[str, ...]
    carriers: Mapping[int, CarrierFact]
    links: tuple[LinkFact, ...]
    cables: Mapping[str, CableFact]
    exchanges: Mapping[str, ExchangeFact]
    clouds: Mapping[str, CloudFact]

    def __post_init__(self) -> None:
        """Make the tables read-only: they are cached and shared by every scenario."""
        for item in fields(self):
            value = getattr(self, item.name)
            if isinstance(value, Mapping):
                object.__setattr__(self, item.name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[type[NetworkFacts], tuple[Any, ...]]:
        """Travel between processes as plain dictionaries: a read-only view cannot be pickled."""
        values = (getattr(self, item.name) for item in fields(self))
        return type(self), tuple(dict(value) if isinstance(value, Mapping) else value for value in values)

    def links_under(self, assumption: str = ASSUMPTIONS[0]) -> tuple[LinkFact, ...]:
        """Return the links that hold under one of :data:`ASSUMPTIONS`, those that hold under both among them."""
        return tuple(link for link in self.links if link.assumption in ("", assumption))

    def users_shares(self, state: str) -> dict[int, float]:
        """Return number -> share of a state's Internet users [1], for the carriers that serve people there."""
        found = {n: c.users_share.value for n, c in self.carriers.items() if c.state == state}
        return {asn: share for asn, share in found.items() if share > 0}

    def gateways(self, state: str, assumption: str = ASSUMPTIONS[0]) -> dict[int, tuple[int, ...]]:
        """Return the carriers of a state that cross its border, each with the foreign carriers it is linked to.

        Seats are compared, so that within ``XX`` every real state has a border of its own.

        Parameters
        ----------
        state : str
            Alpha-2 code: of a state of the facts, or the seat of a carrier elsewhere.
        assumption : str
            One of :data:`ASSUMPTIONS`.
        """
        across: dict[int, list[int]] = {}
        for link in self.links_under(assumption):
            for home, other in ((link.a, link.b), (link.b, link.a)):
                if self.carriers[home].seat == state != self.carriers[other].seat:
                    across.setdefault(home, []).append(other)
        return {asn: tuple(sorted(across[asn])) for asn in self.carriers if asn in across}
