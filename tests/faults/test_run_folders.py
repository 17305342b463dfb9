"""Run folders that were damaged, forged or crafted: each is refused with a clear error, and no
other file is read.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from conftest import call
from toy_results import decided_by_states, toy_axes, toy_pair, toy_result, toy_scenario

from splinternet.errors import RunError, SplinternetError
from splinternet.results import Result, open_run, read_member, write_member

SECRET = b"the diary of somebody else, 4000 bytes of it. " * 100


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run in which states decide."""
    scenario = toy_scenario(6, behaviour={"retaliation": True})
    members = decided_by_states([toy_pair(seed, 6) for seed in (1, 2)], toy_axes(6).dates)
    return Result(scenario, members, {"notes": ["a note"]}).save(
        tmp_path_factory.mktemp("runs") / "kept"
    )


@pytest.fixture
def run(kept: Path, tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_bytes(SECRET)
    return Path(shutil.copytree(kept, tmp_path / "run"))


def sealed(run: Path) -> None:
    """Make the manifest right again, as a forger would."""
    manifest = json.loads((run / "manifest.json").read_text())
    listed = manifest["files_sha256"]
    manifest["files_sha256"] = {
        name: hashlib.sha256((run / name).read_bytes()).hexdigest() for name in listed
    }
    (run / "manifest.json").write_text(json.dumps(manifest))


# --- a panel that leads elsewhere -----------------------------------------------------------------


@contextmanager
def replaced(run: Path) -> Iterator[tuple[Any, Any]]:
    """Take a metric out of a panel; give the file and what the metric was like."""
    with h5py.File(run / "panel.nc", "r+") as file:
        old = file["vpn_users"]
        shape = old.shape
        del file["vpn_users"]
        yield file, shape


def external_storage(run: Path) -> None:
    with replaced(run) as (file, shape):
        file.create_dataset(
            "vpn_users", shape, "<f8", external=[("../secret.txt", 0, int(np.prod(shape)) * 8)]
        )


def external_link(run: Path) -> None:
    with h5py.File(run.parent / "other.h5", "w") as other, replaced(run) as (file, shape):
        other["x"] = np.ones(shape)
        file["vpn_users"] = h5py.ExternalLink("../other.h5", "x")


def soft_link(run: Path) -> None:
    with replaced(run) as (file, _):
        file["vpn_users"] = h5py.SoftLink("/active_users")


def virtual(run: Path) -> None:
    with h5py.File(run.parent / "other.h5", "w") as other, replaced(run) as (file, shape):
        other["x"] = np.ones(shape)
        layout = h5py.VirtualLayout(shape, "<f8")
        layout[...] = h5py.VirtualSource(str(run.parent / "other.h5"), "x", shape)
        file.create_virtual_dataset("vpn_users", layout)


def group(run: Path) -> None:
    with replaced(run) as (file, _):
        file.create_group("vpn_users")["loop"] = file["/"]


def bomb(run: Path) -> None:
    with replaced(run) as (file, shape):
        file.create_dataset(
            "vpn_users", (*shape[:-1], 10**9), "<f8", chunks=(1,) * (len(shape) - 1) + (1000,)
        )


@pytest.mark.parametrize(
    "craft", [external_storage, external_link, soft_link, virtual, group, bomb]
)
def test_a_panel_that_leads_elsewhere_is_not_read(
    craft: Callable[[Path], None],
    run: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    craft(run)
    sealed(run)
    monkeypatch.chdir(run.parent)
    read: list[str] = []
    real = h5py.Dataset.__getitem__
    monkeypatch.setattr(
        h5py.Dataset, "__getitem__", lambda self, *key: read.append(self.name) or real(self, *key)
    )
    with pytest.raises(
        RunError, match=r"panel\.nc is not the work of this program: .*It was not read"
    ):
        open_run(run)
    assert read == []
    code, out, err = call(capsys, "report", "run")
    assert (code, out) == (1, "")
    assert err.startswith("error: ")
    assert "diary" not in err
    assert not (run.parent / "report.html").exists()


@pytest.mark.parametrize(
    "name", ["panel.nc", "scenario.resolved.yaml", "log.txt", "decisions.csv", "manifest.json"]
)
def test_a_link_in_the_folder_is_not_followed(name: str, run: Path) -> None:
    (run / name).replace(run.parent / name)
    (run / name).symlink_to(run.parent / name)
    with pytest.raises(RunError, match=rf"{name} is a link"):
        open_run(run)


@pytest.mark.parametrize(
    "name", ["../secret.txt", "/dev/zero", "figures/../../secret.txt", "", "a\0b"]
)
def test_a_manifest_that_names_other_files_is_refused(name: str, run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["files_sha256"][name] = hashlib.sha256(SECRET).hexdigest()
    (run / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(RunError, match=r"names a file outside its folder|a control character"):
        open_run(run)


def test_a_device_in_the_folder_is_not_read(run: Path) -> None:
    (run / "series.csv").unlink()
    os.mkfifo(run / "series.csv")
    with pytest.raises(RunError, match=r"series\.csv is not a file"):
        open_run(run)


# --- forged and damaged results -------------------------------------------------------------------


def test_a_changed_file_is_named_by_every_command(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = run / "scenario.resolved.yaml"
    file.write_text(file.read_text().replace("WeChat", "TikTok"))
    whole = str(run)
    for words in (
        ("report", whole, "--out", str(run.parent / "x.html")),
        ("plot", whole),
        ("compare", whole, whole),
    ):
        code, out, err = call(capsys, *words)
        assert (code, out) == (1, "")
        assert "is damaged, or was changed after the run: scenario.resolved.yaml was changed" in err
    assert not (run.parent / "x.html").exists()
    sealed(run)
    with pytest.raises(RunError, match=r"is not one run: .*\(scenario\)"):
        open_run(run)


def test_every_changed_missing_or_added_file_is_found(run: Path, kept: Path) -> None:
    for path in sorted(kept.rglob("*")):
        name = path.relative_to(kept).as_posix()
        if not path.is_file() or name in ("log.txt", "manifest.json"):
            continue
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        (run / name).write_bytes(data)
        with pytest.raises(RunError, match=f"{name} was changed"):
            open_run(run)
        (run / name).unlink()
        if name.startswith("figures/"):
            open_run(run)  # a chart may be deleted
        else:
            with pytest.raises(SplinternetError, match=f"{name} is missing|has no panel.nc"):
                open_run(run)
        (run / name).write_bytes(path.read_bytes())
    plain = toy_result(2, 4).save(run.parent / "plain")
    shutil.copy(kept / "decisions.csv", plain)
    with pytest.raises(RunError, match=r"decisions\.csv was added"):
        open_run(plain)


def test_the_panel_of_another_run_is_refused_although_the_manifest_says_so(run: Path) -> None:
    other = toy_result(2, 6, effect=0.0).save(run.parent / "other")
    shutil.copy(other / "panel.nc", run)
    sealed(run)
    with pytest.raises(RunError, match=r"is not one run: .*run_id, digest"):
        open_run(run)


def test_a_run_id_that_does_not_follow_from_the_manifest_is_refused(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    (run / "manifest.json").write_text(json.dumps(manifest | {"seeds": [7, 8]}))
    with pytest.raises(RunError, match="run_id of the manifest itself"):
        open_run(run)


MANIFESTS: dict[str, Any] = {
    "a list": [],
    "null": None,
    "empty": {},
    "no scenario": {"scenario": None},
    "a scenario that is a text": {"scenario": "x"},
    "a title that is a number": {
        "scenario": {"name": "x", "title": 3, "status": "what-if", "digest": "0" * 64}
    },
    "warnings that are a number": {"warnings": 5},
    "warnings of numbers": {"warnings": [1]},
    "seeds that are texts": {"seeds": ["1"]},
    "no run id": {"run_id": ""},
    "packages that are a list": {"packages": ["numpy"]},
    "files that are a list": {"files_sha256": ["panel.nc"]},
    "no digests": {"files_sha256": {}},
    "notes that are a mapping": {"info": {"notes": {}}},
    "info that is a list": {"info": [1]},
    "draws that are texts": {"info": {"drawn": {"1": {"x": "much"}}}},
    "facts that are a number": {"facts_sha256": 1},
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_malformed_manifest_is_a_clear_error(
    name: str, run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change, path = MANIFESTS[name], run / "manifest.json"
    whole = json.loads(path.read_text())
    path.write_text(json.dumps(whole | change if change else change))
    code, out, err = call(capsys, "report", str(run))
    assert (code, out) == (1, "")
    assert err.count("\n") == 1
    assert "manifest.json" in err


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "\xff\xfe", '{"run_id": ' + "9" * 10_000 + "}"]
)
def test_a_manifest_that_is_no_json_is_a_clear_error(text: str, run: Path) -> None:
    (run / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(RunError, match=r"manifest\.json cannot be read"):
        open_run(run)


@pytest.mark.parametrize(
    "damaged",
    ["", "[" * 50_000, "3", "[3]", "[{}]", "was struck", "a date", "many"],
)
def test_damaged_decisions_are_a_clear_error(damaged: str, run: Path) -> None:
    with h5py.File(run / "panel.nc", "r+") as file:
        stored = file["decisions"].asstr()[0]
        changes = {
            "was struck": ('"strike"', '"struck"'),
            "a date": ("2020-", "20-20-"),
            "many": ("2020-", "x" * 10**6),
        }
        file["decisions"][0] = stored.replace(*changes[damaged]) if damaged in changes else damaged
    sealed(run)
    with pytest.raises(RunError, match=r"panel\.nc cannot be read as a panel of results"):
        open_run(run)


# --- members --------------------------------------------------------------------------------------


def test_a_member_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = write_member(tmp_path, *toy_pair(3, 5))
    data = path.read_bytes()
    for length in (0, 5, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:length])
        with pytest.raises(RunError, match="cannot be read as a member"):
            read_member(path)
    path.write_bytes(data)
    assert read_member(path)[1].same_as(toy_pair(3, 5)[1])
