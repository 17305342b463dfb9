"""Kin abroad: the channels that families have on the first day, and how they would find each other again.

The share of families with a single channel is unknown and is a parameter (``ties.only_channel``, 0.3 to 0.9). In a
family with a single channel, each member uses the most common platform of the corridor that this person has. In other
families, a member shares a second one with every relative abroad, as far as the group has users of it: a group's share
of users of a platform is a fact, so its members replace other users of the group, of the same youth, who do not need
the platform for kin abroad. Families are processed in a random order, which is the same for any share of families with
one channel, until all users of a group are assigned.

The traits of a pair that decide how it comes back are drawn on the first day. Readiness, the need for help and the
knowledge of telephone numbers are the same for all pairs of a household at home. Readiness is correlated with the
ability of the two people to use workarounds, which is higher for young and active people.
"""

from __future__ import annotations

import math
from collections import namedtuple
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from sim.core.chance import Key, Purpose, normal, stream, uniform
from sim.core.groups import families_of
from sim.core.kernels import kernel, leaf, part
from sim.facts.migration import is_watched
from sim.facts.platforms import languages_of, scope_of
from sim.people.access import bits
from sim.people.kernel_types import NEVER_DAYS, Bonds, empty_bonds
from sim.scenario import Scenario
from sim.world.groups import Stratum
from sim.world.people import People, rows_of, uniform_draws, youth_of
from sim.world.setting import Setting
from sim.world.ties import Ties, household_size, households

PLAN_DAYS = 45.0
"""Notice for which the share of pairs that plan is stated [days]."""
_SPREAD = 1.0
"""Spread of the logarithm of waiting times between pairs (assumption)."""
_READY, _HELP, _NUMBER, _HELPER, _PLAN = (int64(item) for item in range(5))
"""What a household shares: an item of its luck each; of one type, so that what uses them is compiled once."""
Keys = namedtuple("Keys", [
    "household", "notice", "ready", "agree", "number", "route", "need", "helper", "by_phone", "follow", "phone", "plan",
    "exchange", "afraid", "youth", "caller", "knows", "account",
])  # fmt: skip
"""Keys of the streams of chance that traits are drawn from; the names are those of `Purpose`."""
Rules = namedtuple("Rules", [
    "kin_news_days", "kin_ready_days", "kin_fading_days", "kin_readiness_spread", "kin_household_correlation",
    "kin_elder_share", "kin_elder_calls", "kin_elder_needs_helper", "kin_young_needs_helper", "kin_helper_at_hand",
    "kin_help_by_phone", "kin_helper_days", "kin_other_route", "kin_other_route_days", "kin_follow_days",
    "announcement_plan_share", "announcement_plan_days", "announcement_number_share", "phone_number_known",
    "phone_habit", "phone_takeover", "phone_days", "fear_kin_telephone", "agree_rate", "follow_share",
])  # fmt: skip
"""Parameters by the names of ``parameters.csv``, and what follows from the named rules in force.

Under another named rule than the first, an app that both have never comes into use (``kin.dormant_rule``), the rate of
agreeing does not fade (``kin.agreement_rule``), or nobody follows a relative (``kin.household_rule``).
"""
_QUANTILES = (
    "kin_elder_share", "kin_elder_needs_helper", "kin_young_needs_helper", "kin_helper_at_hand", "phone_number_known",
)  # fmt: skip
"""Shares that are compared with standard normal numbers, and therefore held as quantiles."""


class Scope(NamedTuple):
    """What each group could take up.

    Whether a person knows a platform depends on how many people of the group use it, and not on whether other
    platforms are blocked.

    Attributes
    ----------
    reads : numpy.ndarray, shape (groups,), int64
        Platforms in a language that the group reads, bits.
    registers : numpy.ndarray, shape (groups,), int64
        Platforms that take a telephone number of its state of residence, bits.
    known : numpy.ndarray, shape (groups, platforms)
        Share of the group that has heard of each platform [share].
    talk : int
        Platforms that carry talk, bits.
    """

    reads: np.ndarray
    registers: np.ndarray
    known: np.ndarray
    talk: int


def scope_of_groups(groups: Sequence[Stratum], setting: Setting, penetration: np.ndarray, talk: np.ndarray) -> Scope:
    """Return what each group could take up.

    Parameters
    ----------
    groups : sequence of Stratum
    setting : Setting
    penetration : numpy.ndarray, shape (groups, platforms)
    talk : numpy.ndarray of bool, shape (platforms,)
        Platforms that carry talk.

    Notes
    -----
    A diaspora reads the languages of both its states, its families those of the state of origin.
    """
    scopes = [scope_of(name) for name in setting.platforms]
    reads, registers = np.zeros((2, *penetration.shape), np.bool_)
    for row, group in enumerate(groups):
        tongues = languages_of(group.residence)
        if group.role == "diaspora":
            tongues |= languages_of(group.origin)
        reads[row] = [scope.speaks(tongues) for scope in scopes]
        registers[row] = [scope.takes_numbers_of(group.residence) for scope in scopes]
    known = -np.expm1(-penetration / max(1e-9, setting.parameters["kin.known_use"]))
    return Scope(bits(reads), bits(registers), known, int(bits(talk[None, :])[0]))


class Households(NamedTuple):
    """Kin ties abroad and the households at their family end; ties of a household stand in a row."""

    a: np.ndarray  # (ties,) person at the diaspora end
    b: np.ndarray  # (ties,) person at the family end
    household: np.ndarray  # (ties,) first member of the family end's household
    main: np.ndarray  # (ties,) platform that the family end keeps in touch on first, or -1
    single: np.ndarray  # (ties,) whether it has one channel alone


def shared_platforms(
    groups: Sequence[Stratum], penetration: np.ndarray, usable: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the corridor of each group, and how common each platform is at both ends of each corridor.

    Parameters
    ----------
    groups : sequence of Stratum
    penetration : numpy.ndarray, shape (groups, platforms)
    usable : numpy.ndarray of bool, shape (groups, platforms)
        Whether it carries talk, and most people of the group reach it without a workaround on the first day.

    Returns
    -------
    corridor : numpy.ndarray, shape (groups,), int16
        -1 for residents.
    shared : numpy.ndarray, shape (corridors, platforms)
        Product of the penetration at both ends; 0 where a platform is closed at one.
    """
    row_of = {g.label: row for row, g in enumerate(groups)}
    corridor = np.full(len(groups), -1, np.int16)
    shared: list[np.ndarray] = []
    for row, group in enumerate(groups):
        if group.role == "diaspora":
            family = row_of[families_of(group.label)]
            corridor[row] = corridor[family] = len(shared)
            shared.append(penetration[row] * penetration[family] * (usable[row] & usable[family]))
    return corridor, np.array(shared) if shared else np.zeros((1, penetration.shape[1]))


def choose_channels(
    people: People, groups: Sequence[Stratum], ties: Ties, corridor: np.ndarray, shared: np.ndarray,
    closed: np.ndarray, q: Mapping[str, float], seed: int,
) -> np.ndarray:  # fmt: skip
    """Set on which platforms families keep in touch on the first day (in place, in ``people``).

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
    ties : Ties
    corridor, shared : numpy.ndarray
        As `shared_platforms` returns them.
    closed : numpy.ndarray, shape (groups,), int64
        Platforms that not everybody of a group can take up - they run on some phones alone, or are blocked for some -
        and that nobody therefore takes up as a second channel, bits.
    q : mapping
        Parameters ``ties.*``.
    seed : int

    Returns
    -------
    numpy.ndarray, shape (corridors, 2), int64
        Families of several channels, counted by family member: that were to have a second one, and that have it.
    """
    a, b = ties.diaspora_end, ties.family_end
    household, main = households(b, groups, q["ties.kin_abroad"]), np.empty(b.size, np.int64)
    _find_mains(b, people.group, corridor, shared, np.argsort(-shared, axis=1, kind="stable"), people.member, main)
    luck = uniform_draws(seed, Purpose.SINGLE_CHANNEL, household)
    single = (main >= 0) & (luck < q["ties.only_channel"])
    people.abroad[b[single]] = 1 << main[single]
    homes = Households(a, b, household, main, single)
    needed, count = np.zeros(len(people), np.int64), np.zeros((len(shared), 2), np.int64)
    # How many more people of each group may need each platform: as many as hold it.
    room = np.empty((len(groups), shared.shape[1]), np.int64)
    for p in range(shared.shape[1]):
        room[:, p] = np.bincount(people.group[people.member >> p & 1 == 1], minlength=len(groups))
    _keep_mains(a, b, main, people.group, people.member, needed, room)
    start = np.flatnonzero(np.diff(household, prepend=-1))
    # In the order of luck: who has a second channel at one share of single families has it at a lower one, too.
    order = np.argsort(-luck[start], kind="stable")
    _grant(
        start[order], np.append(start[1:], b.size)[order], homes, people.group, people.member, corridor, shared, closed,
        stream(seed, Purpose.SECOND_CHANNEL), needed, room, count,
    )  # fmt: skip
    _swap_holders(people, groups, needed, seed)
    return count


@kernel
def _find_mains(
    b: np.ndarray, group: np.ndarray, corridor: np.ndarray, shared: np.ndarray, order: np.ndarray, member: np.ndarray,
    main: np.ndarray,
) -> None:  # fmt: skip
    """Fill the most common platform of its corridor that the family end of each tie holds, or -1."""
    for k in range(b.size):
        route = corridor[group[b[k]]]
        main[k] = -1
        for p in order[route]:
            if shared[route, p] > 0.0 and member[b[k]] & (1 << p):
                main[k] = p
                break


@kernel
def _keep_mains(
    a: np.ndarray, b: np.ndarray, main: np.ndarray, group: np.ndarray, member: np.ndarray, needed: np.ndarray,
    room: np.ndarray,
) -> None:  # fmt: skip
    """Note that both ends need the first channel that they have."""
    for k in range(b.size):
        if main[k] >= 0:
            _need(b[k], main[k], group, needed, room)
            if member[a[k]] & (1 << main[k]):
                _need(a[k], main[k], group, needed, room)


@part
def _need(i: int, p: int, group: np.ndarray, needed: np.ndarray, room: np.ndarray) -> None:
    """Note that a person needs a platform, and take one of the group's places."""
    if not needed[i] & (1 << p):
        needed[i] |= 1 << p
        room[group[i], p] -= 1


@kernel
def _grant(
    starts: np.ndarray, ends: np.ndarray, homes: Households, group: np.ndarray, member: np.ndarray,
    corridor: np.ndarray, shared: np.ndarray, closed: np.ndarray, key: Key, needed: np.ndarray, room: np.ndarray,
    count: np.ndarray,
) -> None:  # fmt: skip
    """Give the members of each household that is to have one a second channel, while there are places (in place)."""
    for at in range(starts.size):
        first, last = starts[at], ends[at]
        for k in range(first, last):
            j = homes.b[k]
            is_first = True
            for t in range(first, k):
                is_first = is_first and homes.b[t] != j
            if not is_first or homes.single[k] or homes.main[k] < 0:
                continue
            route = corridor[group[j]]
            count[route, 0] += 1
            # Of the platforms with places left, one that most of them hold already.
            fewest, candidates = int64(1) << 62, int64(0)
            for p in range(shared.shape[1]):
                if p != homes.main[k] and shared[route, p] > 0.0:
                    new = _new_holders(j, p, first, last, homes, group, member, closed, needed, room)
                    if 0 <= new <= fewest:
                        candidates = (int64(1) << p) | (candidates if new == fewest else int64(0))
                        fewest = new
            p = _draw(homes.household[k], route, candidates, shared, key)
            if p < 0:
                continue
            _need(j, p, group, needed, room)
            for t in range(first, last):
                if homes.b[t] == j:
                    _need(homes.a[t], p, group, needed, room)
            count[route, 1] += 1


@part
def _draw(household: int, route: int, candidates: int, shared: np.ndarray, key: Key) -> int:
    """Draw one of some platforms (bits), by how common it is at both ends; -1 when there is none.

    The same luck for all of a household, so that it keeps in touch on one second platform where that is possible.
    """
    total = 0.0
    for p in range(shared.shape[1]):
        if candidates & (1 << p):
            total += shared[route, p]
    u = uniform(key, household) * total
    for p in range(shared.shape[1]):
        if candidates & (1 << p):
            u -= shared[route, p]
            if u < 0.0:
                return p
    return -1


@part
def _new_holders(
    j: int, p: int, first: int, last: int, homes: Households, group: np.ndarray, member: np.ndarray,
    closed: np.ndarray, needed: np.ndarray, room: np.ndarray,
) -> int:  # fmt: skip
    """Return how many of a family member and its relatives abroad do not hold a platform yet; -1 if not all can."""
    bit = int64(1) << p
    here, new = 0 if needed[j] & bit else 1, 0 if (member[j] | needed[j]) & bit else 1
    if here > room[group[j], p] or (new > 0 and closed[group[j]] & bit):
        return -1
    there = 0
    for t in range(first, last):
        if homes.b[t] != j:
            continue
        i = homes.a[t]
        there += 0 if needed[i] & bit else 1
        if there > room[group[i], p] or (closed[group[i]] & bit and not member[i] & bit):
            return -1
        new += 0 if member[i] & bit or needed[i] & bit else 1
    return new


def _swap_holders(people: People, groups: Sequence[Stratum], needed: np.ndarray, seed: int) -> None:
    """Let who needs a platform hold it in the place of others of the same group and the same youth (in place).

    ``needed`` has the platforms that each person needs, bits; no group needs more holders than it has.
    """
    for rows in rows_of(groups):
        member, need = people.member[rows.start : rows.stop], needed[rows.start : rows.stop]
        wanted = int(np.bitwise_or.reduce(need & ~member))
        youth = youth_of(seed, rows.start, len(rows)) if wanted else np.empty(0)
        for p in (p for p in range(wanted.bit_length()) if wanted >> p & 1):
            takes, gives = (np.flatnonzero(bits >> p & 1) for bits in (need & ~member, member & ~need))
            gives = gives[_match_youth(youth[takes], youth[gives])]
            member[takes] |= 1 << p
            member[gives] &= ~(1 << p)


def _match_youth(youth: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return for each person another one of about the same youth, nobody twice, shape (people,).

    There are at least as many others as people.
    """
    n, by_youth = youth.size, np.argsort(others, kind="stable")
    # The nearest of those that are left, both in the order of youth.
    place = np.searchsorted(others[by_youth], np.sort(youth))
    place = np.maximum.accumulate(place - np.arange(n)) + np.arange(n)
    return by_youth[np.minimum(place, others.size - n + np.arange(n))]


def end_contact(people: People, groups: Sequence[Stratum], spec: Scenario, q: Mapping[str, float], seed: int) -> None:
    """Let the families of a community who fear to talk with kin abroad do so on no platform (in place, ``people``).

    A household ends contact as a whole, before the first day and in both arms: a policy cannot take a channel from it.

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
        In the order of the people.
    spec : Scenario
    q : mapping
        Parameters ``ties.*``.
    seed : int
    """
    household = household_size(q["ties.kin_abroad"])
    for group, rows in zip(groups, rows_of(groups), strict=True):
        keys = spec.world.communities.get(group.residence, {}).get(group.community)
        if group.role == "family" and keys is not None and keys.fear > 0.0:
            afraid = uniform_draws(seed, Purpose.FEAR, np.array(rows[::household])) < keys.fear
            people.abroad[rows.start : rows.stop][np.repeat(afraid, household)[: group.size]] = 0


def monthly_rate(share: float, spread: float, days: float = 30.0) -> float:
    """Return the rate of pairs of middling readiness at which a share of all pairs has agreed in 30 days [1/day].

    Parameters
    ----------
    share : float
        0 to 1: 0 for nobody ever, 1 for everybody at once.
    spread : float
        Of the logarithm of the rate between pairs.
    days : float
        Days at the full rate that 30 days are worth.
    """
    if share <= 0.0:
        return 0.0
    if share >= 1.0:
        return 1e6
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    pace, weights = np.exp(spread * nodes), weights / weights.sum()
    low, high = 1e-9, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        reached = float(weights @ -np.expm1(-days * middle * pace))
        low, high = (middle, high) if reached < share else (low, middle)
    return low


def _quantile(share: float) -> float:
    """Return the standard normal number below which a share of all lie."""
    if 0.0 < share < 1.0:
        return NormalDist().inv_cdf(share)
    return -math.inf if share <= 0.0 else math.inf


def _rules_of(q: Mapping[str, float]) -> Any:
    """Return the parameters of bonds, each as it is used."""
    parameters = {name: name.replace("_", ".", 1) for name in Rules._fields}
    values = {name: q[parameter] for name, parameter in parameters.items() if parameter in q}
    values |= {name: _quantile(values[name]) for name in _QUANTILES}
    fades = q["kin.agreement_rule"] != 0
    fading = q["kin.fading_days"] if fades else math.inf
    # Days at the first day's rate that 30 days of searching are worth.
    days = -fading * math.expm1(-30.0 / fading) if fades else 30.0
    values["kin_fading_days"] = fading
    values["kin_ready_days"] = float(NEVER_DAYS) if q["kin.dormant_rule"] else q["kin.ready_days"]
    values["agree_rate"] = monthly_rate(q["choice.invite_acceptance"], q["kin.readiness_spread"], days)
    values["follow_share"] = 0.0 if q["kin.household_rule"] else q["choice.late_acceptance"]
    return Rules(**values)


def make_bonds(
    people: People, groups: Sequence[Stratum], ties: Ties, setting: Setting, scope: Scope, seed: int
) -> Bonds:
    """Draw what decides how each kin tie abroad comes back.

    Parameters
    ----------
    people : People
    groups : sequence of Stratum
    ties : Ties
    setting : Setting
    scope : Scope
        What each group can read, register for and knows of.
    seed : int
    """
    q, a, b = setting.parameters, ties.diaspora_end, ties.family_end
    out = empty_bonds(a.size)
    keys = Keys(*(stream(seed, Purpose[name.upper()]) for name in Keys._fields))
    _find_known(a, b, people.group, people.member, scope, 1.0 - q["kin.account_barrier"], keys, out.usable, out.known)
    spread = q["circumvention.effort_spread"]
    # Ease with workarounds of each person; standard normal.
    ease = -np.log(people.effort.astype(np.float64)) / spread if spread > 0 else np.zeros(len(people))
    # Conversations a day that half of those like the member abroad would pay for: what the group can spend on calls
    # before half of its people do without [US$ a month], and the price of one conversation a day, for a month [US$].
    income = [setting.state_facts[group.residence].gdp_per_head.value for group in groups]
    afford = np.array([q["phone.bill_share"] * gdp / 12.0 for gdp in income])
    pays = afford[people.group[a]] / max(1e-9, 30.0 * q["phone.minutes"] * q["phone.price"])
    # Share of households like the family's that take up no other channel.
    watched = [is_watched(group.residence, group.community) for group in groups]
    fear = np.where(watched, q["fear.kin_contact_watched"], q["fear.kin_contact"])[people.group[b]]
    home = households(b, groups, q["ties.kin_abroad"])
    _draw_bonds(a, b, home, ties.conversations, ease, pays, fear, _rules_of(q), keys, out)
    return out


@kernel
def _find_known(
    a: np.ndarray, b: np.ndarray, group: np.ndarray, member: np.ndarray, scope: Scope, at_home: float, keys: Any,
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
    a: np.ndarray, b: np.ndarray, household: np.ndarray, conversations: np.ndarray, ease: np.ndarray, pays: np.ndarray,
    fear: np.ndarray, q: Any, keys: Any, out: Bonds,
) -> None:  # fmt: skip
    """Fill the waiting times of each pair."""
    for k in range(a.size):
        i, j, home = a[k], b[k], household[k]
        talks = _wait(keys.notice, j, 2 * i) / max(1e-6, conversations[k])
        out.notice[k] = min(talks, _wait(keys.notice, j, 2 * i + 1) * q.kin_news_days)
        out.ready[k] = q.kin_ready_days * math.exp(_SPREAD * normal(keys.ready, j, i))
        ready = math.sqrt(q.kin_household_correlation) * normal(keys.household, home, _READY)
        ready += math.sqrt(1.0 - q.kin_household_correlation) * (ease[i] + ease[j]) / math.sqrt(2.0)
        pace = q.agree_rate * math.exp(q.kin_readiness_spread * ready)
        out.agree[k] = _days_until(_wait(keys.agree, j, i), pace, q.kin_fading_days)
        has_number = _alike(home, j, _NUMBER, q, keys.household, keys.number) < q.phone_number_known
        out.wire[k] = 0.0 if has_number else NEVER_DAYS
        if not has_number and uniform(keys.route, j, 2 * i) < q.kin_other_route:
            out.wire[k] = _wait(keys.route, j, 2 * i + 1) * q.kin_other_route_days
        is_old = normal(keys.youth, j) < q.kin_elder_share
        needs = q.kin_elder_needs_helper if is_old else q.kin_young_needs_helper
        out.calls_only[k] = is_old and uniform(keys.caller, j) < q.kin_elder_calls
        exchange = _lead(uniform(keys.exchange, j, i), q.announcement_number_share, q.announcement_plan_days)
        out.number[k] = 0.0 if has_number else exchange
        out.help[k] = 0.0
        if _alike(home, j, _HELP, q, keys.household, keys.need) < needs:
            out.help[k] = _helped(i, j, home, has_number, q, keys)
        out.follow[k] = NEVER_DAYS
        if uniform(keys.follow, j, i) < q.follow_share:
            wait = q.kin_follow_days * math.exp(_SPREAD * normal(keys.follow, j, i + 1))
            out.follow[k] = wait if out.help[k] == 0.0 else wait + 0.5 * q.kin_helper_days
        out.plan[k] = NEVER_DAYS
        if q.agree_rate > 0.0:  # if nobody ever agrees, nobody plans
            rank = 0.5 * (1.0 + math.erf(_alike(home, j, _PLAN, q, keys.household, keys.plan) / math.sqrt(2.0)))
            in_time = rank * -math.expm1(-PLAN_DAYS / q.announcement_plan_days)
            out.plan[k] = max(out.help[k], _lead(in_time, q.announcement_plan_share, q.announcement_plan_days))
        # The telephone: a habit, or after a while where a number is known and the bill can be borne.
        out.phone[k] = NEVER_DAYS
        if uniform(keys.phone, j, 2 * i) < q.phone_habit:
            out.phone[k] = 0.0
        elif uniform(keys.phone, j, 2 * i + 1) < q.phone_takeover / (1.0 + conversations[k] / pays[k]):
            out.phone[k] = q.phone_days
        out.afraid[k] = uniform(keys.afraid, home, 0) < fear[k]
        if out.afraid[k] and uniform(keys.afraid, home, 1) < q.fear_kin_telephone:
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
def _helped(i: int, j: int, home: int, has_number: bool, q: Any, keys: Any) -> float:
    """Return the days until somebody has helped: at hand in the household, or the other end by telephone."""
    days = float(NEVER_DAYS)
    if _alike(home, j, _HELPER, q, keys.household, keys.helper) < q.kin_helper_at_hand:
        days = q.kin_helper_days * math.exp(_SPREAD * normal(keys.helper, j, 1))
    if has_number and uniform(keys.by_phone, j, i) < q.kin_help_by_phone:
        days = min(days, 2.0 * q.kin_helper_days * math.exp(_SPREAD * normal(keys.by_phone, j, i + 1)))
    return days


@part
def _wait(key: Key, j: int, item: int) -> float:
    """Return a waiting time whose mean is one."""
    return -math.log(1.0 - uniform(key, j, item))


@part
def _alike(home: int, j: int, what: int, q: Any, key_home: Key, key_own: Key) -> float:
    """Return a standard normal number of a person that the household partly shares."""
    together = q.kin_household_correlation
    return math.sqrt(together) * normal(key_home, home, what) + math.sqrt(1.0 - together) * normal(key_own, j)
