"""How fast and how far an order reaches people: its author sets the pace at each provider, and its technique the reach.

The rule is the same for all events. There are three classes of providers: mobile networks, the incumbent, and small
ones. Each has a lag by kind of order; within a class lags are log-normal.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import NormalDist

_BOXES, _BY_ITSELF = "boxes", ""
_USUAL = {"isp": "register", "dns": "regulator", "dpi": _BOXES, "calls_only": _BOXES, "geoblock": _BY_ITSELF}
"""Who sets the pace by default, by technique; national boxes and the platform itself need no provider."""
_BY_PLATFORM = frozenset({"geoblock"})
"""What the platform itself enforces."""
_SPREAD = 0.5
"""Spread of the logarithm of lags within a class (assumption)."""


def in_force_at(order: str | None, technique: str, days: int, deadline: int | None, q: Mapping[str, float]) -> float:
    """Return the share of lines at which an order is in force [share].

    Parameters
    ----------
    order : str, optional
        Who gave it: one of `sim.facts.model.ORDERS`. It matters for what providers enforce by themselves, ``dns`` and
        ``isp``.
    technique : str
    days : int
        Days in force, 0 on the first.
    deadline : int, optional
        Days after the first on which every provider must have carried it out.
    q : mapping
        Parameters.
    """
    kind = order if order and technique in ("dns", "isp") else _USUAL[technique]
    if kind == _BY_ITSELF or (deadline is not None and days >= deadline):
        return 1.0
    mobile, incumbent = q["enforce.mobile_share"], q["enforce.incumbent_share"]
    shares = {"mobile": mobile, "incumbent": incumbent, "small": max(0.0, 1.0 - mobile - incumbent)}
    reached = 0.0
    for name, share in shares.items():
        lag = q[f"enforce.{kind}.{name}_days"]
        reached += share * (1.0 if lag <= 0.0 else NormalDist().cdf(math.log((days + 1) / lag) / _SPREAD))
    return min(1.0, round(reached / sum(shares.values()), 2))  # in steps, so that not every day is news


def covers(order: str | None, technique: str, evasion: float, q: Mapping[str, float]) -> float:
    """Return the share of people whom a technique keeps from a platform where it is in force [share].

    Parameters
    ----------
    order, technique
        As above. A court names the firms that must obey, so more of them do.
    evasion : float
        How far the platform's own counter-measures go; what works against lists of addresses hardly does against boxes.
    q : mapping
        Parameters.
    """
    coverage = q[f"technique.{technique}.coverage"]
    if order == "court" and technique == "isp":
        coverage = 1.0 - q["enforce.court.gap"] * (1.0 - coverage)
    return coverage * (1.0 - q[f"technique.{technique}.evaded"] * evasion)


def working_tools(technique: str, days: int, q: Mapping[str, float]) -> float:
    """Return the share of VPNs through which a blocked platform works, so many days after the block began [share].

    Those whose tool does not get through find one that does, as those do whose tool is closed by a ban: the fewer tools
    get through, the later, and where none does, never. What a platform itself refuses, by account and SIM card, no
    other tool opens.
    """
    works = q[f"technique.{technique}.vpn_share"]
    return works if technique in _BY_PLATFORM else works + (1.0 - works) * replaced_tools(works * days, q)


def replaced_tools(days: float, q: Mapping[str, float]) -> float:
    """Return the share of VPNs that stopped working and have been replaced, so many days later [share]."""
    come = round(1.0 - math.exp(-days / max(1e-9, q["vpn.replace_days"])), 1)  # in steps, so that not every day is news
    return (1.0 - q["vpn.closed_for_good"]) * come
