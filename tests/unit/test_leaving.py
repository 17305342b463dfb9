"""A command's process ends at once, and loses nothing by it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from sim.experiments import processes


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)


def test_output_is_flushed_exit_functions_are_called_and_objects_are_not_freed() -> None:
    ended = run(
        "import atexit; from sim.cli.leaving import leave\n"
        "class Large:\n    def __del__(self): print('freed')\n"
        "kept = Large(); atexit.register(print, 'at exit'); print('done', end=' ')\n"
        "leave(3)"
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, "done at exit\n", "")


def test_a_thread_that_still_works_is_waited_for() -> None:
    ended = run(
        "import threading, time; from sim.cli.leaving import leave\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), print('written'))).start()\n"
        "leave(1)"
    )
    assert (ended.returncode, ended.stdout) == (1, "written\n")


def test_a_command_leaves_so_and_the_same_called_from_python_returns() -> None:
    freed = (
        "import atexit; from sim.cli import main\nclass Large:\n    def __del__(self): print('freed')\nkept = Large()\n"
    )
    command = run(f"import sys; sys.argv[1:] = ['--version']; {freed}main()")
    called = run(f"{freed}main(['--version'])")
    assert command.returncode == called.returncode == 0
    assert called.stdout == f"{command.stdout}freed\n"


def test_workers_multiply_matrices_on_one_thread(monkeypatch) -> None:
    name = "OPENBLAS_NUM_THREADS"
    monkeypatch.delenv(name, raising=False)
    with processes._one_thread_each():
        assert os.environ[name] == "1"
    assert name not in os.environ, "what the user starts next has all threads"
    monkeypatch.setenv(name, "4")
    with processes._one_thread_each():
        assert os.environ[name] == "4", "the user has decided"
    assert os.environ[name] == "4"


def test_the_end_of_a_run_loads_next_to_nothing(tmp_path: Path) -> None:
    """Workers load the engine for a second or two; what the end of a run needs is loaded meanwhile."""
    ended = run(
        "import sys; sys.path.insert(0, 'tests')\n"
        "from pathlib import Path\n"
        "from toy_results import toy_result\n"
        "from sim.cli.runs import print_summary\n"
        "from sim.experiments.finishing import get_ready\n"
        "from sim.results.save import write_files\n"
        "result = toy_result()\n"
        "get_ready(); before = set(sys.modules)\n"
        f"write_files(result, Path({str(tmp_path)!r})); print_summary(result)\n"
        "print(*sorted(set(sys.modules) - before))\n"
    )
    assert (tmp_path / "panel.nc").exists(), ended.stderr
    late = ended.stdout.splitlines()[-1].split()
    heavy = [name for name in late if name.startswith(("numba", "matplotlib.axes", "scipy", "rich.con", "sim.metrics"))]
    assert not heavy
    assert len(late) < 40, late
