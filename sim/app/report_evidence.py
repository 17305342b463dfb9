"""The parts of a report on the basis of a run: assumptions, fact and projection, limits, how to repeat it."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..core.program import program_stamp
from ..evidence.stored import why_refused
from ..facts import Quantity
from ..facts.tables import BASES
from ..facts.worlds import COPIES
from ..results import Result
from ..scenario import Scenario
from ..scenario.draws import drawn_by_default
from ..text.numbers import day, seeds_text
from ..text.scenario import drawn, drawn_from, in_words, plain, world_changes
from .pages import Named, Table, render

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
    "Intervals cover chance, the draw of uncertain values and, for use, VPNs and contact, the model's error from event "
    "to event (for contact, an assumption). They do not cover what no past event showed; the true value may lie "
    "outside them.",
    "The model can show mechanisms, directions and orders of magnitude. Do not quote a single figure without its "
    "interval and the word projection, hindcast or what-if.",
)


@dataclass(frozen=True)
class Assumption:
    """One number that the results of a run depend on.

    Attributes
    ----------
    name : str
        Path or parameter.
    value : str
        The value in the run, or the range that members draw from.
    fact : Quantity, optional
        The usual value with range and source; None for a number that only the scenario states.
    rank : int
        0 drawn, 1 set by the scenario, 2 used by its instruments and platforms, 3 all others.
    is_its_own : bool
        Whether the scenario uses another value than the tables, or draws outside their range. The source in the tables
        does not support such a value.
    """

    name: str
    value: str
    fact: Quantity | None
    rank: int
    is_its_own: bool = False

    @property
    def basis(self) -> str:
        """Basis of the value: measured, survey, press or assumption; a dash for a name, such as an owner's."""
        if self.fact is not None and not self.is_its_own:
            return self.fact.basis
        return "assumption" if re.search(r"\d", self.value) else "-"


def assumed(result: Result) -> list[Assumption]:
    """Return every number that a run depends on: those it draws or sets, then those it uses, then the others."""
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
    for path, value in world_changes(result):
        fact = _world_fact(scenario, path)
        found.setdefault(path, Assumption(path, value, fact, 1, fact is not None and value != plain(fact.value)))
    used, by_default = tuple(_prefixes(scenario)), drawn_by_default(scenario)
    for known, fact in facts.parameters.items():
        rank = 2 if known.startswith(used) else 3
        value = drawn_from(known, fact) if known in by_default else plain(fact.value)
        found.setdefault(known, Assumption(known, value, fact, rank))
    for known, fact in _world_facts(result):
        found.setdefault(known, Assumption(known, plain(fact.value), fact, 2))
    return sorted(found.values(), key=lambda each: each.rank)


def _prefixes(scenario: Scenario) -> Iterator[str]:
    """Yield the prefixes of the names of the parameters that the scenario's policies use."""
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
    """Return what an assumption is about: its name, and a description if there is one."""
    return Named(in_words(each.name, scenario) or (each.fact.note if each.fact else ""), each.name)


def row(each: Assumption, scenario: Scenario) -> tuple[str | Named, ...]:
    """Return an assumption as a row."""
    fact = each.fact
    if fact is None:
        return what(each, scenario), each.value, "-", each.basis, "set by the scenario"
    source = fact.source.removeprefix(f"{fact.basis}: ")
    if in_words(each.name, scenario) and fact.note:  # the note on a fact of the world says how it was derived
        source = f"{source}; {fact.note}"
    if each.is_its_own:
        source = f"set by the scenario; the figure of the tables is of basis {fact.basis}: {source}"
    usual = f"{plain(fact.value)} ({plain(fact.low)} to {plain(fact.high)}) {'' if fact.unit == '1' else fact.unit}"
    return what(each, scenario), each.value, usual.rstrip(), each.basis, source


def assumptions(result: Result) -> Markup:
    """Return the tables of assumptions: those this run draws or sets, those it uses, and all others."""
    every = assumed(result)
    titles = (
        "Uncertain: drawn for each member, so the intervals cover it",
        "Set by the scenario",
        "Used by its policies and platforms, as in the tables of facts",
        "All other parameters of the model, used in every run",
    )
    counts = Counter(each.basis for each in every if each.basis in BASES)
    *tables, others = (
        Table(title, _HEADER, [row(each, result.scenario) for each in every if each.rank == rank], widths=_WIDTHS)
        for rank, title in enumerate(titles)
    )
    return render(
        "assumptions.html", total=sum(counts.values()),
        bases=", ".join(f"{counts[basis]} {basis}" for basis in BASES if counts[basis]),
        tables=[table for table in tables if table.rows], others=others,
    )  # fmt: skip


def fact_and_projection(result: Result) -> Markup:
    """Return which parts of a run are facts, which are assumptions, and which the model computed."""
    scenario = result.scenario
    dated = [p for p in scenario.policies if p.reference]
    bare = [p.id for p in scenario.policies if not p.reference]
    order = {
        "projection": "ordered or announced, according to the sources; that they took effect is a projection",
        "hindcast": "as the sources report them",
        "what-if": "invented, or real ones in an invented world",
    }[str(scenario.status)]
    return render(
        "fact.html",
        policies=f"{order}. {_sources(dated, bare)}",
        facts=str(scenario.world.facts),
        computed=_made_up(result),
        name=result.name,
        head_of_file=_head_of_file(result),
    )


def _made_up(result: Result) -> str:
    """Return where the numbers of a run come from, and how they can be compared with observations."""
    if result.scenario.status != "hindcast":
        return "computed by the model. None of them was observed, and there are no observations to compare them with."
    how = f" (splinternet hindcast {result.name})" if result.scenario.observed else ""
    return f"computed by the model. Compare them with the observations{how} before you rely on them."


def _sources(dated: Sequence[object], bare: Sequence[str]) -> str:
    """Return how many policies name their source."""
    n = len(dated) + len(bare)
    if not n:
        return "There are none."
    if n == 1:
        return "It names its source (see what was changed)." if dated else "No source is stated for it."
    count = f"{len(dated)} of the {n} name their source (see what was changed)."
    # If no policy names one, a list of all policies adds nothing.
    return count + (f" No source is stated for {', '.join(bare)}." if bare and dated else "")


def _head_of_file(result: Result) -> str:
    """Return the comment at the top of a shipped scenario's file; empty for other scenarios."""
    from ..shipped import shipped

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


def limits(*results: Result) -> Markup:
    """Return what the runs must not be used to claim, and the warnings of the runs."""
    warned = dict.fromkeys(f"This run: {text}." for result in results for text in result.warnings)
    return render("limits.html", lines=[*_LIMITS, *_stale(results), *warned])


def _stale(results: Sequence[Result]) -> list[str]:
    """Return that the model's error in the intervals was measured with other rules or facts, where it was."""
    if not any(result.model_error.is_known for result in results):
        return []
    why = why_refused()
    return [f"The model's error in the intervals was measured before a change: {why}."] if why else []


# --- how to repeat it -------------------------------------------------------------------------------------------------


def repeat(result: Result) -> Markup:
    """Return how to make a run again: commands, version, seeds, digests, and the scenario itself."""
    stored = result.info.get("manifest", {})
    facts = [
        ("run", result.run_id),
        ("program", f"{program_stamp(result.version, result.commit)}, code {result.about['code_sha256']}"),
        ("scenario", f"{result.name}, digest {result.scenario.digest}"),
        ("own facts", _tables(result)),
        ("seeds", f"{seeds_text(result.seeds)} ({', '.join(map(str, result.seeds))})"),
        ("days", f"{day(result.dates[0])} to {day(result.dates[-1])}"),
        ("packages", ", ".join(f"{what} {version}" for what, version in stored.get("packages", {}).items())),
    ]
    return render(
        "repeat.html", commands=commands(result, str(result.info.get("command") or "")),
        facts=[(name, value) for name, value in facts if value], scenario=result.scenario.to_yaml(),
        hashes=json.dumps(result.about["data_sha256"], indent=1),
    )  # fmt: skip


def _tables(result: Result) -> str:
    """Return where the user's own tables are that a run needs; nothing for a run on a shipped world."""
    own = result.scenario.own_tables
    return f"{own.key}: the tables in {COPIES}/{own.name} of the run folder, beside the scenario" if own else ""


def commands(result: Result, command: str) -> list[str]:
    """Return the commands that make a run and that make it again; of one made from Python, some that do the same."""
    folder = f"runs/{result.name}-{result.run_id}"
    words = shlex.split(command) if command else []
    if len(words) > 1 and words[0].split("/")[-1] == "splinternet" and words[1] == "run":
        return [shlex.join(["splinternet", *words[1:]]), f"splinternet reproduce {shlex.quote(_out(words) or folder)}"]
    seeds = f"--seeds {len(result.seeds)} --set seed={result.seeds[0]}"
    made = (
        f"splinternet run scenario.resolved.yaml {seeds} --out {folder}   # the scenario below, saved under this name"
    )
    return [made, f"splinternet reproduce {folder}"]


def _out(words: Sequence[str]) -> str:
    """Return the folder that a command names for its run; nothing where it names none."""
    for at, word in enumerate(words):
        if word == "--out" and at + 1 < len(words):
            return words[at + 1]
        if word.startswith("--out="):
            return word.removeprefix("--out=")
    return ""
