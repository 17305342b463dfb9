"""A run that is read back: a metric is read from the panel when it is first asked for."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from conftest import block, scenario
from toy_results import toy_result

import splinternet as sn
from splinternet import plots
from splinternet.errors import RunError
from splinternet.experiments.ensemble import run
from splinternet.results import Result, open_run, panel
from splinternet.results.focus import find_focus


@pytest.fixture(scope="module")
def made() -> Result:
    return toy_result(seeds=2, days=80)


@pytest.fixture(scope="module")
def folder(made: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save(tmp_path_factory.mktemp("runs") / "toy")


def read_so_far(result: Result) -> set[str]:
    """Return the metrics that have been read from the panel."""
    return {name for _, name, _ in held(result).arrays}


def held(result: Result) -> panel.Held:
    """Return what the arms of a run keep in memory together."""
    arrays = result.members[0][0].arrays
    assert isinstance(arrays, panel.StoredArrays)
    return arrays._held


def test_a_chart_reads_few_metrics_and_is_that_of_the_run(
    made: Result, folder: Path, tmp_path: Path
) -> None:
    result = open_run(folder)
    plots.save_figure(plots.draw(result, "family_contact"), tmp_path / "back.png", result)
    assert "family_contact_ever_lost" in read_so_far(result)
    assert not {"minutes", "revenue", "openers", "weekly_users", "trade"} & read_so_far(result)
    plots.save_figure(plots.draw(made, "family_contact"), tmp_path / "made.png", made)
    assert (tmp_path / "back.png").read_bytes() == (tmp_path / "made.png").read_bytes()


def test_what_is_read_is_what_was_written_also_in_another_process(
    made: Result, folder: Path
) -> None:
    result = open_run(folder)
    assert result == made
    assert read_so_far(result) == set(made.metrics)
    with pytest.raises(KeyError):
        result.members[0][0].arrays["no_metric"]
    sent = pickle.loads(pickle.dumps(open_run(folder).members))
    assert Result(made.scenario, sent) == made


def test_a_run_keeps_few_arrays_in_memory_and_reads_the_others_again(
    made: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 2 * made.members[0][0].arrays["active_users"].nbytes
    monkeypatch.setattr(panel, "_MOST_HELD", most)
    monkeypatch.setattr(panel, "_ONE_CHUNK", 0)
    result = open_run(folder)
    assert result == made
    kept = held(result)
    assert all(arm.arrays._held is kept for pair in result.members for arm in pair)  # type: ignore[attr-defined]
    assert kept.size == sum(a.nbytes for a in kept.arrays.values() if 0 not in a.strides) <= most
    assert read_so_far(result) < set(made.metrics)
    assert result.summary().equals(made.summary())


def test_a_run_in_a_folder_never_holds_all_its_members(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the files of all members hold is unpacked a metric at a time, by one process."""
    monkeypatch.setattr(panel, "_MOST_HELD", 100_000)
    monkeypatch.setattr(panel, "_ONE_CHUNK", 10_000)
    largest = []
    read = panel.Held.get

    def watched(self: panel.Held, key: Any, make: Any) -> Any:
        array = read(self, key, make)
        largest.append(sum(a.nbytes for a in self.arrays.values() if 0 not in a.strides))
        return array

    monkeypatch.setattr(panel.Held, "get", watched)
    result = sn.run(
        "wechat_as_ordered", people=1_000, days=40, seeds=3, jobs=1, out=tmp_path / "run"
    )
    whole = sum(
        arm.arrays[name].nbytes for pair in result.members for arm in pair for name in arm.arrays
    )
    one = max(arm.arrays[name].nbytes for arm in result.members[0] for name in result.metrics)
    assert 0 < max(largest) <= max(100_000, one) < whole / 20


def test_a_large_run_is_stored_by_rows_of_cells_and_its_tables_read_single_rows(
    made: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all states and platforms, the summary shows few; the file of a member is taken over as it
    is packed.
    """
    whole = panel.panel_bytes(made.members)
    monkeypatch.setattr(panel, "_ONE_CHUNK", 100)
    folder = made.save(tmp_path / "run")
    with h5py.File(folder / "panel.nc", "r") as file:
        users = file["active_users"]
        assert users.chunks == (1, 1, 1, *users.shape[3:]) and users.shape[2] > 1
    again = Result(made.scenario, open_run(folder).members)
    assert again.rows() == made.rows()
    assert not {
        name for _, name, row in held(again).arrays if row < 0 and name in {"openers", "trade"}
    }
    assert again == made
    assert panel.panel_bytes(open_run(folder).members) == panel.panel_bytes(made.members) != whole


def test_rows_of_the_summary_are_taken_from_the_folder_of_this_program_alone(
    made: Result, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    again = open_run(folder)
    assert again.rows() == made.rows() == json.loads((folder / "summary.json").read_text())["rows"]
    assert again.chance_only().rows() == made.chance_only().rows()
    monkeypatch.setattr("splinternet.results.manifest.facts_hash", lambda: "0" * 64)
    other = open_run(folder)
    assert other.rows() == made.rows()
    assert read_so_far(other) == set(made.metrics) - {"users_under_limit"}, (
        "of which nobody was counted here"
    )


def test_numbers_that_cannot_be_read_give_a_clear_error(made: Result, tmp_path: Path) -> None:
    folder = made.save(tmp_path / "run")
    with h5py.File(folder / "panel.nc", "r") as file:
        chunk = file["minutes"].id.get_chunk_info(0)
    data = bytearray((folder / "panel.nc").read_bytes())
    data[chunk.byte_offset : chunk.byte_offset + chunk.size] = np.random.default_rng(1).bytes(
        chunk.size
    )
    (folder / "panel.nc").write_bytes(data)
    with pytest.raises(RunError, match=r"panel\.nc: 'minutes' cannot be read"):
        _ = open_run(folder, verify=False).members[0][0].arrays["minutes"]


def test_a_place_where_both_arms_are_alike_is_unpacked_once(tmp_path: Path) -> None:
    """The rows of most states are the same bytes in both arms, and say so by being one array."""
    made = run(scenario([block()], people=1_500, days=200), seeds=1, jobs=1)
    result = open_run(made.save(tmp_path / "run"))
    axes = result.members[0][0].axes
    shared = []
    for baseline, policy in result.members:
        for place, state in enumerate(axes.states):
            base, with_policies = (arm.row("active_users", place) for arm in (baseline, policy))
            if base is with_policies:
                shared.append(state)
            else:
                assert base.tobytes() != with_policies.tobytes()
    assert len(shared) > len(axes.states) / 2 and "US" not in shared
    assert vars(result)["_focus"] is not None  # read from summary.json, not worked out again
    assert result.focus == find_focus(result.scenario, made.members)
    assert result.focus == find_focus(result.scenario, result.members)
