"""How kin would find each other again: the traits of each pair, drawn on the first day.

Readiness, the need for help and the knowledge of telephone numbers are the same for all pairs of a household at home.
Readiness is correlated with the ability of the two people to use workarounds, which is higher for young and active
people.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import int64

from sim.chance import Key, Purpose, normal, stream, uniform
from sim.facts.watched import is_watched
from sim.kernels import kernel, leaf, part
from sim.people.kernel_types import NEVER_DAYS, Bonds, empty_bonds
from sim.world.agreement_rules import Draw, numbers_of
from sim.world.people import People
from sim.world.scope import Scope
from sim.world.setting import Setting
from sim.world.strata import Group
from sim.world.ties import Ties, households


class _Keys[T](NamedTuple):
    """Streams of chance, by what they are for."""

    household: T
    notice: T
    ready: T
    agree: T
    number: T
    route: T
    need: T
    helper: T
    by_phone: T
    follow: T
    phone: T
    plan: T
    exchange: T
    afraid: T
    youth: T
    caller: T
    knows: T
    account: T


_PURPOSES: _Keys[Purpose] = _Keys(
    household=Purpose.HOUSEHOLD, notice=Purpose.NOTICE, ready=Purpose.READY, agree=Purpose.AGREE,
    number=Purpose.NUMBER, route=Purpose.ROUTE, need=Purpose.NEED, helper=Purpose.HELPER, by_phone=Purpose.BY_PHONE,
    follow=Purpose.FOLLOW, phone=Purpose.PHONE, youth=Purpose.YOUTH, plan=Purpose.PLAN,
    exchange=Purpose.EXCHANGE, afraid=Purpose.AFRAID, caller=Purpose.CALLER, knows=Purpose.KNOWS,
    account=Purpose.ACCOUNT,
)  # fmt: skip
PLAN_DAYS = 45.0
"""Notice for which the share of pairs that plan is stated [days]."""
_SPREAD = 1.0
"""Spread of the logarithm of waiting times between pairs (assumption)."""
_READY, _HELP, _NUMBER, _HELPER, _PLAN = (int64(item) for item in range(5))
"""What a household shares: an item of its luck each; of one type, so that what uses them is compiled once."""


def make_bonds(
    people: People, groups: list[Group], ties: Ties, setting: Setting, scope: Scope, seed: int
) -> Bonds:  # fmt: skip
    """Draw what decides how each kin tie abroad comes back.

    Parameters
    ----------
    people : People
    groups : list of Group
    ties : Ties
    setting : Setting
    scope : Scope
        What each group can read, register for and knows of.
    seed : int
    """
    q, out = setting.parameters, empty_bonds(ties.diaspora_end.size)
    keys = _Keys[Key](*(stream(seed, purpose) for purpose in _PURPOSES))
    _find_known(
        ties.diaspora_end, ties.family_end, people.group, people.member, scope,
        1.0 - q["kin.account_barrier"], keys, out.usable, out.known,
    )  # fmt: skip
    spread = q["circumvention.effort_spread"]
    ease = -np.log(people.effort.astype(np.float64)) / spread if spread > 0 else np.zeros(len(people))
    bill = max(1e-9, 30.0 * q["phone.minutes"] * q["phone.price"])  # a month, of one conversation a day [US$]
    pays = _afford(groups, setting)[people.group[ties.diaspora_end]] / bill
    home = households(ties.family_end, groups, q["ties.kin_abroad"])
    fear = _fear(groups, setting)[people.group[ties.family_end]]
    _draw_bonds(
        ties.diaspora_end, ties.family_end, home, ties.conversations, Means(ease, pays, fear), numbers_of(q), keys, out,
    )  # fmt: skip
    return out


class Means(NamedTuple):
    """What sets people and pairs apart when they draw how they come back.

    Attributes
    ----------
    ease : numpy.ndarray, shape (people,)
        With workarounds; standard normal [1].
    pays : numpy.ndarray, shape (ties,)
        Conversations a day that half of those like the member abroad would pay for [1/day].
    fear : numpy.ndarray, shape (ties,)
        Share of households like the family's that take up no other channel [share].
    """

    ease: np.ndarray
    pays: np.ndarray
    fear: np.ndarray


def _fear(groups: list[Group], setting: Setting) -> np.ndarray:
    """Return the share of each group's households that take up no other channel with kin abroad [share]."""
    q = setting.parameters
    usual, watched = q["fear.kin_contact"], q["fear.kin_contact_watched"]
    return np.array([watched if is_watched(group.residence, group.community) else usual for group in groups])


def _afford(groups: list[Group], setting: Setting) -> np.ndarray:
    """Return what each group can spend on calls before half of its people do without [US$ a month]."""
    facts, share = setting.state_facts, setting.parameters["phone.bill_share"]
    return np.array([share * facts[group.residence].gdp_per_head.value / 12.0 for group in groups])


@kernel
def _find_known(
    a: np.ndarray, b: np.ndarray, group: np.ndarray, member: np.ndarray, scope: Scope, at_home: float, keys: _Keys[Key],
    usable: np.ndarray, known: np.ndarray,
) -> None:  # fmt: skip
    """Fill which platforms each pair could take up, and which of them either end has heard of."""
    for k in range(a.size):
        i, j = a[k], b[k]
        for p in range(scope.known.shape[1]):
            bit = np.int64(1) << p
            if not scope.talk & scope.reads[group[i]] & scope.reads[group[j]] & bit:
                continue
            if not _has_account(i, p, group, member, scope.registers, at_home, keys.account):
                continue
            if not _has_account(j, p, group, member, scope.registers, at_home, keys.account):
                continue
            usable[k] |= bit
            if _knows(i, p, group, member, scope.known, keys.knows) or _knows(
                j, p, group, member, scope.known, keys.knows
            ):
                known[k] |= bit


@part
def _has_account(
    i: int, p: int, group: np.ndarray, member: np.ndarray, account: np.ndarray, at_home: float, key: Key
) -> bool:
    """Return whether a person has or can open an account: a number of the right states, or one kept from home."""
    bit = np.int64(1) << p
    return bool((member[i] | account[group[i]]) & bit != 0 or uniform(key, i, p) < at_home)


@part
def _knows(i: int, p: int, group: np.ndarray, member: np.ndarray, knows: np.ndarray, key: Key) -> bool:
    """Return whether a person has heard of a platform: more do, the more of the group use it."""
    return bool(member[i] >> p & 1 == 1 or uniform(key, i, p) < knows[group[i], p])


@kernel
def _draw_bonds(
    a: np.ndarray, b: np.ndarray, household: np.ndarray, conversations: np.ndarray, means: Means, q: Draw,
    keys: _Keys[Key], out: Bonds,
) -> None:  # fmt: skip
    """Fill the waiting times of each pair."""
    for k in range(a.size):
        i, j, home = a[k], b[k], household[k]
        talks = _wait(keys.notice, j, 2 * i) / max(1e-6, conversations[k])
        out.notice[k] = min(talks, _wait(keys.notice, j, 2 * i + 1) * q.news)
        out.ready[k] = q.ready * math.exp(_SPREAD * normal(keys.ready, j, i))
        ready = math.sqrt(q.together) * normal(keys.household, home, _READY)
        ready += math.sqrt(1.0 - q.together) * (means.ease[i] + means.ease[j]) / math.sqrt(2.0)
        out.agree[k] = _days_until(_wait(keys.agree, j, i), q.month * math.exp(q.spread * ready), q.fading)
        has_number = _alike(home, j, _NUMBER, q, keys.household, keys.number) < q.number
        out.wire[k] = 0.0 if has_number else NEVER_DAYS
        if not has_number and uniform(keys.route, j, 2 * i) < q.route:
            out.wire[k] = _wait(keys.route, j, 2 * i + 1) * q.route_days
        is_old = normal(keys.youth, j) < q.elder
        needs = q.elder_needs if is_old else q.young_needs
        out.calls_only[k] = is_old and uniform(keys.caller, j) < q.elder_calls
        out.number[k] = 0.0 if has_number else _lead(uniform(keys.exchange, j, i), q.exchange, q.plan_days)
        out.help[k] = 0.0
        if _alike(home, j, _HELP, q, keys.household, keys.need) < needs:
            out.help[k] = _helped(i, j, home, has_number, q, keys)
        out.follow[k] = NEVER_DAYS
        if uniform(keys.follow, j, i) < q.follow:
            wait = q.follow_days * math.exp(_SPREAD * normal(keys.follow, j, i + 1))
            out.follow[k] = wait if out.help[k] == 0.0 else wait + 0.5 * q.help
        out.plan[k] = NEVER_DAYS
        if q.month > 0.0:  # if nobody ever agrees, nobody plans
            rank = 0.5 * (1.0 + math.erf(_alike(home, j, _PLAN, q, keys.household, keys.plan) / math.sqrt(2.0)))
            in_time = rank * -math.expm1(-PLAN_DAYS / q.plan_days)
            out.plan[k] = max(out.help[k], _lead(in_time, q.plan, q.plan_days))
        # The telephone: a habit, or after a while where a number is known and the bill can be borne.
        out.phone[k] = NEVER_DAYS
        if uniform(keys.phone, j, 2 * i) < q.habit:
            out.phone[k] = 0.0
        elif uniform(keys.phone, j, 2 * i + 1) < q.takeover / (1.0 + conversations[k] / means.pays[k]):
            out.phone[k] = q.phone_days
        out.afraid[k] = uniform(keys.afraid, home, 0) < means.fear[k]
        if out.afraid[k] and uniform(keys.afraid, home, 1) < q.fear_phone:
            out.phone[k] = NEVER_DAYS


@leaf
def _days_until(limit: float, rate: float, fading: float) -> float:
    """Return the days until a rate that may fade sums up to a limit [days]."""
    if rate <= 0.0:
        return float(NEVER_DAYS)
    days = limit / rate
    if fading < math.inf:
        days = -fading * math.log(1.0 - days / fading) if days < fading else float(NEVER_DAYS)
    return min(days, float(NEVER_DAYS))


@leaf
def _lead(rank: float, share: float, days: float) -> float:
    """Return the notice at which those at a rank (0 to 1) act, of whom a share ever does [days]."""
    return -days * math.log(1.0 - rank / share) if rank < share else float(NEVER_DAYS)


@part
def _helped(i: int, j: int, home: int, has_number: bool, q: Draw, keys: _Keys[Key]) -> float:
    """Return the days until somebody has helped: at hand in the household, or the other end by telephone."""
    days = float(NEVER_DAYS)
    if _alike(home, j, _HELPER, q, keys.household, keys.helper) < q.helper:
        days = q.help * math.exp(_SPREAD * normal(keys.helper, j, 1))
    if has_number and uniform(keys.by_phone, j, i) < q.by_phone:
        days = min(days, 2.0 * q.help * math.exp(_SPREAD * normal(keys.by_phone, j, i + 1)))
    return days


@part
def _wait(key: Key, j: int, item: int) -> float:
    """Return a waiting time whose mean is one."""
    return -math.log(1.0 - uniform(key, j, item))


@part
def _alike(home: int, j: int, what: int, q: Draw, key_home: Key, key_own: Key) -> float:
    """Return a standard normal number of a person that the household partly shares."""
    return math.sqrt(q.together) * normal(key_home, home, what) + math.sqrt(1.0 - q.together) * normal(key_own, j)
