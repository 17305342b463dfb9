"""Work shared out over copies of a process: in order, whole whatever becomes of a copy, and errors as if alone."""

from __future__ import annotations

import os
import signal
import time

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


@pytest.fixture
def copied(monkeypatch):
    monkeypatch.setattr(copies, "may_copy", lambda: True)


def test_a_copy_works_beside_this_process_and_its_files_are_there_in_the_end(copied, tmp_path):
    there = tmp_path / "who.txt"
    with copies.beside(lambda: there.write_text(str(os.getpid()))) as end:
        end()
        assert int(there.read_text()) != HERE


@pytest.mark.parametrize("function", [dies_in_a_copy, fails_in_a_copy])
def test_what_the_copy_beside_drops_is_done_here(copied, function):
    done: list[int] = []
    with copies.beside(lambda: done.append(function(7))) as end:
        end()
    assert done == [7]


def test_an_error_of_the_copy_beside_is_raised_here(copied):
    with pytest.raises(ValueError, match="item 3"), copies.beside(lambda: refuses(3)) as end:
        end()


def test_no_copy_is_at_work_after_an_error_here(copied, tmp_path):
    def work() -> None:
        (tmp_path / str(os.getpid())).touch()
        time.sleep(60)

    begun = time.monotonic()
    with pytest.raises(KeyError), copies.beside(work):
        while not list(tmp_path.iterdir()) and time.monotonic() < begun + 30:
            time.sleep(0.01)
        raise KeyError
    (copy,) = tmp_path.iterdir()
    with pytest.raises(ProcessLookupError):
        os.kill(int(copy.name), 0)


def test_without_a_free_core_this_process_does_it(monkeypatch):
    monkeypatch.setattr(copies, "may_copy", lambda: False)
    done: list[int] = []
    with copies.beside(lambda: done.append(os.getpid())) as end:
        assert not done
        end()
    assert done == [HERE]


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
