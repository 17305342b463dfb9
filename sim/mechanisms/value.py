"""What a platform is worth to a person: its kind, the person's taste, its audience, and who of the circle is there.

Value falls with what is lost of the circle and the audience, never with the mere passing of days, so that a world
without policies stays as it is. A contact who can also be reached on a close platform counts less on the first one
(Bursztyn, Gentzkow et al. 2025: under a collective ban the alternatives gain value).
"""

from __future__ import annotations

import math

from sim.chance import uniform
from sim.kernels import leaf
from sim.mechanisms.settings import FRIEND, FULL, Columns, Luck, Rows, Rules


@leaf
def taste_value(i: int, p: int, c: Columns, people: Rows, rules: Rules, luck: Luck) -> float:
    """Return what the whole platform is worth to a person on the first day [marginal feed users' value]."""
    u = max(uniform(luck.value, i, p), 1e-12)
    return c.taste[people[i].group, p].base_value * min(rules.value_cap, math.exp(-rules.value_spread * math.log(u)))


@leaf
def doing_without(i: int, p: int, c: Columns, people: Rows) -> float:
    """Return the value below which a person does without: absolute, so that what is dear has a surplus."""
    return min(1.0, c.taste[people[i].group, p].base_value)


@leaf
def _covered(common: int, p: int, c: Columns) -> int:
    """Return how far a contact who shares the platforms ``common`` is covered without platform p, in FULL-ths."""
    kind = c.platform[p].kind
    others = common & ~(1 << p)
    # The closest kind first, so that the first one found decides.
    for r in range(c.kind_bits.size):
        k = c.by_closeness[kind, r]
        if c.covered[kind, k] == 0:
            return 0
        if others & c.kind_bits[k] != 0:
            return int(c.covered[kind, k])
    return 0


@leaf
def circle_on(i: int, p: int, c: Columns, people: Rows, kin_weight: int) -> tuple[int, int, int, int]:
    """Return the weight of a person's circle on platform p, in FRIEND x FULL-ths.

    Now and on the first day; then the same for those whom p alone reaches, without contacts on a close platform.
    """
    now, first, now_alone, first_alone = 0, 0, 0, 0
    bit = 1 << p
    for e in range(c.start[i], c.start[i + 1]):
        j = c.packed[e] >> 1
        weight = kin_weight if c.packed[e] & 1 else FRIEND
        # Who still tries is expected back, and counts.
        if people[j].member & bit:
            now += weight * FULL
            now_alone += weight * (FULL - _covered(people[i].using & people[j].using, p, c))
        if people[j].first_member & bit:
            first += weight * FULL
            first_alone += weight * (FULL - _covered(people[i].first_member & people[j].first_member, p, c))
    return now, first, now_alone, first_alone


@leaf
def liveliness(i: int, p: int, audience: float, c: Columns, people: Rows, rules: Rules) -> tuple[float, float]:
    """Return audience and circle on a platform against the first day, at most 1.5 [1].

    First as a person meets it, which drives use and the need for something else; then counting only contacts whom no
    close platform reaches, which drives whether it is worth keeping.
    """
    now, first, now_alone, first_alone = circle_on(i, p, c, people, rules.kin)
    prior = rules.audience_prior * FRIEND * FULL
    met = min(1.5, (prior * audience + now) / (prior + first))
    alone = min(1.5, (prior * audience + now_alone) / (prior + first_alone))
    return met, alone
