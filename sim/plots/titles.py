"""The titles of charts: templates that an editor can read from top to bottom.

``{v:lose}`` is a verb of several, ``{s:lose}`` of one; a projection or what-if says ``would lose``. Of several
templates the first is taken that comes to at most twelve words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..text.numbers import brief

MOST_WORDS = 12
TITLES: dict[str, tuple[str, ...]] = {
    "family_contact": (
        "{share} of {who} {v:lose} all contact by app",
        "{share} of {who} {v:lose} contact",
        "{share} {v:lose} all contact with family by app",
    ),
    "contact_by_diaspora": (
        "Hardest hit: {share} of {who}",
        "The hardest hit {v:lose} {share} of their contact by app",
    ),
    "contact_by_diaspora_alike": ("{number} diasporas {v:lose} contact by app",),
    "contact_by_diaspora_one": ("Of {who}, {share} {v:lose} contact", "Of one diaspora, {share} {v:lose} contact"),
    "contact_days_by_group": (
        "{number} days without contact for {who}",
        "{number} days without contact by app",
    ),
    "contact_map": (
        "{a} and {b} {v:lose} {share} of their family ties",
        "The pair hit most {s:lose} {share} of its family ties",
    ),
    "contact_map_gain": (
        "{a} and {b} {v:gain} a channel for {number} family ties",
        "{number} family ties {v:gain} a channel",
    ),
    "reconnection": ("{share} of returning ties {v:use} {way}",),
    "cut_stay_cut": ("No tie that is cut {s:come} back",),
    "active_users": (
        "{platform} in {where} {s:keep} {share} of its daily users",
        "{platform} {s:keep} {share} of its daily users",
    ),
    "active_users_none": (
        "{platform} in {where} {s:lose} all of its daily users",
        "{platform} {s:lose} all of its daily users",
    ),
    "active_users_gain": (
        "{platform} in {where} {s:gain} {number} daily users",
        "{platform} {s:gain} {number} daily users",
    ),
    "active_users_worst": (
        "At worst, {platform} in {where} {s:keep} {share} of its users",
        "At worst, {platform} {s:keep} {share} of its users",
    ),
    "gains_up": (
        "{platform} in {where} {s:gain} most: {number} daily users",
        "{platform} {s:gain} {number} daily users",
    ),
    "gains_up_one": (
        "{platform} in {where} {s:gain} {number} daily users",
        "{platform} {s:gain} {number} daily users",
    ),
    "gains_up_many": ("{number} platforms{at} {v:gain} daily users",),
    "gains_down_one": (
        "{platform} in {where} {s:lose} {number} daily users",
        "{platform} {s:lose} {number} daily users",
    ),
    "gains_down_many": ("{number} platforms{at} {v:lose} daily users",),
    "gains_down": (
        "{platform} in {where} {s:lose} most: {number} daily users",
        "{platform} {s:lose} {number} daily users",
    ),
    "firm_gains_up": ("Firms of {home} {v:gain} US$ {number}",),
    "firm_gains_lose": ("Firms of {home} {v:lose} US$ {number}",),
    "firm_gains_up_one": ("{firm} {s:gain} US$ {number}", "One firm {s:gain} US$ {number}"),
    "firm_gains_down": ("{firm} {s:lose} US$ {number}", "One firm {s:lose} US$ {number}"),
    "firm_gains_time": ("{firm} {s:change} by {number} minutes a day",),
    "flows": (
        "{number} people {v:turn} from {source} to {target}",
        "{target} {s:take} in {number} people",
    ),
    "flows_many": (
        "People {v:turn} from {source} to {number} other platforms",
        "People {v:turn} to {number} other platforms",
    ),
    "flows_many_each": ("People {v:turn} to {number} other platforms",),
    "vpn_users": ("{number} {more} people in {where} {v:use} a VPN", "{number} {more} people {v:use} a VPN"),
    "connectivity": (
        "In {where}, {share} of the world's services {v:work}",
        "{share} of the world's services {v:work}",
    ),
    "connectivity_other": ("{what} in {where}: {share}", "{what}: {share}"),
    "routes_state": (
        "{where} {s:keep} routes to {share} of the people abroad",
        "Routes to {share} of the people abroad remain",
    ),
    "routes_matrix": (
        "{a} and {b} {v:keep} {share} of their routes",
        "The pair hit most {s:keep} {share} of its routes",
    ),
    "routes_longer": (
        "Routes between {a} and {b} {v:grow} {share} longer",
        "The routes hit most {v:grow} {share} longer",
    ),
    "blocs": ("{number} internets at the end, not {without}",),
    "blocs_worst": ("At most {number} internets, not {without}",),
    "decisions": ("States {v:adopt} {number} policies of their own",),
    "decisions_join": ("{number} states {v:join} the programme of {leader}",),
    "atlas_camps": ("{number} countries {v:stand} in camps at the end",),
    "atlas_open": (
        "{where} {s:keep} {share} of the world's platforms",
        "One country {s:keep} {share} of the world's platforms",
    ),
    "atlas_contact": (
        "At most {number} people from {a} in {b} {v:lack} contact",
        "At most {number} people {v:lack} contact with family abroad",
    ),
    "atlas_strikes": ("States {v:act} {number} times against firms abroad",),
    "atlas_small": ("What people can open {s:change} little",),
    "atlas_routes": ("Pairs of countries that {v:lose} routes: {number}",),
    "index": ("By what people can open, there are {number} internets",),
    "observed": ("{inside} of {number} observed figures lie within tolerance",),
    "metric": ("{what}: {number} {more}, {where}", "{what}: {number} {more}", "{number} {more}"),
    "lives": ("When {number} simulated people {v:have} contact with kin",),
    "nothing": ("The policies change nothing that is measured",),
}


@dataclass(frozen=True)
class Verb:
    """A verb that a template names: ``{v:lose}`` is ``would lose``, or ``lose`` of what happened."""

    would: bool
    of_one: bool = False

    def __format__(self, verb: str) -> str:
        """Return the verb in its form."""
        if self.would:
            return f"would {verb}"
        return f"{verb}{'es' if verb.endswith('ch') else 's'}" if self.of_one else verb


def title(name: str, result: Any, **parts: object) -> str:
    """Return a title.

    Parameters
    ----------
    name : str
        One of `TITLES`.
    result : Source
        The run, for the mood of verbs.
    **parts
        What the template names.
    """
    would = str(result.scenario.status) != "hindcast"
    said = [one.format(v=Verb(would), s=Verb(would, of_one=True), **parts) for one in TITLES[name]]
    said = [brief(one) for one in said]  # unit and place, below the title, have the names of countries in full
    text = next((one for one in said if words(one) <= MOST_WORDS), said[-1])
    return text[:1].upper() + text[1:]


def words(text: str) -> int:
    """Return how many words a title has: what stands between spaces."""
    return len(text.split())
