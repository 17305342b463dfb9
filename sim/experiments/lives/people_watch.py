"""The actions of single people on platforms and VPNs, derived from their rows before and after a phase of the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.arm import Arm
from sim.experiments.why_lost import GONE, TIRED, WORKS, Blame, Cause, reasons
from sim.people.kernel_types import Rows

COLUMNS = ("member", "using", "abroad", "stuck", "uninstalled", "trial")
"""Columns of bits, a platform each, whose changes are steps; ``lapsed`` changes with ``member`` alone."""
CONDITIONS = ("vpn", "aware")
SUBSTITUTE, TRIAL_OVER, PROMOTED, AGREED = "substitute", "trial over", "promoted", "agreed with kin"
DIRECT, BY_VPN, POORLY, INSTALLED = "opens directly", "opens by VPN", "opens poorly", "app is back"
AROUND = "workaround left"
VPN_FOUND, VPN_IDLE, VPN_KNOWN = "VPN found", "VPN idle", "VPN known"
_WORSE, _BETTER = ("gives_up", "fails", "poor", "app_gone"), ("works", "good", "returns", "app_back")


class Step(NamedTuple):
    """What one person does about one platform, or about VPNs.

    Attributes
    ----------
    person : int
    what : str
        One of `sim.results.lives.OWN`.
    platforms, instead : int
        Bits.
    rule, policy : str
    """

    person: int
    what: str
    platforms: int
    rule: str
    policy: str
    instead: int = 0


class _Found(NamedTuple):
    """A step, and the look that says why: person and platform; no platform where there is nothing to look at."""

    person: int
    what: str
    platform: int
    look: int
    instead: int = 0


class PeopleWatch:
    """The rows of some people of an arm, and why they change.

    Parameters
    ----------
    arm : Arm
        Before its first day.
    people : numpy.ndarray of int, shape (watched,)
    blame : Blame
        Of the same arm.
    """

    def __init__(self, arm: Arm, people: np.ndarray, blame: Blame) -> None:
        self._arm, self._people, self._blame = arm, people, blame
        self._seen = {name: arm.condition(name, people) for name in (*COLUMNS, *CONDITIONS)}
        self._behind: dict[tuple[int, int], str] = {}
        self.morning: Rows = arm.person.copy()

    def begin(self) -> None:
        """Note what the day begins with."""
        np.copyto(self.morning.view(np.uint8), self._arm.person.view(np.uint8))

    def decided(self) -> list[Step]:
        """Return what people did since the last look, after they have decided."""
        found = [step for k in self._changed() for step in self._steps(k)]
        self._note()
        return self._with_reasons(found)

    def agreed(self) -> list[tuple[int, int]]:
        """Return who took up what by an agreement with kin since the last look: person and bits."""
        rows = self._changed()
        mine = [(int(self._people[k]), self._new_bits(k)) for k in rows]
        self._note()
        return mine

    def blame(self, person: int, platform: int, policy: str) -> None:
        """Note which policy is behind what a person has done about a platform."""
        self._behind[person, platform] = policy

    def behind(self, person: int, platforms: int) -> str:
        """Return the policy noted last for a person and any of some platforms (bits); empty where none is."""
        return next((self._behind[person, p] for p in _ones(platforms) if self._behind.get((person, p))), "")

    def _changed(self) -> np.ndarray:
        """Return the places of the people whose row differs from the last look."""
        unlike = np.zeros(self._people.size, np.bool_)
        for name, was in self._seen.items():
            unlike |= self._arm.condition(name, self._people) != was
        return np.flatnonzero(unlike)

    def _note(self) -> None:
        for name, was in self._seen.items():
            was[:] = self._arm.condition(name, self._people)

    def _new_bits(self, k: int) -> int:
        person = self._arm.person[self._people[k]]
        gained = (int(person["using"]) & ~int(self._seen["using"][k])) | (
            int(person["abroad"]) & ~int(self._seen["abroad"][k])
        )
        return gained & int(person["using"])

    def _steps(self, k: int) -> Iterator[_Found]:
        """Yield what one person does, a platform at a time, VPNs last."""
        person = int(self._people[k])
        row = self._arm.person[person]
        was = {name: int(seen[k]) for name, seen in self._seen.items()}
        now = {name: int(self._arm.condition(name, self._people[k : k + 1])[0]) for name in was}
        moved = 0
        for name in COLUMNS:
            moved |= was[name] ^ now[name]
        for p in _ones(moved):
            what = _what(was, now, p, returns=bool(int(row["first_member"]) >> p & 1))
            source = self._source(person) if what == "takes_up" else -1
            if what == "takes_up" and source < 0:
                yield _Found(person, "promoted", p, p)
            elif what == "takes_up":
                yield _Found(person, what, p, source, 1 << source)
            else:
                yield _Found(person, what, p, p)
        missing = int(self._arm.condition("lost", self._people[k : k + 1])[0])
        first = next(_ones(missing), -1)
        if now["aware"] != was["aware"]:
            yield _Found(person, "aware", -1, first, missing)
        if (now["vpn"] > 0) != (was["vpn"] > 0):
            yield _Found(person, "vpn" if now["vpn"] else "no_vpn", -1, first, missing)

    def _source(self, person: int) -> int:
        """Return the lost platform that drove a person to join another today; -1 where none did."""
        arm = self._arm
        due = np.flatnonzero(arm.workspace.due[: arm.visits] == person)
        return int(arm.workspace.outcome.act[due[0]]["source"]) if due.size else -1

    def _with_reasons(self, found: list[_Found]) -> list[Step]:
        """Return steps with their rules and policies, from what each person finds on the platform looked at."""
        looks = list(dict.fromkeys((one.person, one.look) for one in found if one.look >= 0))
        given = dict(zip(looks, reasons(self._arm, looks, self.morning), strict=True))
        return [self._step(one, given.get((one.person, one.look))) for one in found]

    def _step(self, one: _Found, cause: Cause | None) -> Step:
        if one.what == "app_gone" and cause is not None:
            cause = cause._replace(cause=GONE)  # whatever else still opens the platform
        policy, rule = self._blame.of(self._arm, cause) if cause is not None else ("", "")
        if one.what == "app_gone" and int(self._arm.person["using"][one.person]) >> one.platform & 1:
            rule = AROUND
        key = (one.person, one.platform)
        before = self._behind.get(key, "")
        if one.what in _WORSE:
            self._behind[key] = policy = policy or before
        elif one.what in _BETTER:
            policy = before or policy
            rule = {WORKS: DIRECT, TIRED: BY_VPN}.get(cause.cause if cause else "", POORLY)
            rule = INSTALLED if one.what == "app_back" else rule
        elif one.what in ("drops", "stays"):
            policy, rule = before or policy, TRIAL_OVER
        elif one.what == "no_vpn":
            policy, rule = before, VPN_IDLE
        else:
            self._behind[key] = policy
            rule = {"promoted": PROMOTED, "vpn": VPN_FOUND, "aware": VPN_KNOWN, "kin_use": AGREED}.get(
                one.what, SUBSTITUTE
            )
        return Step(one.person, one.what, 1 << one.platform if one.platform >= 0 else 0, rule, policy, one.instead)


def _what(was: dict[str, int], now: dict[str, int], p: int, *, returns: bool) -> str:
    """Return what a person does about a platform, from its bits before and after."""

    def gained(name: str) -> bool:
        return not was[name] >> p & 1 and bool(now[name] >> p & 1)

    def lost(name: str) -> bool:
        return bool(was[name] >> p & 1) and not now[name] >> p & 1

    if lost("member"):
        return "drops" if lost("trial") else "gives_up"
    if gained("member"):
        return "returns" if returns else "takes_up"
    order = [
        (lost("using"), "fails"), (gained("using"), "works"), (gained("uninstalled"), "app_gone"),
        (lost("uninstalled"), "app_back"), (gained("stuck"), "poor"), (lost("stuck"), "good"),
        (lost("trial"), "stays"), (True, "kin_use"),
    ]  # fmt: skip
    return next(what for is_so, what in order if is_so)


def _ones(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, the lowest first."""
    while bits > 0:
        yield (bits & -bits).bit_length() - 1
        bits &= bits - 1
