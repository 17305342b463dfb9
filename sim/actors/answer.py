"""States respond to other states: they retaliate, copy policies, and join the programmes of
leaders.

A harmed state answers late, in proportion and in kind, and later lifts the answer. It does not
answer harm that is older than a year. Orders of `control` do not count as harm: they are about a
state's own people, and no home state has answered such an order (`Outlook.hostile`). A state keeps
accounts with every other state: harm suffered times the strength, minus harm inflicted. If the
balance is positive, it acts against the firm whose loss fits best. If it now inflicts too much
because the other gave way, it lifts a policy. It does not lift an answer that was too strong from
the beginning while the other continues as before. An answer to an answer counts for less
(`retaliation.echo`), so that a dispute is bounded, and a state tires of a dispute that costs its
own people.

A state copies the policies of close states: by alliance, then trade, then similar regime, and by
the likeness of their votes in the United Nations the year before. A copy needs a reason and time.
States that also fear a firm copy a policy against it in proportion to their rivalry with the firm's
home. A policy that is not aimed at anybody abroad, such as a sovereign Internet, is more attractive
to less free states; a state freer than ``imitation.freest`` does not copy it, and neither does a
state with a national filter. A state watches an example for a while before it follows. After a year
an example is half as attractive, and later nobody follows it: of the 14 states that barred Huawei's
equipment after the first one, 12 did so within a year of the latest example, seven within 97 days
(``joiners.csv``). No state copies, or is led by, a state with a smaller economy (assumption).

No state copies a state with which it is at war, or joins its programme. A programme is several
policies of one state against another that other states join, like the Clean Network. A state is
willing to join if it is close to the leader and sees the adversary as a rival; below a floor it
never joins, and trade with the adversary makes it less willing. The leader talks to a limited
number of states a month, the closest first: allies, then trading partners, then states with a
similar regime. A member adopts the programme's policies on networks (carriers, clouds), not its
bans on apps: the members of the Clean Network pledged clean networks, and none of them banned
WeChat.

No state is in two camps. Two programmes are different camps if one is aimed at a member of the
other, or if neither leader is in the other's programme. No state changes sides in a run. A member
leaves when its leader acts against it, when another of its programmes becomes hostile, or when it
has become less willing; it then lifts the policies that it adopted. A programme without a new
policy or member for a year wins no more members, and a programme without enough policies ends.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .. import decisions, policies
from ..core.chance import Purpose
from ..decisions import (
    Aim,
    Allegiance,
    Behaviour,
    Cooled,
    Decision,
    Dissolve,
    Enough,
    GaveUp,
    GaveWay,
    Join,
    Launch,
    Leave,
    Left,
    Lift,
    Membership,
    Opposed,
    Reason,
    TakeOver,
    TakeUp,
    Tired,
)
from ..facts.orders import disputes_on, is_recalled, recalled
from .statecraft import best_answer, joining_rate, shared_effort
from .weighing import weigh

if TYPE_CHECKING:  # Mesa is slow to load
    from .agents import State
    from .politics import Politics, Standing

type Pair = tuple[int, int]
"""Numbers of the leader and the adversary."""

# --- retaliation --------------------------------------------------------------------------------


class Hit(NamedTuple):
    """A policy of one state that harms firms of another, and its cost to the other [US$ bn a
    year].
    """

    standing: Standing
    cost: float


class Retaliation(Behaviour):
    """States answer harm with harm, after a delay and in proportion. They end the answer when the
    other state ends the harm.
    """

    every_days = 7

    def act(self, model: Politics) -> Iterable[Decision]:
        """Let each state settle its accounts with each state that has harmed it or that it has
        harmed.
        """
        self.hits = hits_of(model)
        orders = {d.id for d in model.made_by("control")}
        angered = np.zeros(len(model.outlook.situation.states), dtype=bool)
        for one in model.outlook.hostile():
            if one.id in orders:  # orders by `control` are answered in kind, or not at all
                angered[model.outlook.situation.home[list(one.objects)]] = True
        left = model.outlook.leaves_platforms()[None, :] & ~angered[:, None]
        self.off_limits = model.outlook.off_limits() | left
        self.answers = {
            d.policy.id: d
            for d in model.made_by(self.name)
            if d.policy is not None and not isinstance(d.act, Lift)
        }
        # Place of each answer in its chain; 1 for an answer to a first policy.
        self.depths: dict[str, int] = {}
        for name, decision in self.answers.items():
            self.depths[name] = self.depths.get(decision.cause, 0) + 1
        standing = {m.id for m in model.outlook.standing()}
        s = model.outlook.situation
        # A state that gave way does not answer an answer to its ended policy: it waits for the end.
        self.settled = {name for name, d in self.answers.items() if d.cause not in standing}
        self.tired_of = {
            (s.states.index(d.who), self.answers[d.act.policy].cause)
            for d in model.decisions
            if isinstance(d.act, Lift)
            and isinstance(d.reason, Tired)
            and d.act.policy in self.answers
        }
        for other, i in sorted({*self.hits, *((b, a) for a, b in self.hits)}):
            if s.decides[other] and s.decides[i]:
                yield from self.decide(model.outlook.states[i], other)

    def decide(self, state: State, other: int) -> Iterable[Decision]:
        """Answer another state's policy, lift an answer, or tire of the dispute.

        Parameters
        ----------
        state : State
        other : int
            Number of the other state.
        """
        i = state.number
        q = state.parameters
        inflicted = self.hits.get((i, other), [])
        suffered = [
            hit
            for hit in self.hits.get((other, i), [])
            if hit.standing.id not in self.settled
            and (i, hit.standing.id) not in self.tired_of
            and hit.standing.days >= self._delay(hit.standing, state)
        ]
        # A state no longer answers a policy that it does not recall.
        fresh = [hit for hit in suffered if is_recalled(hit.standing.days)]
        harm = self._harm(suffered, q["retaliation.echo"])
        # Two states with strengths whose product is below 1 come to rest; above it the dispute
        # grows until nothing is left to ban (Richardson 1960, Arms and Insecurity).
        paid = sum(hit.cost for hit in inflicted)
        owed = q["retaliation.strength"] * harm - paid
        own = [
            hit
            for hit in inflicted
            if hit.standing.id in self.answers and state.model.outlook.can_be_lifted(hit.standing)
        ]
        if owed <= 0:
            made = self._give_way(state, -owed, harm, own)
        elif fresh:
            due = q["retaliation.strength"] * self._harm(fresh, q["retaliation.echo"]) - paid
            made = self._answer(state, other, due, harm, fresh)
        else:
            made = None
        made = made or self._tire(state, own)
        return [] if made is None else [made]

    def _harm(self, hits: Iterable[Hit], echo: float) -> float:
        """Return the harm of another state's policies [US$ bn a year].

        An answer counts as less harm than the policy that it answers, so an echo below 1 bounds any
        dispute.
        """
        return sum(echo ** self.depths.get(hit.standing.id, 0) * hit.cost for hit in hits)

    def _delay(self, standing: Standing, state: State) -> float:
        """Return the days until a state answers a policy: half to one and a half times the mean
        [days].

        It is drawn once for the two states, the target and the day on which the policy came into
        force.
        """
        model = state.model
        item = standing.by * len(model.outlook.situation.targets) + standing.objects[0]
        luck = state.luck(Purpose.RETALIATION, item, model.day - standing.days)
        return state.parameters["retaliation.delay_days"] * (0.5 + luck)

    def _answer(
        self, state: State, other: int, owed: float, suffered: float, hits: list[Hit]
    ) -> Decision | None:
        """Return the policy against a foreign firm that best fits the balance; None if none
        fits.
        """
        i = state.number
        s = state.model.outlook.situation
        q = state.parameters
        harms = state.model.outlook.harms[i]
        if owed < q["retaliation.least"]:
            return None
        theirs = (s.home == other) & (harms > 0)
        able = np.array(
            [
                bool(o) and state.means_against(t) is not None
                for o, t in zip(theirs, s.targets, strict=True)
            ]
        )
        # Like for like: platforms for platforms, carriers for carriers, clouds for clouds; another
        # layer only if the other state has nothing of the kind.
        layers = ["" if t.platform >= 0 else t.sector for t in s.targets]
        harmed = {layers[k] for one in hits for k in one.standing.objects if s.home[k] == i}
        alike = able & np.array([layer in harmed for layer in layers])
        blows = [hit.standing for hit in sorted(hits, key=lambda hit: (hit.cost, hit.standing.id))]
        worst = blows[-1]
        has_answered = any(
            d.who == state.code and d.cause == worst.id for d in self.answers.values()
        )
        if not alike.any() and has_answered:
            return None  # in another layer, one answer of each state to each policy
        can = (alike if alike.any() else able) & ~self.off_limits[i]
        j = best_answer(owed, np.where(can, harms, 0.0), q["retaliation.slack"])
        if j < 0 or not state.spend(state.burden((j,))):
            return None
        scores = {"owed": owed, "harm": float(harms[j]), "suffered": suffered}
        # The cause is the costliest policy against the same layer.
        alike_blows = [
            blow
            for blow in blows
            if any(s.home[k] == i and layers[k] == layers[j] for k in blow.objects)
        ]
        worst = (alike_blows or blows)[-1]
        firms = tuple(s.targets[k].aim for k in worst.objects if s.home[k] == i)
        reason = decisions.Retaliation(s.states[worst.by], firms, worst.id)
        return state.strike(j, self.name, notice=1, reason=reason, cause=worst.id, scores=scores)

    def _give_way(
        self, state: State, surplus: float, suffered: float, own: list[Hit]
    ) -> Decision | None:
        """Return the end of an answer that is now too strong for the harm suffered; None if there
        is none.

        A state lifts an answer only if the harm has fallen since, not because it was a little too
        strong.
        """
        leniency = state.parameters["retaliation.leniency"]
        for standing, cost in own:
            less = suffered < self.answers[standing.id].scores["suffered"]
            if standing.days >= 0 and less and surplus > leniency * cost:
                return state.lift(
                    standing, self.name, GaveWay(), {"surplus": surplus, "harm": cost}
                )
        return None

    def _tire(self, state: State, own: list[Hit]) -> Decision | None:
        """Return the end of an answer of which a state tires, by chance; a costlier one for its own
        people ends sooner.
        """
        q = state.parameters
        targets = state.model.outlook.situation.targets
        for standing, cost in own:
            burden = state.burden(standing.objects)
            rate = q["retaliation.fatigue"] / 12.0 * (1.0 + burden)
            item = len(targets) + standing.objects[0]
            if standing.days >= q["review.patience_days"] and state.happens(
                Purpose.POLICY_REVIEW, item, rate, self.every_days
            ):
                return state.lift(standing, self.name, Tired(), {"harm": cost, "burden": burden})
        return None


def hits_of(model: Politics) -> dict[tuple[int, int], list[Hit]]:
    """Return the hostile policies of each state against firms of each other state, with their
    costs.
    """
    home = model.outlook.situation.home
    table = model.outlook.harms
    hits: dict[tuple[int, int], list[Hit]] = {}
    for standing in model.outlook.hostile():
        cost: dict[int, float] = {}
        for j in standing.objects:
            cost[int(home[j])] = cost.get(int(home[j]), 0.0) + float(table[standing.by, j])
        for state, lost in cost.items():
            if state != standing.by:
                hits.setdefault((standing.by, state), []).append(Hit(standing, lost))
    return hits


# --- imitation ----------------------------------------------------------------------------------


class Imitation(Behaviour):
    """States copy the policies of other states, most of all of allies, then of trade partners and
    similar regimes.
    """

    every_days = 30

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let each state copy, by chance, policies against firms, then policies that are aimed at
        nobody abroad.
        """
        # Laws that `control` makes spread by a rate of their own.
        self.in_force = [m for m in model.outlook.hostile() if m.days >= 0]
        if not self.in_force:
            return
        s = model.outlook.situation
        q = model.setting.parameters
        # Rate for the closest possible state [1/month].
        self.rate = q["imitation.strength"] * q["imitation.rate"]
        self.weighed = weigh(model)
        self.rival = model.outlook.rivals_today()
        self.not_copied = model.outlook.off_limits() | model.outlook.leaves_platforms()
        # A government does not copy again what it has lifted; the next government may.
        for d in model.decisions:
            if isinstance(d.act, Lift):
                state = model.outlook.states[s.states.index(d.who)]
                if (d.day - model.spec.start).days >= state.government.since:
                    places = [model.outlook.numbers[aim] for aim in d.target]
                    self.not_copied[state.number, places] = True
        self.camps = [programme.inside for programme in current_programmes(model).values()]
        self.examples: dict[int, list[Standing]] = {}
        for standing in self.in_force:
            for j in standing.objects:
                self.examples.setdefault(j, []).append(standing)
        yield from super().act(model)
        for state in model.outlook.deciding:
            if s.means["filter"][state.number] < q["targets.means_enough"]:
                yield from self.take_up(state)

    def decide(self, state: State) -> Iterator[Decision]:
        """Copy policies against firms that the state also fears."""
        model = state.model
        i = state.number
        s = model.outlook.situation
        close = model.outlook.close_today()[i]
        least = state.parameters["imitation.reason"]
        for j, examples in sorted(self.examples.items()):
            home = int(s.home[j])
            score = float(self.weighed.score[i, j])
            if self.not_copied[i, j] or home == i or score < least:
                continue
            # A state copies no policy against its own camp.
            if any({i, home} <= camp for camp in self.camps):
                continue
            seen = self._seen(state, examples)
            pull = _pull(seen, close) * float(self.rival[i, home])
            if not self._follows(state, j, pull, float(self.weighed.cost[i, j])):
                continue
            first, reason = _closest(state, seen)
            scores = {"pull": pull, "closeness": float(close[first.by]), "own_reason": score}
            yield state.strike(j, self.name, notice=1, reason=reason, cause=first.id, scores=scores)

    def take_up(self, state: State) -> Iterator[Decision]:
        """Copy policies that are aimed at nobody abroad, one of each instrument."""
        model = state.model
        i = state.number
        s = model.outlook.situation
        close = model.outlook.close_today()[i]
        if s.freedom[i] > state.parameters["imitation.freest"]:
            return
        have = {m.instrument for m in state.standing}
        for number, instrument in enumerate(policies.INSTRUMENTS):
            # A policy against firms that are not targets here is still aimed at somebody.
            examples = [
                m
                for m in self.in_force
                if not m.objects
                and m.by != i
                and m.policy is not None
                and m.instrument == instrument
                and not m.policy.targets
            ]
            seen = self._seen(state, examples)
            pull = _pull(seen, close) * (1.0 - float(s.freedom[i]))
            if instrument in have or not self._follows(state, len(s.targets) + number, pull, 0.0):
                continue
            first, reason = _closest(state, seen)
            copied = state.copy_of(first.policy, instrument) if first.policy is not None else None
            yield state.decision(
                self.name, TakeUp(instrument), reason, first.id, {"pull": pull}, policy=copied
            )

    def _follows(self, state: State, item: int, pull: float, cost: float) -> bool:
        """Return whether a state follows examples this month, by chance; if so, it pays the
        cost.
        """
        rate = self.rate * pull
        return state.happens(Purpose.IMITATION, item, rate, self.every_days) and state.spend(cost)

    def _seen(self, state: State, examples: list[Standing]) -> list[Standing]:
        """Return the policies that are old enough to be followed, but not too old; each pair of
        states has a lag.

        No state follows a smaller state, or one with which it is at war or has clashed.
        """
        model = state.model
        mean = state.parameters["imitation.lag_days"]
        states = model.outlook.situation.states
        product = model.outlook.situation.product
        at_war = disputes_on(model.date, "war", "clash")
        return [
            m
            for m in examples
            if mean * (0.5 + state.luck(Purpose.IMITATION, m.by, 0)) <= m.days
            and is_recalled(m.days)
            and product[m.by] >= product[state.number]
            and frozenset((state.code, states[m.by])) not in at_war
        ]


def _pull(seen: list[Standing], close: np.ndarray) -> float:
    """Return the attraction of examples [1]; closer and more recent ones attract more."""
    return sum(float(close[m.by]) * recalled(m.days) for m in seen)


def _closest(state: State, seen: list[Standing]) -> tuple[Standing, Reason]:
    """Return the example of the state that is closest, and the reason to follow it."""
    outlook = state.model.outlook
    close = outlook.close_today()[state.number]
    first = max(seen, key=lambda m: (float(close[m.by]), m.id))
    return first, decisions.Imitation(outlook.situation.states[first.by], first.id)


# --- coalition ----------------------------------------------------------------------------------


@dataclass
class Programme:
    """One programme of a state against another.

    Attributes
    ----------
    leader, adversary : int
        Numbers of the states.
    head, foe : str
        Their codes.
    launched : Decision
        The decision that opened it.
    members : dict of int to Decision
        Number of a member -> the decision by which it joined, in order.
    gone : set of int
        Numbers of the states that have left; they do not come back.
    """

    leader: int
    adversary: int
    head: str
    foe: str
    launched: Decision
    members: dict[int, Decision] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)

    @property
    def inside(self) -> set[int]:
        """The leader and the members."""
        return {self.leader, *self.members}

    def is_apart_from(self, other: Programme) -> bool:
        """Return whether two programmes are different camps: one is aimed at a state in the other,
        or neither leader is in the other's programme.
        """
        is_hostile = self.adversary in other.inside or other.adversary in self.inside
        is_led_apart = self.leader not in other.inside and other.leader not in self.inside
        return is_hostile or is_led_apart


def current_programmes(model: Politics) -> dict[Pair, Programme]:
    """Return the current programmes by (leader, adversary), in the order of their opening."""
    number = {code: i for i, code in enumerate(model.outlook.situation.states)}
    standing: dict[Pair, Programme] = {}
    for d in model.made_by(Coalition.name):
        match d.act:
            case Launch(adversary):
                pair = number[d.who], number[adversary]
                standing[pair] = Programme(*pair, d.who, adversary, d)
            case Dissolve(adversary):
                standing.pop((number[d.who], number[adversary]), None)
            case Join(leader, adversary):
                standing[number[leader], number[adversary]].members[number[d.who]] = d
            case Leave(leader, adversary):
                left = standing[number[leader], number[adversary]]
                left.members.pop(number[d.who], None)
                left.gone.add(number[d.who])
    return standing


def conflicts(standing: Mapping[Pair, Programme]) -> Iterator[tuple[int, Programme, Programme]]:
    """Yield each state that is in two camps, with both programmes."""
    every = list(standing.values())
    for n, a in enumerate(every):
        for b in every[n + 1 :]:
            if a.is_apart_from(b):
                yield from ((state, a, b) for state in sorted(a.inside & b.inside))


def sides_taken(decisions: Iterable[Decision]) -> dict[str, set[tuple[str, str]]]:
    """Return the leader and the adversary of each programme that each state ever led or joined."""
    sides: dict[str, set[tuple[str, str]]] = {}
    for d in decisions:
        match d.act:
            case Launch(adversary):
                sides.setdefault(d.who, set()).add((d.who, adversary))
            case Join(leader, adversary):
                sides.setdefault(d.who, set()).add((leader, adversary))
    return sides


def policies_against(
    model: Politics, adoptions: Mapping[str, Decision]
) -> dict[Pair, tuple[Standing, ...]]:
    """Return the hostile policies of each state against each other state, without those adopted
    from a programme.
    """
    s = model.outlook.situation
    by_pair: dict[Pair, dict[str, Standing]] = {}
    for standing in model.outlook.hostile():
        objects = standing.policy.objects() if standing.policy is not None else ()
        avoided = {
            s.states.index(name) for kind, name in objects if kind == "state" and name in s.states
        }
        for adversary in {int(s.home[j]) for j in standing.objects} | avoided:
            if adversary != standing.by and standing.id not in adoptions:
                by_pair.setdefault((standing.by, adversary), {})[standing.id] = standing
    return {pair: tuple(by_id.values()) for pair, by_id in sorted(by_pair.items())}


class Coalition(Behaviour):
    """A leader wins members for its programme against an adversary. Members leave when the leader
    acts against them.
    """

    every_days = 7

    def __init__(self) -> None:
        self.below: dict[Pair, int] = {}

    def act(self, model: Politics) -> Iterator[Decision]:
        """Let programmes begin and end, and states join and leave, by chance."""
        # Decisions by which members adopted policies, by the ids of the copies.
        self.adoptions = {
            d.policy.id: d
            for d in model.decisions
            if d.policy is not None and isinstance(d.act, TakeOver)
        }
        self.programmes = current_programmes(model)
        self.hostile_by_pair = policies_against(model, self.adoptions)
        self.today = model.date
        self.codes = model.outlook.situation.states
        self.sides = sides_taken(model.decisions)
        ended: set[str] = set()
        for decision in self._decisions(model):
            if isinstance(decision.act, Lift):
                if decision.act.policy in ended:
                    continue
                ended.add(decision.act.policy)
            yield decision

    def _decisions(self, model: Politics) -> Iterator[Decision]:
        """Yield the decisions; two of them may end the same policy."""
        yield from self._follow(model)
        yield from self._dissolve(model)
        yield from self._launch(model)
        if self.programmes:
            # Closeness of each two states times the readiness of the government, and rivalry.
            ready = np.array([state.readiness for state in model.outlook.states])
            self.close = model.outlook.close_today() * ready[:, None]
            self.rival = model.outlook.rivals_today()
            yield from self._turn_away(model)
            yield from self._cool(model)
            for programme in list(self.programmes.values()):
                yield from self._win_over(model, programme)

    def willing(self, state: int, programme: Programme) -> float:
        """Return the willingness of a state to be in a programme [1]; it grows with closeness to
        the leader and rivalry with the adversary.
        """
        return float(self.close[state, programme.leader]) * float(
            self.rival[state, programme.adversary]
        )

    # --- beginning and end ------------------------------------------------------------------------

    def _follow(self, model: Politics) -> Iterator[Decision]:
        """Yield the ends of adopted policies whose first state has ended them."""
        standing = model.outlook.standing()
        ids = {m.id for m in standing}
        lifts = [d for d in model.decisions if isinstance(d.act, Lift)]
        ends = {d.act.policy: d.id for d in lifts}
        ended = {d.act.policy: d.day for d in lifts}
        for m in standing:
            adopted = self.adoptions.get(m.id)
            if (
                adopted is not None
                and adopted.cause not in ids
                and self._has_seen(model, m.by, ended.get(adopted.cause))
            ):
                reason = GaveUp(adopted.reason.leader)
                cause = ends.get(adopted.cause, adopted.cause)
                yield model.outlook.states[m.by].lift(m, self.name, reason, {}, cause=cause)

    def _has_seen(self, model: Politics, member: int, ended: date | None) -> bool:
        """Return whether a member ends a policy today that its leader ended on a day; each member
        has a lag.

        A policy that the scenario ends has ended for all.
        """
        lag = model.setting.parameters["imitation.lag_days"]
        luck = model.outlook.states[member].luck(Purpose.LEAVING, day=0)
        return ended is None or (model.date - ended).days >= lag * (0.5 + luck)

    def _dissolve(self, model: Politics) -> Iterator[Decision]:
        """Yield the ends of programmes whose leader has had too few policies for a while.

        Members keep adopted policies until they follow the leader in ending them.
        """
        states = model.outlook.states
        q = model.setting.parameters
        for pair, programme in list(self.programmes.items()):
            left = len(self.hostile_by_pair.get(pair, ()))
            foe = programme.foe
            if left >= q["coalition.policies"]:
                self.below.pop(pair, None)
                continue
            if model.day - self.below.setdefault(pair, model.day) < q["review.patience_days"]:
                continue
            del self.below[pair]
            ends = [
                d.id for d in model.decisions if d.who == programme.head and isinstance(d.act, Lift)
            ]
            cause = (ends or [programme.launched.id])[-1]
            target = (Aim(foe), Aim("end"))
            row = states[programme.leader].decision(
                self.name, Dissolve(foe), Enough(left), cause, target=target
            )
            yield row
            del self.programmes[pair]

    def _launch(self, model: Politics) -> Iterator[Decision]:
        """Yield new programmes: enough policies of a state that is not much smaller than its
        adversary.

        There is one programme against an adversary: that of the state with most policies.
        """
        s = model.outlook.situation
        q = model.setting.parameters
        product = model.outlook.product_today()
        led = {programme.adversary for programme in self.programmes.values()}
        ready = [
            (len(policies), -a, b)
            for (a, b), policies in self.hostile_by_pair.items()
            if len(policies) >= q["coalition.policies"]
            and s.decides[a]
            and b not in led
            and product[a] >= q["coalition.weight"] * product[b]
        ]
        for adversary in sorted({b for _, _, b in ready}):
            count, negative, _ = max(entry for entry in ready if entry[2] == adversary)
            leader = -negative
            foe = s.states[adversary]
            if any(p.leader == adversary and leader in p.inside for p in self.programmes.values()):
                continue  # a member leaves its leader's programme first
            latest = min(self.hostile_by_pair[leader, adversary], key=lambda m: (m.days, m.id))
            if not is_recalled(latest.days):
                continue
            state = model.outlook.states[leader]
            target = (Aim(foe), Aim("programme"))
            row = state.decision(self.name, Launch(foe), Enough(count), latest.id, target=target)
            self.programmes[leader, adversary] = Programme(leader, adversary, state.code, foe, row)
            yield row

    # --- leaving ----------------------------------------------------------------------------------

    def _turn_away(self, model: Politics) -> Iterator[Decision]:
        """Yield the exits of members in conflict with their leader, then of members between two
        camps.
        """
        states = model.outlook.states
        for programme in self.programmes.values():
            for member in list(programme.members):
                pairs = (programme.leader, member), (member, programme.leader)
                turned = next(
                    (
                        self.hostile_by_pair[pair][0]
                        for pair in pairs
                        if pair in self.hostile_by_pair
                    ),
                    None,
                )
                if turned is not None:
                    why = Opposed(states[turned.by].code, turned.id)
                    yield from self._exit(states[member], programme, turned.id, why)
        while (clash := next(conflicts(self.programmes), None)) is not None:
            yield from self._take_sides(model, *clash)

    def _take_sides(
        self, model: Politics, state: int, a: Programme, b: Programme
    ) -> Iterator[Decision]:
        """Yield the exit of a state from the less attractive of two hostile programmes.

        A state that leads both keeps both; a member of one that is the other's target leaves.
        """
        if a.leader == b.leader == state:
            leaves, stays = (a, b) if b.adversary in a.members else (b, a)
            state = stays.adversary
        else:
            leaves, stays = sorted(
                (a, b), key=lambda p: (p.leader == state, self.willing(state, p), -p.leader)
            )
        why = Opposed(stays.head, stays.launched.id)
        cause = stays.members.get(state, stays.launched).id
        yield from self._exit(model.outlook.states[state], leaves, cause, why)

    def _cool(self, model: Politics) -> Iterator[Decision]:
        """Yield the exits, by chance, of members that are less willing than when they joined."""
        leave = model.setting.parameters["coalition.leave"]
        for programme in self.programmes.values():
            for member, joined in list(programme.members.items()):
                then = joined.scores["willing"]
                now = self.willing(member, programme)
                share = now / then if then > 0 else 0.0
                rate = leave * max(0.0, 1.0 - share)
                state = model.outlook.states[member]
                if state.happens(Purpose.LEAVING, programme.leader, rate, self.every_days):
                    since = state.government.since
                    is_cause = since >= (joined.day - model.spec.start).days and is_recalled(
                        model.day - since
                    )
                    cause = state.government.row if is_cause else joined.id
                    yield from self._exit(state, programme, cause, Cooled(share))

    def _exit(
        self, state: State, programme: Programme, cause: str, why: Reason
    ) -> Iterator[Decision]:
        """Yield the decision to leave a programme, and the ends of the policies that the member
        adopted.
        """
        del programme.members[state.number]
        programme.gone.add(state.number)
        act = Leave(programme.head, programme.foe)
        target = (Aim(programme.head), Aim("programme"))
        row = state.decision(self.name, act, why, cause, target=target)
        yield row
        yield from self._give_up(state, programme, row.id)

    def _give_up(self, state: State, programme: Programme, cause: str) -> Iterator[Decision]:
        """Yield the ends of the policies that a member adopted from a programme."""
        membership = Membership(programme.head, programme.foe)
        own = {
            name
            for name, d in self.adoptions.items()
            if d.who == state.code and d.reason == membership
        }
        for standing in state.standing:
            if standing.id in own:
                yield state.lift(
                    standing, self.name, Left(programme.head, programme.foe), {}, cause=cause
                )

    # --- joining ----------------------------------------------------------------------------------

    def _win_over(self, model: Politics, programme: Programme) -> Iterator[Decision]:
        """Let each state outside a programme join by chance, unless it or a member would be in two
        camps; none joins if nothing has happened for a year.
        """
        day, self.latest = self._latest(programme)
        if not is_recalled((model.date - day).days):
            return
        s = model.outlook.situation
        q = model.setting.parameters
        leader = programme.leader
        adversary = programme.adversary
        apart = {*programme.inside, *programme.gone, adversary}
        outside = [
            i
            for i in map(int, np.flatnonzero(s.decides))
            if i not in apart
            and (leader, i) not in self.hostile_by_pair
            and (i, leader) not in self.hostile_by_pair
            and self._may_join(programme, i)
        ]
        will = np.array([self.willing(i, programme) for i in outside])
        trade = s.trade[outside, adversary]
        rates = joining_rate(will, trade / q["coalition.dependence"], q["coalition.rate"])
        effort = shared_effort(rates, q["coalition.talks"] * float(s.decides.sum()))
        for i, rate, wish, share in zip(outside, effort, will, trade, strict=True):
            scores = {
                "willing": float(wish),
                "trade_with_adversary": float(share),
                "rate": float(rate),
            }
            yield from self.decide(model.outlook.states[i], programme, scores)

    def _latest(self, programme: Programme) -> tuple[date, str]:
        """Return the day and the id of the latest event in a programme: its beginning, a new
        member, or a policy of its leader.
        """
        rows = [programme.launched, *programme.members.values()]
        policies = self.hostile_by_pair.get((programme.leader, programme.adversary), ())
        begun = [(self.today - timedelta(days=max(0, m.days)), m.id) for m in policies]
        return max([*((d.day, d.id) for d in rows), *begun])

    def decide(
        self, state: State, programme: Programme, scores: dict[str, float]
    ) -> list[Decision]:
        """Join a programme by chance, and adopt its policies on networks.

        Parameters
        ----------
        state : State
        programme : Programme
        scores : dict of str to float
            The rate of joining [1/month], and its terms.
        """
        model = state.model
        i = state.number
        if scores["willing"] < state.parameters["coalition.least"]:
            return []
        product = model.outlook.product_today()
        is_larger = product[i] > product[programme.leader]  # no state is led by a smaller one
        if is_larger or frozenset((programme.head, state.code)) in disputes_on(
            model.date, "war", "clash", "sanctions"
        ):
            return []
        item = programme.leader * len(model.outlook.situation.states) + programme.adversary
        # A state may have joined a hostile programme a moment ago.
        joins = state.happens(Purpose.COALITION, item, scores["rate"], self.every_days)
        if not joins or not self._may_join(programme, i):
            return []
        head = programme.head
        foe = programme.foe
        target = (Aim(programme.foe),)
        act = Join(head, foe)
        why = Allegiance(head, foe)
        is_new = is_recalled((model.date - programme.launched.day).days)
        cause = programme.launched.id if is_new else self.latest
        rows = [state.decision(self.name, act, why, cause, scores, target=target)]
        programme.members[i] = rows[0]
        banned = model.outlook.banned()[i]
        for standing in self.hostile_by_pair.get((programme.leader, programme.adversary), ()):
            policy = standing.policy
            has = bool(standing.objects) and bool(banned[list(standing.objects)].all())
            if policy is not None and not policy.targets and not has:
                copied = state.copy_of(
                    policy, standing.id, has_date=standing.days >= 0 or policy.on is not None
                )
                act = TakeOver(standing.id)
                why = Membership(head, foe)
                rows.append(
                    state.decision(
                        self.name, act, why, standing.id, scores, target=target, policy=copied
                    )
                )
        return rows

    def _may_join(self, programme: Programme, state: int) -> bool:
        """Return whether a state can join: it has no dispute with the leader, has not been on the
        other side, and no state would be in two camps.
        """
        at_war = disputes_on(self.today, "war", "clash")
        if frozenset((programme.head, self.codes[state])) in at_war:
            return False
        if any(
            programme.foe == leader or programme.head == adversary
            for leader, adversary in self.sides.get(self.codes[state], ())
        ):
            return False
        grown = replace(programme, members=programme.members | {state: programme.launched})
        changed = self.programmes | {(programme.leader, programme.adversary): grown}
        return next(conflicts(changed), None) is None
