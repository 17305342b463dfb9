"""Where output goes: devices, pipes, links, closed and poor terminals, spreadsheets; and odd names
in all of them.
"""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
import threading
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import call
from toy_results import decided_by_states, toy_axes, toy_pair, toy_scenario

from splinternet.cli.output import shown
from splinternet.errors import RunError
from splinternet.experiments.parallel import outcomes
from splinternet.results import Result, open_run
from splinternet.results.files import csv_of, neutral, original, write_bytes, write_text
from splinternet.results.panel import Pair

FORMULAS = ("=HYPERLINK(1)", "+1+1", "-2", "@SUM(1)", "\uff1dx", "'=quoted", "''+twice")
PLAIN = ("", "'", "'t Winkel", "WeChat", "a=b", "3", "''", "'x=")


# --- where files go -------------------------------------------------------------------------------


def test_a_link_stays_and_its_target_is_written_whole(tmp_path: Path) -> None:
    (tmp_path / "far").mkdir()
    target, link = tmp_path / "far" / "report.html", tmp_path / "report.html"
    target.write_text("old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"
    (tmp_path / "dangling").symlink_to(tmp_path / "far" / "later")
    write_text(tmp_path / "dangling", "made")
    assert (tmp_path / "far" / "later").read_text() == "made"
    assert sorted(path.name for path in (tmp_path / "far").iterdir()) == ["later", "report.html"]


def test_a_pipe_is_written_into_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_bytes(pipe, b"a report")
    reader.join(10)
    assert read == [b"a report"]
    assert pipe.is_fifo()


def test_a_device_is_written_into_and_a_full_one_is_an_error() -> None:
    write_bytes(Path("/dev/null"), b"lost")
    assert Path("/dev/null").is_char_device()
    with pytest.raises(RunError, match="is full"):
        write_bytes(Path("/dev/full"), b"too much")


def test_a_name_that_is_too_long_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="cannot be written: File name too long"):
        write_text(tmp_path / ("x" * 300), "text")


# --- what a terminal shows ------------------------------------------------------------------------


def test_a_terminal_of_few_characters_shows_their_codes(tmp_path: Path) -> None:
    file = tmp_path / "far.yaml"
    file.write_text("title: '\u4e2d\u56fd blocks'\nstart: 2020-08-01\ndays: 5\n", encoding="utf-8")
    command = [sys.executable, "-m", "splinternet", "show", str(file), "--values"]
    few = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(command, capture_output=True, encoding="latin-1", env=few)
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, r"\u4e2d\u56fd blocks  [what-if]")


def test_closed_and_full_output_are_errors_and_no_tracebacks() -> None:
    states = f"{sys.executable} -m splinternet list states"
    closed = subprocess.run(
        ["sh", "-c", f"{states} >&-; echo $? >&2"], text=True, capture_output=True
    )
    told = "error: standard output is closed, so what was to be printed is lost"
    assert closed.stderr.splitlines() == [told, "1"]
    full = subprocess.run(["sh", "-c", f"{states} >/dev/full"], text=True, stderr=subprocess.PIPE)
    assert full.returncode == 1
    assert full.stderr.count("\n") == 1
    assert full.stderr.startswith("error: ")


def test_what_would_command_a_terminal_is_printed_as_a_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown("a\x1b[31mb\x07\x9b2J\u202ec\n\td") == "a\\x1b[31mb\\x07\\x9b2J\\u202ec\n\td"
    for words in (
        ("check", f"{tmp_path}/\x1b[31mred\x9b.yaml"),
        ("plot", f"{tmp_path}/\x1b[31mred"),
    ):
        code, out, err = call(capsys, *words)
        assert code == 2
        assert not set("\x1b\x9b") & set(out + err)


def renamed(pair: Pair, *names: str) -> Pair:
    """Return a made-up member whose first platforms have other names."""
    base, policy = pair
    axes = replace(base.axes, platforms=(*names, *base.axes.platforms[len(names) :]))
    return replace(base, axes=axes), replace(policy, axes=axes)


def test_a_folder_whose_labels_would_command_a_terminal_is_refused(tmp_path: Path) -> None:
    folder = Result(toy_scenario(3), [renamed(toy_pair(1, 3), "We\x1b[31mChat")]).save(
        tmp_path / "run"
    )
    with pytest.raises(
        RunError, match=r"a label of '/platform' contains a control character \(U\+001B\)"
    ):
        open_run(folder)


# --- tables ---------------------------------------------------------------------------------------


def test_no_cell_of_a_table_begins_a_formula_and_all_can_be_read_back() -> None:
    for text in (*FORMULAS, *PLAIN):
        assert original(neutral(text)) == text
    assert {neutral(text)[0] for text in FORMULAS} == {"'"}
    assert tuple(map(neutral, PLAIN)) == PLAIN
    frame = pd.DataFrame(
        {"=name": FORMULAS, "value": -1.5, "kind": pd.Categorical(["-x"] * len(FORMULAS))}
    )
    rows = list(csv.reader(io.StringIO(csv_of(frame))))
    assert rows[0] == ["'=name", "value", "kind"]
    assert [row[0] for row in rows[1:]] == [f"'{text}" for text in FORMULAS]
    assert {(row[1], row[2]) for row in rows[1:]} == {("-1.5", "'-x")}


def test_platforms_called_like_formulas_and_like_numbers_stay_in_every_table(
    tmp_path: Path,
) -> None:
    names = ("=cmd|' /C calc'!A0", "nan", "None", "@SUM(1+1)", "TRUE", "-1")
    members = [renamed(toy_pair(seed, 4), *names) for seed in (1, 2)]
    members[0][0].arrays["active_users"][1, 0, 1] = np.nan
    result = Result(toy_scenario(4), members)
    folder = result.save(tmp_path / "run")
    with (folder / "series.csv").open(newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["metric"] == "active_users" and row["state"] == "US"
        ]
    assert not [row for row in rows if row["platform"][:1] in ("=", "@", "-")]
    assert set(names) <= {original(row["platform"]) for row in rows}
    nan = [row for row in rows if row["platform"] == "nan" and row["seed"] == "1"]
    assert [row["value"] == "" for row in nan if row["arm"] == "baseline"] == [
        False,
        True,
        False,
        False,
    ]
    assert all(row["value"] for row in nan if row["arm"] == "policy")
    assert set(names) <= set(result.series["platform"])
    with (folder / "summary.csv").open(newline="") as file:
        shown = {row["platform"] for row in csv.DictReader(file)}
    assert not [name for name in shown if name[:1] in ("=", "@", "-")]
    assert set(names) <= {original(name) for name in shown}


def test_decisions_of_platforms_called_like_formulas_are_read_back(tmp_path: Path) -> None:
    odd = []
    for base, policy in decided_by_states(
        [toy_pair(seed, 4) for seed in (1, 2)], toy_axes(4).dates
    ):
        odd.append(
            (
                base,
                replace(
                    policy, decisions=tuple(replace(made, who="=1+1") for made in policy.decisions)
                ),
            )
        )
    folder = Result(toy_scenario(4, behaviour={"retaliation": True}), odd).save(tmp_path / "run")
    assert ",'=1+1," in (folder / "decisions.csv").read_text()
    assert [policy.decisions for _, policy in open_run(folder).members] == [
        policy.decisions for _, policy in odd
    ]


# --- a cluster that goes --------------------------------------------------------------------------


class Gone(Executor):
    """A cluster that takes work and then is gone."""

    def __init__(self, error: BaseException | None) -> None:
        self.error = error

    def submit(self, *given: Any, **more: Any) -> Future[Any]:  # type: ignore[override]
        future: Future[Any] = Future()
        if self.error is None:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(self.error)
        return future


class KilledWorker(Exception):  # noqa: N818 Dask's own name
    """What Dask raises where a task has killed several workers."""


@pytest.mark.parametrize(
    "error", [None, CancelledError(), KilledWorker()], ids=["cancelled", "raised", "killed"]
)
def test_a_cluster_that_is_gone_is_a_clear_error(error: BaseException | None) -> None:
    with pytest.raises(
        RunError,
        match=r"the cluster stopped before the work was done: .*give the same command again",
    ):
        list(outcomes(abs, [-1, -2], cluster=Gone(error)))
