"""A run killed again and again loses no finished member and ends at the same bytes."""

from __future__ import annotations

from pathlib import Path

from kills import kill_and_resume, start
from test_ensemble import contents


def test_kills_at_random_moments_lose_nothing(tmp_path: Path) -> None:
    run = ["run", "wechat_full_block", "--people", "1000", "--days", "20", "--seeds", "24", "--jobs", "1"]
    assert start(run, tmp_path / "straight").wait() == 0
    kills, checked = kill_and_resume(run, tmp_path / "killed", kills=3, longest=0.5, seed=1)
    assert kills == 3
    assert checked >= 2
    assert contents(tmp_path / "killed") == contents(tmp_path / "straight")
