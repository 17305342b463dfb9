"""The people and platforms in the question of a run, in words: the largest diasporas, the targets, the evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ..core.groups import families_of, is_diaspora, is_family
from ..results.focus import Diaspora, asked_groups, from_abroad, largest
from ..results.summary import PlatformAsked, platforms_asked
from ..scenario.explain import carrying_cells, share_assumed
from .numbers import group_name, listed, number, percent, state_name
from .reportable import EVER, FELT, Index, effect, index, movers, range_text

if TYPE_CHECKING:
    from ..results.result import Result
    from ..results.summary import Sampling

_NAMED = 8
"""Groups, or states, that a sentence names before it counts the others."""


def diasporas(result: Result) -> Iterator[str]:
    """Yield a sentence on the largest diasporas of each acting state: how many people, and who of them lost contact."""
    if EVER not in result.metrics:
        return
    found, inside = index(result), from_abroad(result.scenario)
    for state, abroad in largest(result.scenario).items():
        whose = state_name(result.scenario, state, article=True)
        what = "who of those with a channel to their family lose every one at some time"
        if abroad:
            parts = [_diaspora(result, found, one, one.residence) for one in abroad]
            yield f"The largest diasporas of {whose} (UN DESA), and {what}: {'; '.join(parts)}."
        if state in inside:
            parts = [_diaspora(result, found, one, one.origin) for one in inside[state]]
            yield f"More people have come than left; in {whose}, likewise, from {'; '.join(parts)}."


def _diaspora(result: Result, found: Index, one: Diaspora, end: str) -> str:
    """Return the other end of a diaspora, how many people it is, and what became of its contact."""
    text = f"{state_name(result.scenario, end)} ({number(one.people)} people)"
    if one.group not in result.sampling.groups:
        return f"{text} {'not in this run' if one.used else 'hardly use the targets with home'}"
    row = found.get(EVER, "total", group=one.group)
    if row is None:
        return f"{text} too few simulated ({result.sampling.simulated(one.group):,}) to say"
    if effect(row, "high") <= 0 or effect(row) <= 0:
        return f"{text} nobody in the sample"
    return f"{text} {range_text(row)}"


def targets(result: Result) -> Iterator[str]:
    """Yield a sentence on what is acted on in each state: the share of its daily users that each loses at the worst."""
    scenario, asked = result.scenario, platforms_asked(result)
    hardly: dict[tuple[str, ...], list[str]] = {}
    for state in dict.fromkeys(one.state for one in asked):
        where = state_name(scenario, state, article=True)
        here = [one for one in asked if one.state == state]
        if all(one.share_lost is None for one in here):
            hardly.setdefault(tuple(one.platform for one in here), []).append(where)
            continue
        what = f"What people in {where} use most" if scenario.scene.acting[state] is None else f"Targets in {where}"
        if not (len(here) == 1 and _is_worst(result, state, here[0].platform)):
            parts = [f"{one.platform} {_share(one)}" for one in here]
            yield f"{what}, and the share of daily users lost at the worst: {', '.join(parts)}."
    for platforms, places in hardly.items():
        yield f"Targets that hardly anybody uses in {listed(places)}: {listed(list(platforms))}."


def _is_worst(result: Result, state: str, platform: str) -> bool:
    """Return whether a platform is the one that loses most daily users, which a sentence of its own says."""
    rows = movers(result, "peak")
    return bool(rows) and effect(rows[-1]) < 0 and (rows[-1]["state"], rows[-1]["platform"]) == (state, platform)


def _share(one: PlatformAsked) -> str:
    """Return the share of its daily users that a platform loses."""
    if one.share_lost is None:
        return "(hardly used there)"
    return percent(one.share_lost) if one.share_lost >= FELT else "none"


def nobody(result: Result, seen: str) -> str:
    """Return that no group of the question lost contact, by name and number, and which are not in the run.

    Parameters
    ----------
    result : Result
    seen : str
        What was seen all the same, in words; empty for nothing.
    """
    cells = result.sampling.groups
    moved = [group for group in cells if is_diaspora(group) or is_family(group)]
    asked = [group for group in asked_groups(result.scenario) if group in cells] or moved
    first = [group for group in asked if is_diaspora(group)][:_NAMED]
    named = [f"{group_name(result.scenario, g)} ({_simulated(result.sampling, g)})" for g in first]
    more = len(moved) - sum(1 + (families_of(group) in cells) for group in first)
    others = f" and {more} other groups of this run" if more > 0 else ""
    absent = [g for g in asked_groups(result.scenario) if g not in cells and is_diaspora(g)]
    absent = [group_name(result.scenario, group) for group in absent]
    missing = f" Not in this run: {listed(absent)}." if absent else ""
    what = "is seen to lose contact with its family" if seen else "lost contact with its family"
    return f"No group {what}{seen}: {', '.join(named)}{others}.{missing}"


def _simulated(sampling: Sampling, group: str) -> str:
    """Return how many people of a diaspora are simulated, and of its families."""
    families = sampling.simulated(families_of(group))
    return f"{sampling.simulated(group):,} simulated{f', and {families:,} of their families' if families else ''}"


def knowledge(result: Result) -> Iterator[str]:
    """Yield how many of the figures that carry the result are assumptions, and where."""
    cells = carrying_cells(result.scenario)
    assumed, total = share_assumed(cells)
    if not total:
        return
    here, by_state = (Counter(c.state for c in cells), Counter(c.state for c in cells if not c.measured))
    first = sorted(by_state, key=lambda state: (-by_state[state], state))
    several = len(cells) > len(here)
    counts = {s: f" {by_state[s]} of {here[s]}" if several else "" for s in first}
    named = [f"{state_name(result.scenario, s)}{counts[s]}" for s in first[:_NAMED]]
    more = [f"{len(first) - _NAMED} more states"] if len(first) > _NAMED else []
    where = f": {listed([*named, *more])}" if named else ""
    text = f"{assumed} of the {total} figures of use that carry this result are assumptions"
    yield f"{text} ({percent(assumed / total)}){where}."
