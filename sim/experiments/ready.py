"""What a worker needs, loaded once: to import this is to get ready. Workers are copies of the process that did.

Compiled kernels are loaded, or compiled, when they are first called: a day of a few people calls them all.
"""

from __future__ import annotations

import gc
import signal
from contextlib import suppress
from importlib import import_module

_PEOPLE = 1_000


def _get_ready() -> None:
    """Live through a day; whoever interrupts the run meanwhile is answered by the run."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        from sim.experiments.memory import keep_freed
        from sim.experiments.pairs import arm_data, compile_beforehand, make_arms
        from sim.results.panel import pack_member
        from sim.scenario import load

        keep_freed()
        compile_beforehand()  # the largest kernel on another core: this process compiles the others meanwhile
        import_module("sim.experiments.points")  # what ensembles and the other experiments run
        arms = make_arms(load("wechat_as_ordered", people=_PEOPLE, days=1), 1)
        for arm in arms:
            arm.step()
        pack_member(arm_data(arms[0]), arm_data(arms[1]))
        del arms
        gc.freeze()  # what is loaded stays: copies need not search it for garbage, nor touch its pages
    finally:
        signal.signal(signal.SIGINT, before)


# What is wrong here is wrong in every worker too, and is told there with its trace.
with suppress(Exception):
    _get_ready()
