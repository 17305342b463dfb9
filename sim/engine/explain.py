"""The calculation behind one person's decision at the next look at a platform, term by term.

The numbers come from the kernels that decide, called on copies: nothing in the model changes.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..arm import Arm
from ..core.chance import uniform_plain
from ..errors import InputError, Problem, did_you_mean
from ..people.kernel_types import empty_outcome, empty_scratch
from ..people.visit import Look, Sum, weigh
from .steps import crowd_of, drifted_of


class Term(NamedTuple):
    """One line of the calculation."""

    name: str
    value: float
    rule: str


@dataclass(frozen=True, repr=False)
class Explanation:
    """The reasons why a person keeps, tries or gives up a platform at the next look; `print` shows
    them.

    Attributes
    ----------
    person : int
    platform : str
    said : str
        A sentence with the person and the decision.
    terms : tuple of Term
        The lines of the calculation: the name of each number, its value [marginal feed users' value
        unless the name gives a unit; NaN if there is no way], and the rule with its parameters.
    """

    person: int
    platform: str
    said: str
    terms: tuple[Term, ...]

    def __getitem__(self, name: str) -> float:
        """Return the value of the term with this name."""
        values = {term.name: term.value for term in self.terms}
        if name not in values:
            raise InputError(
                Problem(
                    "explain", f"no term {name!r}", ", ".join(values), did_you_mean(name, values)
                )
            )
        return values[name]

    def __repr__(self) -> str:
        width = max(len(term.name) for term in self.terms)
        rows = [
            f"{n:>2} {term.name:<{width}} {_number(term.value):>8}  {term.rule}".rstrip()
            for n, term in enumerate(self.terms, 1)
        ]
        return "\n".join([self.said, *rows])

    def _repr_html_(self) -> str:
        import html

        return f"<pre>{html.escape(repr(self))}</pre>"


def _number(value: float) -> str:
    """Return a number for the table."""
    return "no way" if math.isnan(value) else f"{value:.3g}"


def explain(arm: Arm, person: int, platform: str = "") -> Explanation:
    """Return the calculation behind a person's next decision on a platform, in the current state of
    the model.

    Parameters
    ----------
    arm : Arm
    person : int
        Number of the person.
    platform : str
        By default one that fails; else one that was given up, else the most valuable one that the
        person has.

    Raises
    ------
    InputError
        There is no such platform.
    """
    names = arm.setting.platforms
    if platform and platform not in names:
        allowed = "a platform of the world"
        hint = did_you_mean(platform, names)
        raise InputError(Problem("platform", f"no platform {platform!r}", allowed, hint))
    tomorrow = copy.copy(arm)  # its tables are copies
    tomorrow.offer = arm.offer.copy()
    agenda = tomorrow.agenda
    for table in (
        *(tomorrow.everybody, tomorrow.private, tomorrow.use),
        *(agenda.wake, agenda.urgent, agenda.circle_changed),
    ):
        table.flags.writeable = True  # kernels are compiled for writable arrays
    ctx = tomorrow.context(day=arm.day + 1, crowd=crowd_of(tomorrow), drifted=drifted_of(tomorrow))
    scratch = empty_scratch(len(names), arm.workspace.most_ties)
    out = empty_outcome(1, len(names))

    def looked(p: int) -> tuple[Look, Sum]:
        look, weighed = weigh(person, p, ctx, out, scratch)
        return Look(*look), Sum(*weighed)

    row = ctx.people[person]
    if platform:
        chosen = names.index(platform)
    else:
        marked = int(ctx.private[person]["stuck"]) or int(row["lapsed"]) or int(row["member"])
        held = [p for p in range(len(names)) if marked >> p & 1] or [0]
        chosen = max(held, key=lambda p: looked(p)[0].first_worth)
    look, weighed = looked(chosen)
    terms = tuple(_terms(arm, ctx, person, chosen, look, weighed))
    return Explanation(
        person,
        names[chosen],
        f"{_who(arm, row)}: {names[chosen]} {_verdict(ctx, person, chosen, look, weighed)}.",
        terms,
    )


def _who(arm: Arm, row: Any) -> str:
    """Return the description of a person and the day, as text."""
    group = arm.world.groups[int(row["group"])]
    vpn = "with a VPN" if row["vpn"] else "without a VPN"
    return (
        f"Day {arm.day + 1}, {arm.date}. A person of {group.label}, aged {int(row['age'])}, {vpn}"
    )


def _verdict(ctx: Any, person: int, p: int, look: Look, weighed: Sum) -> str:
    """Return the decision of the next look, as text."""
    row = ctx.people[person]
    if not int(row["member"]) >> p & 1:
        return "was given up" if int(row["lapsed"]) >> p & 1 else "is not held"
    if look.keeping >= look.without:
        return "is kept"
    if not int(ctx.private[person]["stuck"]) >> p & 1:
        return "fails, which the next look only notes"
    chance = 1.0 - math.exp(-1.0 / weighed.trying_days)
    drawn = uniform_plain(int(ctx.keys["lapse"]), person, p)
    what = "is given up" if drawn < chance else "is tried on"
    return (
        f"fails; at the next look it {what} ({drawn:.2g} was drawn; below {chance:.2g} gives it up)"
    )


_LINES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "worth on the first day",
        "b x min(cap, U^-spread): b {base:.3g}, U {uniform:.3g}",
        ("choice.value_spread", "choice.value_cap"),
    ),
    ("with nothing closed", "what was closed on the first day is not a loss", ()),
    ("part that comes from people [1]", "w, by kind (tie_share)", ()),
    (
        "who is there, against the first day [1]",
        "R, of the circle and of all",
        ("choice.audience_prior", "choice.audience_lag_days"),
    ),
    ("worth today", "y = line 2 x ((1 - w) + w R)", ()),
    (
        "directly",
        "y x modes that get through x speed^exponent - price",
        ("choice.speed_exponent",),
    ),
    (
        "by VPN",
        "y - friction x effort e x effort here - penalty: e {effort:.3g}",
        ("circumvention.friction",),
    ),
    (
        "left beside the others in use [1]",
        "{only}",
        ("choice.substitutability", "choice.audience_power"),
    ),
    (
        "what is weighed",
        "the better way over what it must be",
        ("choice.drop_below", "choice.drop_by_vpn"),
    ),
    ("doing without", "the threshold: min(1, b)", ()),
    (
        "days of trying [days]",
        "trying_days x own patience x max(0.3, line 9 or 5 / line 10)",
        ("choice.trying_days", "choice.trying_spread"),
    ),
    ("given up at a look [1]", "1 - exp(-1 / days of trying), from the second look on", ()),
    ("circle with a VPN [1]", "share of contacts", ()),
    (
        "what a VPN costs",
        "cost x e^power x exp(-contagion x line 13)",
        ("circumvention.cost", "circumvention.want_power", "circumvention.contagion"),
    ),
    (
        "what a VPN adds here",
        "line 7 less line 6, 0 where 7 is not possible; the sum over all apps counts",
        (),
    ),
)
"""The lines: the name of each number, the rule with the person's own values, and parameters."""


def _terms(arm: Arm, ctx: Any, person: int, p: int, look: Look, weighed: Sum) -> Iterator[Term]:
    """Yield the lines of the calculation."""
    q = arm.setting.parameters
    adds = weighed.by_vpn - max(0.0, look.direct) if weighed.by_vpn >= look.without else 0.0
    values = (
        look.first_worth,
        weighed.gross,
        float(ctx.world.platform[p]["tie_share"]),
        weighed.liveliness,
        look.worth,
        _way(look.direct),
        _way(weighed.by_vpn),
        weighed.left,
        _way(look.keeping),
        look.without,
        weighed.trying_days,
        1.0 - math.exp(-1.0 / weighed.trying_days),
        weighed.holders,
        weighed.vpn_cost,
        max(0.0, adds),
    )
    own = {
        "base": float(ctx.world.taste[int(ctx.people[person]["group"]), p]["base_value"]),
        "uniform": uniform_plain(int(ctx.keys["value"]), person, p),
        "effort": float(ctx.people[person]["effort"]),
        "only": "1, the only channel to kin abroad" if weighed.is_only else "by kind and circle",
    }
    for (name, rule, parameters), value in zip(_LINES, values, strict=True):
        said = [rule.format(**own), *(f"{each} {q[each]:.3g}" for each in parameters)]
        yield Term(name, value, "; ".join(said))


def _way(value: float) -> float:
    """Return the value by one way of access; NaN if there is no way."""
    return value if value > 0.0 else math.nan
