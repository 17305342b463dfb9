"""The finding of the days so far, in a sentence or two, and the figures next to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...text.numbers import compact, day, group_name, number, percent, state_name
from .scene import EVER, EVER_PEOPLE, LOST, LOST_PEOPLE, TIES, USE, VPN, Scene


@dataclass(frozen=True)
class Figure:
    """One number of the strip above the charts.

    Attributes
    ----------
    label, value, note : str
        What the number is with its unit, the number, and a number to compare it with.
    """

    label: str
    value: str
    note: str


def headline(scene: Scene) -> tuple[str, str]:
    """Return the finding up to the day shown, and a second sentence about the use of platforms."""
    return _contact(scene), f"{_people(scene)}{_use(scene)}"


def _contact(scene: Scene) -> str:
    """Say who has lost contact with their families."""
    date = day(str(scene.date))
    if not scene.touched:
        waiting = [p for p in scene.spec.policies if p.announced is not None and p.announced > scene.date]
        if waiting and len(waiting) == len(scene.spec.policies):
            first = min(waiting, key=lambda p: str(p.announced))
            return f"On {date} nothing has happened yet: the first policy is announced on {day(str(first.announced))}"
        if not scene.spec.policies:
            return f"On {date} no policy is switched on, so nothing differs"
        return f"Up to {date}, no diaspora group has lost contact with its family"
    label = _worst(scene)
    now, ever = _now_and_ever(scene, label)
    who = group_name(scene.spec, label)
    if now > 0:
        return f"On {date}, {percent(now)} of {who} have lost every platform channel to their family"
    return f"On {date}, {who} have a channel to their family again; so far {percent(ever)} have had none at some time"


def _worst(scene: Scene) -> str:
    """Return the group in which most people are out of contact on the day; if none is, the one that was hit most."""
    now = {label: float(scene.effect(LOST_PEOPLE)[-1, scene.group(label)]) for label in scene.touched}
    worst = max(now, key=lambda label: now[label])
    return worst if now[worst] > 0 else scene.touched[0]


def _now_and_ever(scene: Scene, label: str) -> tuple[float, float]:
    """Return the shares of a group that are out of contact on the day, and that have been on some day so far."""
    now, ever = (float(scene.effect(metric)[-1, scene.group(label)]) for metric in (LOST, EVER))
    return max(0.0, now), ever


def _people(scene: Scene) -> str:
    """Say how many people that is, and how many have lost contact so far."""
    if not scene.touched:
        return ""
    label = _worst(scene)
    now, ever = _now_and_ever(scene, label)
    if now <= 0:
        return ""
    people = float(scene.effect(LOST_PEOPLE)[-1, scene.group(label)])
    text = f"That is {number(max(0.0, people))} people"
    if ever > now:
        text += f"; so far {percent(ever)} have had none at some time"
    return f"{text}. "


def _use(scene: Scene) -> str:
    """Say which platform lost and gained most, where most changes."""
    state = scene.state
    row = scene.policy.axes.states.index(state)
    effect = scene.effect(USE)[-1, row]
    names = scene.policy.axes.platforms
    least, most = int(effect.argmin()), int(effect.argmax())
    parts = []
    if effect[least] < -1:
        had = float(scene.baseline.arrays[USE][scene.day, row, least])
        parts.append(f"{names[least]} has {number(-float(effect[least]))} fewer of its {number(had)} daily users")
    if effect[most] > 1:
        parts.append(f"{names[most]} has {number(float(effect[most]))} more{'' if parts else ' daily users'}")
    where = state_name(scene.spec, state, article=True)
    return f"In {where}, {' and '.join(parts)}." if parts else "No platform has lost or gained daily users."


def figures(scene: Scene) -> list[Figure]:
    """Return the numbers of the strip: people out of contact, ties, VPN users, the policies in force."""
    lost = scene.effect(LOST_PEOPLE)
    diaspora = [scene.group(label) for label in scene.policy.axes.groups if _is_shown(scene, label)]
    people = max(0.0, float(lost[-1, diaspora].sum()))
    ever = max(0.0, float(scene.effect(EVER_PEOPLE)[-1, diaspora].sum()))
    ties = float(scene.baseline.arrays[TIES][scene.day][_upper(scene)].sum())
    vpn = [float(arm.arrays[VPN][scene.day].sum()) for arm in scene.pair]
    return [
        Figure(
            "People abroad out of contact with family [persons]",
            compact(LOST_PEOPLE, people),
            f"at some time so far {compact(EVER_PEOPLE, ever)}",
        ),
        Figure(
            "Kin ties abroad without a channel [ties]",
            compact(TIES, scene.ties_out),
            f"of {compact(TIES, ties)}",
        ),
        Figure(
            "VPN users, more than without the policies [persons]",
            compact(VPN, vpn[1] - vpn[0]),
            f"{compact(VPN, vpn[1])} in all",
        ),
    ]


def _is_shown(scene: Scene, label: str) -> bool:
    """Return whether a group is a diaspora large enough to count."""
    from ...core.groups import is_diaspora
    from ...results.series import MIN_PEOPLE

    return is_diaspora(label) and scene.policy.cells.get(label, 0) >= MIN_PEOPLE


def _upper(scene: Scene) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of all pairs of states that are simulated, each once."""
    table = np.triu(~np.isnan(scene.baseline.arrays[TIES][scene.day]), 1)
    return np.nonzero(table)


__all__ = ["Figure", "figures", "headline"]
