"""``model.people``: all people of a world, one by one, by column, or selected by their properties.

Columns are read-only views of the model's data: numpy raises if you write one. Only the phases that
own the table of people change it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import index as whole
from typing import TYPE_CHECKING, Any

import numpy as np
from pydantic_core import PydanticCustomError

from ..arm import Arm
from ..core.chance import Purpose
from ..core.groups import USERS
from ..errors import InputError, Problem, did_you_mean
from ..facts.people import OLDEST, find_region, part_of, regions_of
from ..facts.states import find_place, load_places
from ..policies.targets import catalogue_of_setting, firm_then
from ..world.people import uniform_draws
from .explain import Explanation, explain

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = {
    "age": "full years on the first day",
    "skill": "ease with workarounds, standard normal among internet users [standard deviations]",
    "residence": "code of the state in which the person lives",
    "origin": "code of the state in which the person was born",
    "region": "name of the region in the state of residence; empty where the table has none",
    "community": "name of the community within a state; empty for most",
    "group": "label of the group: 'US', 'US<-CN', 'family:US<-CN', 'CN:Tibetans'",
    "weight": "real people that the person stands for [persons]",
    "platforms": "platforms that the person uses today and that work, bits in the order of `names`",
    "held": "platforms that the person has today, whether they work or not, one bit each",
    "failing": "those of `held` that fail or are worth less than doing without, one bit each",
    "abroad": "platforms over which the person can reach kin abroad if both use them; usually all",
    "vpn": "0 for no VPN, 1 for a VPN from before the first day, 2 for a VPN obtained since",
    "out_of_touch": "whether the person has no channel to any kin abroad but has one in the baseline arm",
    "days_out_of_touch": "number of days in a row that the person has been out of touch [days]",
    "ties": "kin ties abroad [ties]",
    "contacts": "friends and kin, at home and abroad [people]",
}
"""The columns of `PeopleView`, and the contents of each."""
_FIELDS = {"age": "age", "platforms": "using", "held": "member", "abroad": "abroad", "vpn": "vpn"}
"""Columns that are fields of the table of people, and their names there: `using` has the platforms
that work, `member` those that a person has. Only the engine's own phases may write the table
(`Model._open_people`).
"""


type Target = str | Mapping[str, Any]
"""A platform, a firm, a kind, or a selection, as in the targets of a policy."""


@dataclass(frozen=True, repr=False)
class Person:
    """The current values of one person, in the units of `COLUMNS`."""

    index: int
    group: str
    residence: str
    origin: str
    weight: float
    platforms: tuple[str, ...]
    has_vpn: bool
    age: int
    skill: float
    _arm: Any = field(default=None, compare=False)

    def explain(self, platform: str = "") -> Explanation:
        """Return the calculation behind the person's next decision on a platform, in the current
        state of the model, for printing.

        Parameters
        ----------
        platform : str
            By default one that fails; else one that was given up, else the most valuable one that
            the person has.

        Raises
        ------
        InputError
            There is no such platform.
        """
        return explain(self._arm, self.index, platform)

    def __index__(self) -> int:
        """Return the number of the person, so that a person indexes a column."""
        return self.index

    def __repr__(self) -> str:
        uses = ", ".join(self.platforms) or "no platform"
        vpn = ", with a VPN" if self.has_vpn else ""
        return f"<Person {self.index} of {self.group}, aged {self.age}{vpn}: {uses}>"


class PeopleView:
    """All people of a model.

    ``len(people)`` is their number, ``people[5]`` is one `Person`, and a loop yields each of them.
    ``people.age``, ``people.weight`` and the other `COLUMNS` are read-only arrays with one entry
    for each person.

    Parameters
    ----------
    arm : Arm
        The arm with the people; its changes show here.
    """

    def __init__(self, arm: Arm) -> None:
        self._arm = arm
        self._fixed: dict[str, np.ndarray] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The platforms, in the order of the bits of ``platforms``, ``held`` and ``abroad``."""
        return self._arm.setting.platforms

    @property
    def _own(self) -> dict[str, np.ndarray]:
        """Attributes that the user's own rules have made, by name."""
        return self._arm.people_today.own

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of `COLUMNS`, and of the attributes that your own rules have made."""
        return *COLUMNS, *self._own

    @property
    def states(self) -> tuple[str, ...]:
        """Codes of the states in which people live."""
        return self._arm.setting.states

    @property
    def world(self) -> str:
        """The name of the world from whose tables the people come."""
        return self._arm.setting.facts.name

    def platforms_meant(self, target: Target) -> list[str]:
        """Return the platforms of this world that a target names, as in a policy.

        Raises
        ------
        InputError
            If the target names no platform.
        """
        known = catalogue_of_setting(self._arm.setting)
        try:
            found = known.meant([target])
        except PydanticCustomError as error:
            context = error.context or {}
            raise InputError(
                Problem("platform", context["found"], context["allowed"], context["hint"])
            ) from None
        return [
            _known("platform", name, known.words() if name not in self.names else self.names)
            for name in found
        ]

    def __len__(self) -> int:
        return int(self._arm.person.size)

    def __iter__(self) -> Iterator[Person]:
        return map(self.__getitem__, range(len(self)))

    def __getitem__(self, index: int) -> Person:
        if not -len(self) <= whole(index) < len(self):
            raise IndexError(f"there is no person {index}; 0 to {len(self) - 1:,}")
        number = range(len(self))[whole(index)]
        row = self._arm.person[number]
        group = self._arm.world.groups[int(row["group"])]
        using = int(row["using"])
        platforms = tuple(name for bit, name in enumerate(self.names) if using >> bit & 1)
        return Person(
            number,
            group.label,
            group.home,
            group.origin,
            group.weight,
            platforms,
            bool(row["vpn"]),
            int(row["age"]),
            float(self.skill[number]),
            self._arm,
        )

    if not TYPE_CHECKING:  # type checkers refuse assignments anyway

        def __setattr__(self, name: str, value: Any) -> None:
            if name in COLUMNS:
                raise AttributeError(
                    f"people.{name} cannot be set: only phases of the day change the table of people"
                )
            super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.columns]

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_"):  # an unfinished copy has no columns yet
            raise AttributeError(name)
        if name not in self.columns:
            is_selected = hasattr(Selection, name)
            hint = f"select().{name}" if is_selected else did_you_mean(name, self.columns)
            raise AttributeError(f"people have no column '{name}'; {hint}".rstrip("; "))
        return self.column(name)

    def column(self, name: str) -> np.ndarray:
        """Return a column, shape (people,), read-only.

        Parameters
        ----------
        name : str
            One of `COLUMNS`.

        Raises
        ------
        InputError
            There is no such column.
        """
        if name in ("out_of_touch", "days_out_of_touch"):
            days = self._arm.days_out_of_touch()
            made = days > 0 if name == "out_of_touch" else days
            made.flags.writeable = False
            return made
        if name in self._own:
            own = self._own[name].view()
            own.flags.writeable = False
            return own
        if name == "failing":
            stuck = self._arm.private["stuck"].view()
            stuck.flags.writeable = False
            return np.asarray(stuck)
        if name in _FIELDS:
            return np.asarray(self._arm.person[_FIELDS[name]])
        if name not in self._fixed:
            made = self._make(_known("people", name, self.columns))
            made.flags.writeable = False
            self._fixed[name] = made
        return self._fixed[name]

    def _make(self, name: str) -> np.ndarray:
        """Return a column that does not change during a run."""
        arm = self._arm
        if name == "skill":
            spread = arm.world.setting.parameters["circumvention.effort_spread"]
            return np.asarray(
                -np.log(arm.person["effort"].astype(np.float64)) / (spread if spread > 0.0 else 1.0)
            )
        if name == "ties":
            return np.bincount(
                np.concatenate([arm.kin.diaspora_end, arm.kin.family_end]), minlength=len(self)
            )
        if name == "contacts":
            return np.asarray(np.diff(arm.columns.start))
        if name == "region":
            draw = uniform_draws(arm.member_seed, Purpose.REGION, np.arange(len(self)))
            region = np.array([""])
            world = arm.setting.facts.name
            for place in (each for s in arm.setting.states for each in regions_of(s, world)):
                low, high = part_of(place.state, place.region, world)
                within = (self.residence == place.state) & (draw >= low) & (draw < high)
                region = np.where(within, place.region, region)
            return region
        of_groups: Any = {
            "residence": [group.home for group in arm.world.groups],
            "origin": [group.origin for group in arm.world.groups],
            "community": [
                "" if group.community == USERS else group.community for group in arm.world.groups
            ],
            "group": [group.label for group in arm.world.groups],
            "weight": [group.weight for group in arm.world.groups],
        }[name]
        return np.asarray(np.array(of_groups)[arm.person["group"]])

    def to_frame(self) -> pd.DataFrame:
        """Return a table with one row for each person, indexed by number, with today's values of
        `COLUMNS`; platforms are texts such as ``QQ, WeChat``.
        """
        return Selection(self, np.arange(len(self))).to_frame()

    def select(
        self,
        test: Callable[[Person], bool] | None = None,
        *,
        state: str | Iterable[str] | None = None,
        origin: str | Iterable[str] | None = None,
        region: str | Iterable[str] | None = None,
        community: str | Iterable[str] | None = None,
        group: str | Iterable[str] | None = None,
        age: int | tuple[int, int] | None = None,
        platform: Target | Iterable[Target] | None = None,
        vpn: bool | None = None,
        out_of_touch: bool | None = None,
    ) -> Selection:
        """Return the people who fulfil all given conditions today.

        Parameters
        ----------
        test : callable, optional
            Called with each `Person` who fulfils the other conditions, as in Mesa's
            ``agents.select``: ``lambda person: person.age > 60``. It is called once for each
            person, so it is slow for many.
        state, origin : str or iterable of str
            Codes or English names of the states in which they live, or were born; any one of
            several.
        region, community, group : str or iterable of str
            Regions of the states in which they live, names of communities, labels of groups; any
            one of several. An empty list selects nobody.
        age : int or (int, int)
            Full years, both ends included.
        platform : str, mapping or iterable of either
            The platforms that they use, given like the targets of a policy: platforms, or any one
            platform of a firm, a kind or a selection such as ``{"home": "US"}``. People must use
            all of several. An empty list selects everybody.
        vpn : bool
            Whether they hold a VPN.
        out_of_touch : bool
            Whether they have lost touch with all kin abroad.

        Raises
        ------
        InputError
            If the world has no such state, community, group or platform, or the ages are invalid.

        Examples
        --------
        >>> young = model.people.select(state="US", age=(13, 15), platform="TikTok")  # doctest: +SKIP
        >>> len(young), young.count(weighted=True)  # doctest: +SKIP
        """
        return Selection(self, np.arange(len(self))).select(
            test,
            state=state,
            origin=origin,
            region=region,
            community=community,
            group=group,
            age=age,
            platform=platform,
            vpn=vpn,
            out_of_touch=out_of_touch,
        )

    def __repr__(self) -> str:
        return f"<{len(self):,} people; select(state=, origin=, region=, community=, group=, age=, platform=, vpn=, out_of_touch=)>"


class Selection:
    """Some people of a model, in the order of their numbers; numpy treats it as the array of these
    numbers.

    Parameters
    ----------
    people : PeopleView
    ids : numpy.ndarray of int64, shape (selected,)
        Their numbers.
    """

    def __init__(self, people: PeopleView, ids: np.ndarray) -> None:
        self.people = people
        self.ids = ids
        ids.flags.writeable = False

    def __len__(self) -> int:
        return int(self.ids.size)

    def __iter__(self) -> Iterator[int]:
        return iter(self.ids.tolist())

    def __getitem__(self, place: Any) -> Any:
        return self.ids[place]

    def __contains__(self, person: Any) -> bool:
        return bool((self.ids == person).any())

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self.ids, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        return f"<{len(self):,} of {len(self.people):,} people, {self.count(weighted=True):,.0f} real ones>"

    def get(self, name: str) -> np.ndarray:
        """Return today's values of one of `COLUMNS` for the selected people, shape (selected,)."""
        return np.asarray(self.people.column(name)[self.ids])

    def to_frame(self) -> pd.DataFrame:
        """Return the selected people as a table, as `PeopleView.to_frame` does."""
        import pandas as pd

        columns = {name: self.get(name) for name in self.people.columns}
        for name in ("platforms", "held", "failing", "abroad"):
            bits, code = np.unique(columns[name], return_inverse=True)
            texts = [
                ", ".join(p for bit, p in enumerate(self.people.names) if int(held) >> bit & 1)
                for held in bits
            ]
            columns[name] = np.array([*texts, ""], object)[code]
        return pd.DataFrame(columns, index=pd.Index(self.ids, name="person"))

    def do(self, function: Callable[[Person], Any]) -> Selection:
        """Call a function with each `Person`, in order, and return the selection."""
        for number in self:
            function(self.people[number])
        return self

    def count(self, by: str = "", *, weighted: bool = False) -> Any:
        """Return the number of selected people, in all or for each value of a column.

        Parameters
        ----------
        by : str
            One of `COLUMNS`; the result is then a dictionary with its values as keys.
        weighted : bool
            Whether to count real people instead of simulated ones [persons].
        """
        weight = self.get("weight") if weighted else np.ones(len(self), np.int64)
        if not by:
            return weight.sum().item()
        counted: Counter[Any] = Counter()
        for value, number in zip(self.get(by).tolist(), weight.tolist(), strict=True):
            counted[value] += number
        return dict(sorted(counted.items()))

    def select(
        self,
        test: Callable[[Person], bool] | None = None,
        *,
        state: str | Iterable[str] | None = None,
        origin: str | Iterable[str] | None = None,
        region: str | Iterable[str] | None = None,
        community: str | Iterable[str] | None = None,
        group: str | Iterable[str] | None = None,
        age: int | tuple[int, int] | None = None,
        platform: Target | Iterable[Target] | None = None,
        vpn: bool | None = None,
        out_of_touch: bool | None = None,
    ) -> Selection:
        """Return those of the selected people who fulfil all conditions, as in
        `PeopleView.select`.
        """
        chosen = np.ones(len(self), np.bool_)
        for key, column, given in (
            ("state", "residence", state),
            ("origin", "origin", origin),
            ("region", "region", region),
            ("community", "community", community),
            ("group", "group", group),
        ):
            if given is not None:
                chosen &= np.isin(self.get(column), self._known_names(key, column, given))
        if age is not None:
            youngest, oldest = _ages(age)
            chosen &= (self.get("age") >= youngest) & (self.get("age") <= oldest)
        is_one = isinstance(platform, Mapping)
        targets: Sequence[Any] = (platform,) if is_one else _names("platform", platform or ())
        for meant in targets:
            uses_any = 0
            for name in self.people.platforms_meant(meant):
                uses_any |= 1 << self.people.names.index(name)
            chosen &= self.get("platforms") & uses_any != 0
        for key, such, wanted in (
            ("vpn", "with a VPN", vpn),
            ("out_of_touch", "out of touch", out_of_touch),
        ):
            if wanted is None:
                continue
            if not isinstance(wanted, bool | np.bool_):
                allowed = f"True for people {such}, False for others"
                raise InputError(Problem(key, f"{wanted!r}", allowed))
            chosen &= (self.get(key) > 0) == wanted
        found = Selection(self.people, self.ids[chosen])
        return found if test is None else found._passing(test)

    def _passing(self, test: Any) -> Selection:
        """Return those of the selected people for whom a function of a `Person` is true."""
        if not callable(test):
            allowed = "a function of a person, or keywords"
            hint = "select(lambda person: person.age > 60), select(state='US')"
            raise InputError(Problem("select", f"{test!r}", allowed, hint))
        passes = [bool(test(self.people[number])) for number in self]
        return Selection(self.people, self.ids[np.array(passes, np.bool_)])

    def _known_names(self, key: str, column: str, given: Any) -> list[Any]:
        """Return the requested values of a column; InputError for one that nobody has."""
        known = [name for name in np.unique(self.people.column(column)).tolist() if name]
        words: list[str] = []
        if key in ("state", "origin"):
            places = load_places()
            named = (places[code] for code in known if code in places)
            words += [word for place in named for word in (place.name, *place.aliases)]
        return [_known(key, name, known, words) for name in self._codes(key, given)]

    def _codes(self, key: str, given: Any) -> Sequence[Any]:
        """Return the given names, with codes for states and regions."""
        names = _names(key, given)
        if key in ("state", "origin"):
            return [find_place(str(name)) or name for name in names]
        if key == "region":
            return [self._region(name) for name in names]
        return names

    def _region(self, name: Any) -> Any:
        """Return the code of a region of one of the states, or the name if none has it."""
        world = self.people.world
        found = (find_region(str(name), code, world) for code in self.people.states)
        return next(filter(None, found), name)


def _names(key: str, given: Any) -> Sequence[Any]:
    """Return the given names, one or several, as a sequence."""
    if isinstance(given, str):
        return (given,)
    try:
        return tuple(given)
    except TypeError:
        raise InputError(
            Problem(key, f"{given!r} is not a name", "a name, or several in a list")
        ) from None


def _known(key: str, name: str, names: Iterable[str], words: Iterable[str] = ()) -> str:
    """Return the name if it is known; otherwise raise InputError with the closest known name or
    synonym.
    """
    allowed = list(names)
    if name not in allowed:
        shown = ", ".join(allowed[:12]) + (" ..." if len(allowed) > 12 else "")
        hint = did_you_mean(str(name), (*allowed, *words))
        if key == "platform":
            hint = hint or firm_then(str(name), allowed)
        raise InputError(
            Problem(key, f"{name!r} is not in this world", f"one of: {shown or 'none'}", hint)
        )
    return name


def _ages(age: int | tuple[int, int]) -> tuple[int, int]:
    """Return the youngest and the oldest of the requested ages."""
    both: Any = age if isinstance(age, tuple | list) else (age, age)
    try:
        youngest, oldest = map(whole, both)
    except (TypeError, ValueError):
        youngest = 1
        oldest = 0
    if not 0 <= youngest <= oldest or bool in map(type, both):
        allowed = f"full years, the youngest and the oldest, 0 to {OLDEST}"
        raise InputError(Problem("age", f"{age!r}", allowed, "age=(13, 15), which includes both"))
    return youngest, oldest
