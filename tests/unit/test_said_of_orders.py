"""What `splinternet new` says of an order beyond its sentence: why it has no effect, who decided
what the record has, what is not modelled, and the id by which a later act names it.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from conftest import call

import splinternet as sn
from splinternet.text import terminal
from splinternet.text.orders import said_back


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def new(capsys: pytest.CaptureFixture[str], options: str, name: str = "order") -> str:
    """Return what the program prints about an order: its output, or its errors."""
    code, out, err = call(capsys, "new", name, *shlex.split(options))
    assert (code == 0) == (not err)
    return out or err


def test_an_order_against_what_nobody_uses_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    leave = "--by IR --from UY --instrument withdrawal --targets Soroush --on 2027-05-10"
    said = new(capsys, leave)
    assert said.startswith("error: --targets: nobody in UY uses Soroush in these facts")
    assert "changes nothing on any day" not in said and not Path("order.yaml").exists()
    used = new(capsys, f"{leave} --penetration UY.Soroush=0.1")
    assert "IRIB would take Soroush out of Uruguay" in used and "nobody" not in used
    assert sn.load("order.yaml").world.penetration["UY"]["Soroush"] == 0.1
    shut = new(capsys, "--by BY --instrument block --targets ChatGPT --on 2027-01-01", "shut")
    assert shut.startswith("error: --targets: ChatGPT (since 2022-11-30) is blocked in BY before")
    nothing = new(capsys, "--by AR --instrument shutdown --key share=0 --on 2027-05-10", "none")
    assert "changes nothing on any day" in nothing


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ("--by KH --instrument block --targets Facebook --key hours_a_day=6", "which hours of the"),
        ("--by SY --instrument shutdown --key hours_a_day=4", "which hours of the day they are"),
        ("--by RU --from KZ --instrument transit_cut", "new links bought after the cut"),
        ("--by BR --instrument cable_ban --key cables=SACS", "new links bought after the ban"),
        ("--by KH --instrument block --targets Facebook", ""),
    ],
)
def test_what_the_model_leaves_out_of_an_order_is_said(
    options: str, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = new(capsys, f"{options} --on 2027-02-01")
    assert ("Not modelled:" in out) == bool(left) and left in out
    assert ("# Not modelled:" in Path("order.yaml").read_text()) == bool(left)
    told = json.loads(new(capsys, f"{options} --on 2027-02-01 --json", "other"))
    assert left in "".join(told["not_modelled"]) and len(told["not_modelled"]) == bool(left)


def test_a_firm_that_closed_by_itself_is_no_order_of_the_state(
    capsys: pytest.CaptureFixture[str],
) -> None:
    out = new(capsys, "--by BY --instrument block --targets ChatGPT,X --on 2027-01-01")
    said = "The record has ChatGPT closed to Belarus by decision of OpenAI from 30 November 2022"
    assert said in out and "Belarus' order" not in out
    pages = new(capsys, "--by CN --instrument block --targets YouTube --on 2027-01-01", "cn")
    assert "The record has China's order against YouTube" in pages


def test_the_record_is_that_of_the_states_whose_people_lose(
    capsys: pytest.CaptureFixture[str],
) -> None:
    leave = "--by AE --instrument withdrawal --targets Telegram --on 2027-05-01 --from"
    assert "The record has" not in new(capsys, f"{leave} DK")
    out = new(capsys, f"{leave} DK,CN", "china")
    assert "The record has China's order against Telegram" in out and "Emirates' order" not in out


def test_what_no_order_of_its_kind_does_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    vpns = new(capsys, "--by UZ --instrument vpn_ban --key share_closed=0.7 --on 2027-05-01")
    assert "close 70 % of the VPNs. No platform is blocked by it." in vpns
    bar = "--by BR --instrument cable_ban --key cables=SACS --on 2027-09-01"
    said = "SACS. Traffic takes what other routes are left; no platform is blocked by it. Other"
    assert said in new(capsys, bar, "bar")


def test_a_default_that_is_yes_or_no_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    for name, order in (
        ("border", "--by TM --instrument border_cut"),
        ("filter", "--by TM --instrument sovereign_internet --key gateways_closed=1"),
        ("champion", "--by RU --instrument national_champion --targets Max"),
        ("dark", "--by TM --instrument shutdown"),
    ):
        told = json.loads(new(capsys, f"{order} --on 2027-05-01 --json", name))
        assert not [text for text in told["assumed"] if text.endswith((": yes", ": no"))]


def test_a_platform_that_drops_content_stays_open(capsys: pytest.CaptureFixture[str]) -> None:
    news = "--by US --from ZA --instrument content_withdrawal --key share=0.03 --targets Facebook"
    assert "in South Africa. The platforms stay open." in new(capsys, f"{news} --on 2027-07-01")


def test_a_removal_of_content_says_that_platforms_obey(capsys: pytest.CaptureFixture[str]) -> None:
    removal = "--by IN --instrument content_removal --key share=0.05 --targets X --on 2027-03-02"
    assert "then: platforms obey; where they decide by themselves, a" in new(capsys, removal)


def test_an_act_on_a_demand_calls_it_a_demand(capsys: pytest.CaptureFixture[str]) -> None:
    sale = "--by CA --instrument divest_or_ban --key days=180 --targets TikTok --on 2027-03-02"
    new(capsys, sale, "sale")
    later = "--from-example sale.yaml --by CA --instrument extension --key policy=ca-divest-or-ban"
    out = new(capsys, f"{later} --key to=2027-11-30 --on 2027-08-01", "later")
    assert "move the date of the demand for the sale of TikTok ('ca-divest-or-ban') to" in out


def test_the_id_of_an_order_is_printed_and_names_it(capsys: pytest.CaptureFixture[str]) -> None:
    out = new(capsys, "--by EE,FI --instrument block --targets Telegram --on 2027-05-01", "ban")
    name = out.rpartition("as the policy ")[2].partition(";")[0]
    stay = f"--from-example ban.yaml --by EE --instrument injunction --key policy={name}"
    told = json.loads(new(capsys, f"{stay} --on 2027-06-10 --json", "stay"))
    assert told["policy"] == "ee-injunction"
    assert [policy.id for policy in sn.load("stay.yaml").policies] == [name, "ee-injunction"]
    recorded = new(capsys, "--recorded --by NP --on 2025-09-04", "recorded")
    assert f"as the policy {sn.load('recorded.yaml').policies[0].id};" in recorded


def test_where_a_cable_lands_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "list", "cables", "--json")
    lands = {row["name"]: row["lands in"] for row in json.loads(out)}
    assert lands["MAREA"] == ["US", "ES"]
    bar = "--instrument cable_ban --on 2027-05-10 --by"
    said = new(capsys, f"{bar} CL --key cables=MAREA")
    assert "MAREA does not land in CL, but in US, ES; a cable that does: the tables have" in said
    assert "another state" not in said
    both = new(capsys, f"{bar} IT --key cables=IT-MT")
    assert "in both IT and MT; one of them (in IT: SEA-ME-WE 3, " in both and "in MT: none" in both


def test_an_order_on_a_region_says_how_many_live_there(capsys: pytest.CaptureFixture[str]) -> None:
    block = "--by ES --instrument block --targets Telegram --on 2027-03-24 --who"
    out = new(capsys, f"{block} '{{region: Catalonia}}'")
    assert "only people in Catalonia. 16 % of the people of Spain live there." in out
    assert "live there" not in new(capsys, f"{block} '{{share: 0.2}}'", "share")


def test_whether_the_telephone_works_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    dark = "--by GM --instrument shutdown --on 2026-12-04"
    assert "telephone: telephone and text messages across the border go on." in new(capsys, dark)
    out = new(capsys, f"{dark} --key telephone=true", "both")
    assert "(telephone and text messages across the border stop, too)" in out


def test_a_demand_names_the_firm_of_several_platforms(capsys: pytest.CaptureFixture[str]) -> None:
    order = "--instrument local_representative --on 2027-06-01 --by LK"
    order += " --key 'ladder=[{on: 2027-08-01, sanction: block}]' --targets"
    assert "demand a representative of Meta for WhatsApp, Messenger" in new(capsys, f"{order} Meta")
    out = new(capsys, f"{order} 'X, Telegram'", "two")
    assert "demand a representative of X and Telegram, or" in out


@pytest.mark.parametrize(
    ("options", "left"),
    [
        ("--by IQ --instrument vpn_ban --key share_closed=0.5", "VPNs of firms"),
        ("--by US --from KE --instrument withdrawal --targets X", "accounts of firms"),
        (
            "--by IQ --instrument shutdown --key share=0.7 --key networks=mobile",
            "who has another line",
        ),
        (
            "--by IQ --instrument local_representative --targets X"
            " --key 'ladder=[{on: 2027-05-12, sanction: block}]'",
            "what an office costs",
        ),
    ],
)
def test_what_is_not_modelled_of_an_order_is_said(
    options: str, left: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = new(capsys, f"{options} --on 2027-05-10")
    assert left in out.partition("Not modelled: ")[2].partition("\n")[0]


def test_one_hour_one_day_and_one_order_are_not_many(capsys: pytest.CaptureFixture[str]) -> None:
    hours = "--by IQ --instrument shutdown --on 2027-05-10 --key hours_a_day"
    assert "every network for 1 hour a day." in new(capsys, f"{hours}=1")
    assert "every network for 2.5 hours a day." in new(capsys, f"{hours}=2.5", "more")
    assert "run covers 1 day." in " ".join(said_back(sn.load("order.yaml", days=29)))
    assert said_back(sn.load("orders/two_states"), most=1)[1] == (
        "1 more order follows in the scenario."
    )


def test_a_demand_that_nobody_is_assumed_to_meet_says_so_wherever_it_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    refused = "Assumed: no platform complies."
    name = "orders/representative_or_block"
    assert refused in " ".join(call(capsys, "check", name)[1].split())
    result = sn.run(name, people=2_000, seeds=1, jobs=1, days=60)
    assert refused in " ".join(terminal.text(result).split())
    assert refused in result.report(Path("report.html")).read_text(encoding="utf-8")
    decided = sn.load(name, overrides=["behaviour.platforms=true"])
    assert refused not in " ".join(said_back(decided))
    sale = "--by CA --instrument divest_or_ban --key days=90 --targets TikTok --on 2027-03-01"
    assert "Assumed: no sale." in new(capsys, sale, "sale")
    assert "Assumed: no sale." not in new(capsys, f"{sale} --key outcome=sold", "sold")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--by TZ --instrument vpn_ban", "for example --key share_closed=0.7"),
        ("--by SN --instrument throttle --targets X", "for example --key rate_kbps=128"),
        (
            "--by JO --instrument block --targets X --key networks=mobile",
            "error: --who: mobile networks alone without the share of people who have no other"
            " line; the share whom it concerns, 0 to 1; for example --who '{share: 0.7}'",
        ),
        (
            "--by LB --instrument shutdown --key networks=mobile",
            "error: --key share: mobile networks alone without the share of people who have no"
            " other line; the share that is cut off, 0 to 1; for example --key share=0.7",
        ),
        (
            "--by KE --instrument local_representative --targets X"
            " --key 'ladder=[{on: 2027-04-01, sanction: throttle}]'",
            "for example share: 0.5",
        ),
        ("--by NG --instrument shutdown --key region=Lagos", "for example --key share=0.1"),
        (
            "--by US --from MX --instrument block --targets X",
            "--by MX without --from, or another instrument",
        ),
    ],
)
def test_a_refusal_says_where_what_is_allowed_and_marks_an_example(
    options: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said in new(capsys, f"{options} --on 2027-03-01")


def test_a_key_without_an_effect_is_one_error(capsys: pytest.CaptureFixture[str]) -> None:
    demand = "--by TR --instrument local_representative --targets X --on 2027-02-01"
    said = new(capsys, f"{demand} --key 'ladder=[{{on: 2027-01-01, sanction: fine}}]'")
    assert "--key ladder: 2027-01-01 is before the policy begins" in said
    assert said.count("error:") == 1


def test_a_lift_after_the_end_says_the_last_day(capsys: pytest.CaptureFixture[str]) -> None:
    block = "--by JO --instrument block --targets X --on 2027-02-07 --until 2027-06-01"
    new(capsys, block, "ban")
    lift = "--from-example ban.yaml --by JO --instrument lift --key policy=jo-block"
    said = new(capsys, f"{lift} --on 2027-08-01", "lift")
    assert "it ends on 2027-06-01; a day on which it is in force; 2027-05-31 or earlier" in said


def test_the_sanctions_of_a_demand_and_the_unit_of_a_fine_are_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    _, out, _ = call(capsys, "show", "local_representative")
    shown = " ".join(out.split())
    assert "fine (with its `amount` in US dollars), ad_ban, throttle (with its `share`" in shown
    page = (Path(__file__).parents[2] / "docs" / "scenario-files.md").read_text()
    assert "`sanction` (`fine`, `ad_ban`, `throttle`, `block`)" in page
    assert "`penalty` (number from 0, US dollars a month)" in page
