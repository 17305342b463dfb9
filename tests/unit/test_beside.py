"""What a command costs beside another commit: every process counts, and turns are paired."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from scripts import script

BESIDE = script("studies/beside.py")
BUSY = """
import subprocess, sys, time
child = "held = bytearray(b'1') * 150_000_000\\nfor _ in range(8_000_000): pass"
subprocess.run([sys.executable, "-c", child], check=True)
"""


def test_the_processes_that_a_command_starts_count(tmp_path: Path) -> None:
    alone = BESIDE.cost_of([sys.executable, "-c", "import time; time.sleep(0.3)"], tmp_path)
    busy = BESIDE.cost_of([sys.executable, "-c", BUSY], tmp_path)
    assert busy.largest > 0.15 > alone.largest
    assert busy.together > busy.largest + 0.5 * alone.largest
    assert alone.processor < busy.processor <= busy.seconds * 2


def test_a_command_that_fails_ends_the_comparison(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="ended with exit code 3"):
        BESIDE.cost_of([sys.executable, "-c", "raise SystemExit(3)"], tmp_path)


def test_a_turn_runs_the_program_of_its_tree_in_a_new_folder() -> None:
    found = BESIDE.in_tree("splinternet run x --out NEW", Path("/tree"), "new-1")
    assert found == ["/tree/.venv/bin/splinternet", "run", "x", "--out", "new-1"]


def test_the_ratio_is_taken_turn_by_turn() -> None:
    then, now = ([BESIDE.Cost(s, s, 1.0, 1.0) for s in turns] for turns in ((2, 8), (1, 16)))
    lines = BESIDE.table(["then", "this tree"], [then, now]).splitlines()
    assert lines[0].split() == ["seconds", "then", "2.00", "5.00", "8.00"]
    assert lines[2].split() == ["seconds", "ratio", "0.50", "1.25", "2.00"]
