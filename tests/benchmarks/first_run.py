"""Where the very first run spends its time: ``uv run python tests/benchmarks/first_run.py`` (half a minute and more).

Processor seconds of one process with an empty folder of kernels, so that a busy machine blurs them less than a clock
would; ``--warm`` runs it a second time with the kernels that the first has kept, which is what each further seed costs.
"""

from __future__ import annotations

import functools
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = "wechat_as_ordered"

_spent: Counter[str] = Counter()
_open: list[list[Any]] = []


def _begin(part: str) -> None:
    _open.append([part, time.process_time(), 0.0])


def _end(*_: Any) -> None:
    part, since, inside = _open.pop()
    whole = time.process_time() - since
    _spent[part] += whole - inside
    if _open:
        _open[-1][2] += whole


def _watch(owner: Any, name: str, part: str) -> None:
    """Count the time in a function, what is watched inside it apart."""
    function = getattr(owner, name)

    @functools.wraps(function)
    def watched(*given: Any, **named: Any) -> Any:
        _begin(part)
        try:
            return function(*given, **named)
        finally:
            _end()

    setattr(owner, name, watched)


def _watch_imports() -> None:
    """Count the time that modules take to load, also those that are loaded in the middle of something else."""
    import builtins

    plain, known = builtins.__import__, sys.modules

    def watched(name: str, *given: Any, **named: Any) -> Any:
        level = given[3] if len(given) > 3 else named.get("level", 0)
        if level == 0 and name in known and not (given[2] if len(given) > 2 else None):
            return plain(name, *given, **named)
        _begin("loading modules")
        try:
            return plain(name, *given, **named)
        finally:
            _end()

    builtins.__import__ = watched


def _one_run(out: str) -> None:
    """Run the command in this process and print what its parts took."""
    _watch_imports()
    _begin("loading modules")
    from numba.core import event

    from sim.engine.model import Model
    from sim.experiments import pairs
    from sim.plots import registry
    from sim.results import folder
    from sim.results.folder import RunFolder
    from sim.results.result import Result

    class Compiling(event.Listener):  # type: ignore[misc]
        def on_start(self, _: Any) -> None:
            _begin("compiling kernels")

        def on_end(self, _: Any) -> None:
            _end()

    event.register("numba:compile", Compiling())
    _watch(pairs, "make_world", "making the world")
    _watch(Model, "step", "days of both arms")
    _watch(RunFolder, "add", "storing the member")
    _watch(folder, "panel_bytes", "panel.nc")
    _watch(folder, "series_frame", "series.csv")
    _watch(Result, "rows", "summary.json")
    _watch(registry, "draw", "drawing charts")
    _watch(registry, "save_png", "writing charts")
    _end()
    from sim.cli import main

    _begin("the rest")
    try:
        main(["run", SCENARIO, "--seeds", "1", "--out", out])
    except SystemExit:
        _end()
    print(f"{'processor seconds':>24}")
    for part, seconds in [*_spent.most_common(), ("together", _spent.total())]:
        print(f"  {seconds:6.2f}  {part}")


def main() -> None:
    """Run the scenario in a fresh process, once or twice."""
    with tempfile.TemporaryDirectory() as folder:
        for turn in ("cold", "warm") if "--warm" in sys.argv else ("cold",):
            told, begun = {**os.environ, "NUMBA_CACHE_DIR": f"{folder}/kernels"}, time.perf_counter()
            command = [sys.executable, __file__, "--one", f"{folder}/{turn}"]
            done = subprocess.run(command, env=told, capture_output=True, text=True, check=True)
            print(f"\n{SCENARIO}, one seed, {turn}: {time.perf_counter() - begun:.1f} s by the clock")
            print(done.stdout[done.stdout.index("       processor seconds") :], end="", flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    if "--one" in sys.argv:
        _one_run(sys.argv[-1])
    else:
        main()
