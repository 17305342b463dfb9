"""The facts that the world is built from: tables with a source for every number, and their reader.

This package uses only the standard library, so that checking a scenario needs no array package.
"""

from sim.facts.loading import load_facts
from sim.facts.model import BlockFact, Facts, PlatformFact, Quantity, StateFact
from sim.facts.names import find_platform, find_state
from sim.facts.read import read_facts
from sim.facts.worlds import available_facts

__all__ = [
    "BlockFact",
    "Facts",
    "PlatformFact",
    "Quantity",
    "StateFact",
    "available_facts",
    "find_platform",
    "find_state",
    "load_facts",
    "read_facts",
]
