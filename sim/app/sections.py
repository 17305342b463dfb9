"""Parts of a report on a run: findings, losers, charts, assumptions, and how to repeat the run."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import Any

from markupsafe import Markup

from .. import plots
from ..core.shipped import shipped
from ..errors import InputError
from ..experiments.mitigate import mitigations
from ..facts import Quantity
from ..facts.record import why_refused
from ..facts.tables import BASES
from ..facts.worlds import COPIES
from ..policies.base import Policy
from ..results import Result
from ..results.firms import is_measured
from ..scenario import Scenario
from ..scenario.load import drawn_by_default, drawn_names
from ..text import tables as of_text
from ..text.basis import basis, for_readers
from ..text.decisions import story
from ..text.finding_sentences import driven_by, in_touch, members_alone, sentences
from ..text.findings import FIRST
from ..text.numbers import STATUS, day, state_name
from ..text.reportable import aimed
from ..text.scenario import drawn, drawn_from, in_words, own_keys, plain, world_changes
from ..text.tables import Named, Table
from .pages import Picture, Section, picture, render, tables

POLICY_HEADER = (
    "policy",
    "by",
    "on",
    "announced",
    "in force",
    "what it does",
    "source of the facts",
)
_ORDER = (
    "observed",
    "family_contact",
    "contact_days_by_group",
    "reconnection",
    "contact_map",
    "active_users",
    "gains",
    "flows",
    "vpn_users",
)
"""Charts in the order in which a report shows them; others follow by name."""
_FIRM_CHART = "firm_gains"  # beside the table of firms
_HEADER = ("what", "in this run", "in the tables (range)", "basis", "source")
_WIDTHS = (31, 14, 18, 10, 27)
_NOT_OF_MITIGATE = frozenset(("--out", "--overwrite", "--ties", "--chance-only", "--all", "--json"))
_SAVED = "scenario.resolved.yaml"
_ALWAYS = ("ties.", "circumvention.", "contact.")


def sections(result: Result, *, is_spared: bool = False) -> Iterator[Section]:
    """Yield each section of the report on one run; they are folded.

    If the first screen does not say what would spare people, a section has the command.
    """
    scenario = result.scenario
    notes = [
        *filter(None, [members_alone(result) or driven_by(result)]),
        *basis(result),
        *(f"Note: {n}" for n in result.notes),
    ]
    more = render(
        "finding.html",
        more=sentences(result)[FIRST:],
        softer=softer(result) if in_touch(result) and not is_spared else None,
        notes=notes,
        story=story(result),
    )
    yield Section(
        "found", "What else was found", [more, tables(*of_text.connectivity(result, every=True))]
    )
    if scenario.observed:
        seen = render(
            "observed.html", rows=of_text.observed(result), notes=of_text.observed_notes(result)
        )
        yield Section("observed", "What was observed", [seen])
    yield Section("who", "Who loses, who gains", [losers(result)])
    yield Section("charts", "Charts", [charts(result)])
    question = render(
        "question.html",
        run=result,
        meaning=STATUS[str(scenario.status)],
        drawn=drawn_names(scenario),
    )
    rows = [policy_row(result, policy) for policy in scenario.policies]
    policies = Table("Policies", POLICY_HEADER, rows, widths=(13, 9, 12, 10, 12, 23, 21))
    world = [(in_words(path, scenario), path, value) for path, value in world_changes(result)]
    changed = render("changed.html", policies=policies, world=world)
    yield Section("method", "The question and the method", [question, changed])
    yield Section("fact", "What is fact and what is projection", [fact_and_projection(result)])
    yield Section("assumptions", "What it rests on", [assumptions(result)])
    yield Section("limits", "What it must not be used to claim", [limits(result)])
    yield Section("repeat", "How to repeat it", [repeat(result)])


def policy_row(result: Result, policy: Policy) -> tuple[str, ...]:
    """Return a policy as a row, under `POLICY_HEADER`."""
    by = ", ".join(state_name(result.scenario, state) for state in policy.by)
    on = day(str(policy.on)) if policy.on else "never: a bare threat"
    if policy.on and policy.on < result.scenario.start:
        on += ", in this run from its first day"
    if policy.until:
        on += f" to {day(str(policy.until))} (the first day without it)"
    announced = "-" if policy.announced in (None, policy.on) else day(str(policy.announced))
    keys = own_keys(result.scenario, policy)
    what = policy.summary + (f" ({keys})" if keys else "")
    return (
        policy.id,
        by,
        ", ".join(policy.targets) or "-",
        announced,
        on,
        what,
        policy.reference or "not stated",
    )


def charts(result: Result) -> Markup:
    """Return the other charts that show an effect, in the order of `STORY`; charts without an
    effect are only named.
    """
    known = dict(plots.charts())
    for elsewhere in (next(plots.leading_charts(result), ""), _FIRM_CHART):
        known.pop(elsewhere, None)
    order = ("connectivity", "routes_matrix", *_ORDER) if of_text.leads(result) else _ORDER
    pictures = list[Picture]()
    empty = list[str]()
    for name in sorted(
        known, key=lambda name: (order.index(name) if name in order else len(order), name)
    ):
        if not (known[name].metrics and known[name].fits(result)):
            continue
        figure: Any = plots.draw(result, name)
        if not getattr(figure, "shows_nothing", False):  # a user's own chart may be a plain Figure
            pictures.append(picture(result, figure, known[name].description))
        elif name != "decisions" or set(result.scenario.behaviour.on) - {"platforms"}:
            empty.append(
                known[name].title
            )  # if no state can decide, the absence of decisions is not a finding
    return render("charts.html", pictures=pictures, empty=empty)


def losers(result: Result) -> Markup:
    """Return the tables of groups that lose contact, and of platforms and firms that lose and
    gain.
    """
    chart = None
    known = result.scenario.facts.platforms
    abroad = any(name in known and known[name].home != state for state, name in aimed(result))
    if is_measured(result) and abroad:
        figure: Any = plots.draw(result, _FIRM_CHART)
        if not figure.shows_nothing:
            chart = picture(result, figure, plots.charts()[_FIRM_CHART].description)
    platforms = of_text.use(result) if "active_users" in result.metrics else None
    groups = of_text.by_group(result)
    firms = of_text.firms(result)
    return render("losers.html", groups=groups, platforms=platforms, firms=firms, firm_chart=chart)


# --- what it rests on -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Assumption:
    """One number that the results of a run depend on."""

    name: str
    """Name of a path or of a parameter."""
    value: str
    """The value in the run, or the range that seeds draw from."""
    fact: Quantity | None
    """The usual value with range and source; None for a number that only the scenario states."""
    rank: int
    """0: drawn; 1: set by the scenario; 2: used by its instruments and platforms; 3: all others."""
    is_its_own: bool = False
    """Whether the scenario uses another value than the tables, or draws outside their range; the
    source in the tables does not support such a value.
    """

    @property
    def basis(self) -> str:
        """Basis of the value: measured, survey, press or assumption; a dash for a name, such as an
        owner's.
        """
        if self.fact is not None and not self.is_its_own:
            return self.fact.basis
        return "assumption" if re.search(r"\d", self.value) else "-"


def assumed(result: Result) -> list[Assumption]:
    """Return every number that a run depends on: first drawn and set, then used, then all
    others.
    """
    scenario = result.scenario
    facts = result.scenario.facts
    found = {}
    for path, ends in scenario.uncertain.items():
        known = path.removeprefix("parameters.")
        fact = facts.parameters.get(known) or _world_fact(scenario, known)
        own = fact is not None and (ends.low < fact.low or ends.high > fact.high)
        found[known] = Assumption(known, drawn(scenario, path), fact, 0, own)
    for known, set_to in scenario.parameters.items():
        fact = facts.parameters.get(known)
        found.setdefault(
            known,
            Assumption(known, plain(set_to), fact, 1, fact is not None and set_to != fact.value),
        )
    for path, value in world_changes(result):
        fact = _world_fact(scenario, path)
        found.setdefault(
            path, Assumption(path, value, fact, 1, fact is not None and value != plain(fact.value))
        )
    used = tuple(_prefixes(scenario))
    by_default = drawn_by_default(scenario)
    for known, fact in facts.parameters.items():
        value = drawn_from(known, fact) if known in by_default else plain(fact.value)
        found.setdefault(known, Assumption(known, value, fact, 2 if known.startswith(used) else 3))
    acting = dict.fromkeys(state for policy in scenario.policies for state in policy.concerns())
    for state in (state for state in acting if state in facts.states):
        paths = [f"world.{name}.{state}" for name in ("internet_users", "vpn_share")]
        for path in [
            *paths,
            *(f"world.penetration.{state}.{name}" for name in result.focus.named_platforms),
        ]:
            if (fact := _world_fact(scenario, path)) is not None:
                found.setdefault(path, Assumption(path, plain(fact.value), fact, 2))
    return sorted(found.values(), key=lambda each: each.rank)


def _prefixes(scenario: Scenario) -> Iterator[str]:
    """Yield the prefixes of the names of the parameters that the scenario's policies use."""
    yield from _ALWAYS
    platforms = scenario.platforms
    for policy in scenario.policies:
        yield f"{policy.instrument}."
        yield from (f"{head}." for head in policy.PARAMETERS)
        if policy.technique:
            yield f"technique.{policy.technique}."
        if policy.announced and (policy.on is None or policy.announced < policy.on):
            yield "announcement."
        for kind in (platforms[target].kind for target in policy.targets if target in platforms):
            yield from (f"value.{kind}", f"stickiness.{kind}", f"tie_share.{kind}")


def _world_fact(scenario: Scenario, path: str) -> Quantity | None:
    """Return the fact at a path such as ``world.penetration.US.WeChat.CN``."""
    facts = scenario.facts
    match path.split("."):
        case ["world", "penetration", state, platform, *origin]:
            whole = facts.penetration.get((state, platform))
            return (
                facts.group_penetration.get((state, platform, origin[0]), whole)
                if len(origin) == 1
                else whole
            )
        case ["world", ("vpn_share" | "internet_users") as name, state] if state in facts.states:
            return getattr(facts.states[state], name)  # type: ignore[no-any-return]
    return None


def subject(each: Assumption, scenario: Scenario) -> Named:
    """Return the name of an assumption, and its description if there is one."""
    return Named(in_words(each.name, scenario) or (each.fact.note if each.fact else ""), each.name)


def _row(each: Assumption, scenario: Scenario) -> tuple[str | Named, ...]:
    """Return an assumption as a row."""
    fact = each.fact
    if fact is None:
        return subject(each, scenario), each.value, "-", each.basis, "set by the scenario"
    source = fact.source.removeprefix(f"{fact.basis}: ")
    if (
        in_words(each.name, scenario) and fact.note
    ):  # the note on a fact of the world says how it was derived
        source = f"{source}; {fact.note}"
    if each.is_its_own:
        source = f"set by the scenario; the figure of the tables is of basis {fact.basis}: {source}"
    usual = f"{plain(fact.value)} ({plain(fact.low)} to {plain(fact.high)}) {'' if fact.unit == '1' else fact.unit}"
    return subject(each, scenario), each.value, usual.rstrip(), each.basis, source


def assumptions(result: Result) -> Markup:
    """Return the tables of assumptions: those this run draws or sets, those it uses, and all
    others.
    """
    every = assumed(result)
    titles = (
        "Uncertain: drawn for each seed, so the intervals cover it",
        "Set by the scenario",
        "Used by its policies and platforms, as in the tables of facts",
        "All other parameters of the model, used in every run",
    )
    counts = Counter(each.basis for each in every if each.basis in BASES)
    *shown, others = (
        Table(
            title,
            _HEADER,
            [_row(each, result.scenario) for each in every if each.rank == rank],
            widths=_WIDTHS,
        )
        for rank, title in enumerate(titles)
    )
    return render(
        "assumptions.html",
        total=sum(counts.values()),
        bases=", ".join(f"{counts[basis]} {basis}" for basis in BASES if counts[basis]),
        tables=[table for table in shown if table.rows],
        others=others,
    )


def fact_and_projection(result: Result) -> Markup:
    """Return the facts, the assumptions and the computed results of a run."""
    scenario = result.scenario
    path = next(
        (path for known, path in shipped().items() if known.split("/")[-1] == result.name), None
    )
    lines = path.read_text(encoding="utf-8").splitlines() if path is not None else []
    head = [
        line
        for line in takewhile(lambda line: line.startswith("#"), lines)
        if "yaml-language-server" not in line
    ]
    return render(
        "fact.html",
        scenario=scenario,
        name=result.name,
        unsourced=[policy.id for policy in scenario.policies if not policy.reference],
        head_of_file=" ".join(line.removeprefix("#").strip() for line in head),
    )


def limits(*results: Result) -> Markup:
    """Return the claims that the runs do not support, and the warnings of the runs."""
    why = why_refused() if any(result.model_error.is_known for result in results) else ""
    warned = dict.fromkeys(text for result in results for text in for_readers(result))
    return render("limits.html", stale=why, warned=warned)


def repeat(result: Result) -> Markup:
    """Return what reproduces a run: command, version, seeds, digests, and the scenario itself."""
    return render(
        "repeat.html",
        run=result,
        own=result.scenario.own_tables,
        copies=COPIES,
        command=command_of(result),
        packages=result.info.get("manifest", {}).get("packages", {}),
    )


def command_of(result: Result) -> str:
    """Return the command that makes a run, or its equivalent if the run was made from Python."""
    words, _ = _made_by(result)
    said = "   # the scenario below, saved under this name" if words[0] == _SAVED else ""
    return f"{shlex.join(['splinternet', 'run', *words])}{said}"


def _made_by(result: Result) -> tuple[list[str], str]:
    """Return the arguments of ``splinternet run`` that make a run, and the folder that it
    writes.
    """
    out = f"runs/{result.name}-{result.run_id}"
    words = shlex.split(str(result.info.get("command") or ""))
    if len(words) > 1 and words[0].split("/")[-1] == "splinternet" and words[1] == "run":
        named = [word.removeprefix("--out=") for word in words if word.startswith("--out=")]
        named += [path for option, path in pairwise(words) if option == "--out"]
        return words[2:], next(iter(named), out)
    seeds = ["--seeds", str(len(result.seeds)), "--set", f"seed={result.seeds[0]}"]
    return [_SAVED, *seeds, "--out", out], out


def softer(result: Result) -> tuple[str, str] | None:
    """Return the ways to soften the orders of a run with the command that compares them, or
    None.
    """
    try:
        ways = [way.name for way in mitigations(result.scenario) if way.scenario is not None]
    except InputError:
        return None
    words, out = _made_by(result)
    kept = [
        word for word in words if word not in _NOT_OF_MITIGATE and word not in (out, f"--out={out}")
    ]
    seeds = (
        []
        if any(word.startswith("--seeds") for word in kept)
        else ["--seeds", str(len(result.members))]
    )
    command = shlex.join(["splinternet", "mitigate", *kept, *seeds, "--out", "spared.html"])
    return (
        (" or ".join((", ".join(ways[:-1]), ways[-1])).removeprefix(" or "), command)
        if ways
        else None
    )
