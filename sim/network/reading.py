"""Readers of standard files: AS relationships (CAIDA's serial-1 and serial-2) and tables of countries.

A relationship file holds ``provider|customer|-1`` and ``peer|peer|0``, with a source as a fourth field in serial-2
(https://publicdata.caida.org/datasets/as-relationships/README.txt). The first bytes of a file show whether it is
packed, so its name does not matter.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import IO, Any

import numpy as np

from sim.errors import InputError, Place, Problem
from sim.network.build import build_graph
from sim.network.graph import LARGEST_ASN, CircleError, Graph, Ints

_PACKED: tuple[tuple[bytes, Any], ...] = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))
_LONGEST_LINE = 4096  # bytes; a line of either format is far shorter, so another kind of file is detected early
_MOST_PROBLEMS = 20
_ASN_COLUMNS = ("asn", "as", "aut")
_STATE_COLUMNS = ("cc", "country", "country_code", "country-code", "state")
_PEOPLE_COLUMNS = ("users", "people", "internet_users")
_RELATION = "provider|customer|-1 or peer|peer|0, with a source as fourth field or without"


def read_as_relationships(path: str | Path, countries: str | Path | Mapping[int, str] | None = None) -> Graph:
    """Read a graph from a file of AS relationships, serial-1 or serial-2, plain or packed with gzip, bzip2 or xz.

    Parameters
    ----------
    path : path
        The file, whatever it is called.
    countries : path or mapping of int to str, optional
        Where each AS belongs: a table for `read_countries`, or AS number -> alpha-2 code. Without it every AS belongs
        to `sim.network.graph.UNKNOWN`.

    Returns
    -------
    Graph
        Everybody counts as one person, unless the table of countries has people.

    Raises
    ------
    InputError
        Lines that cannot be read, links that contradict each other, or a circle of customers and providers; each with
        file and line.
    """
    path = Path(path)
    states, people = read_countries(countries) if isinstance(countries, str | Path) else (dict(countries or {}), None)
    problems: list[Problem] = []
    links = _read_links(path, problems)
    _raise(problems)
    if not links:
        raise InputError(Problem(Place(str(path), 1), "no link in the file", _RELATION))
    transit = [pair for pair, (kind, _) in links.items() if kind]
    peering = [pair for pair, (kind, _) in links.items() if not kind]
    try:
        return build_graph(transit, peering, states=states, people=people)
    except CircleError as error:
        line = min(links[pair][1] for pair in pairwise(error.ring))
        hint = "take out one of these links"
        raise InputError(replace(error.problems[0], where=Place(str(path), line), hint=hint)) from None


def _read_links(path: Path, problems: list[Problem]) -> dict[tuple[int, int], tuple[bool, int]]:
    """Return (customer, provider) or (peer, peer) -> (whether it is paid, line)."""
    links: dict[tuple[int, int], tuple[bool, int]] = {}
    for line, text in _lines(path, problems):
        fields = text.split("|")
        try:
            one, other, relation = int(fields[0]), int(fields[1]), int(fields[2])
            right = 3 <= len(fields) <= 4 and relation in (-1, 0) and one != other
            right = right and fields[0].strip().isdecimal() and fields[1].strip().isdecimal()  # int() takes 1_0 and +1
            right = right and max(one, other) <= LARGEST_ASN
        except (ValueError, IndexError):
            right = False
        if not right:
            problems.append(Problem(Place(str(path), line), f"'{text[:80]}'", _RELATION, _why(fields)))
            if len(problems) > _MOST_PROBLEMS:
                return links
            continue
        # a paid link is kept as (customer, provider), a free one with the lower number first
        pair = (other, one) if relation else (min(one, other), max(one, other))
        before = links.get(pair) or links.get((pair[1], pair[0]))
        if before is None:
            links[pair] = (relation != 0, line)
        elif pair not in links or links[pair][0] != (relation != 0):
            found = f"{one} and {other} have another relation in line {before[1]}"
            problems.append(
                Problem(Place(str(path), line), found, "one relation for two ASes", "take out one of the lines")
            )
    return links


def _why(fields: list[str]) -> str:
    """Return what is wrong with a line, in words."""
    if len(fields) not in (3, 4):
        return f"it has {len(fields)} fields"
    if not all(word.strip().isdecimal() and int(word) <= LARGEST_ASN for word in fields[:2]):
        return f"AS numbers are 0 to {LARGEST_ASN}"
    if int(fields[0]) == int(fields[1]):
        return "an AS has no link with itself"
    return f"the relation is '{fields[2]}'"


def read_countries(path: str | Path) -> tuple[dict[int, str], dict[int, int] | None]:
    """Read where ASes belong: a table with a header, or a registry's file of delegations.

    Parameters
    ----------
    path : path
        A table separated by commas, tabs, semicolons or ``|``, plain or packed, with a column ``asn`` and one of
        ``cc``, ``country``, ``country_code``, ``state``; a column ``users`` or ``people`` says how many people's
        access each AS carries.
        Or a delegation file (``apnic|CN|asn|4134|1|20020801|allocated``).

    Returns
    -------
    states : dict of int to str
        AS number -> alpha-2 code; cells without one are left out.
    people : dict of int to int, or None
        AS number -> persons, when the table has them.

    Raises
    ------
    InputError
        The table lacks a column, or has cells that cannot be read; each with file and line.
    """
    import csv

    path = Path(path)
    problems: list[Problem] = []
    states: dict[int, str] = {}
    people: dict[int, int] = {}
    lines = list(_lines(path, problems))
    _raise(problems)
    if not lines:
        raise InputError(
            Problem(Place(str(path), 1), "the table is empty", "a header with asn and cc, then a row for each AS")
        )
    if "|asn|" in f"{lines[0][1]}{lines[-1][1]}":
        return _delegated(lines), None
    first = lines[0][1]
    mark = max(",\t;|", key=first.count)
    columns = [word.strip().casefold() for word in next(csv.reader([first], delimiter=mark))]
    asn_at, state_at, people_at = (_column(columns, names) for names in (_ASN_COLUMNS, _STATE_COLUMNS, _PEOPLE_COLUMNS))
    if asn_at is None or state_at is None:
        allowed = f"a column {_ASN_COLUMNS[0]} and one of {', '.join(_STATE_COLUMNS)}"
        raise InputError(Problem(Place(str(path), 1), f"columns {', '.join(columns)[:200]}", allowed))
    for line, text in lines[1:]:
        cells = next(csv.reader([text], delimiter=mark))
        try:
            asn = int(cells[asn_at].strip().upper().removeprefix("AS"))
            state = cells[state_at].strip().upper()
            if people_at is not None:
                people[asn] = round(float(cells[people_at] or 0))
        except (ValueError, OverflowError, IndexError):
            problems.append(
                Problem(Place(str(path), line), f"'{text[:80]}'", f"{', '.join(columns)[:80]}, as in the header")
            )
            if len(problems) > _MOST_PROBLEMS:
                break
            continue
        if len(state) == 2 and state.isascii() and state.isalpha():
            states[asn] = state
    _raise(problems)
    return states, people if people_at is not None else None


def _delegated(lines: list[tuple[int, str]]) -> dict[int, str]:
    """Return AS number -> country from the lines of a delegation file."""
    states: dict[int, str] = {}
    for _, text in lines:
        cells = text.split("|")
        if (
            len(cells) >= 5
            and cells[2] == "asn"
            and cells[3].isdecimal()
            and cells[4].isdecimal()
            and cells[1].isalpha()
        ):
            for asn in range(int(cells[3]), min(int(cells[3]) + int(cells[4]), LARGEST_ASN + 1)):
                states[asn] = cells[1].upper()
    return states


def _column(columns: list[str], names: tuple[str, ...]) -> int | None:
    """Return where the first of some columns is."""
    return next((columns.index(name) for name in names if name in columns), None)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file, unpacking it when its first bytes say that it is packed."""
    with path.open("rb") as stream:
        start = stream.read(6)
        stream.seek(0)
        unpack = next((opener for magic, opener in _PACKED if start.startswith(magic)), None)
        if unpack is None:
            yield stream
            return
        with unpack(stream) as inner:
            yield inner


def _lines(path: Path, problems: list[Problem]) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line that is neither empty nor a comment; note a fault where reading ends early."""
    line = 0
    try:
        with _opened(path) as stream:
            while raw := stream.readline(_LONGEST_LINE):
                line += 1
                if len(raw) == _LONGEST_LINE:
                    problems.append(
                        Problem(Place(str(path), line), "a line that does not end", "a text file of short lines")
                    )
                    return
                text = raw.decode("utf-8-sig" if line == 1 else "utf-8", "replace").strip()
                if text and not text.startswith("#"):
                    yield line, text
    except (OSError, EOFError, lzma.LZMAError, ValueError) as error:
        where = Place(str(path), line + 1) if line else str(path)
        found = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        problems.append(Problem(where, found, "a readable file, whole"))


def _raise(problems: list[Problem]) -> None:
    """Raise what is wrong, if anything is."""
    if len(problems) > _MOST_PROBLEMS:
        shown = problems[:_MOST_PROBLEMS]
        where = shown[-1].where
        raise InputError([*shown, Problem(where, "more lines like these", "", "the rest was not looked at")])
    if problems:
        raise InputError(problems)


def as_relationships(graph: Graph) -> str:
    """Return a graph as the text of a serial-1 file, for other programs.

    Parameters
    ----------
    graph : Graph
        The carriers.
    """
    asns: Ints = graph.asns
    paid = np.column_stack([asns[graph.provider], asns[graph.customer]])
    free = np.column_stack([asns[graph.peer_a], asns[graph.peer_b]])
    lines = [f"{one}|{other}|-1" for one, other in paid.tolist()] + [f"{one}|{other}|0" for one, other in free.tolist()]
    return "\n".join(["# provider|customer|-1, peer|peer|0", *lines, ""])
