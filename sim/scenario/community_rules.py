"""Rules for the communities of a scenario."""

from __future__ import annotations

from collections.abc import Iterator

from sim.errors import Code, Problem
from sim.facts.model import REST_OF_WORLD
from sim.scenario.communities import MOST_OF_STATE
from sim.scenario.tree import Node, number_in


def broken_communities(tree: Node) -> Iterator[Problem]:
    """Refuse communities of nowhere in particular, those that are most of a state together, and diasporas at home.

    Parameters
    ----------
    tree : Node
        Merged and with canonical names.
    """
    table = tree.get("world", "communities")
    for state, named in (table.mapping if table is not None else {}).items():
        path = f"world.communities.{state}"
        here = ("world", "communities", state)
        if state == REST_OF_WORLD:
            found = f"the rest of the world ({REST_OF_WORLD}) is no one state"
            yield Problem(
                tree.where_of(here, key=True), found, "the state that they are part of", "", Code.INVALID, path
            )
        shares = [node.value for keys in named.mapping.values() if (node := keys.get("share")) is not None]
        total = sum(number_in(share) or 0.0 for share in shares)
        if len(shares) > 1 and total > MOST_OF_STATE:
            found = f"the communities of {state} are {total:g} of its people together"
            yield Problem(tree.where_of(here), found, f"at most {MOST_OF_STATE:g}", "", Code.RANGE, path)
        for name, keys in named.mapping.items():
            diaspora = keys.get("diaspora")
            if diaspora is not None and state in diaspora.mapping:
                found = f"{state} is where {name} come from and where they live"
                where = tree.where_of((*here, name, "diaspora", state), key=True)
                yield Problem(where, found, "another state", "", Code.INVALID, f"{path}.{name}.diaspora.{state}")
