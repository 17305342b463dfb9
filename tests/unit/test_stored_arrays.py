"""A run that is read back: a metric is read from the panel when it is first asked for."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np
import pytest
from toy_results import toy_result

from sim import plots
from sim.errors import RunError
from sim.results import Result, arrays, open_run
from sim.results.arrays import read_panel
from sim.results.ranking import compare
from sim.results.stored_arrays import OpenPanel, days_last, last_day, same_array


@pytest.fixture(scope="module")
def made() -> Result:
    return toy_result(seeds=2, days=80)


@pytest.fixture(scope="module")
def folder(made: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.save(tmp_path_factory.mktemp("runs") / "toy")


def described(path: Path) -> dict[str, Any]:
    """Return what a NetCDF file says of each of its arrays, by the library and by HDF5."""
    with h5netcdf.File(path, "r") as file:
        about = {
            name: [one.dimensions, one.shape, one.dtype, one.chunks, dict(one.attrs), np.array(one[...]).tobytes()]
            for name, one in file.variables.items()
            if one.dtype.kind == "f"
        }
    with h5py.File(path, "r") as plain:
        for name, found in about.items():
            array = plain[name]
            found += [array.compression, array.compression_opts, array.shuffle, array.fillvalue, array.maxshape]
            found += [[dim[0].name for dim in array.dims], array.attrs["_Netcdf4Coordinates"].tolist()]
    return about


def test_the_arrays_of_a_panel_are_what_h5netcdf_makes(
    made: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are made without it, as it takes three times as long."""

    def plainly(file: Any, _plain: Any, name: str, dims: dict[str, Any]) -> Any:
        chunks = (1, 1, *[dim.size for dim in dims.values()][2:])
        packed = {"compression": "gzip", "compression_opts": arrays._LEVEL, "shuffle": True, "chunks": chunks}
        return file.create_variable(name, tuple(dims), "<f8", **packed)

    arrays.write_panel(tmp_path / "own.nc", made.members, {})
    monkeypatch.setattr(arrays, "_create", plainly)
    arrays.write_panel(tmp_path / "theirs.nc", made.members, {})
    own = described(tmp_path / "own.nc")
    assert set(made.metrics) < set(own)
    assert own == described(tmp_path / "theirs.nc")


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the metrics that are read from a panel, as they are asked for."""
    names: list[str] = []
    numbers = OpenPanel.numbers

    def watched(panel: OpenPanel, name: str) -> Any:
        names.append(name)
        return numbers(panel, name)

    monkeypatch.setattr(OpenPanel, "numbers", watched)
    return names


def test_opening_a_run_reads_no_metric(folder: Path, read: list[str]) -> None:
    result = open_run(folder)
    assert result.metrics
    assert result.rows()
    assert read == []


def test_days_come_side_by_side_in_one_reading(made: Result, folder: Path, read: list[str]) -> None:
    back = open_run(folder)
    made_arms, read_arms = ([arm.arrays for pair in result.members for arm in pair] for result in (made, back))
    whole = days_last(read_arms, "minutes")
    assert read == [], "the panel has them in this order"
    assert whole.flags.c_contiguous and np.array_equal(whole, days_last(made_arms, "minutes"))
    assert np.array_equal(whole[3], np.moveaxis(made.members[1][1].arrays["minutes"], 0, -1))
    assert np.array_equal(days_last(read_arms[1::2], "minutes"), whole[1::2])
    for arms in (read_arms, made_arms, read_arms[1::2]):
        assert np.array_equal(last_day(arms, "minutes"), days_last(arms, "minutes")[..., -1])


def test_a_chart_reads_few_metrics_and_is_that_of_the_run(
    made: Result, folder: Path, read: list[str], tmp_path: Path
) -> None:
    result = open_run(folder)
    plots.save_figure(plots.draw(result, "family_contact"), tmp_path / "back.png", result)
    assert "family_contact_ever_lost" in read
    assert not {"minutes", "revenue", "openers", "weekly_users", "trade"} & set(read)
    plots.save_figure(plots.draw(made, "family_contact"), tmp_path / "made.png", made)
    assert (tmp_path / "back.png").read_bytes() == (tmp_path / "made.png").read_bytes()


def test_what_is_read_is_what_was_written(made: Result, folder: Path, read: list[str]) -> None:
    result = open_run(folder)
    for mine, theirs in zip(made.members, result.members, strict=True):
        assert all(a.same_as(b) for a, b in zip(mine, theirs, strict=True))
    assert sorted(set(read)) == sorted(made.metrics)
    before = len(read)
    assert all(len(arm.arrays[name]) for pair in result.members for arm in pair for name in made.metrics)
    assert len(read) == before, "nothing is read twice"
    with pytest.raises(KeyError):
        result.members[0][0].arrays["no_metric"]


def test_two_folders_are_compared_without_unpacking_what_is_the_same(folder: Path, read: list[str]) -> None:
    assert compare(open_run(folder), open_run(folder)).rows
    assert len(set(read)) < 20, "of some sixty metrics, those that are ranked by"
    changed = toy_result(seeds=2, days=80)
    arrays = changed.members[0][0].arrays
    arrays["minutes"][-1, 0, 0] += 1  # type: ignore[index]
    assert same_array(open_run(folder).members[0][0].arrays, open_run(folder).members[0][0].arrays, "minutes")
    assert not same_array(open_run(folder).members[0][0].arrays, arrays, "minutes")
    assert same_array(open_run(folder).members[0][0].arrays, arrays, "revenue")


def test_another_process_gets_the_numbers(made: Result, folder: Path) -> None:
    arms = pickle.loads(pickle.dumps(open_run(folder).members))
    assert all(
        a.same_as(b) for mine, theirs in zip(made.members, arms, strict=True) for a, b in zip(mine, theirs, strict=True)
    )


def test_rows_of_the_summary_are_taken_from_the_folder_of_this_program_alone(made: Result, folder: Path) -> None:
    again = open_run(folder)
    assert again.rows() == made.rows() == json.loads((folder / "summary.json").read_text())["rows"]
    assert again.chance_only().rows() == made.chance_only().rows()


def test_rows_of_another_program_are_computed(
    made: Result, folder: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.results.opening.data_hashes", lambda: {"another": "table"})
    assert open_run(folder).rows() == made.rows()
    assert set(read) == set(made.metrics)


def test_a_folder_that_is_not_verified_is_read_whole(folder: Path, read: list[str], made: Result) -> None:
    assert open_run(folder, verify=False).rows() == made.rows()
    assert set(read) == set(made.metrics)


def test_numbers_that_cannot_be_read_later_give_a_clear_error(folder: Path) -> None:
    members, _ = read_panel(folder / "panel.nc", whole=False)
    arrays = members[0][0].arrays
    arrays._panel.close()  # type: ignore[attr-defined]
    with pytest.raises(RunError, match=r"panel\.nc: 'minutes' cannot be read"):
        arrays["minutes"]
