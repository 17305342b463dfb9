"""Progress in a notebook: a bar where the caller asks for no report, and none in a script."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

import pytest

import splinternet as sn
from sim.experiments import jupyter


class Bar:
    """Stands for the bar of tqdm and notes its calls."""

    made: list[Bar] = []

    def __init__(self, **keys: Any) -> None:
        self.keys, self.n, self.total, self.said, self.seen = keys, 0, None, [], []
        self.made.append(self)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        self.keys["closed"] = True

    def write(self, text: str) -> None:
        self.said.append(text)

    def set_postfix(self, **keys: Any) -> None:
        self.keys |= keys

    def refresh(self) -> None:
        self.seen.append((self.n, self.total))


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> type[Bar]:
    """Make this process look like a kernel of Jupyter."""
    shell = SimpleNamespace(config={"IPKernelApp": {}})
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell))
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=Bar))
    monkeypatch.setattr(Bar, "made", [])
    return Bar


CASE: dict[str, Any] = {"title": "x", "start": "2020-08-01", "days": 3, "policies": []}


def test_a_run_and_a_sweep_show_a_bar_in_a_notebook(notebook: type[Bar]) -> None:
    sn.run(CASE, people=1_000, seeds=2, jobs=1)
    sn.sweep(CASE, {"choice.review_days": [7.0, 14.0]}, people=1_000, seeds=1, jobs=1)
    assert [bar.seen for bar in notebook.made] == [[(1, 2), (2, 2)], [(1, 2), (2, 2)]]
    assert all(bar.keys["closed"] for bar in notebook.made)


def test_whoever_asks_to_be_told_gets_no_bar_besides(notebook: type[Bar]) -> None:
    told: list[tuple[int, int, int]] = []
    sn.run(CASE, people=1_000, seeds=1, jobs=1, progress=lambda *counts: told.append(counts))
    assert (told, notebook.made) == ([(1, 0, 1)], [])


def test_a_script_shows_nothing() -> None:
    assert not jupyter.in_jupyter()
    with jupyter.shown("x", None) as progress:
        assert progress is None


@pytest.mark.parametrize("first", [True, False])
def test_the_first_run_says_that_it_compiles(notebook: type[Bar], first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jupyter, "is_first_run", lambda: first)
    with jupyter.shown("x", None) as progress:
        assert progress is not None
        progress(1, 1, 4)
    (bar,) = notebook.made
    assert bar.said == [jupyter.FIRST_RUN] * first
    assert (bar.n, bar.total, bar.keys["failed"]) == (1, 4, 1)
