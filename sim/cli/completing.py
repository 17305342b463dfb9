"""Completion in the shell: names of scenarios, kinds, charts, and everything that `show` accepts.

Each function takes the letters typed so far and returns the names that begin with them; if there are none, the shell
completes file names.
"""

from __future__ import annotations

from collections.abc import Iterable


def scenarios(incomplete: str) -> list[str]:
    """Return the shipped scenarios whose name begins with the letters."""
    from ..shipped import shipped

    return _beginning(shipped(), incomplete)


def kinds(incomplete: str) -> list[str]:
    """Return the kinds of things that can be listed."""
    from .listing import KINDS

    return _beginning(KINDS, incomplete)


def charts(incomplete: str) -> list[str]:
    """Return the charts of a run."""
    from ..plots import charts as of_runs

    return _beginning(of_runs(), incomplete)


def names(incomplete: str) -> list[str]:
    """Return the scenarios, states, platforms, instruments, parameters and so on that can be shown."""
    from .listing import all_names

    return _beginning(dict.fromkeys(all_names()), incomplete)


def _beginning(known: Iterable[str], incomplete: str) -> list[str]:
    """Return the names that begin with some letters, in whatever case they are typed."""
    return [name for name in known if name.casefold().startswith(incomplete.casefold())]
