"""The parts of a report on what a run rests on: assumptions, fact and projection, limits."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from sim.app.pages import Named, Table
from sim.experiments.calibration.stored import why_refused
from sim.facts import Quantity
from sim.facts.model import BASES
from sim.results import Result
from sim.scenario import Scenario
from sim.scenario.draws import drawn_by_default
from sim.text.scenario import drawn, drawn_from, in_words, plain, world_changes

_HEADER = ("what", "in this run", "in the tables (range)", "basis", "source")
_WIDTHS = (31, 14, 18, 10, 27)
_ALWAYS = ("ties.", "circumvention.", "contact.")
_LIMITS = (
    "No clean count of lost family contact exists. Surveys have asked about it (half of Tibetans abroad had a complete "
    "break by 2022; 73 % of Iranian Americans say that Iran's restrictions hurt their contact), but none counts the "
    "people whom one block cut off. The figures here follow from who uses what at both ends and from the rules by "
    "which people move.",
    "The share of families with a single platform in common is not known; every figure on families depends on it.",
    "A platform channel lost is not a family lost: telephone, SMS and e-mail are counted apart.",
    "Intervals hold chance, the draw of what is not known and, for use, VPNs and contact, the model's error from event "
    "to event (of contact an assumption). They do not cover what no past event showed; the true value may lie outside "
    "them.",
    "It can show mechanisms, directions and orders of magnitude. Do not quote a single figure without its interval and "
    "the word projection, hindcast or what-if.",
)


@dataclass(frozen=True)
class Assumption:
    """One number that a run rests on.

    Attributes
    ----------
    name : str
        Path or parameter.
    value : str
        What the run takes: a value, or the range that members draw from.
    fact : Quantity, optional
        The usual value with range and source; None for a number of the scenario's own.
    rank : int
        0 drawn, 1 set by the scenario, 2 behind its instruments and platforms, 3 the rest.
    is_its_own : bool
        Whether the scenario takes another value than the tables, or draws beyond their range: their source then does
        not speak for it.
    """

    name: str
    value: str
    fact: Quantity | None
    rank: int
    is_its_own: bool = False

    @property
    def basis(self) -> str:
        """What the value rests on: measured, survey, press or assumption; a dash for a name, such as an owner's."""
        if self.fact is not None and not self.is_its_own:
            return self.fact.basis
        return "assumption" if re.search(r"\d", self.value) else "-"


def assumed(result: Result) -> list[Assumption]:
    """Return every number a run rests on: what it draws or sets first, then what it uses, then the rest."""
    scenario, facts = result.scenario, result.scenario.facts
    found = {}
    for path, ends in scenario.uncertain.items():
        known = path.removeprefix("parameters.")
        fact = facts.parameters.get(known) or _world_fact(scenario, known)
        own = fact is not None and (ends.low < fact.low or ends.high > fact.high)
        found[known] = Assumption(known, drawn(scenario, path), fact, 0, own)
    for known, set_to in scenario.parameters.items():
        fact = facts.parameters.get(known)
        found.setdefault(known, Assumption(known, plain(set_to), fact, 1, fact is not None and set_to != fact.value))
    for path, told in world_changes(result):
        fact = _world_fact(scenario, path)
        found.setdefault(path, Assumption(path, told, fact, 1, fact is not None and told != plain(fact.value)))
    used, by_default = tuple(_prefixes(scenario)), drawn_by_default(scenario)
    for known, fact in facts.parameters.items():
        rank = 2 if known.startswith(used) else 3
        value = drawn_from(known, fact) if known in by_default else plain(fact.value)
        found.setdefault(known, Assumption(known, value, fact, rank))
    for known, fact in _world_facts(result):
        found.setdefault(known, Assumption(known, plain(fact.value), fact, 2))
    return sorted(found.values(), key=lambda each: each.rank)


def _prefixes(scenario: Scenario) -> Iterator[str]:
    """Yield how the names of those parameters begin that the scenario's policies use."""
    yield from _ALWAYS
    platforms = scenario.facts.platforms
    for policy in scenario.policies:
        yield f"{policy.instrument}."
        yield from (f"{head}." for head in policy.PARAMETERS)
        if policy.technique:
            yield f"technique.{policy.technique}."
        if policy.announced and (policy.on is None or policy.announced < policy.on):
            yield "announcement."
        for target in policy.targets:
            changed = scenario.world.platforms.get(target)
            kind = (changed.kind if changed else None) or (platforms[target].kind if target in platforms else None)
            if kind:
                yield from (f"value.{kind}", f"stickiness.{kind}", f"tie_share.{kind}")


def _world_fact(scenario: Scenario, path: str) -> Quantity | None:
    """Return the fact that a path such as ``world.penetration.US.WeChat.CN`` stands for."""
    facts, steps = scenario.facts, path.split(".")
    if steps[:2] == ["world", "penetration"] and len(steps) >= 4:
        state, platform = steps[2], steps[3]
        if len(steps) == 5 and (state, platform, steps[4]) in facts.group_penetration:
            return facts.group_penetration[state, platform, steps[4]]
        return facts.penetration.get((state, platform))
    if steps[:2] in (["world", "vpn_share"], ["world", "internet_users"]) and len(steps) == 3:
        state_fact = facts.states.get(steps[2])
        return getattr(state_fact, steps[1]) if state_fact else None
    return None


def _world_facts(result: Result) -> Iterator[tuple[str, Quantity]]:
    """Yield the facts on the states that act and the platforms that are named."""
    facts = result.scenario.facts
    states = dict.fromkeys(state for policy in result.scenario.policies for state in policy.by)
    for state in (state for state in states if state in facts.states):
        yield f"world.internet_users.{state}", facts.states[state].internet_users
        yield f"world.vpn_share.{state}", facts.states[state].vpn_share
        for platform in result.focus.named_platforms:
            if (state, platform) in facts.penetration:
                yield f"world.penetration.{state}.{platform}", facts.penetration[state, platform]


def what(each: Assumption, scenario: Scenario) -> Named:
    """Return what an assumption is about: in words where there are some, and by its name."""
    return Named(in_words(each.name, scenario) or (each.fact.note if each.fact else ""), each.name)


def row(each: Assumption, scenario: Scenario) -> tuple[str | Named, ...]:
    """Return an assumption as a row."""
    fact = each.fact
    if fact is None:
        return what(each, scenario), each.value, "-", each.basis, "set by the scenario"
    source = fact.source.removeprefix(f"{fact.basis}: ")
    if in_words(each.name, scenario) and fact.note:  # of a fact of the world, the note tells how the figure was made
        source = f"{source}; {fact.note}"
    if each.is_its_own:
        source = f"set by the scenario; the figure of the tables is of basis {fact.basis}: {source}"
    usual = f"{plain(fact.value)} ({plain(fact.low)} to {plain(fact.high)}) {'' if fact.unit == '1' else fact.unit}"
    return what(each, scenario), each.value, usual.rstrip(), each.basis, source


@dataclass(frozen=True)
class Assumptions:
    """The numbers that a run rests on.

    Attributes
    ----------
    total : int
        How many there are.
    bases : str
        How many of each basis.
    tables : list of Table
        What this run draws or sets, and what it uses.
    others : Table
        All other parameters, folded away.
    """

    TEMPLATE: ClassVar[str] = "assumptions.html"
    total: int
    bases: str
    tables: list[Table]
    others: Table


def assumptions(result: Result) -> Assumptions:
    """Return the tables of assumptions: what this run draws or sets, what it uses, and all others folded away."""
    every = assumed(result)
    titles = (
        "Uncertain: drawn for each member, so the intervals hold it",
        "Set by the scenario",
        "Used by its policies and platforms, as in the tables of facts",
        "All other parameters of the model, at work in every run",
    )
    counts = Counter(each.basis for each in every if each.basis in BASES)
    *tables, others = (
        Table(title, _HEADER, [row(each, result.scenario) for each in every if each.rank == rank], widths=_WIDTHS)
        for rank, title in enumerate(titles)
    )
    return Assumptions(
        total=sum(counts.values()),
        bases=", ".join(f"{counts[basis]} {basis}" for basis in BASES if counts[basis]),
        tables=[table for table in tables if table.rows],
        others=others,
    )


@dataclass(frozen=True)
class FactAndProjection:
    """What of a run is fact, what is assumed, and what is made by the model.

    Attributes
    ----------
    policies, computed : str
        What the policies rest on, and what the numbers of the run are.
    facts : str
        Name of the fact tables.
    name : str
        The scenario's.
    head_of_file : str
        What a shipped scenario says of itself; empty for other scenarios.
    """

    TEMPLATE: ClassVar[str] = "fact.html"
    policies: str
    facts: str
    computed: str
    name: str
    head_of_file: str


def fact_and_projection(result: Result) -> FactAndProjection:
    """Return what of a run is fact, what is assumed, and what is made by the model."""
    scenario = result.scenario
    dated = [p for p in scenario.policies if p.reference]
    bare = [p.id for p in scenario.policies if not p.reference]
    order = {
        "projection": "ordered or announced, as the sources say; that they took effect is projection",
        "hindcast": "taken as the sources say",
        "what-if": "invented, or real ones put into an invented world",
    }[str(scenario.status)]
    return FactAndProjection(
        policies=f"{order}. {_sources(dated, bare)}",
        facts=str(scenario.world.facts),
        computed=_made_up(result),
        name=result.name,
        head_of_file=_head_of_file(result),
    )


def _made_up(result: Result) -> str:
    """Return what the numbers of a run are, and where they can be held against what was observed."""
    if result.scenario.status != "hindcast":
        return "computed by the model. None of it was observed, and nothing exists to hold it against."
    how = f" (splinternet hindcast {result.name})" if result.scenario.observed else ""
    return f"computed by the model. Compare it with what was observed{how} before you rely on it."


def _sources(dated: Sequence[object], bare: Sequence[str]) -> str:
    """Return how many policies name their source; nothing where there is no policy."""
    n = len(dated) + len(bare)
    if not n:
        return "There are none."
    if n == 1:
        return "It names its source (see what was changed)." if dated else "No source is stated for it."
    told = f"{len(dated)} of the {n} name their source (see what was changed)."
    # Where none names one, a list of all of them says no more.
    return told + (f" No source is stated for {', '.join(bare)}." if bare and dated else "")


def _head_of_file(result: Result) -> str:
    """Return what the shipped scenario says of itself in its first lines; nothing for other scenarios."""
    from sim.shipped import shipped

    path = next((path for known, path in shipped().items() if known.split("/")[-1] == result.name), None)
    if path is None:
        return ""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            break
        if "yaml-language-server" not in line:
            lines.append(line.removeprefix("#").strip())
    return " ".join(lines)


@dataclass(frozen=True)
class Limits:
    """What the runs must not be used to claim, line by line."""

    TEMPLATE: ClassVar[str] = "limits.html"
    lines: list[str]


def limits(*results: Result) -> Limits:
    """Return what the runs must not be used to claim, and what the runs themselves warn of."""
    warned = dict.fromkeys(f"This run: {text}." for result in results for text in result.warnings)
    return Limits([*_LIMITS, *_stale(results), *warned])


def _stale(results: Sequence[Result]) -> list[str]:
    """Return that the model's error in the intervals was measured with other rules or facts, where it was."""
    if not any(result.model_error.is_known for result in results):
        return []
    why = why_refused(events=False)
    return [f"The model's error in the intervals was measured before a change: {why}."] if why else []
