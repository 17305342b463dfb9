"""The tables of facts: each row has its source, bad rows are refused, totals agree with published
counts.
"""

from __future__ import annotations

import dataclasses
import math
import pickle
import shutil
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import pytest

from splinternet.errors import InputError
from splinternet.facts import Facts, available_facts, find_platform, load_facts, read_facts
from splinternet.facts.network import load_network
from splinternet.facts.tables import Day, Number, Row, Text, read, split_words

FOLDER = Path(__file__).resolve().parents[2] / "sim" / "facts" / "world-2020"


@pytest.fixture(scope="module")
def facts() -> Facts:
    """Return the shipped tables."""
    return load_facts()


def _users(facts: Facts, platform: str, state: str) -> float:
    """Return the monthly users of a platform in a state [persons]."""
    share = facts.penetration.get((state, platform))
    return facts.states[state].internet_users.value * share.value if share else 0.0


def _world(facts: Facts, platform: str) -> float:
    """Return the monthly users of a platform in all states [persons]."""
    return sum(_users(facts, platform, state) for state in facts.states)


# Every row


def test_an_assumption_has_a_wide_range(facts: Facts) -> None:
    for (state, platform), share in facts.penetration.items():
        if share.basis == "assumption" and share.value < 0.5:
            assert share.high / share.value >= 1.1 and share.low / share.value <= 0.93, (
                state,
                platform,
            )


# States and platforms


def test_platforms_are_well_formed(facts: Facts) -> None:
    assert 40 <= len(facts.platforms) <= 60
    for name, platform in facts.platforms.items():
        assert platform.hosting, name
        assert platform.kind not in ("messenger", "mixed") or "text" in platform.modes, name
        assert platform.kind != "payment" or "pay" in platform.modes, name
    assert {platform.kind for platform in facts.platforms.values()} == set(facts.kinds) - {
        "assistant"
    }


def test_platforms_are_found_by_any_name(facts: Facts) -> None:
    names = {"weixin": "WeChat", "X": "Twitter", "facebook messenger": "Messenger", "MySpace": None}
    assert {text: find_platform(text, facts) for text in names} == names


# Penetration


def test_figures_of_a_diaspora_are_of_a_platform_and_a_corridor_that_has_a_figure(
    facts: Facts,
) -> None:
    for residence, platform, origin in facts.group_penetration:
        assert (residence, platform) in facts.penetration and (residence, origin) in facts.migrants


@pytest.mark.parametrize(
    ("platform", "state", "low", "high"),
    [
        ("WeChat", "US", 1.5e6, 3.0e6),  # not 19 m: see SOURCES.md
        ("WeChat", "AU", 0.65e6, 0.95e6),
        ("WeChat", "CN", 880e6, 980e6),
        ("WhatsApp", "BR", 107e6, 110e6),
        ("WhatsApp", "IN", 388e6, 392e6),
        ("WhatsApp", "US", 74e6, 77e6),
        ("TikTok", "US", 90e6, 101e6),
        ("TikTok", "RU", 21e6, 24e6),
        ("LINE", "JP", 80e6, 86e6),
        ("KakaoTalk", "KR", 43e6, 48e6),
        ("Instagram", "TR", 36e6, 40e6),
        ("Facebook", "UA", 15e6, 19e6),
        ("VKontakte", "RU", 55e6, 75e6),
        ("VKontakte", "UA", 2e6, 7.4e6),
        ("Telegram", "IR", 24e6, 45e6),
    ],
)
def test_users_agree_with_published_counts(
    facts: Facts, platform: str, state: str, low: float, high: float
) -> None:
    assert low <= _users(facts, platform, state) <= high


@pytest.mark.parametrize(
    ("platform", "published", "tolerance"),
    [
        ("WhatsApp", 2.0e9, 0.1),
        ("Facebook", 2.7e9 * 0.85, 0.1),
        ("Instagram", 1.05e9, 0.1),
        ("TikTok", 689e6, 0.1),
        ("Telegram", 400e6, 0.15),
        ("Twitter", 340e6, 0.1),
        ("Messenger", 1.3e9 * 0.85, 0.1),
        ("WeChat", 1.2e9 * 0.85, 0.1),
        ("LINE", 165e6, 0.1),
        ("Signal", 20e6, 0.3),
        ("VKontakte", 97e6, 0.1),
        ("Skype", 100e6, 0.3),
    ],
)
def test_the_world_agrees_with_published_totals(
    facts: Facts, platform: str, published: float, tolerance: float
) -> None:
    assert _world(facts, platform) == pytest.approx(published, rel=tolerance)


def test_a_blocked_platform_keeps_no_more_people_than_vpns_carry(facts: Facts) -> None:
    for (state, platform), block in facts.blocks.items():
        share = facts.penetration.get((state, platform))
        if share is None or block.technique == "calls_only":
            continue
        vpn = facts.states[state].vpn_share
        assert share.value <= vpn.high, (state, platform)
        if block.technique in ("dpi", "geoblock"):
            assert share.value <= vpn.value, (state, platform)
            assert share.high <= vpn.high, (state, platform)


@pytest.mark.parametrize("world", available_facts())
def test_a_diaspora_fits_into_the_figure_of_its_state(world: str) -> None:
    facts = load_facts(world)
    needed: dict[tuple[str, str], float] = {}
    for (residence, platform, origin), share in facts.group_penetration.items():
        people = share.value * facts.migrants[residence, origin].value
        needed[residence, platform] = needed.get((residence, platform), 0.0) + people
    for (residence, platform), people in needed.items():
        assert people <= _users(facts, platform, residence), (residence, platform)


# Migrants and blocks


def test_migrants_are_those_of_the_2020_revision(facts: Facts) -> None:
    known = {("US", "CN"): 2_184_110, ("SG", "CN"): 426_434, ("AE", "IN"): 3_471_300}
    assert {pair: facts.migrants[pair].value for pair in known} == known


def test_blocks_are_those_of_august_2020(facts: Facts) -> None:
    assert all("2000-01-01" < block.since < "2020-08-05" for block in facts.blocks.values())
    assert ("RU", "Telegram") not in facts.blocks  # lifted on 18 June 2020
    assert ("TR", "Wikipedia") not in facts.blocks  # lifted in January 2020
    assert ("CN", "Signal") not in facts.blocks  # blocked in March 2021
    assert ("IR", "WhatsApp") not in facts.blocks  # blocked in September 2022
    assert facts.blocks["UA", "VKontakte"].technique == "isp"
    assert facts.blocks["CN", "Instagram"].since == "2014-09-29"
    assert (
        facts.blocks["CN", "Messenger"].since
        == facts.platforms["Messenger"].launched
        == "2011-08-09"
    )
    assert facts.blocks["AE", "WhatsApp"].technique == "calls_only"


def test_the_rate_after_a_version_split_is_that_of_six_days(facts: Facts) -> None:
    known = facts.parameters
    before = math.exp(
        -known["delisting.loss_rate"].value * (date(2020, 8, 27) - date(2020, 8, 13)).days
    )
    days = (date(2020, 9, 2) - date(2020, 8, 27)).days
    split = known["delisting.split_rate"]
    assert before * math.exp(-split.value * days) == pytest.approx(0.40, abs=0.005)
    assert before * math.exp(-split.low * days) == pytest.approx(0.48, abs=0.02)
    assert before * math.exp(-split.high * days) == pytest.approx(0.32, abs=0.02)


# The reader


def test_facts_travel_between_processes(facts: Facts) -> None:
    for tables in (facts, load_network()):
        again = pickle.loads(pickle.dumps(tables))
        for item in dataclasses.fields(tables):
            assert item.name == "whole" or getattr(again, item.name) == getattr(
                tables, item.name
            ), item.name


@pytest.mark.parametrize("name", ["world-2021", "", "../facts/world-2020"])
def test_an_unknown_set_of_facts_is_refused_with_the_allowed_names(name: str) -> None:
    with pytest.raises(InputError, match=r"one of: .*world-2020") as caught:
        load_facts(name)
    assert available_facts() == ("world-2020", "world-2025")
    assert ("did you mean 'world-2020'?" in str(caught.value)) == bool(name)


def broken(folder: Path, table: str, start: str, old: str, new: str) -> int:
    """Copy the shipped tables, change the first row that starts with a word, and return the number
    of its line.

    ``old`` becomes ``new``; without ``old``, the row is there again, with ``new`` for its start.
    """
    shutil.copytree(FOLDER, folder)
    path = folder / f"{table}.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith(start))
    assert old in lines[at], "the test changes nothing"
    if old:
        lines[at] = lines[at].replace(old, new, 1)
    else:
        lines.insert(at + 1, lines[at].replace(start, new, 1))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return at + 1


BREAKS = [
    line.split(" | ")
    for line in """\
penetration | US,WeChat, | ,0.0077, | ,much, | value is 'much'; a number
penetration | US,WeChat, | ,0.0077, | ,nan, | value is 'nan'
penetration | US,WeChat, | ,0.0077, | ,0.5, | low <= value <= high
penetration | CN,QQ, | ,0.72, | ,72, | shares are 0 to 1
penetration | US,WeChat, | WeChat | WeChatt | did you mean 'WeChat'?
penetration | US,WeChat, | US, | U2, | state is 'U2'
penetration | US,WeChat, | WeChat, | WeChat,extra, | fields
penetration | US,WeChat, |  | US,WeChat, | a second row for US / WeChat
penetration | US,WeChat, | own (MIT) |  | licence is empty
penetration | US,WeChat, | ,share, | ,percent, | unit is 'percent'
migrants | US,CN, | US,CN | US,US | two different states
blocks | CN,YouTube, | ,dpi, | ,magic, | technique is 'magic'
blocks | CN,YouTube, | 2009-03-24 | 2009-13-24 | a date, YYYY-MM-DD
blocks | CN,Messenger, | 2011-08-09 | 2009-07-07 | was launched on 2011-08-09
blocks | CN,YouTube, | -24,, | -24,2008-01-01, | an end after the beginning
platforms | Skype, | 2025-05-05 | 2001-05-05 | launched before it was closed
platforms | WeChat, | ,CN, | ,ZZ, | home is 'ZZ'
platforms | QQ, | Tencent QQ | Weixin | 'Weixin' already names WeChat
world | day, | day, | night, | key is 'night'
states | US,vpn_share, | vpn_share | vpn | field is 'vpn'
states | TR,aliases, | TUR | US | 'US' already names US
""".splitlines()
]


@pytest.mark.parametrize(("table", "start", "old", "new", "message"), BREAKS)
def test_a_bad_row_is_refused_with_file_and_line(
    tmp_path: Path, table: str, start: str, old: str, new: str, message: str
) -> None:
    folder = tmp_path / "world-test"
    number = broken(folder, table, start, old, new)
    with pytest.raises(InputError) as caught:
        read_facts(folder)
    matching = [problem for problem in caught.value.problems if message in str(problem)]
    assert matching, str(caught.value)
    line = number + 1 if "second row" in message else number
    assert any(problem.where == f"world-test/{table}.csv:{line}:1" for problem in matching)


class Part(Row, file="t.csv", key=("name",)):
    """A table made for a test."""

    name: Text
    share: Number
    day: Day
    kinds: Annotated[tuple[Literal["feed", "video"], ...], split_words]
    note: str = ""


def test_the_faults_of_all_rows_are_raised_at_once(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    rows = "a,2020-08-06,0.5,feed\nb,,x,\nc\nd,6 August,0.25,fed\na,2020-08-06,0.5,feed\n"
    path.write_text(f"name,day,share,kinds\n{rows}", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(Part, path)
    table = f"{tmp_path.name}/t.csv"
    assert sorted(str(caught.value).splitlines()) == [
        f"{table}:3:1: day is ''; a date, YYYY-MM-DD",
        f"{table}:3:1: share is 'x'; a number such as 0.25 or 1200000",
        f"{table}:4:1: 1 fields; 4 fields",
        f"{table}:5:1: day is '6 August'; a date, YYYY-MM-DD",
        f"{table}:5:1: kinds is 'fed'; one of: feed, video; did you mean 'feed'?",
        f"{table}:6:1: a second row for a; one row for each",
    ]


def test_a_wrong_header_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "world-test"
    shutil.copytree(FOLDER, folder)
    (folder / "penetration.csv").write_text("state,platform,value\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"world-test/penetration\.csv:1:1: columns"):
        read_facts(folder)


def test_a_missing_or_unreadable_table_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "world-test"
    shutil.copytree(FOLDER, folder)
    (folder / "blocks.csv").unlink()
    (folder / "migrants.csv").write_bytes(b"\xff\xfe\x00broken")
    with pytest.raises(InputError, match=r"blocks\.csv:1:1: cannot be read") as caught:
        read_facts(folder)
    assert "migrants.csv:1:1: cannot be read" in str(caught.value)
