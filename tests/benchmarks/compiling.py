"""Where the first run's compile time goes: ``uv run python tests/benchmarks/compiling.py`` (about half a minute)."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


def seconds_by_function() -> Counter[str]:
    """Return the processor time spent on compiling each function, those it calls apart [s]."""
    from numba.core import event

    spent: Counter[str] = Counter()
    open_ones: list[list[Any]] = []

    class Stopwatch(event.Listener):  # type: ignore[misc]
        def on_start(self, begun: Any) -> None:
            function = begun.data["dispatcher"].py_func
            open_ones.append([f"{function.__module__}.{function.__name__}", time.process_time(), 0.0])

        def on_end(self, _: Any) -> None:
            name, since, inside = open_ones.pop()
            whole = time.process_time() - since
            spent[name if name.startswith("sim.") else "numba's own"] += whole - inside
            if open_ones:
                open_ones[-1][2] += whole

    with event.install_listener("numba:compile", Stopwatch()):
        from sim.experiments.pairs import run_pair
        from sim.scenario import load

        run_pair(load("wechat_as_ordered", people=3_000, days=100), 1)
    return spent


def main(shown: int = 12) -> None:
    """Print the functions that take longest to compile, in a fresh cache."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = folder
        spent = seconds_by_function()
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
    print(f"\ncompiling {len(spent)} functions: {spent.total():.1f} s, {size / 1e6:.1f} MB kept on disk")
    for name, seconds in spent.most_common(shown):
        print(f"  {seconds:5.2f} s  {name}")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
