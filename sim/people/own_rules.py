"""A user's own rules for people's decisions: their input, their proposals, and how the model
carries these out.

A rule (`splinternet.people.rule.PeopleRule`) sees all people as read-only arrays, and returns
`Proposals`. The phase ``people`` carries them out together with the decisions of the built-in
rules. Nobody sees the decisions of others today, so the outcome does not depend on the order of
people, rules or threads.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numba import int64

from ..core.chance import Key, Purpose, own_stream, stream, uniform_many
from ..core.kernels import kernel, lowest
from ..errors import InputError, Place, Problem, did_you_mean
from .choice import chance_of_use, take_back
from .circumvention import device_of
from .events import OWN_RULE
from .kernel_types import CELL, FRIEND, Columns, Outcome, Rows, VisitContext
from .state import begin_decision, notify
from .substitution import can_take_up

VPN = "VPN"
"""The name that `Proposals.tell` accepts instead of a platform for VPNs."""
KIN = "kin abroad"
OF_NONE = -1
"""The number, instead of a platform's, in a proposal about VPNs or kin."""
_MOST_PLATFORMS = 64  # platforms are bits; their random streams precede the numbered ones
_PLAIN = tuple(name for name in CELL.names or () if CELL[name].shape == ())
"""Columns of access with one number per platform and place."""


def _fault(found: str, allowed: str, hint: str = "") -> InputError:
    """Return the error for a call by the user's own code, with its line."""
    frame = sys._getframe(1)  # noqa: SLF001 - an error names the line of the user's call
    while frame.f_back is not None and frame.f_code.co_filename == __file__:
        frame = frame.f_back
    return InputError(
        Problem(Place(frame.f_code.co_filename, frame.f_lineno), found, allowed, hint)
    )


def _place_of(platform: object, platforms: Sequence[str]) -> int:
    """Return the number of a platform; raise InputError, with the line of the user's code, if it is
    unknown.
    """
    if platform not in platforms:
        hint = did_you_mean(str(platform), platforms)
        raise _fault(f"unknown platform {platform!r}", "one of " + ", ".join(platforms), hint)
    return platforms.index(str(platform))


def _numbers(who: Any, people: int, call: str) -> np.ndarray:
    """Return the numbers of the people that the user's own code selects; raise InputError, with its
    line, for anything else.

    Parameters
    ----------
    who : array_like
        One boolean for each person, or the numbers of some people.
    people : int
        Number of people.
    call : str
        Name of the call, for the message.
    """
    if isinstance(who, str):
        raise _fault(f"{call} of {who!r}, which is not people", "the people, then the platform")
    given = np.asarray(who)
    allowed = (
        f"yes or no for each of the {people:,} people, or the numbers of some, 0 to {people - 1}"
    )
    if given.dtype == np.bool_ and given.shape == (people,):
        return np.flatnonzero(given)
    if given.ndim != 1 or (given.size and not np.issubdtype(given.dtype, np.integer)):
        raise _fault(f"{call} of an array of {given.dtype} and shape {given.shape}", allowed)
    if given.size and (given.min() < 0 or given.max() >= people):
        raise _fault(f"{call} of person {given.min() if given.min() < 0 else given.max()}", allowed)
    return given.astype(np.int64)


class Proposals:
    """Actions that people propose for today. The argument ``who`` is one boolean for each person,
    or the numbers of some people.

    Parameters
    ----------
    people : int
        Number of people.
    platforms : sequence of str
    """

    def __init__(self, people: int, platforms: Sequence[str]) -> None:
        self._people = people
        self._platforms = platforms
        self.made: dict[str, list[tuple[np.ndarray, int]]] = {}
        """By verb: the numbers of people, and the number of the platform, or `OF_NONE`."""

    def keep(self, who: Any, platform: str) -> None:
        """Propose that people do not give up a platform today. This takes precedence over all other
        rules.
        """
        self._add("keep", who, platform)

    def drop(self, who: Any, platform: str) -> None:
        """Propose that people give up a platform. A proposal to keep it takes precedence."""
        self._add("drop", who, platform)

    def adopt(self, who: Any, platform: str) -> None:
        """Propose that people start to use a platform. People do so if they can install it and it
        is worth having in its present state.
        """
        self._add("adopt", who, platform)

    def take_vpn(self, who: Any) -> None:
        """Propose that people get a VPN. People who have one keep it."""
        self._add("take_vpn", who, VPN)

    def tell(self, who: Any, about: str) -> None:
        """Propose that people tell their circle about a platform, or about VPNs with
        ``about="VPN"``.

        Their circle looks at the platform again at its next review, or now knows of VPNs.
        """
        self._add("tell", who, about)

    def phone(self, who: Any) -> None:
        """Propose that people telephone their kin abroad. From today on they telephone wherever no
        app works, and can arrange an app in this way.
        """
        self._add("phone", who, KIN)

    def agree(self, who: Any, platform: str) -> None:
        """Propose that people agree with each of their kin abroad on a platform. Both then use it,
        unless one of them cannot or is afraid.
        """
        self._add("agree", who, platform)

    def _add(self, verb: str, who: Any, about: str) -> None:
        """Add a proposal; raise InputError, with the line of the user's code, if it names no people
        or no platform.
        """
        numbers = _numbers(who, self._people, f"{verb}()")
        of_none = about == {"tell": VPN, "take_vpn": VPN, "phone": KIN}.get(verb)
        place = OF_NONE if of_none else _place_of(about, self._platforms)
        if numbers.size:
            self.made.setdefault(verb, []).append((numbers, place))

    def __len__(self) -> int:
        return sum(numbers.size for each in self.made.values() for numbers, _ in each)

    def __repr__(self) -> str:
        said = (
            f"{verb} {sum(numbers.size for numbers, _ in each):,}"
            for verb, each in self.made.items()
        )
        return f"<Proposals of people: {', '.join(said) or 'none'}>"


class _Parameters(dict[str, float]):
    """Parameters by name; an unknown one raises an error with the user's line."""

    def __missing__(self, name: str) -> float:
        hint = did_you_mean(name, self)
        raise _fault(f"unknown parameter {name!r}", "a parameter of the scenario", hint)


@dataclass(frozen=True)
class RuleDay:
    """The current day, as a rule sees it.

    Attributes
    ----------
    day : int
        Number of the day; the first day is 0 [days].
    date : datetime.date
    states, platforms : tuple of str
        Codes of states and names of platforms, in the order of all tables.
    affected : tuple of str
        The platforms to which at least one person's access differs from the first day.
    talk : tuple of str
        The platforms on which kin abroad can keep in touch if the platform works for both.
    parameters : mapping of str to float
        The parameters of the scenario, including your own.
    """

    day: int
    date: date
    states: tuple[str, ...]
    platforms: tuple[str, ...]
    affected: tuple[str, ...]
    talk: tuple[str, ...]
    parameters: Mapping[str, float]
    _seed: int = field(repr=False)
    _rule: str = field(repr=False)
    _people: np.ndarray = field(repr=False)

    def __repr__(self) -> str:
        where = f"access differs for {', '.join(self.affected)}" if self.affected else "all open"
        return f"<RuleDay: day {self.day}, {self.date}, {where}>"

    def chance(self, about: str | int = 0, who: Any = None) -> np.ndarray:
        """Return a random number in [0, 1) for each person, which differs from day to day, shape
        (people,).

        The rule has its own random stream, so other draws do not change, and both arms have the
        same numbers.

        Parameters
        ----------
        about : str or int
            Purpose of the number, if a rule draws more than one: a platform, or an integer.
        who : numpy.ndarray, optional
            Some people, by their numbers or by one boolean for each person; by default all.
        """
        return self._drawn(own_stream(self._seed, self._rule, self.day), about, who)

    def luck(self, about: str | int = 0, who: Any = None) -> np.ndarray:
        """Return a random number in [0, 1) for each person that is the same on every day, shape
        (people,).
        """
        return self._drawn(own_stream(self._seed, self._rule), about, who)

    def _drawn(self, key: Key, about: str | int, who: Any) -> np.ndarray:
        if isinstance(about, int):
            item = about if about <= 0 else about + _MOST_PLATFORMS
        else:
            item = 1 + _place_of(about, self.platforms)
        people = (
            self._people if who is None else _numbers(who, self._people.size, "a random number")
        )
        return uniform_many(key, people, item)


class PeopleToday:
    """All people as arrays, as a rule sees them. A rule cannot write arrays that it shares with the
    model.

    The argument ``who`` of each method selects people, by their numbers or by one boolean for each
    person. By default a method returns values for all people.

    Parameters
    ----------
    columns : Columns
        The world.
    groups : sequence of Stratum
    states, platforms : sequence of str
    kin_weight : int
        Weight of a relative in a circle, in units of `FRIEND`.
    seed : int
        The member's seed.
    kin_abroad : (numpy.ndarray, numpy.ndarray), shape (ties,)
        The numbers of the two ends of each kin tie abroad.

    Attributes
    ----------
    own : dict of str to numpy.ndarray, shape (people,)
        Your own attributes by name; `attribute` creates them.
    ids : numpy.ndarray, shape (people,)
        The number of each person.
    begun : Proposals, optional
        The proposals that the current rule is filling.
    """

    def __init__(
        self,
        columns: Columns,
        groups: Sequence[Any],
        states: Sequence[str],
        platforms: Sequence[str],
        kin_weight: int,
        seed: int,
        kin_abroad: tuple[np.ndarray, np.ndarray],
    ) -> None:
        self._columns = columns
        self._kin_abroad = kin_abroad
        self.own: dict[str, np.ndarray] = {}
        self._own_ties: dict[str, OwnTies] = {}
        self._groups = tuple(groups)
        self._kin_weight = kin_weight
        self._seed = seed
        self._states = tuple(states)
        self._platforms = tuple(platforms)
        self.ids = _locked(np.arange(len(columns.start) - 1))
        self.begun: Proposals | None = None
        self._cache: dict[str, np.ndarray] = {}
        self._rows: Rows = np.empty(0)
        self._private: Rows = np.empty(0)
        self._cells: Rows = np.empty(0)
        self._differs: np.ndarray = np.empty(0)
        self._days_out: Callable[[], np.ndarray] | None = None

    def begin(
        self,
        rows: Rows,
        private: Rows,
        cells: Rows,
        differs: np.ndarray,
        days_out: Callable[[], np.ndarray],
    ) -> None:
        """Set the values that rules see on a day: people (PERSON and PRIVATE), access (CELL) and
        its changes since the first day, bits, and days out of touch.
        """
        self._days_out = days_out
        self._rows = rows
        self._private = private
        self._cells = cells
        self._differs = differs
        self._cache = {name: kept for name, kept in self._cache.items() if name in _FOR_LIFE}

    def __len__(self) -> int:
        return self.ids.size

    def __repr__(self) -> str:
        return f"<PeopleToday: {len(self):,} people, {len(self._platforms)} platforms>"

    def proposals(self) -> Proposals:
        """Return an empty set of proposals, which the rule fills and returns."""
        self.begun = Proposals(len(self), self._platforms)
        return self.begun

    # --- who they are -----------------------------------------------------------------------------

    @property
    def weight(self) -> np.ndarray:
        """Number of real people that each simulated person represents, shape (people,)
        [persons].
        """
        return self._of_group("weight", [float(group.weight) for group in self._groups])

    @property
    def effort(self) -> np.ndarray:
        """Cost of a workaround for each person, relative to a person of average skill [1], shape
        (people,).
        """
        return _locked(self._rows["effort"])

    @property
    def age(self) -> np.ndarray:
        """Age of each person on the first day [full years], shape (people,)."""
        return _locked(self._rows["age"])

    def lives_in(self, *states: str) -> np.ndarray:
        """Return who lives in one of the given states (codes), shape (people,), bool."""
        return self._in_states("home", states)

    def comes_from(self, *states: str) -> np.ndarray:
        """Return who comes from one of the given states (codes), shape (people,), bool. Residents
        outside diasporas come from their state of residence.
        """
        return self._in_states("origin", states)

    def is_kin_abroad(self) -> np.ndarray:
        """Return who has kin in another state (members of diasporas and their families), shape
        (people,), bool.
        """
        return self._of_group("side", [group.side != "resident" for group in self._groups])

    # --- contact with kin abroad ------------------------------------------------------------------

    @property
    def days_out_of_touch(self) -> np.ndarray:
        """Days in a row on which a person cannot reach any relative abroad by app, but could
        without the policies; 0 for people in touch [days], shape (people,).

        A rule sees the value at the end of yesterday, a metric that of today. The baseline arm
        counts people who were in touch on the first day.
        """
        if "days_out" not in self._cache:
            days = np.zeros(len(self), np.int16) if self._days_out is None else self._days_out()
            self._cache["days_out"] = _locked(days)
        return self._cache["days_out"]

    @property
    def out_of_touch(self) -> np.ndarray:
        """True for each person who has lost touch with all relatives in the other state, as counted
        by ``family_contact_lost``, shape (people,), bool.
        """
        return self.days_out_of_touch > 0

    def kin_of(self, who: Any) -> np.ndarray:
        """Return the numbers of all kin abroad of the selected people, each number once."""
        chosen = np.zeros(len(self), np.bool_)
        chosen[self._some(who)] = True
        one, other = self._kin_abroad
        return np.unique(np.concatenate([other[chosen[one]], one[chosen[other]]]))

    # --- of your own ------------------------------------------------------------------------------

    def attribute(self, name: str, start: float = 0.0) -> np.ndarray:
        """Return one of your own attributes, written by rules and read by metrics of the same arm,
        shape (people,).

        Parameters
        ----------
        name : str
            Name of the attribute, and of its column in ``model.people``.
        start : float, int or bool
            Value on the first day, which also determines the type.
        """
        if name not in self.own:
            if not name.isidentifier() or hasattr(type(self), name):
                raise _fault(f"an attribute {name!r}", "a name in letters that people do not have")
            self.own[name] = np.full(len(self), start)
        return self.own[name]

    def own_ties(
        self, name: str, draw: Callable[[], tuple[np.ndarray, np.ndarray]] | None = None
    ) -> OwnTies:
        """Return ties of your own kind, such as friends or colleagues abroad.

        Parameters
        ----------
        name : str
        draw : callable, optional
            Called once in each arm, at the first request: returns the numbers of the people at the
            two ends, shape (ties,) each.

        Raises
        ------
        InputError
            If the ties are not drawn yet, or are not pairs; the error names the line of the
            request.
        """
        if name not in self._own_ties:
            if draw is None:
                raise _fault(f"own_ties({name!r}) before they are drawn", "a function that draws")
            one, other = (_numbers(end, len(self), f"own_ties({name!r})") for end in draw())
            if one.size != other.size:
                raise _fault(f"{one.size:,} and {other.size:,} ends of ties", "as many of either")
            self._own_ties[name] = OwnTies(self, one, other)
        return self._own_ties[name]

    # --- what they use ----------------------------------------------------------------------------

    def holds(self, platform: str, who: Any = None) -> np.ndarray:
        """Return who has a platform, whether it works or not, shape (people,), bool."""
        return self._has("member", platform, who)

    def uses(self, platform: str, who: Any = None) -> np.ndarray:
        """Return who has a platform that works for them, shape (people,), bool."""
        return self._has("using", platform, who)

    def held_first(self, platform: str, who: Any = None) -> np.ndarray:
        """Return who had a platform on the first day, shape (people,), bool."""
        return self._has("first_member", platform, who)

    def gave_up(self, platform: str, who: Any = None) -> np.ndarray:
        """Return who has given up a platform, shape (people,), bool."""
        return self._has("lapsed", platform, who)

    def fails(self, platform: str, who: Any = None) -> np.ndarray:
        """Return which people have a platform that fails for them or is worth less than doing
        without it, shape (people,), bool.
        """
        return self._has("stuck", platform, who)

    @property
    def has_vpn(self) -> np.ndarray:
        """True for each person with a VPN, shape (people,), bool."""
        return _locked(self._rows["vpn"] > 0)

    @property
    def knows_vpns(self) -> np.ndarray:
        """True for people who have learned of VPNs since the first day, shape (people,), bool."""
        return _locked(self._rows["aware"] > 0)

    def affected(self, platform: str) -> np.ndarray:
        """Return the numbers of people who have a platform to which their access differs from the
        first day.
        """
        differs = self._differs >> _place_of(platform, self._platforms) & 1 == 1
        return (
            np.flatnonzero(differs[self._rows["state"]] & self.holds(platform))
            if differs.any()
            else self.ids[:0]
        )

    def day(self, rule: str, number: int, today: date, parameters: Mapping[str, float]) -> RuleDay:
        """Return the day as a rule sees it; call `begin` first."""
        differs = int(np.bitwise_or.reduce(self._differs))
        affected = tuple(name for p, name in enumerate(self._platforms) if differs >> p & 1)
        carries = self.talk_bits
        talk = tuple(name for p, name in enumerate(self._platforms) if carries >> p & 1)
        locked = MappingProxyType(_Parameters(parameters))
        return RuleDay(
            number,
            today,
            self._states,
            self._platforms,
            affected,
            talk,
            locked,
            self._seed,
            rule,
            self.ids,
        )

    # --- access -----------------------------------------------------------------------------------

    def access(self, platform: str, column: str, who: Any = None) -> np.ndarray:
        """Return a column of the access table as it applies to each person, shape (people,).

        Parameters
        ----------
        platform : str
        column : str
            A column of `splinternet.people.access.AccessTable` with one number a platform, such as
            ``speed``.
        who : numpy.ndarray, optional
        """
        if column not in _PLAIN:
            raise _fault(
                f"unknown column {column!r}",
                "one of " + ", ".join(_PLAIN),
                did_you_mean(column, _PLAIN),
            )
        by_place = self._cells[:, _place_of(platform, self._platforms)][column]
        return np.asarray(by_place[self._rows["state"][self._some(who)]])

    def opens(self, platform: str, who: Any = None) -> np.ndarray:
        """Return who can use at least one mode of a platform without a workaround, shape (people,),
        bool.
        """
        if "provider" not in self._cache:
            self._cache["provider"] = uniform_many(
                stream(self._seed, Purpose.PROVIDER_LUCK), self.ids
            )
        reach = self._cells[:, _place_of(platform, self._platforms)]["reach"].max(axis=1)
        some = self._some(who)
        return np.asarray(self._cache["provider"][some] >= 1.0 - reach[self._rows["state"][some]])

    # --- their circle -----------------------------------------------------------------------------

    def circle_share(self, platform: str, who: Any = None, *, of: str = "uses") -> np.ndarray:
        """Return the share of each person's circle who use a platform, with kin counted by their
        weight [1], shape (people,).

        Parameters
        ----------
        platform : str
        who : numpy.ndarray, optional
            Some people; fewer are faster, because each needs the whole circle.
        of : {"uses", "holds", "held_first", "gave_up"}
            What counts.

        Returns
        -------
        numpy.ndarray
            The shares; 0 for people without a circle.
        """
        columns = {
            "uses": "using",
            "holds": "member",
            "held_first": "first_member",
            "gave_up": "lapsed",
        }
        if of not in columns:
            raise _fault(
                f"circle_share() of {of!r}",
                "one of " + ", ".join(columns),
                did_you_mean(of, columns),
            )
        return self._share(self._bits(columns[of]), 1 << _place_of(platform, self._platforms), who)

    def circle_share_of(self, yes: Any, who: Any = None) -> np.ndarray:
        """Return the share of each person's circle for whom a condition is true [1], shape
        (people,).

        Parameters
        ----------
        yes : numpy.ndarray, shape (people,), bool
        who : numpy.ndarray, optional
        """
        given = np.asarray(yes)
        if given.shape != (len(self),) or given.dtype != np.bool_:
            allowed = f"yes or no for each of the {len(self):,} people"
            raise _fault(
                f"circle_share_of() of an array of {given.dtype} and shape {given.shape}", allowed
            )
        return self._share(given.astype(np.int64), 1, who)

    @property
    def contacts(self) -> np.ndarray:
        """Number of friends and kin in each person's circle, at home and abroad [people], shape
        (people,).
        """
        return _locked(np.diff(self._columns.start))

    @property
    def ties(self) -> tuple[np.ndarray, np.ndarray]:
        """Stored form of the circles: the index of each person's first entry, and the entries. An
        entry is twice the other person's number, plus 1 for a relative.

        For a function that you compile with numba: the circle of ``i`` is ``entry[start[i] :
        start[i + 1]]``.
        """
        return _locked(self._columns.start), _locked(self._columns.packed)

    @property
    def talk_bits(self) -> int:
        """The platforms of ``today.talk`` as bits."""
        return int(self._columns.talk_bits)

    def bits(self, column: str) -> np.ndarray:
        """Return the platforms of each person as bits, in the order of ``today.platforms``, shape
        (people,), int64.

        ``column`` is ``member`` (held), ``using``, ``first_member``, ``lapsed``, ``trial``,
        ``stuck``, or ``abroad``: platforms over which people can reach kin abroad if both use them,
        usually all. `out_of_touch` gives the people without contact.
        """
        known = ("member", "using", "first_member", "lapsed", "trial", "abroad", "stuck")
        if column not in known:
            raise _fault(
                f"unknown column {column!r}",
                "one of " + ", ".join(known),
                did_you_mean(column, known),
            )
        return _locked(self._bits(column))

    def _share(self, bits: np.ndarray, bit: int, who: Any) -> np.ndarray:
        # A copy, because read-only arrays would need another compilation of the kernels.
        some = np.arange(len(self)) if who is None else _numbers(who, len(self), "the circle")
        out = np.empty(some.size)
        _circle_share(some, self._columns, bits, bit, self._kin_weight, out)
        return out

    def _some(self, who: Any) -> Any:
        """Return an index for the people that a user selects, or for all."""
        return slice(None) if who is None else _numbers(who, len(self), "a column")

    def _bits(self, column: str) -> np.ndarray:
        if column not in self._cache:
            rows = self._private if column == "stuck" else self._rows
            self._cache[column] = np.ascontiguousarray(rows[column])
        return self._cache[column]

    def _has(self, column: str, platform: str, who: Any) -> np.ndarray:
        bits = self._bits(column)
        return np.asarray(bits[self._some(who)] >> _place_of(platform, self._platforms) & 1 == 1)

    def _of_group(self, name: str, values: Sequence[Any]) -> np.ndarray:
        if name not in self._cache:
            self._cache[name] = _locked(np.array(values)[self._rows["group"]])
        return self._cache[name]

    def _in_states(self, which: str, states: Iterable[str]) -> np.ndarray:
        if wrong := next((state for state in states if state not in self._states), None):
            allowed = "one of " + ", ".join(self._states)
            raise _fault(f"unknown state {wrong!r}", allowed, did_you_mean(wrong, self._states))
        wanted = frozenset(states)
        return np.array([getattr(group, which) in wanted for group in self._groups])[
            self._rows["group"]
        ]


class OwnTies:
    """Ties of a user's own kind, which the built-in rules ignore.

    Parameters
    ----------
    people : PeopleToday
        The people today.
    one, other : numpy.ndarray, shape (ties,)
        Numbers of the people at the two ends.
    """

    def __init__(self, people: PeopleToday, one: np.ndarray, other: np.ndarray) -> None:
        self._people = people
        self.one = _locked(one)
        self.other = _locked(other)

    def __len__(self) -> int:
        return self.one.size

    def __repr__(self) -> str:
        return f"<{len(self):,} ties of {self.of_each.astype(bool).sum():,} people>"

    @property
    def of_each(self) -> np.ndarray:
        """Number of these ties of each person, shape (people,)."""
        return self._sum(np.ones(len(self)), np.ones(len(self)))

    @property
    def in_touch(self) -> np.ndarray:
        """True for ties with a platform for talk that works at both ends, shape (ties,), bool."""
        people = self._people
        using = people.bits("using")
        return using[self.one] & using[self.other] & people.talk_bits != 0

    @property
    def share_in_touch(self) -> np.ndarray:
        """The share of each person's ties in touch [1], shape (people,); NaN without ties."""
        return self._mean(self.in_touch, self.in_touch)

    def share_of(self, yes: Any) -> np.ndarray:
        """Return the share of each person's ties for which a condition is true of the other person
        [1], shape (people,); NaN without ties.

        Parameters
        ----------
        yes : numpy.ndarray, shape (people,), bool
        """
        given = np.asarray(yes, np.float64)
        return self._mean(given[self.other], given[self.one])

    def _mean(self, of_one: np.ndarray, of_other: np.ndarray) -> np.ndarray:
        ties = self.of_each
        none = np.full(ties.size, np.nan)
        return np.divide(self._sum(of_one, of_other), ties, out=none, where=ties > 0)

    def _sum(self, of_one: np.ndarray, of_other: np.ndarray) -> np.ndarray:
        """Return the sum over each person's ties, given the terms of those at the two ends."""
        size = len(self._people)
        return np.bincount(self.one, of_one, size) + np.bincount(self.other, of_other, size)


_FOR_LIFE = frozenset({"provider", "weight", "side", "first_member"})
"""Attributes that `PeopleToday` keeps from one day to the next."""


def _locked(array: np.ndarray) -> np.ndarray:
    """Return a read-only view of an array."""
    view = array.view()
    view.flags.writeable = False
    return view


@kernel
def _circle_share(
    some: np.ndarray, world: Columns, bits: np.ndarray, bit: int, kin_weight: int, out: np.ndarray
) -> None:
    for k in range(some.size):
        there = int64(0)
        whole = int64(0)
        for e in range(world.start[some[k]], world.start[some[k] + 1]):
            entry = world.packed[e]
            weight = kin_weight if entry & 1 else FRIEND
            whole += weight
            there += weight if bits[entry >> 1] & bit else 0
        out[k] = there / whole if whole > 0 else 0.0


def ask(rule: Any, people: PeopleToday, today: RuleDay) -> Proposals | None:
    """Return the proposals of a rule for today; None if the rule does not run today.

    Raises
    ------
    InputError
        If the rule returns something else, or fills proposals without returning them.
    """
    if today.day % rule.every_days:
        return None
    people.begun = None
    made = rule.decide(people, today)
    if made is None and people.begun:
        found = f"{type(rule).__name__}.decide() makes proposals and returns None"
        raise InputError(Problem(type(rule).place(), found, "return proposals", "its last line"))
    if made is not None and not isinstance(made, Proposals):
        found = f"{type(rule).__name__}.decide() returns {type(made).__name__}"
        raise InputError(Problem(type(rule).place(), found, "people.proposals() or None"))
    return made


# --- how proposals are carried out ----------------------------------------------------------------


class Wishes(NamedTuple):
    """All proposals of a day, by person; empty without a rule."""

    kept: np.ndarray  # (people,) platforms to keep, bits; (0,) without any rule
    dropped: np.ndarray  # (people,) platforms to give up, bits; (0,) if all proposals are to keep
    adopted: np.ndarray  # (people,) platforms to adopt, bits; (0,) as for `dropped`
    vpn: np.ndarray  # (people,) 1 to get a VPN, 2 to learn of VPNs, 3 for both; (0,) as above
    told: tuple[tuple[np.ndarray, int], ...] = ()  # people who tell their circle, and the platform

    def others(self, due: np.ndarray) -> np.ndarray:
        """Return the numbers of the people outside ``due`` for whom a user's rule alone decides."""
        if not self.dropped.size:
            return np.empty(0, np.int32)
        some = (self.dropped | self.adopted | self.vpn) != 0
        some[due] = False
        return np.flatnonzero(some).astype(np.int32)


_NONE = np.zeros(0, np.int64)
NO_WISHES = Wishes(_NONE, _NONE, _NONE, _NONE)


WITH_KIN = frozenset({"phone", "agree"})
"""Actions of two relatives together. The phase ``reconnect`` carries them out, and the phase
``people`` all others.
"""


def by_verb(proposals: Iterable[Proposals | None]) -> dict[str, list[tuple[np.ndarray, int]]]:
    """Return today's proposals of all rules, by verb: the numbers of people, and that of a
    platform.
    """
    made: dict[str, list[tuple[np.ndarray, int]]] = {}
    for one in proposals:
        for verb, them in one.made.items() if one is not None else ():
            made.setdefault(verb, []).extend(them)
    return made


def gathered(proposals: Iterable[Proposals | None], columns: Columns) -> Wishes:
    """Return the proposals of all rules for today, by person."""
    made = by_verb(proposals)
    if made.keys() <= WITH_KIN:
        return NO_WISHES
    people = len(columns.start) - 1
    for verb in WITH_KIN:
        made.pop(verb, None)
    told = made.pop("tell", [])
    of_platforms = tuple(each for each in told if each[1] != OF_NONE)
    kept = _as_bits(made.pop("keep", []), people)
    if not made and len(of_platforms) == len(told):
        return NO_WISHES._replace(kept=kept, told=of_platforms)
    vpn = np.zeros(people, np.int64)
    for who, about in told:
        if about == OF_NONE:
            _tell_of_vpns(who, columns, vpn)
    for who, _ in made.get("take_vpn", ()):
        vpn[who] |= _GETS
    dropped, adopted = (_as_bits(made.get(verb, ()), people) for verb in ("drop", "adopt"))
    return Wishes(kept, dropped, adopted, vpn, of_platforms)


_GETS = 1
_LEARNS = 2
"""Bits of `Wishes.vpn`."""


def _as_bits(made: Iterable[tuple[np.ndarray, int]], people: int) -> np.ndarray:
    """Return the platforms in proposals for each person, bits."""
    bits = np.zeros(people, np.int64)
    for who, platform in made:
        bits[who] |= np.int64(1) << platform
    return bits


@kernel
def _tell_of_vpns(who: np.ndarray, world: Columns, vpn: np.ndarray) -> None:
    for i in who:
        for e in range(world.start[i], world.start[i + 1]):
            vpn[world.packed[e] >> 1] |= _LEARNS


@kernel
def amend(
    due: np.ndarray,
    visited: int,
    kept: np.ndarray,
    dropped: np.ndarray,
    adopted: np.ndarray,
    vpn: np.ndarray,
    ctx: VisitContext,
    out: Outcome,
) -> None:
    """Add the proposals of a user's own rules to the decisions of the people ``due`` (in ``out``).

    The first ``visited`` people have been visited; for the others, such a rule alone decides. The
    arrays are those of `Wishes`.
    """
    for k in range(due.size):
        i = due[k]
        if k >= visited:
            begin_decision(i, k, ctx, out)
            # Platforms agreed with kin yesterday still need a look.
            out.act[k].again = 1 if ctx.agenda.urgent[i] != 0 and ctx.private[i].stuck == 0 else 0
        me = ctx.people[i]
        row = out.row[k]
        act = out.act[k]
        private = ctx.private[i]
        gone = dropped[i] & me.member & row.member & ~kept[i]
        new = adopted[i] & ~me.member & ~row.member
        if gone != 0:
            row.member &= ~gone
            row.using &= ~gone
            row.trial &= ~gone
            row.lapsed |= gone
            private.stuck &= ~gone
            private.lapse_day = ctx.today.day
        while gone != 0:
            p = lowest(gone)
            gone &= gone - 1
            ctx.use[i, p] = 0
            out.cause[k, p] = OWN_RULE
        while new != 0:
            q = lowest(new)
            new &= new - 1
            if can_take_up(i, q, device_of(i, ctx), me.vpn > 0, ctx):
                bit = int64(1) << q
                take_back(k, bit, out)
                act.joined |= bit
                act.again = 1
                out.cause[k, q] = OWN_RULE
                # Tomorrow's visit sets the frequency of use.
                ctx.use[i, q] = chance_of_use(
                    ctx.rules.choice_extra_use, ctx.world.platform[q].habit
                )
        if vpn[i] != 0:
            row.aware = 1
        if vpn[i] & _GETS and row.vpn == 0:
            row.vpn = 2
            private.vpn_day = 0
            act.again = 1


@kernel
def tell_circle(who: np.ndarray, platform: int, ctx: VisitContext) -> None:
    """Let the circle of some people look at a platform again at the next review."""
    for i in who:
        for e in range(ctx.world.start[i], ctx.world.start[i + 1]):
            notify(ctx.world.packed[e] >> 1, int64(1) << platform, ctx)
