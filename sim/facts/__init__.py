"""The facts about the world: tables with a source for every number, and their reader.

This package imports no array package, so that scenario checks start fast.
"""

from .loading import load_facts, read_facts
from .model import BlockFact, Facts, PlatformFact, StateFact, find_platform, find_state
from .tables import Quantity
from .worlds import available_facts

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
