"""The basis of the numbers of a run, in words: status, seeds and simulated people; the sheet of a
workbook.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator

import pandas as pd

from ..core.groups import Group, is_diaspora, is_family
from ..facts.network import find_carriers, load_network
from ..facts.record import read_posterior
from ..metrics.registry import METRICS
from ..results.focus import FEW, MANY_LOSE, at_both_ends, diasporas_asked
from ..results.result import Result
from ..results.series import FEW_MEMBERS
from ..scenario.explain import carrying_cells, share_assumed
from ..scenario.load import drawn_names
from .decisions import beside_record, decided, note
from .findings import find, losing
from .numbers import (
    STATUS,
    capital,
    cell_title,
    day,
    group_name,
    listed,
    number,
    percent,
    sentence,
    state_name,
    table,
)
from .reportable import EVER, acting, effect, family_groups, index, main_groups
from .use import use_of_targets

NORMAL_95 = 1.96
"""Half-width of the central 95 % of a normal distribution [standard deviations]."""
FEW_OF_A_GROUP = 400
"""Number of simulated people of a group below which chance changes a share by 5 percentage points
or more.
"""
_ON_FEW = re.compile(r"simulated people (?:are few|in groups that the question is about)")
"""Warnings that do not depend on the findings."""
CONTRACTS = "routes.chinese_peers"
_NAMED = 8
"""Largest number of states that a sentence names; others are counted."""


def status_text(result: Result) -> tuple[str, str]:
    """Return the stamp (``PROJECTION``) and the sentence that explains it."""
    status = str(result.scenario.status)
    return status.upper(), STATUS.get(status, "")


def basis(result: Result) -> list[str]:
    """Return the basis of the numbers: seeds, simulated people and the meaning of intervals."""
    n = len(result.members)
    people = number(float(result.scenario.people))
    kind = "few_members" if n < FEW_MEMBERS else "members"
    if n == 1:
        kind = "one_member"
    said = [sentence("run", kind, n=n, people=people, with_error=result.model_error.is_known)]
    names = drawn_names(result.scenario)
    if names and n > 1:
        joint = sum(name in row for row in read_posterior()[:1] for name in names)
        said.append(sentence("run", "drawn", n=len(names), joint=joint))
    groups = main_groups(result)
    error = index(result).get(EVER, "total", group=groups[0]) if groups else None
    # A few seeds give no standard error of the mean: two equal seeds would make it zero.
    if error is not None and error["mc_error"] is not None and n >= FEW_MEMBERS:
        said.append(
            sentence(
                "run", "mean_error", points=percent(effect(error, "mc_error")).removesuffix(" %")
            )
        )
    for group in groups or family_groups(result, 1):
        if simulated := result.sampling.simulated(group):
            # The half-width of the 95 % interval of one half.
            points = (
                f"{NORMAL_95 * math.sqrt(0.25 / simulated) * 100:.0f}"
                if simulated < FEW_OF_A_GROUP
                else ""
            )
            name = capital(group_name(result.scenario, group))
            real = number(result.sampling.groups[group].real)
            said.append(
                sentence(
                    "run",
                    "stands_for",
                    group=name,
                    code=group,
                    simulated=f"{simulated:,}",
                    real=real,
                    points=points,
                )
            )
    said += [*first_group(result), *too_heavy(result), *knowledge(result), *caveats(result)]
    said += beside_record(result) if any(decided(result)) else ()
    return [*said, *filter(None, (result.scenario.caveat, note(result.scenario.behaviour.on)))]


def first_group(result: Result) -> Iterator[str]:
    """Yield the reason why the diaspora of the first finding comes first, if any loses contact."""
    found = [group for group in losing(result) if is_diaspora(group)]
    asked = diasporas_asked(result.scenario)
    diaspora = asked.get(found[0]) if found else None
    if diaspora is not None:
        largest = max(asked[group].flow for group in found if group in asked)
        why = "flow" if diaspora.flow == largest else "many"
        why = "both" if at_both_ends(result.scenario, diaspora.group) else why
        known = index(result)
        lost = {group: effect(known.get(EVER, "total", group=group)) for group in found}
        if why == "many" and lost[found[0]] <= MANY_LOSE:
            return  # another rule of the question put it first
        many = [asked[group].flow for group in found if group in asked and lost[group] > MANY_LOSE]
        if why == "many" and diaspora.flow < max(many):  # immigrants come after emigrants
            why = "emigrants"
        recent = "" if diaspora.recent is None else number(diaspora.recent)
        name = group_name(result.scenario, diaspora.group)
        yield sentence(
            "run",
            "first_group",
            group=name,
            why=why,
            recent=recent,
            people=number(diaspora.people),
            origin=state_name(result.scenario, Group.read(found[0]).origin, article=True),
        )


def too_heavy(result: Result) -> Iterator[str]:
    """Yield the platforms of which four simulated people may represent a quarter or more of the
    users.
    """
    for one in result.sampling.users:
        if not one.within_limit:
            share = percent(min(1.0, one.share_of_few))
            people = number(one.users)
            users = f"{one.platform} in {state_name(result.scenario, one.state, article=True)}"
            yield sentence("run", "too_heavy", share=share, people=people, users=users)


def knowledge(result: Result) -> Iterator[str]:
    """Yield the number of assumptions among the figures on which the result depends, and their
    states.
    """
    cells = carrying_cells(result.scenario)
    assumed, total = share_assumed(cells)
    if not total:
        return
    here = Counter(c.state for c in cells)
    by_state = Counter(c.state for c in cells if not c.measured)
    first = sorted(by_state, key=lambda state: (-by_state[state], state))
    counts = {s: f" {by_state[s]} of {here[s]}" if len(cells) > len(here) else "" for s in first}
    named = [f"{state_name(result.scenario, s)}{counts[s]}" for s in first[:_NAMED]]
    more = [f"{len(first) - _NAMED} more countries"] if len(first) > _NAMED else []
    where = listed([*named, *more]) if named else ""
    yield sentence(
        "run", "assumed", assumed=assumed, total=total, share=percent(assumed / total), where=where
    )
    yield from targets(result)


def targets(result: Result) -> Iterator[str]:
    """Yield the origin of the targets' figures of use in acting states: measured, a median or
    assumed.
    """
    for state, use, named in use_of_targets(result.scenario):
        place = state_name(result.scenario, state, article=True)
        yield sentence("run", "targets", place=place, use=use, named=named)


def caveats(result: Result) -> Iterator[str]:
    """Yield the assumptions about carriers: unknown contracts, and invented carriers."""
    scenario = result.scenario
    facts = result.scenario.facts
    network = load_network(facts.name)
    severed = [
        name
        for policy in scenario.policies
        if policy.SEVERS
        for kind, name in policy.objects()
        if kind == "carrier"
    ]
    chinese = any(
        network.carriers[asn].seat == "CN"
        for name in severed
        for asn in find_carriers(name, network)
    )
    if chinese and CONTRACTS not in scenario.uncertain:
        taken = scenario.parameters.get(CONTRACTS, facts.parameters[CONTRACTS].value) >= 0.5
        yield sentence("run", "contracts", taken=taken, path=CONTRACTS)
    if any(policy.cuts_networks() for policy in scenario.policies):
        missing = sorted(acting(result) - {carrier.seat for carrier in network.carriers.values()})
        if missing:
            places = listed([state_name(scenario, code, article=True) for code in missing])
            yield sentence("run", "no_carriers", places=places)


def for_readers(result: Result) -> list[str]:
    """Return the warnings of a run for readers, without places in files and hints. Warnings about
    small groups are kept only if a finding is about the group.
    """
    said = [
        sentence("run", "few_simulated", group=group_name(result.scenario, group), simulated=number)
        for group in dict.fromkeys(one.group for one in find(result))
        if is_diaspora(group) or is_family(group)
        if 0 < (number := result.sampling.simulated(group)) < FEW
    ]
    for text in result.warnings:
        if _ON_FEW.search(text):
            continue
        text = re.sub(r"^(\S+\.ya?ml:[\d:]+|--[^:]+): ", "", text)
        text = re.sub(r"^([a-z_]+(\.[\w-]+)*: )+", "", text).partition("; ")[0]
        text = re.sub(
            r"\b(?<=in )[A-Z]{2}\b",
            lambda code: state_name(result.scenario, code[0], article=True),
            text,
        )
        text = re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda date: day(date[0]), text)
        said.append(f"{capital(text).removesuffix('.')}.")
    return list(dict.fromkeys(said))


# --- a workbook -----------------------------------------------------------------------------------


def with_names(result: Result, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a summary with a column that names each row: the metric, the people, the place.

    Rows without any number are left out.
    """
    frame = frame.dropna(subset=["baseline", "policy", "effect"], how="all")
    keys = frame[["metric", "state", "platform", "group"]].fillna("").itertuples(index=False)
    words = [
        f"{METRICS[key[0]].label}: {cell_title(result.scenario, *key)}".rstrip(": ") for key in keys
    ]
    return frame.assign(**{"in words": words})


def about(result: Result) -> list[tuple[str, str]]:
    """Return the rows of the sheet on a run: title, status, basis of the numbers, and the
    columns.
    """
    head = [("title", result.scenario.title), ("status", " ".join(status_text(result)))]
    notes = [
        *(("basis", text) for text in basis(result)),
        *(("warning", text) for text in result.warnings),
    ]
    return [
        *head,
        ("days", f"{result.dates[0]} to {result.dates[-1]}"),
        *notes,
        *table("run", "COLUMNS").items(),
    ]
