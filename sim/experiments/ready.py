"""Loads everything that a worker needs when it is imported. Workers are copies of the process that imported it.

Compiled kernels are loaded, or compiled, at their first call: simulating one day of a few people calls those of the
world and of the figures, `sim.engine.compiling` the others.
"""

from __future__ import annotations

import gc
import signal
from contextlib import suppress
from importlib import import_module

from sim.compiled import wait_for_kernels
from sim.experiments.beforehand import compile_beforehand

_PEOPLE = 1_000


def _get_ready() -> None:
    """Simulate one day; the main process handles an interrupt during this time."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # what is loaded and compiled stays, so looking for garbage in it is time lost
    try:
        compile_beforehand()  # the visits on another core, unless that has begun; this process compiles all else

        from sim.engine.compiling import compile_rest, compile_visits
        from sim.experiments.memory import keep_freed
        from sim.experiments.pairs import arm_data, make_arms
        from sim.results.panel import pack_member
        from sim.scenario import load

        keep_freed()
        import_module("sim.experiments.points")  # the code that ensembles and the other experiments run
        arms = make_arms(load("wechat_as_ordered", people=_PEOPLE, days=1), 1)
        for arm in arms:
            arm.step()
        pack_member(arm_data(arms[0]), arm_data(arms[1]))
        del arms
        compile_rest()
        wait_for_kernels()  # copies could neither wait for that process nor use its kernels before it ends
        compile_visits()  # or rather load them
        gc.freeze()  # loaded objects stay, so copies need not search them for garbage or touch their pages
    finally:
        gc.enable()
        signal.signal(signal.SIGINT, before)


# An error here also occurs in every worker, which reports it with its traceback.
with suppress(Exception):
    _get_ready()
