"""News items read by rules, and the record of orders that is asked first."""

from __future__ import annotations

import io
import json
from dataclasses import fields
from pathlib import Path

import pytest
from conftest import call

import splinternet as sn
from splinternet.errors import InputError
from splinternet.facts.history import NationalShutdown
from splinternet.facts.loading import facts_on
from splinternet.facts.states import find_place, load_places
from splinternet.facts.tables import read
from splinternet.scenario.news import members, missing, read_news, vocabulary

GABON = "Gabon suspends social media until further notice, 17 February 2026"
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


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (GABON, "who: GA, what: block, whom: social media, when: 2026-02-17, how long: for good"),
        (
            "Vietnam orders Telegram blocked, May 25, 2025",
            "who: VN, what: block, whom: Telegram, when: 2025-05-25",
        ),
        (
            "TikTok is banned in Albania for a year from 13.3.2025",
            "who: AL, what: block, whom: TikTok, when: 2025-03-13, how long: for a year",
        ),
        (
            "Afghanistan cuts the internet nationwide from 29 September until 1 October 2025",
            "who: AF, what: shutdown, when: 2025-09-29, how long: until 2025-10-01",
        ),
        (
            "Tanzania's shutdown of the internet, 29 October - 3 November 2025",
            "who: TZ, what: shutdown, when: 2025-10-29, how long: until 2025-11-04",
        ),
        (
            "Eritrea blocks Facebook from 15 to 25 June 2019",
            "who: ER, what: block, whom: Facebook, when: 2019-06-15, how long: until 2019-06-26",
        ),
        (
            "Turkey slows down Instagram by 90 % for two weeks on 2024-08-02",
            "who: TR, what: throttle, whom: Instagram, share: 0.9, when: 2024-08-02, how long: for two weeks",
        ),
        (
            "Ethiopia blocks WhatsApp calls on 3 March 2026",
            "who: ET, what: block, whom: WhatsApp, technique: calls_only, when: 2026-03-03",
        ),
        (
            "China's Internet regulator blocks X on 1 March 2026",
            "who: CN, what: block, whom: X, order: regulator, when: 2026-03-01",
        ),
        (
            "Turkey blocks apps of China, TikTok and WeChat, on 3 May 2026",
            "who: TR, what: block, whom: TikTok, WeChat, when: 2026-05-03",
        ),
        (
            "Denmark bans TikTok from officials\u2019 phones, 6 March 2023",
            "who: DK, what: device_ban, whom: TikTok, when: 2023-03-06",
        ),
        (
            "Brazil blocks WhatsApp for 48 hours, 17 December 2015",
            "who: BR, what: block, whom: WhatsApp, when: 2015-12-17, how long: for 48 hours",
        ),
        (
            "Kremlin throttles YouTube by 90 %, 1 August 2026",
            "who: RU, what: throttle, whom: YouTube, share: 0.9, when: 2026-08-01",
        ),
        ("The internet is cut in Moscow, 1 August 2026", "what: shutdown, when: 2026-08-01"),
        ("Internet shutdown in Kampala, 1 August 2026", "what: shutdown, when: 2026-08-01"),
        (
            "South Korea suspends new downloads of DeepSeek from 15 February 2025",
            "who: KR, what: store_removal, whom: DeepSeek, when: 2025-02-15",
        ),
        ("us blocks whatsapp", ""),
        ("Russia blocks WhatsApp", "who: RU, what: block, whom: WhatsApp"),
    ],
)
def test_a_sentence_says_who_does_what_to_whom_and_when(text: str, answers: str) -> None:
    """What stands in the sentence, by hand; what does not stand in it is nowhere."""
    order = ("who", "what", "whom", "share", "technique", "order", "when", "how long")
    found = read_news(text).answers
    assert ", ".join(f"{key}: {found.pop(key)}" for key in order if key in found) == answers
    assert not found


def test_every_capital_is_that_of_a_state() -> None:
    """No capital is the name of a state."""
    for name, code in vocabulary("capital").items():
        assert code in load_places() and find_place(name) is None, name


def test_the_european_union_acts_as_its_states(capsys: pytest.CaptureFixture[str]) -> None:
    said = read_news("The EU bans TikTok from 1 September 2026").answers["who"].split(", ")
    assert (
        len(said) == len(set(said)) == 27 and {"DE", "FR", "IE"} <= set(said) and "GB" not in said
    )
    text = "European Union blocks TikTok for 36 hours from 1 September 2026"
    assert call(capsys, "new", "mine", "--from-text", text)[0] == 0
    written = sn.load("mine.yaml")
    assert written.title.startswith("European Union: block of TikTok")
    (policy,) = written.policies
    assert (policy.by, str(policy.on), str(policy.until)) == (
        tuple(said),
        "2026-09-01",
        "2026-09-03",
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "The US bans DJI drones, 23 December 2025",
            "goods are not modelled; the nearest question is",
        ),
        (
            "India bars Chinese routers and cameras, 5 May 2026",
            "goods are not modelled; the nearest question is",
        ),
        (
            "Iran bans Starlink, 5 May 2026",
            "satellite links are not modelled; the nearest question is a `shutdown`",
        ),
        ("Nigeria bans Binance, 5 May 2026", "the nearest question is a platform that pays"),
        ("Tanzania blocks X and bans VPNs, 3 May 2026", "several acts"),
        (
            "Tanzania blocks X on 20 May 2025 and cuts the internet from 29 October to 3 November 2025",
            "several acts",
        ),
        ("Gabon lifts the ban on TikTok, 3 May 2026", "instrument: lift"),
        ("Gabon blocks TikTok on 17 February", "has no year"),
        ("Gabon blocks TikTok on 30 February 2026", "is no day"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_nearest_question(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_news(text)


def test_nothing_is_filled_in_that_the_sentence_does_not_say(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, lacking in (
        ("Gabon suspends social media", "when it begins"),
        ("social media suspended, 17 February 2026", "who acts"),
        ("Gabon and TikTok, 17 February 2026", "what is done"),
    ):
        code, _, err = call(capsys, "new", "--from-text", text)
        assert (code, list(here.iterdir())) == (2, [])
        assert f"the sentence does not say {lacking}" in err


def test_the_record_is_asked_first(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The order of Gabon is in the table of blocks: it is shown, used on demand, and never an
    invented case.
    """
    code, out, err = call(capsys, "new", "mine", "--from-text", GABON)
    assert code == 0
    assert (
        "The record has: GA: Facebook, Instagram, TikTok, WhatsApp, YouTube, 2026-02-17 to no known end"
        in out
    )
    spec = sn.load("mine.yaml")
    assert spec.status == "projection"
    (policy,) = spec.policies
    assert (policy.by, str(policy.on), policy.until) == (("GA",), "2026-02-17", None)
    assert set(policy.targets) == set(
        members("social media", ("GA",), facts_on("world-2025", spec.start))
    )
    text = Path("mine.yaml").read_text(encoding="utf-8")
    assert "technique: isp  # not said:" in text and f"# From: {GABON}" in text
    assert "WhatsApp, 2026-02-17" in err, (
        "what the record has and the sentence does not say is named"
    )
    call(capsys, "new", "real", "--from-text", GABON, "--recorded")
    (policy,) = sn.load("real.yaml").policies
    assert set(policy.targets) == {"Facebook", "Instagram", "TikTok", "WhatsApp", "YouTube"}
    assert "allafrica.com" in str(policy.reference)
    code, _, err = call(
        capsys, "new", "none", "--from-text", GABON.replace("Gabon", "Malta"), "--recorded"
    )
    assert (code, Path("none.yaml").exists()) == (2, False)
    assert "the record has no such order" in err


def test_the_scenario_of_an_order_against_a_young_platform_begins_with_its_launch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        call(capsys, "new", "mine", "--from-text", "Italy blocks DeepSeek, 30 January 2025")[0] == 0
    )
    spec = sn.load("mine.yaml")
    assert (str(spec.start), str(spec.policies[0].on)) == ("2025-01-10", "2025-01-30")


def test_an_order_of_the_record_is_chosen_by_its_number(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("Albanien\nban\nTikTok\n1\n"))
    code, out, _ = call(capsys, "new", "mine", "--interactive")
    assert code == 0
    assert "AL: TikTok, 2025-03-13 to 2026-02-05" in out
    (policy,) = (spec := sn.load("mine.yaml")).policies
    assert (str(policy.on), str(policy.until), spec.status) == (
        "2025-03-13",
        "2026-02-05",
        "hindcast",
    )


def test_a_dose_that_nobody_states_is_that_of_the_schema(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    call(
        capsys,
        "new",
        "all",
        "--from-text",
        "Afghanistan cuts the internet from 29 September until 1 October 2025",
    )
    assert sn.load("all.yaml").policies[0].share == 1.0  # type: ignore[attr-defined]
    assert "share: 1.0  # not said: default of the schema" in Path("all.yaml").read_text(
        encoding="utf-8"
    )
    monkeypatch.setattr("sys.stdin", io.StringIO("Afghanistan\nshut down\n2027-03-20\n3 days\n"))
    assert call(capsys, "new", "dark", "--interactive")[0] == 0
    (policy,) = sn.load("dark.yaml").policies
    assert (policy.instrument, policy.share, (policy.until - policy.on).days) == (
        "shutdown",
        1.0,
        3,
    )  # type: ignore
    code, _, err = call(
        capsys, "new", "slow", "--from-text", "Turkey slows down Instagram on 2 August 2024"
    )
    assert (code, Path("slow.yaml").exists()) == (2, False), "the schema has no default"
    assert "Share of the usual speed that is taken away" in err


def test_check_names_the_orders_that_a_scenario_lacks_and_adds_them(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In these days Russia blocked WhatsApp (11 February) and Telegram (1 April 2026)."""
    path = here / "ru.yaml"
    path.write_text(RUSSIA, encoding="utf-8")
    told = json.loads(call(capsys, "check", "ru.yaml", "--json")[1])["scenarios"][0]
    assert told["ok"], "it is a note, no error"
    assert [note["code"] for note in told["notes"]] == ["recorded"]
    lacking = {(str(order.since), *order.platforms) for order in missing(sn.load(path))}
    assert {("2026-02-11", "WhatsApp", "YouTube"), ("2026-04-01", "Telegram")} <= lacking
    code, out, _ = call(capsys, "check", "ru.yaml", "--add-recorded")
    assert code == 0 and "added: RU: WhatsApp, YouTube, 2026-02-11" in out
    text = path.read_text(encoding="utf-8")
    assert all(line in text for line in RUSSIA.splitlines()), "what stood there stays"
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
    assert code == 2 and "a shipped scenario stays as it is" in err


def test_a_what_if_that_the_record_has_is_named(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        RUSSIA.replace("projection", "what-if")
        .replace("Viber", "WhatsApp")
        .replace("02-02", "02-12")
    )
    (here / "ru.yaml").write_text(text, encoding="utf-8")
    assert "it is no invented case; status: projection" in call(capsys, "check", "ru.yaml")[2]


def test_a_check_says_of_each_target_whether_its_use_is_measured(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Vietnam: nobody counted Telegram's users, Snapchat has the median of Asia, and a figure of
    one's own is one.
    """
    sentence = "Vietnam blocks Telegram, Snapchat and Facebook, 1 June 2025"
    code, out, _ = call(
        capsys, "new", "mine", "--from-text", sentence, "--penetration", "VN.Facebook=0.7"
    )
    assert code == 0 and sn.load("mine.yaml").world.penetration == {"VN": {"Facebook": 0.7}}
    assert "use of targets in VN, your own figure: Facebook 70 %" in out
    (entry,) = json.loads(call(capsys, "check", "mine.yaml", "--json")[1])["scenarios"]
    found = {row["use"]: row["platforms"] for row in entry["use_of_targets"]}
    assert "Telegram" in found["assumption"] and "states in Asia" in found["regional median"]
    code, _, err = call(capsys, "new", "other", "--penetration", "VN.Facebok=0.7")
    assert (code, sorted(p.name for p in here.iterdir())) == (2, ["mine.yaml"])
    assert "VN.Facebok=0.7" in err and "did you mean 'Facebook'?" in err
    code, _, _ = call(
        capsys, "new", "variant", "--from", "wechat_as_ordered", "--penetration", "US.TikTok=0.3"
    )
    parent, spec = sn.load("wechat_as_ordered"), sn.load("variant.yaml")
    assert spec.world.penetration["US"] == {**parent.world.penetration["US"], "TikTok": 0.3}


def test_a_recorded_shutdown_is_no_invented_case(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Afghanistan's of 2025 is over, so a hindcast of three days; Senegal's of 2024 left fixed
    lines on.
    """
    code, out, _ = call(
        capsys,
        "new",
        "af",
        "--from-text",
        "Afghanistan cuts the internet, 29 September 2025",
        "--recorded",
    )
    (policy,) = (spec := sn.load("af.yaml")).policies
    assert (code, spec.status, policy.instrument) == (0, "hindcast", "shutdown")
    assert (str(policy.on), str(policy.until)) == (
        "2025-09-29",
        "2025-10-01",
    ) and "Access Now" in str(policy.reference)
    out = call(
        capsys,
        "new",
        "sn",
        "--from-text",
        "Senegal cuts mobile internet, 4 February 2024",
        "--recorded",
    )[1]
    assert "share is the part of people without a fixed line" in out
    call(capsys, "new", "tz", "--from-text", "Tanzania blocks X, 20 May 2025")
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


def test_a_platform_without_figures_is_left_out_by_name(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Russia blocks WhatsApp, Roblox and Skype, 11 February 2026"
    code, out, _ = call(capsys, "new", "mine", "--from-text", text)
    assert (
        code == 0
        and "left out: no figures for Roblox" in out
        and "Skype (launched 2003-08-29, closed" in out
    )
    assert sn.load("mine.yaml").policies[0].targets == ("WhatsApp",)
    assert "no figures: Roblox, Skype." in (here / "mine.yaml").read_text(encoding="utf-8")
    assert (
        call(capsys, "new", "none", "--from-text", "Russia blocks Roblox, 11 February 2026")[0] == 2
    )


def test_an_age_rule_is_a_limit_of_age(capsys: pytest.CaptureFixture[str]) -> None:
    text = "Australia bans social media for under-16s, 10 December 2025"
    assert call(capsys, "new", "mine", "--from-text", text)[0] == 0
    (policy,) = sn.load("mine.yaml").policies
    assert (policy.instrument, policy.age) == ("age_limit", 16)  # type: ignore[attr-defined]
    assert "share_found" not in Path("mine.yaml").read_text(encoding="utf-8"), (
        "the model's wide prior decides"
    )
