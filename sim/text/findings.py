"""Findings of a run, as values with a rank.

A finding is clear: the 80 % interval of its effect excludes zero, or it states that something does
not change. It is based on at least 30 simulated people, like every row of a summary. The subject of
the scenario comes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ..core.groups import Group, is_diaspora
from ..decisions import TakeUp
from ..facts.network import load_network
from ..facts.relations import OTHER, load_trade
from ..metrics.registry import METRICS, headlines_of
from ..results.firms import Amount, is_measured, sales_settled, served_apart
from ..results.focus import asked_groups, in_order
from ..results.interval import interval
from ..results.result import Result
from ..results.series import MIN_PEOPLE, Cell, cells_of, fewest_people, spread, values
from ..results.summary import (
    Row,
    adopted,
    answers_shared,
    main_point,
    programmes,
    share_back,
)
from ..scenario import Scenario
from ..scenario.explain import assumed_targets, carrying_cells, cell_of, share_assumed, target_cells
from ..scenario.scenario import Acting
from .decisions import OF_STATES, decided
from .numbers import LEAST_OF_STAKE, listed
from .reportable import (
    DAYS_EACH,
    EVER,
    FEWEST_CASES,
    LOST,
    VISIBLE,
    Index,
    carriers_of_ties,
    cases,
    counted_at,
    effect,
    ends,
    index,
    is_sure,
    names_winner,
    nothing_changed,
    people_hit,
)

USERS = "active_users"
VPN = "vpn_users"
YOUNG = "users_under_limit"
KEPT = 0.02
"""A platform keeps its users if they clearly change by less than this share (assumption)."""
OWN_GAIN = 0.01
PART_OF_LOSS = 0.1
"""Smallest reported gain, as a share of the platform's users and of the largest loss there
(assumption).
"""
LEAST_DOLLARS = 1e6
"""Smallest sum over the run that is a finding (assumption)."""
OUT_AT_END = 0.05
ALL_OUT = 0.9
"""Shares of those who lost contact who are still without it on the last day [1] (assumption). Above
the first, the end of the run cuts their days short; above the second, it alone determines them.
"""
MUCH = 0.05
"""Smallest change of services, people in reach abroad or routes that is a finding [1] (assumption).
"""
RULE_OF_THREE = 3.0
"""Cases that a count of none is compatible with, at 95 %: 3 of n (Hanley and Lippman-Hand 1983)."""
AT_STAKE = 0.3
"""Smallest share of a group that uses a target for "nobody loses contact" to be a finding
(assumption).
"""
CLOSED = 0.2
"""Smallest share of the world's services closed in a state that comes first in the findings [1]
(assumption).
"""
FULLER = 0.05
"""Smallest growth of a border's load that is a finding (assumption)."""
OF_NO_USE = frozenset(
    (
        "nothing",
        "without_carriers",
        "no_policies",
        "no_finding",
        "level",
        "abroad",
        "pair",
        "longer",
        "border",
        "same_routes",
        "boxes",
        "copied",
        "adopted",
        "joined",
        "internets",
        "answer",
    )
)
"""Findings that do not depend on how many people use what."""
APART = 0.02
"""Smallest difference in the number of internets that is a finding [internets] (assumption)."""
ALL = "100 %"
"""Smallest share that is called all."""
WEEK = 7
"""Cuts shorter than this are described by their days instead of the worst week [days]."""
FEW_LEFT = 0.5
"""Largest remaining share of paying people at which payments end instead of falling (assumption).
"""
FIRST = 3
"""Number of findings that a run prints first."""
MOST_OF_A_KIND = 5
MOST_NAMED = 3
"""Largest number of platforms that a remark on assumed use names; more are called "the targets"."""
MUCH_WIDER = 1.5
"""Both intervals of the first finding are shown if their widths differ by at least this factor
(assumption).
"""
TIE_KINDS = frozenset(("messenger", "channel", "mixed"))
"""Kinds of platform on which most relatives talk: a case about them is about families."""

ORDERS: Mapping[str, tuple[str, ...]] = {
    "networks": (
        "boxes",
        "abroad",
        "pair",
        "longer",
        "services",
        "contact",
        "border",
        "opened",
        "back",
        "same_routes",
    ),
    "states": ("joined", "copied", "adopted", "internets"),
    "demands": ("answer", "silenced", "platform"),
    "phones": ("phones", "contact"),
    "trade": ("sales", "trade", "gain"),
    "opening": ("opened", "gain"),
    "ages": ("too_young", "instead", "contact"),
    "exits": ("closed", "contact", "gain"),
    "families": ("closed", "contact", "back", "platform", "gain", "vpn", "no_contact"),
    "use": ("closed", "platform", "kept", "gain", "vpn", "own_firms", "firm"),
}
"""Order of the kinds of findings, by the topic of the scenario; kinds of other topics follow."""
_ANSWERS = {"gained": "gain", "speed": "gain", "vpn": "vpn", "contact": "contact", "routes": "pair"}
"""The finding for an observed figure, by its kind; for other kinds, the users that a platform
keeps.
"""


@dataclass(frozen=True)
class Finding:
    """One finding of a run."""

    kind: str
    """Kind of finding: the name of its sentence in ``templates/findings.j2``."""
    metric: str = ""
    """The metric, which determines the format of the numbers."""
    value: float = 0.0
    low: float = 0.0
    high: float = 0.0
    """The median of the seeds and its 80 % interval, in the direction of the sentence."""
    against: float = 0.0
    """The value without the policies."""
    date: str = ""
    """The day of its row; empty if it has none."""
    state: str = ""
    platform: str = ""
    group: str = ""
    firm: str = ""
    """The people, places, platforms or firms of the finding: codes and names, empty if not needed.
    """
    more: Mapping[str, float] = field(default_factory=dict)
    """Other numbers of its sentence."""
    rank: tuple[int, int] = (0, 0)
    """The rank, smallest first: its position within its kind, then the position of the kind."""
    row: Row | None = None
    """Its row in ``summary.json``; None if it is in another part of that file."""


class Questions:
    """A run, and the questions of its scenario."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.scenario = result.scenario
        self.known = index(result)
        self.acting: Acting = self.scenario.scene.acting
        self.cutting: list[str] = cutters(result)
        self.only_transit = is_transit_alone(self.scenario)
        self.aims = {(s, p) for s, targets in self.acting.items() for p in targets or ()}
        self.apart = served_apart(self.scenario)
        assumed, total = share_assumed(carrying_cells(self.scenario))
        self.assumed = assumed_targets(self.scenario)
        # If most use of the targets has no source, no gain and no sum of money is a finding.
        self.is_measured = not self.assumed and (assumed < total or not total)
        self.guessed = {
            (c.state, c.platform) for c in target_cells(self.scenario) if not c.measured
        }

    def rows(self, metric: str, at: str) -> list[Row]:
        """Return the rows of a metric at a point in time with a clear effect, the largest first."""
        rows = [
            row
            for row in self.result.rows()
            if (row["metric"], row["at"]) == (metric, at) and is_sure(row)
        ]
        return sorted(rows, key=lambda row: -abs(effect(row)))


def of_row(kind: str, row: Row, sign: float = 1.0, **more: float) -> Finding:
    """Return a finding on the effect of a row; with sign -1 a fall is a positive number."""
    low, high = sorted(sign * effect(row, end) for end in ("low", "high"))
    metric, state, platform, group = (
        str(row[name]) for name in ("metric", "state", "platform", "group")
    )
    return Finding(
        kind,
        metric,
        sign * effect(row),
        low,
        high,
        effect(row, "baseline"),
        str(row["date"] or ""),
        state,
        platform,
        group,
        more=more,
        row=row,
    )


def level(kind: str, row: Row, **more: float) -> Finding:
    """Return a finding on a row's share with the policies; its interval is that of the effect."""
    was = effect(row, "baseline")
    low, high = (min(1.0, max(0.0, was + effect(row, end))) for end in ("low", "high"))
    return replace(of_row(kind, row, **more), value=effect(row, "policy"), low=low, high=high)


def find(result: Result) -> list[Finding]:
    """Return the findings of a run, the most important first: the first of each kind, then the
    second ones.

    Each firm is in one finding. If firms or winners are among the first three and the firms of an
    acting state clearly lose, their loss is the third. The findings are cached by result.
    """
    held = vars(result)
    if "_findings" not in held:
        held["_findings"] = _ranked(result)
    return list(held["_findings"])


def _ranked(result: Result) -> list[Finding]:
    """Return the findings of a run in the order of `find`."""
    if unknown := without_carriers(result.scenario):
        return [Finding("without_carriers", state=unknown[0])]
    if nothing_changed(result) and not sales_settled(result.scenario):
        if result.scenario.policies:
            return [Finding("nothing")]
        row = index(result).get("internets_by_likeness", "end")
        return [Finding("no_policies"), *([] if row is None else [_with_policies("level", row)])]
    run = Questions(result)
    found = list[Finding]()
    asked = [
        _ANSWERS.get(str(seen.kind), "platform")
        for seen in result.scenario.observed
        if seen.use == "scored"
    ]
    asked.sort(key=lambda kind: kind != "platform")  # for a block, its users come first
    order = dict.fromkeys(
        ("own", *asked, *(kind for topic in topics(result) for kind in ORDERS[topic]), *FINDERS)
    )
    for at, kind in enumerate(order):
        found += [replace(one, rank=(place, at)) for place, one in enumerate(FINDERS[kind](run))][
            :MOST_OF_A_KIND
        ]
    found.sort(key=lambda one: one.rank)
    once = []
    firms: set[str] = set()
    for one in found:
        if one.firm not in firms:
            once.append(one)
        if one.firm:
            firms.add(one.firm)
    lose = next((at for at, one in enumerate(once) if one.kind == "own_firms" and one.value < 0), 0)
    if lose >= FIRST and any(one.firm for one in once[:FIRST]):
        once.insert(FIRST - 1, once.pop(lose))
    return once


def without_carriers(scenario: Scenario) -> list[str]:
    """Return the states that lose transit and have no carrier in the tables, if there is no other
    order and no other state loses transit. Results for these states follow from an assumed carrier.
    """
    if not is_transit_alone(scenario):
        return []
    states = [state for policy in scenario.policies for state in policy.concerns()]
    return states if seats(scenario).isdisjoint(states) else []


def is_transit_alone(scenario: Scenario) -> bool:
    """Return whether all orders are cuts of transit, so that detours count."""
    return {policy.instrument for policy in scenario.policies} == {"transit_cut"}


def seats(scenario: Scenario) -> set[str]:
    """Return the states that have a carrier in the tables."""
    return {carrier.seat for carrier in load_network(scenario.facts.name).carriers.values()}


def topics(result: Result) -> list[str]:
    """Return the topics of a scenario, the most specific first."""
    scenario = result.scenario
    facts = scenario.facts.platforms
    targets = {name for p in scenario.policies for name in p.targets}
    kinds = {facts[name].kind for name in targets if name in facts}
    held = {
        "states": any(scenario.behaviour.is_on(name) for name in OF_STATES) or any(decided(result)),
        "demands": any(policy.demands() for policy in scenario.policies),
        "opening": bool(scenario.world.blocks_policy_arm),
        "networks": any(policy.cuts_networks() for policy in scenario.policies),
        "phones": any(policy.instrument == "store_removal" for policy in scenario.policies),
        "trade": "commerce" in kinds and not kinds & TIE_KINDS,
        "ages": any(policy.instrument == "age_limit" for policy in scenario.policies),
        "exits": any(policy.instrument == "withdrawal" for policy in scenario.policies),
        "families": carries_families(result) and bool(kinds & TIE_KINDS),
    }
    return [*(topic for topic, holds in held.items() if holds), "use"]


def carries_families(result: Result) -> bool:
    """Return whether any target of the policies carries ties between relatives."""
    acting = result.scenario.scene.acting
    if not acting or None in acting.values():
        return True  # networks, or everything
    names = {name for targets in acting.values() for name in targets or ()}
    return not names.isdisjoint(carriers_of_ties(result.scenario))


def cutters(result: Result) -> list[str]:
    """Return the states whose networks are cut by policies, or whose blocks differ between the
    arms, in the order of the scenario.
    """
    cuts = [
        policy
        for policy in result.scenario.policies
        if policy.cuts_networks() and policy.on is not None
    ]
    opened = result.scenario.world.blocks_policy_arm
    return list(
        dict.fromkeys((*(state for policy in cuts for state in policy.concerns()), *opened))
    )


# --- families -------------------------------------------------------------------------------------


def contact(run: Questions) -> Iterator[Finding]:
    """Yield the groups of the question that lose every platform channel to their family."""
    if not carries_families(run.result):
        return
    sure = {
        str(row["group"]): row
        for row in _asked(run)
        if row is not None and is_sure(row) and effect(row) > 0
    }
    lost = {
        group: effect(row)
        for group, row in sure.items()
        if cases(run.result, group, people_hit(run.result, run.known, group)) >= FEWEST_CASES
    }
    for group in in_order(run.scenario, lost):
        yield of_row("contact", sure[group], **days_each(run.known, sure[group]))


def days_each(known: Index, row: Row) -> dict[str, float]:
    """Return the mean number of days without contact of the people in a group who lose it; empty if
    not measured.

    The run does not show how long people without contact on the last day stay so. If they are many,
    ``cut_short`` is set; if they are nearly all, there are no days.
    """
    group = str(row["group"])
    days = effect(known.get(DAYS_EACH, "total", group=group)) / effect(row)
    out = effect(known.get(LOST, "end", group=group)) / effect(row)
    if out >= ALL_OUT:
        return {"cut_short": 1.0}
    if days < 1.0:
        return {}
    return {"days": float(f"{days:.2g}")} | ({"cut_short": 1.0} if out >= OUT_AT_END else {})


def losing(result: Result) -> list[str]:
    """Return the groups that clearly lose contact, in the order of their findings."""
    return [one.group for one in contact(Questions(result))]


def no_contact(run: Questions) -> Iterator[Finding]:
    """Yield the finding that nobody in the sample of the first group of the question loses contact,
    if its contacts are at risk.
    """
    if {"families", "networks"} & set(topics(run.result)):
        exposed = {
            str(Group(e.residence, e.origin, "diaspora")): e.share
            for e in run.scenario.scene.exposures
        }
        for row in _asked(run)[:1]:
            at_stake = row is not None and exposed.get(str(row["group"]), 0.0) >= AT_STAKE
            if row is not None and at_stake and not effect(row, "high"):
                yield of_nobody(row)


def of_nobody(row: Row) -> Finding:
    """Return the finding that nobody in the sample of a group loses contact."""
    simulated = effect(row, "simulated")
    below = float(f"{100.0 * RULE_OF_THREE / simulated:.2g}")
    return of_row("no_contact", row, simulated=simulated, below=below)


def _asked(run: Questions) -> list[Row | None]:
    """Return the rows of lost contact for the groups of the question; None for groups not shown."""
    groups = run.result.focus.groups
    communities = [group for group in groups if is_diaspora(group) and Group.read(group).community]
    asked = (*communities, *(asked_groups(run.scenario) or groups))
    return [run.known.get(EVER, "total", group=group) for group in asked]


def back(run: Questions) -> Iterator[Finding]:
    """Yield the share of cut ties that come back, for the group that loses most."""
    for one in list(contact(run))[:1]:
        if (share := share_back(run.result, one.group)) is not None:
            yield Finding("back", EVER, *share, group=one.group)


# --- use ------------------------------------------------------------------------------------------


def platform(run: Questions) -> Iterator[Finding]:
    """Yield the targeted platforms that lose daily users, by the number who leave in the worst
    week; where relatives lose contact, those by which relatives talk come first.
    """
    seen = {
        (seen.state, name)
        for seen in run.scenario.observed
        if seen.use == "scored"
        for name in seen.platform
    }
    ties = carriers_of_ties(run.scenario) if any(contact(run)) else set()
    rows = sorted(run.rows(USERS, "worst_week"), key=lambda row: row["platform"] not in ties)
    for row in sorted(rows, key=lambda row: (row["state"], row["platform"]) not in seen):
        yield from _share_lost(run, "platform", row)


def _share_lost(run: Questions, kind: str, row: Row, **more: float) -> Iterator[Finding]:
    """Yield the share of users that a targeted platform loses, if it is large enough."""
    was = effect(row, "baseline")
    if (row["state"], row["platform"]) in run.aims and -effect(row) >= KEPT * was > 0:
        value, high, low = (min(1.0, -end / was) for end in ends(row))
        yield replace(of_row(kind, row, **more), metric=EVER, value=value, low=low, high=high)


def too_young(run: Questions) -> Iterator[Finding]:
    """Yield the share of users under a limit of age that each platform of the limit loses by the
    last day. Platforms with measured use come first.
    """
    for row in sorted(
        run.rows(YOUNG, "end"), key=lambda row: (row["state"], row["platform"]) in run.guessed
    ):
        if (row["state"], row["platform"]) in run.aims:
            yield from _share_lost(run, "too_young", row, age=_limit(run, str(row["state"])))


def instead(run: Questions) -> Iterator[Finding]:
    """Yield the platforms that more people under a limit of age use instead on the last day, by the
    rule for winners.

    If most use of the targets has no source, or no platform of measured use clearly gains,
    platforms count together by kind.
    """
    named = []
    for row in run.rows(YOUNG, "end") if run.is_measured else ():
        enough = effect(row) >= max(OWN_GAIN * effect(row, "baseline"), 1.0)
        is_known = cell_of(run.scenario, str(row["state"]), str(row["platform"])).measured
        if enough and is_known and names_winner(effect(row, "low"), effect(row, "high")):
            named.append(of_row("instead", row, age=_limit(run, str(row["state"]))))
    yield from named or sorted(_instead_by_kind(run), key=lambda one: -one.value)


def _instead_by_kind(run: Questions) -> Iterator[Finding]:
    """Yield the additional accounts of people under a limit of age at platforms of a kind that the
    limit does not name.

    The model's error is that of the platform with the largest gain of its kind.
    """
    members = run.result.members
    facts = run.scenario.facts.platforms
    kinds: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells_of(YOUNG, members[0][0].axes) if YOUNG in run.result.metrics else ():
        if (
            cell.state in run.acting
            and cell.platform in facts
            and (cell.state, cell.platform) not in run.aims
        ):
            kinds.setdefault((cell.state, facts[cell.platform].kind), []).append(cell)
    for (state, kind), cells in kinds.items():
        last = [np.array([values(cell, members, arm)[:, -1] for cell in cells]) for arm in (0, 1)]
        most = cells[int(np.median(last[1] - last[0], axis=1).argmax())]
        baseline, policy = (arm.sum(axis=0) for arm in last)
        both = spread(baseline, policy, widen=run.result.model_error.of(most, members))
        value, low, high, was = (
            end or 0.0 for end in (both.effect, both.low, both.high, both.baseline)
        )
        seen = max(fewest_people(cell, members) for cell in cells) >= MIN_PEOPLE
        if seen and value >= max(OWN_GAIN * was, 1.0) and names_winner(low, high):
            more = {"age": _limit(run, state)}
            yield Finding(
                "instead_by_kind", YOUNG, value, low, high, was, state=state, group=kind, more=more
            )


def _limit(run: Questions, state: str) -> float:
    """Return the highest limit of age in a state [years]."""
    limits = [policy for policy in run.scenario.policies if policy.instrument == "age_limit"]
    return float(max(policy.age for policy in limits if state in policy.by))  # type: ignore[attr-defined]


def kept(run: Questions) -> Iterator[Finding]:
    """Yield the targeted foreign platforms that clearly keep their daily users, the largest
    first.
    """
    homes = {name: fact.home for name, fact in run.scenario.facts.platforms.items()}
    rows = [
        run.known.get(USERS, "worst_week", state=s, platform=p)
        for s, p in run.aims
        if homes.get(p) != s
    ]
    for row in sorted(filter(None, rows), key=lambda row: -effect(row, "baseline")):
        was = effect(row, "baseline")
        if was and max(abs(effect(row, end)) for end in ("low", "high")) < KEPT * was:
            yield replace(of_row("kept", row), value=was, low=was, high=was)


def gain(run: Questions) -> Iterator[Finding]:
    """Yield the platforms that clearly gain daily users in acting states, if the interval is narrow
    enough to name a winner. An exit asks who replaces what leaves, also where use is assumed, which
    its first sentence then says.
    """
    if not run.is_measured and "exits" not in topics(run.result):
        return
    most = max((-effect(row) for row in run.rows(USERS, "worst_week")), default=0.0)
    owners = {name: fact.owner for name, fact in run.scenario.facts.platforms.items()}
    for row in run.rows(USERS, counted_at(run.result)) or run.rows(USERS, "worst_week"):
        state = str(row["state"])
        name = str(row["platform"])
        if effect(row) <= 0 or state not in run.acting or (state, name) in (run.aims | run.apart):
            continue
        enough = effect(row) >= max(OWN_GAIN * effect(row, "baseline"), PART_OF_LOSS * most)
        if enough and names_winner(effect(row, "low"), effect(row, "high")):
            yield replace(of_row("gain", row), firm=owners.get(name) or name)


# --- money ----------------------------------------------------------------------------------------


def _of_amount(kind: str, amount: Amount, state: str, firm: str = "") -> Finding:
    """Return a finding on a sum of money: a gain or, if negative, a loss."""
    ends = amount.low, amount.high
    return Finding(kind, "revenue", amount.change, *ends, amount.without, state=state, firm=firm)


def _is_finding(change: float, low: float, high: float, at_stake: float) -> bool:
    """Return whether a sum is large enough, also relative to the amount at stake, and known to a
    factor of ten [US dollars].
    """
    least = max(LEAST_DOLLARS, LEAST_OF_STAKE * at_stake)
    ends = sorted((abs(low), abs(high)))
    return abs(change) >= least and not low <= 0 <= high and names_winner(*ends)


def _amount_is_finding(amount: Amount, at_stake: float) -> bool:
    return _is_finding(amount.change, amount.low, amount.high, at_stake)


def _owners(run: Questions) -> set[tuple[str, str]]:
    """Return (state, owner) of the targeted platforms."""
    facts = run.scenario.facts.platforms
    return {(s, facts[p].owner) for s, p in run.aims if p in facts}


def own_firms(run: Questions) -> Iterator[Finding]:
    """Yield the gains and losses of firms in the states that act.

    States that cut their own networks are left out: their firms' gains from foreign firms do not
    measure their loss. States where blocks end are left out: domestic services keep their users, by
    assumption. At stake is the revenue of the targets' owners there, or of the firms, if that is
    less.
    """
    if run.scenario.world.blocks_policy_arm:
        return
    if is_measured(run.result) and run.is_measured:
        owners = _owners(run)
        of_targets = sum(
            row.revenue.without
            for row in run.result.firms.by_firm
            if (row.users, row.firm) in owners
        )
        cut = {
            state
            for policy in run.scenario.policies
            if policy.cuts_networks()
            for state in policy.concerns()
        }
        homes = sorted(run.result.firms.by_home, key=lambda row: -abs(row.revenue.change))
        yield from (
            _of_amount("own_firms", row.revenue, state=row.home)
            for row in homes
            if not row.firm
            and row.home in run.acting
            and row.home not in cut
            and _amount_is_finding(
                row.revenue, min(row.revenue.without, of_targets or row.revenue.without)
            )
        )


def firm(run: Questions) -> Iterator[Finding]:
    """Yield the losses of the targets' owners in the acting states, unless blocks only end; for
    the seller of a platform, its loss in all countries.

    An owner of a target whose use there is assumed is left out.
    """
    if run.scenario.world.blocks_policy_arm or not (is_measured(run.result) and run.is_measured):
        return
    facts = run.scenario.facts.platforms
    owners = _owners(run) - {(s, facts[p].owner) for s, p in run.aims & run.guessed if p in facts}
    sellers = {row.firm: row for row in run.result.firms.by_home if row.firm}
    for row in run.result.firms.by_firm:
        whole = sellers.get(row.firm, row)
        if (
            (row.users, row.firm) in owners
            and whole.revenue.change < 0
            and _amount_is_finding(whole.revenue, whole.revenue.without)
        ):
            yield _of_amount("firm", whole.revenue, state=whole.users, firm=whole.firm)


def _sums(run: Questions, metric: str, sign: float) -> Iterator[Finding]:
    """Yield sums of money over the run, with the range of the facts to which they are proportional.

    Seeds do not draw these facts, so their range widens the interval.
    """
    facts = load_trade(run.scenario.facts.name)
    for row in run.rows(metric, "total"):
        found = of_row(metric.removesuffix("_to_platforms"), row, sign)
        sold = facts.sales.get((found.state, found.platform)) if metric == "sales" else None
        spent = facts.spending.get((found.platform, found.state)) or facts.spending.get(
            (found.platform, OTHER)
        )
        known = {"sales": sold, "trade": spent}.get(metric)
        is_guessed = run.assumed or (found.state, found.platform) in run.guessed
        if is_guessed and (known is None or known.basis == "assumption"):
            continue
        if known is not None and known.value:
            found = replace(
                found,
                low=found.low * known.low / known.value,
                high=found.high * known.high / known.value,
            )
        if found.value > 0 and _is_finding(found.value, found.low, found.high, found.against):
            yield found


def payments(run: Questions) -> Iterator[Finding]:
    """Yield the states in which most people who could pay on a platform no longer can. Purchases in
    shops are trade; users of a service of payment whose number is an assumption are not counted.
    """
    for row in run.rows("payment_users", "end"):
        left = effect(row, "policy")
        fact = run.scenario.facts.platforms.get(str(row["platform"]))
        is_known = cell_of(run.scenario, str(row["state"]), str(row["platform"])).measured
        skipped = {"commerce"} if is_known else {"commerce", "payment"}
        is_paid = fact is None or fact.kind not in skipped
        if is_paid and left < FEW_LEFT * effect(row, "baseline"):
            yield of_row("payments", row, -1, left=left)


# --- networks -------------------------------------------------------------------------------------


def _left(run: Questions, kind: str, metric: str) -> Iterator[Finding]:
    """Yield the remaining share in states whose networks are cut: in the worst week, or during a
    shorter cut. A shutdown takes services at home, too, which states may keep in fact; of one of a
    part of the people, the median person's services say nothing.
    """
    for at, is_short in (("worst_week", False), ("peak", True)):
        for row in run.rows(metric, at):
            state = str(row["state"])
            days = _days_cut(run, state)
            if state in run.cutting and -effect(row) >= MUCH and bool(days) == is_short:
                more = {"days": float(days)} if days else {}
                parts = [p.people_cut_off() for p in run.scenario.policies if state in p.by]
                if any(parts):
                    more["at_home"] = 1.0
                if is_part := 0.0 < max(parts, default=0.0) < 1.0:
                    more["part"] = 1.0
                if kind != "services" or not is_part:
                    yield level(kind, row, **more)


def _days_cut(run: Questions, state: str) -> int:
    """Return the number of days for which a state cuts its networks, if less than a week and within
    the run; else 0.
    """
    cuts = [
        policy
        for policy in run.scenario.policies
        if policy.cuts_networks() and state in policy.concerns()
    ]
    spans = [
        (policy.until - policy.on).days
        for policy in cuts
        if policy.on and policy.until and policy.until <= run.scenario.end
    ]
    return spans[0] if len(cuts) == len(spans) == 1 and 0 < spans[0] < WEEK else 0


def pair(run: Questions) -> Iterator[Finding]:
    """Yield the pairs with an acting state that lose routes to each other, if no state loses
    all.
    """
    if not any(FINDERS["abroad"](run)):
        yield from _pairs(run, "pair", "reachable_pairs", -1)


def longer(run: Questions) -> Iterator[Finding]:
    """Yield the pairs with an acting state whose routes are longer, if everybody can be reached."""
    if not any((*FINDERS["abroad"](run), *pair(run))):
        yield from _pairs(run, "longer", "path_stretch", 1)


def _pairs(run: Questions, kind: str, metric: str, sign: float) -> Iterator[Finding]:
    seen: set[frozenset[str]] = set()
    policies = run.scenario.policies
    states = {state for policy in policies for state in policy.concerns()}
    spared = {(one, own) for p in policies for one in p.concerns() for own in p.spares()}
    people = run.result.members[0][0].internet_users
    rows = [
        row
        for row in run.rows(metric, "worst_week")
        if sign * effect(row) >= MUCH and row["state"] in states
    ]
    known = seats(run.scenario) if run.only_transit else None
    other = {id(row): str(row["group"]).removeprefix("partner:") for row in rows}
    for row in sorted(rows, key=lambda row: -sign * effect(row) * people.get(other[id(row)], 0.0)):
        both = frozenset((str(row["state"]), other[id(row)]))
        is_cut_by = spared & {tuple(sorted(both)), tuple(sorted(both, reverse=True))}
        is_known = (
            known is None or both <= known
        )  # otherwise a detour follows from an invented carrier
        if len(both) == 2 and both not in seen and not is_cut_by and is_known:
            seen.add(both)
            yield level(kind, row) if sign < 0 else of_row(kind, row)


def same_routes(run: Questions) -> Iterator[Finding]:
    """Yield the finding that no route is lost or longer, if a policy cuts networks and every route
    was measured. It applies to the mean of all countries and to each.
    """
    pairs = [*run.rows("path_stretch", "worst_week"), *run.rows("reachable_pairs", "worst_week")]
    changed = {row["state"] for row in pairs if abs(effect(row)) >= VISIBLE}
    for state in run.cutting:
        if state in changed:
            continue
        rows = [
            run.known.get(name, "worst_week", state=state)
            for name in ("reach_abroad", "route_length")
        ]
        if all(
            row is not None and abs(effect(row, end)) < VISIBLE
            for row in rows
            for end in ("low", "high")
        ):
            yield Finding("same_routes", state=state)


def _direct_access(scenario: Scenario, technique: str) -> tuple[float, float, float]:
    """Return the share of people who keep direct access in a block by a technique, and the ends of
    its range [1]; a share that the scenario sets has no range.
    """
    name = f"technique.{technique}.coverage"
    if name in scenario.parameters:
        share = 1.0 - float(scenario.parameters[name])
        return share, share, share
    known = scenario.facts.parameters[name]
    return 1.0 - known.value, 1.0 - known.high, 1.0 - known.low


def boxes(run: Questions) -> Iterator[Finding]:
    """Yield the share of people who keep direct access in a block by a state's filter, if the
    scenario makes the filter stricter: by its last technique and by its first.
    """
    means: dict[str, list[str]] = {}
    for policy in run.scenario.policies:
        way = policy.national_means()
        for state in policy.by if way is not None else ():
            means.setdefault(state, []).append(str(way))
    for state, ways in means.items():
        before, _, _ = _direct_access(run.scenario, ways[0])
        after, low, high = _direct_access(run.scenario, ways[-1])
        if after < before:
            yield Finding("boxes", "services_usable", after, low, high, before, state=state)


# --- states ---------------------------------------------------------------------------------------


def copied(run: Questions) -> Iterator[Finding]:
    """Yield the number of seeds in which another state copies a policy, if states imitate and no
    given policy has a target.
    """
    policies = run.scenario.policies
    if not run.scenario.behaviour.is_on("imitation") or any(p.targets for p in policies):
        return
    members = [policy.decisions for _, policy in run.result.members]
    for policy in policies:
        act = TakeUp(policy.instrument)
        some = float(sum(any(d.act == act for d in decisions) for decisions in members))
        more = {"members": float(len(members))}
        yield Finding("copied", value=some, low=some, high=some, state=policy.by[0], more=more)


def own_policies(run: Questions) -> Iterator[Finding]:
    """Yield the number of policies that states adopt by themselves, if states decide."""
    if "states" in topics(run.result):
        counts = np.array(adopted(run.result.members))
        low, high = interval(counts)
        middle = float(np.median(counts))
        yield Finding(
            "adopted", "cascade_size", round(middle), float(np.floor(low)), float(np.ceil(high))
        )


def joined(run: Questions) -> Iterator[Finding]:
    """Yield the number of states that join the most frequent programmes, or the number of seeds in
    which any state does, if not all.
    """
    members = len(run.result.members)
    for one in programmes(run.result):
        low, high = interval(np.array(one.joined))
        middle = float(np.median(one.joined))
        ends = float(np.floor(low)), float(np.ceil(high))
        many = Finding(
            "joined",
            "cascade_size",
            float(round(middle)),
            *ends,
            state=one.leader,
            group=one.adversary,
        )
        if ends[0] <= 0:  # for some seeds nobody joins
            some = float(sum(map(bool, one.joined)))
            many = replace(
                many, metric="", value=some, low=some, high=some, more={"members": float(members)}
            )
        yield many


def answer(run: Questions) -> Iterator[Finding]:
    """Yield the answers of platforms that occur for most seeds."""
    members = len(run.result.members)
    for one in answers_shared(run.result):
        if 2 * one.members > members:
            more = {"members": float(members)}
            names = listed(one.platforms.split(", "))
            yield Finding(
                "answer", value=float(one.members), platform=names, group=one.kind, more=more
            )


def _rows(
    kind: str,
    metric: str,
    at: str,
    holds: Callable[[Questions, Row], bool],
    make: Callable[[str, Row], Finding] = of_row,
) -> Callable[[Questions], Iterator[Finding]]:
    """Return the function that yields a finding for each row of a metric with a condition, the
    largest effect first.
    """
    return lambda run: (make(kind, row) for row in run.rows(metric, at) if holds(run, row))


def _with_policies(kind: str, row: Row) -> Finding:
    """Return a finding on the level with the policies."""
    return replace(of_row(kind, row), value=effect(row, "policy"))


def own(run: Questions) -> Iterator[Finding]:
    """Yield the largest effect on each of the user's own headline metrics, by rank."""
    for name in headlines_of(run.result.metrics):
        if name not in METRICS.shipped():
            yield from (of_row("own", row) for row in run.rows(name, main_point(METRICS[name]))[:1])


FINDERS: Mapping[str, Callable[[Questions], Iterator[Finding]]] = {
    "own": own,
    "contact": contact,
    "no_contact": no_contact,
    "back": back,
    "too_young": too_young,
    "instead": instead,
    "platform": platform,
    "kept": kept,
    "gain": gain,
    # states where clearly more people get a VPN, known to a factor of ten
    "vpn": _rows(
        "vpn",
        VPN,
        "worst_week",
        lambda run, row: (
            names_winner(effect(row, "low"), effect(row, "high")) and row["state"] in run.acting
        ),
    ),
    "own_firms": own_firms,
    "firm": firm,
    # lost sales of sellers, lost spending of people
    "sales": lambda run: _sums(run, "sales", -1),
    "trade": lambda run: _sums(run, "trade", -1),
    # share of the world's iPhone sales that depends on a platform
    "phones": _rows("phones", "handset_sales_at_stake", "peak", lambda run, row: effect(row) > 0),
    "payments": payments,
    # cost for platforms to stay
    "cost": lambda run: _sums(run, "cost_to_platforms", 1),
    # if networks are cut: services of the median person that still work, and people abroad in reach
    "services": lambda run: _left(run, "services", "median_services"),
    "abroad": lambda run: _left(run, "abroad", "reach_abroad"),
    "pair": pair,
    "longer": longer,
    # the border with the largest growth of load, of acting states and their neighbours
    "border": _rows(
        "border",
        "border_load",
        "peak",
        lambda run, row: (
            effect(row, "policy") >= effect(row, "baseline") * (1 + FULLER)
            and (not run.only_transit or row["state"] in run.cutting)
        ),
        lambda kind, row: replace(_with_policies(kind, row), low=0.0, high=0.0),
    ),
    # states where more of the world's services work than without the policies
    "opened": _rows(
        "opened",
        "services_usable",
        "worst_week",
        lambda run, row: row["state"] in run.cutting and effect(row) >= VISIBLE,
        level,
    ),
    # states that act on many platforms and close much of the world's services
    "closed": _rows(
        "closed",
        "services_usable",
        "worst_week",
        lambda run, row: (
            len(run.acting.get(str(row["state"])) or ()) > MOST_NAMED
            and row["state"] not in run.cutting
            and effect(row) <= -CLOSED
        ),
        level,
    ),
    "same_routes": same_routes,
    "boxes": boxes,
    "copied": copied,
    "adopted": own_policies,
    "joined": joined,
    # number of internets on the last day, if it changes
    "internets": _rows(
        "internets",
        "internets_by_likeness",
        "end",
        lambda run, row: abs(effect(row)) >= APART,
        _with_policies,
    ),
    "answer": answer,
    # number of silenced accounts
    "silenced": _rows(
        "silenced", "accounts_silenced", "worst_week", lambda run, row: effect(row) > 0
    ),
}
"""Functions that yield the findings of each kind, the most important first."""
