"""The command line: output, exit codes, completion, and no surprises."""

from __future__ import annotations

import json
import os
import platform
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer
from conftest import call
from scenario_sample import SAMPLE

from splinternet.cli.app import COMMANDS as ALL_COMMANDS
from splinternet.cli.app import LONGEST_SUMMARY, app
from splinternet.cli.app import load as load_commands
from splinternet.cli.catalogue import KINDS
from splinternet.cli.options import whole
from splinternet.core.program import program_stamp
from splinternet.core.shipped import head, shipped
from splinternet.errors import RunError
from splinternet.scenario import load

COMMANDS = ("run", "check", "plot", "list", "show")
CALL = [sys.executable, "-c", "from splinternet.cli import main; main()"]


@pytest.fixture
def sample(tmp_path: Path) -> str:
    path = tmp_path / "sample.yaml"
    path.write_text(SAMPLE, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = call(capsys, command, "--help")
    assert code == 0
    assert f"Example: splinternet {command}" in " ".join(out.split())


def test_the_help_of_the_whole_has_a_line_for_every_command_and_loads_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert max(len(summary) for _, summary in ALL_COMMANDS.values()) <= LONGEST_SUMMARY, (
        "a line each, 80 wide"
    )
    load_commands()
    assert set(typer.main.get_command(app).commands) == set(ALL_COMMANDS)  # type: ignore[attr-defined]
    loaded = _loaded("--help")
    assert not loaded & {
        "pydantic",
        "ruamel.yaml",
        "numpy",
        "splinternet.facts",
        "splinternet.scenario",
    }
    assert not loaded & {f"splinternet.cli.{module}" for module, _ in ALL_COMMANDS.values()}
    assert call(capsys, "--version")[1].startswith("splinternet ")


def test_the_list_of_scenarios_shows_what_their_files_say() -> None:
    assert {name: head(path) for name, path in shipped().items()} == {
        name: (scenario.status, scenario.title) for name in shipped() for scenario in (load(name),)
    }


def _loaded(*arguments: str) -> set[str]:
    """Return the modules that a command loads in a fresh process."""
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr)); "
    run = subprocess.run(
        [*CALL[:2], code + CALL[2], *arguments], capture_output=True, text=True, check=True
    )
    return set(run.stderr.split())


def test_check_accepts_shipped_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    # That each of them is right, tests/faults/test_scenario_files.py shows.
    names = sorted({*list(shipped())[::16], "wechat_as_ordered", "events/cn_instagram_2014"})
    code, out, err = call(capsys, "check", *names)
    assert code == 0
    assert [line for line in out.splitlines() if line[:2] != "  "] == [f"{n}: ok" for n in names]
    assert err and all(
        line.startswith(("warning: scenarios/", "note: scenarios/")) for line in err.splitlines()
    )
    told = json.loads(call(capsys, "check", *names, "--json")[1])["scenarios"]
    assert [entry["scenario"] for entry in told] == names and all(entry["ok"] for entry in told)
    codes = {
        entry["scenario"]: {warning["code"] for warning in entry["warnings"]} for entry in told
    }
    assert {"dated", "already", "unused", "unmeasured"} >= set().union(*codes.values()), (
        "what one may be warned of"
    )
    assert codes["wechat_as_ordered"] == set()
    assert "dated" in codes["events/cn_instagram_2014"]


def test_check_goes_on_after_a_bad_file(sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = call(capsys, "check", "nothing.yaml", sample)
    assert code == 2 and out.startswith(f"{sample}: ok\n  From 20 September 2020 the United States")
    assert "\n  use of targets in US, your own figure: WeChat" in out
    assert "no such file" in err
    code, out, _ = call(capsys, "check", sample, "nothing", "--json", "--set", "people=5_000")
    good, bad = json.loads(out)["scenarios"]
    assert (code, good["ok"], bad["ok"]) == (2, True, False)
    assert "few" in good["warnings"][0]["found"]
    assert bad["problems"][0]["found"] == "no such file"


def test_show_values(sample: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "show", sample, "--values", "--set", "days=30")
    assert code == 0
    for part in ("[projection]", "--set days=30", "sample.yaml:13", "each day", "a run takes"):
        assert part in out
    assert re.search(r"^days +--set days=30 +30$", out, re.MULTILINE), (
        "the longest value, which comes last, pads none"
    )
    data = json.loads(call(capsys, "show", sample, "--values", "--json")[1])
    origins = {line["path"]: line["origin"] for line in data["values"]}
    assert origins["parameters.choice.alert_days"] == "facts"
    assert data["schedule"][0]["phase"]
    assert data["estimate"]["memory_bytes"] > 0
    assert data["warnings"][0]["where"].startswith(sample)
    code, _, err = call(capsys, "show", "WeChat", "--set", "days=30")
    assert (code, "with --values" in err) == (2, True)
    assert call(capsys, "show", "WeChat", "--values")[0] == 2, "a platform is no scenario"


def test_check_writes_the_schema(
    sample: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "schema.json"
    assert call(capsys, "check", "--schema", str(file))[:2] == (0, f"Written to {file}\n")
    written = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(written)
    assert "block" in written["definitions"] and "policies" in written["properties"]
    code, out, _ = call(capsys, "check", sample, "--schema", str(file))
    assert code == 0 and f"{sample}: ok" in out


@pytest.mark.parametrize("kind", KINDS)
def test_list(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "list", kind)
    rows = json.loads(call(capsys, "list", kind, "--json")[1])
    assert code == 0
    assert len(rows) >= 1
    assert len(out.splitlines()) == len(rows) + 1
    assert call(capsys, "list", kind.removesuffix("s"))[1] == out


@pytest.mark.parametrize(("day", "firm"), [("2026-03-01", "Meta"), ("2015-01-01", "Facebook")])
def test_a_firm_of_a_day_is_a_target(
    day: str, firm: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    rows = json.loads(call(capsys, "list", "firms", "--on", day, "--json")[1])
    (row,) = [row for row in rows if row["name"] == firm]
    assert row["home"] == ["US"]
    order = ["--by", "NG", "--instrument", "block", "--on", day, "--targets"]
    code, _, _ = call(capsys, "new", str(tmp_path / "firm"), *order, f"{{firm: {firm}}}")
    assert code == 0
    assert [*load(tmp_path / "firm.yaml").policies[0].targets] == row["platforms"]


def test_an_unknown_target_says_where_the_names_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    order = "--by NG --instrument block --on 2027-01-01 --targets 'X Corp'"
    _, _, err = call(capsys, "new", str(tmp_path / "firm"), *shlex.split(order))
    assert "splinternet list platforms and splinternet list firms" in err


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("baseline_2020", ["(scenario)", "start: 2020-08-01"]),
        ("usa", ["United States (state)", "internet users"]),
        ("Twitter", ["X (platform)", "used in US"]),
        ("Uzbekistan", ["lives abroad", "Russia", "Telegram", "assumption"]),
        ("Skype", ["Skype (platform)", "2025-05-05"]),
        ("throttle", ["(instrument)", "rate_kbps"]),
        ("dpi", ["(technique)", "technique.dpi.coverage"]),
        ("choice.review_days", ["(parameter)", "assumption"]),
        ("vpn_users", ["(metric)", "(chart)"]),
    ],
)
def test_show(name: str, parts: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "show", name)
    assert code == 0
    assert [part for part in parts if part not in out] == []
    assert json.loads(call(capsys, "show", name, "--json")[1])[0]["name"]


def test_show_knows_all_places_on_any_day(capsys: pytest.CaptureFixture[str]) -> None:
    states = [row[0] for row in KINDS["states"].rows(None)]
    assert len(states) >= 195 and len(set(states)) == len(states)
    nepal = {
        day: call(capsys, "show", "Nepal", "--on", day)[1] for day in ("2025-09-04", "2025-09-06")
    }
    assert (
        "Facebook (" not in nepal["2025-09-04"]
        and "Facebook (isp, since 2025-09-04)" in nepal["2025-09-06"]
    )
    assert "closed" not in call(capsys, "show", "LinkedIn", "--on", "2016-11-10")[1]
    assert call(capsys, "show", "Nepal", "--on", "yesterday")[0] == 2


def test_the_version_comes_with_what_a_fault_report_needs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code, out, _ = call(capsys, "--version")
    assert code == 0
    parts = (program_stamp(), f"python {platform.python_version()}", "numba ", " cores")
    assert [part for part in parts if part not in out] == []


@pytest.mark.parametrize(
    "arguments", [["chek"], ["check"], ["check", "--bogus"], ["run", "x", "--seeds", "0"]]
)
def test_wrong_usage_leaves_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, *arguments)
    assert code == 2
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("1500", 1_500),
        ("1,500", 1_500),
        ("1_500", 1_500),
        ("1.5k", 1_500),
        ("2 million", 2_000_000),
    ],
)
def test_people_are_counted_as_users_write_it(text: str, people: int) -> None:
    assert whole(text) == people


@pytest.mark.parametrize("text", ["20kk", "many", "-5", "0.5", "1,5"])
def test_what_is_no_number_of_people_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = call(capsys, "run", "wechat_as_ordered", f"--people={text}")
    assert code == 2
    assert f"'{text}' is not a whole number" in err


@pytest.mark.parametrize(
    ("error", "code", "expected"),
    [
        (KeyboardInterrupt(), 130, ""),
        (RunError("member 3 failed"), 1, "error: member 3 failed"),
        (MemoryError(), 1, "fewer people"),
        (OSError(28, "No space left on device", "runs/x"), 1, "No space left on device: runs/x"),
    ],
)
def test_exit_codes_of_failures(
    error: BaseException,
    code: int,
    expected: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("splinternet.scenario.load", fail)
    found, out, err = call(capsys, "check", "baseline_2020")
    assert found == code
    assert out == ""
    assert expected in err


def test_a_reader_that_goes_away_is_no_error() -> None:
    line = f"{' '.join(CALL[:1])} -c 'from splinternet.cli import main; main()' list parameters | head -1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert done.stdout.startswith("name")


def test_a_long_list_of_problems_is_cut_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "wrong.yaml"
    file.write_text(
        "title: t\nstart: 2020-08-01\ndays: 5\n" + "".join(f"nokey{i}: 1\n" for i in range(60))
    )
    code, _, told = call(capsys, "check", str(file))
    assert code == 2
    assert told.count("nokey") == 50 and "and 10 more" in told
    code, out, _ = call(capsys, "check", str(file), "--json")
    assert out.count("nokey") >= 60


def test_an_interrupted_run_says_what_is_kept_and_continues(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from splinternet.experiments import ensemble

    run_member = ensemble.run_member

    def interrupted(scenario: Any, seed: int, *rest: Any, **options: Any) -> object:
        if seed == 3:
            raise KeyboardInterrupt
        return run_member(scenario, seed, *rest, **options)

    size = ("--people", "1000", "--days", "20", "--seeds", "3", "--jobs", "1")
    words = ("run", "wechat_as_ordered", *size)
    monkeypatch.setattr(ensemble, "run_member", interrupted)
    code, _, err = call(capsys, *words, "--out", str(tmp_path / "r"))
    assert code == 130
    assert f"2 of 3 done; they are kept in {tmp_path / 'r'}; the same command continues" in err
    monkeypatch.setattr(ensemble, "run_member", run_member)
    assert call(capsys, *words, "--out", str(tmp_path / "r"))[0] == 0
    code, _, err = call(capsys, "run", "wechat_full_block", "--out", str(tmp_path / "r"), *size)
    assert code == 2
    assert f"name a new folder: --out {tmp_path / 'r-2'}" in err


def test_the_shell_is_answered() -> None:
    words = "splinternet run wechat_as_o"
    asked = {"_SPLINTERNET_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": "2"}
    done = subprocess.run(CALL, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["wechat_as_ordered"]
