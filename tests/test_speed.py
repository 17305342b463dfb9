"""Speed, with bounds loose enough for a busy machine; `tests/benchmarks/run.py` prints the figures."""

from __future__ import annotations

import subprocess
import sys
import time

from conftest import block, scenario
from reference import Twin

from sim.model import Model
from sim.world.build import make_world

HEAVY = ("numpy", "numba", "pandas", "mesa", "xarray", "matplotlib", "pydantic")


def test_importing_the_package_is_quick_and_loads_nothing_heavy() -> None:
    code = f"import sys, sim; print([m for m in {HEAVY!r} if m in sys.modules])"
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert time.perf_counter() - begun < 1.0


def test_checking_a_scenario_is_quick() -> None:
    code = "import sys; from sim.cli import main; sys.argv[1:] = ['check', 'wechat_as_ordered']; main()"
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
    assert time.perf_counter() - begun < 1.5


def test_the_engine_is_far_faster_than_the_plain_model() -> None:
    spec = scenario([block(by="RU", targets=["WhatsApp", "Instagram"])], people=5_000, days=25)
    world = make_world(spec, 1)
    Model(spec, world=world, rng=1).run_for(25)
    engine = Model(spec, world=world, rng=1)
    begun = time.perf_counter()
    engine.run_for(25)
    fast = time.perf_counter() - begun
    twin = Twin(world)
    begun = time.perf_counter()
    for _ in range(25):
        twin.step()
    # Here 60 to 65 times; more with more people (see the benchmark), where the fixed cost of a day weighs less.
    assert (time.perf_counter() - begun) / fast > 35
