"""Compiles what people decide while the world is being built; ``python -m`` does it in a separate process.

`compile_visits` is half of all there is to compile. The process that builds the world compiles the rest meanwhile.
"""

from __future__ import annotations

import gc
import signal

import numpy as np

from sim.people.contact import kin_ties
from sim.people.kernel_types import (
    CELL,
    FIRST,
    PLATFORM,
    RULES,
    TASTE,
    Columns,
    Rules,
    Today,
    VisitContext,
    empty_bonds,
    empty_outcome,
    empty_scratch,
)  # fmt: skip
from sim.people.reconnect import find_agreements, take_up_agreed
from sim.people.state import empty_counts, first_condition, keys_for_day, update_counts
from sim.people.visit import visit_all
from sim.world.ties import Ties


def compile_visits() -> None:
    """Compile the visits of people, and how kin agree, or load them: the half for the process beside this one."""
    given = _Nobody()
    visit_all(given.who, given.ctx, given.outcome, empty_scratch(0, 0))
    find_agreements(given.kin, given.bonds, 0, given.ctx)


def compile_rest() -> None:
    """Compile, or load, what the first day of a run does not come to: what follows once people have decided."""
    given = _Nobody()
    update_counts(given.who, given.ctx, given.outcome, empty_counts(0, 0))
    take_up_agreed(given.kin, given.ctx, given.who, given.outcome)


class _Nobody:
    """A world without people, of the types that a day of a model hands to the kernels."""

    def __init__(self) -> None:
        none, pair, bits = (0,), (0, 0), np.zeros(0, np.int64)
        self.who = np.zeros(0, np.int32)
        self.columns = Columns(
            start=np.zeros(1, np.int32),
            packed=np.zeros(none, np.int32),
            platform=np.zeros(none, PLATFORM),
            taste=np.zeros(pair, TASTE),
            talk_bits=0,
            apple_only=0,
            ios_share=np.zeros(none),
            vpn_share=np.zeros(none),
            reads=bits,
            bridged=bits,
        )
        rules = Rules(**dict.fromkeys(Rules._fields, 0))
        people, private, agenda = first_condition(np.zeros(none, FIRST), self.columns, rules, 0, 0)
        self.outcome = empty_outcome(0, 0)
        self.ctx = VisitContext(
            Today(0, np.zeros(pair), np.zeros(pair), bits, bits, bits), np.zeros(pair, CELL), self.columns, people,
            private, agenda, np.array([tuple(rules)], RULES)[0], keys_for_day(0, 0),
        )  # fmt: skip
        self.bonds = empty_bonds(0)
        ties = Ties(self.columns.start, self.columns.packed, self.who, self.who, np.zeros(none, np.float32))
        self.kin = kin_ties(ties, self.bonds, people)


if __name__ == "__main__":  # this is a separate process; the main process handles an interrupt
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()  # a compiler makes much that it keeps, and looking for garbage in it takes one second in sixteen
    compile_visits()
