"""Orders that a user adds to the record: shown beside it, kept in a folder, read by commands."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from conftest import call

import splinternet as sn
from splinternet.facts.history import record_ends, restrictions
from splinternet.facts.tables import HOME
from splinternet.facts.worlds import facts_of

HEADER = "state,platform,technique,since,until,order,source,basis,note\n"
KAZAKHSTAN = "Kazakhstan,Telegram,isp,2026-10-12,,regulator,https://example.org/kz,press,\n"
GAMBIA = "GM,,shutdown,2026-12-04,2026-12-07,decree,https://example.org/gm,press,\n"
TURKEY = "TR,Instagram,isp,2024-08-02,2024-08-11,regulator,https://example.org/tr,press,\n"
RUSSIA = "RU,WhatsApp,dpi,2026-02-11,,regulator,https://example.org/ru,press,\n"
AGAIN = """\
title: Kazakhstan blocks Telegram once more
start: 2026-11-01
days: 60
people: 2000
policies: [{id: ban, on: 2026-11-20, by: KZ, instrument: block, targets: [Telegram, WhatsApp]}]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(*rows: str, name: str = "orders.csv") -> str:
    Path(name).write_text(HEADER + "".join(rows), encoding="utf-8")
    return name


def test_orders_are_compared_with_the_record_and_added(capsys: pytest.CaptureFixture[str]) -> None:
    """New, changed and known rows; a second time there is nothing to add."""
    name = written(KAZAKHSTAN, GAMBIA, TURKEY, RUSSIA)
    code, out, _ = call(capsys, "list", "blocks", "--add", name, "--facts", "mine")
    assert code == 0 and "2 new, 1 changed, 1 known already." in out
    assert "until: 2024-08-10 -> 2024-08-11" in out
    kept = Path("mine/orders.csv").read_text(encoding="utf-8")
    assert kept.splitlines()[1:] == [
        GAMBIA.strip(),
        KAZAKHSTAN.replace("Kazakhstan", "KZ").strip(),
        TURKEY.strip(),
    ]
    code, out, _ = call(capsys, "list", "blocks", "--add", name, "--facts", "mine", "--json")
    assert code == 0 and json.loads(out)["known"] == 4
    assert Path("mine/orders.csv").read_text(encoding="utf-8") == kept
    assert call(capsys, "check", "mine")[0] == 0


def test_the_program_reads_the_record_with_what_was_added(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`list`, `new --recorded`, `check`, the blocks before the first day, and the index."""
    call(capsys, "list", "blocks", "--add", written(KAZAKHSTAN, TURKEY), "--facts", "mine")
    rows = json.loads(call(capsys, "list", "blocks", "--facts", "mine", "--json")[1])
    until = {row["since"]: row["until"] for row in rows if row["state"] == "TR"}
    assert until["2024-08-02"] == "2024-08-11"
    code, out, _ = call(capsys, "new", "kz", "--recorded", "--by", "KZ", "--facts", "mine")
    assert code == 0 and "of later ones it has what you added, the newest of 12 October" in out
    Path("again.yaml").write_text(AGAIN, encoding="utf-8")
    code, out, err = call(capsys, "check", "again.yaml", "--facts", "mine")
    said = "The record has Kazakhstan's order against Telegram (by the lists of providers) from 12"
    assert f"{said} October 2026, with no known end." in out
    assert code == 0 and "is open there; only people with a VPN can lose it" in err
    code, out, _ = call(capsys, "check", "again.yaml")
    assert code == 0 and "The record has" not in out
    code, out, _ = call(capsys, "index", "--facts", "mine", "--json")
    assert code == 0 and json.loads(out)["to"] == "2026-10-12"


def test_the_file_of_an_added_order_says_what_new_said(capsys: pytest.CaptureFixture[str]) -> None:
    call(capsys, "list", "blocks", "--add", written(KAZAKHSTAN), "--facts", "mine")
    order = ["--recorded", "--by", "KZ", "--facts", "mine"]
    _, out, _ = call(capsys, "new", "kz", *order)
    said = out.splitlines()[0]
    assert "Kazakhstan blocks Telegram" in said and out.endswith("splinternet check kz.yaml\n")
    assert said in call(capsys, "check", "kz.yaml")[1]
    Path("sub").mkdir()  # a file there cannot name a folder above it
    _, out, _ = call(capsys, "new", "sub/kz", *order)
    assert out.endswith("splinternet check sub/kz.yaml --facts mine\n")
    assert said in call(capsys, "check", "sub/kz.yaml", "--facts", "mine")[1]


def test_an_added_order_is_in_force_in_a_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The world of the scenario stays: the folder lies over whatever world that is."""
    call(capsys, "list", "blocks", "--add", written(KAZAKHSTAN, GAMBIA), "--facts", "mine")
    Path("again.yaml").write_text(AGAIN, encoding="utf-8")
    plain = sn.load("again.yaml")
    world = facts_of(Path("mine"))
    mine = sn.Model("again.yaml", facts="mine", seed=1)
    assert mine.spec.facts.day == plain.facts.day
    assert "GM" not in mine.spec.facts.states  # a row of the record gives no figures of a state
    assert ("KZ", "Telegram") in mine.setting.blocks
    assert ("KZ", "Telegram") not in sn.Model("again.yaml", seed=1).setting.blocks
    assert record_ends(world) == date(2026, 12, 4) > record_ends()
    assert len(restrictions(world)) == len(restrictions()) + 1
    early = "start: 2020-08-01\ndays: 5\ntitle: Nothing\nworld: {facts: world-2020}\npolicies: []\n"
    Path("early.yaml").write_text(early, encoding="utf-8")
    assert sn.Model("early.yaml", facts="mine", seed=1).spec.facts.day == date(2020, 8, 1)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (KAZAKHSTAN.replace("Kazakhstan", "Kasak"), "orders.csv:2:1: state is 'Kasak'"),
        (KAZAKHSTAN.replace("Telegram", "Telegramm"), "did you mean 'Telegram'?"),
        (KAZAKHSTAN.replace("https://example.org/kz", ""), "source is empty"),
        (KAZAKHSTAN.replace("Telegram", ""), "a platform, unless the technique is shutdown"),
        (KAZAKHSTAN.replace("2026-10-12,", "2026-10-12,2026-10-01"), "an end after the beginning"),
        (KAZAKHSTAN.replace("press,", "press"), "8 fields; 9 fields"),
        (
            "CN,WhatsApp,isp,2026-10-12,,regulator,https://example.org/cn,press,\n",
            "write since 2017-09-25 to change that row",
        ),
        (KAZAKHSTAN + KAZAKHSTAN.replace("10-12", "11-12"), "one restriction of a kind at a time"),
    ],
)
def test_a_faulty_file_adds_nothing(
    row: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "list", "blocks", "--add", written(GAMBIA, row)[:], "--facts", "m")
    assert code == 2 and said.replace(":2:1", ":3:1") in err
    assert not Path("m").exists()


def test_the_tables_of_the_program_stay_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call(
        capsys, "list", "blocks", "--add", written(GAMBIA), "--facts", str(HOME / "world-2025")
    )
    assert code == 2 and "a folder of your own" in err
    assert not (HOME / "world-2025" / "orders.csv").exists()
