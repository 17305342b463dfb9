"""Load a world by its name, once: a shipped one, or a shipped one with a user's own tables on top."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from sim.facts.model import Facts
from sim.facts.read import PARAMETERS, RULES, own_parameters, read_facts
from sim.facts.worlds import DEFAULT_WORLD, load_world


def load_facts(name: str = DEFAULT_WORLD) -> Facts:
    """Return a set of facts as of the day it describes, read once, with the parameters that a project adds.

    Parameters
    ----------
    name : str
        One of :func:`available_facts`, or the key of tables of a user's own (`sim.facts.own`).

    Raises
    ------
    InputError
        The name is unknown, or a table has faulty rows (all of them, each with file and line).
    """
    return _shipped(name, own_parameters())


@lru_cache(maxsize=8)
def _shipped(name: str, own: Path | None) -> Facts:
    """Return a set of facts with the parameters of one more table."""
    world = load_world(name)
    if world.base:
        from sim.facts.overlay import laid_over  # late: most users have no tables of their own

        return laid_over(_shipped(world.base, own), world)
    return read_facts(world.folder, *(path for path in (PARAMETERS, RULES, own) if path is not None))
