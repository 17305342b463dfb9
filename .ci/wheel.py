"""Try the wheel as a user gets it: ``uv run python .ci/wheel.py [WHEEL]``; without one, it is
built.

For each Python on this machine that the program supports, a new environment gets the wheel and
nothing of the clone. In an empty folder the opening case is run, small; its run id and its figures
must be those of the clone. mypy must find a wrong keyword in a user's script. At last a Dask
cluster of the wheel runs the case for the clone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLDEST = (3, 12)
CASE = (
    "run",
    "wechat_as_ordered",
    "--people",
    "2000",
    "--days",
    "60",
    "--seeds",
    "1",
    "--jobs",
    "1",
    "--out",
    "run",
)
SCRIPT = "import splinternet as sn\nfrom splinternet.errors import InputError\nsn.run('wechat_as_ordered', peple=1)\n"


def call(*words: str | Path, folder: Path = ROOT, fails: bool = False) -> str:
    """Run a command without the clone on Python's path and return what it prints; stop where it
    fails.
    """
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    done = subprocess.run([*map(str, words)], cwd=folder, env=env, capture_output=True, text=True)
    if (done.returncode != 0) != fails:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stdout}{done.stderr}")
    return done.stdout


def pythons() -> dict[tuple[int, int], str]:
    """Return the interpreters on this machine that the program supports, one a minor version."""
    listed = json.loads(call("uv", "python", "list", "--only-installed", "--output-format", "json"))
    found: dict[tuple[int, int], str] = {}
    for each in listed:
        version = int(each["version_parts"]["major"]), int(each["version_parts"]["minor"])
        if (
            each["implementation"] == "cpython"
            and version >= OLDEST
            and each.get("variant", "default") == "default"
        ):
            found.setdefault(version, each["path"])
    return dict(sorted(found.items()))


def outcome(folder: Path) -> tuple[str, str]:
    """Return run id and figures of a run."""
    return json.loads((folder / "manifest.json").read_text())["run_id"], (
        folder / "series.csv"
    ).read_text()


def on_cluster(python: Path, folder: Path) -> tuple[str, str]:
    """Return run id and figures of a run that this clone orders from a cluster in another
    environment.
    """
    told = folder / "scheduler.json"
    env = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHONPATH", "VIRTUAL_ENV")
    }
    dask = (python, "-m", "dask")
    ways = (
        (
            *dask,
            "scheduler",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--no-dashboard",
            "--scheduler-file",
            told,
        ),
        (
            *dask,
            "worker",
            "--scheduler-file",
            told,
            "--nworkers",
            "1",
            "--nthreads",
            "1",
            "--no-dashboard",
        ),
    )
    started = [
        subprocess.Popen([*map(str, way)], cwd=folder, env=env, stderr=subprocess.DEVNULL)
        for way in ways
    ]
    try:
        end = time.monotonic() + 120
        while not told.exists() or not told.read_text():
            if time.monotonic() > end:
                sys.exit("the cluster does not start")
            time.sleep(0.2)
        words = (*CASE, "--cluster", json.loads(told.read_text())["address"])
        subprocess.run(
            [sys.executable, "-m", "splinternet", *words],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return outcome(folder / "run")
    finally:
        for each in started:
            each.terminate()
        for each in started:
            each.wait(30)


def main() -> None:
    """Build where needed, then try each Python."""
    newest = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["exclude-newer"]
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        if len(sys.argv) > 1:
            wheel = Path(sys.argv[1]).resolve()
        else:
            call("uv", "build", "--quiet", "--out-dir", place)
            (wheel,) = place.glob("*.whl")
        subprocess.run(
            [sys.executable, "-m", "splinternet", *CASE],
            cwd=place,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        expected = outcome(place / "run")
        shutil.rmtree(place / "run")
        found = pythons()
        install = ("uv", "pip", "install", "--quiet", "--exclude-newer", newest)
        for version, path in found.items():
            venv, empty = place / f"venv-{version[1]}", place / f"empty-{version[1]}"
            python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
            empty.mkdir()
            call("uv", "venv", "--quiet", "--no-project", "--python", path, venv)
            call(*install, wheel, "--python", python, folder=empty)
            call(python, "-m", "splinternet", *CASE, folder=empty)
            if outcome(empty / "run") != expected:
                sys.exit(f"Python {version}: the wheel does not give the run of the clone")
            if list(empty.iterdir()) != [empty / "run"]:
                sys.exit(f"Python {version}: the run writes beside its folder")
            (empty / "user.py").write_text(SCRIPT)
            mypy = (
                sys.executable,
                "-m",
                "mypy",
                "--strict",
                "--python-executable",
                python,
                "user.py",
            )
            said = call(*mypy, folder=empty, fails=True)
            if (
                said.count("error:") != 1
                or 'Unexpected keyword argument "peple" for "run"' not in said
            ):
                sys.exit(f"Python {version}: mypy says\n{said}")
            print(
                f"Python {version[0]}.{version[1]}: {wheel.name} gives run {expected[0]}, as the clone does"
            )
        if not found:
            sys.exit(f"there is no Python from {OLDEST[0]}.{OLDEST[1]} on")
        here = sys.version_info[:2]
        venv, apart = place / f"venv-{here[1]}", place / "cluster"
        python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
        apart.mkdir()
        call(*install, f"{wheel}[cluster]", "--python", python, folder=apart)
        if on_cluster(python, apart) != expected:
            sys.exit("a cluster of the wheel does not give the run of the clone")
        print("a cluster of the wheel gives the same run to a client of the clone")


if __name__ == "__main__":
    main()
