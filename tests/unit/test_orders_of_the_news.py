"""Orders of the news, some of them wrong, as `splinternet new` takes them: what
is said back, whom the file touches, and what is refused.

The tables in `tests/orders` have them. Their keys, up to `refusal`, were written before the program
was asked; `first` and `now` say what was right at the first try and is right today.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from datetime import date
from pathlib import Path

import pytest
from conftest import call

import splinternet as sn


def read_orders(name: str) -> dict[str, dict[str, str]]:
    """Return the orders of a table by their names."""
    table = Path(__file__).parent.parent / "orders" / f"{name}_orders.csv"
    with table.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row for row in csv.DictReader(lines)}


TABLES = {name: read_orders(name) for name in ("thirty", "twenty", "more", "outside")}
ORDERS = {name: row for table in TABLES.values() for name, row in table.items()}
RIGHT = [name for name, row in ORDERS.items() if not row["refused"]]
REFUSED = [name for name, row in ORDERS.items() if row["refused"]]


LISTS = ("left_out", "assumed", "not_modelled", "record", "warnings")
"""Lists that `new --json` prints beside the sentence; the column `lists` is compared with them."""
WORLD = """key,name,value,source,basis,note
base,,world-2025,the tables that these are laid over,assumption,
"""
REGIONS = """state,region,also,people,of,source,basis,licence,note
KE,Nairobi,,0.09,1,assumption: for this test,assumption,own,
PK,Balochistan,,0.06,1,assumption: for this test,assumption,own,
MZ,Maputo,,0.04,1,assumption: for this test,assumption,own,
"""
BASE = "title: regions of our own\nstart: 2024-10-01\ndays: 60\nworld: {facts: own}\n"
PLATFORM = """title: a platform of our own
start: 2025-08-01
days: 60
world:
  platforms:
    Roblox: {owner: Roblox Corporation, home: US, kind: mixed, penetration: {TH: 0.1}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with two scenarios: one whose tables have two regions more, and one with a
    platform more.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "world.csv").write_text(WORLD)
    (tmp_path / "own" / "regions.csv").write_text(REGIONS)
    (tmp_path / "own_regions.yaml").write_text(BASE)
    (tmp_path / "own_platform.yaml").write_text(PLATFORM)


def parts(row: dict[str, str], column: str) -> list[str]:
    """Return what a cell lists."""
    return [part for part in row.get(column, "").split("|") if part]


def steps(row: dict[str, str]) -> list[list[str]]:
    """Return the arguments of `new` by which an order is stated: its first policy, and each further
    one added to the file before.
    """
    found = []
    for n, options in enumerate(row["options"].split(" && ")):
        base = ["--from-example", f"step{n - 1}.yaml"] if n else []
        found.append(["new", f"step{n}", *base, *shlex.split(options)])
    return found


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [("thirty", 30, 10), ("twenty", 15, 5), ("more", 29, 14), ("outside", 30, 10)],
)
def test_a_table_has_right_orders_and_wrong_ones(name: str, right: int, wrong: int) -> None:
    assert sum(not row["refusal"] for row in TABLES[name].values()) == right
    assert sum(bool(row["refusal"]) for row in TABLES[name].values()) == wrong


@pytest.mark.parametrize("name", RIGHT)
def test_an_order_is_said_back_and_touches_whom_it_names(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ORDERS[name]
    file = ""
    said = ""
    lists: dict[str, list[str]] = {}
    for arguments in steps(row):
        code, out, err = call(capsys, *arguments, "--json")
        assert (code, err) == (0, "")
        told = json.loads(out)
        file = told["file"]
        said = " ".join(told["says"])
        for list_name in LISTS:
            lists.setdefault(list_name, []).extend(told.get(list_name, []))
    code, out, err = call(capsys, "check", file)
    assert code == 0
    assert said.split(". ")[0] in out
    for words in parts(row, "says"):
        assert words in f"{said} {err}"

    for part in parts(row, "lists"):
        list_name, _, words = part.partition(": ")
        assert words in "; ".join(lists[list_name])

    policies = sn.load(file).policies
    assert {state for policy in policies for state in policy.concerns()} == set(
        parts(row, "states")
    )
    targets = {target for policy in policies for target in policy.targets}
    assert targets >= set(parts(row, "hits"))
    assert targets.isdisjoint(parts(row, "spares"))
    days = {day for policy in policies for day in (policy.on, policy.until) if day is not None}
    key_days = re.findall(r"\d{4}-\d\d-\d\d", f"{row['from']} {row['until']}")
    assert days >= set(map(date.fromisoformat, key_days))


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_order_is_refused_with_the_way_to_mend_it(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ORDERS[name]
    *first, last = steps(row)
    for arguments in first:
        assert call(capsys, *arguments)[0] == 0
    code, out, err = call(capsys, *last)
    assert (code, out) == (2, "")
    for words in parts(row, "refused"):
        assert words in err
    assert not Path(f"{last[1]}.yaml").exists()
