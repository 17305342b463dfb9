"""Forecasts of observed figures that include the model's error from event to event."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from sim.experiments.hindcast.circumstances import Past
from sim.experiments.hindcast.scores import Forecast
from sim.facts.discrepancy import error_of
from sim.results.scales import NODES, error_kind, widened


def sd_of(one: Past, *, chance_only: bool = False) -> float:
    """Return the model's error on a figure, that of the other episodes: a standard deviation on its scale [1]."""
    kind = error_kind(one.observed)
    return error_of(kind, one.episode) if kind and not chance_only else 0.0


def with_error(members: Sequence[float], one: Past, *, chance_only: bool = False) -> Forecast:
    """Return what is forecast for a figure: what members say, each with the model's error.

    The error is that of the other episodes where the record holds the episode.

    Parameters
    ----------
    members : sequence of float
        What each member says [1].
    one : Past
        The figure; what was observed of it is not looked at.
    chance_only : bool
        Whether to leave the model's error out.
    """
    kind, sd = error_kind(one.observed), sd_of(one, chance_only=chance_only)
    if sd == 0.0:
        return Forecast(tuple(members))
    before = one.about.before if kind == "vpn" else 0.0
    return Forecast(tuple(map(float, widened(np.asarray(members), sd, kind, NODES, before).ravel())))
