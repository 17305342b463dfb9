"""Calls: on which platforms voice or video gets through to a person, for kin who do not write."""

from __future__ import annotations

from numba import int64

from sim.chance import uniform
from sim.facts.model import MODES
from sim.kernels import kernel, leaf, lowest
from sim.mechanisms.settings import Cells, Columns, Luck, Rows

VOICE, VIDEO = MODES.index("voice"), MODES.index("video")


@leaf
def calls_work(i: int, p: int, access: Cells, c: Columns, people: Rows, luck: Luck) -> bool:
    """Return whether a person can call on a platform: it carries calls, and they get through directly or by VPN."""
    if c.platform[p].mode_weight[VOICE] + c.platform[p].mode_weight[VIDEO] <= 0.0:
        return False
    cell = access[people[i].state, p]
    provider = uniform(luck.provider, i)
    if provider >= 1.0 - max(cell.reach[VOICE], cell.reach[VIDEO]):
        return True
    if people[i].vpn == 0 or (cell.dark > 0.0 and provider < cell.dark):
        return False
    return uniform(luck.vpn, i) < cell.vpn_share


@kernel
def can_call(i: int, p: int, access: Cells, c: Columns, people: Rows, luck: Luck) -> bool:
    """Return what `calls_work` returns, to Python code."""
    return calls_work(i, p, access, c, people, luck)


@leaf
def with_calls(i: int, j: int, platforms: int, access: Cells, c: Columns, people: Rows, luck: Luck) -> int:
    """Return those of some platforms (bits) on which both of two people can call."""
    found, left = int64(0), platforms
    while left != 0:
        p = lowest(left)
        left &= left - 1
        if calls_work(i, p, access, c, people, luck) and calls_work(j, p, access, c, people, luck):
            found |= int64(1) << p
    return found
