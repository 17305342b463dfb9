"""Speed, with bounds loose enough for a busy machine; `benchmarks/run.py` prints the figures."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "numba", "pandas", "mesa", "xarray", "matplotlib", "pydantic")


def _processor_seconds(code: str) -> tuple[float, str]:
    """Return what a fresh Python takes for some code, by its own account, and what it prints last."""
    told = "; import time, atexit; atexit.register(lambda: print('\\n', time.process_time()))\n"
    done = subprocess.run(
        [sys.executable, "-c", "import sys" + told + code], check=True, capture_output=True, text=True
    )
    *before, seconds = done.stdout.strip().splitlines()
    return float(seconds), before[-2] if len(before) > 1 else ""


def test_checking_a_scenario_loads_nothing_it_does_not_need() -> None:
    # What each policy changes is worked out with numpy; nothing heavier is loaded for it.
    heavy = (name for name in HEAVY[:-1] if name != "numpy")
    needless = (
        *heavy,
        "rich",
        "splinternet.cli.runs",
        "splinternet.cli.catalogue",
        "splinternet.facts.outlines",
        "splinternet.engine.steps",
    )
    code = f"""
import atexit, sys
from splinternet.cli import main
atexit.register(lambda: print([m for m in {needless!r} if m in sys.modules]))
sys.argv[1:] = ['check', 'wechat_as_ordered']
main()
"""
    checking, loaded = _processor_seconds(code)
    assert loaded == "[]"
    libraries, _ = _processor_seconds("import pydantic, ruamel.yaml, typer; pydantic.BaseModel")
    # Side by side, and in processor time, so that a busy machine changes neither.
    assert checking < 7 * libraries
