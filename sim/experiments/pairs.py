"""A pair of arms: the same world and random numbers with and without the policies.

`Blame` finds the policy behind the event that ended the last channel of a kin tie.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from ..arm import Arm
from ..core.groups import StatePair, Users
from ..engine.model import Model
from ..engine.steps import SCHEDULE
from ..metrics.arm_day import under_limit, using_by_group
from ..metrics.registry import WAYS
from ..people import events
from ..people.access import AccessTable, moved
from ..people.kernel_types import NEVER_DAYS, Rows
from ..results.memory import check_memory
from ..results.panel import ArmData, Axes
from ..results.ties import NEVER, RANKS, KinHistory, KinTable, MemberTies
from ..scenario import Scenario
from ..world.build import make_world
from ..world.law import Docket, access_under
from ..world.people import youth_of

RULES = (
    "left for another app",
    "workaround given up",
    "poor service",
    "blocked",
    "update lapsed",
    "own rule",
    "calls blocked",
    "not used with kin",
    "bridge ended",
)
"""The names of `people.events.CAUSES` in the table of ties; "decayed" means that a service is
slower than on the first day.
"""
DECAYED = "service decayed"
_LATE = 365  # days in force at which an announced policy is evaluated


class Cause(NamedTuple):
    """The reason why a person loses a platform, or a pair an app: an index in `CAUSES`, the person
    and the platform.

    Person and platform are -1 if neither end stopped using a platform.
    """

    cause: int
    who: int = -1
    platform: int = -1


def platforms_in(bits: int) -> list[int]:
    """Return the numbers of the platforms in a set of bits, without the bridge."""
    return [p for p in range(63) if bits >> p & 1]


class Blame:
    """Finds the policy behind the access to a platform: the policy that alone would change access
    most.

    Parameters
    ----------
    arm : Arm
        The arm with the policies.
    """

    def __init__(self, arm: Arm) -> None:
        self._arm: Arm = arm
        self._first: AccessTable = arm.opening
        self._alone: dict[str, tuple[int, AccessTable, frozenset[int]]] = {}
        self._narrowed: set[str] = set()
        self._ids: dict[str, str] = {}

    def of(self, cause: Cause) -> tuple[str, str]:
        """Return the id of the policy, empty if no policy changes this access today, and the rule
        in `RULES`.
        """
        what = cause.cause
        rule = RULES[cause.cause]
        arm = self._arm
        if (
            cause.who < 0 or what == events.OWN_RULE
        ):  # a decision of a user's own rule has no policy behind it
            return "", rule
        place = int(arm.person["state"][cause.who])
        p = cause.platform
        state = int(arm.places.state[place])
        first = self._first
        if what == events.TOO_POOR and arm.cells["speed"][place, p] < first.speed[state, p]:
            rule = DECAYED
        self._evaluate_policies()
        # Of policies with the same effect, the one in force longest counts; an ended one counts
        # only if no other does.
        days = {policy.mark: n for policy, n in arm.docket.in_force}
        ranked = []
        for mark, (_, table, states) in self._alone.items():
            if state in states and (
                mark not in self._narrowed or mark in arm.places.concerned_by(place)
            ):
                effect = _effect(what, first, table, (state, p))
                anything = float(np.abs(table.block[state, p] - first.block[state, p]).sum())
                ranked.append((effect, anything, mark in days, days.get(mark, -1), self._ids[mark]))
        worst = max(ranked, key=lambda row: row[:4], default=(0.0, 0.0, False, -1, ""))
        return (worst[4] if max(worst[:2]) > 0 else ""), rule

    def _evaluate_policies(self) -> None:
        """Compute access under each known policy alone, again whenever its days in force have
        doubled.
        """
        docket = self._arm.docket
        in_force = {policy.mark for policy, _ in docket.in_force}
        late = [
            (notice.policy, _LATE)
            for notice in docket.announced
            if notice.policy.mark not in in_force
        ]
        for policy, days in [*docket.in_force, *late]:
            if self._alone.get(policy.mark, (-1,))[0] != days.bit_length():
                table = access_under(Docket(((policy, days),), ()), self._first, self._arm.setting)
                states = frozenset(moved(self._first, table).tolist())
                self._alone[policy.mark] = (days.bit_length(), table, states)
                self._ids[policy.mark] = policy.id
                self._narrowed |= {policy.mark} if policy.who is not None else set()


def _effect(cause: int, first: AccessTable, table: AccessTable, cell: tuple[int, int]) -> float:
    """Return the loss of access in a table, relative to the first, that a cause is about, for a
    state and platform [share].
    """
    reach = float((first.reach[cell] - table.reach[cell]).max())
    if cause == events.GONE:
        return float((first.install[cell] - table.install[cell]).max()) + float(
            table.install_hazard[cell].max()
        )
    if cause == events.TOO_POOR:
        return max(reach, float(first.speed[cell] - table.speed[cell]))
    return reach if cause in (events.NO_WAY, events.CALLS, events.TIRED) else 0.0


class KinLog:
    """The changes of the channels of all kin ties in one arm, and the causes of first losses.

    Parameters
    ----------
    arm : Arm
        The arm before its first day; call `read` after each day.
    """

    def __init__(self, arm: Arm) -> None:
        self.arm = arm
        self._blame = Blame(arm)
        people = np.zeros(arm.person.size, np.bool_)
        people[arm.kin.diaspora_end] = True
        people[arm.kin.family_end] = True
        arm.events = events.EventLog(people, np.ones(arm.kin.first.size, np.bool_))
        self._stopped: dict[tuple[int, int], int] = {}
        self._number_on = np.where(arm.kin.phone < NEVER_DAYS, 0, -1).astype(np.int16)
        self._changes: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._cause = np.full(arm.kin.first.size, -1, np.int16)
        self._causes: dict[tuple[str, str], int] = {}

    def read(self) -> None:
        """Record the events of the day."""
        rows = self._events()
        day = self.arm.day
        lost = rows[rows["what"] == events.LOST]
        for event in lost[self.arm.kin.first_out[lost["who"]] == day]:
            cause = self._blame.of(self._why(event, int(event["was"] or event["now"])))
            self._cause[event["who"]] = self._causes.setdefault(cause, len(self._causes))
        self._number_on[rows["who"][rows["what"] == events.NUMBERS]] = day
        changed = rows[(rows["what"] >= events.LOST) & (rows["what"] < events.PHONES)]
        now = np.where(changed["what"] == events.LOST, 0, changed["now"])
        is_new = now != changed["was"]
        tie = changed["who"][is_new]
        self._changes.append((tie, np.full(tie.size, day, np.int16), now[is_new]))

    def history(self) -> KinHistory:
        """Return the recorded history."""
        kin = self.arm.kin
        tie, day, channels = (np.concatenate(column) for column in zip(*self._changes, strict=True))
        return KinHistory(
            before=kin.first.copy(),
            tie=tie,
            day=day,
            channels=channels,
            first_out=kin.first_out.astype(np.int16),
            first_back=kin.first_back.astype(np.int16),
            way_back=kin.way_back.copy(),
            number_on=self._number_on,
            cause=self._cause,
            policy=np.array([policy for policy, _ in self._causes], np.str_),
            rule=np.array([rule for _, rule in self._causes], np.str_),
        )

    def _events(self) -> Rows:
        """Return the events of the day that has just ended."""
        rows = self.arm.events.take()
        stopped = rows[np.isin(rows["what"], (events.GIVES_UP, events.DROPS, events.FAILS))]
        who, platform, cause = (stopped[name].tolist() for name in ("who", "platform", "cause"))
        self._stopped |= dict(zip(zip(who, platform, strict=True), cause, strict=True))
        return rows

    def _ends(self, tie: int) -> tuple[int, int]:
        """Return the two people of a tie, the member of the diaspora first."""
        return int(self.arm.kin.diaspora_end[tie]), int(self.arm.kin.family_end[tie])

    def _why(self, event: Rows, gone: int) -> Cause:
        """Return the cause for which the tie of an event lost some channels (bits)."""
        ends = self._ends(int(event["who"]))
        candidates = [Cause(events.APART if platforms_in(gone) else events.BRIDGE)]
        if event["what"] in (events.LOST, events.CHANGED) and event["end"] >= 0:
            candidates.append(Cause(events.CALLS, ends[event["end"]], int(event["platform"])))
        for who in ends:
            for p in platforms_in(gone & ~int(self.arm.person["using"][who])):
                # A person who has never used the platform in this arm lives where it opened with
                # other blocks.
                is_closed = self.arm.cells["reach"][self.arm.person["state"][who], p].max() < 1.0
                candidates.append(
                    Cause(
                        self._stopped.get((who, p), events.NO_WAY if is_closed else events.APART),
                        who,
                        p,
                    )
                )
        return min(candidates, key=lambda cause: cause.cause)


def kin_table(arm: Arm) -> KinTable:
    """Return the kin ties, with the traits of both people."""
    kin = arm.kin
    person = np.unique(np.concatenate([kin.diaspora_end, kin.family_end]))
    youth = youth_of(arm.member_seed, 0, arm.person.size)[person]
    spread = arm.world.setting.parameters["circumvention.effort_spread"]
    effort = np.log(arm.person["effort"][person].astype(np.float64))
    return KinTable(
        person=person.astype(np.int32),
        group=kin.slot_group.astype(np.int16),
        age=_rank(-youth),
        skill=_rank(-effort / spread if spread > 0 else np.zeros(person.size)),
        diaspora_end=kin.slot[:, 0].astype(np.int32),
        family_end=kin.slot[:, 1].astype(np.int32),
        conversations=kin.conversations.copy(),
        phone=np.minimum(np.floor(kin.phone), NEVER).astype(np.int16),
    )


def _rank(normal: np.ndarray) -> np.ndarray:
    """Return the share of people with a lower value of a standard normal trait, in `RANKS`-ths."""
    share = [0.5 * (1.0 + math.erf(z / math.sqrt(2.0))) for z in normal.tolist()]
    return np.round(np.array(share) * RANKS).astype(np.int16)


# --- why ties are lost ----------------------------------------------------------------------------


def run_pair(
    spec: Scenario,
    seed: int,
    *,
    world_of: Scenario | None = None,
    threads: int = 1,
    ties: bool = False,
    metrics: Collection[str] | None = None,
    steps: Sequence[Any] | None = None,
    carry: bool = False,
) -> tuple[ArmData, ArmData]:
    """Run both arms of one seed day by day; raise MemoryError if they do not fit into free memory.

    Parameters
    ----------
    spec : Scenario
    seed : int
        The random seed.
    world_of : Scenario, optional
        The scenario whose world is used, if it is another one. Policies decide which groups are
        simulated in more detail, so a run with some of the policies must use the world of all
        policies to be comparable.
    threads : int
        Number of threads for one large world; the results do not depend on it.
    ties : bool
        Whether to store the history of each kin tie abroad.
    metrics : collection of str, optional
        Names of the metrics to record; by default all.
    steps : sequence, optional
        The order of the day, as for `Model`.
    carry : bool
        Whether to draw errors on past events and apply them to the kin ties.

    Returns
    -------
    tuple of ArmData
        The baseline arm and the policy arm, with the ties if they are stored.
    """
    check_memory(spec)
    order = {} if steps is None else {"steps": steps}
    baseline, policy = make_arms(
        spec, seed, threads=threads, world_of=world_of, metrics=metrics, **order
    )
    if carry:
        policy.carry(spec.episode or "")
    logs = [KinLog(arm) for arm in (baseline, policy)] if ties else []
    for _ in range(spec.days):
        baseline.step()
        policy.step()
        for log in logs:
            log.read()
    kept = MemberTies(kin_table(policy), *(log.history() for log in logs)) if ties else None
    return arm_data(baseline), replace(arm_data(policy), ties=kept)


def make_arms(
    spec: Scenario,
    seed: int,
    *,
    threads: int = 1,
    world_of: Scenario | None = None,
    metrics: Collection[str] | None = None,
    steps: Sequence[Any] = SCHEDULE,
) -> tuple[Model, Model]:
    """Return both arms of one seed before their first day, in one world; step the baseline first
    each day.

    Parameters
    ----------
    spec, seed, threads, world_of
        As for `run_pair`.
    metrics : collection of str, optional
        Names of the metrics to record; by default all.
    steps : sequence
        The order of the day, as for `Model`.
    """
    world = make_world(world_of or spec, seed, threads=threads)
    shared: dict[str, Any] = {
        "rng": seed,
        "world": world,
        "threads": threads,
        "metrics": metrics,
        "collect": False,
        "steps": steps,
    }
    baseline = Model(spec, arm="baseline", **shared)
    other = Model(spec, arm="policy", baseline=baseline, **shared)
    return baseline, other


def arm_data(model: Model) -> ArmData:
    """Return the results of an arm for the simulated days.

    No result is shown for a cell (a group, a platform in a state, or a pair of states) with too few
    simulated people. Users of a platform are those of the first or the last day, whichever are
    more, so that platforms taken up during the run are shown too.
    """
    groups = model.world.groups
    states = model.setting.states
    platforms = model.setting.platforms
    cells = {g.label: g.size for g in groups}
    counted = {"": np.maximum(model.first_using, model.counts.using)}
    if (young := under_limit(model)).size:
        counted[Users.TOO_YOUNG] = using_by_group(model.person[young], *model.counts.using.shape)
    for which, users in counted.items():
        for row, state in enumerate(states):
            here = users[model.group_table.state == row].sum(axis=0).astype(int).tolist()
            cells |= {str(Users(state, p + which)): n for p, n in zip(platforms, here, strict=True)}
    for group in groups:
        if group.side == "diaspora":
            pair = str(StatePair(*sorted((group.residence, group.origin), key=states.index)))
            cells[pair] = cells.get(pair, 0) + group.size
    return ArmData(
        seed=model.member_seed,
        arm=model.arm,
        axes=Axes(
            model.record.dates()[: model.day + 1],
            states,
            platforms,
            tuple(g.label for g in groups),
            WAYS,
        ),
        arrays=model.record.so_far(),
        cells=cells,
        real={g.label: g.people for g in groups},
        decisions=tuple(decision.stored() for decision in model.decisions),
        sampled=model.world.sample.users,
        idle_rules=tuple(name for name, times in model.proposed.items() if not times),
    )
