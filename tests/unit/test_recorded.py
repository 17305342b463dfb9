"""Orders of the record: as a scenario of their own, and those that a scenario lacks."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path

import pytest
from conftest import call

import splinternet as sn
from splinternet.core.shipped import shipped_folder
from splinternet.facts.history import NationalShutdown
from splinternet.facts.states import find_place, load_places
from splinternet.facts.tables import read
from splinternet.scenario import load
from splinternet.scenario.recorded import missing
from splinternet.text.orders import said_back
from splinternet.world.scenario_setting import make_setting

RUSSIA = """\
title: A comment and an order  # kept as it is
status: projection
start: 2026-01-20
days: 120
policies:
    # Roblox has no figures
    - id: snapchat
      on: 2026-02-02
      by: RU
      instrument: block
      targets: [Viber]   # a list of its own form
world: {facts: world-2025}
"""
VIETNAM = """\
title: Three platforms
start: 2025-05-04
days: 60
world: {facts: world-2025, penetration: {VN: {Facebook: 0.7}}}
policies:
    - {id: it, on: 2025-06-01, by: VN, instrument: block, targets: [Telegram, Snapchat, Facebook]}
"""
TANZANIA = """\
title: One order of two
start: 2025-05-01
days: 300
world: {facts: world-2025}
policies:
    - {id: x, on: 2025-05-20, by: TZ, instrument: block, targets: [X]}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


FIVE = ("Facebook", "Instagram", "TikTok", "WhatsApp", "YouTube")
RECORDED = [
    # options; status, instrument, targets; days of the run; days of the order
    ("--by Gabun", "projection block", FIVE, "2026-01-20 2026-08-15", "2026-02-17 None"),
    (
        "--by AL --targets tiktok --on 2025-03-01",
        "hindcast block",
        ("TikTok",),
        "2025-02-13 2026-03-04",
        "2025-03-13 2026-02-05",
    ),
    (
        "--by IT --targets DeepSeek",  # launched on the first day of the run
        "projection store_removal",
        ("DeepSeek",),
        "2025-01-10 2025-07-28",
        "2025-01-30 None",
    ),
    (
        "--by AF --on 2025-09-29",
        "hindcast shutdown",
        (),
        "2025-09-01 2025-10-28",
        "2025-09-29 2025-10-01",
    ),
]


@pytest.mark.parametrize(("options", "what", "targets", "days", "order"), RECORDED)
def test_an_order_of_the_record_is_a_scenario(
    options: str,
    what: str,
    targets: tuple[str, ...],
    days: str,
    order: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What the tables have of each: platforms, technique, days, source."""
    code, out, _ = call(capsys, "new", "mine", "--recorded", *options.split())
    assert code == 0 and "From the record: " in out and "https://" in out
    spec = sn.load("mine.yaml")
    (policy,) = spec.policies
    assert out.startswith(f"{said_back(spec)[0]}\n")
    assert (f"{spec.status} {policy.instrument}", policy.targets) == (what, targets)
    assert (f"{spec.start} {spec.end}", f"{policy.on} {policy.until}") == (days, order)
    assert policy.reference


def test_what_the_facts_do_not_know_of_an_order_is_left_out_by_name(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = call(capsys, "new", "np", "--recorded", "--by", "NP", "--on", "2025-09-04")
    assert code == 0 and "left out, because the facts have no figures: Clubhouse, Mastodon" in out
    assert "figures: Clubhouse, Mastodon." in Path("np.yaml").read_text(encoding="utf-8")
    (policy,) = sn.load("np.yaml").policies
    assert len(policy.targets) == 18 and "Discord" in policy.targets


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--recorded",), "the order has no state"),
        (("--recorded", "--by", "Malta"), "the record has no order of MT"),
        (("--recorded", "--by", "RU", "--on", "2019-02-11"), "that began around 2019-02-11; RU: T"),
        (("--recorded", "--by", "OM", "--targets", "Clubhouse"), "has no figures of Clubhouse on"),
        (
            ("--recorded", "--by", "SN", "--on", "2024-02-04"),
            "share of people without a fixed line",
        ),
        (("--recorded", "--from-example", "tiktok_sold"), "--recorded or --from-example, not both"),
        (("--by", "RU"), "or --recorded"),
    ],
)
def test_no_order_of_the_record_is_guessed(
    options: tuple[str, ...], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "new", "mine", *options)
    assert (code, list(here.iterdir())) == (2, [])
    assert said in err


def test_check_names_the_orders_that_a_scenario_lacks_and_adds_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In these days Russia blocked WhatsApp (11 February) and Telegram (20 March 2026)."""
    path = here / "ru.yaml"
    path.write_text(RUSSIA, encoding="utf-8")
    told = json.loads(call(capsys, "check", "ru.yaml", "--json")[1])["scenarios"][0]
    assert told["ok"], "it is a note, no error"
    assert [note["code"] for note in told["notes"]] == ["recorded"]
    lacking = {(str(order.since), *order.platforms) for order in missing(sn.load(path))}
    assert {("2026-02-11", "WhatsApp", "YouTube"), ("2026-03-20", "Telegram")} <= lacking
    code, out, _ = call(capsys, "check", "ru.yaml", "--add-recorded")
    assert code == 0 and "added: RU: WhatsApp, YouTube, 2026-02-11" in out
    text = path.read_text(encoding="utf-8")
    stays = [line for line in RUSSIA.splitlines() if not line.startswith("title")]
    assert all(line in text for line in stays), "what stood there stays"
    by_day = {str(policy.on): policy for policy in sn.load(path).policies}
    assert (
        by_day["2026-02-11"].targets == ("WhatsApp", "YouTube")
        and by_day["2026-02-11"].technique == "dpi"
    )
    assert not missing(sn.load(path))
    before = path.read_bytes()
    assert call(capsys, "check", "ru.yaml", "--add-recorded")[0] == 0
    assert path.read_bytes() == before
    code, _, err = call(capsys, "check", "events/ru_instagram_2022", "--add-recorded")
    assert code == 2 and "a shipped scenario cannot be changed" in err


def test_a_recorded_order_names_its_companions_and_how_to_add_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    order = ["--recorded", "--by", "IN", "--targets", "TikTok"]
    _, out, _ = call(capsys, "new", "one", *order)
    said = "more orders within these days, such as IN: Kuaishou, QQ, Weibo, 2020-06-29"
    command = "splinternet check one.yaml --add-recorded"
    assert said in out and f"{command} adds them." in out
    assert call(capsys, *command.split()[1:])[0] == 0
    assert len(sn.load("one.yaml").policies) > 2
    _, out, _ = call(capsys, "new", "alone", "--recorded", "--by", "BR", "--targets", "X")
    assert "within these days" not in out


def test_a_what_if_that_the_record_has_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        RUSSIA.replace("projection", "what-if")
        .replace("Viber", "WhatsApp")
        .replace("02-02", "02-12")
    )
    (here / "ru.yaml").write_text(text, encoding="utf-8")
    assert "it is not an invented case; status: projection" in call(capsys, "check", "ru.yaml")[2]


def test_a_check_says_of_each_target_whether_its_use_is_measured(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Vietnam: nobody counted Telegram's users, Snapchat has the median of Asia, and a figure of
    one's own is one.
    """
    (here / "mine.yaml").write_text(VIETNAM, encoding="utf-8")
    code, out, _ = call(capsys, "check", "mine.yaml")
    assert code == 0
    assert "use of targets in VN, your own figure: Facebook 70 %" in out
    (entry,) = json.loads(call(capsys, "check", "mine.yaml", "--json")[1])["scenarios"]
    found = {row["use"]: row["platforms"] for row in entry["use_of_targets"]}
    assert "Telegram" in found["assumption"] and "states in Asia" in found["regional median"]
    code, _, err = call(capsys, "new", "other", "--penetration", "VN.Facebok=0.7")
    assert (code, sorted(p.name for p in here.iterdir())) == (2, ["mine.yaml"])
    assert "VN.Facebok=0.7" in err and "did you mean 'Facebook'?" in err
    code, _, _ = call(
        capsys,
        "new",
        "variant",
        "--from-example",
        "wechat_as_ordered",
        "--penetration",
        "US.TikTok=0.3",
    )
    parent = sn.load("wechat_as_ordered")
    spec = sn.load("variant.yaml")
    assert spec.world.penetration["US"] == {**parent.world.penetration["US"], "TikTok": 0.3}


def test_check_names_and_adds_a_shutdown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "tz.yaml").write_text(TANZANIA, encoding="utf-8")
    assert "TZ: the Internet, 2025-10-29 to 2025-11-03" in call(capsys, "check", "tz.yaml")[2]
    call(capsys, "check", "tz.yaml", "--add-recorded")
    assert "the Internet" not in call(capsys, "check", "tz.yaml")[2]
    assert [p.instrument for p in sn.load("tz.yaml").policies].count("shutdown") == 1
    rows = json.loads(call(capsys, "list", "blocks", "--state", "Tanzania", "--json")[1])
    assert "the Internet" in {row["platform"] for row in rows}


def test_the_table_of_shutdowns_says_who_and_when_and_nothing_of_what_came_of_it() -> None:
    rows = read(NationalShutdown).values()
    assert len(rows) > 120 and len({row.state for row in rows}) > 30
    assert {field.name for field in fields(NationalShutdown)} == {
        "state",
        "networks",
        "since",
        "until",
        "order",
        "source",
        "basis",
        "note",
    }
    assert all("Access Now" in row.source or "https://" in row.source for row in rows)


def test_names_of_states_in_other_languages_are_those_of_one_state() -> None:
    names = ("Gabun", "Côte d\u2019Ivoire", "Россия", "ドイツ", "Alemania")
    assert [find_place(name) for name in names] == ["GA", "CI", "RU", "DE", "DE"]
    assert all(find_place(place.name) == code for code, place in load_places().items())


def test_the_history_of_blocks_is_listed_by_state_and_platform(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = json.loads(
        call(capsys, "list", "blocks", "--state", "Russland", "--platform", "WhatsApp", "--json")[1]
    )
    assert [(row["since"], row["technique"]) for row in rows] == [
        ("2026-02-11", "dpi"),
        ("2025-12-01", "throttle"),
        ("2025-08-11", "calls_only"),
    ]
    assert call(capsys, "list", "states", "--state", "RU")[0] == 2
    assert "did you mean 'WhatsApp'?" in call(capsys, "list", "blocks", "--platform", "Whatsap")[2]


OTHERWISE = {
    ("ru_calls_2025", "imo"): "open again",
    ("ru_whatsapp_2025", "imo"): "open again",
    ("ru_calls_2025", "TikTok"): "closed to new posts alone",
    ("ru_whatsapp_2025", "TikTok"): "closed to new posts alone",
    ("ru_youtube_2024", "TikTok"): "closed to new posts alone",
}
"""What the record has as closed and an event has open on its first day; its file says why."""


def test_an_event_begins_with_the_orders_that_the_record_has() -> None:
    left_open = set()
    for path in (shipped_folder() / "events").glob("*.yaml"):
        spec = load(path, people=1_000)
        setting = make_setting(spec)
        acting = {state for policy in spec.policies for state in policy.by}
        own = {
            (state, name)
            for policy in spec.policies
            for state in policy.by
            for name in policy.objects()
        }
        left_open |= {
            (path.stem, name)
            for state, name in set(spec.facts.blocks) - set(setting.blocks) - own
            if state in acting and name in setting.platforms
        }
    assert left_open == set(OTHERWISE)
