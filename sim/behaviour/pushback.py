"""People push back: lost contact with family and lost surplus put pressure on a government to lift its policies.

Each month a state reviews its policies that have been in force for a while. If the pressure exceeds what it tolerates,
it lifts the policy that costs its people most; pressure has less effect on an unfree government.
"""

from __future__ import annotations

import numpy as np

from sim.arm import Arm, StatesArm
from sim.behaviour.repertoire import lifted
from sim.behaviour.standing import situation, standing_policies
from sim.decisions import Decision, PushedBack
from sim.ledger import Standing
from sim.mechanisms.statecraft import pressure
from sim.metrics.money import surplus_lost
from sim.people.visit import SURPLUS_UNITS
from sim.world.setting import dollars_a_day, income

SUMMARY = "Lost contact and lost surplus press on governments, and they lift what costs their people most."
EVERY_DAYS = 30


def act(model: StatesArm) -> list[Decision]:
    """Let each government under more pressure than it tolerates lift its costliest policy."""
    s, q = situation(model), model.setting.parameters
    contact, surplus = losses(model)
    felt = pressure(contact, surplus, s.freedom, dict(q))
    found = []
    for i in (int(n) for n in np.flatnonzero(s.decides & (felt > q["pushback.tolerance"]))):
        old = [m for m in standing_policies(model) if m.by == i and m.objects and m.days >= q["pushback.patience_days"]]
        # A policy of several states cannot be ended by one of them.
        old = [m for m in old if m.policy is not None and len(m.policy.by) == 1 and _cost(model, m) > 0]
        if not old:
            continue
        worst = max(old, key=lambda m: (_cost(model, m), m.id))
        scores = {"pressure": float(felt[i]), "contact_lost": float(contact[i]), "surplus_lost": float(surplus[i])}
        found.append(lifted(model, i, worst, "pushback", PushedBack(), scores))
    return found


def _cost(model: StatesArm, standing: Standing) -> float:
    """Return what a policy takes from the people of the state that takes it [1]."""
    s = situation(model)
    return float(sum(s.users[standing.by, j] * s.worth[j] for j in standing.objects))


def losses(model: StatesArm) -> tuple[np.ndarray, np.ndarray]:
    """Return the share of each state's people who lost contact and the surplus lost [US$ a day and user].

    Of yesterday where people are simulated; otherwise from what is in force: the diaspora that talked there,
    and the users cut off at a messenger's value, with no way round (an upper bound).
    """
    s, q = situation(model), model.setting.parameters
    if isinstance(model, Arm):
        if model.day == 0:
            return np.zeros(len(s.states)), np.zeros(len(s.states))
        groups, setting = model.group_table, model.setting
        people = model.contact.without * groups.weight
        gained = groups.using(model.counts.surplus) / SURPLUS_UNITS
        wealth = np.array([income(setting, state) for state in s.states])
        lost = surplus_lost(gained, dollars_a_day(setting), wealth) / s.people
        return np.bincount(groups.state, weights=people, minlength=len(s.states)) / s.people, lost
    contact, surplus = np.zeros(len(s.states)), np.zeros(len(s.states))
    a_day = dollars_a_day(model.setting) * q["value.messenger"]
    part = s.product / s.product.sum()
    for m in standing_policies(model):
        for j in m.objects if m.days >= 0 else ():
            home = s.home[j]
            contact[m.by] += s.migrants[m.by, home] * s.users[home, j] * s.talks[j]
            surplus[m.by] += s.users[m.by, j] * s.worth[j] * a_day * min(1.0, float(part[m.by] / part.max()))
    return np.minimum(1.0, contact), surplus
