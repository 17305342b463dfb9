"""What is kept of people for whom anything differs from the first day (`sim/people/state.py`)."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import block, scenario

from sim.engine.model import Model
from sim.people import visit as day
from sim.people.kernel_types import PRIVATE, PrivateState
from sim.people.state import grow_for, private_column, use_table


def lived(days: int = 20, threads: int = 1) -> Model:
    model = Model(scenario([block(targets=["WhatsApp", "Facebook"])], people=1_500, days=30), rng=1, threads=threads)
    model.run_for(days)
    return model


def test_a_row_is_kept_of_those_alone_for_whom_something_differs() -> None:
    model, first = lived(), lived(days=0)
    kept = model.private.at >= 0
    assert 0 < kept.sum() == model.private.taken[0] < len(model.person)
    assert sorted(model.private.at[kept]) == list(range(int(model.private.taken[0]))), "a row belongs to one person"
    unlike = (model.use != first.use).any(axis=1)
    for name in PRIVATE.names or ():
        unlike |= model.condition(name) != 0
    assert (kept | ~unlike).all(), "something differs, and no row holds it"
    assert unlike.any() and not (first.private.at >= 0).any()


def test_rows_grow_and_stay_what_they_were() -> None:
    model = lived()
    own: PrivateState = model.private
    rows = len(own.row)
    grown = grow_for(own, np.flatnonzero(own.at < 0))
    assert len(grown.row) >= own.taken[0] + (own.at < 0).sum() > rows
    assert grow_for(grown, np.flatnonzero(own.at < 0)) is grown, "there is room already"
    for name in PRIVATE.names or ():
        np.testing.assert_array_equal(private_column(grown, name), private_column(own, name))
    np.testing.assert_array_equal(use_table(grown, model.person), model.use)


@pytest.mark.parametrize("threads", [1, 2])
def test_any_number_of_visits_at_a_time_gives_the_same(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    whole = lived()
    monkeypatch.setattr(day, "AT_A_TIME", 7)
    monkeypatch.setattr(day, "MANY_VISITS", 10)
    parts = lived(threads=threads)
    assert np.array_equal(whole.person, parts.person) and np.array_equal(whole.use, parts.use)
    for one, other in zip(whole.counts, parts.counts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_person_is_one_line_of_the_cache() -> None:
    person = lived(days=0).person
    assert person.itemsize == 64 and person.ctypes.data % 64 == 0
