"""An order stated by options: what is said back, what is written, and what is refused."""

from __future__ import annotations

import io
import json
import shlex
import sys
from datetime import date
from pathlib import Path

import pytest
from conftest import call

import splinternet as sn
from splinternet.facts.people import USE
from splinternet.facts.platforms import KindRow
from splinternet.facts.tables import read
from splinternet.policies import INSTRUMENTS
from splinternet.text.numbers import table
from splinternet.text.orders import assumed_keys, said_back
from splinternet.world.law import docket_of

YOUNGEST = (
    "users: children count from 5 years on; how many under 13 use which platform is an assumption"
)
OPEN = " No end is stated: the run covers 180 days."


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


ORDERS = [
    (
        "--by Kazakhstan --instrument block --technique isp --targets Telegram --on 2026-10-12",
        "From 12 October 2026 Kazakhstan would block Telegram (by the lists of providers)." + OPEN,
    ),
    (
        "--by US --from NG --instrument withdrawal --targets Facebook,Instagram --on 2027-01-15"
        " --announced 2026-12-01",
        "From 15 January 2027 Meta would take Facebook and Instagram out of Nigeria."
        " People in the United States keep them. It is announced on 1 December 2026." + OPEN,
    ),
    (
        "--by NO --instrument age_limit --targets 'TikTok, Snapchat, Instagram, YouTube'"
        " --on 2027-01-01 --key age=15",
        "From 1 January 2027 Norway would keep people under 15 off TikTok, Snapchat, Instagram and"
        " YouTube. All others must prove their age." + OPEN,
    ),
    (
        "--by GM --instrument shutdown --on 2026-12-04 --until 2026-12-07",
        "From 4 December 2026 the Gambia would cut all of its people off every network."
        " It ends on 7 December 2026, the first day without the order.",
    ),
    (
        "--by NG --instrument shutdown --on 2027-01-15 --until 2027-01-20 --key region=Lagos"
        " --key share=0.1",
        "From 15 January 2027 Nigeria would cut 10 % of its people off every network (in"
        " Lagos alone). It ends on 20 January 2027, the first day without the order.",
    ),
    (
        "--by KZ --instrument local_representative --targets Telegram --on 2026-10-12 --key"
        " 'ladder=[{on: 2026-11-01, sanction: ad_ban},"
        " {on: 2026-12-01, sanction: throttle, share: 0.5}]'",
        "From 12 October 2026 Kazakhstan would demand a representative of Telegram, or else: no"
        " advertising from 1 November 2026, then 50 % of the speed taken away from 1 December 2026."
        " Assumed: no platform complies." + OPEN,
    ),
    (
        "--by US --from CA --instrument content_withdrawal --targets Facebook --on 2027-02-01"
        " --key share=0.03",
        "From 1 February 2027 Meta would remove content that fills 3 % of the time on"
        " Facebook in Canada. The platforms stay open." + OPEN,
    ),
    (
        "--by US --instrument divest_or_ban --targets TikTok --announced 2027-01-01 --on 2027-01-01"
        " --key days=90 --key then=store_removal",
        "From 1 January 2027 the United States would demand the sale of TikTok by 1 April 2027, or"
        " else: removal from app stores. Assumed: no sale." + OPEN,
    ),
    (
        "--by TR --instrument throttle --targets X --on 2027-01-01 --key share=0.9",
        "From 1 January 2027 Turkey would slow down X (90 % of the usual speed is taken away)."
        + OPEN,
    ),
    (
        "--by RU --instrument vpn_ban --on 2027-01-01 --key share_closed=0.5 --key penalty=2",
        "From 1 January 2027 Russia would close 50 % of the VPNs (a user risks US$ 2 a month)."
        " No platform is blocked by it." + OPEN,
    ),
    (
        "--by IN --instrument store_removal --targets Signal --on 2027-01-01",
        "From 1 January 2027 India would take Signal off all app stores. Installed apps stay."
        + OPEN,
    ),
    (
        "--by BT --instrument border_cut --on 2027-03-01",
        "From 1 March 2027 Bhutan would close all of its gateways abroad." + OPEN,
    ),
    (
        "--by US --instrument path_rule --on 2027-03-01 --key avoid_states=CN",
        "From 1 March 2027 the United States would forbid its traffic to cross China." + OPEN,
    ),
    (
        "--by PL --by DE --instrument block --targets VKontakte --on 2026-11-10 --technique dns"
        " --who '{age: [0, 15]}'",
        "From 10 November 2026 Poland and Germany would block VKontakte (the name is not answered)."
        " It concerns only people aged 0 to 15." + OPEN,
    ),
    (
        "--by US --instrument transaction_ban --targets WeChat --announced 2026-11-10",
        "The United States would bar business with WeChat, which people may go on using: no first"
        " day is stated, so it stays a threat. It is announced on 10 November 2026.",
    ),
]


@pytest.mark.parametrize(("options", "said"), ORDERS, ids=[o.split(" --on")[0] for o, _ in ORDERS])
def test_an_order_is_said_back_and_written(
    options: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "new", "order", *shlex.split(options), "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["says"] == [said]
    comments = [
        line[2:] for line in Path("order.yaml").read_text().splitlines() if line[:2] == "# "
    ]
    assert said in " ".join(comments)
    code, out, _ = call(capsys, "check", "order.yaml")
    assert (code, out.splitlines()[0]) == (0, "order.yaml: ok")
    (policy,) = sn.load("order.yaml").policies
    assert policy.instrument == shlex.split(options)[shlex.split(options).index("--instrument") + 1]


def test_an_age_limit_is_not_assumed_to_concern_everybody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = "--by NO --instrument age_limit --targets TikTok --on 2027-01-01 --key age=15 --json"
    code, out, _ = call(capsys, "new", "order", *order.split())
    assert code == 0
    assert json.loads(out)["assumed"] == [
        "announced: 1 January 2027",
        "applies_to: accounts",
        "share_found: each seed draws it, 10 % to 90 % of users under the age are found",
        "obedience: each seed draws it, 10 % to 90 % of those found stay out",
        YOUNGEST,
    ]


@pytest.mark.parametrize("step", ["", " --key applies_to=visits", " --key obedience=0.5"])
def test_an_age_law_says_which_children_count_as_users(
    step: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As the tables have it: no figures below 5, and below 13 nothing but assumptions."""
    order = f"--by FR --instrument age_limit --targets TikTok --on 2027-09-01 --key age=15{step}"
    code, out, _ = call(capsys, "new", "law", *order.split())
    assert code == 0 and YOUNGEST in out
    assert YOUNGEST in " ".join(Path("law.yaml").read_text(encoding="utf-8").split("\n# "))
    bases: dict[int, set[str]] = {}
    for (_, _, youngest, _), row in read(USE).items():
        bases.setdefault(youngest, set()).add(row.basis)
    assert min(bases) == 5 and bases[5] == {"assumption"} and "survey" in bases[13]
    block = "--by FR --instrument block --targets TikTok --on 2027-09-01"
    assert YOUNGEST not in call(capsys, "new", "block", *block.split())[1]


def test_a_firm_and_a_kind_mean_all_their_platforms(capsys: pytest.CaptureFixture[str]) -> None:
    leaves = "--by US --from NG --instrument withdrawal --targets Meta --on 2027-01-15"
    code, out, _ = call(capsys, "new", "firm", *leaves.split())
    assert code == 0
    said = "Meta would take WhatsApp, Messenger, Facebook, Instagram and Threads out of Nigeria."
    assert said in out
    block = "--by KZ --instrument block --on 2026-10-12 --targets"
    assert call(capsys, "new", "kind", *block.split(), "messenger")[0] == 0
    targets = sn.load("kind.yaml").policies[0].targets
    assert {"WhatsApp", "Signal", "Messenger"} <= set(targets)
    assert len(targets) > 5
    assert "Facebook" not in targets
    assert call(capsys, "new", "one", *block.split(), "Messenger")[0] == 0
    assert sn.load("one.yaml").policies[0].targets == ("Messenger",)


def test_targets_and_keys_take_names_and_selections_with_commas(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = (
        "--by BY --instrument store_removal --on 2027-01-15"
        " --targets 'WhatsApp, {home: RU, kind: [search, commerce]}, X'"
        " --key 'stores=Apple App Store, Google Play'"
    )
    assert call(capsys, "new", "order", *shlex.split(order))[0] == 0
    (policy,) = sn.load("order.yaml").policies
    assert policy.targets == ("WhatsApp", "Mail.ru", "Yandex", "Wildberries", "X")
    assert policy.stores == ("Apple App Store", "Google Play")  # type: ignore[attr-defined]


def test_a_service_of_payment_runs_with_a_figure_of_the_users_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = "--by US --from DK --instrument withdrawal --targets PayPal --on 2027-02-01"
    code, out, _ = call(capsys, "new", "own", *order.split(), "--penetration", "DK.PayPal=0.3")
    assert code == 0 and "PayPal would leave Denmark." in out
    home = order.replace("PayPal", "'{home: US}'")
    assert call(capsys, "new", "home", *shlex.split(home))[0] == 0


def test_services_of_a_state_without_figures_are_said_to_be_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = "--by US --from VE --instrument withdrawal --targets '{home: US}' --on 2027-03-01"
    code, out, _ = call(capsys, "new", "order", *shlex.split(order))
    assert code == 0
    assert "Not modelled: " in out and "Gmail" in out.split("Not modelled: ")[1]
    assert "Microsoft Azure" in out


def test_what_is_assumed_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    order = "--by PL --instrument block --targets VKontakte --on 2026-11-10"
    code, out, _ = call(capsys, "new", "order", *order.split())
    assert code == 0
    assert (
        "Assumed, because it is not stated: announced: 10 November 2026; technique: dpi, by"
        " national DPI equipment; boxes: all lines are behind filtering equipment; who: everybody"
        " in Poland." in out.splitlines()
    )


@pytest.mark.parametrize(
    ("options", "assumed"),
    [
        (  # a shutdown says itself how many people it concerns
            "--by BD --instrument shutdown --key share=0.13 --key region=Dhaka",
            [
                "telephone: telephone and text messages across the border go on",
                "who: the 13 % are drawn at random among the people of Bangladesh",
            ],
        ),
        (  # boxes belong to `dpi`
            "--by MA --instrument block --technique calls_only --targets WhatsApp",
            ["who: everybody in Morocco"],
        ),
        (
            "--by US --from 'JO, US' --instrument withdrawal --targets Snapchat",
            ["reason: own decision", "who: everybody in Jordan and the United States"],
        ),
        (
            "--by IQ --instrument store_removal --targets X",
            [
                "stores: all app stores",
                "outside the stores: each seed draws it, 10 % to 60 % of people with Android would"
                " install an app from a file",
                "who: everybody in Iraq",
            ],
        ),
        (  # no phone of Apple's installs an app from a file
            "--by US --from IN --instrument store_removal --targets WhatsApp"
            " --key 'stores=Apple App Store'",
            ["who: everybody in India"],
        ),
        (  # `then` has no technique of its own
            "--by CA --instrument divest_or_ban --key days=90 --targets TikTok",
            ["outcome: banned", "then: a ban on business", "who: everybody in Canada"],
        ),
    ],
)
def test_what_is_assumed_is_true_of_the_order(
    options: str, assumed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    day = ["--on", "2027-03-01", "--announced", "2027-02-01"]
    code, out, _ = call(capsys, "new", "order", *shlex.split(options), *day, "--json")
    assert code == 0
    assert json.loads(out)["assumed"] == assumed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            "--by IN --from BT --instrument border_cut --on 2027-03-01",
            ["--from: border_cut concerns the people of --by alone", "withdrawal"],
        ),
        (
            "--by NG --from NG --instrument withdrawal --targets Facebook --on 2027-01-15",
            ["--by: Meta, which decides about Facebook, is at home in US", "--by US"],
        ),
        (
            "--by NG --instrument shutdown --on 2027-01-15 --key region=Lagos",
            ["--key share: a region without the share", "--key share=0.1"],
        ),
        (
            "--by NO --instrument age_limit --targets TikTok",
            ["--on: it is not stated", "--key age: it is not stated", "--key age=16"],
        ),
        ("--targets TikTok", ["--instrument: it is not stated", "--by: it is not stated"]),
        (
            "--by US --instrument withdrawal --targets X --on 2027-02-01",
            ["--from: it is not stated", "--from KR"],
        ),
        (
            "--by Kazakstn --instrument block --targets Telegrm --on 2027-03-32 --until soon",
            [
                "--by: unknown state 'Kazakstn'",
                "did you mean 'Telegram'?",
                "--on: '2027-03-32' is not a date",
                "--until: 'soon' is not a date",
            ],
        ),
        (
            "--by KZ --instrument block --targets Telegram --on 2027-03-03 --until 2027-03-01",
            ["--until: --until is 2027-03-01, before --on (2027-03-03)", "swap them?"],
        ),
        (
            "--by KZ --instrument blok --targets Telegram --on 2027-03-03",
            ["--instrument: unknown instrument 'blok'", "block"],
        ),
        (
            "--by KZ --instrument block --targets Telegram --on 2027-03-03 --key share=0.3",
            ["--key share: unknown key 'share'"],
        ),
        (
            "--by KZ --instrument shutdown --technique isp --on 2027-03-01",
            ["--technique: shutdown does nothing with it", "leave it out"],
        ),
        (
            "--by NO --instrument block --targets TikTok --on 2027-03-03 --who '{ages: [0, 15]}'",
            ["--who: unknown key 'ages'", "did you mean 'age'?"],
        ),
        (
            "--by NO --instrument block --targets TikTok --on 2027-03-03 --technique dpi"
            " --key technique=isp",
            ["'technique' is stated twice"],
        ),
        (
            "--by US --instrument lift --key policy=ban --on 2027-03-03",
            ["--instrument: lift acts on another policy", "--from-example FILE"],
        ),
        (
            "--by US --instrument block --targets Metta --on 2027-03-03",
            ["--targets: unknown platform 'Metta'", "did you mean 'Meta'?"],
        ),
        (
            "--by IN --instrument cable_ban --on 2026-01-01",
            ["--key cables: it is not stated", "--key cables='SEA-ME-WE 3, ", "list cables"],
        ),
        (
            "--by US --instrument cable_ban --on 2026-01-01",
            ["--key cables='PLCN, Hong Kong-Americas, Bay to Bay Express, Dunant'"],
        ),
        (
            "--by SN --instrument throttle --targets YouTube --on 2025-02-03",
            ["neither rate_kbps nor share", "--key rate_kbps=128"],
        ),
        (
            "--by IQ --instrument block --targets Telegram --on 2025-06-01 --key networks=mobile",
            ["mobile networks alone without the share", "--who '{share: 0.7}'"],
        ),
        (
            "--by IQ --instrument store_removal --targets X --on 2025-06-01 --key networks=mobile",
            ["unknown key 'networks'", "--who '{share: 0.7}': the people without another line"],
        ),
        (
            "--by KE --instrument block --targets X --on 2025-06-01 --who '{region: Nairobi}'",
            [
                "no region 'Nairobi' in the table of regions, of KE or any",
                "a row of regions.csv",
                "its share of the people",
            ],
        ),
        (
            "--by 'Iranian authorities' --instrument block --targets X --on 2027-02-01",
            ["--by: unknown state 'Iranian authorities'", "did you mean 'Iran'?"],
        ),
        (
            "--by FJ --instrument cable_ban --key cables=Fiji --on 2027-02-01",
            ["'Fiji' is a state, not a cable; one that lands in FJ: Southern Cross; two states"],
        ),
        (
            "--by TO --instrument cable_ban --key cables=Tonga --on 2027-02-01",
            ["'Tonga' is a state, not a cable; one that lands in TO: none"],
        ),
        (
            "--by BD --instrument shutdown --on 2025-06-01 --who '{region: Dhaka}'",
            ["region: Dhaka of its own, and the share of the people who live there"],
        ),
        (
            "--by AR --instrument block --targets X --on 2025-06-01 --who '{region: Catalonia}'",
            ["no region 'Catalonia' of AR", "that one is of ES", "--by ES"],
        ),
        (
            "--by US --from BY --instrument withdrawal --targets 'Azure, mail' --on 2025-06-01",
            [
                "who rents a cloud there is in no table",
                "nearest, without --from: --by BY --instrument cloud_ban",
                "--key clouds='Microsoft Azure'",
                "mail (Gmail, Outlook, iCloud)",
            ],
        ),
        (
            "--by US --instrument block --targets 'App Store' --on 2025-06-01",
            ["--instrument store_removal --key stores='Apple App Store'"],
        ),
        (
            "--by US --from BY --instrument store_removal --targets X --on 2025-06-01",
            ["--key stores: it is not stated", "--key stores='Apple App Store, Google Play'"],
        ),
        (
            "--by FR --from BY --instrument store_removal --targets X --on 2025-06-01"
            " --key 'stores=Google Play'",
            ["--by: Google Play is at home in US", "--by US"],
        ),
        (
            "--by IN --instrument store_removal --targets X --on 2025-06-01"
            " --key 'reason=own decision' --key 'stores=Apple App Store'",
            ["--by: Apple App Store is at home in US", "--by US --from IN"],
        ),
        (
            "--by US --from IN --instrument store_removal --targets X --on 2025-06-01"
            " --key 'reason=own decision'",
            ["a decision of stores that are not named", "--key stores="],
        ),
        (
            "--by US --from DK --instrument withdrawal --targets PayPal --on 2027-02-01",
            ["PayPal (payment): a source has its use in 0 states", "--penetration STATE.PayPal="],
        ),
        (
            "--by CN --from DK --instrument withdrawal --targets '{firm: Ant Group}'"
            " --on 2027-02-01",
            ["Alipay (payment): a source has its use in 0 states; 10 or more"],
        ),
        ("--recorded --by GA --until 2027-01-01", ["--recorded: --until state an order"]),
    ],
)
def test_wrong_and_contradictory_options_are_refused(
    options: str, said: list[str], here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "new", "order", *shlex.split(options))
    assert (code, out) == (2, "")
    for text in said:
        assert text in err
    assert not list(here.iterdir())


class Terminal(io.StringIO):
    """Answers typed on a terminal."""

    def isatty(self) -> bool:
        return True


def test_missing_options_are_asked_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "stdin", Terminal("age_limits\nage_limit\n2027-01-01\nTikTok, X\n15\n\n")
    )
    code, out, err = call(capsys, "new", "order", "--by", "NO")
    assert (code, err) == (0, "")
    assert (
        "From 1 January 2027 Norway would keep people under 15 off TikTok and X. All others" in out
    )
    for asked in (
        "--instrument (age_limit, block,",
        "withdrawal; such as block)",
        "such as 2026-10-12",
        "--targets:",
        "--key age:",
        "--until:",
    ):
        assert asked in out


def test_a_wrong_answer_is_asked_again_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = ["Wakanda", "KZ", "soon", "2027-01-01", "X", "200", "15", "2026-01-01", ""]
    monkeypatch.setattr(sys, "stdin", Terminal("\n".join([*answers, ""])))
    code, out, err = call(capsys, "new", "law", "--instrument", "age_limit")
    assert (code, err) == (0, "")
    for wrong in ("'Wakanda'", "'soon' is not a date", "200 is too large", "before --on"):
        assert wrong in out.partition("From 1 January")[0]
    assert out.count("--by: ") == 3 and out.count("--on: ") == 3, "twice, and in the error"
    (law,) = sn.load("law.yaml").policies
    assert (law.by, law.on, law.until) == (("KZ",), date(2027, 1, 1), None)
    assert law.model_dump()["age"] == 15


def test_an_answer_that_contradicts_another_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("DK\n2027-01-01\nFacebook\nSE\n\nUS\n\n"))
    code, out, err = call(capsys, "new", "exit", "--instrument", "withdrawal")
    assert (code, err) == (0, "")
    assert "Error: --by: Meta, which decides about Facebook, is at home in US" in out
    assert "From 1 January 2027 Meta would take Facebook out of Sweden." in out


def test_nothing_is_asked_where_a_stated_option_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("block\n"))
    code, out, err = call(capsys, "new", "order", "--by", "Wakanda")
    assert (code, out) == (2, "") and "did you mean 'Rwanda'?" in err


def test_every_instrument_has_words_of_its_own() -> None:
    assert {name.partition(".")[0] for name in table("orders", "ORDERS")} == set(INSTRUMENTS)


def test_the_top_of_a_run_counts_countries_beyond_the_first() -> None:
    scenario = sn.load("sovereignty/us_firms_leave_eu")
    (said,) = said_back(scenario, named=4)
    assert "out of Austria, Belgium, Bulgaria and 24 other countries." in said
    assert "Sweden" in said_back(scenario)[0]


def test_an_order_against_a_kind_says_which_mixed_platforms_it_leaves_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    order = ["--by", "IT", "--instrument", "block", "--on", "2027-01-01", "--targets"]
    _, out, _ = call(capsys, "new", "feeds", *order, "{home: US, kind: feed}")
    (line,) = [line for line in out.splitlines() if line.startswith("Left out, because no target")]
    assert (
        "Facebook and Instagram, of kind mixed, which counts as feed, messenger and video" in line
    )
    assert "VKontakte" not in out
    _, out, _ = call(capsys, "new", "both", *order, "{home: US, kind: [feed, mixed]}")
    assert "mixed" not in out.partition("Written")[0]


def test_telegram_is_not_left_out_of_all_messengers_without_a_word(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = ["--by", "MM", "--instrument", "block", "--on", "2027-06-01", "--targets"]
    left = "Telegram, of kind channel, which counts as messenger too"
    _, out, _ = call(capsys, "new", "some", *order, "{kind: messenger, except: [Viber]}")
    assert left in out
    for name, targets in (("both", "messenger, channel"), ("named", "messenger, Telegram")):
        _, out, _ = call(capsys, "new", name, *order, targets)
        assert "of kind channel" not in out


def test_a_target_of_another_name_in_the_tables_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = ["--by", "IN", "--instrument", "block", "--on", "2027-02-01", "--targets"]
    _, out, _ = call(capsys, "new", "order", *order, "FaceTime, telegram, Google", "--json")
    said = [text for text in json.loads(out)["assumed"] if "counts as" in text]
    assert said == ["FaceTime counts as iMessage"]


def test_each_mistake_is_one_error(capsys: pytest.CaptureFixture[str]) -> None:
    swapped = "--by DK --from US --instrument withdrawal --targets '{home: US}' --on 2027-03-01"
    useless = "--by SN --instrument shutdown --targets WhatsApp --on 2027-03-02"
    for options in (swapped, useless):
        code, _, err = call(capsys, "new", "order", *shlex.split(options))
        assert (code, err.count("error:")) == (2, 1)


def test_cables_of_two_pairs_of_states_are_each_named_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = "--by JP --instrument cable_ban --on 2027-03-01 --key cables="
    code, out, err = call(capsys, "new", "order", *order.split()[:-1], "cables=TW-JP, JP-CN")
    assert (code, err) == (0, "")
    assert out.partition("\n")[0].count("APCN-2") == 1


def test_a_cut_of_the_last_cables_of_the_tables_is_no_proof_of_silence(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = ["--by", "CN", "--from", "TW", "--instrument", "transit_cut", "--on", "2027-03-01"]
    assert call(capsys, "new", "most", *order, "--key", "cables=TW-JP")[0] == 0
    _, _, err = call(capsys, "check", "most.yaml")
    assert "all cables in service that the tables have of TW" in err
    assert "do not quote that TW is cut off" in err
    assert call(capsys, "new", "some", *order, "--key", "cables=TW-US")[0] == 0
    assert "all cables" not in call(capsys, "check", "some.yaml")[2]


def test_an_order_is_added_to_a_file_in_its_own_folder(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    order = ["--by", "NP", "--instrument", "block", "--targets", "X", "--on", "2027-01-04"]
    assert call(capsys, "new", "ban", *order)[0] == 0
    (here / "below").mkdir()
    monkeypatch.chdir(here / "below")
    lift = ["--by", "NP", "--instrument", "lift", "--on", "2027-02-04"]
    _, _, err = call(capsys, "new", "end", "--from-example", "../ban.yaml", *lift)
    assert "--key policy: it is not stated; one of np-block; --key policy=np-block" in err
    named = [*lift, "--key", "policy=np-block"]
    code, _, err = call(capsys, "new", "end", "--from-example", "../ban.yaml", *named)
    assert code == 2
    assert "--from-example: '../ban.yaml' leaves the folder of the scenarios" in err
    assert "copy it here, or name the new file beside it" in err


def test_what_mixed_platforms_are_too_is_an_assumption_of_the_table(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    row = read(KindRow)["mixed"]
    assert row.basis == "assumption" and {*row.also} == {"feed", "messenger", "video"}
    for kind in ("video", "reference"):
        order = ["--by", "IT", "--instrument", "block", "--on", "2027-01-01", "--targets", kind]
        _, out, _ = call(capsys, "new", kind, *order)
        assert ("of kind mixed, which counts as" in out) == (kind in row.also)


def test_the_file_of_a_run_says_no_default_that_the_order_left_open(tmp_path: Path) -> None:
    order = {"id": "ban", "by": "TH", "instrument": "block", "targets": "Facebook"}
    keys = {"title": "t", "start": "2025-08-04", "days": 60}
    spec = sn.Scenario(**keys, policies=[{**order, "on": "2025-09-01", "boxes": 1.0}])
    assert "boxes" not in said_back(spec)[0]
    some = sn.Scenario(**keys, policies=[{**order, "on": "2025-09-01", "boxes": 0.5}])
    assert "that equipment is on 50 % of the lines" in said_back(some)[0]


BROAD = [
    ("all", "not_modelled", "Gemini, DeepSeek, Grok and Claude, because a scenario has assistants"),
    ("'{home: CN}'", "not_modelled", "DeepSeek, because a scenario has assistants only if it"),
    ("Google", "not_modelled", "Gemini, because a scenario has assistants only if it names one"),
    ("Amazon", "left_out", "Twitch, of the same firm as Amazon (targets: {firm: Amazon})"),
]


@pytest.mark.parametrize(("targets", "where", "said"), BROAD)
def test_what_an_order_leaves_out_is_said(
    targets: str, where: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order = f"--by PT --instrument block --on 2027-05-01 --targets {targets}"
    code, out, _ = call(capsys, "new", "some", *shlex.split(order), "--json")
    told = json.loads(out)
    assert code == 0 and any(said in text for text in told[where])
    assert not any("assistant" in text or "same firm" in text for text in told["assumed"])


@pytest.mark.parametrize(
    "targets", ["DeepSeek", "'{firm: Meta, except: [WhatsApp]}'", "'{home: FR}'"]
)
def test_nothing_is_said_of_what_an_order_does_not_mean(
    targets: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order = f"--by PT --instrument block --on 2027-05-01 --targets {targets}"
    _, out, _ = call(capsys, "new", "some", *shlex.split(order))
    assert "a scenario has assistants" not in out


def test_a_cable_must_land_where_it_is_cut_or_ordered(capsys: pytest.CaptureFixture[str]) -> None:
    for order in (
        "--by AE --from IR --instrument transit_cut --key cables=MAREA --on 2027-05-01",
        "--by NG --instrument cable_ban --key cables=MAREA --on 2027-05-01",
    ):
        code, _, err = call(capsys, "new", "some", *shlex.split(order))
        assert code == 2
        assert "--key cables: MAREA does not land in" in err and "a cable that does: " in err


def test_a_stay_says_that_the_order_comes_back_and_what_has_no_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    block = "--by PE --instrument block --targets X --on 2027-03-01"
    assert call(capsys, "new", "ban", *shlex.split(block))[0] == 0
    stay = "--from-example ban.yaml --by PE --instrument injunction --on 2027-03-20"
    stay += " --key policy=pe-block"
    _, out, _ = call(capsys, "new", "first", *shlex.split(f"{stay} --until 2027-04-10"))
    assert "equipment). No end is stated: the run covers 180 days." in out
    assert "by a court. On 10 April 2027 that order is in force again." in out
    _, out, _ = call(capsys, "new", "second", *shlex.split(stay))
    assert "by a court. No end of the stay is stated." in out


def test_what_a_check_would_warn_of_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    order = shlex.split("--by IT --from PY --instrument transit_cut --on 2027-05-01")
    _, out, _ = call(capsys, "new", "some", *order)
    assert "warning: the tables have no carrier in PY; the model makes one up" in out
    _, out, _ = call(capsys, "new", "other", *order, "--json")
    assert json.loads(out)["warnings"][0].startswith("the tables have no carrier in PY")


def test_a_state_that_nobody_knows_is_no_wrong_instrument(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leave = "--instrument withdrawal --targets Zoom --on 2027-03-01 --key 'reason=home order'"
    _, _, err = call(capsys, "new", "some", *shlex.split(f"--by US --from Wakanda {leave}"))
    assert "--from: unknown state 'Wakanda'" in err
    _, _, err = call(capsys, "new", "some", *shlex.split(f"--by US --from US {leave}"))
    assert "--from: US is where the owner is at home; another state" in err


def test_one_cable_is_named_as_one_and_the_others_stay(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = "--by AE --from IR --instrument transit_cut --on 2027-05-01 --key cables="
    for name, cables, said in (
        ("one", "UAE-Iran", "cut the cable UAE-Iran for everybody who uses it, among them people"),
        (
            "some",
            "AE-IR",
            "cut the cables FALCON, Gulf Bridge International and UAE-Iran for every",
        ),
    ):
        _, out, _ = call(capsys, "new", name, *f"{order}{cables}".split())
        assert said in out and "Other cables of Iran stay." in out
    last = "--by CN --from TW --instrument transit_cut --on 2027-05-01 --key cables=TW-JP"
    _, out, _ = call(capsys, "new", "last", *last.split())
    assert "Other cables" not in out
    bar = "--by US --instrument cable_ban --on 2027-05-01 --key cables=MAREA"
    _, out, _ = call(capsys, "new", "bar", *bar.split())
    assert "would keep a cable from landing, so that nobody uses it: MAREA." in out


@pytest.mark.parametrize(
    ("target", "said", "never"),
    [
        ("xAI", "the platforms of that firm in the tables: X, Grok", "Twitter"),
        ("Anthropic", "the platforms of that firm in the tables: Claude", "Ant Group"),
        ("Hike Messenger", "splinternet list platforms", "did you mean"),
        ("Tencent Cloud", "--instrument cloud_ban --key clouds='Tencent Cloud'", "did you mean"),
        ("Watsapp", "did you mean 'WhatsApp'?", "unknown firm"),
    ],
)
def test_a_hint_is_close_in_spelling_or_stands_in_a_table(
    target: str, said: str, never: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order = ["--by", "US", "--instrument", "block", "--on", "2027-05-01", "--targets", target]
    code, _, err = call(capsys, "new", "order", *order)
    assert code == 2 and said in err and never not in err


SAID_IN_THE_SENTENCE = {
    *("hours_a_day", "cables", "rate_kbps", "share", "from", "avoid_carriers", "avoid_states"),
    *("deadline", "test_days", "until", "who"),
}
"""Keys of which the sentence says what is meant without them: a block is all day."""


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_each_default_that_moves_a_result_is_listed_once(name: str, tmp_path: Path) -> None:
    kind = INSTRUMENTS[name]
    needed = {key for key, field in kind.model_fields.items() if field.is_required()}
    needed |= {"targets"} if kind.NEEDS_TARGETS else set()
    needed |= {"rate_kbps", "share"} if name == "throttle" else set()
    needed |= {"avoid_states"} if name == "path_rule" else set()
    keys = {key: value for key, value in kind.EXAMPLE.items() if key in needed | {"announced"}}
    ban = {"id": "ban", "by": "US", "instrument": "block", "targets": "WeChat", "on": "2020-08-05"}
    order = {"id": "order", "instrument": name, "on": "2020-08-20", **keys}
    policies = [order, ban] if "policy" in keys else [order]
    spec = sn.Scenario(title="t", start="2020-08-01", days=90, policies=policies)
    (policy,) = (each for each in spec.policies if each.id == "order")
    listed = [text.partition(":")[0] for text in assumed_keys(spec, policy)]
    assert len(listed) == len(set(listed))
    quiet = SAID_IN_THE_SENTENCE | kind.IDLE_KEYS | kind.NOTES
    quiet |= {"order"} if not getattr(policy, "penalty", 0) else set()  # of no fine, or of DPI
    quiet |= {"buyer"} if getattr(policy, "outcome", "") == "banned" else set()
    quiet |= {"technique"} if not policy.meets_filter() and policy.technique is None else set()
    quiet |= {"targets"} if name == "sovereign_internet" else set()
    assert set(kind.model_fields) - policy.model_fields_set - quiet <= set(listed)


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_an_order_is_said_alike_of_a_scenario_and_of_its_file(name: str, tmp_path: Path) -> None:
    ban = {"id": "ban", "by": "US", "instrument": "block", "targets": "WeChat", "on": "2020-08-05"}
    order = {"id": "order", "instrument": name, "on": "2020-08-20", **INSTRUMENTS[name].EXAMPLE}
    policies = [order, ban] if "policy" in INSTRUMENTS[name].EXAMPLE else [order]
    spec = sn.Scenario(title="t", start="2020-08-01", days=90, policies=policies)
    (tmp_path / "resolved.yaml").write_text(spec.to_yaml(), encoding="utf-8")
    assert said_back(sn.load(str(tmp_path / "resolved.yaml"))) == said_back(spec)


@pytest.mark.parametrize(
    ("options", "said", "never"),
    [
        (
            "--by US --from KE --instrument withdrawal --targets X",
            "People in the United States keep it.",
            "Nobody in",
        ),
        ("--by US --from US,KE --instrument withdrawal --targets X", "X", "States keep"),
        (
            "--by US --from CA --instrument content_withdrawal --key share=0.1 --targets Facebook",
            "Facebook",
            "Nobody in",
        ),
        ("--by IN --instrument store_removal --targets X", "Installed apps stay.", ""),
        (
            "--by US --from IN --instrument store_removal --targets X"
            " --key 'stores=Apple App Store' --key 'reason=own decision'",
            "Apple would take X off Apple App Store in India by its own decision. Installed apps"
            " stay. Nothing changes in the stores of the United States.",
            "would order",
        ),
        (
            "--by US --from BY --instrument store_removal --targets X"
            " --key 'stores=Apple App Store'",
            "the United States would order Apple App Store closed to Belarus",
            "Apple would",
        ),
        ("--by IN --instrument age_limit --key age=15 --targets X", "All others must prove", ""),
        ("--by IN --instrument block --targets X", "block X (by national DPI equipment).", ""),
    ],
)
def test_what_people_keep_or_must_do_is_said(
    options: str, said: str, never: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order = [*shlex.split(options), "--on", "2027-03-01"]
    code, out, _ = call(capsys, "new", "order", *order)
    assert code == 0 and said in out
    assert not never or never not in out


def test_an_order_of_the_past_is_taken_from_the_record_or_said_to_be_a_what_if(
    capsys: pytest.CaptureFixture[str],
) -> None:
    block = "--by NP --instrument block --targets Facebook --on"
    _, new, _ = call(capsys, "new", "real", *block.split(), "2025-09-05")
    _, checked, _ = call(capsys, "check", "real.yaml")
    for out in (new, checked):
        assert "From 5 September 2025 Nepal blocks Facebook (in this model by national DPI" in out
        pointer = "splinternet new NAME --recorded --by NP --targets Facebook --on 2025-09-04."
        assert pointer in out and "what-if" not in out
    options = new.partition("new NAME ")[2].partition(".\n")[0].split()
    assert call(capsys, "new", "recorded", *options)[0] == 0
    _, out, _ = call(capsys, "check", "recorded.yaml")
    assert "From 4 September 2025 Nepal blocks Facebook (by the lists of providers;" in out
    assert "new NAME" not in out
    for name, order in (
        ("day", f"{block} 2025-06-05"),
        ("target", "--by NP --instrument block --targets Viber --on 2025-09-04"),
        ("act", "--by NP --instrument throttle --key share=1 --targets Facebook --on 2025-09-04"),
        ("some", f"{block} 2025-09-04 --who '{{share: 0.5}}'"),
    ):
        _, out, _ = call(capsys, "new", name, *shlex.split(order))
        assert "Nepal would" in out and "has no such order of Nepal around" in out
    _, out, _ = call(capsys, "new", "later", *block.split(), "2027-01-01")
    assert "what-if" not in out
    both = "--by RU --instrument block --targets Instagram,Facebook --on 2022-03-14"
    _, out, _ = call(capsys, "new", "both", *both.split())
    assert "Russia would" in out and "around 14 March 2022 against all of these targets" in out
    dark = "--by IR --instrument shutdown --key share=0.95 --on 2019-11-16"
    _, out, _ = call(capsys, "new", "dark", *dark.split())
    assert "Iran cuts 95 % of its people off" in out and "--recorded --by IR --on" in out
    transit = "--by RU --from KZ --instrument transit_cut --on 2024-03-01"
    _, out, _ = call(capsys, "new", "transit", *transit.split())
    assert "The record lists blocks, throttles, removals" in out and "no such order" not in out


def test_one_of_two_states_ends_its_own_order_alone(capsys: pytest.CaptureFixture[str]) -> None:
    block = "--by PL,DE --instrument block --targets VKontakte --on 2027-05-01"
    assert call(capsys, "new", "ban", *block.split())[0] == 0
    act = "--from-example ban.yaml --by PL --key policy=pl-de-block --on 2027-06-01 --instrument"
    _, out, _ = call(capsys, "new", "end", *act.split(), "lift")
    assert "Poland would end its part of the block of VKontakte ('pl-de-block')." in out
    assert "The order of Germany stays." in out
    _, out, _ = call(capsys, "new", "stay", *act.split(), "injunction", "--until", "2027-07-01")
    assert "Poland would stay its part of" in out and "The order of Germany stays." in out
    for name, states in (("end", ("DE",)), ("stay", ("PL", "DE"))):
        policies = sn.load(f"{name}.yaml").policies
        ((before, _),) = docket_of(policies, date(2027, 5, 31)).in_force
        ((during, _),) = docket_of(policies, date(2027, 6, 30)).in_force
        ((after, _),) = docket_of(policies, date(2027, 7, 1)).in_force
        assert (before.by, during.by, after.by) == (("PL", "DE"), ("DE",), states)
    code, _, err = call(capsys, "new", "later", *act.split(), "extension", "--key", "to=2027-09-01")
    assert (
        code == 2 and "--by: 'pl-de-block' is one order by PL, DE" in err and "--by 'PL, DE'" in err
    )
    both = "--by US,CN --from KE --instrument withdrawal --targets X,TikTok --on 2027-05-01"
    assert call(capsys, "new", "exit", *both.split())[0] == 0
    back = "--from-example exit.yaml --by US --key policy=us-cn-withdrawal --on 2027-06-01"
    code, _, err = call(capsys, "new", "back", *back.split(), "--instrument", "lift")
    assert code == 2 and "--by 'US, CN'" in err


def test_an_exemption_says_against_what_the_order_stays(
    capsys: pytest.CaptureFixture[str],
) -> None:
    block = "--by TR --instrument block --targets X,Telegram --on 2027-05-01"
    assert call(capsys, "new", "ban", *block.split())[0] == 0
    part = "--from-example ban.yaml --by TR --instrument exemption --key policy=tr-block"
    _, out, _ = call(capsys, "new", "part", *part.split(), "--targets", "X", "--on", "2027-06-01")
    assert "('tr-block'). The order against Telegram stays." in out


def test_an_exemption_ends_with_its_order_and_leaves_that_of_other_states(
    capsys: pytest.CaptureFixture[str],
) -> None:
    block = "--by BF,ML,NE --instrument block --targets X,Facebook --on 2027-06-01"
    assert call(capsys, "new", "ban", *block.split(), "--until", "2027-09-01")[0] == 0
    part = "--from-example ban.yaml --by BF --instrument exemption --key policy=bf-ml-ne-block"
    _, out, _ = call(capsys, "new", "part", *part.split(), "--targets", "X", "--on", "2027-07-01")
    said = out.splitlines()[1]
    assert "exempt X from its part of the block of" in said
    assert "The exemption ends with that order, on 1 September 2027." in said
    assert "The order of Mali and Niger stays." in said and "No end" not in said


def test_a_demand_for_a_representative_says_whether_firms_comply_and_how_they_are_blocked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    order = "--by LK --instrument local_representative --targets Meta --on 2027-06-01 --key"
    steps = "ladder=[{on: 2027-08-01, sanction: block}]"
    _, out, _ = call(capsys, "new", "demand", *order.split(), steps, "--json")
    assumed = json.loads(out)["assumed"]
    assert any(text.startswith("answer: no platform complies") for text in assumed)
    assert any(text.startswith("technique: dpi") for text in assumed)
    code, out, _ = call(capsys, "new", "by_names", *order.split(), steps, "--technique", "dns")
    assert code == 0 and "(the name is not answered)" in out and "technique" not in out


def test_what_an_order_excepts_is_said_back(capsys: pytest.CaptureFixture[str]) -> None:
    order = ["--by", "ET", "--instrument", "block", "--on", "2027-02-01"]
    order += ["--targets", "{kind: messenger, except: [WhatsApp]}"]
    _, out, _ = call(capsys, "new", "order", *order)
    assert "Left out, as stated: WhatsApp." in out
    assert "# Left out, as stated: WhatsApp." in Path("order.yaml").read_text()


@pytest.mark.parametrize(
    "targets", ["{home: CN, except: [Facebook]}", "[Meta, {except: [Telegram]}]"]
)
def test_an_exception_that_leaves_nothing_out_is_refused(
    targets: str, capsys: pytest.CaptureFixture[str]
) -> None:
    order = ["--by", "US", "--instrument", "block", "--on", "2027-06-01", "--targets", targets]
    code, _, err = call(capsys, "new", "order", *order)
    assert code == 2 and not Path("order.yaml").exists()
    name = "Facebook" if "Facebook" in targets else "Telegram"
    assert f"--targets: except: {name} has no effect: not among the targets; some of W" in err
    assert f"leave {name} out of 'except'" in err


def test_a_name_with_a_hyphen_stays_whole_in_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    order = "--by US --instrument cable_ban --on 2027-03-01 --key cables=US-HK"
    _, out, _ = call(capsys, "new", "order", *order.split())
    lines = [line.removeprefix("# ") for line in Path("order.yaml").read_text().splitlines()]
    assert out.partition("\n")[0] in " ".join(lines)


TITLES = [
    ("--by TZ --instrument vpn_ban --key share_closed=0.4", "A ban on VPNs in Tanzania"),
    (
        "--by RO --instrument age_limit --key age=16 --targets X",
        "An age limit of 16 on X in Romania",
    ),
    (
        "--by US --from RO --instrument withdrawal --targets Meta",
        "An exit of WhatsApp, Messenger, Facebook and 2 more from Romania",
    ),
    (
        "--by US --from DK --instrument withdrawal --targets X --key 'reason=home order'",
        "An exit of X from Denmark by order of the United States",
    ),
    (
        "--by UA --instrument block --targets imo --who '{region: [Donetsk, Luhansk]}'",
        "A block of imo in Donetsk and Luhansk, Ukraine",
    ),
    ("--by ZW --instrument shutdown --key region=Harare --key share=0.1", "in Harare, Zimbabwe"),
    ("--by RU --from KZ --instrument transit_cut", "A cut of transit for Kazakhstan by Russia"),
    (
        "--by VN --instrument local_representative --targets Meta --key 'ladder=[{on: 2028-07-01,"
        " sanction: block}]'",
        "A demand that Meta name a representative in Vietnam",
    ),
    (
        "--by SN --instrument shutdown --key networks=mobile --key share=0.7",
        "A shutdown of mobile networks in Senegal",
    ),
]


@pytest.mark.parametrize(("options", "title"), TITLES)
def test_a_title_is_what_a_person_would_write(
    options: str, title: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, _ = call(capsys, "new", "order", "--on", "2028-03-01", *shlex.split(options))
    assert code == 0
    assert f"{title}, March 2028" in sn.load("order.yaml").title


def test_titles_of_several_orders_name_what_they_act_on(capsys: pytest.CaptureFixture[str]) -> None:
    block = "--by MX --instrument block --targets X --on 2028-03-06"
    stay = "--by MX --instrument injunction --key policy=mx-block --on 2028-04-16"
    assert call(capsys, "new", "first", *block.split())[0] == 0
    assert call(capsys, "new", "both", "--from-example", "first.yaml", *stay.split())[0] == 0
    title = "A block of X in Mexico, March 2028; then a stay of the block in Mexico, April 2028"
    assert sn.load("both.yaml").title == title


def test_every_title_is_of_an_instrument() -> None:
    assert {name.partition(".")[0] for name in table("orders", "TITLES")} == set(INSTRUMENTS)


def test_a_recorded_order_has_a_title_alike(capsys: pytest.CaptureFixture[str]) -> None:
    order = ("--recorded", "--by", "BR", "--targets", "X", "--json")
    told = json.loads(call(capsys, "new", "taken", *order)[1])
    assert sn.load("taken.yaml").title == "A block of X in Brazil, August 2024"
    text = " ".join(Path("taken.yaml").read_text().replace("\n# ", " ").split())
    assert f"a first look {told['says'][0]}" in text  # at the top of the scenario itself


def test_an_order_added_where_nothing_happens_begins_near_it(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = "title: my base\nstart: 2024-10-01\ndays: 60\nworld: {facts: world-2025}\n"
    (here / "base.yaml").write_text(base)
    order = "--by MZ --instrument block --targets X --on 2026-01-08 --until 2026-01-21"
    added = ["--from-example", "base.yaml", *order.split()]
    assert call(capsys, "new", "alone", *order.split())[0] == 0
    assert call(capsys, "new", "added", *added)[0] == 0
    alone = sn.load("alone.yaml")
    spec = sn.load("added.yaml")
    assert (spec.start, spec.days) == (alone.start, alone.days)
    earlier = "policies: [{id: old, by: MZ, instrument: block, targets: X, on: 2024-11-01}]\n"
    (here / "earlier.yaml").write_text(base + earlier)
    added = ["--from-example", "earlier.yaml", *order.split()]
    assert call(capsys, "new", "after", *added)[0] == 0
    assert sn.load("after.yaml").start == sn.load("earlier.yaml").start
    assert sn.load("after.yaml").end == spec.end
