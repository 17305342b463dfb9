"""Files of AS relationships and tables of countries, right and wrong; graphs that are refused."""

from __future__ import annotations

import bz2
import gzip
import lzma
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from network_plain import random_links

from splinternet.errors import InputError
from splinternet.network import (
    UNKNOWN,
    as_relationships,
    build_graph,
    read_as_relationships,
    read_countries,
)

SERIAL_1 = "# inferred clique: 1 2\n# provider|customer|-1\n1|2|0\n1|3|-1\n2|4|-1\n3|4|0\n"
SERIAL_2 = "# source:topology\n1|2|0|bgp\n1|3|-1|bgp\n2|4|-1|mlp\n\n3|4|0|bgp\n"


def links(path: Path) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    graph = read_as_relationships(path)
    asns = graph.asns
    paid = set(zip(asns[graph.customer].tolist(), asns[graph.provider].tolist(), strict=True))
    return paid, set(zip(asns[graph.peer_a].tolist(), asns[graph.peer_b].tolist(), strict=True))


@pytest.mark.parametrize(
    ("text", "pack", "name"),
    [
        (SERIAL_1, bytes, "a.txt"),
        (SERIAL_2, gzip.compress, "20200801.as-rel.txt.bz2"),
        (SERIAL_1.replace("\n", "\r\n"), bz2.compress, "b"),
        ("\ufeff" + SERIAL_2, lzma.compress, "c.gz"),
    ],
)
def test_both_serials_packed_or_not_under_any_name(
    tmp_path: Path, text: str, pack: Callable[[bytes], bytes], name: str
) -> None:
    path = tmp_path / name
    path.write_bytes(pack(text.encode()))
    assert links(path) == ({(3, 1), (4, 2)}, {(1, 2), (3, 4)})


def wrong(path: Path, text: str | bytes) -> str:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(InputError) as error:
        read_as_relationships(path)
    return str(error.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("1|2", "it has 2 fields"),
        ("1|2|3|4|5", "it has 5 fields"),
        ("1|x|-1", "AS numbers are"),
        ("1|-2|-1", "AS numbers are"),
        ("1|4294967296|0", "AS numbers are 0 to 4294967295"),
        ("1|2|1", "the relation is '1'"),
        ("1_0|2|-1", "AS numbers are"),
        ("+10|2|-1", "AS numbers are"),
        ("5|5|0", "no link with itself"),
        ("3|1|-1", "another relation in line 4"),
        ("3|1|0", "another relation in line 4"),
        ("provider,customer,relation", "it has 1 fields"),
    ],
)
def test_a_wrong_line_is_told_with_its_place(tmp_path: Path, line: str, expected: str) -> None:
    path = tmp_path / "rel.txt"
    text = wrong(path, SERIAL_1 + line + "\n")
    assert text.startswith(f"{path}:7:1: ") and expected in text


def test_a_circle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "rel.txt"
    text = wrong(path, "7|9|-1\n1|2|-1\n2|3|-1\n8|1|-1\n3|1|-1\n1|9|-1\n")
    assert text.startswith(
        f"{path}:2:1: 1 is a customer of 3 is a customer of 2 is a customer of 1: a circle"
    )


def test_the_same_line_twice_is_one_link(tmp_path: Path) -> None:
    path = tmp_path / "rel.txt"
    path.write_text(SERIAL_2 + "2|1|0|mlp\n1|3|-1|mlp\n", encoding="utf-8")
    assert links(path) == ({(3, 1), (4, 2)}, {(1, 2), (3, 4)})


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "no link" in wrong(tmp_path / "a", "# nothing\n")
    assert "cannot be read" in wrong(tmp_path / "b", gzip.compress(SERIAL_1.encode() * 99)[:-20])
    assert "does not end" in wrong(tmp_path / "c", "1" * 100_000)
    assert "it has 1 fields" in wrong(tmp_path / "d", bytes(range(256)))
    with pytest.raises(InputError, match="cannot be read"):
        read_as_relationships(tmp_path / "missing")
    with pytest.raises(InputError, match="cannot be read"):
        read_as_relationships(tmp_path)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(3, 60))
def test_what_is_written_is_read(seed: int, n: int) -> None:
    import tempfile

    paid, free = random_links(n, seed)
    if not paid + free:
        return
    graph = build_graph(paid, free)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rel"
        path.write_text(as_relationships(graph), encoding="utf-8")
        assert links(path) == (set(paid), {(min(pair), max(pair)) for pair in free})


def test_countries(tmp_path: Path) -> None:
    relations = tmp_path / "rel.txt"
    relations.write_text(SERIAL_1, encoding="utf-8")
    table = tmp_path / "countries.csv"
    table.write_text(
        'asn,name,cc,users\n1,"A, Inc.",us,10\nAS3,C,CN,30\n4,D,,2\n99,E,RU,1\n', encoding="utf-8"
    )
    graph = read_as_relationships(relations, table)
    assert graph.states == ("US", UNKNOWN, "CN", UNKNOWN)
    assert graph.people.tolist() == [10, 0, 30, 2]
    table.write_bytes(
        gzip.compress(b"apnic|CN|asn|3|2|20020801|allocated\narin|US|asn|1|1|20000101|assigned\n")
    )
    graph = read_as_relationships(relations, table)
    assert graph.states == ("US", UNKNOWN, "CN", "CN")
    assert graph.people.tolist() == [1, 1, 1, 1]
    assert read_as_relationships(relations, {2: "DE"}).states[1] == "DE"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the table is empty"),
        ("a,b\n1,2\n", "a column asn"),
        ("asn,cc\nx,US\n", ":2:1: 'x,US'"),
        ("asn,cc,users\n1,US,many\n", ":2:1:"),
        ("asn,cc\n1\n", ":2:1:"),
    ],
)
def test_a_wrong_table_of_countries(tmp_path: Path, text: str, expected: str) -> None:
    path = tmp_path / "countries.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="(?s)" + expected):
        read_countries(path)


def test_a_graph_keeps_to_one_link_for_two() -> None:
    for paid, free in (
        ([(1, 2), (2, 1)], []),
        ([(1, 2)], [(2, 1)]),
        ([], [(1, 2), (2, 1)]),
        ([(3, 3)], []),
    ):
        with pytest.raises(InputError):
            build_graph(paid, free)


def test_customers_come_before_their_providers() -> None:
    graph = build_graph([(4, 3), (3, 2), (2, 1), (4, 1), (5, 1)], [(5, 3)])
    place = {int(at): where for where, at in enumerate(graph.order)}
    assert all(
        place[int(c)] < place[int(p)] for c, p in zip(graph.customer, graph.provider, strict=True)
    )
