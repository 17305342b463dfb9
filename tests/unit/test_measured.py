"""Measurements that users supply: blocks from OONI, losses of connectivity from Radar and IODA."""

from __future__ import annotations

import gzip
import json
import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import splinternet as sn
from splinternet.errors import InputError, Place
from splinternet.facts.history import dated_platforms
from splinternet.facts.platforms import Address, platform_at, platform_of_test
from splinternet.facts.tables import read
from splinternet.measured import (
    REFERENCE_DAYS,
    Evidence,
    Signal,
    days_of,
    find_blocks,
    find_losses,
    find_outages,
    read_ooni,
    read_signal,
    write_blocks,
    write_losses,
)

FIRST = date(2026, 1, 1)


def measurement(
    test: str, keys: dict[str, Any], day: date = FIRST, state: str = "IR", site: str = ""
) -> str:
    """Return a measurement as OONI publishes it, with invented values."""
    told = {
        "test_name": test,
        "probe_cc": state,
        "measurement_start_time": f"{day} 10:00:00",
        "input": site or None,
    }
    return json.dumps({**told, "test_keys": keys})


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


REACHED = {
    "whatsapp": {
        "whatsapp_endpoints_status": "ok",
        "registration_server_status": "ok",
        "whatsapp_web_status": "ok",
    },
    "telegram": {
        "telegram_tcp_blocking": False,
        "telegram_http_blocking": False,
        "telegram_web_status": "ok",
    },
    "signal": {"signal_backend_status": "ok"},
    "facebook_messenger": {"facebook_tcp_blocking": False, "facebook_dns_blocking": False},
    "web_connectivity": {"blocking": False, "accessible": True},
}
BLOCKED = {
    "whatsapp": {"whatsapp_endpoints_status": "ok", "registration_server_status": "blocked"},
    "telegram": {"telegram_tcp_blocking": True, "telegram_http_blocking": False},
    "signal": {"signal_backend_status": "blocked"},
    "facebook_messenger": {"facebook_tcp_blocking": False, "facebook_dns_blocking": True},
    "web_connectivity": {"blocking": "dns", "accessible": False},
}
NOTHING = {
    "whatsapp": {},
    "telegram": {"telegram_tcp_blocking": None, "telegram_http_blocking": None},
    "signal": {"signal_backend_status": None},
    "facebook_messenger": {"facebook_tcp_blocking": None, "facebook_dns_blocking": None},
    "web_connectivity": {"blocking": False, "accessible": False},  # the site itself is down
}


@pytest.mark.parametrize("test", REACHED)
def test_each_measurement_counts_once(tmp_path: Path, test: str) -> None:
    """Two that were reached, three that were blocked and one that shows nothing, for each of OONI's
    tests.
    """
    site = "https://www.instagram.com/" if test == "web_connectivity" else ""
    keys = [REACHED[test]] * 2 + [BLOCKED[test]] * 3 + [NOTHING[test]]
    path = write(tmp_path / "m.jsonl", *(measurement(test, one, site=site) for one in keys))
    (day,) = read_ooni(path).days.itertuples()
    assert (day.reached, day.blocked, day.failed, day.seen) == (2, 3, 1, 5)
    assert day.share == pytest.approx(0.6)
    assert day.platform == ("Instagram" if site else platform_of_test(test))


def test_web_versions_of_applications_do_not_count(tmp_path: Path) -> None:
    keys = {**REACHED["whatsapp"], "whatsapp_web_status": "blocked"}
    (day,) = read_ooni(write(tmp_path / "m.jsonl", measurement("whatsapp", keys))).days.itertuples()
    assert (day.reached, day.blocked) == (1, 0)


def test_the_test_of_an_application_comes_before_its_site(tmp_path: Path) -> None:
    def site(place: str, **keys: Any) -> str:
        return measurement("web_connectivity", BLOCKED["web_connectivity"], site=place, **keys)

    lines = [
        measurement("whatsapp", REACHED["whatsapp"]),
        site("https://www.whatsapp.com/"),
        site("web.whatsapp.com", day=FIRST + timedelta(days=1)),
        site("https://www.whatsapp.com/", state="PK"),
    ]
    days = read_ooni(write(tmp_path / "m.jsonl", *lines)).days.itertuples()
    assert [(day.state, day.reached, day.blocked) for day in days] == [("IR", 1, 0), ("PK", 0, 1)]


def test_what_is_about_no_platform_is_counted_and_left_out(tmp_path: Path) -> None:
    lines = [
        measurement("signal", REACHED["signal"]),
        measurement("tor", {}),
        measurement("web_connectivity", REACHED["web_connectivity"], site="https://example.org/"),
        measurement("signal", REACHED["signal"], state="ZZ"),
    ]
    found = read_ooni(write(tmp_path / "m.jsonl", *lines))
    assert len(found.days) == 1
    assert found.left_out == {"of no platform": 2, "of no state": 1}


ROWS = "anomaly_count,confirmed_count,failure_count,measurement_count,measurement_start_day,ok_count,probe_cc\n"
TESTED = f"{ROWS.strip()},test_name"


def test_all_forms_of_an_aggregation_say_the_same(tmp_path: Path) -> None:
    counts = {
        "anomaly_count": 4,
        "confirmed_count": 3,
        "failure_count": 2,
        "ok_count": 1,
        "measurement_count": 10,
    }
    row = {**counts, "measurement_start_day": "2026-01-01", "probe_cc": "IR"}
    document = {"v": 0, "dimension_count": 2, "result": [row]}
    table = write(tmp_path / "a.csv", ROWS.strip(), "4,3,2,10,2026-01-01,1,IR")
    whole = write(tmp_path / "a.json", json.dumps(document, indent=1))
    line = write(tmp_path / "b.json", json.dumps(document))
    packed = tmp_path / "a.json.gz"
    packed.write_bytes(gzip.compress(whole.read_bytes()))
    for path in (table, whole, line, packed):
        (day,) = read_ooni(path, platform="whatsapp").days.itertuples()
        assert (day.state, day.platform, day.day) == ("IR", "WhatsApp", FIRST)
        assert (day.reached, day.blocked, day.confirmed, day.failed) == (1, 7, 3, 2)


MEASURED = '{"test_name": "signal"}'
LONG = "9" * 5000
WRONG_LINES: list[tuple[list[str], int, str, str]] = [
    ([MEASURED, "{broken"], 2, "this is no JSON", "one JSON object a line"),
    ([MEASURED, "[1]"], 2, "[0] is not a record", "one JSON object a line"),
    ([MEASURED, "[" * 200_000], 2, "this is no JSON: maximum recursion depth", "a line"),
    ([MEASURED, f'{{"a": {LONG}}}'], 2, "this is no JSON: Exceeds the limit", "a line"),
    (["{", f'"a": {LONG}}}'], 1, "this is no JSON: Exceeds the limit", "document"),
    ([measurement("signal", {}, state="QQ")], 1, "no state is called 'QQ'", "alpha-2"),
    ([TESTED, "1,0,0,3,soon,2,IR,signal"], 2, "measurement_start_day is 'soon'", "YYYY-MM-DD"),
    ([TESTED, f"{LONG},0,0,3,2026-01-01,2,IR,signal"], 2, "anomaly_count is '999", "whole number"),
    ([TESTED, f"{LONG * 30},0,0,3,2026-01-01,2,IR,signal"], 2, "field larger than", "CSV"),
    ([ROWS.strip(), "1,0,0"], 2, "3 fields", "7 fields"),
    (["probe_cc,measurement_count", "IR,4"], 2, "neither domain nor test_name", "platform="),
    (["a,b", "1,2"], 2, "neither 'test_name' nor 'measurement_count'", "aggregation"),
    ([measurement("tor", {})], 1, "no measurement of a platform (of no platform: 1)", "platforms"),
    ([" "], 1, "the file is empty", "JSON"),
    ([measurement("web_connectivity", {}, site="http://[x")], 1, "unreadable address: 1", "plat"),
]


@pytest.mark.parametrize(("lines", "line", "found", "help_"), WRONG_LINES)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, lines: list[str], line: int, found: str, help_: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_ooni(write(tmp_path / "m", *lines))
    problem = next(problem for problem in caught.value.problems if found in problem.found)
    assert isinstance(problem.where, Place)
    assert problem.where.line == line
    assert help_ in f"{problem.allowed}; {problem.hint}"


def evidence(shares: str, per_day: int = 10) -> Evidence:
    """Return the evidence of a row of days: ``x`` blocked, ``.`` reached, a blank without
    measurements.
    """
    rows = [
        (
            "IR",
            "Signal",
            FIRST + timedelta(days=at),
            "signal",
            per_day * (sign == "."),
            per_day * (sign == "x"),
            *[0] * 5,
        )
        for at, sign in enumerate(shares)
        if sign != " "
    ]
    return Evidence(days_of(rows), {}, ("m",))


@pytest.mark.parametrize(
    ("shares", "blocks"),
    [
        ("...x....", []),  # a single day is no block
        ("...xx...", [(3, 5)]),
        ("..xx.xx.", [(2, None)]),  # neither does a single day end one
        ("..xx..xx..", [(2, 4), (6, 8)]),
        ("..xxx     xxx..", [(2, 13)]),  # a gap ends nothing
        ("xxxx..", [(0, 4)]),
        ("..xxxx", [(2, None)]),
    ],
)
def test_blocks_of_a_row_of_days(shares: str, blocks: list[tuple[int, int | None]]) -> None:
    found = list(find_blocks(evidence(shares)).itertuples())
    assert [(b.since, b.until) for b in found] == [
        (FIRST + timedelta(days=on), None if end is None else FIRST + timedelta(days=end))
        for on, end in blocks
    ]
    assert ["from the first measured day" in b.note for b in found] == [
        b.since == FIRST for b in found
    ]


def test_days_of_few_measurements_do_not_count() -> None:
    assert find_blocks(evidence("xxxxxx", per_day=4)).empty
    assert len(find_blocks(evidence("xxxxxx", per_day=4), least=4)) == 1


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="x. ", min_size=1, max_size=30))
def test_blocks_do_not_overlap_and_a_stricter_rule_finds_no_more(shares: str) -> None:
    found = list(find_blocks(evidence(shares)).itertuples())
    for earlier, later in pairwise(found):
        assert earlier.until is not None
        assert earlier.until <= later.since
    strict = list(find_blocks(evidence(shares), shortest=4).itertuples())
    assert sum(b.measurements for b in strict) <= len(shares) * 10
    assert all(any(b.since >= wide.since for wide in found) for b in strict), (
        "what four days show, two show as well"
    )


def test_the_most_common_way_is_the_technique() -> None:
    ways = [(5, 0, 9), (6, 0, 0), (0, 0, 0)]  # dns, isp, dpi
    days = [
        ("IR", "Facebook", FIRST + timedelta(days=n), "x", 0, 9, 0, 0, *ways[n]) for n in range(3)
    ]
    (block,) = find_blocks(Evidence(days_of(days), {}, ("m",))).itertuples()
    assert block.technique == "dns"


def test_addresses_belong_to_the_platforms_of_the_histories() -> None:
    assert {row.platform for row in read(Address).values()} <= set(dated_platforms())
    assert platform_at("www.facebook.com") == platform_at("m.facebook.COM") == "Facebook"
    assert platform_at("x.com") == platform_at("twitter.com") == "X"
    assert platform_at("notfacebook.com") is None
    assert platform_at("ads.google.com") is None, "an exact host has no hosts below it"
    assert platform_at("www.google.com") == "Google Search"


def hours(values: list[float], step: int = 3600) -> list[tuple[datetime, float]]:
    begin = datetime(2026, 1, 1, tzinfo=UTC)
    return [(begin + timedelta(seconds=step * at), value) for at, value in enumerate(values)]


def daily_cycle(level: float) -> list[float]:
    """Return the hours of a day whose nights have a fifth of the traffic of its days."""
    return [level * (0.2 if hour < 6 else 1.0) for hour in range(24)]


def test_the_loss_of_a_day_is_that_of_its_hours() -> None:
    """By hand: seven normal days; one at 40 %; one that is cut at noon; one with more than
    usual.
    """
    noon = daily_cycle(1.0)[:12] + [0.0] * 12
    values = daily_cycle(1.0) * 7 + daily_cycle(0.4) + noon + daily_cycle(1.3)
    losses = find_losses(Signal("IR", "traffic", tuple(hours(values)), "f"))
    shares = losses.days["share"].tolist()
    assert losses.noise == 0.0
    assert shares[:7] == [0.0] * 7
    assert shares[7] == pytest.approx(0.6)
    assert shares[8] == pytest.approx(12 / (6 * 0.2 + 18))
    assert shares[9] == 0.0, "more than usual is no loss"
    (outage,) = find_outages(losses).itertuples()
    assert (outage.on.day, outage.until.day, outage.share) == (
        8,
        10,
        pytest.approx((0.6 + 12 / 19.2) / 2),
    )


def test_a_day_that_ends_early_is_compared_with_the_same_hours() -> None:
    values = daily_cycle(1.0) * 7 + [0.5 * value for value in daily_cycle(1.0)[:9]]
    losses = find_losses(Signal("IR", "traffic", tuple(hours(values)), "f"))
    assert losses.days["share"].iloc[-1] == pytest.approx(0.5)
    assert losses.days["points"].iloc[-1] == 9


def test_losses_within_the_noise_are_no_outage() -> None:
    values = [1.0, 1.0, 0.7, 1.0, 1.0, 1.0, 1.0, 0.75, 0.2, 0.2]
    losses = find_losses(Signal("IR", "traffic", tuple(hours(values, 86_400)), "f"))
    assert losses.noise == pytest.approx(0.3)
    assert [(o.on.day, o.until.day) for o in find_outages(losses).itertuples()] == [(9, 11)]


@settings(deadline=None, max_examples=40)
@given(st.floats(0.05, 50), st.lists(st.floats(0, 3), min_size=1, max_size=20))
def test_units_do_not_matter(unit: float, values: list[float]) -> None:
    whole = [1.0] * REFERENCE_DAYS + values
    one = find_losses(Signal("IR", "s", tuple(hours(whole, 86_400)), "f"))
    other = find_losses(
        Signal("IR", "s", tuple(hours([unit * value for value in whole], 86_400)), "f")
    )
    assert one.days["share"].tolist() == pytest.approx(other.days["share"].tolist(), abs=1e-9)
    assert one.days["share"].between(0, 1).all()


def test_local_days_move_the_hours() -> None:
    values = daily_cycle(1.0) * 7 + [0.0] * 24
    signal = Signal("IR", "traffic", tuple(hours(values)), "f")
    lost = {
        loss.day.day: loss.share for loss in find_losses(signal, utc_offset=3.5).days.itertuples()
    }
    assert lost[8] > 0.8
    assert lost[9] == pytest.approx(1.0), "the last hours belong to the next day there"


RADAR = {
    "success": True,
    "result": {
        "meta": {"normalization": "MIN0_MAX", "aggInterval": "ONE_DAY"},
        "serie_0": {
            "timestamps": [f"2026-01-{day:02}T00:00:00Z" for day in range(1, 11)],
            "values": [*["0.8"] * 8, "0.02", "0.04"],
        },
    },
}


def ioda(values: list[Any], source: str = "ping-slash24", code: str = "IR") -> dict[str, Any]:
    about = {
        "entityType": "country",
        "entityCode": code,
        "entityName": "",
        "datasource": source,
        "subtype": "",
    }
    return {
        **about,
        "from": 1_767_225_600,
        "until": 0,
        "step": 86_400,
        "nativeStep": 600,
        "values": values,
    }


def test_radar_ioda_and_tables_say_the_same(tmp_path: Path) -> None:
    level = [0.8] * 8 + [0.02, 0.04]
    days = [f"2026-01-{day:02}" for day in range(1, 11)]
    radar = write(tmp_path / "radar.json", json.dumps(RADAR, indent=1))
    answer = {
        "type": "signals",
        "error": None,
        "data": [[ioda([1000 * value for value in level]), ioda([], "bgp")]],
    }
    other = write(tmp_path / "ioda.json", json.dumps(answer))
    table = write(
        tmp_path / "radar.csv",
        "Serie_0 timestamps,Serie_0 values",
        *map(",".join, zip(days, map(str, level), strict=True)),
    )
    found = [
        find_losses(read_signal(radar, state="Iran")),
        find_losses(read_signal(other, series="ping-slash24")),
        find_losses(read_signal(table, state="IR")),
    ]
    for losses in found:
        assert losses.state == "IR"
        assert [(one.day, round(one.share, 6)) for one in losses.days.itertuples()] == [
            (date(2026, 1, day), {9: 0.975, 10: 0.95}.get(day, 0.0)) for day in range(1, 11)
        ]


IRAN = {"state": "IR"}
OTHER_SCALE = json.dumps(RADAR).replace("MIN0_MAX", "MIN_MAX")
WRONG_SIGNALS: list[tuple[Any, dict[str, str], str, str]] = [
    (RADAR, {}, "names no state", "state="),
    (OTHER_SCALE, IRAN, "MIN_MAX", "normalization=MIN0_MAX"),
    ([ioda([1]), ioda([1], "bgp")], {}, "2 series: ping-slash24, bgp", "series="),
    ([ioda([1]), ioda([1], code="PK")], {}, "2 states: IR, PK", "state="),
    ([ioda([1])], {"series": "pingslash"}, "no series is called", "did you mean 'ping-slash24'"),
    ([ioda([1])], {"state": "Nowhereland"}, "no state is called 'Nowhereland'", "alpha-2"),
    ([ioda([None])], {}, "has no values", "numbers"),
    ([ioda([1]), ioda([10**400])], {}, "the value at 1767225600 is", "a number"),
    ("time,x\n2026-01-01,1\nyesterday,2\n", IRAN, "m:3:1: the time is 'yesterday'", ""),
    ("place,traffic\nx,1\n", IRAN, "no column of times", "timestamp"),
    ("time,place\n2026-01-01,x\n", IRAN, "no column of numbers", "times"),
    ("{", IRAN, "this is no JSON", "JSON document"),
]


@pytest.mark.parametrize(("data", "keys", "found", "help_"), WRONG_SIGNALS)
def test_what_is_wrong_with_a_signal(
    tmp_path: Path, data: Any, keys: dict[str, str], found: str, help_: str
) -> None:
    """A text is a file as it is; a list holds series of IODA."""
    answer = data if isinstance(data, dict) else {"data": [data]}
    text = data if isinstance(data, str) else json.dumps(answer)
    (tmp_path / "m").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_signal(tmp_path / "m", **keys)
    assert found in str(caught.value)
    assert help_ in str(caught.value)


@pytest.mark.parametrize(
    "change", [{"step": 0}, {"step": 1.9}, {"step": True}, {"values": "123"}, {"from": math.inf}]
)
def test_all_faulty_series_are_reported(tmp_path: Path, change: dict[str, Any]) -> None:
    path = write(
        tmp_path / "m",
        json.dumps({"data": [[ioda([1]), {**ioda([1]), **change}, 7, ioda([-1], "bgp")]]}),
    )
    with pytest.raises(InputError) as caught:
        read_signal(path)
    for found in ("data[1] is not a series", "data[2] is not a series", "bgp: the value at"):
        assert found in str(caught.value)
    assert len(caught.value.problems) == 3


def test_nothing_is_half_written(tmp_path: Path) -> None:
    found = evidence("..xxx")
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "blocks.csv").write_text("kept", encoding="utf-8")
    with pytest.raises(InputError, match=r"evidence/blocks\.csv already exists"):
        write_blocks(tmp_path, found, find_blocks(found))
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["blocks.csv", "evidence"]
    written = write_blocks(tmp_path / "new", found, find_blocks(found))
    assert {path for path in (tmp_path / "new").rglob("*") if path.is_file()} == set(written)


def test_blocks_of_measurements_are_facts_of_a_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twitter, under the name of the day, is open in the shipped world and blocked in the measured
    one.
    """
    days = [
        ("TR", "X", FIRST + timedelta(days=n), "web_connectivity", 0, 9, *[0] * 5) for n in range(3)
    ]
    found = Evidence(days_of(days), {}, ("m",))
    write_blocks(tmp_path / "mine", found, find_blocks(found))
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "a.yaml", "title: a", "start: 2026-01-20", "days: 3", "world: {facts: mine}")
    facts = sn.load(tmp_path / "a.yaml").facts
    assert facts.blocks["TR", "X"].technique == "isp"
    assert ("TR", "X") not in sn.load({"title": "b", "start": "2026-01-20", "days": 3}).facts.blocks


def test_shutdowns_of_a_signal_run_in_a_scenario(
    tmp_path: Path,
) -> None:
    radar = write(tmp_path / "radar.json", json.dumps(RADAR))
    losses = find_losses(read_signal(radar, state="IR"))
    write_losses(tmp_path, losses, find_outages(losses))
    text = (tmp_path / "shutdowns.yaml").read_text(encoding="utf-8")
    scenario = write(tmp_path / "cut.yaml", "title: A cut", "start: 2026-01-01", "days: 20", text)
    (policy,) = sn.load(scenario).policies
    assert (policy.instrument, policy.by, str(policy.on), str(policy.until)) == (
        "shutdown",
        ("IR",),
        "2026-01-09",
        "2026-01-11",
    )
    assert policy.share == pytest.approx(0.96)  # type: ignore[attr-defined]
    backwards = date(2026, 1, 7), date(2026, 1, 1)
    with pytest.raises(InputError, match="reference: 2026-01-01 is before 2026-01-07"):
        find_losses(read_signal(radar, state="IR"), reference=backwards)


def test_hours_add_up_to_days(tmp_path: Path) -> None:
    lines = [f"1,0,0,3,2026-01-01T{hour:02}:00:00Z,2,IR" for hour in range(24)]
    (day,) = read_ooni(
        write(tmp_path / "a.csv", ROWS.strip(), *lines), platform="Signal"
    ).days.itertuples()
    assert (day.reached, day.blocked) == (48, 24)
