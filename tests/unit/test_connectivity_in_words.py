"""Rows of the tables of connectivity: what is not there has no level, and says whether it was there before."""

from __future__ import annotations

from splinternet.results.summary import Row
from splinternet.text.connectivity import _cells


def row(baseline: float | None, policy: float | None, effect: float | None) -> Row:
    return {"baseline": baseline, "policy": policy, "effect": effect, "low": effect, "high": effect}


def test_routes_of_which_none_is_left_have_no_length_in_the_worst_week_either() -> None:
    """The week that can be measured is one before the border closes, so its length says nothing of the policies."""
    cells = _cells("route_length", row(1.0, 1.0, 0.0), row(1.0, None, None))
    assert cells[1:] == ("1", "none left", "-", "none left")
    assert _cells("route_length", row(1.0, 1.5, 0.5), row(1.0, 1.2, 0.2))[1:] == ("1", "1.5", "0.5", "1.2")


def test_what_nobody_in_the_run_has_is_not_called_lost() -> None:
    cells = _cells("contact_across_border", row(None, None, None), row(None, None, None))
    assert cells[1:] == ("not in this run", "not in this run", "-", "not in this run")
