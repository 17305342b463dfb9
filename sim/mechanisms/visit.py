"""One look of one person at what happened, and the kernel that goes through everyone who has something to decide.

A visit reads yesterday's condition of everybody and writes only the row of its own visitor, so people can be visited in
any order, and by any number of threads, with the same outcome.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.kernels import kernel
from sim.mechanisms.choice import chance_of_use, comes_back, lapses, next_review, tires
from sim.mechanisms.circumvention import (
    NO_WAY,
    app_life,
    app_lost,
    can_reinstall,
    device_of,
    direct_value,
    friction_of_first_day,
    vpn_cost,
    workaround_value,
)
from sim.mechanisms.settings import PERSON, Cells, Columns, Luck, Rows, Rules, Today
from sim.mechanisms.substitution import (
    accepts,
    find_company,
    joins,
    lost_kin,
    proposal,
    unmet_need,
)
from sim.mechanisms.value import doing_without, liveliness, taste_value

NEEDY = 0.02  # a loss of value below this leaves a person calm
SURPLUS_UNITS = 64.0


ACT = np.dtype(
    [
        ("joined", np.int64),  # platforms joined today, bits
        ("source", np.int16),  # the lost platform that drove it, or -1
        ("proposes", np.int16),  # platform proposed to kin out of contact, or -1
    ],
    align=True,
)
"""What a visitor does that others notice."""


class Outcome(NamedTuple):
    """What the visitors of one day decided, a row each."""

    row: Rows  # (visitors,) PERSON, as they are after the visit
    act: Rows  # (visitors,) ACT
    use: np.ndarray  # (visitors, platforms) chance of use today, in LEVELS


def empty_outcome(visitors: int, platforms: int) -> Outcome:
    """Return room for the decisions of so many visitors."""
    return Outcome(np.zeros(visitors, PERSON), np.zeros(visitors, ACT), np.zeros((visitors, platforms), np.uint8))


@kernel
def find_due(today: Today, c: Columns, people: Rows, rules: Rules, luck: Luck, out: np.ndarray) -> int:
    """List the people who have something to decide today; return how many they are.

    Whose review is due while nothing differs has nothing to decide, and only plans the next one.
    """
    n = 0
    for i in range(people.size):
        is_review = people[i].wake <= today.day
        if not is_review and people[i].stuck == 0 and people[i].invited == 0:
            if (people[i].member | people[i].lapsed) & today.changed[people[i].state] == 0:
                continue
        if (
            people[i].invited == 0
            and (today.touched[people[i].group] | people[i].stirred) & (people[i].member | people[i].lapsed) == 0
        ):
            if is_review:
                people[i].wake = next_review(i, today.day, rules.review_days, luck)
            continue
        out[n] = i
        n += 1
    return n


@kernel
def visit_all(
    due: np.ndarray, first: int, last: int, today: Today, access: Cells, c: Columns, people: Rows, use: np.ndarray,
    rules: Rules,
    luck: Luck, o: Outcome,
) -> None:  # fmt: skip
    """Visit the people ``due[first:last]``."""
    n = c.platform.size
    lost, need, company = np.empty(n, np.int64), np.empty(n), np.empty(n)
    for k in range(first, last):
        i = due[k]
        o.row[k] = people[i]
        o.use[k, :] = use[i, :]
        o.act[k].joined, o.act[k].source, o.act[k].proposes = 0, -1, -1
        _visit(i, k, people[i].wake <= today.day, today, access, c, people, rules, luck, o, lost, need, company)


@kernel
def _visit(
    i: int, k: int, is_review: bool, today: Today, access: Cells, c: Columns, people: Rows, rules: Rules, luck: Luck,
    o: Outcome, lost: np.ndarray, need: np.ndarray, company: np.ndarray,
) -> None:  # fmt: skip
    """Let one person look at every platform on which something differs, then act."""
    device = device_of(i, c, people, luck)
    has_vpn = people[i].vpn > 0
    n_lost, vpn_gain, surplus, wake = 0, 0.0, 0.0, 1 << 30
    differs = (today.touched[people[i].group] | people[i].stirred) & (people[i].member | people[i].lapsed)
    for p in range(c.platform.size):
        bit = 1 << p
        if not differs & bit:
            continue
        loss, gain, gained, app_day = _look_at(
            i, k, p, is_review, device, has_vpn, today, access, c, people, rules, luck, o
        )
        vpn_gain += gain
        surplus += gained
        wake = min(wake, app_day)
        if loss > NEEDY:
            lost[n_lost], need[n_lost] = p, loss
            n_lost += 1
    o.row[k].surplus = int(surplus * SURPLUS_UNITS)
    kin_lost = lost_kin(i, c, people) if c.corridor[people[i].group] >= 0 else 0
    if is_review:
        if not has_vpn and vpn_gain > 0.0 and vpn_gain > vpn_cost(i, c, people, rules):
            o.row[k].vpn = 2
            wake = today.day + 1
        _turn_elsewhere(i, k, lost, need, company, n_lost, kin_lost, device, has_vpn, access, c, people, rules, luck, o)
    if people[i].invited != 0:
        taken = accepts(i, device, has_vpn, access, c, people, rules, luck)
        _take_up(i, k, taken, c, o)
    # People are on the alert while a platform fails or kin are out of contact, and look early when access changes.
    alert = kin_lost > 0 or o.row[k].stuck != 0
    news = (people[i].member | people[i].lapsed) & today.changed[people[i].state] != 0
    if is_review or alert or news:
        planned = next_review(i, today.day, rules.alert_days if alert or news else rules.review_days, luck)
        o.row[k].wake = planned if is_review else min(o.row[k].wake, planned)
    o.row[k].wake = max(today.day + 1, min(o.row[k].wake, wake))


@kernel
def _look_at(
    i: int, k: int, p: int, is_review: bool, device: int, has_vpn: bool, today: Today, access: Cells, c: Columns,
    people: Rows, rules: Rules, luck: Luck, o: Outcome,
) -> tuple[float, float, float, int]:  # fmt: skip
    """Decide on one platform; return (loss, what a VPN would add, value gained, day on which the app will fail)."""
    bit = 1 << p
    first_worth = taste_value(i, p, c, people, rules, luck)
    met, alone = liveliness(i, p, today.audience[people[i].group, p], c, people, rules)
    share = c.platform[p].tie_share
    gross = first_worth + (
        friction_of_first_day(i, p, access, people, rules, luck) if people[i].first_member & bit else 0.0
    )
    worth = gross * ((1.0 - share) + share * met)
    # A contact who is also elsewhere is no reason to stay, though talk goes on here for as long as one does.
    shift = gross * share * (alone - met)
    without = doing_without(i, p, c, people)
    app_day = _check_app(i, k, p, device, today, access, people, luck, o)
    direct = direct_value(i, p, worth, access, c, people, rules, luck)
    around = workaround_value(i, p, worth, access, people, rules, luck)
    if o.row[k].uninstalled & bit and not can_reinstall(i, p, device, access, people, rules, luck):
        direct = NO_WAY
    best = max(direct, around) if has_vpn else direct
    keeping = best + shift if best > 0.0 else best
    if people[i].member & bit:
        by_vpn = has_vpn and direct < without and not people[i].first_vpn
        _keep_or_lapse(i, k, p, keeping, worth + shift, without, first_worth, is_review, by_vpn, today, rules, luck, o)
    elif keeping >= without:
        changed = today.changed[people[i].state] & bit != 0
        away = today.day - people[i].lapse_day
        if comes_back(i, p, away, changed, is_review, met, rules, luck):
            o.row[k].member |= bit
            o.row[k].using |= bit
            o.row[k].lapsed &= ~bit
    threat = access[people[i].state, p].threat
    loss, gain, gained = _reckon(i, k, p, best, around, direct, without, first_worth, has_vpn, threat, c, people, o)
    return loss, gain, gained, app_day


@kernel
def _check_app(
    i: int, k: int, p: int, device: int, today: Today, access: Cells, people: Rows, luck: Luck, o: Outcome
) -> int:  # fmt: skip
    """Mark an app that has stopped working, or can be had again; return the day on which it will stop."""
    bit = 1 << p
    state = people[i].state
    hazard = access[state, p].install_hazard[device]
    if hazard <= 0.0:
        o.row[k].uninstalled &= ~bit
        return 1 << 30
    if app_lost(i, p, device, access, people, luck):
        o.row[k].uninstalled |= bit
        return 1 << 30
    rate = access[state, p].install_rate[device]
    if not people[i].member & bit or rate <= 0.0:
        return 1 << 30
    left = app_life(i, p, luck) - hazard
    return today.day + max(1, math.ceil(left / rate))


@kernel
def _keep_or_lapse(
    i: int, k: int, p: int, best: float, worth: float, without: float, first_worth: float, is_review: bool,
    by_vpn: bool,     today: Today, rules: Rules, luck: Luck, o: Outcome,
) -> None:  # fmt: skip
    """Set whether a platform held is in use, failing, or given up."""
    bit = 1 << p
    if best > 0.0:
        o.row[k].using |= bit
    else:
        o.row[k].using &= ~bit
    if best >= without:
        o.row[k].stuck &= ~bit
        if not (is_review and by_vpn and tires(i, p, best / first_worth, rules, luck)):
            return
    elif not o.row[k].stuck & bit:
        o.row[k].stuck |= bit
        return
    elif not lapses(i, p, best if best > 0.0 else worth, without, rules, luck):
        return
    o.row[k].member &= ~bit
    o.row[k].using &= ~bit
    o.row[k].stuck &= ~bit
    o.row[k].lapsed |= bit
    o.row[k].lapse_day = today.day


@kernel
def _reckon(
    i: int, k: int, p: int, best: float, around: float, direct: float, without: float, first_worth: float,
    has_vpn: bool, threat: float, c: Columns, people: Rows, o: Outcome,
) -> tuple[float, float, float]:  # fmt: skip
    """Return loss, gain of a VPN and value gained, and note how likely the platform is used today."""
    bit = 1 << p
    kept = max(0.0, best) / first_worth if o.row[k].using & bit else 0.0
    o.use[k, p] = chance_of_use(kept, c.platform[p].habit) if o.row[k].using & bit else 0
    gained = (best if o.row[k].using & bit else 0.0) - (first_worth if people[i].first_member & bit else 0.0)
    if not o.row[k].member & bit:
        return 0.0, 0.0, gained
    loss = max(threat, 1.0 - min(1.0, kept))
    gain = 0.0 if has_vpn else max(0.0, around - max(direct, without))
    return loss, gain, gained


@kernel
def _turn_elsewhere(
    i: int, k: int, lost: np.ndarray, need: np.ndarray, company: np.ndarray, n_lost: int, kin_lost: int, device: int,
    has_vpn: bool,     access: Cells, c: Columns, people: Rows, rules: Rules, luck: Luck, o: Outcome,
) -> None:  # fmt: skip
    """Join substitutes for what is lost, and agree on another platform with kin out of contact."""
    if n_lost > 0:
        find_company(i, c, people, rules, company)
        for a in range(n_lost):
            need[a] = unmet_need(lost[a], need[a], o.row[k].using, company, c, rules)
        held = o.row[k].member | o.row[k].lapsed
        joined, source = joins(i, lost, need, n_lost, held, company, device, has_vpn, access, c, people, rules, luck)
        if joined >= 0:
            o.act[k].source = source
            _take_up(i, k, 1 << joined, c, o)
    if kin_lost > 0:
        q = proposal(i, device, access, c, people, rules, luck)
        if q >= 0:
            o.act[k].proposes = q
            if o.act[k].source < 0 and n_lost > 0:
                o.act[k].source = lost[0]
            _take_up(i, k, 1 << q, c, o)


@kernel
def _take_up(i: int, k: int, platforms: int, c: Columns, o: Outcome) -> None:
    """Add platforms to what a person holds and uses with kin abroad."""
    new = platforms & ~o.row[k].member
    o.act[k].joined |= new
    o.row[k].member |= new
    o.row[k].using |= new
    o.row[k].lapsed &= ~new
    o.row[k].abroad |= platforms
    for q in range(c.platform.size):
        if new & (1 << q):
            o.use[k, q] = chance_of_use(1.0, c.platform[q].habit)
