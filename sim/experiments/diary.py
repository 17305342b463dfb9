"""The diary of one arm: what happens to some people and their kin abroad, from their rows round a phase of the day."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.arm import Arm
from sim.engine.model import Model
from sim.experiments.causes import GONE, NO_WAY, POOR, TIRED, WORKS, Blame, Cause, causes, reasons
from sim.facts.model import MODES
from sim.people.contact import BRIDGED
from sim.people.kernel_types import Rows
from sim.results.lives import Happening
from sim.results.ties import BRIDGE
from sim.world.people import lucky_providers

STEPS = (0.9, 0.75, 0.5, 0.25)
"""Shares of the speed of the first day below which a platform counts as one step slower (assumption)."""
_TEXT, _CALLS, _PAY = MODES.index("text"), (MODES.index("voice"), MODES.index("video")), MODES.index("pay")

PARTS = {
    "way": (NO_WAY, "closed", "open again"),
    "calls": (NO_WAY, "calls closed", "calls open again"),
    "pay": (WORKS, "payments closed", "payments open again"),
    "store": (GONE, "out of the store", "in the store again"),
    "speed": (POOR, "slower", "faster"),
    "threat": (WORKS, "threatened", "no longer threatened"),
}
"""Parts of access that a person may notice: by what a policy is found, and the rule when it is worse or better."""


class AccessChange(NamedTuple):
    """A part of access that is not what it was yesterday, for one person.

    Attributes
    ----------
    person, platform : int
    rule, policy : str
    speed : float
        Of the platform against the first day, for the part ``speed`` [share]; NaN for others.
    """

    person: int
    platform: int
    rule: str
    policy: str
    speed: float


class AccessWatch:
    """Access as some people of an arm find it, each by the provider that they have.

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
        self._place = arm.person["state"][people].astype(np.int64)
        self._luck = lucky_providers(arm.member_seed, 0, arm.person.size)[people]
        self._first_speed = arm.cells["speed"].copy()
        self._places = np.unique(self._place)
        self._cells = self._numbers()
        self._behind: dict[tuple[int, int, str], str] = {}
        self._seen = {p: self._found(p) for p in range(len(arm.setting.platforms))}

    def changes(self) -> Iterator[AccessChange]:
        """Yield what is not as it was yesterday, of platforms that the person holds; after access is worked out."""
        arm = self._arm
        if not arm.access_diff.states.size:
            return
        held, cells = arm.person["member"][self._people], self._numbers()
        moved = np.flatnonzero((cells != self._cells).any(axis=(0, 2)))
        self._cells = cells
        for p in moved.tolist():
            was, now = self._seen[p], self._found(p)
            for part in PARTS:
                for k in np.flatnonzero((was[part] != now[part]) & (held >> p & 1 == 1)):
                    yield self._change(int(k), p, part, worse=bool(now[part][k] < was[part][k]))
            self._seen[p] = now

    def _numbers(self) -> np.ndarray:
        """Return access where these people live, shape (places, platforms, columns)."""
        cells = self._arm.cells[self._places]
        return np.asarray(cells.view(np.float64).reshape(*cells.shape, -1))

    def _change(self, k: int, p: int, part: str, *, worse: bool) -> AccessChange:
        """Return one change, with the policy that is behind it, or was behind what is over."""
        arm, (cause, closed, opened) = self._arm, PARTS[part]
        place, person = int(self._place[k]), int(self._people[k])
        if worse:
            self._behind[place, p, part] = self._blame.of(arm, Cause(cause, person, p))[0]
        policy = self._behind.get((place, p, part), "")
        speed = float("nan")
        if part == "speed":
            speed = float(arm.cells["speed"][place, p] / self._first_speed[place, p])
        return AccessChange(person, p, closed if worse else opened, policy, speed)

    def _found(self, p: int) -> dict[str, np.ndarray]:
        """Return how each person finds each part of access to a platform: the more the better, shape (watched,)."""
        cell = self._arm.cells[self._place, p]
        near = self._luck[:, None] >= 1.0 - cell["reach"]
        used = self._arm.columns.platform["mode_weight"][p] > 0
        talk = [mode for mode in _CALLS if used[mode]]
        way = (near & used).any(axis=1)
        left = cell["speed"] / self._first_speed[self._place, p]
        none = np.zeros(self._people.size, np.int64)
        return {
            "way": way.astype(np.int64),
            "calls": np.where(way & near[:, _TEXT], near[:, talk].any(axis=1), 1) if talk else none,
            "pay": np.where(way, near[:, _PAY], 1) if used[_PAY] else none,
            "store": (cell["install"] > 0).any(axis=1).astype(np.int64),
            "speed": -sum((left < step).astype(np.int64) for step in STEPS),
            "threat": -(cell["threat"] > 0).astype(np.int64),
        }


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


WOKEN, HOUSEHOLD, ARRANGED = "both had it", "brought by a relative", "arranged"
BEFOREHAND, NUMBERS = "beforehand", "telephone numbers"
SAME, OTHER_APP, A_BRIDGE = "on a platform of before", "on another platform", "over a bridge"
ADDED, PHONE = "one more in common", "telephone"


class TieStep(NamedTuple):
    """What becomes of one tie.

    Attributes
    ----------
    tie : int
    what : str
        One of `sim.results.lives.BETWEEN`, or ``agrees``.
    platforms, instead : int
        Bits.
    rule, policy : str
    value : float
        Days out of contact, of ``back`` and ``phones``; NaN for others [days].
    """

    tie: int
    what: str
    platforms: int
    rule: str
    policy: str
    instead: int = 0
    value: float = float("nan")


class TieWatch:
    """Some kin ties of an arm, their channels, and why they change.

    Parameters
    ----------
    arm : Arm
        Before its first day.
    ties : numpy.ndarray of int, shape (watched,)
    blame : Blame
        Of the same arm.
    """

    def __init__(self, arm: Arm, ties: np.ndarray, blame: Blame) -> None:
        self._arm, self._ties, self._blame = arm, ties, blame
        self._seen = arm.kin.channels[ties].copy()
        self._out = np.zeros(ties.size, np.int64)
        self._calls = np.zeros(ties.size, np.bool_)
        self._phone = arm.kin.phone[ties].copy()
        self._behind: dict[int, str] = {}

    def agreements(self, new: dict[int, int], morning: Rows) -> list[TieStep]:
        """Return which pairs have agreed on a platform today; between agreeing and finding the channels.

        Parameters
        ----------
        new : dict of int to int
            Person -> platforms taken up by an agreement today, bits; who has nothing new is not in it.
        morning : numpy.ndarray of PERSON, shape (people,)
        """
        kin = self._arm.kin
        found = list(self._numbers())
        if not new:
            return found
        for k, tie in enumerate(self._ties.tolist()):
            p, ends = int(kin.agreed[tie]), (int(kin.diaspora_end[tie]), int(kin.family_end[tie]))
            if p < 0 or not any(new.get(end, 0) >> p & 1 for end in ends):
                continue
            had = int(self._seen[k]) or int(kin.first[tie])
            if kin.channels[tie] != 0:
                found.append(TieStep(tie, "agrees", 1 << p, BEFOREHAND, self._coming(tie), had))
                continue
            if self._out[k] == 0 and tie not in self._behind:
                self._behind[tie] = self._why(tie, had, morning)[0]
            found.append(TieStep(tie, "agrees", 1 << p, self._how(tie, p, morning), self._behind.get(tie, ""), had))
        return found

    def _numbers(self) -> Iterator[TieStep]:
        """Yield the ties whose two ends have given each other their telephone numbers today, in view of what comes."""
        phone = self._arm.kin.phone[self._ties]
        for tie in self._ties[phone < self._phone].tolist():
            yield TieStep(tie, "numbers", 0, NUMBERS, self._coming(tie), int(self._arm.kin.channels[tie]))
        self._phone = phone

    def _coming(self, tie: int) -> str:
        """Return the policy that takes most of what joins a tie, in the end."""
        kin, cells, most, found = self._arm.kin, self._arm.cells, 0.0, Cause(WORKS)
        for end in (int(kin.diaspora_end[tie]), int(kin.family_end[tie])):
            place = int(self._arm.person["state"][end])
            for p in range(len(self._arm.setting.platforms)):
                taken = float(cells["coming"][place, p])
                if int(kin.channels[tie]) >> p & 1 and taken > most:
                    most, found = taken, Cause(WORKS, end, p)
        return self._blame.of(self._arm, found)[0]

    def followed(self, baseline: np.ndarray, morning: Rows) -> list[TieStep]:
        """Return what is not as it was yesterday, after contact is worked out.

        Parameters
        ----------
        baseline : numpy.ndarray of int64, shape (all ties,)
            Channels without the policies.
        morning : numpy.ndarray of PERSON, shape (people,)
        """
        now, without = self._arm.kin.channels[self._ties], baseline[self._ties]
        out = (without != 0) & (now == 0)
        moved = np.flatnonzero((now != self._seen) | (out != (self._out > 0)))
        found = [step for k in moved.tolist() for step in self._step(k, bool(out[k]), int(without[k]), morning)]
        self._out = np.where(out, self._out + 1, 0)
        self._seen[:] = now
        found += self._telephone()
        return found

    def _step(self, k: int, out: bool, without: int, morning: Rows) -> Iterator[TieStep]:
        """Yield what becomes of one tie today."""
        tie, was = int(self._ties[k]), int(self._seen[k])
        now = int(self._arm.kin.channels[tie])
        if out and not self._out[k]:
            had = was or without
            self._behind[tie], rule = self._why(tie, had, morning)
            yield TieStep(tie, "lost", had, rule, self._behind[tie])
        elif not out and self._out[k] and now:
            yield TieStep(tie, "back", now, self._way(tie, now), self._behind.pop(tie, ""), 0, float(self._out[k]))
        elif now != was:
            gone = was & ~now
            if gone:
                self._behind[tie], rule = self._why(tie, gone, morning)
            else:
                rule = ADDED
            yield TieStep(tie, "changed", now, rule, self._behind.get(tie, ""), was)

    def _telephone(self) -> Iterator[TieStep]:
        """Yield the ties whose two ends begin to telephone today because they have no channel."""
        phone = self._arm.kin.phone[self._ties]
        calls = (self._out > 0) & (phone < np.maximum(1, self._out))
        for k in np.flatnonzero(calls & ~self._calls).tolist():
            tie = int(self._ties[k])
            yield TieStep(tie, "phones", 0, PHONE, self._behind.get(tie, ""), 0, float(self._out[k]))
        self._calls = calls

    def _why(self, tie: int, gone: int, morning: Rows) -> tuple[str, str]:
        """Return the policy and the rule by which a tie has lost some channels (bits)."""
        bits = np.array([gone & 0xFFFF_FFFF_FFFF_FFFF], np.uint64).view(np.int64)
        (cause,) = causes(self._arm, np.array([tie]), bits, morning)
        return self._blame.of(self._arm, cause)

    def _way(self, tie: int, now: int) -> str:
        """Return on what a tie is back."""
        if now & int(self._arm.kin.first[tie]) & ~int(BRIDGED):
            return SAME
        return A_BRIDGE if now == int(BRIDGED) else OTHER_APP

    def _how(self, tie: int, p: int, morning: Rows) -> str:
        """Return by which rule a pair has agreed: an app of both, one that a relative brings, or one they arrange."""
        kin, bonds = self._arm.kin, self._arm.world.bonds
        i, j = int(kin.diaspora_end[tie]), int(kin.family_end[tie])
        if int(morning["using"][i]) & int(morning["using"][j]) & 1 << p:
            return WOKEN
        others = [int(each) for each in kin.ties_of[kin.start[i] : kin.start[i + 1]] if each != tie]
        through = 0
        for other in others:
            through |= int(kin.channels[other])
        is_led = kin.led[tie] >= bonds.follow[tie] and through & int(bonds.usable[tie]) & 1 << p
        return HOUSEHOLD if is_led else ARRANGED


class Diary:
    """What happens in one arm to some kin ties and to the people at both ends of them.

    Parameters
    ----------
    model : Model
        Before its first day; the diary watches every phase and changes nothing.
    ties : numpy.ndarray of int, shape (watched,)
        Numbers of the kin ties.

    Attributes
    ----------
    happenings : list of Happening
        In the order of the days.
    open, out : numpy.ndarray of bool, shape (days, watched)
        Whether each tie has a channel, and whether it is out of contact.
    """

    def __init__(self, model: Model, ties: np.ndarray) -> None:
        kin, days = model.kin, model.spec.days
        self.model, self.ties = model, ties
        self.people = np.unique(np.concatenate([kin.diaspora_end[ties], kin.family_end[ties]]))
        self.first = kin.first[ties].copy()
        self.platforms = model.person["using"][self.people].copy()
        self.has_vpn = model.person["vpn"][self.people] > 0
        self._blame = blame = Blame(model)
        self._access = AccessWatch(model, self.people, blame)
        self._who = PeopleWatch(model, self.people, blame)
        self._ties = TieWatch(model, ties, blame)
        self.happenings: list[Happening] = []
        self.open, self.out = np.zeros((2, days, ties.size), np.bool_)
        model.watch = self._after

    def _after(self, model: Model, phase: str) -> None:
        """Note what a phase of the day has changed."""
        if phase == "access":
            self._who.begin()
            self.happenings += self._of_access()
        elif phase == "people":
            self.happenings += self._of_people()
        elif phase == "reconnect":
            self.happenings += self._of_agreements()
        elif phase == "contact":
            kin, other = model.kin, model.baseline
            baseline = kin.first if other is None else other.kin.channels
            steps = self._ties.followed(baseline, self._who.morning)
            self.happenings += [one for step in steps for one in self._of_tie(step)]
            self.open[model.day] = kin.channels[self.ties] != 0
            self.out[model.day] = (baseline[self.ties] != 0) & ~self.open[model.day]

    def _of_access(self) -> Iterator[Happening]:
        for one in self._access.changes():
            names = self.names(1 << one.platform)
            yield Happening(self._today, one.person, "access", names, one.rule, one.policy, value=one.speed)

    def _of_people(self) -> Iterator[Happening]:
        for step in self._who.decided():
            names, instead = self.names(step.platforms), self.names(step.instead)
            yield Happening(self._today, step.person, step.what, names, step.rule, step.policy, instead=instead)

    def _of_agreements(self) -> Iterator[Happening]:
        """Yield who agrees on what with whom, at both ends."""
        new = dict(self._who.agreed())
        for step in self._ties.agreements(new, self._who.morning):
            for end in self.ends(step.tie):
                self._who.blame(end, step.platforms.bit_length() - 1, step.policy)
            yield from self._of_tie(step)

    def _of_tie(self, step: TieStep) -> Iterator[Happening]:
        """Yield what becomes of a tie, once for each end."""
        one, two = self.ends(step.tie)
        names, instead = self.names(step.platforms), self.names(step.instead)
        policy = step.policy
        if not policy:  # the tie follows from what one of the two did about one of these platforms
            concerned = (step.platforms ^ step.instead if step.instead else step.platforms) & ~int(BRIDGED)
            policy = self._who.behind(one, concerned) or self._who.behind(two, concerned)
        if not policy and (step.platforms ^ step.instead) & int(BRIDGED):
            policy = self._blame.of_bridge(self.model)
        for person, kin in ((one, two), (two, one)):
            yield Happening(self._today, person, step.what, names, step.rule, policy, kin, instead, step.value)

    def ends(self, tie: int) -> tuple[int, int]:
        """Return the two people of a tie, the member of the diaspora first."""
        return int(self.model.kin.diaspora_end[tie]), int(self.model.kin.family_end[tie])

    def names(self, bits: int) -> tuple[str, ...]:
        """Return the platforms of bits, by name; a bridge between two of them comes last."""
        found = [name for p, name in enumerate(self.model.setting.platforms) if bits >> p & 1]
        return (*found, *([BRIDGE] if bits & int(BRIDGED) else []))

    @property
    def _today(self) -> str:
        return str(self.model.date)
