"""Observed figures: the keys of a file, the meaning of kind and of, the score of event files, and
the record.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from conftest import call
from hypothesis import given, settings
from hypothesis import strategies as st

from splinternet.core.shipped import shipped
from splinternet.errors import InputError
from splinternet.experiments.hindcast import Scoreboard, ScoredRow, crps, hindcast
from splinternet.experiments.record import Circumstances, Past
from splinternet.facts.record import REASONS, RecordRow
from splinternet.facts.tables import read
from splinternet.metrics.registry import METRICS
from splinternet.results.model_error import NO_GROUP, Beside, beside
from splinternet.results.panel import ArmData, Axes, Pair
from splinternet.scenario import load
from splinternet.scenario.check import DECLARED
from splinternet.scenario.schema import Observed
from splinternet.text.tables import what

EVENTS = [name for name in shipped() if name.startswith("events/")]
OWN = """title: Who stays when the fourth of January brings a block?
status: hindcast
start: 2025-01-01
days: 20
episode: mine
policies: [{id: cut, instrument: block, by: US, targets: [TikTok], on: 2025-01-05}]
observed:
"""
ROW = "  - {date: 2025-01-15, metric: active_users, state: US, platform: TikTok, value: 0.3, tolerance: 0.1}\n"


def own(folder: Path, *rows: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(OWN + "".join(rows), encoding="utf-8")
    return path


def row(**keys: object) -> Observed:
    known: dict[str, object] = {
        "date": "2020-01-03",
        "metric": "monthly_users",
        "state": "AA",
        "platform": "Hit",
        "value": 0.5,
        "tolerance": 0.1,
    }
    return Observed.model_validate(known | keys)


def arm(
    name: str, hit: list[float], heir: list[float], vpn: list[float], lost: list[float]
) -> ArmData:
    axes = Axes(
        ("2020-01-01", "2020-01-02", "2020-01-03"), ("AA",), ("Hit", "Heir"), ("AA", "AA<-BB"), ()
    )
    monthly = np.array([hit, heir]).T[:, None, :]
    arrays = {
        "monthly_users": monthly,
        "active_users": monthly / 2,
        "vpn_users": np.array(vpn)[:, None],
        "family_contact_lost": np.array([[0.0] * 3, lost]).T,
        "ties_out_of_contact": np.array([[0.0] * 3, lost]).T * 50,
    }
    return ArmData(1, name, axes, arrays, real={"AA": 1_000.0, "AA<-BB": 100.0})


def course(observed: Observed, pair: Pair) -> np.ndarray:
    """Return the course of a figure in one member."""
    return beside([observed], [pair])[0].course[0]


@pytest.fixture
def pair() -> Pair:
    return (
        arm("baseline", [400, 400, 400], [100, 100, 100], [50, 50, 50], [0, 0, 0]),
        arm("policy", [400, 300, 100], [100, 150, 200], [50, 100, 250], [0, 0.1, 0.4]),
    )


def test_who_turns_to_a_platform_is_a_share_of_the_users_of_the_one_they_miss(pair: Pair) -> None:
    """90 people of 400 users of the other one turn to it."""
    both = [
        replace(
            each,
            arrays={
                **each.arrays,
                "turned_to": np.array([[0.0] * 3, [0.0, 0.0, turned]]).T[:, None, :],
            },
        )
        for each, turned in zip(pair, (0.0, 90.0), strict=True)
    ]
    observed = row(metric="turned_to", platform="Heir", of="Hit", kind="gained", value=0.2)
    assert course(observed, (both[0], both[1])) == pytest.approx([0, 0, 90 / 400])


HEIR = {"platform": "Heir", "kind": "gained"}
VPN = {"platform": (), "metric": "vpn_users"}
ABROAD = {"platform": (), "group": "AA<-BB", "kind": "contact", "of": "members"}


@pytest.mark.parametrize(
    ("keys", "by_hand"),
    [
        ({}, 100 / 400),
        ({"of": "first_day"}, 100 / 400),
        ({"of": "internet users"}, 100 / 1_100),
        ({"of": "2020-01-02", "kind": "decay"}, 100 / 300),
        ({"platform": ["Hit", "Heir"], "kind": "return"}, 300 / 500),
        (HEIR, 100 / 100),
        (HEIR | {"of": "Hit"}, 100 / 400),
        (HEIR | {"of": "Hit", "metric": "active_users"}, 50 / 200),
        (HEIR | {"kind": "speed", "of": "internet_users"}, 100 / 1_100),
        (VPN | {"kind": "vpn", "of": "internet_users"}, 250 / 1_100),
        (VPN | {"kind": "speed", "of": "Hit"}, 200 / 400),
        (ABROAD | {"metric": "family_contact_lost"}, 0.4),
        (ABROAD | {"metric": "ties_out_of_contact"}, 20 / 100),
    ],
)
def test_kind_and_of_mean_what_is_computed_by_hand(
    pair: Pair, keys: dict[str, object], by_hand: float
) -> None:
    found = course(row(**keys), pair)
    assert found.shape == (3,)
    assert found[-1] == pytest.approx(by_hand)


def test_where_nothing_changes_a_gain_is_zero(pair: Pair) -> None:
    still = (pair[0], pair[0])
    for of in ("baseline", "first_day", "internet_users", "Hit"):
        gained = row(platform="Heir", kind="gained", of=of)
        assert course(gained, still)[-1] == 0.0
        assert course(gained.model_copy(update={"kind": "kept"}), still)[-1] > 0


def test_a_diaspora_that_a_small_world_leaves_out_is_not_compared(pair: Pair) -> None:
    left_out = row(
        platform=(), metric="ties_out_of_contact", group="BB<-AA", kind="contact", of="members"
    )
    arms = [replace(arm, axes=replace(arm.axes, states=("AA", "BB"))) for arm in pair]
    (found,) = beside([left_out], [(arms[0], arms[1])])
    assert found.why == NO_GROUP.format(group="BB<-AA")


def test_a_reference_of_nobody_is_no_number_and_an_unknown_group_is_refused(pair: Pair) -> None:
    nobody = (arm("baseline", [0] * 3, [0] * 3, [0] * 3, [0] * 3), pair[1])
    assert np.isnan(course(row(), nobody)).all()
    contact = {"platform": (), "metric": "family_contact_lost", "kind": "contact", "of": "members"}
    with pytest.raises(InputError, match="did you mean 'AA<-BB'"):
        course(row(**contact, group="AA<-BC"), pair)


@settings(deadline=None)
@given(st.lists(st.floats(-2, 2), min_size=1, max_size=9), st.floats(-2, 2))
def test_crps_is_its_definition_and_the_absolute_error_of_one_member(
    members: list[float], observed: float
) -> None:
    each = np.array(members)
    defined = np.abs(each - observed).mean() - np.abs(each[:, None] - each).mean() / 2
    assert crps(each, observed) == pytest.approx(defined, abs=1e-9)
    assert crps(each[:1], observed) == pytest.approx(abs(members[0] - observed))


def scored(
    value: float, members: tuple[float, ...], *, is_null: bool = False, **keys: object
) -> ScoredRow:
    about = Circumstances(not is_null, is_null, "isp", 1.0)
    past = Past("toy", "toy", row(value=value, **keys), about)
    return ScoredRow(past, Beside(past.observed, np.array(members)[:, None]))


def test_a_series_counts_once_and_what_is_not_scored_not_at_all() -> None:
    panel = [scored(0.5, (0.6,), date=date(2020, 1, day), meter="panel") for day in (3, 4, 5)]
    other = scored(0.5, (0.9, 1.0), meter="poll")
    soft = scored(0.5, (9.0,), use="soft", meter="poll")
    null = scored(0.5, (9.0,), is_null=True, meter="null")
    board = Scoreboard((*panel, other, soft, null), people=1_000, seeds=1)
    assert board.counting == (*panel, other)
    kept, hit, whole = board.by_kind()
    assert (kept.name, hit.name, whole.name) == ("kept", "hit platforms", "all")
    assert (kept.targets, kept.series, kept.episodes) == (4, 2, 1)
    assert kept.mean_absolute_error == pytest.approx((0.1 + 0.45) / 2)
    assert kept.near == pytest.approx((1 + 0) / 2), "a series counts once"
    assert kept.width == pytest.approx((0 + 0.1) / 2), "two members: the least and the most"
    assert kept.crps == pytest.approx((0.1 + (0.45 - 0.025)) / 2)
    assert [summary.targets for summary in board.by_series()] == [3, 1]


def test_faults_of_observed_rows_have_their_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = "date: 2025-01-15, metric: active_users, state: US, platform: TikTok, value: 0.3, tolerance: 0.1"
    faults = {
        f"{good}, kind: keept": "did you mean 'kept'?",
        f"{good}, of: yesterday": "baseline, first_day, internet_users, members, a date, or the name of a platform",
        f"{good}, of: members": "the group whose members are meant",
        f"{good}, of: 2025-01-15": "a date before that of the figure",
        f"{good}, off: TikTok": "unknown key 'off'",
        good.replace("active_users", "activ_users"): "did you mean 'active_users'?",
        good.replace("active_users", "flows"): "a daily metric by state",
        good.replace("active_users", "vpn_users"): "vpn_users has no platform",
        good.replace("platform: TikTok, ", ""): "no platform",
        good.replace("state: US, ", ""): "neither 'state' nor 'group'",
        good.replace("tolerance: 0.1", "tolerance: 0"): "more than 0",
        f"{good}, group: US<-": "a group of people",
        f"{good}, group: US<-Chin": "did you mean 'China'?",
        good.replace("value: 0.3, ", ""): "'value' is missing",
        good.replace("2025-01-15", "2024-12-31"): "before the first day",
    }
    path = own(tmp_path, *(f"  - {{{text}}}\n" for text in faults))
    code, _, told = call(capsys, "check", str(path))
    assert code == 2
    for line, said in enumerate(faults.values(), start=OWN.count("\n") + 1):
        assert any(f"mine.yaml:{line}:" in text and said in text for text in told.splitlines()), (
            line,
            said,
        )


def test_a_late_row_is_a_warning_for_a_run_and_an_error_for_a_score(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = own(tmp_path, ROW.replace("2025-01-15", "2025-02-15"))
    assert any("days: 46 would reach it" in text for text in load(path).warnings)
    code, _, err = call(capsys, "hindcast", str(path), "--people", "1500", "--seeds", "1")
    assert code == 2 and "days: 46 would reach it" in err


def test_an_event_file_of_ones_own_is_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gained = ROW.replace("TikTok", "Instagram").replace(
        "0.1}", "0.1, kind: gained, of: TikTok, use: soft}"
    )
    contact = ROW.replace(
        "active_users, state: US, platform: TikTok",
        "family_contact_ever_lost, group: US<-CN, of: members",
    )
    contact = contact.replace("0.1}", "0.1, kind: contact, use: soft}")
    path = own(tmp_path, ROW, gained, contact)
    few = ["--people", "1500", "--seeds", "2", "--jobs", "1"]
    code, out, err = call(
        capsys, "hindcast", str(path), *few, "--json", "--out", str(tmp_path / "held")
    )
    assert code == 0, err
    data = json.loads(out)
    kept, heir, contact = data["rows"]
    assert (contact["metric"], contact["group"]) == ("family_contact_ever_lost", "US<-CN")
    wanted = "event episode kind state platform group metric date"
    scored = "observed tolerance simulated low high near covered crps"
    assert {*wanted.split(), *scored.split()} <= set(kept)
    assert (kept["event"], kept["episode"], kept["kind"], kept["hit"]) == (
        "mine",
        "mine",
        "kept",
        True,
    )
    assert kept["low"] <= kept["simulated"] <= kept["high"]
    assert kept["simulated"] < 0.8, "a national filter costs much of the use"
    assert heir["simulated"] > 0
    assert data["held_out"] == [], "the board of the bench does not have it"
    assert [(one["name"], one["targets"]) for one in data["summary"]["by_kind"]] == [
        ("kept", 1),
        ("hit platforms", 1),
        ("all", 1),
    ]
    assert (tmp_path / "held" / "hindcast.csv").read_text(encoding="utf-8").count("\n") == 4
    told = call(capsys, "hindcast", str(path), *few)[1]
    assert "US Instagram active_users of TikTok" in told
    assert "80 % covers" in told


def test_a_share_of_nobody_is_listed_and_stops_nothing(tmp_path: Path) -> None:
    none = ROW.replace("active_users", "monthly_users").replace(
        "0.1}", "0.1, kind: gained, of: KakaoTalk}"
    )
    text = own(tmp_path, ROW, none).read_text(encoding="utf-8")
    path = own(tmp_path)
    path.write_text(
        text.replace("observed:", "world: {penetration: {US: {KakaoTalk: 0}}}\nobserved:"),
        encoding="utf-8",
    )
    board = hindcast([path], people=1_500, seeds=1, jobs=1)
    assert len(board.rows) == 1
    assert board.left[0].why.startswith("its reference (KakaoTalk) is 0")


def test_files_that_differ_only_in_what_was_observed_share_their_runs() -> None:
    done: list[tuple[int, int, int]] = []
    files = ["events/ru_facebook_2022", "events/ru_twitter_2022", "events/ru_telegram_gain_2022"]
    board = hindcast(files, people=1_500, seeds=1, jobs=1, progress=lambda *told: done.append(told))
    assert done == [(1, 0, 1)]
    assert [r.event for r in board.rows] == ["ru_facebook_2022"] * 2 + [
        "ru_twitter_2022",
        "ru_telegram_gain_2022",
    ]


# The shipped events.


def event_rows() -> dict[str, tuple[str, Observed]]:
    """Return every row of the shipped event files by its id, with the name of its file."""
    return {seen.row or "": (name, seen) for name in EVENTS for seen in load(name).observed}


def test_every_row_of_the_record_is_scored_or_has_a_reason() -> None:
    record, files = read(RecordRow).values(), event_rows()
    assert Counter(one.table for one in record) == {"calibration": 25, "events": 259}
    for one in record:
        assert (one.use == "scored") == (one.why == ""), one.id
        assert not one.why or one.why.startswith(REASONS)
        if one.use == "scored":
            assert one.id in files, one.id
        if one.id not in files:
            continue
        name, seen = files[one.id]
        assert name == one.file
        assert seen.kind == one.kind
        assert seen.use == one.use or (
            one.why.startswith("no such metric") and seen.metric in DECLARED
        )
        if one.value != seen.value or (
            one.tolerance == one.tolerance and one.tolerance != seen.tolerance
        ):
            assert seen.note, f"{one.id}: a figure that is converted says how"
    assert set(files) <= {one.id for one in record}
    ours = [one for one in record if one.use == "scored"]
    assert len(ours) >= 65
    assert len({one.episode for one in ours}) >= 18


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_file_says_its_episode_its_order_and_its_sources(name: str) -> None:
    spec = load(name, known_metrics=METRICS)
    assert spec.status == "hindcast"
    assert spec.episode
    assert all(seen.row and seen.source and seen.meter for seen in spec.observed)
    text = shipped()[name].read_text(encoding="utf-8")
    assert all(
        "#" in line
        for line in text.splitlines()
        if line.strip().startswith(("vpn_share:", "internet_users:"))
    )
    for path, drawn in spec.uncertain.items():
        assert drawn.low < drawn.high, path


def test_events_of_one_state_within_60_days_share_an_episode() -> None:
    first: dict[str, dict[str, date]] = {}
    for name in EVENTS:
        spec = load(name)
        own_policies = [p for p in spec.policies if p.on is not None]
        for state in {s for p in own_policies for s in p.by}:
            begins = min(p.on for p in own_policies if state in p.by and p.on is not None)
            episodes = first.setdefault(state, {})
            episode = spec.episode or ""
            episodes[episode] = min(begins, episodes.get(episode, begins))
    apart = {
        frozenset(("br_whatsapp_2015", "br_whatsapp_2016"))
    }  # the second holds the first as its past
    for state, episodes in first.items():
        for one, day in episodes.items():
            for other, then in episodes.items():
                if one < other and frozenset((one, other)) not in apart:
                    assert abs(day - then) > timedelta(days=60), (state, one, other)


def test_a_figure_is_missed_outside_the_interval_alone() -> None:
    """One meaning in the table, in the first line and in marks, whatever the tolerance."""
    wide = scored(0.5, (0.9, 1.0), tolerance=0.5)
    narrow = scored(0.93, (0.9, 1.0), tolerance=0.001)
    assert wide.beside.is_near and wide.beside.is_missed and not wide.is_covered
    assert not narrow.beside.is_near and not narrow.beside.is_missed and narrow.is_covered


def test_a_measured_figure_has_names_of_peoples_language() -> None:
    scenario = load("events/br_x_2024")
    said = [what(scenario, seen) for seen in scenario.observed]
    assert said[0] == "gain of monthly users of Bluesky in Brazil, per user of X, 2 September 2024"
    assert said[1] == "daily users of X in Brazil, 4 September 2024"
    assert (
        said[4]
        == "what is left of installs of Bluesky in Brazil, against 8 October 2024, 10 October 2024"
    )
    assert not any(code in text for text in said for code in ("active_users", "BR"))
