"""Compiles the largest kernel while the world is being built; ``python -m`` does it in a separate process."""

from __future__ import annotations

import signal

import numpy as np

from sim.mechanisms.agenda import first_agenda
from sim.mechanisms.condition import luck_of
from sim.mechanisms.look import Scene, empty_outcome
from sim.mechanisms.own import first_own
from sim.mechanisms.settings import CELL, PERSON, PLATFORM, TASTE, Columns, Rules, Today, as_record
from sim.mechanisms.value import empty_room
from sim.mechanisms.visit import visit_all


def compile_visits() -> None:
    """Compile the visits, or load them: a call for nobody, handed the types that a day of a model hands over."""
    none, pair, bits = (0,), (0, 0), np.zeros(0, np.int64)
    columns = Columns(
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
    rules = as_record(Rules(**dict.fromkeys(Rules._fields, 0)))
    today = Today(0, np.zeros(pair), np.zeros(pair), bits, bits, bits)
    people = np.zeros(none, PERSON)
    agenda = first_agenda(people, 0, 1.0, 0, 0)
    own = first_own(0, columns.platform)
    scene = Scene(today, np.zeros(pair, CELL), columns, people, own, agenda, rules, luck_of(0, 0))
    visit_all(np.zeros(none, np.int32), 0, 0, scene, empty_outcome(0, 0), empty_room(0, 0))


if __name__ == "__main__":  # this is a separate process; the main process handles an interrupt
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    compile_visits()
