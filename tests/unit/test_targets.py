"""Targets as people name them: a platform, a firm, a kind, a home country, all, and exceptions."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from conftest import blank_pages, block, call, scenario

import splinternet as sn

META = {"WhatsApp", "Messenger", "Facebook", "Instagram", "Threads"}
FILE = """\
title: Targets
start: 2026-12-01
days: 60
people: 1_000
{more}
policies:
  - {{id: order, on: 2027-01-01, by: DK, instrument: block, targets: {targets}}}
"""


def targets_of(text: str, more: str = "") -> set[str]:
    """Return the platforms that ``targets: TEXT`` means in a scenario file."""
    path = Path("targets.yaml")
    path.write_text(FILE.format(targets=text, more=more), encoding="utf-8")
    (policy,) = sn.load(path).policies
    assert len(set(policy.targets)) == len(policy.targets)
    return set(policy.targets)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_names_mean_platforms_firms_and_kinds() -> None:
    assert targets_of("Meta") == META
    assert targets_of("[Meta, TikTok, WhatsApp]") == META | {"TikTok"}
    assert targets_of("Google") == {"YouTube", "Google Search"}
    assert targets_of("{firm: Google}") == targets_of("Google")
    assert targets_of("Amazon") == {"Amazon"}
    assert targets_of("{firm: Amazon}") == {"Amazon", "Twitch"}
    assert targets_of("Weixin") == {"WeChat"}


def test_a_kind_in_small_letters_is_the_kind_and_the_app_keeps_its_name() -> None:
    kind = targets_of("messenger")
    assert {"WhatsApp", "Signal", "Messenger"} < kind
    assert targets_of("{kind: messenger}") == kind
    assert targets_of("Messenger") == targets_of("Facebook Messenger") == {"Messenger"}


def test_a_home_country_all_and_exceptions() -> None:
    american = targets_of("{home: US}")
    assert META | {"YouTube", "Signal"} < american
    assert not {"TikTok", "Telegram", "WeChat"} & american
    assert targets_of("{home: United States}") == american
    assert targets_of("{home: US, except: [Wikipedia, Meta]}") == american - {"Wikipedia"} - META
    assert targets_of("{home: US, kind: messenger}") == american & targets_of("messenger")
    every = targets_of("all")
    assert american | {"TikTok", "Telegram"} < every
    assert "Grok" not in every
    assert targets_of("{except: Meta}") == every - META
    assert targets_of("[Meta, TikTok, {except: [WhatsApp]}]") == META - {"WhatsApp"} | {"TikTok"}


def test_assistants_enter_where_their_kind_is_named_and_new_platforms_take_part() -> None:
    assert {"ChatGPT", "Grok"} < targets_of("{kind: assistant}")
    mastodon = "world: {platforms: {Mastodon: {owner: Mastodon gGmbH, home: Germany, kind: feed}}}"
    assert targets_of("{home: DE}", mastodon) == {"Mastodon"}
    assert "Mastodon" in targets_of("feed", mastodon)
    assert targets_of("Mastodon gGmbH", mastodon) == {"Mastodon"}


def test_a_firm_is_what_it_was_called_and_owned_on_the_first_day() -> None:
    (policy,) = scenario([block(by="RU", targets={"firm": "Facebook"})], days=30).policies
    assert set(policy.targets) == META - {"Threads"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Metta", ["unknown platform 'Metta'", "did you mean 'Meta'?"]),
        ("{firm: Metta}", ["unknown firm 'Metta'", "did you mean 'Meta'?"]),
        ("{kind: messager}", ["unknown kind 'messager'", "did you mean 'messenger'?"]),
        ("{home: Narnia}", ["unknown home 'Narnia'"]),
        ("{home: BT}", ["no platform of that day is at home in BT"]),
        ("{hom: US}", ["unknown key 'hom'", "did you mean 'home'?"]),
        ("{}", ["an empty selection"]),
        ("{home: CN, firm: Meta}", ["no platform of that day has home: 'CN', firm: 'Meta'"]),
        ("{home: US, except: [Metta]}", ["unknown platform 'Metta'", "did you mean 'Meta'?"]),
        ("[Weixin, WeChat]", ["'WeChat' appears twice"]),
        ("[Meta, {except: [Meta]}]", ["'targets' names no platform"]),
    ],
)
def test_what_means_no_platform_is_refused_at_its_place(
    text: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("wrong.yaml").write_text(FILE.format(targets=text, more=""), encoding="utf-8")
    code, _, err = call(capsys, "check", "wrong.yaml")
    assert code == 2
    assert "wrong.yaml:7:" in err
    for each in said:
        assert each in err


def test_a_scenario_with_a_firm_is_the_same_when_it_is_saved_and_read_again() -> None:
    assert targets_of("[Meta, {home: CN}]")
    spec = sn.load("targets.yaml")
    Path("again.yaml").write_text(spec.to_yaml(), encoding="utf-8")
    assert sn.load("again.yaml").policies == spec.policies


def test_people_are_selected_by_the_same_names() -> None:
    keys = {"title": "Nothing", "start": "2026-12-01", "days": 10, "people": 1_000}
    people = sn.Model(keys).people
    parts = [set(people.select(platform=name).ids) for name in META if name in people.names]
    assert set(people.select(platform="Meta").ids) == set.union(*parts)
    both = people.select(platform=["Meta", "TikTok"])
    assert set(both.ids) == set.union(*parts) & set(people.select(platform="TikTok").ids)
    assert len(people.select(platform="messenger")) > len(people.select(platform="Messenger"))
    without = people.select(platform={"firm": "Meta", "except": ["WhatsApp"]})
    assert 0 < len(without) <= len(people.select(platform="Meta"))
    with pytest.raises(sn.InputError, match="did you mean 'Meta'"):
        people.select(platform="Metta")


def test_the_schema_offers_firms_kinds_and_selections(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(capsys, "check", "--schema", "schema.json")[0] == 0
    schema = json.loads(Path("schema.json").read_text(encoding="utf-8"))
    names, _, selection = schema["definitions"]["target_name"]["anyOf"]
    assert {"Meta", "messenger", "all", "TikTok"} < set(names["enum"])
    assert set(selection["properties"]) == {"firm", "kind", "home", "except"}


def test_firms_are_named_as_those_who_act(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "check", "events/kr_twitch_2024")
    assert code == 0
    assert "From 27 February 2024 Amazon takes Twitch out of South Korea." in out
    run = ("run", "events/kr_twitch_2024", "--people", "1000", "--days", "95")
    one = ("--seeds", "1", "--jobs", "1")
    code, out, _ = call(capsys, *run, *one, "--out", "twitch", "--all")
    assert code == 0
    assert "Amazon takes Twitch out of South Korea." in " ".join(out.split())
    with blank_pages():
        assert call(capsys, "report", "twitch", "--out", "twitch.html")[0] == 0
    page = Path("twitch.html").read_text(encoding="utf-8").replace("\N{NO-BREAK SPACE}", " ")
    for text in (out, page):
        assert "United States withdraws" not in text
        assert "United States would" not in text
        assert "United States takes" not in text
    assert "Amazon takes Twitch out of South Korea." in " ".join(page.split())
    code, out, _ = call(capsys, "show", "twitch", "--chronicle", "1")
    assert "Amazon takes Twitch out of South Korea" in out


USE = "the share of people in each state who use it is missing"


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ("'{firm: Visa}'", ["Visa (payment by card, of Visa)", USE, "world.platforms.Visa"]),
        ("Oracle", ["Oracle (Oracle Cloud) has no platform in the facts", "cloud_ban"]),
        ("'{home: US, except: [Gmail]}'", ["Gmail (mail, of Google)", USE, "leave it out"]),
        ("'{home: US, kind: mail}'", ["mail (Gmail, Outlook, iCloud)", USE]),
        ("'phones'", ["Windows, Android, iOS", "what an installed system loses without its maker"]),
        ("'SWIFT'", ["SWIFT (payment between banks", "when banks cannot use it is missing"]),
        ("Starlink", ["traffic by satellite is missing", "leave it out"]),
    ],
)
def test_services_without_figures_are_refused_by_name(
    targets: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path("order.yaml").write_text(FILE.format(targets=targets.strip("'"), more=""))
    order = f"--by DK --instrument block --on 2027-01-01 --targets {targets}"
    _, _, of_file = call(capsys, "check", "order.yaml")
    _, _, of_options = call(capsys, "new", "mine", *shlex.split(order))
    for err in (of_file, of_options):
        assert all(text in err for text in said)
    assert ("world.platforms" in of_options) == (USE in said)
    assert not Path("mine.yaml").exists()


def test_a_platform_of_ones_own_leaves_as_others_do(capsys: pytest.CaptureFixture[str]) -> None:
    own = "{platforms: {Gmail: {owner: Google, home: US, kind: messenger, penetration: {DK: 0.6}}}}"
    Path("own.yaml").write_text(f"title: t\nstart: 2026-12-01\ndays: 60\nworld: {own}\n")
    order = "--from-example own.yaml --from DK --instrument withdrawal --targets Gmail"
    order = f"{order} --on 2027-01-01 --by"
    code, out, _ = call(capsys, "new", "leaves", *order.split(), "US")
    assert code == 0 and "Google would take Gmail out of Denmark." in out
    code, _, err = call(capsys, "new", "wrong", *order.split(), "CN")
    assert code == 2 and "Google, which decides about Gmail, is at home in US" in err
