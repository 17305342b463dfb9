"""Golden worlds: small runs give the figures that are kept, so that no change moves a result unnoticed."""

from __future__ import annotations

import json

import pytest

from tests.golden import worlds


def test_small_runs_give_the_figures_that_are_kept() -> None:
    kept, found = json.loads(worlds.FILE.read_text(encoding="utf-8")), worlds.figures()
    assert set(kept) == set(found)
    for run, metrics in kept.items():
        assert set(metrics) == set(found[run]), "a metric came or went: uv run python -m tests.golden.worlds"
        for metric, both in metrics.items():
            assert found[run][metric] == pytest.approx(both, rel=1e-8), (
                f"{run}: {metric} moved. If that is meant, say so in the changelog under Results change, "
                "then run: uv run python -m tests.golden.worlds"
            )
