"""The world of 2025, all states and diasporas, facts as of any day: sources, sums, dates, how each
figure is known.
"""

from __future__ import annotations

import csv
import re
import shutil
import statistics
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from splinternet.errors import InputError
from splinternet.facts import Facts, Quantity, find_platform, load_facts, read_facts
from splinternet.facts.history import (
    PlatformEvent,
    Restriction,
    as_of,
    blocks_before,
    blocks_on,
    dated_platforms,
    is_shut,
    missing_platforms,
    owner_on,
)
from splinternet.facts.model import REST_OF_WORLD
from splinternet.facts.people import (
    LEAST,
    SOURCES,
    Stock,
    largest_diasporas,
    migrants_of,
    with_states,
)
from splinternet.facts.platforms import use_anywhere
from splinternet.facts.states import (
    ENOUGH,
    FIGURES,
    find_place,
    known_states,
    load_places,
    other_figures,
    place_code,
    state_anywhere,
)
from splinternet.facts.tables import BASES, read
from splinternet.facts.worlds import load_world, meant_world, nearest_world, read_shipped

HOME = Path(__file__).resolve().parents[2] / "sim" / "facts"
WORLDS = ("world-2020", "world-2025")
CLOSED = ("Skype", "Koo")


@pytest.fixture(scope="module")
def old() -> Facts:
    """Return the world of 2020."""
    return load_facts("world-2020")


@pytest.fixture(scope="module")
def new() -> Facts:
    """Return the world of 2025."""
    return load_facts("world-2025")


def _tables() -> list[Path]:
    """Return every table whose rows have a source and a basis as in `splinternet.facts.tables`."""
    paths = [*HOME.glob("*.csv"), *HOME.glob("*/*.csv")]
    header = {path: path.read_text(encoding="utf-8").split("\n", 1)[0].split(",") for path in paths}
    return sorted(
        path
        for path in paths
        if {"source", "basis"} <= set(header[path]) and path.stem != "carrier_links"
    )


def _users(facts: Facts, platform: str) -> float:
    """Return the monthly users of a platform in all states [persons]."""
    shares = (
        (facts.states[s].internet_users.value, q.value)
        for (s, p), q in facts.penetration.items()
        if p == platform
    )
    return sum(people * share for people, share in shares)


def _sound(quantity: Quantity, place: str) -> None:
    assert quantity.low <= quantity.value <= quantity.high, place
    assert (
        quantity.basis in BASES and quantity.licence and quantity.unit and len(quantity.source) > 5
    ), place
    assert (quantity.basis == "assumption") == quantity.source.startswith("assumption: "), place
    assert quantity.unit != "share" or (quantity.low >= 0 and quantity.high <= 1), place


# Every row


@pytest.mark.parametrize("path", _tables(), ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_row_has_a_source_and_a_basis(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"(?:^|[\s,;|\"'(=])/\w|\.\./|localhost", text), (
        "a bare link, or a path of a machine"
    )
    assert "\t" not in text and text.endswith("\n") and "\r" not in text
    for number, row in enumerate(csv.DictReader(text.splitlines()), start=2):
        assert len(row["source"]) > 5 and row["basis"] in BASES, number
        if row["basis"] == "assumption" and path.stem != "platforms":
            assert row["source"].startswith("assumption: "), (path.name, number)


@pytest.mark.parametrize("world", WORLDS)
def test_every_derived_number_has_a_range_a_source_and_a_unit(world: str) -> None:
    facts = load_facts(world)
    for pair, figure in other_figures(world).items():
        _sound(figure, " ".join(pair))
        assert figure.unit == FIGURES[pair[1]] and figure.value > 0, pair
    for state in known_states(facts):
        for name in ("Facebook", "WhatsApp"):
            _sound(use_anywhere(state, name, facts), f"{state} {name}")


# States by any name


def test_about_two_hundred_states_are_known_in_both_years() -> None:
    for world in WORLDS:
        facts = load_facts(world)
        codes = known_states(facts)
        members = [code for code in codes if code in load_places() and load_places()[code].member]
        assert len(codes) > 230 and len(members) >= 193, world
        states = [state_anywhere(code, facts) for code in codes if code != REST_OF_WORLD]
        assert 7.6e9 < sum(state.population.value for state in states) < 8.3e9
        for state in states:
            assert 0 < state.internet_users.value <= state.population.value * 1.0001, (
                world,
                state.code,
            )


def test_any_state_is_found_by_any_name() -> None:
    names = {"Uzbekistan": "UZ", "uzb": "UZ", "Uzbek Republic": "UZ", "Burma": "MM", "NA": "NA"}
    names |= {"TÜRKİYE": "TR", "Côte d'Ivoire": "CI", "Swaziland": "SZ", "Saint Lucia": "LC"}
    names |= {"DR Congo": "CD", "xx": "XX", "Namibia": "NA", "Atlantis": None, "": None}
    assert {text: find_place(text) for text in names} == names


def test_an_unknown_state_is_refused_with_the_closest_name() -> None:
    for text, meant in (("Kyrgystn", "Kyrgyzstan"), ("Tajikstan", "Tajikistan")):
        said = f"case.yaml:3:5: no state is called '{text}'.*did you mean"
        with pytest.raises(InputError, match=said) as caught:
            place_code(text, "case.yaml:3:5")
        hint = str(caught.value).split("did you mean '")[1].split("'")[0]
        assert find_place(hint) == find_place(meant)


def test_the_names_of_the_worlds_are_among_those_of_all_states(old: Facts, new: Facts) -> None:
    for facts in (old, new):
        for code, state in facts.states.items():
            for word in (code, state.name, *state.aliases) if code != REST_OF_WORLD else ():
                assert find_place(word) == code, word


# The world of 2025


def test_the_world_of_2025_has_the_states_of_2020_and_more_people_on_line(
    old: Facts, new: Facts
) -> None:
    assert list(new.states) == list(old.states)
    people = sum(state.population.value for state in new.states.values())
    users = sum(state.internet_users.value for state in new.states.values())
    assert 8.0e9 < people < 8.3e9 and 5.3e9 < users < 6.0e9
    rest = new.states[REST_OF_WORLD]
    others = {
        code: state_anywhere(code, new) for code in known_states(new) if code not in new.states
    }
    assert rest.population.value == pytest.approx(
        sum(s.population.value for s in others.values()), rel=1e-6
    )
    assert rest.internet_users.value == pytest.approx(
        sum(s.internet_users.value for s in others.values()), rel=1e-3
    )


def test_platforms_of_2025(new: Facts) -> None:
    assert new.day == date(2025, 8, 1) and 50 <= len(new.platforms) <= 60
    for name in ("Threads", "Bluesky", "Max", "X", "VK Video"):
        assert name in new.platforms and _users(new, name) > 1e6, name
    assert find_platform("Twitter", new) == "X" and new.platforms["WhatsApp"].owner == "Meta"
    assert all(
        name not in new.platforms and new.whole and name in new.whole.platforms for name in CLOSED
    )
    for name, platform in new.platforms.items():
        assert platform.home in load_places() and platform.hosting and platform.modes, name


@pytest.mark.parametrize(
    ("platform", "published", "tolerance"),
    [
        ("WhatsApp", 3.0e9, 0.1),
        ("Facebook", 3.07e9 * 0.85, 0.1),
        ("Instagram", 2.3e9, 0.1),
        ("TikTok", 1.59e9, 0.1),
        ("Telegram", 1.0e9, 0.1),
        ("X", 0.5e9, 0.15),
        ("Threads", 0.4e9, 0.1),
        ("Messenger", 0.947e9, 0.1),
        ("WeChat", 1.402e9 * 0.9, 0.1),
        ("LINE", 194e6, 0.1),
        ("Max", 32e6, 0.15),
        ("Snapchat", 0.93e9, 0.15),
        ("VKontakte", 130e6, 0.25),
    ],
)
def test_the_world_of_2025_agrees_with_published_totals(
    new: Facts, platform: str, published: float, tolerance: float
) -> None:
    assert _users(new, platform) == pytest.approx(published, rel=tolerance)


def test_a_platform_blocked_in_2025_keeps_no_more_people_than_vpns_carry(new: Facts) -> None:
    shut = [pair for pair in new.penetration if is_shut(new.blocks, pair)]
    assert {
        ("RU", "Instagram"),
        ("IR", "Telegram"),
        ("CN", "X"),
        ("TR", "Discord"),
        ("IN", "TikTok"),
    } <= set(shut)
    for state, platform in shut:
        share, vpn = new.penetration[state, platform], new.states[state].vpn_share
        # VKontakte in Ukraine leaks through providers that do not block, as in the world of 2020.
        assert share.value <= (vpn.high if state == "UA" else vpn.value) and share.high <= max(
            vpn.high, share.value
        )


# Dates


def test_dates_are_consistent() -> None:
    launched = {e.platform: e.date for e in read(PlatformEvent).values() if e.event == "launched"}
    closed = {e.platform: e.date for e in read(PlatformEvent).values() if e.event == "closed"}
    for name, day in closed.items():
        assert day > launched[name], name
    for event in read(PlatformEvent).values():
        assert event.date >= launched.get(event.platform, ""), event
    for item in read(Restriction).values():
        assert item.since >= launched.get(item.platform, ""), item
        if item.platform in closed and item.is_block:
            assert item.until and item.until <= closed[item.platform], item


@pytest.mark.parametrize("world", WORLDS)
def test_the_world_and_the_histories_agree(world: str) -> None:
    facts = load_facts(world)
    whole = facts.whole or facts
    for name, platform in whole.platforms.items():
        known = next(n for n in (name, *platform.aliases) if n in dated_platforms())
        dates = {
            e.event: e.date
            for e in read(PlatformEvent).values()
            if e.platform == known and e.event in ("launched", "closed")
        }
        assert (platform.launched, platform.closed) == (
            dates["launched"],
            dates.get("closed", ""),
        ), name
        assert platform.works_on(facts.day) == (name in facts.platforms), name
        owner = owner_on(known, facts.day)
        if any(e.platform == known and e.event == "owner" for e in read(PlatformEvent).values()):
            assert owner == (platform.owner, platform.home), name
    for pair, block in facts.blocks.items():
        assert block.in_force_before(facts.day), pair
    history = blocks_before(facts.day, facts)
    assert set(facts.blocks) <= set(history)
    assert all(history[pair].technique == block.technique for pair, block in facts.blocks.items())


def test_the_nearest_world() -> None:
    assert nearest_world(date(2014, 1, 1)) == nearest_world(date(2022, 3, 4)) == "world-2020"
    assert nearest_world(date(2024, 8, 2)) == nearest_world(date(2031, 1, 1)) == "world-2025"
    one, other = (load_world(world).day for world in WORLDS)
    assert one and other
    middle = date.fromordinal((one.toordinal() + other.toordinal()) // 2)
    assert nearest_world(middle) == "world-2020"
    assert meant_world("world-2019") == "did you mean 'world-2020'?" and "2025" in meant_world(
        "world-2026"
    )


# Facts as of a day


def test_facts_as_of_their_own_day_are_themselves(old: Facts, new: Facts) -> None:
    for facts in (old, new):
        assert as_of(facts, facts.day) is facts
        back = as_of(as_of(facts, date(2023, 1, 1)), facts.day)
        assert dict(back.penetration) == dict(facts.penetration) and dict(back.blocks) == dict(
            facts.blocks
        )
        assert dict(back.platforms) == dict(facts.platforms) and back.day == facts.day


def test_a_block_since_then_leaves_the_users_with_a_vpn(old: Facts) -> None:
    open_, shut = as_of(old, date(2022, 3, 14)), as_of(old, date(2022, 3, 15))
    before, vpn = open_.penetration["RU", "Instagram"], old.states["RU"].vpn_share
    assert before.value == 0.489 and ("RU", "Instagram") not in open_.blocks
    after = shut.penetration["RU", "Instagram"]
    assert after.value == pytest.approx(before.value * vpn.value) and after.basis == "assumption"
    # Where only calls are cut, people stay.
    calls = as_of(load_facts("world-2025"), date(2025, 9, 1))
    assert calls.blocks["RU", "WhatsApp"].technique == "calls_only"
    assert calls.penetration["RU", "WhatsApp"].value > 0.5


def test_platforms_come_and_go(old: Facts, new: Facts) -> None:
    assert (
        "Skype" in as_of(new, date(2024, 8, 1)).platforms
        and "Skype" not in as_of(old, date(2025, 5, 5)).platforms
    )
    assert "Skype" in as_of(old, date(2025, 5, 4)).platforms
    assert "Threads" not in as_of(new, date(2023, 7, 4)).platforms
    assert "TikTok" not in as_of(old, date(2016, 1, 1)).platforms
    assert as_of(old, date(2023, 1, 1)).platforms["Facebook"].owner == "Meta"
    assert as_of(old, date(2016, 1, 1)).platforms["Twitter"].owner == "Twitter"
    assert as_of(new, date(2022, 1, 1)).platforms["X"].owner == "Twitter"


@settings(deadline=None, max_examples=40)
@given(st.dates(date(2009, 1, 1), date(2026, 12, 31)), st.sampled_from(WORLDS))
def test_facts_of_any_day_are_consistent(on: date, world: str) -> None:
    facts = as_of(load_facts(world), on)
    assert all(platform.works_on(on) for platform in facts.platforms.values())
    for table in (facts.penetration, facts.blocks):
        assert all(
            state in facts.states and platform in facts.platforms for state, platform in table
        )
    assert all(block.in_force_before(on) for block in facts.blocks.values())
    for share in facts.penetration.values():
        assert 0 <= share.low <= share.value <= share.high <= 1
    assert facts.day == on


def test_changes_between_the_world_and_a_scenario(old: Facts, new: Facts) -> None:
    on = date(2026, 2, 15)
    assert {("RU", "WhatsApp"), ("RU", "Instagram"), ("CN", "Signal")} <= blocks_on(
        old, on
    ).keys() - old.blocks.keys()
    assert {"Threads", "Max", "Bluesky"} <= {name for name, _ in missing_platforms(old, on)}
    for facts in (old, new):
        assert blocks_on(facts.whole or facts, facts.day) == facts.blocks


# Diasporas


@pytest.mark.parametrize("world", WORLDS)
def test_all_pairs_of_a_thousand_people_are_there_once(world: str) -> None:
    facts, pairs = load_facts(world), read_shipped(Stock, world)
    assert len(pairs) > 3500
    assert not set(pairs) & set(facts.migrants)
    for pair, stock in pairs.items():
        assert (
            stock.value >= LEAST and stock.source in SOURCES and not set(pair) <= set(facts.states)
        )
    totals: dict[str, float] = {}
    for (residence, _), stock in migrants_of(facts, known_states(facts)).items():
        totals[residence] = totals.get(residence, 0.0) + stock.value
    for code, people in totals.items():
        assert people <= 0.95 * state_anywhere(code, facts).population.high, code
    assert 2.0e8 < sum(totals.values()) < 3.1e8


def test_the_largest_diasporas(old: Facts, new: Facts) -> None:
    assert [code for code, _ in largest_diasporas("NP", new)] == ["IN", "MY", "SA"]
    assert (
        largest_diasporas("TR", new)[0] == ("DE", 1_504_743.0)
        and largest_diasporas("IR", new)[0][0] == "US"
    )
    assert largest_diasporas("CN", old, 2) == (("HK", 2_408_447.0), ("US", 2_184_110.0))
    assert (
        largest_diasporas("UZ", old, 1)[0][0] == "RU"
        and largest_diasporas("AE", new, 1, side=0)[0][0] == "IN"
    )
    pair = migrants_of(new, ("QA", "NP"))["QA", "NP"]
    assert (pair.value, pair.low, pair.high, pair.basis) == (266_580, 239_922, 293_238, "measured")


# Use anywhere


def test_how_a_figure_of_use_is_known(old: Facts, new: Facts) -> None:
    assert use_anywhere("US", "WhatsApp", new) is new.penetration["US", "WhatsApp"]
    poll = use_anywhere("UZ", "Telegram", new)
    assert poll.basis != "assumption" and poll.value > 0.9
    assert use_anywhere("NP", "Viber", new).basis == "assumption"
    assert use_anywhere("BO", "TikTok", new).source.endswith("states in South America")
    rest = use_anywhere("TG", "WhatsApp", new)
    assert (
        rest.source == "assumption: what is left of the rest of the world"
        and 0.5 < rest.value < 0.8
    )
    assert use_anywhere("BO", "Zalo", new).value == 0 == use_anywhere("US", "Zalo", old).value


def test_a_median_is_that_of_the_measured_states_of_the_region(new: Facts) -> None:
    codes = [c for c, place in load_places().items() if place.subregion == "South America"]
    shares = [use_anywhere(code, "TikTok", new) for code in codes]
    measured = [share.value for share in shares if share.basis != "assumption"]
    assert len(measured) >= ENOUGH
    share = use_anywhere("BO", "TikTok", new)
    assert share.value == statistics.median(measured)
    assert (share.low, share.high) == (min(measured), max(measured)) and share.basis == "assumption"


def test_what_a_state_blocks_is_used_by_those_with_a_vpn(new: Facts) -> None:
    pair = ("KG", "TikTok")
    blocks = blocks_before(date(2025, 8, 1), new, ("KG",))
    assert is_shut(blocks, pair)
    vpn = state_anywhere("KG", new).vpn_share
    assert use_anywhere(*pair, new).value <= vpn.value
    # Before the block it has the median of the region.
    assert (
        use_anywhere(*pair, as_of(new, date(2024, 1, 1))).value > 3 * use_anywhere(*pair, new).value
    )


def test_an_unknown_state_has_no_cells(new: Facts) -> None:
    for ask in (
        lambda: use_anywhere("QQ", "X", new),
        lambda: state_anywhere("QQ", new),
        lambda: with_states(new, ("QQ",)),
    ):
        with pytest.raises(InputError, match="no state is called 'QQ'"):
            ask()


# A world with more states


@pytest.mark.parametrize("world", WORLDS)
def test_the_rest_of_the_world_shrinks_by_as_many_people(world: str) -> None:
    facts = load_facts(world)
    codes = ("NP", "UZ", "QA", "MM", "KE", "US")
    more = with_states(facts, codes)
    assert list(more.states) == [*facts.states, "NP", "UZ", "QA", "MM", "KE"]
    for field in ("population", "internet_users"):
        one, other = (
            sum(getattr(state, field).value for state in f.states.values()) for f in (facts, more)
        )
        assert one == pytest.approx(other, rel=1e-9)
    for name in facts.platforms:
        if (
            0
            < more.penetration.get((REST_OF_WORLD, name), facts.penetration["US", "Facebook"]).value
            < 1
        ):
            assert _users(more, name) == pytest.approx(_users(facts, name), rel=0.01, abs=2e5), name
    assert (
        ("US", "NP") in more.migrants
        and ("RU", "UZ") in more.migrants
        and ("QA", "NP") in more.migrants
    )
    assert with_states(facts, ("US",)) is facts


def test_a_world_with_more_states_on_a_day(new: Facts) -> None:
    on = date(2025, 9, 4)
    nepal = with_states(as_of(new, on), ("NP",))
    assert (
        nepal.day == on
        and ("NP", "Telegram") in nepal.blocks
        and ("NP", "Facebook") not in nepal.blocks
    )
    assert nepal.penetration["NP", "Facebook"].value > 0.6
    later = with_states(as_of(new, date(2025, 9, 6)), ("NP",))
    assert ("NP", "Facebook") in later.blocks and later.penetration["NP", "Facebook"].value < 0.2


# The reader


def test_a_folder_without_a_day_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(HOME / "world-2020", folder)
    manifest = folder / "world.csv"
    rows = manifest.read_text(encoding="utf-8").splitlines(keepends=True)
    manifest.write_text(
        "".join(row for row in rows if not row.startswith("day,")), encoding="utf-8"
    )
    with pytest.raises(InputError, match=r"own/world\.csv: no row 'day'"):
        read_facts(folder)
    manifest.unlink()
    with pytest.raises(InputError, match=r"own/world\.csv:1:1: cannot be read"):
        read_facts(folder)
