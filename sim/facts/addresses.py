"""Which platform an address or a measurement test belongs to (`sim/facts/platform_addresses.csv`)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from sim.facts.history import dated_platforms
from sim.facts.model import BASES
from sim.facts.table import checked_rows, keep
from sim.facts.worlds import HOME

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "domain": "the host and every host below it",
        "host": "this host only",
        "test": "a test of OONI that measures the app itself",
    }
)
"""What the address of a row means."""


@lru_cache(maxsize=1)
def load_addresses() -> Mapping[tuple[str, str], str]:
    """Return the platform by (kind, address), read once; kinds are those of `KINDS`.

    Raises
    ------
    InputError
        The table has faulty rows (all of them, each with file and line).
    """
    found: dict[tuple[str, str], str] = {}
    for row in checked_rows(HOME / "platform_addresses.csv", ("platform", "kind", "address", "source", "basis")):
        row.text("source")
        row.one_of("basis", BASES)
        key = row.one_of("kind", KINDS), row.text("address")
        keep(found, key, row.one_of("platform", dated_platforms()), row)
    return MappingProxyType(found)


def platform_of_test(name: str) -> str | None:
    """Return the platform that a test of OONI measures, or None for a test of something else."""
    return load_addresses().get(("test", name))


def platform_at(host: str) -> str | None:
    """Return the platform that serves a host, or None.

    Parameters
    ----------
    host : str
        Such as ``www.facebook.com``; case does not matter.
    """
    table, labels = load_addresses(), host.casefold().rstrip(".").split(".")
    exact = table.get(("host", ".".join(labels)))
    if exact is not None:
        return exact
    names = (".".join(labels[at:]) for at in range(len(labels)))
    return next((table["domain", name] for name in names if ("domain", name) in table), None)
