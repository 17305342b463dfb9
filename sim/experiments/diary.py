"""The diary of one arm: what happens to some people and their kin abroad, read from the event log."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..arm import Arm
from ..people.contact import BRIDGED
from ..people.events import (
    AGREES,
    APP_BACK,
    APP_GONE,
    AWARE,
    BACK,
    BEFOREHAND,
    CHANGED,
    DROPS,
    FAILS,
    GIVES_UP,
    GONE,
    GOOD,
    KIN_USE,
    LOST,
    NO_VPN,
    NUMBERS,
    OWN_RULE,
    PHONES,
    POOR,
    PROMOTED,
    RETURNS,
    STAYS,
    TAKES_UP,
    TIRED,
    VPN,
    WAYS_TO_AGREE,
    WHAT,
    WORKS,
    WORKS_AGAIN,
)  # fmt: skip
from ..people.kernel_types import Rows
from ..results.lives import Happening
from ..results.ties import BRIDGE
from .causes import Cause, TieWatch, platforms_in

DIRECT, BY_VPN, POORLY, INSTALLED = "opens directly", "opens by VPN", "opens poorly", "app is back"
AROUND, AGREED, TRIAL_OVER = "workaround left", "agreed with kin", "trial over"
_RULES = {
    DROPS: TRIAL_OVER, STAYS: TRIAL_OVER, TAKES_UP: "substitute", PROMOTED: "promoted", KIN_USE: AGREED,
    AWARE: "VPN known", VPN: "VPN found", NO_VPN: "VPN idle", APP_BACK: INSTALLED, NUMBERS: "telephone numbers",
    PHONES: "telephone", CHANGED: "one more in common",
}  # fmt: skip
"""The rule by which something happens, where it does not follow from what a person finds on the platform."""
_WORSE, _BETTER = (GIVES_UP, FAILS, POOR, APP_GONE), (WORKS_AGAIN, GOOD, RETURNS, APP_BACK)
SAME, OTHER_APP, A_BRIDGE = "on a platform of before", "on another platform", "over a bridge"
_ABOUT_VPN = -1  # in place of the platform, where a policy is noted for what somebody does about VPNs


class Diary(TieWatch):
    """What happens in one arm to some kin ties and to the people at both ends of them.

    Parameters
    ----------
    arm : Arm
        Before its first day; `read` follows each of its days.
    ties : numpy.ndarray of int, shape (watched,)
        Numbers of the kin ties.

    Attributes
    ----------
    happenings : list of Happening
        In the order of the days.
    open, out : numpy.ndarray of bool, shape (days, watched)
        Whether each tie has a channel, and whether it is out of contact.
    """

    def __init__(self, arm: Arm, ties: np.ndarray) -> None:
        super().__init__(arm, ties)
        self.ties, self.first = ties, arm.kin.first[ties].copy()
        self.platforms, self.has_vpn = arm.person["using"][self.people], arm.person["vpn"][self.people] > 0
        self.happenings: list[Happening] = []
        self.open, self.out = np.zeros((2, arm.spec.days, ties.size), np.bool_)
        self._behind: dict[tuple[int, int], str] = {}  # policy behind what a person does about a platform
        self._behind_tie: dict[int, str] = {}
        self._contact: dict[int, Rows] = {}  # what becomes of the contact of each tie today

    def read(self) -> None:
        """Write down the day, after it."""
        arm, today, events = self.arm, str(self.arm.date), self.events()
        self._contact = {int(event["who"]): event for event in events[events["what"] >= LOST]}
        for event in events:
            self.happenings += (self._of_person if event["what"] < NUMBERS else self._of_tie)(event, today)
        self.open[arm.day] = arm.kin.channels[self.ties] != 0
        self.out[arm.day] = arm.kin.out_days[self.ties] > 0

    def _of_person(self, event: Rows, today: str) -> Iterator[Happening]:
        """Yield what somebody does about a platform, or about VPNs."""
        who, what, p, was = (int(event[name]) for name in ("who", "what", "platform", "was"))
        cause = Cause(GONE if what == APP_GONE else int(event["cause"]), who, platforms_in(was)[0] if was else p)
        policy, rule = self.blame.of(cause) if cause.platform >= 0 else ("", "")
        key = who, _ABOUT_VPN if what in (AWARE, VPN, NO_VPN) else p
        before = self._behind.get(key, "")
        if what in _WORSE:
            self._behind[key] = policy = policy or before
        elif what == NO_VPN:
            policy = before
        elif what in (DROPS, STAYS, *_BETTER):
            policy = before or policy
        else:
            self._behind[key] = policy
        if what == APP_GONE and event["now"] >> p & 1:
            rule = AROUND
        elif what in _BETTER:
            rule = {WORKS: DIRECT, TIRED: BY_VPN}.get(cause.cause, POORLY)
        names = () if key[1] == _ABOUT_VPN else self.names(1 << p)
        if cause.cause == OWN_RULE and what == TAKES_UP:
            yield Happening(today, who, WHAT[what], names, rule, policy)
            return
        yield Happening(today, who, WHAT[what], names, _RULES.get(what, rule), policy, instead=self.names(was))

    def _of_tie(self, event: Rows, today: str) -> Iterator[Happening]:
        """Yield what becomes of a tie, once for each end."""
        tie, what, p, was, now = (int(event[name]) for name in ("who", "what", "platform", "was", "now"))
        one, two = ends = self.ends(tie)
        bits, instead, rule = now, 0, _RULES.get(what, "")
        if what == NUMBERS:
            bits, instead, policy = 0, now, self._coming(ends, now)
        elif what == AGREES:
            bits, instead, rule = 1 << p, was, WAYS_TO_AGREE[event["cause"]]
            if event["cause"] == BEFOREHAND:
                policy = self._coming(ends, now)
            else:
                if tie not in self._behind_tie:
                    self._behind_tie[tie] = self.blame.of(self.why(self._contact.get(tie, event), was))[0]
                policy = self._behind_tie[tie]
            self._behind |= {(end, p): policy for end in ends}
        elif what == BACK:
            is_same = now & int(self.arm.kin.first[tie]) & ~int(BRIDGED)
            rule = SAME if is_same else A_BRIDGE if now == int(BRIDGED) else OTHER_APP
            policy = self._behind_tie.pop(tie, "")
        else:
            if what == LOST:
                bits = was or now
            elif what == CHANGED:
                instead = was
            gone = bits if what == LOST else was & ~now if what == CHANGED else 0
            if gone:
                self._behind_tie[tie], rule = self.blame.of(self.why(event, gone))
            policy = self._behind_tie.get(tie, "")
        if not policy:  # the tie follows from what one of the two did about one of these platforms
            moved = bits ^ instead if instead else bits
            policies = (self._behind.get((end, q), "") for end in ends for q in platforms_in(moved))
            policy = next(filter(None, policies), "") or (self.blame.of_bridge() if moved & int(BRIDGED) else "")
        value = float(event["days"]) if what in (BACK, PHONES) else float("nan")
        names, replaced = self.names(bits), self.names(instead)
        for person, kin in ((one, two), (two, one)):
            yield Happening(today, person, WHAT[what], names, rule, policy, kin, replaced, value)

    def _coming(self, ends: tuple[int, int], channels: int) -> str:
        """Return the policy that takes most of the channels (bits) of two people in the end."""
        coming, state = self.arm.cells["coming"], self.arm.person["state"]
        taken = [(float(coming[state[end], p]), Cause(WORKS, end, p)) for end in ends for p in platforms_in(channels)]
        most = max(taken, key=lambda each: each[0], default=(0.0, Cause(WORKS)))
        return self.blame.of(most[1])[0] if most[0] > 0.0 else ""

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the platforms of bits, by name; a bridge between two of them comes last."""
        names = tuple(self.arm.setting.platforms[p] for p in platforms_in(bits))
        return (*names, *([BRIDGE] if bits & int(BRIDGED) else ()))
