"""The draws of the members of an ensemble: all uncertain values, for each member from its seed alone.

1. What a scenario states under ``uncertain:``, between its ends.
2. One draw of the joint posterior, for the parameters that past events identify (``sim/facts/posterior.csv``).
3. Every other parameter with a range in its table: half of the draws lie below its value and half above, evenly on each
   side; on a logarithmic scale where the ends are ten times apart or more.
4. Among named rules that the record cannot distinguish, each with the same probability.

A parameter that the scenario sets is not drawn. With ``draw: stated`` only 1 is drawn, with ``draw: nothing`` nothing.
Rules by which states and firms decide are drawn only if a scenario says so, because their weights are illustrations and
a chronicle of decisions is read as one story.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from ..facts.record import read_posterior
from ..facts.tables import Quantity
from .load import varied
from .scenario import Scenario

HELD = frozenset(
    {"targets", "control", "retaliation", "imitation", "coalition", "pushback", "regimes", "blocs", "compliance"}
)
"""First words of the parameters of rules by which states and firms decide; not drawn unless a scenario states so."""
HELD_ALONE = frozenset({"routes.chinese_peers"})
"""Parameters of two answers that scenarios contrast: a run is quoted with the answer that it takes."""
WIDE = 10.0
"""Ratio of the ends of a range from which a parameter is drawn on a logarithmic scale (assumption)."""
_POSTERIOR = "<posterior>"

type Posterior = Sequence[Mapping[str, float]]


def member_spec(spec: Scenario, seed: int, *, posterior: Posterior | None = None) -> Scenario:
    """Return the scenario of one member: what is not known drawn for it, from its seed alone.

    Parameters
    ----------
    spec : Scenario
        Of the ensemble.
    seed : int
        The member's seed.
    posterior : sequence of dict, optional
        The joint draws of what events identify; by default those that are shipped. Without any, as ``()``, every
        parameter is drawn from its range.
    """
    draws = drawn(spec, seed, posterior=posterior)
    if not draws:
        return spec
    stated = {path: draws[path] for path in spec.uncertain if path in draws}
    lean = spec.model_copy(update={"uncertain": {}, "draw": "nothing"})
    whole = varied(lean, stated) if stated else lean
    others = {name: value for name, value in draws.items() if name not in stated and name not in whole.parameters}
    member = whole.model_copy(update={"parameters": {**others, **whole.parameters}})
    member.note(drawn_from=spec.drawn_from)  # all members have the groups of the scenario as it is written
    return member


def drawn(spec: Scenario, seed: int, *, posterior: Posterior | None = None) -> dict[str, float]:
    """Return what is drawn for one member, by path or by the name of a parameter.

    Parameters
    ----------
    spec, seed, posterior
        As for `member_spec`.
    """
    names = drawn_by_default(spec)
    stated = sorted(spec.uncertain) if spec.draw != "nothing" else []
    if not names and not stated:
        return {}
    from ..core.chance import Purpose, stream, uniform_plain

    key = int(stream(seed, Purpose.UNCERTAIN))

    # The position in the stream is a number made from the name, so one range more or fewer changes no other draw.
    def uniform(name: str) -> float:
        return float(uniform_plain(key, int.from_bytes(name.encode(), "big") % (2**61 - 1)))

    found = {path: spec.uncertain[path].at(uniform(path)) for path in stated}
    joint = read_posterior() if posterior is None else posterior
    row = joint[int(uniform(_POSTERIOR) * len(joint))] if joint else {}
    return found | {name: row[name] if name in row else at(known, uniform(name)) for name, known in names.items()}


def drawn_by_default(spec: Scenario) -> Mapping[str, Quantity]:
    """Return the parameters that members draw although the scenario does not say so, by name."""
    if spec.draw != "all":
        return {}
    settled = {path.removeprefix("parameters.") for path in spec.uncertain} | set(spec.parameters)
    return {
        name: known
        for name, known in spec.facts.parameters.items()
        if known.low < known.high
        and name not in settled
        and name not in HELD_ALONE
        and name.partition(".")[0] not in HELD
    }


def drawn_names(spec: Scenario) -> tuple[str, ...]:
    """Return all that members draw: paths that the scenario states, and parameters."""
    return (*(spec.uncertain if spec.draw != "nothing" else ()), *drawn_by_default(spec))


def at(known: Quantity, part: float) -> float:
    """Return the value of a parameter at a part of its range: its own value at one half.

    Parameters
    ----------
    known : Quantity
        The parameter.
    part : float
        A uniform draw, 0 to less than 1 [1].
    """
    if known.choices:
        return float(int(part * len(known.choices)))
    low, high = (known.low, known.value) if part < 0.5 else (known.value, known.high)
    share = 2.0 * part if part < 0.5 else 2.0 * part - 1.0
    if low > 0 and known.high >= WIDE * known.low:
        return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
    return low + share * (high - low)
