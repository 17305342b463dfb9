"""One arm of a run as a plain `mesa.Model`, where every person is an agent.

It starts from a built `World` (the same people, ties and first day as the engine), takes the law
from the same docket and the access table from the same instruments, and visits the same people on
the same days. It repeats the rules for decisions, news and counts, without the engine's kernels.
The code is meant to be readable, not fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Unpack
from zlib import crc32

import mesa
import numpy as np

from splinternet.changes import Changes, Given, model_spec, spelled_out
from splinternet.core.chance import Purpose, stream, uniform_plain
from splinternet.core.daily import Daily, check_arm, seed_of
from splinternet.core.groups import is_diaspora
from splinternet.errors import InputError, Problem
from splinternet.facts.people import part_of
from splinternet.people.access import AccessTable
from splinternet.people.authors import FEW
from splinternet.policies.base import Policy
from splinternet.world.build import StateSums, World, make_world, opening_of
from splinternet.world.law import access_under, docket_of

from .own_rules import OwnRules
from .person import Person
from .surroundings import (
    BRIDGED,
    FRIEND,
    LEVELS,
    Bond,
    Group,
    Place,
    Platform,
    State,
    Tie,
    lost_so_far,
    make_kinds,
    measure,
)

DAILY = (
    Purpose.REVIEW,
    Purpose.LAPSE,
    Purpose.RETURN,
    Purpose.JOIN,
    Purpose.FATIGUE,
    Purpose.PUSH,
    Purpose.AWARE,
    Purpose.FIND,
    Purpose.DROP,
    Purpose.TRIAL,
    Purpose.SETTLE,
)
"""Purposes whose numbers are drawn anew each day; all others are drawn once per person."""
VISIBLE_DRIFT = 0.01  # relative change in a platform's offer from which its users look at it again


@spelled_out(Changes, any_path=True)
class Twin(Daily, mesa.Model):
    """One arm of a run, person by person: states, platforms and people are Mesa agents.

    Parameters
    ----------
    scenario : World or Scenario or str or mapping, optional
        The scenario, or a source for `splinternet.load`; by default ``baseline_2020``. A `World`
        that another twin or model has built can be shared: ``Twin(other.world)`` has the same
        people.
    arm : {"policy", "baseline"}
        The baseline arm has the same world and random numbers, but no policies.
    rng : int or numpy.random.Generator, optional
        The seed, or a generator that draws one; by default the scenario's.
    baseline : Twin, optional
        The other arm, stepped before this one each day; contact is measured relative to it or,
        without it, to the first day.
    **changes
        See `Changes`.

    Attributes
    ----------
    spec : Scenario
        The scenario that runs, with all changes.
    people : AgentSet of Person
        Everybody, in the order of the engine's columns; ``everybody`` is the same as a list.
    datacollector : mesa.DataCollector
        The headlines of each day, as `Model` collects them.
    platforms, states : list of Platform, list of State
        In the order of every table.
    ties : list of Tie
        Kin ties abroad.
    contact, lost_so_far : dict of str to numpy.ndarray
        Contact by group today, and people who have been without contact so far.
    days_out : dict of Person to list of int
        People who have had a channel to kin abroad, and the days on which none of their ties had
        a channel.
    cut_off : set of Person
        The people among them who could not telephone either on some day.
    visits : int
        People who had something to decide today.
    """

    def __init__(
        self,
        scenario: World | Given | None = None,
        *,
        arm: str = "policy",
        rng: int | np.random.Generator | None = None,
        baseline: Twin | None = None,
        **changes: Unpack[Changes],
    ) -> None:
        check_arm(arm)
        if isinstance(scenario, World):
            if changes or rng is not None:
                given = [*changes] if rng is None else [*changes, "rng"]
                found = f"{', '.join(given)} for a world that is built"
                raise InputError(
                    Problem("scenario", found, "a scenario", "Twin(scenario, people=2_000)")
                )
            world = scenario
        else:
            with model_spec(scenario, changes) as spec:
                world = make_world(spec, seed_of(rng, spec.seed))
        super().__init__(rng=world.seed)
        self.world = world
        self.arm = arm
        self.baseline = baseline
        self.spec = world.spec
        self.rules = world.rules
        self.parameters = world.setting.parameters
        self.day = -1
        self.visits = 0
        self.keys = {purpose: int(stream(world.seed, purpose)) for purpose in Purpose}
        self.draw_keys()
        self.setting, self.opening = opening_of(world, self.spec, arm)
        self.narrowed = [
            part for law in self.spec.policies for part in law.parts() if part.who is not None
        ]
        self._make_states()
        self._make_people()
        self._make_ties()
        self.days_out: dict[Person, list[int]] = {}
        self.cut_off: set[Person] = set()
        self.own_rules = OwnRules(self)
        self.datacollector = mesa.DataCollector(model_reporters=HEADLINES)

    def _make_states(self) -> None:
        """Make kinds, platforms, states and groups."""
        setting = self.world.setting
        kinds = make_kinds(self.world)
        kind_of = [kinds[int(k)] for k in self.world.columns.platform["kind"]]
        self.platforms = [
            Platform(self, p, name, kind_of[p], self.world)
            for p, name in enumerate(setting.platforms)
        ]
        self.talk = frozenset(platform for platform in self.platforms if platform.carries_talk)
        shares = zip(setting.states, setting.ios_share, setting.vpn_share, strict=True)
        self.states = [
            State(self, s, code, float(ios), float(vpn))
            for s, (code, ios, vpn) in enumerate(shares)
        ]
        for state in self.states:
            state.offer = dict.fromkeys(self.platforms, 1.0)
            state.gone = dict.fromkeys(self.platforms, 0.0)
        self.places: dict[tuple[int, frozenset[str]], Place] = {}
        by_code = {state.code: state for state in self.states}
        self.groups = [
            Group(self.world, g, by_code, self.platforms) for g in range(len(self.world.groups))
        ]
        weights = [g.weight for g in self.groups]
        states = [g.state.index for g in self.groups]
        self.real_people = StateSums(np.array(weights), np.array(states), len(self.states))

    def _make_people(self) -> None:
        """Create all people and their circles."""
        columns = self.world.columns
        kin_weight = self.rules.ties_kin_weight
        self.everybody = [
            Person(self, i, row, self.groups[row["group"]])
            for i, row in enumerate(self.world.first)
        ]
        for person in self.everybody:
            for entry in columns.packed[
                columns.start[person.index] : columns.start[person.index + 1]
            ].tolist():
                (person.kin if entry & 1 else person.friends).append(self.everybody[entry >> 1])
            person.circle = [(friend, FRIEND) for friend in person.friends] + [
                (kin, kin_weight) for kin in person.kin
            ]
        for person in self.everybody:
            person.group.people.append(person)
        self.share_of_class = {state: self.classes_of(state) for state in self.states}
        self.count_people(self.groups)
        self.first_users = self.real_people(self.count("using"))

    def classes_of(self, state: State) -> dict[frozenset[str], float]:
        """Return the share of a state's people in each class, by the policies that concern it."""
        weight: dict[frozenset[str], float] = {}
        for person in self.everybody:
            if person.state is state:
                by = person.place.concerned_by
                weight[by] = weight.get(by, 0.0) + person.group.weight
        everybody = sum(weight.values())
        return {by: part / everybody for by, part in weight.items()}

    def places_of(self, index: int, row: np.void, group: Group) -> tuple[Place, Place]:
        """Return the place where a person lives, and the place of the person's app store
        account.
        """
        here = int(row["state"])
        store = int(row["store"])
        age = int(row["age"])
        by = {
            p.mark
            for p in self.narrowed
            if group.state.code in p.concerns() and self.means(p, index, age, group)
        }
        if store == here:
            return self.place_at(here, by), self.place_at(here, by)
        # Only age and chance decide for an account abroad, because its owner does not live there.
        code = self.states[store].code
        of_all = [
            p for p in self.narrowed if p.who and p.who.community is None and p.who.region is None
        ]
        there = {
            p.mark for p in of_all if code in p.concerns() and self.means(p, index, age, group)
        }
        return self.place_at(here, by), self.place_at(store, there)

    def means(self, policy: Policy, index: int, age: int, group: Group) -> bool:
        """Return whether the `who` of a policy selects a person."""
        who = policy.who
        if who is None:
            return True
        if who.community is not None and (group.community != who.community or group.is_abroad):
            return False
        if who.region is not None:
            lives = uniform_plain(self.keys[Purpose.REGION], index)
            world = self.setting.facts.name
            parts = [part_of(group.state.code, region, world) for region in who.region]
            if not any(low <= lives < high for low, high in parts):
                return False
        if who.age is not None and not who.age[0] <= age <= who.age[1]:
            return False
        key = int(stream(self.world.seed, Purpose.CONCERNED, crc32(policy.id.encode())))
        return who.share is None or uniform_plain(key, index) < who.share

    def place_at(self, number: int, concerned_by: set[str]) -> Place:
        """Return the place of the people in a state, or in a community with its own blocks, whom
        some policies concern.
        """
        at = (number, frozenset(concerned_by))
        places = self.world.places
        if at not in self.places:
            state = self.states[places.state[number]]
            blocks = next(
                (blocks for row, blocks in places.communities.values() if row == number), {}
            )
            self.places[at] = Place(state, blocks, at[1], self.world.access, self.setting)
        return self.places[at]

    def _make_ties(self) -> None:
        """Make the kin ties abroad."""
        ties = self.world.ties
        rows = zip(
            ties.diaspora_end, ties.family_end, ties.conversations, *self.world.bonds, strict=True
        )
        self.ties = []
        for i, j, talks, usable, known, afraid, calls_only, *days in rows:
            platforms = self.platforms_of(int(usable)), self.platforms_of(int(known))
            bond = Bond(*platforms, bool(afraid), bool(calls_only), *map(float, days))
            tie = Tie(self.everybody[i], self.everybody[j], float(talks), bond)
            tie.first = tie.channels = tie.joint()
            self.ties.append(tie)
            for person in tie.ends:
                person.ties.append(tie)

    def platforms_of(self, mask: int) -> set[Platform]:
        """Return the platforms in a set of bits."""
        return {platform for platform in self.platforms if mask >> platform.index & 1}

    @property
    def people(self) -> mesa.agentset.AgentSet:
        """All people, as a Mesa `AgentSet`."""
        return self.agents_by_type[Person]

    def __repr__(self) -> str:
        people = len(self.everybody)
        when = f"day {self.day + 1} of {self.spec.days}"
        return f"<Twin {self.spec.name}: {self.arm} arm, {when}, {people:,} people>"

    # --- one day ----------------------------------------------------------------------------------

    def step(self) -> None:
        """Simulate one day: all people decide from yesterday's condition, then all change.

        Raises
        ------
        RunError
            The last day of the scenario has passed.
        """
        self.begin_day()
        self.draw_keys()
        self.apply_law()
        self.note_audience()
        self.note_newcomers()
        self.note_authors()
        self.note_drift()
        visitors = self.agents_by_type[Person].select(Person.is_due)
        self.own_rules.ask()
        visitors.do("decide")
        deciding = [*visitors, *self.own_rules.amend()]
        for person in deciding:
            person.inform()
        for group in self.groups:
            group.joined.clear()
        for person in deciding:
            person.change()
        self.own_rules.tell()
        self.visits = len(deciding)
        met_up = self.reconnect()
        self.count_people({person.group for person in (*deciding, *met_up)})
        self.follow_ties()
        self.datacollector.collect(self)
        self.end_day()

    def draw_keys(self) -> None:
        """Start today's streams of random numbers."""
        for purpose in DAILY:
            self.keys[purpose] = int(stream(self.world.seed, purpose, self.day))

    def apply_law(self) -> None:
        """Start from the first day's access, and apply the policies that are in force or
        announced.
        """
        policies = self.spec.policies if self.arm == "policy" else ()
        self.docket = docket_of(policies, self.spec.start + timedelta(days=self.day))
        tables: dict[frozenset[str], AccessTable] = {}
        for place in self.places.values():
            by = place.concerned_by
            if by not in tables:
                tables[by] = access_under(self.docket.for_class(by), self.opening, self.setting)
            place.update(tables[by], self.setting, self.platforms)
        self.law = tables[frozenset()]
        self.laws = tables
        self.vpn_open = self.law.vpn_open.tolist()

    def note_audience(self) -> None:
        """Let the offer of a platform follow its audience slowly; for a diaspora, each of its two
        states counts half.
        """
        users = self.real_people(self.count("using"))
        for state in self.states:
            for platform in self.platforms:
                now = users[state.index, platform.index]
                first = self.first_users[state.index, platform.index]
                level = float(now / first) if first > 0 else 1.0
                state.offer[platform] += (level - state.offer[platform]) / self.parameters[
                    "choice.audience_lag_days"
                ]
        for group in self.groups:
            for platform in self.platforms:
                group.audience[platform] = 0.5 * (
                    group.state.offer[platform] + group.partner.offer[platform]
                )

    def note_newcomers(self) -> None:
        """Store the number of people who have just moved to each platform, per person who looks for
        one like it.
        """
        fresh, lost = (self.real_people(self.count(name)).tolist() for name in ("trial", "lost"))
        for state in self.states:
            moved = fresh[state.index]
            missed = lost[state.index]
            for platform in self.platforms:
                looking = 0.0
                for other in self.platforms if moved[platform.index] else ():
                    likeness = min(1.0, other.kind.pull[platform.kind] / 0.8)
                    looking = max(looking, missed[other.index] * likeness)
                state.wave[platform] = (
                    min(1.0, moved[platform.index] / looking) if looking > 0.0 else 0.0
                )

    def note_authors(self) -> None:
        """Store the audience that authors who left a platform bring to others.

        They face the average law of the people in their state.
        """
        users = self.real_people(self.count("using"))
        heirs = self.world.heirs
        lag = self.parameters["choice.audience_lag_days"]
        for state in self.states:
            state.led = dict.fromkeys(self.platforms, 0.0)
            share = self.share_of_class[state]
            coming = on_average(
                {by: law.coming[state.index] for by, law in self.laws.items()}, share
            ).tolist()
            open_share = {by: open_to_authors(law, state) for by, law in self.laws.items()}
            appeal = heirs.appeal[state.index] * on_average(open_share, share)
            for left in self.platforms:
                now = users[state.index, left.index]
                first = self.first_users[state.index, left.index]
                level = min(1.0, float(now / first)) if first > 0 else 1.0
                state.gone[left] += (max(coming[left.index], 1.0 - level) - state.gone[left]) / lag
                weight = heirs.nearness[left.index] * appeal
                total = float(weight.sum())
                if state.gone[left] <= FEW or total <= 0.0:
                    continue
                for platform in self.platforms:
                    brought = state.gone[left] * float(heirs.carried[left.index, platform.index])
                    led = brought * (float(weight[platform.index]) / total)
                    state.led[platform] = max(state.led[platform], led)

    def note_drift(self) -> None:
        """Store, for each group, the platforms whose audience differs from that of the first
        day.
        """
        drifted = {
            state: {
                platform
                for platform, level in state.offer.items()
                if abs(level - 1.0) > VISIBLE_DRIFT
            }
            for state in self.states
        }
        for group in self.groups:
            group.drifted = drifted[group.state] | drifted[group.partner]

    def reconnect(self) -> list[Person]:
        """Let pairs of kin who have lost touch agree on another channel, which both then adopt;
        return these people.
        """
        agreed: dict[Person, set[Platform]] = {}
        reason: dict[Person, Platform | None] = {}
        for tie in self.ties:
            tie.find_channels()
        for tie in self.ties:
            if tie.channels or not tie.first:
                tie.since = -1
                platform = tie.preparation(self.day) if tie.first and tie.channels else None
            else:
                if tie.since < 0:
                    tie.since = self.day
                    tie.searched = 0
                    tie.led = 0
                platform = tie.agreement(self.day)
            if platform is None:
                platform = tie.agreement_by_rule()
            if platform is not None:
                lost = sorted(tie.first - {BRIDGED}, key=lambda platform: platform.index)
                for person in tie.ends:
                    agreed.setdefault(person, set()).add(platform)
                    reason.setdefault(person, lost[0] if lost else None)
        for person, platforms in agreed.items():
            person.take_up_with_kin(platforms, reason[person])
        return list(agreed)

    def count_people(self, groups: Iterable[Group]) -> None:
        """Count again the people of groups in which somebody has changed."""
        for group in groups:
            group.count()

    def follow_ties(self) -> None:
        """Find the kin ties with a channel, and follow those without one."""
        if self.baseline is None:
            in_baseline = [tie.first for tie in self.ties]
        else:
            in_baseline = [tie.channels for tie in self.baseline.ties]
        for tie, other in zip(self.ties, in_baseline, strict=True):
            tie.find_channels()
            tie.follow(other, self.day)
        groups = len(self.groups)
        self.contact = measure(
            self.ties, in_baseline, groups, self.days_out, self.cut_off, self.day
        )
        self.lost_so_far = lost_so_far(self.days_out, self.cut_off, groups)

    # --- what is compared -------------------------------------------------------------------------

    def count(self, name: str) -> np.ndarray:
        """Return a count of simulated people by group, and by platform if it has platforms."""
        if name in ("vpn", "surplus"):
            return np.array([getattr(group, name) for group in self.groups])
        if name == "flows":
            table = np.zeros((len(self.groups), len(self.platforms), len(self.platforms)), np.int64)
            for group in self.groups:
                for (lost, taken), people in group.flows.items():
                    table[group.index, lost.index, taken.index] = people
            return table
        of_groups = [getattr(group, name) for group in self.groups]
        return np.array([[counts[platform] for platform in self.platforms] for counts in of_groups])

    def family_contact_lost(self, label: str) -> float:
        """Return the share of a group's members who have lost every platform channel to their
        family, today.
        """
        g = [group.label for group in self.groups].index(label)
        return float(self.contact["without"][g] / self.contact["members"][g])

    def connectivity_lost_users(self, state: str) -> float:
        """Return the days without a platform channel so far, per person of a state who has had one
        [days].
        """
        days, had = (
            sum(
                g.weight * self.lost_so_far[name][g.index]
                for g in self.groups
                if g.state.code == state
            )
            for name in ("days", "had")
        )
        return float(days / had) if had else float("nan")

    def active_users(self, platform: str, state: str) -> float:
        """Return the expected number of people of a state who use a platform today [persons]."""
        p = self.world.setting.platforms.index(platform)
        total = 0.0
        for group in self.groups:
            if group.state.code == state:
                total += group.weight * group.use[self.platforms[p]] / LEVELS
        return total


# Functions of this module and not lambdas, so that a model can be pickled.
def open_to_authors(law: AccessTable, state: State) -> np.ndarray:
    """Return the attraction of each platform for authors in a state, shape (platforms,) [share]."""
    return law.reach[state.index].max(axis=1) * (1.0 - law.threat[state.index])


def on_average(
    by_class: Mapping[frozenset[str], np.ndarray], share: Mapping[frozenset[str], float]
) -> np.ndarray:
    """Return the mean of a quantity of a state over its classes of people."""
    first = by_class[frozenset()]
    return first + sum(part * (by_class[marks] - first) for marks, part in share.items())


def _active_users(twin: Twin) -> float:
    return sum(group.weight * sum(group.use.values()) for group in twin.groups) / LEVELS


def _vpn_users(twin: Twin) -> float:
    """Return the holders of VPNs, weighted by the share of VPNs that work in their state."""
    return float(
        sum(group.weight * group.vpn * twin.vpn_open[group.state.index] for group in twin.groups)
    )


def _family_contact_lost_people(twin: Twin) -> float:
    lost = twin.contact["without"].tolist()
    return float(
        sum(lost[group.index] * group.weight for group in twin.groups if is_diaspora(group.label))
    )


def _policies_in_force(twin: Twin) -> int:
    return len(twin.docket.once)


HEADLINES = {
    "active_users": _active_users,
    "vpn_users": _vpn_users,
    "family_contact_lost_people": _family_contact_lost_people,
    "policies_in_force": _policies_in_force,
}
"""Values that the data collector reads from the model each day: the headlines of
`splinternet.engine.model`.
"""
