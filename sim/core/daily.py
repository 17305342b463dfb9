"""A `mesa.Model` for a scenario: it steps whole days up to the last one, and draws everything from
one seed.
"""

from __future__ import annotations

from operator import index
from typing import Any

import numpy as np

from ..errors import InputError, Problem, RunError, did_you_mean

ARMS = ("policy", "baseline")


class Daily:
    """A base class that must precede `mesa.Model`: a step is one day."""

    spec: Any
    """The scenario that runs."""
    day: int
    """The last simulated day, counted from 0; -1 before the first step."""
    time: float
    running: bool

    @property
    def scenario(self) -> None:
        """Mesa's own scenario object, which is None because ``spec`` has all parameters.

        Otherwise Mesa's page would replace the user's ``scenario`` by an empty one whenever it
        makes the model again.
        """
        return None

    @scenario.setter
    def scenario(self, _: Any) -> None:
        if hasattr(self, "spec"):
            kind = type(self).__name__
            raise InputError(
                Problem(
                    "scenario", "the scenario of a model that exists", f"another {kind}(scenario)"
                )
            )

    def reset_rng(self, rng: Any = None) -> None:
        """Raise InputError: the world and all random numbers follow from the seed, so another seed
        needs another model.
        """
        kind = type(self).__name__
        raise InputError(
            Problem("rng", "reset_rng on a model", "a new model", f"{kind}(scenario, rng=5)")
        )

    def step(self) -> None:
        """Simulate one day."""
        raise RunError(f"{type(self).__name__} has no step")

    def begin_day(self) -> None:
        """Advance the day by one; raise RunError after the last one."""
        if self.day + 1 >= self.spec.days:
            self.time -= 1  # Mesa has counted the day already
            kind = type(self).__name__
            raise RunError(
                f"the scenario ends after {self.spec.days} days; for more, {kind}(..., days=...)"
            )
        self.day += 1

    def end_day(self) -> None:
        """Stop the model after the last day."""
        if self.day + 1 >= self.spec.days:
            self.running = False

    def run_for(self, duration: float) -> None:
        """Simulate a number of whole days.

        Raises
        ------
        InputError
            If the duration is not a whole number, 0 or more.
        RunError
            If the scenario has fewer days left.
        """
        if not (
            isinstance(duration, int | float | np.number)
            and duration >= 0
            and duration == duration // 1
        ):
            raise InputError(
                Problem(
                    "run_for",
                    f"{duration} days",
                    "a whole number of days, 0 or more",
                    "run_for(30)",
                )
            )
        for _ in range(int(duration)):
            self.step()


def seed_of(rng: int | np.random.Generator | None, default: int) -> int:
    """Return the seed that a user gives: a number, or a generator that draws one.

    Raises
    ------
    InputError
        If the value is neither.
    """
    if isinstance(rng, np.random.Generator):
        return int(rng.integers(2**31))
    try:
        return default if rng is None else index(rng)
    except TypeError:
        allowed = "a whole number, or a generator of numpy"
        raise InputError(Problem("rng", f"{rng!r} is not a seed", allowed, "rng=1")) from None


def check_arm(arm: str) -> None:
    """Raise InputError unless the text names an arm."""
    if arm not in ARMS:
        raise InputError(
            Problem(
                "arm",
                f"{arm!r} is not an arm",
                "one of " + ", ".join(ARMS),
                did_you_mean(str(arm), ARMS),
            )
        )
