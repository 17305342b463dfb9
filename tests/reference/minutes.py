"""Minutes of use in the plain model: each person has as much time as before, and spends it
independently.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from splinternet.facts.platforms import BUDGETS, minutes_of
from splinternet.facts.tables import read
from splinternet.world.build import closeness_table

from .surroundings import LEVELS

if TYPE_CHECKING:
    from .model import Twin
    from .person import Person


def minutes(twin: Twin) -> np.ndarray:
    """Return minutes of use today, shape (states, platforms) [minutes a day]."""
    people = twin.everybody
    without = twin if twin.baseline is None else twin.baseline
    kinds = [platform.kind.name for platform in twin.platforms]
    each = [
        minutes_of(platform.name, kind).value
        for platform, kind in zip(twin.platforms, kinds, strict=True)
    ]
    number = [twin.setting.facts.kinds.index(kind) for kind in kinds]
    close = closeness_table(twin.setting)[number][:, number].tolist()
    budget = {name: row.value for name, row in read(BUDGETS).items()}
    days = max((days for _, days in twin.docket.in_force), default=0.0)
    if twin.setting.blocks != twin.world.setting.blocks:
        days = float("inf")
    left = 0.5 ** (days / budget["time.settle_days"])
    gone = []
    for kind in kinds:
        later = twin.parameters[f"diversion.{kind}"]
        gone.append(later + (budget["time.nowhere_first"] - later) * left)
    total = np.zeros((len(twin.states), len(twin.platforms)))
    for person, other in zip(people, without.everybody, strict=True):
        own = spent(twin, person, each)
        base = spent(without, other, each)
        if own != base:
            own = shared_out(own, base, close, gone)
        total[person.group.state.index] += person.group.weight * np.array(own)
    return total


def spent(twin: Twin, person: Person, each: Sequence[float]) -> list[float]:
    """Return a person's minutes on each platform if no other platform were lost [minutes a day]."""
    using = person.member & person.using
    return [
        person.use[platform] / LEVELS * minutes if platform in using else 0.0
        for platform, minutes in zip(twin.platforms, each, strict=True)
    ]


def shared_out(
    own: Sequence[float],
    base: Sequence[float],
    close: Sequence[Sequence[float]],
    gone: Sequence[float],
) -> list[float]:
    """Return one person's minutes on each platform: a part of lost time is not spent, and the
    rest goes to new and existing use; new use beyond the loss reduces the use that it replaces.
    """
    everything = range(len(own))
    lost = [max(b - o, 0.0) for b, o in zip(base, own, strict=True)]
    new = [max(o - b, 0.0) for b, o in zip(base, own, strict=True)]
    kept = [min(b, o) for b, o in zip(base, own, strict=True)]
    free = sum(x * (1.0 - g) for x, g in zip(lost, gone, strict=True))
    near = [part(sum(lost[q] * close[q][p] for q in everything), sum(lost)) for p in everything]
    pull = [k * n for k, n in zip(kept, near, strict=True)]
    instead = [x * min(1.0, part(sum(lost), sum(new))) for x in new]
    claim = [x * n for x, n in zip(instead, near, strict=True)]
    served = part(free, sum(claim) + sum(pull))
    fed = [min(x, c * served) for x, c in zip(instead, claim, strict=True)]
    beyond = [x - i for x, i in zip(new, instead, strict=True)]
    beside = [sum(beyond[q] * close[q][p] for q in everything) for p in everything]
    room = [k if b > 0 else 0.0 for k, b in zip(kept, beside, strict=True)]
    taken = min(sum(beyond), sum(room))
    claims = sum(k * b for k, b in zip(room, beside, strict=True))
    given = [min(k, k * b * part(taken, claims)) for k, b in zip(room, beside, strict=True)]
    over = part(taken - sum(given), sum(room) - sum(given))
    spends = []
    for p in everything:
        stays = kept[p] - given[p] - (room[p] - given[p]) * max(0.0, over)
        stays += max(0.0, free - sum(fed)) * part(pull[p], sum(pull))
        spends.append(stays + fed[p] + taken * part(beyond[p], sum(beyond)))
    return spends


def part(some: float, whole: float) -> float:
    """Return a part divided by a whole; 0 if the whole is 0."""
    return some / whole if whole > 0.0 else 0.0
