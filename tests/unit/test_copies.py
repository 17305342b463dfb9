"""Work shared out over copies of a process: in order, whole whatever becomes of a copy, and errors as if alone."""

from __future__ import annotations

import os
import signal

import pytest
from toy_results import toy_result

from sim.app.report import report_html
from sim.experiments import copies

HERE = os.getpid()


def who(item: int) -> tuple[int, int]:
    return item, os.getpid()


def test_every_item_is_done_once_and_in_order_by_copies_too():
    shared = copies.Shared(who, range(40), copies=2)
    for process, _ in shared._waiting:
        process.join(0.3)  # the copies do most of it before this process helps
    found = shared.results()
    assert [item for item, _ in found] == list(range(40))
    assert {pid for _, pid in found} - {os.getpid()}, "no copy did anything"
    assert shared.results() == found, "asked again, it is the same"


def test_what_is_mine_is_done_here_and_the_rest_is_shared():
    shared = copies.Shared(who, range(40), copies=2, mine=[3, 39])
    for process, _ in shared._waiting:
        process.join(0.3)
    found = shared.results()
    assert [item for item, _ in found] == list(range(40))
    assert found[3][1] == found[39][1] == HERE
    assert {pid for _, pid in found} - {HERE}, "no copy did anything"


def dies_in_a_copy(item: int) -> int:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return item


def fails_in_a_copy(item: int) -> int:
    if os.getpid() != HERE:
        raise RuntimeError("here only")
    return item


@pytest.mark.parametrize("function", [dies_in_a_copy, fails_in_a_copy])
def test_what_a_copy_drops_is_done_here(function):
    assert copies.Shared(function, range(10), copies=2).results() == list(range(10))


def refuses(item: int) -> int:
    if item == 3:
        raise ValueError("item 3")
    return item


def test_an_error_is_raised_as_if_it_had_happened_here():
    with pytest.raises(ValueError, match="item 3"):
        copies.Shared(refuses, range(6), copies=1).results()


def test_a_report_drawn_in_copies_is_the_same_text(monkeypatch):
    result = toy_result()
    alone = report_html([result])
    begun: list[int] = []

    class Copied(copies.Shared):
        def __init__(self, function, items):
            super().__init__(function, items, copies=1)
            begun.append(len(self._waiting))

    monkeypatch.setattr("sim.app.report_run.Shared", Copied)
    assert report_html([result]) == alone
    assert begun == [1]
