"""New accounts on substitutes: a burst within hours and days, then people who follow newcomers, then word of mouth.

Most new accounts are trials that people give up again.

People choose among substitutes by what they and their circle use already; similarity of kind is only a factor. A person
considers only platforms that they can read and have heard of, or on which they know somebody. Closing the large
platforms does not make a small one known.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from numba import int64

from sim.chance import uniform
from sim.kernels import leaf, lowest, part
from sim.mechanisms.choice import SLACK, happens
from sim.mechanisms.look import NEVER, Outcome, Scene, Visitor
from sim.mechanisms.settings import CLOSEST, Rules
from sim.mechanisms.substitution import can_take_up, has_heard
from sim.mechanisms.value import Room

BURST_OVER = 12.0
"""Time constants after which a burst is over (assumption: what is left then is negligible)."""
ROUNDING = 1.0 + 1e-9
"""More than the factor by which rounding changes a hazard."""
DORMANT_DAYS = 0.7
"""Time constant within which dormant accounts are used again (assumption) [days]."""


class Pace(NamedTuple):
    """How much of what a loss sets off falls between a person's last look and today: the same for every substitute."""

    bursts: bool  # whether the burst still lasts
    messenger: float  # hazard of the burst, where a messenger was lost
    feed: float  # the same for any other platform
    dormant: float  # hazard of using a dormant account again
    wave: float  # hazard of following newcomers, if all who look had just moved


@part
def within_luck(v: Visitor, platforms: int, n_lost: int, days: float, pace: Pace, room: Room, scene: Scene) -> int:
    """Return those of some platforms (bits) that a person could join today, if the whole circle were on them.

    The luck of the day rules out the others, so the circle need not be counted on them. The rest is as in
    `take_up_substitutes`.
    """
    rules, found = scene.rules, int64(0)
    while platforms != 0:
        q = lowest(platforms)
        platforms &= platforms - 1
        push, _ = _push(v.i, q, n_lost, room, scene)
        hazard = push * (pace.wave + rules.join_rate * days)
        if pace.bursts:
            hazard += (max(pace.messenger, pace.feed) + pace.dormant) * min(1.0, push / CLOSEST)
        hazard *= trust_in(v.i, q, scene) * scene.c.taste[scene.people[v.i].group, q].unsaturated
        if push > 0.0 and uniform(scene.luck.join, v.i, q) <= hazard * ROUNDING + SLACK:
            found |= int64(1) << q
    return found


@part
def take_up_substitutes(
    v: Visitor, platforms: int, n_lost: int, days: float, pace: Pace, room: Room, scene: Scene, o: Outcome
) -> int:
    """Let a person join some platforms (bits) as substitutes for what is lost.

    ``room.lost[:n_lost]`` are the platforms lost and ``room.need`` how much, 0 to 1; ``days`` have passed since the
    last look. Return the first day on which a trial may end.
    """
    me, c, left, wake = scene.people[v.i], scene.c, platforms & ~o.row[v.k].member, NEVER
    while left != 0:
        q = lowest(left)
        left &= left - 1
        push, by = _push(v.i, q, n_lost, room, scene)
        if push <= 0.0:
            continue
        news = scene.rules.wave_news * scene.today.wave[me.group, q]
        hazard = push * _wave(v.i, room.fresh[q], pace, scene)
        if room.met[q] > 0.0 or has_heard(v.i, q, news, c, scene.people, scene.luck):
            hazard += _hazard(v.i, q, by, push, days, pace, room, scene)
        hazard *= trust_in(v.i, q, scene) * c.taste[me.group, q].unsaturated
        if not happens(uniform(scene.luck.join, v.i, q), hazard):
            continue
        if can_take_up(v.i, q, v.device, v.has_vpn, scene.access, c, scene.people, scene.rules, scene.luck):
            o.act[v.k].joined |= int64(1) << q
            o.act[v.k].source = by
            o.row[v.k].trial |= int64(1) << q
            wait = -math.log(1.0 - uniform(scene.luck.trial, v.i, q)) * scene.rules.trial_days
            wake = min(wake, scene.today.day + 1 + int(wait))
    return wake


@leaf
def _push(i: int, q: int, n_lost: int, room: Room, scene: Scene) -> tuple[float, int]:
    """Return how much a person is pushed to a platform by all that is lost, at most 1, and by which most; -1 for none.

    What is threatened itself is no refuge from a threat: the need is taken for what it exceeds the candidate's own.
    """
    c, push, most, by = scene.c, 0.0, 0.0, -1
    feared = scene.access[scene.people[i].state, q].threat
    for a in range(n_lost):
        this = c.platform[room.lost[a]].closeness[c.platform[q].kind] * (room.need[a] - feared)
        if this > 0.0:
            push += this
            if this > most:
                most, by = this, room.lost[a]
    return min(1.0, push), by


@leaf
def trust_in(i: int, q: int, scene: Scene) -> float:
    """Return the factor on the hazard of taking up a platform: below 1 where the state promotes it [1]."""
    return scene.rules.champion_trust if scene.today.pushed[scene.people[i].state] & (1 << q) else 1.0


@leaf
def pace_of(age: float, days: float, rules: Rules) -> Pace:
    """Return how much of what a loss sets off falls between the last look and today."""
    began = max(0.0, age - days)
    messenger = feed = dormant = 0.0
    bursts = age < BURST_OVER * rules.burst_days
    if bursts:
        part_of = math.exp(-began / rules.burst_days) - math.exp(-age / rules.burst_days)
        # The periods for the sizes: a messenger's rivals gain on the first day, a feed's within the week.
        messenger = rules.burst_messenger * part_of / (1.0 - math.exp(-1.0 / rules.burst_days))
        feed = rules.burst_feed * part_of / (1.0 - math.exp(-7.0 / rules.burst_days))
        dormant = rules.dormant_wakes * (math.exp(-began / DORMANT_DAYS) - math.exp(-age / DORMANT_DAYS))
    spent = math.exp(-began / rules.wave_days) - math.exp(-age / rules.wave_days)
    return Pace(bursts, messenger, feed, dormant, rules.wave_rate * rules.wave_days * spent)


@leaf
def _hazard(i: int, q: int, by: int, push: float, days: float, pace: Pace, room: Room, scene: Scene) -> float:
    """Return the hazard of joining a platform heard of since the last look: word of mouth, burst, dormant account."""
    rules, me = scene.rules, scene.people[i]
    use = scene.c.taste[me.group, q].penetration
    hazard = rules.join_rate * push * room.share[q] * days
    if pace.bursts:
        is_talk = scene.c.talk_bits >> by & 1 == 1 and scene.c.platform[by].tie_share > 0.5
        hazard += (pace.messenger if is_talk else pace.feed) * min(1.0, push / CLOSEST)
        if use < 1.0 and uniform(scene.luck.dormant, i, q) < rules.dormant * use / (1.0 - use):
            hazard += pace.dormant * min(1.0, push / CLOSEST)
    return hazard


@leaf
def _wave(i: int, fresh: float, pace: Pace, scene: Scene) -> float:
    """Return the hazard since the last visit of following newcomers, who are a share ``fresh`` of the people looking.

    Either each newcomer convinces others with some probability, or a person follows if enough contacts did.
    """
    rules = scene.rules
    if fresh <= 0.0:
        return 0.0
    if rules.wave_threshold > 0.0:
        fresh = 1.0 if fresh >= rules.wave_threshold * uniform(scene.luck.follow, i) else 0.0
    return pace.wave * fresh


@part
def end_trials(v: Visitor, only: int, n_lost: int, days: float, room: Room, scene: Scene, o: Outcome) -> int:
    """Settle trials whose time is over: keep what one needs, or where the circle is; return when the next may end.

    ``only`` are the platforms that are the only channel to somebody of the kin abroad (bits): none of them is dropped.
    """
    rules, wake, trials = scene.rules, NEVER, o.row[v.k].trial & scene.people[v.i].trial
    while trials != 0:
        q = lowest(trials)
        trials &= trials - 1
        bit = int64(1) << q
        if uniform(scene.luck.settle, v.i, q) >= 1.0 - math.exp(-days / rules.trial_days):
            wake = min(wake, scene.today.day + 1 + int(rules.trial_days))
            continue
        o.row[v.k].trial &= ~bit
        push = 0.0
        if n_lost > 0:
            push, _ = _push(v.i, q, n_lost, room, scene)
        least = rules.trial_keep_messenger if scene.c.platform[q].tie_share > 0.5 else rules.trial_keep_feed
        kept = least + (1.0 - least) * min(1.0, room.share[q] / rules.trial_circle)
        kept = 1.0 - (1.0 - kept) * (1.0 - rules.trial_push * push)
        if push <= 0.0:
            kept *= 0.5  # assumption, as in a prototype: half as many keep what they no longer need
        if not only & bit and uniform(scene.luck.settle, v.i, 64 + q) >= kept:
            o.row[v.k].member &= ~bit
            o.row[v.k].using &= ~bit
            o.own[v.k].stuck &= ~bit
            o.row[v.k].lapsed |= bit
    return wake
