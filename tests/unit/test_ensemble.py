"""Ensembles: the same members whatever does the work, resumed after a kill, and honest about what failed."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import block, contents, scenario

from splinternet.errors import InputError, RunError
from splinternet.experiments import ensemble
from splinternet.scenario import Scenario


def spec(**keys: object) -> Scenario:
    return scenario([block()], days=20, people=1_000, **keys)


def test_a_run_that_was_interrupted_goes_on_to_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensemble.run(spec(), seeds=3, jobs=1, out=tmp_path / "straight")
    run_member = ensemble.run_member

    def interrupted(scenario: Scenario, seed: int, *_: object, **options: object) -> object:
        if seed == 3:
            raise KeyboardInterrupt
        return run_member(scenario, seed)

    monkeypatch.setattr(ensemble, "run_member", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ensemble.run(spec(), seeds=3, jobs=1, out=tmp_path / "resumed")
    done: list[tuple[int, int, int]] = []
    monkeypatch.setattr(ensemble, "run_member", run_member)
    ensemble.run(spec(), seeds=3, jobs=1, out=tmp_path / "resumed", progress=lambda *n: done.append(n))
    assert done == [(3, 0, 3)], "only the missing member is run"
    assert contents(tmp_path / "straight") == contents(tmp_path / "resumed")


def test_a_failed_member_is_told_and_the_others_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_member = ensemble.run_member

    def failing(scenario: Scenario, seed: int, *_: object, **options: object) -> object:
        if seed == 2:
            raise ZeroDivisionError("as in a bug")
        return run_member(scenario, seed)

    monkeypatch.setattr(ensemble, "run_member", failing)
    with pytest.raises(RunError, match=r"1 member failed \(seed 2\): ZeroDivisionError: as in a bug") as caught:
        ensemble.run(spec(), seeds=3, jobs=1, out=tmp_path / "run")
    assert "the others are kept" in str(caught.value)
    assert "Traceback" in (tmp_path / "run" / "log.txt").read_text()
    assert sorted(p.stem for p in (tmp_path / "run" / "members").iterdir()) == ["seed-1", "seed-3"]


def test_a_finished_run_is_left_as_it_is(tmp_path: Path) -> None:
    ensemble.run(spec(), seeds=1, out=tmp_path / "run")
    before = contents(tmp_path / "run")
    assert ensemble.run(spec(), seeds=1, out=tmp_path / "run").seeds == (1,)
    assert contents(tmp_path / "run") == before
    with pytest.raises(InputError, match="another run"):
        ensemble.run(spec(), seeds=2, out=tmp_path / "run")
