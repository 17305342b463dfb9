"""Readers of standard files: AS relationships (CAIDA's serial-1 and serial-2) and tables of
countries.

A relationship file holds ``provider|customer|-1`` and ``peer|peer|0``, with a source as a fourth
field in serial-2 (https://publicdata.caida.org/datasets/as-relationships/README.txt). The first
bytes of a file show whether it is packed, so its name does not matter.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import zlib
from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..errors import InputError, Place, Problem
from .graph import LARGEST_ASN, Graph, build_graph, circle_of

_PACKED: tuple[tuple[bytes, Any], ...] = (
    (b"\x1f\x8b", gzip.decompress),
    (b"BZh", bz2.decompress),
    (b"\xfd7zXZ", lzma.decompress),
)
# characters; a line of either format is far shorter, so another kind of file is detected early
_LONGEST_LINE = 4096
_MOST_PROBLEMS = 20
_STATE_COLUMNS = ("cc", "country", "country_code", "country-code", "state")
_ASN = ("asn", "as", "aut")
_PEOPLE_COLUMNS = ("users", "people", "internet_users")
_NUMBER = r"\s*[0-9]{1,10}\s*"
_RELATION = "provider|customer|-1 or peer|peer|0, with a source as fourth field or without"


def read_as_relationships(
    path: str | Path, countries: str | Path | Mapping[int, str] | None = None
) -> Graph:
    """Read a graph from a file of AS relationships, serial-1 or serial-2, plain or packed with
    gzip, bzip2 or xz.

    Parameters
    ----------
    path : path
        The file, whatever it is called.
    countries : path or mapping of int to str, optional
        Where each AS belongs: a table for `read_countries`, or AS number -> alpha-2 code. Without
        it every AS belongs to `splinternet.network.graph.UNKNOWN`.

    Returns
    -------
    Graph
        Everybody counts as one person, unless the table of countries has people.

    Raises
    ------
    InputError
        Lines that cannot be read, links that contradict each other, or a circle of customers and
        providers; each with file and line.
    """
    path = Path(path)
    states, people = (
        read_countries(countries)
        if isinstance(countries, str | Path)
        else (dict(countries or {}), None)
    )
    lines = _read_lines(path)
    if lines.empty:
        raise InputError(Problem(Place(str(path), 1), "no link in the file", _RELATION))
    fields = lines.str.split("|", expand=True).reindex(columns=range(3)).astype(object).fillna("")
    count = lines.str.count(r"\|") + 1
    asns = [
        pd.to_numeric(fields[at].where(fields[at].str.fullmatch(_NUMBER)), errors="coerce")
        for at in (0, 1)
    ]
    relation = fields[2].str.strip()
    # The first of these that a line does not meet is what is wrong with it.
    checks = {
        "it has {0} fields": ~count.isin([3, 4]),
        f"AS numbers are 0 to {LARGEST_ASN}": ~(
            (asns[0] <= LARGEST_ASN) & (asns[1] <= LARGEST_ASN)
        ),
        "an AS has no link with itself": asns[0] == asns[1],
        "the relation is '{1}'": ~relation.isin(["-1", "0"]),
    }
    wrong = np.logical_or.reduce([*checks.values()])
    hints = {
        line: next(hint for hint, fails in checks.items() if fails[line]).format(
            count[line], fields[2][line]
        )
        for line in lines.index[wrong][: _MOST_PROBLEMS + 1]
    }
    problems = [
        Problem(Place(str(path), line), f"'{lines[line][:80]}'", _RELATION, why)
        for line, why in hints.items()
    ]
    one, other = (numbers[~wrong].astype(np.int64) for numbers in asns)
    paid = relation[~wrong] == "-1"
    low = np.minimum(one, other)
    high = np.maximum(one, other)
    # A paid link is kept as customer and provider, a free one with the lower number first.
    links = pd.DataFrame(
        {
            "low": low,
            "high": high,
            "a": other.where(paid, low),
            "b": one.where(paid, high),
            "paid": paid,
        }
    )
    links["line"] = links.index
    first = links.groupby(["low", "high"])[["a", "paid", "line"]].transform("first")
    for line in links.index[(links.a != first.a) | (links.paid != first.paid)][
        : _MOST_PROBLEMS + 1
    ]:
        found = f"{one[line]} and {other[line]} have another relation in line {first.line[line]}"
        hint = "take out one of the lines"
        problems.append(Problem(Place(str(path), line), found, "one relation for two ASes", hint))
    _raise(problems)
    links = links[links.line == first.line]
    pairs = links[["a", "b"]].to_numpy()
    if circle := circle_of(pairs[links.paid]):
        ring, problem = circle
        line_of = dict(zip(zip(links.a, links.b, strict=True), links.line, strict=True))
        where = Place(str(path), int(min(line_of[pair] for pair in pairwise(ring))))
        raise InputError(replace(problem, where=where, hint="take out one of these links"))
    return build_graph(pairs[links.paid], pairs[~links.paid], states=states, people=people)


def read_countries(path: str | Path) -> tuple[dict[int, str], dict[int, int] | None]:
    """Read where ASes belong: a table with a header, or a registry's file of delegations.

    Parameters
    ----------
    path : path
        A table separated by commas, tabs, semicolons or ``|``, plain or packed, with a column
        ``asn`` and one of ``cc``, ``country``, ``country_code``, ``state``; a column ``users`` or
        ``people`` says how many people's access each AS carries.
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
    path = Path(path)
    lines = _read_lines(path)
    if lines.empty:
        raise InputError(
            Problem(
                Place(str(path), 1),
                "the table is empty",
                "a header with asn and cc, then a row for each AS",
            )
        )
    if "|asn|" in f"{lines.iloc[0]}{lines.iloc[-1]}":
        fields = (
            lines.str.split("|", expand=True).reindex(columns=range(5)).astype(object).fillna("")
        )
        digits = fields[3].str.fullmatch("[0-9]+") & fields[4].str.fullmatch("[0-9]+")
        fields = fields[(fields[2] == "asn") & digits & fields[1].str.isalpha()]
        delegated = zip(fields[1], fields[3].astype(int), fields[4].astype(int), strict=True)
        last = LARGEST_ASN + 1
        return {
            asn: code.upper() for code, at, n in delegated for asn in range(at, min(at + n, last))
        }, None
    mark = max(",\t;|", key=lines.iloc[0].count)
    header, *rows = (next(csv.reader([text], delimiter=mark)) for text in lines)
    columns = [word.strip().casefold() for word in header]
    asn_column, state_column, people_column = (
        next((name for name in names if name in columns), None)
        for names in (_ASN, _STATE_COLUMNS, _PEOPLE_COLUMNS)
    )
    if asn_column is None or state_column is None:
        allowed = f"a column asn and one of {', '.join(_STATE_COLUMNS)}"
        raise InputError(
            Problem(Place(str(path), 1), f"columns {', '.join(columns)[:200]}", allowed)
        )
    cells = [dict(zip(columns, row, strict=False)) for row in rows]
    table = pd.DataFrame(
        cells, index=lines.index[1:], columns=list(dict.fromkeys(columns)), dtype="string"
    )
    asn = table[asn_column].str.strip().str.upper().str.removeprefix("AS")
    asn = pd.to_numeric(asn.where(asn.str.fullmatch(_NUMBER).fillna(False)), errors="coerce")
    wrong = asn.isna() | table[state_column].isna()
    people = pd.Series(0.0, table.index)
    if people_column is not None:
        people = pd.to_numeric(table[people_column].replace("", "0"), errors="coerce").astype(float)
        wrong |= ~np.isfinite(people)
    allowed = f"{', '.join(columns)[:80]}, as in the header"
    _raise(
        [
            Problem(Place(str(path), line), f"'{lines[line][:80]}'", allowed)
            for line in table.index[wrong]
        ]
    )
    state = table[state_column].str.strip().str.upper()
    known = state.str.fullmatch("[A-Z]{2}").astype(bool)
    numbers = asn.astype(np.int64)
    states = dict(zip(numbers[known].tolist(), state[known].tolist(), strict=True))
    if people_column is None:
        return states, None
    return states, dict(
        zip(numbers.tolist(), people.round().astype(np.int64).tolist(), strict=True)
    )


def _read_lines(path: Path) -> pd.Series[str]:
    """Return the lines of a file, packed or not, that are neither empty nor comments, by their
    numbers.
    """
    try:
        data = path.read_bytes()
        unpack = next((unpack for magic, unpack in _PACKED if data.startswith(magic)), bytes)
        texts = unpack(data).decode("utf-8-sig", "replace").split("\n")
    except (OSError, EOFError, lzma.LZMAError, zlib.error, ValueError) as error:
        found = f"cannot be read ({getattr(error, 'strerror', None) or error})"
        raise InputError(Problem(str(path), found, "a readable file, whole")) from None
    for number, text in enumerate(texts, 1):
        if len(text) >= _LONGEST_LINE:
            where = Place(str(path), number)
            raise InputError(
                Problem(where, "a line that does not end", "a text file of short lines")
            )
    lines = pd.Series(texts, range(1, len(texts) + 1), dtype=object).str.strip()
    return lines[(lines != "") & ~lines.str.startswith("#")]


def _raise(problems: list[Problem]) -> None:
    """Raise what is wrong, if anything is; of many lines the first."""
    if len(problems) > _MOST_PROBLEMS:
        shown = sorted(
            problems,
            key=lambda problem: problem.where.line if isinstance(problem.where, Place) else 0,
        )
        shown = shown[:_MOST_PROBLEMS]
        raise InputError(
            [
                *shown,
                Problem(shown[-1].where, "more lines like these", "", "the rest was not looked at"),
            ]
        )
    if problems:
        raise InputError(problems)


def as_relationships(graph: Graph) -> str:
    """Return a graph as the text of a serial-1 file, for other programs.

    Parameters
    ----------
    graph : Graph
        The carriers.
    """
    asns = graph.asns
    paid = np.column_stack([asns[graph.provider], asns[graph.customer]])
    free = np.column_stack([asns[graph.peer_a], asns[graph.peer_b]])
    lines = [f"{one}|{other}|-1" for one, other in paid.tolist()] + [
        f"{one}|{other}|0" for one, other in free.tolist()
    ]
    return "\n".join(["# provider|customer|-1, peer|peer|0", *lines, ""])
