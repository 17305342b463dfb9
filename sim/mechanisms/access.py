"""The access table: what a person in a state finds when opening a platform today.

It is stateless: each day starts from the table of the first day and applies what is in force, so that when a rule ends
access is back to the bit. Where rules meet, the strictest counts, whatever their order.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

MODES = ("text", "voice", "video", "post", "pay")
TALK = ("text", "voice", "video")
DEVICES = ("Apple", "Android")


class AccessTable(NamedTuple):
    """Access by state (S) and platform (P), on one day.

    Attributes
    ----------
    reach : numpy.ndarray, shape (S, P, modes)
        Share of the state's people whom each mode reaches without a workaround.
    speed : numpy.ndarray, shape (S, P)
        Speed left when reached directly, 1 for full.
    install : numpy.ndarray, shape (S, P, devices)
        Share of phones on which the app can be installed or updated from a store.
    install_hazard, install_rate : numpy.ndarray, shape (S, P, devices)
        Hazard of having lost a working app, summed since it left the store [1], and the rate today [per day].
    vpn_share : numpy.ndarray, shape (S, P)
        Share of VPNs through which the platform works.
    vpn_speed : numpy.ndarray, shape (S, P)
        Speed left by VPN, 1 for full: a VPN neither shortens a route nor empties a crowded border.
    effort : numpy.ndarray, shape (S, P)
        Effort of the workaround against that for national filtering [share].
    threat : numpy.ndarray, shape (S, P)
        How far an announced loss is believed [share].
    rush : numpy.ndarray, shape (S, P)
        Extra installs by users before a dated ban [per day].
    price : numpy.ndarray, shape (S, P)
        What it costs to use a platform directly [marginal feed users' value].
    push : numpy.ndarray, shape (S, P)
        Rate at which people who lack a promoted platform take it up [per day].
    dark : numpy.ndarray, shape (S, P)
        Share of people for whom a platform does not work by whatever way: they are cut off, or no route leads there.
    sell : numpy.ndarray, shape (S, P)
        Share of a state's sellers who may sell on a platform.
    vpn_open : numpy.ndarray, shape (S,)
        Share of VPNs that work at all.
    silenced : numpy.ndarray, shape (S, P)
        Share of accounts and content that the platform keeps from the state's people on the state's order [share].
    penalty : numpy.ndarray, shape (S,)
        Expected cost of being caught with a workaround [marginal feed users' value].
    bridged : numpy.ndarray of int64, shape (S,)
        Messengers that talk to each other for a state's people, bits.
    """

    reach: np.ndarray
    speed: np.ndarray
    install: np.ndarray
    install_hazard: np.ndarray
    install_rate: np.ndarray
    vpn_share: np.ndarray
    vpn_speed: np.ndarray
    effort: np.ndarray
    threat: np.ndarray
    rush: np.ndarray
    price: np.ndarray
    push: np.ndarray
    dark: np.ndarray
    sell: np.ndarray
    vpn_open: np.ndarray
    silenced: np.ndarray
    penalty: np.ndarray
    bridged: np.ndarray


def open_table(states: int, platforms: int) -> AccessTable:
    """Return a table in which everything works."""
    pair = (states, platforms)
    return AccessTable(
        reach=np.ones((*pair, len(MODES))),
        speed=np.ones(pair),
        install=np.ones((*pair, len(DEVICES))),
        install_hazard=np.zeros((*pair, len(DEVICES))),
        install_rate=np.zeros((*pair, len(DEVICES))),
        vpn_share=np.ones(pair),
        vpn_speed=np.ones(pair),
        effort=np.zeros(pair),
        threat=np.zeros(pair),
        rush=np.zeros(pair),
        price=np.zeros(pair),
        push=np.zeros(pair),
        dark=np.zeros(pair),
        sell=np.ones(pair),
        vpn_open=np.ones(states),
        silenced=np.zeros(pair),
        penalty=np.zeros(states),
        bridged=np.zeros(states, np.int64),
    )


def copy_table(table: AccessTable) -> AccessTable:
    """Return an independent copy."""
    return AccessTable(*(column.copy() for column in table))


def same(one: AccessTable, other: AccessTable) -> bool:
    """Return whether two tables are equal in everything."""
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def bits(table: np.ndarray) -> np.ndarray:
    """Return one 64-bit number a state from a yes/no table of shape (S, P)."""
    powers = np.left_shift(np.int64(1), np.arange(table.shape[1], dtype=np.int64))
    return np.where(table, powers[None, :], np.int64(0)).sum(axis=1, dtype=np.int64)


def differs(one: AccessTable, other: AccessTable) -> np.ndarray:
    """Return where two days differ for the people there, shape (S, P).

    The summed install hazard grows every day by itself and is left out: its rate tells when people are affected.
    """
    result = np.zeros(one.speed.shape, np.bool_)
    for a, b in ((one.reach, other.reach), (one.install, other.install), (one.install_rate, other.install_rate)):
        for m in range(a.shape[2]):
            result |= a[:, :, m] != b[:, :, m]
    for a, b in (
        (one.speed, other.speed), (one.vpn_share, other.vpn_share), (one.effort, other.effort),
        (one.threat, other.threat), (one.price, other.price), (one.dark, other.dark),
        (one.vpn_speed, other.vpn_speed),
    ):  # fmt: skip
        result |= a != b
    closed = (one.vpn_open != other.vpn_open) | (one.penalty != other.penalty)
    if not closed.any():
        return result
    # A VPN that stops working matters only where something needs one.
    needs_vpn = (one.reach < 1).any(axis=2) | (other.reach < 1).any(axis=2)
    return np.asarray(result | (closed[:, None] & needs_vpn))
