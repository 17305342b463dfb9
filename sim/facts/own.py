"""A user's own tables: a folder on top of a shipped world, read into memory once.

The tables are identified by their name and a hash of their content, such as ``prices@3f2a91c0d4e5``. This is the name
of the world in scenarios, run folders and results, wherever the folder is. Other processes receive the tables with it.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from sim.errors import InputError, Problem, did_you_mean

MANIFEST = "world.csv"
COPIES = "facts"
"""Folder of a run folder, and of a project, in which tables of a user's own are."""
PARAMETERS = "parameters.csv"
"""In the facts folder of a project: parameters, which are not part of a world."""
TABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "states.csv": ("state", "field"),
        "platforms.csv": ("name",),
        "penetration.csv": ("state", "platform"),
        "group_penetration.csv": ("residence", "platform", "origin"),
        "migrants.csv": ("residence", "origin"),
        "blocks.csv": ("state", "platform"),
        "revenue.csv": ("state",),
        "monetisation.csv": ("platform",),
        "news_use.csv": ("platform",),
        "youth_lean.csv": ("state", "platform"),
        "institutions.csv": ("state", "field"),
        "phone_makers.csv": ("state", "maker"),
        "spending.csv": ("platform", "state"),
        "sales.csv": ("state", "platform"),
        "handset_sales.csv": ("maker", "state"),
        "pacts.csv": ("pact", "state"),
        "trade.csv": ("state", "partner"),
        "regimes.csv": ("state",),
        "firms.csv": ("firm", "sector", "field"),
        "presence.csv": ("firm", "sector", "state"),
        "means.csv": ("state", "field"),
        "as_counts.csv": ("state",),
        "carriers.csv": ("asn",),
        "carrier_links.csv": ("a", "b", "assumption_set"),
        "cables.csv": ("name",),
        "exchanges.csv": ("name",),
        "clouds.csv": ("name",),
    }
)
"""The tables that a folder may hold, each with the columns that say which row is meant."""
LARGEST, LARGEST_OF_ALL = 2**22, 2**24
"""Most bytes of a table, and of all tables of a folder."""
_HASH = 12  # characters of the hash in a name
_KEY = re.compile(rf"(?P<name>[^@/\\]+)@(?P<hash>[0-9a-f]{{{_HASH}}})")


@dataclass(frozen=True)
class OwnTables:
    """The tables of a folder, as text.

    Attributes
    ----------
    name : str
        Name of the folder.
    texts : mapping of str to str
        Name of a file -> what stands in it, sorted.
    """

    name: str
    texts: Mapping[str, str] = field(repr=False)

    @property
    def key(self) -> str:
        """The name of the world: that of the folder, and a hash of its tables."""
        digest = hashlib.sha256()
        for file, text in sorted(self.texts.items()):
            digest.update(f"{file}\0{text}\0".encode())
        return f"{self.name}@{digest.hexdigest()[:_HASH]}"

    def __reduce__(self) -> tuple[object, ...]:
        """Travel between processes, and be known there at once."""
        return _known_here, (self.name, dict(self.texts))

    def write(self, folder: Path) -> Path:
        """Write the tables into a new folder of their name below another one, and return it.

        Parameters
        ----------
        folder : Path
        """
        target = folder / self.name
        target.mkdir(parents=True)
        for file, text in self.texts.items():
            (target / file).write_text(text, encoding="utf-8", newline="")
        return target


_known: dict[str, OwnTables] = {}


def known_tables(key: str) -> OwnTables | None:
    """Return the tables of a user's own world that this process has read; None where it has not."""
    return _known.get(key)


def is_key(text: str) -> bool:
    """Return whether a text has the form of the name of a user's own world."""
    return _KEY.fullmatch(text) is not None


def name_in(key: str) -> str:
    """Return the name of the folder in the name of a user's own world."""
    found = _KEY.fullmatch(key)
    return found["name"] if found is not None else key


def remember(tables: OwnTables) -> OwnTables:
    """Let this process know tables by their key, and return them."""
    return _known.setdefault(tables.key, tables)


def read_own(folder: Path) -> OwnTables:
    """Read the tables of a folder; what stands in their rows is checked when the world is used.

    Parameters
    ----------
    folder : Path
        A folder with ``world.csv`` and any of `TABLES`.

    Raises
    ------
    InputError
        A file that is no table of a world, that is too large or no text, or no ``world.csv``.
    """
    problems: list[Problem] = []
    texts: dict[str, str] = {}
    name = folder.resolve().name
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.is_dir() or path.suffix not in (".csv", ".CSV") or path.name == PARAMETERS:
            continue
        where = f"{name}/{path.name}"
        if path.name not in TABLES and path.name != MANIFEST:
            allowed = f"one of: {', '.join((MANIFEST, *TABLES))}"
            problems.append(
                Problem(where, "no table of a world has this name", allowed, did_you_mean(path.name, TABLES))
            )
        elif not path.resolve().is_relative_to(folder.resolve()):
            problems.append(Problem(where, "a link that leaves the folder", "a file in the folder"))
        else:
            texts[path.name] = _text(path, where, problems)
    if MANIFEST not in texts and not problems:
        hint = "base,,world-2025,,,"
        problems.append(Problem(f"{name}/{MANIFEST}", "no such file", "a file with a row 'base'", hint))
    if sum(map(len, texts.values())) > LARGEST_OF_ALL:
        problems.append(Problem(name, "the tables are too large", f"at most {LARGEST_OF_ALL:,} characters in all"))
    if problems:
        raise InputError(problems)
    return remember(OwnTables(name, MappingProxyType(texts)))


def _text(path: Path, where: str, problems: list[Problem]) -> str:
    """Return what stands in a file; nothing and a problem where it cannot be read."""
    try:
        size = path.stat().st_size
        if size <= LARGEST and path.is_file():
            return path.read_text(encoding="utf-8-sig")
        found = f"the file has {size:,} bytes" if path.is_file() else "no regular file"
        problems.append(Problem(where, found, f"at most {LARGEST:,} bytes"))
    except UnicodeDecodeError:
        problems.append(Problem(where, "no text in UTF-8", "a CSV file in UTF-8", "save it as UTF-8"))
    except OSError as error:
        problems.append(
            Problem(where, f"cannot be read ({error.strerror or os.strerror(error.errno or 0)})", "a CSV file")
        )
    return ""


def _known_here(name: str, texts: Mapping[str, str]) -> OwnTables:
    """Return tables that came from another process, known in this one."""
    return remember(OwnTables(name, MappingProxyType(dict(texts))))
