"""The third dull rival: one curve of use against enforcement, fitted to the other events, with two numbers.

    lost = dose x (a + b ln(1 + days))

The dose is what the policies in force take of direct use on that day, by the rules of techniques: coverage, lags,
lost speed, phones that lost the app. No people, no ties, no substitutes: what the model must beat to be worth its cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.experiments.hindcast.run import was_hit
from sim.experiments.hindcast.targets import Target
from sim.policies.docket import docket_of
from sim.policies.law import access_under
from sim.scenario import Scenario, load
from sim.world.scenario_setting import make_setting
from sim.world.setting import first_access


@dataclass(frozen=True)
class Curve:
    """A fitted curve.

    Attributes
    ----------
    at_once, later : float
        ``a`` and ``b`` of the formula [1].
    """

    at_once: float
    later: float

    def retained(self, dose: float, days: int) -> float:
        """Return the share of use that is left, so many days after the first policy came into force [1]."""
        return min(1.0, max(0.0, 1.0 - dose * (self.at_once + self.later * float(np.log1p(days)))))


def fit_curve(targets: Sequence[Target]) -> Curve:
    """Fit the curve to the targets whose platform a policy had hit, by least squares, not negative."""
    rows = [(dose, days, target.observed) for target in targets for dose, days in [dose_of(target)] if dose > 0]
    if not rows:
        return Curve(0.0, 0.0)
    dose, days, kept = np.array(rows, float).T
    terms = np.stack([dose, dose * np.log1p(days)], axis=1)
    from scipy.optimize import nnls

    # Neither number may be negative: from a few figures of like days a plain fit would tell absurd curves.
    (at_once, later), _ = nnls(terms, 1.0 - kept)
    return Curve(float(at_once), float(later))


def dose_of(target: Target) -> tuple[float, int]:
    """Return what policies take of direct use of a target's platform on its day [1], and for how many days they do.

    Nothing where no policy has hit it.
    """
    spec = load(target.scenario)
    if not target.platform or not was_hit(target, spec):
        return 0.0, 0
    before = [p.on for p in spec.policies if p.on and target.state in p.by and target.platform in p.targets]
    return _taken(spec, target), (target.day - min(before)).days


def _taken(spec: Scenario, target: Target) -> float:
    """Return the share of direct use that the policies in force on a day take [1]."""
    setting = make_setting(spec)
    first = first_access(setting)
    table = access_under(docket_of(spec.policies, target.day), first, setting)
    s, p = setting.states.index(target.state), setting.platforms.index(target.platform)
    left = table.reach[s, p].mean() * table.speed[s, p] * np.exp(-table.install_hazard[s, p].mean())
    return float(1.0 - left)
