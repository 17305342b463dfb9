"""Thirty orders stated by options, and the seven sentences of a newsroom that were once misread:
what is said back, and what stands in the file. The key was written before the program was asked.
Of an exit it had "Nobody in the United States is cut off by it". That is false of people whose
family abroad loses the app, so what people there keep is said instead. Of a demand it had
nothing on the answer that is assumed.
"""

from __future__ import annotations

import json
import shlex
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from conftest import call

import splinternet as sn

OPEN = " No end is stated: the run covers 180 days."


class Order(NamedTuple):
    """An order as options, what must be said back, and keys that must stand in the file."""

    options: str
    said: str
    keys: dict[str, Any]


MISREAD = [
    Order(
        "--by GM --instrument shutdown --on 2026-12-04",
        "From 4 December 2026 the Gambia would cut all of its people off every network." + OPEN,
        {"by": ("GM",), "share": 1.0, "until": None},
    ),
    Order(
        "--by KZ --instrument local_representative --targets Telegram --on 2026-10-12"
        " --key 'ladder=[{on: 2026-10-12, sanction: block}]'",
        "From 12 October 2026 Kazakhstan would demand a representative of Telegram, or else: a"
        " block from 12 October 2026. Assumed: no platform complies." + OPEN,
        {"by": ("KZ",), "targets": ("Telegram",)},
    ),
    Order(
        "--by US --from NG --instrument withdrawal --targets 'Facebook, Instagram'"
        " --on 2027-01-15 --key 'reason=local law'",
        "From 15 January 2027 Meta would take Facebook and Instagram out of Nigeria because of a"
        " law there. People in the United States keep them." + OPEN,
        {"from": ("NG",), "targets": ("Facebook", "Instagram")},
    ),
    Order(
        "--by NO --instrument age_limit --key age=15 --on 2027-01-01"
        " --targets 'TikTok, Snapchat, Instagram, YouTube'",
        "From 1 January 2027 Norway would keep people under 15 off TikTok, Snapchat, Instagram and"
        " YouTube. All others must prove their age." + OPEN,
        {"age": 15, "targets": ("TikTok", "Snapchat", "Instagram", "YouTube")},
    ),
    Order(
        "--by PL --instrument block --targets 'VKontakte, Telegram' --on 2026-11-10",
        "From 10 November 2026 Poland would block VKontakte and Telegram (by national DPI"
        " equipment)." + OPEN,
        {"by": ("PL",), "targets": ("VKontakte", "Telegram")},
    ),
    Order(
        "--by US --from DK --instrument withdrawal --targets 'Meta, Google, Microsoft'"
        " --on 2027-02-01 --key 'reason=home order'",
        "From 1 February 2027 the United States would order Meta, Google and Microsoft to take"
        " WhatsApp, Messenger, Facebook, Instagram, Threads, YouTube, Google Search, LinkedIn and"
        " Teams out of Denmark. People in the United States keep them." + OPEN,
        {"by": ("US",), "from": ("DK",)},
    ),
    Order(
        "--by IN --from BT --instrument transit_cut --on 2027-03-01",
        "From 1 March 2027 India would stop all carriers at home from passing on traffic of Bhutan."
        " Nobody in India is cut off by it." + OPEN,
        {"by": ("IN",), "from": ("BT",), "cables": ()},
    ),
]
THIRTY = [
    Order(
        "--by TR --instrument block --technique isp --targets Instagram --on 2027-03-02"
        " --until 2027-03-11",
        "From 2 March 2027 Turkey would block Instagram (by the lists of providers)."
        " It ends on 11 March 2027, the first day without the order.",
        {"technique": "isp", "until": date(2027, 3, 11)},
    ),
    Order(
        "--by VN --instrument block --targets Meta --on 2027-05-01",
        "From 1 May 2027 Vietnam would block WhatsApp, Messenger, Facebook, Instagram and Threads"
        " (by national DPI equipment)." + OPEN,
        {"targets": ("WhatsApp", "Messenger", "Facebook", "Instagram", "Threads")},
    ),
    Order(
        "--by AE --instrument block --technique calls_only --targets 'WhatsApp, Signal'"
        " --on 2027-05-01",
        "From 1 May 2027 the United Arab Emirates would block WhatsApp and Signal (calls alone;"
        " text works)." + OPEN,
        {"technique": "calls_only"},
    ),
    Order(
        "--by SE --by FI --instrument block --targets VKontakte --on 2027-01-10",
        "From 10 January 2027 Sweden and Finland would block VKontakte (by national DPI equipment)."
        + OPEN,
        {"by": ("SE", "FI")},
    ),
    Order(
        "--by 'PK, IN' --instrument block --targets X --on 2027-01-10 --until 2027-01-20",
        "From 10 January 2027 Pakistan and India would block X (by national DPI equipment)."
        " It ends on 20 January 2027, the first day without the order.",
        {"by": ("PK", "IN"), "targets": ("X",)},
    ),
    Order(
        "--by US --instrument block --targets '{home: CN, kind: video}' --on 2027-04-01",
        "From 1 April 2027 the United States would block Douyin, TikTok, Kuaishou and Bilibili"
        " (by national DPI equipment)." + OPEN,
        {"targets": ("Douyin", "TikTok", "Kuaishou", "Bilibili")},
    ),
    Order(
        "--by US --from IR --instrument withdrawal --targets Google --on 2027-04-01"
        " --key 'reason=home order'",
        "From 1 April 2027 the United States would order Google to take YouTube and Google Search"
        " out of Iran. People in the United States keep them." + OPEN,
        {"from": ("IR",), "reason": "home order"},
    ),
    Order(
        "--by US --from 'DE, FR' --instrument withdrawal --targets Discord --on 2027-04-01"
        " --announced 2027-03-01 --key 'reason=own decision'",
        "From 1 April 2027 Discord would leave Germany and France by its own decision. People in"
        " the United States keep it. It is announced on 1 March 2027." + OPEN,
        {"from": ("DE", "FR")},
    ),
    Order(
        "--by US --from CA --instrument content_withdrawal --targets 'Facebook, Instagram'"
        " --on 2027-02-01 --key share=0.03 --key 'reason=local law'",
        "From 1 February 2027 Meta would remove content that fills 3 % of the time on"
        " Facebook and Instagram in Canada because of a law there. The platforms stay open." + OPEN,
        {"share": 0.03},
    ),
    Order(
        "--by RU --from KZ --instrument transit_cut --on 2027-03-01 --until 2027-04-01",
        "From 1 March 2027 Russia would stop all carriers at home from passing on traffic of"
        " Kazakhstan. Nobody in Russia is cut off by it."
        " It ends on 1 April 2027, the first day without the order.",
        {"from": ("KZ",)},
    ),
    Order(
        "--by CN --from VN --instrument transit_cut --on 2027-03-01"
        " --key 'cables=[China - Vietnam crossings]'",
        "From 1 March 2027 China would cut the China - Vietnam crossings for everybody who uses"
        " them, among them people in Vietnam. Other cables of Vietnam stay." + OPEN,
        {"cables": ("China - Vietnam crossings",)},
    ),
    Order(
        "--by US --instrument cable_ban --on 2027-03-01 --key 'cables=[Asia-America Gateway]'",
        "From 1 March 2027 the United States would keep a cable from landing, so that nobody"
        " uses it: Asia-America Gateway. Traffic takes what other routes are left; no platform is"
        " blocked by it. Other cables of the United States stay." + OPEN,
        {"cables": ("Asia-America Gateway",)},
    ),
    Order(
        "--by IN --instrument shutdown --on 2027-08-05 --until 2027-08-12"
        " --who '{region: Manipur}'",
        "From 5 August 2027 India would cut people in Manipur off every network."
        " 0.22 % of the people of India live there."
        " It ends on 12 August 2027, the first day without the order.",
        {"share": 1.0},
    ),
    Order(
        "--by NG --instrument shutdown --on 2027-02-20 --until 2027-02-22"
        " --key region=Lagos --key share=0.08",
        "From 20 February 2027 Nigeria would cut 8 % of its people off every network (in"
        " Lagos alone). It ends on 22 February 2027, the first day without the order.",
        {"share": 0.08, "region": "Lagos"},
    ),
    Order(
        "--by SN --instrument shutdown --on 2027-02-20 --until 2027-02-24"
        " --key networks=mobile --key share=0.7",
        "From 20 February 2027 Senegal would switch off mobile networks, which cuts off 70 % of its"
        " people, those without another line."
        " It ends on 24 February 2027, the first day without the order.",
        {"networks": "mobile", "share": 0.7},
    ),
    Order(
        "--by IQ --instrument shutdown --on 2027-06-15 --until 2027-06-29 --key hours_a_day=2",
        "From 15 June 2027 Iraq would cut all of its people off every network for 2 hours a day."
        " It ends on 29 June 2027, the first day without the order.",
        {"hours_a_day": 2.0},
    ),
    Order(
        "--by DK --instrument age_limit --key age=15 --on 2027-09-01"
        " --targets 'TikTok, Snapchat, Instagram'",
        "From 1 September 2027 Denmark would keep people under 15 off TikTok, Snapchat and"
        " Instagram. All others must prove their age." + OPEN,
        {"age": 15},
    ),
    Order(
        "--by IT --instrument age_limit --key age=18 --key applies_to=visits --on 2027-09-01"
        " --targets Reddit",
        "From 1 September 2027 Italy would check ages at every visit and keep people under 18 off"
        " Reddit. All others must prove their age." + OPEN,
        {"applies_to": "visits"},
    ),
    Order(
        "--by RU --instrument vpn_ban --on 2027-09-01 --key share_closed=0.6",
        "From 1 September 2027 Russia would close 60 % of the VPNs. No platform is blocked by it."
        + OPEN,
        {"share_closed": 0.6},
    ),
    Order(
        "--by MY --instrument local_representative --targets Telegram --on 2027-01-01 --key"
        " 'ladder=[{on: 2027-02-01, sanction: fine, amount: 100000},"
        " {on: 2027-04-01, sanction: block}]'",
        "From 1 January 2027 Malaysia would demand a representative of Telegram, or else: a fine of"
        " US$ 100,000 from 1 February 2027, then a block from 1 April 2027."
        " Assumed: no platform complies." + OPEN,
        {"targets": ("Telegram",)},
    ),
    Order(
        "--by TR --instrument throttle --targets 'X, WhatsApp' --on 2027-01-01"
        " --until 2027-01-03 --key share=0.9",
        "From 1 January 2027 Turkey would slow down X and WhatsApp (90 % of the usual speed is"
        " taken away). It ends on 3 January 2027, the first day without the order.",
        {"share": 0.9},
    ),
    Order(
        "--by IN --instrument store_removal --targets Signal --on 2027-01-01"
        " --key 'stores=[Apple App Store]'",
        "From 1 January 2027 India would take Signal off Apple App Store. Installed apps stay."
        + OPEN,
        {"stores": ("Apple App Store",)},
    ),
    Order(
        "--by CA --instrument divest_or_ban --targets TikTok --on 2027-01-01"
        " --announced 2027-01-01 --key days=120 --key then=block",
        "From 1 January 2027 Canada would demand the sale of TikTok by 1 May 2027, or else: a"
        " block. Assumed: no sale." + OPEN,
        {"days": 120, "then": "block"},
    ),
    Order(
        "--by KE --instrument usage_tax --targets 'WhatsApp, Facebook' --on 2027-07-01"
        " --key fee_per_day=0.05",
        "From 1 July 2027 Kenya would tax the use of WhatsApp and Facebook: US$ 0.05 a day." + OPEN,
        {"fee_per_day": 0.05},
    ),
    Order(
        "--by TW --instrument device_ban --targets DeepSeek --on 2027-02-01 --key devices=0.02",
        "From 1 February 2027 Taiwan would keep DeepSeek off official devices, 2 % of all." + OPEN,
        {"devices": 0.02},
    ),
    Order(
        "--by RU --instrument border_cut --on 2027-02-01 --until 2027-02-02",
        "From 1 February 2027 Russia would close all of its gateways abroad."
        " It ends on 2 February 2027, the first day without the order.",
        {"gateways_closed": "all"},
    ),
    Order(
        "--by BR --instrument injunction --from-example ban.yaml --key policy=br-block"
        " --on 2027-02-01 --until 2027-03-01",
        "From 1 February 2027 Brazil would stay the block of X and Telegram ('br-block') by a"
        " court. On 1 March 2027 that order is in force again.",
        {"policy": "br-block"},
    ),
    Order(
        "--by BR --instrument lift --from-example ban.yaml --key policy=br-block --on 2027-02-01",
        "From 1 February 2027 Brazil would end the block of X and Telegram ('br-block').",
        {"policy": "br-block"},
    ),
    Order(
        "--by BR --instrument exemption --from-example ban.yaml --key policy=br-block"
        " --targets Telegram --on 2027-02-01",
        "From 1 February 2027 Brazil would exempt Telegram from the block of X and Telegram"
        " ('br-block'). The order against X stays." + OPEN,
        {"targets": ("Telegram",)},
    ),
    Order(
        "--by US --instrument withdrawal --from BR --from-example ban.yaml --targets X"
        " --on 2027-02-01",
        "From 1 February 2027 {owner} would take X out of Brazil. People in the United"
        " States keep it." + OPEN,
        {"from": ("BR",)},
    ),
]


@pytest.fixture(autouse=True)
def here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    ban = "--by BR --instrument block --targets X,Telegram --on 2027-01-10"
    assert call(capsys, "new", "ban", *ban.split())[0] == 0


def test_there_are_thirty() -> None:
    assert len(THIRTY) == 30
    assert len({order.options for order in THIRTY + MISREAD}) == 37


@pytest.mark.parametrize("order", [*MISREAD, *THIRTY], ids=lambda order: order.options[:40])
def test_what_is_said_back_and_what_stands_in_the_file(
    order: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "new", "order", *shlex.split(order.options), "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    scenario = sn.load("order.yaml")
    owner = scenario.platforms["X"].owner
    assert told["says"][-1] == order.said.format(owner=owner)
    policy = scenario.policies[-1]
    assert {key: getattr(policy, key) for key in order.keys} == order.keys
    comments = [
        line[2:] for line in Path("order.yaml").read_text().splitlines() if line[:2] == "# "
    ]
    assert told["says"][-1] in " ".join(comments)
    code, out, _ = call(capsys, "check", "order.yaml")
    assert code == 0
    assert told["says"][-1] in out


def test_two_states_that_answer_each_other_are_two_orders(
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = "--by PL --instrument block --targets VKontakte --on 2026-11-10"
    assert call(capsys, "new", "pl", *first.split())[0] == 0
    second = "--from-example pl.yaml --by BY --instrument block --targets Meta --on 2026-11-17"
    code, out, _ = call(capsys, "new", "both", *second.split(), "--json")
    assert code == 0
    poland, belarus = json.loads(out)["says"]
    assert poland.startswith("From 10 November 2026 Poland would block VKontakte (by ")
    assert belarus.startswith("From 17 November 2026 Belarus would block WhatsApp, Messenger, ")
    assert [policy.by for policy in sn.load("both.yaml").policies] == [("PL",), ("BY",)]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            "--by IN --from IN --instrument transit_cut --on 2027-03-01",
            ["--from: IN would cut itself off", "border_cut"],
        ),
        (
            "--by SN --instrument shutdown --on 2027-02-20 --key networks=mobile",
            ["mobile networks alone without the share of people", "--key share=0.7"],
        ),
        (
            "--by RU --from-example ban.yaml --instrument lift --key policy=br-block"
            " --on 2027-02-01",
            ["--by: 'br-block' is an order by BR", "--by BR"],
        ),
        (
            "--by BR --from-example ban.yaml --instrument lift --key policy=br-blok"
            " --on 2027-02-01",
            ["--key policy: ", " has no order 'br-blok'", "did you mean 'br-block'?"],
        ),
        (
            "--by US --from DK --instrument withdrawal --targets Gmail --on 2027-02-01",
            [
                "--targets: Gmail (mail, of Google)",
                "in each state who use it is missing",
                "world.platforms.Gmail",
            ],
        ),
        (
            "--by US --instrument block --targets 'Microsoft 365' --on 2027-02-01",
            ["Microsoft 365 (office, of Microsoft)", "in each state who use it is missing"],
        ),
        (
            "--by US --from DK --instrument withdrawal --targets Visa --on 2027-02-01",
            ["Visa (payment by card, of Visa)", "in each state who use it is missing"],
        ),
        (
            "--by US --instrument block --targets AWS --on 2027-02-01",
            ["Amazon Web Services (cloud, of Amazon)", "cloud_ban"],
        ),
        (
            "--by DK --from DK --instrument withdrawal --targets Meta --on 2027-02-01",
            ["--by: Meta, which decides about WhatsApp, is at home in US"],
        ),
        (
            "--by KZ --instrument block --targets Telegram --on 2027-02-01 --until 2027-01-01",
            ["--until: --until is 2027-01-01, before --on"],
        ),
    ],
)
def test_contradictions_are_refused_with_the_way_to_mend_them(
    options: str, said: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call(capsys, "new", "order", *shlex.split(options))
    assert (code, out) == (2, "")
    for text in said:
        assert text in err
    assert not Path("order.yaml").exists()


def test_what_a_firm_does_besides_is_said_to_be_left_out(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leaves = "--by US --from DK --instrument withdrawal --targets Microsoft --on 2027-02-01"
    code, out, _ = call(capsys, "new", "order", *leaves.split(), "--json")
    assert code == 0
    told = json.loads(out)
    left = "Outlook, Microsoft 365, Windows and Microsoft Azure of Microsoft, which have no figures"
    assert left in told["not_modelled"]
    assert not any("Outlook" in text for text in told["assumed"])
    leaves = leaves.replace("Microsoft", "Apple")
    told = json.loads(call(capsys, "new", "apple", *leaves.split(), "--json")[1])
    store = "App Store, which closes by an order of its own (store_removal)"
    assert store in told["not_modelled"], "the tables have the store"
