"""Tables of a user's own: laid over a shipped world, checked like ours, part of the digest, from
allowed folders.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from conftest import call

import splinternet as sn
from splinternet.errors import InputError
from splinternet.experiments.ensemble import run
from splinternet.facts import load_facts
from splinternet.facts.history import as_of
from splinternet.facts.model import REST_OF_WORLD
from splinternet.facts.network import load_network
from splinternet.facts.platforms import use_anywhere
from splinternet.facts.relations import check_own, load_relations
from splinternet.facts.states import state_anywhere
from splinternet.facts.worlds import read_own
from splinternet.results import open_run
from splinternet.scenario import load
from splinternet.world.scenario_setting import make_setting

QUANTITY = "value,low,high,unit,source,basis,licence,note"
TABLES = {
    "world.csv": "key,name,value,source,basis,note\nbase,,world-2025,own survey,survey,\n",
    "penetration.csv": f"state,platform,{QUANTITY}\nNP,WhatsApp,0.66,0.6,0.7,share,own survey,survey,own,\n"
    "US,Twitter,0.3,0.2,0.4,share,own survey,survey,own,\nNP,Hamro,0.1,0.05,0.2,share,own survey,survey,own,\n",
    "platforms.csv": "name,aliases,owner,home,kind,modes,hosting,stores,evasion,launched,closed,source,basis\n"
    "Hamro,Hamro Talk,Hamro Ltd,NP,messenger,text|voice,own,Google Play,0,2024-01-01,,own survey,survey\n",
    "migrants.csv": f"residence,origin,{QUANTITY}\nQA,NP,400000,350000,450000,persons,embassy,press,own,\n",
    "states.csv": f"state,field,{QUANTITY}\nNP,vpn_share,0.3,0.2,0.4,share,own survey,survey,own,\n",
    "blocks.csv": "state,platform,technique,since,until,source,basis\nNP,X,isp,2025-06-01,2025-08-20,own,survey\n",
    "regimes.csv": f"state,{QUANTITY}\nNP,0.5,0.4,0.6,share,own survey,survey,own,\n",
}
BAN = "policies: [{id: ban, by: NP, instrument: block, targets: [WhatsApp, Hamro Talk], on: 2025-09-04}]\n"
SCENARIO = f"title: A ban\nstart: 2025-09-01\ndays: 6\npeople: 1000\nworld: {{facts: mine}}\n{BAN}"


def write(folder: Path, tables: Mapping[str, str] = TABLES, name: str = "mine") -> Path:
    """Write tables into a folder and return it."""
    made = folder / name
    made.mkdir(parents=True)
    for file, text in tables.items():
        (made / file).write_text(text, encoding="utf-8")
    return made


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a scenario and own tables, which is the working folder."""
    write(tmp_path)
    (tmp_path / "ban.yaml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_rows_win_and_add(place: Path) -> None:
    below, mine = load_facts("world-2025"), load_facts(read_own(place / "mine").key)
    assert mine.penetration["NP", "WhatsApp"].value == 0.66
    assert mine.penetration["US", "X"].value == 0.3, "a platform may go by any of its names"
    assert mine.platforms["Hamro"].home == "NP" and list(mine.platforms)[-1] == "Hamro"
    assert mine.migrants["QA", "NP"].value == 400_000
    assert mine.states["NP"].vpn_share.value == 0.3
    assert mine.states["NP"].population.value == state_anywhere("NP", below).population.value
    assert mine.penetration["NP", "Facebook"].value == use_anywhere("NP", "Facebook", below).value
    assert mine.penetration["DE", "WhatsApp"] == below.penetration["DE", "WhatsApp"]
    people = {f.name: sum(s.population.value for s in f.states.values()) for f in (below, mine)}
    assert len(set(map(round, people.values()))) == 1, (
        "the rest of the world has as many people fewer"
    )
    assert (
        mine.states[REST_OF_WORLD].population.value < below.states[REST_OF_WORLD].population.value
    )
    assert load_network(mine.name).carriers == load_network("world-2025").carriers
    assert load_relations(mine.name).freedom["NP"].value == 0.5
    assert "NP" not in load_relations("world-2025").freedom


def test_own_blocks_have_days(place: Path) -> None:
    below, mine = load_facts("world-2025"), load_facts(read_own(place / "mine").key)
    assert ("NP", "X") in mine.blocks and ("RU", "Instagram") in mine.blocks
    assert ("NP", "X") not in as_of(mine, date(2025, 9, 1)).blocks
    assert ("NP", "X") not in as_of(mine, date(2025, 5, 1)).blocks
    for on in (date(2022, 1, 1), date(2025, 9, 6)):
        others = {pair for pair in as_of(mine, on).blocks if pair[0] in below.states}
        assert others == set(as_of(below, on).blocks), (
            "blocks of all other states are those of the world below"
        )
    assert "Hamro" not in as_of(mine, date(2023, 1, 1)).platforms


def test_a_scenario_on_own_facts(place: Path) -> None:
    spec = load("ban.yaml")
    assert spec.world.facts.startswith("mine@") and spec.policies[0].targets == (
        "WhatsApp",
        "Hamro",
    )
    assert make_setting(spec).facts.penetration["NP", "WhatsApp"].value == 0.66
    assert {"NP", "QA"} <= set(spec.facts.states)
    assert (
        load(
            "ban.yaml", overrides=["world.facts=world-2025", "policies.ban.targets=WhatsApp"]
        ).own_tables
        is None
    )
    assert load(
        {"title": "T", "start": "2025-09-01", "days": 2, "world": {"facts": "mine"}}
    ).world.facts == (spec.world.facts)
    before = spec.digest
    moved = write(place / "elsewhere", name="mine")
    (place / "elsewhere" / "ban.yaml").write_text(SCENARIO, encoding="utf-8")
    assert load("elsewhere/ban.yaml").digest == before, (
        "the digest is that of what the tables say, not of where they are"
    )
    (moved / "migrants.csv").write_text(
        TABLES["migrants.csv"].replace("400000", "390000"), encoding="utf-8"
    )
    assert load("elsewhere/ban.yaml").digest != before


OTHER_PROCESS = """
import pickle, sys
from splinternet.results import open_run
from splinternet.scenario import varied
print(open_run("runs/one").scenario.world.facts)
sent = pickle.loads(open("sent", "rb").read())
other = varied(sent, {"world.vpn_share.NP": 0.5})
print(sent.digest, other.facts.penetration["NP", "WhatsApp"].value)
"""


def test_a_run_keeps_its_tables_and_they_travel_with_the_scenario(place: Path) -> None:
    """Another process reads the copy of the run. What is sent to workers of --jobs and of a Dask
    cluster, which do not have the folder, has the tables with it.
    """
    result = run("ban.yaml", seeds=1, out=place / "runs" / "one")
    (place / "sent").write_bytes(pickle.dumps(load("ban.yaml")))
    digest = load("ban.yaml").digest
    (place / "mine").rename(place / "gone")
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [result.scenario.world.facts, digest, "0.66"]
    copied = place / "runs" / "one" / "facts" / "mine"
    assert {path.name for path in copied.iterdir()} == set(TABLES)
    text = TABLES["migrants.csv"].replace("400000", "1")
    (copied / "migrants.csv").write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match=r"migrants.csv was changed"):
        open_run("runs/one")


OWN = ",,,text,own,survey,own,"
FRANCE = f"FR,name,Gaul{OWN}\n"
FAULTS = [
    ("penetration", "0.66", "66", "penetration.csv:2:1: low 0.6, value 66, high 0.7"),
    ("penetration", "NP,Hamro", "NP,Hamra", "penetration.csv:4:1: .*did you mean 'Hamro'"),
    ("penetration", "NP,WhatsApp", "QQ,WhatsApp", "penetration.csv:2:1: state is 'QQ'"),
    ("migrants", "QA,NP", "QA,QA", "migrants.csv:2:1: residence and origin are both QA"),
    ("states", "NP,vpn", "ZZ,vpn", "states.csv:2:1: ZZ has no name"),
    ("states", "NP,vpn", f"FR,name,Germany{OWN}\nNP,vpn", "states.csv:2:1: .* already names DE"),
    ("states", "NP,vpn", f"{FRANCE}DE,aliases,Gaul{OWN}\nNP,vpn", ":3:1: 'Gaul' already names FR"),
    ("states", "NP,vpn", f"{FRANCE}FR,name,X{OWN}\nNP,vpn", ":3:1: a second row for FR / name"),
    ("states", "NP,vpn", f"FR,name,{OWN}\nNP,vpn", "states.csv:2:1: value is empty"),
    ("states", "NP,vpn", f"FR,name,Ga\0ul{OWN}\nNP,vpn", "states.csv:2:1: a NUL character"),
    ("world", "world-2025", "world-2024", "world.csv:2:1: value is 'world-2024'"),
    ("world", "base", "basis", "world.csv:2:1: key is 'basis'"),
    ("world", "survey,\n", "survey,\nbase,,world-2020,own,survey,\n", "a second row for base"),
    ("platforms", "Hamro Talk", "Viber", "platforms.csv:2:1: 'Viber' already names Viber"),
    ("platforms", "name,", "nom,", "platforms.csv:1:1: columns nom"),
]


@pytest.mark.parametrize(("table", "old", "new", "words"), FAULTS)
def test_a_faulty_table_is_refused_with_file_and_line(
    tmp_path: Path, table: str, old: str, new: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = f"{table}.csv"
    folder = write(tmp_path, {**TABLES, file: TABLES[file].replace(old, new, 1)})
    code, _, err = call(capsys, "check", str(folder))
    problems = check_own(folder)[1]
    assert code == 2 and str(problems[0]) in err
    with pytest.raises(InputError, match=f"mine/.*{words}"):
        raise InputError(problems)


def test_a_folder_that_is_no_world_is_refused(tmp_path: Path) -> None:
    silent = write(tmp_path, {"penetration.csv": TABLES["penetration.csv"]}, "silent")
    with pytest.raises(
        InputError, match=r"silent/world.csv: no such file; a file with a row 'base'"
    ):
        read_own(silent)
    other = write(tmp_path, {**TABLES, "penetrations.csv": "x"}, "other")
    with pytest.raises(InputError, match=r"did you mean 'penetration.csv'"):
        read_own(other)
    empty = write(tmp_path, {"world.csv": "key,name,value,source,basis,note\n"}, "empty")
    assert "no row 'base'" in str(check_own(empty)[1][0])


@pytest.mark.parametrize(
    "text", ["../outside", "{absolute}", "link", "a/../../outside", "a\0b", "x" * 999]
)
def test_no_folder_outside_that_of_the_scenario_is_read(tmp_path: Path, text: str) -> None:
    write(tmp_path, name="outside")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path / "outside")
    (inside / "plain.yaml").write_text("title: T\nstart: 2025-09-01\ndays: 3\n", encoding="utf-8")
    path = text.format(absolute=tmp_path / "outside")
    for ask in (
        lambda: load(inside / "plain.yaml", overrides=[f"world.facts={path}"]),
        lambda: load(
            {"extends": str(inside / "plain.yaml"), "world": {"facts": str(tmp_path / "outside")}}
        ),
    ):
        with pytest.raises(InputError, match=r"world\.facts|leaves the folder"):
            ask()
    linked = write(inside, name="linked")
    (linked / "trade.csv").symlink_to(tmp_path / "outside" / "penetration.csv")
    with pytest.raises(InputError, match=r"linked/trade.csv: a link that leaves the folder"):
        read_own(linked)


def test_an_option_lays_tables_of_any_folder_under_any_scenario(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tables = write(tmp_path, name="tables")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    (elsewhere / "ban.yaml").write_text(SCENARIO.replace("facts: mine", ""), encoding="utf-8")
    asked = ("ban.yaml", "--people", "1000", "--days", "2", "--seeds", "1", "--out", "run")
    assert call(capsys, "run", *asked, "--facts", str(tables))[0] == 0
    assert open_run("run").scenario.world.facts == read_own(tables).key
    code, _, err = call(capsys, "check", "ban.yaml", "--facts", str(elsewhere))
    assert code == 2 and "there are no tables of facts here; a folder with world.csv" in err
    (tables / "trade.csv").write_text("nothing\n", encoding="utf-8")
    assert call(capsys, "check", str(tables))[0] == 2


REGIONS = (
    "state,region,also,people,of,source,basis,licence,note\n"
    "NG,Lagos,Lagos State,13000000,206000000,own count,survey,own,\n"
    "NG,Kano,,0.07,1,assumption: example,assumption,own,\n"
    "US,Florida,,21538187,331449281,own count,survey,own,\n"
)


def test_regions_of_ones_own_stand_beside_the_shipped_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"world.csv": TABLES["world.csv"], "regions.csv": REGIONS})
    monkeypatch.chdir(tmp_path)
    ban = {"id": "ban", "by": "US", "on": "2025-08-02", "instrument": "block"}
    who = {"region": ["florida", "Texas"]}
    keys = {"title": "T", "start": "2025-08-01", "days": 3, "people": 2_000}
    keys["policies"] = [{**ban, "targets": ["WhatsApp"], "who": who}]
    model = sn.Model(keys, facts="mine", collect=False)
    model.run_for(3)
    both, florida = (
        model.people.select(state="US", region=region)
        for region in (["Florida", "Texas"], "Florida")
    )
    assert 0 < len(florida) < len(both)
    reach = model.cells["reach"][model.person["state"], model.setting.platforms.index("WhatsApp")]
    at_home = model.people.select(state="US")
    met = at_home.ids[reach[at_home.ids].max(axis=1) < 1.0]
    np.testing.assert_array_equal(met, both.ids)
    share = model.places.share[model.setting.states.index("US")]
    assert share[1:].sum() == pytest.approx((21_538_187 + 29_145_505) / 331_449_281, abs=0.05)
    assert check_own(tmp_path / "mine")[1] == ()
    with pytest.raises(
        InputError, match="no region 'florida' in the table of regions, of US or any state"
    ):
        load(keys)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("US,Wide,,0.9,1,x,survey,own,", "regions.csv:5:1: the regions of US are 1.19 of its"),
        ("US,Lone Star,Texas,0.01,1,x,survey,own,", "'Texas' already names Texas"),
        ("US,All,,5,4,x,survey,own,", "5 people of 4; more than none, and fewer than in the whole"),
    ],
)
def test_wrong_regions_are_named_by_their_line(tmp_path: Path, row: str, words: str) -> None:
    tables = {"world.csv": TABLES["world.csv"], "regions.csv": f"{REGIONS}{row}\n"}
    _, problems = check_own(write(tmp_path, tables))
    assert words in "; ".join(map(str, problems))
