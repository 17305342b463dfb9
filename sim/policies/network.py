"""Instruments that cut networks: borders, cables, carriers and paths."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, create_model, model_validator

from ..core import cut
from ..core.cut import ALL, Cut
from ..errors import Code
from ..facts.network import carriers_called
from ..people.setting import NEVER_CHANGES, Enforcement, cut_off
from .base import FROM_FIELDS, DayInForce, Policy
from .values import Cables, Carriers, Day, Gateways, Number, States, TechniqueName, YesOrNo, refuse

if TYPE_CHECKING:
    from ..people.access import AccessTable

DAYS_A_YEAR = 365.25
FILTERS = ("dns", "isp", "dpi")
"""Techniques that a national filter strengthens, the weakest first."""


def stronger(one: str, other: str) -> str:
    """Return the stronger of two filtering techniques; the first if either is of another type."""
    return max(one, other, key=FILTERS.index) if one in FILTERS and other in FILTERS else one


class CableBan(Policy):
    """Bars cables from landing, which lowers capacity and lengthens routes."""

    CASE = "Clean Cable 2020: the Pacific Light Cable Network and Hong Kong"
    EXAMPLE = {
        "by": "AU",
        "cables": ["Southern Cross", "Hawaiki", "INDIGO-West", "Australia Singapore Cable"],
    }
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    OBJECTS = {"targets": "platform", "cables": "cable"}

    cables: Cables = Field(min_length=1)
    """The cables concerned, or two states for all cables that land in both: `IN-CN`.

    A planned cable that is not built has no effect.
    """

    def cut(self, day: DayInForce) -> Cut:
        """Return the cut of the carrier graph: these cables."""
        return Cut(cables=self.cables)


class CarrierBan(Policy):
    """Cuts the interconnections of carriers in a state."""

    CASE = "Clean Carrier 2020: China Telecom, China Mobile"
    EXAMPLE = {"by": "US", "carriers": ["China Telecom", "China Mobile", "China Unicom"]}
    VERB = "cuts the interconnections of"
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    OBJECTS = {"targets": "platform", "carriers": "carrier"}
    SEVERS = True

    carriers: Carriers = Field(min_length=1)
    """The carriers concerned: names, AS numbers, or firms for all their carriers."""

    def cut(self, day: DayInForce) -> Cut:
        """Return the cut of the carrier graph: the links of these carriers with those of the
        states.
        """
        carriers = carriers_called(self.carriers, day.setting.facts.name)
        return Cut(carriers=tuple((asn, state) for asn in carriers for state in self.by))


class PathRule(Policy):
    """Forbids a state's traffic to cross some carriers or states."""

    CASE = "5G Clean Path 2020"
    EXAMPLE = {"by": "US", "avoid_states": "CN"}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    OBJECTS = {"targets": "platform", "avoid_carriers": "carrier", "avoid_states": "state"}

    avoid_carriers: Carriers = ()
    """Carriers that traffic may not cross; they may still send or receive it."""
    avoid_states: States = ()
    """States whose carriers traffic may not cross."""

    @model_validator(mode="after")
    def _avoids_something(self) -> Self:
        """Refuse a rule without an effect, and one by which a state only avoids itself."""
        if not self.avoid_carriers and not self.avoid_states:
            raise refuse(
                "neither avoid_carriers nor avoid_states", "at least one of them", code=Code.MISSING
            )
        if not self.avoid_carriers and all({*self.avoid_states} == {own} for own in self.by):
            own = self.by[0]
            raise refuse(
                f"the traffic of {own} cannot avoid {own}, where it begins or ends", "other states"
            )
        return self

    def cut(self, day: DayInForce) -> Cut:
        """Return the cut of the carrier graph: a path rule for each state."""
        carriers = carriers_called(self.avoid_carriers, day.setting.facts.name)
        states = tuple(sorted(self.avoid_states))
        return Cut(rules=tuple(cut.PathRule(state, carriers, states) for state in self.by))


class _OfAnother(
    create_model(  # type: ignore[misc]
        "_OfAnother", __base__=Policy, __module__=__name__, **FROM_FIELDS
    )
):
    """A policy of one state against another state's networks."""


class TransitCut(_OfAnother):
    """Stops carrying another state's traffic, or cuts that state's cables. The acting state's own
    people keep their routes.
    """

    CASE = "No case in the record; asked of states whose ways abroad cross one neighbour"
    EXAMPLE = {"by": "US", "from": "BR"}
    VERB = "carries no traffic of"
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    OBJECTS = {"targets": "platform", "from": "state", "cables": "cable"}
    CUTS_ALL = True
    HEADLINES = ("reach_abroad", "path_stretch")

    cables: Cables = ()
    """Cables that are cut for everybody who uses them, or two states for all cables that land in
    both (`IN-CN`). Without this key, carriers of `by` pass on no traffic from or to those states.
    """

    def concerns(self) -> tuple[str, ...]:
        """Return the states whose people lose routes abroad."""
        return tuple(getattr(self, "from"))

    def said_as(self) -> str:
        """Return the name of the sentence, which depends on whether cables are cut."""
        return "cables" if self.cables else ""

    def spares(self) -> tuple[str, ...]:
        """Return the states that order it: their people have no part in traffic that only crosses
        them.
        """
        return () if self.cables else self.by

    def cut(self, day: DayInForce) -> Cut:
        """Return the cut of the carrier graph: the cables, or transit for each of the states.

        Traffic between an ordering state and a state that loses transit stays, because it does not
        cross to a third state.
        """
        if self.cables:
            return Cut(cables=self.cables)
        return Cut(
            rules=tuple(cut.PathRule(state, (), self.by, self.by) for state in self.concerns())
        )


class BorderCut(Policy):
    """Closes all or some of a state's gateways to other states."""

    CASE = "The extreme of Russia's law 90-FZ"
    EXAMPLE = {"by": "RU", "gateways_closed": 4}
    NEEDS_TARGETS = False
    IDLE_KEYS = frozenset({"technique", "targets"})
    CUTS_ALL = True
    HEADLINES = ("domestic_reach", "border_capacity")

    gateways_closed: Gateways = "all"
    """Number of gateways abroad to close, or all; those with most people behind them close
    first.
    """
    domestic_peering: YesOrNo = True
    """Whether carriers at home still peer with one another; otherwise only paid links are left."""

    def cut(self, day: DayInForce) -> Cut:
        """Return the cut of the carrier graph: gateways, and the peering at home if it is not
        kept.
        """
        return _border(self.by, self.gateways_closed, self.domestic_peering)


class SovereignInternet(Policy):
    """Gives a state a filter of its own. It can also close gateways, answer names inside the state
    and mesh the state's exchange points.
    """

    CASE = "Russia's law 90-FZ, in force 1 November 2019"
    VERB = "builds a filter of its own"
    EXAMPLE = {"by": "RU", "gateways_closed": "all"}
    NEEDS_TARGETS = False
    CUTS_ALL = True
    HEADLINES = ("domestic_reach", "border_capacity")

    capability: TechniqueName = "dpi"
    """The technique of this state's blocks from now on, unless they use a stronger one."""
    build_years: Annotated[Number, Field(ge=0.1, le=50)] | None = None
    """Years until the filter covers 63 % of lines; the uncovered share falls by 63 % again in each
    such period. Without this key, it covers all lines from the first day [years].
    """
    dns: YesOrNo = False
    """Whether names are answered nationally, so that another name server does not help."""
    gateways_closed: Gateways = 0
    """Number of gateways abroad to close, or all."""
    domestic_mesh: YesOrNo = False
    """Whether exchange points inside the state are meshed, so that all its carriers reach one
    another at home.
    """
    domestic_peering: YesOrNo = True
    """Whether carriers at home keep their earlier peering; a mesh replaces it."""
    test_days: tuple[Day, ...] = ()
    """Days with a test of the disconnection."""

    def said_as(self) -> str:
        """Return the name of the sentence, which depends on whether all gateways stay open."""
        return "" if self.gateways_closed else "open"

    def national_means(self) -> str:
        """Return the technique of all blocks from now on; national name servers rule out the
        weakest workaround.
        """
        return "isp" if self.dns and self.capability == "dns" else self.capability

    def share_built(self, days: float) -> float:
        """Return the share of lines behind the filter after some days [1], in steps of a
        hundredth.
        """
        if self.build_years is None:
            return 1.0
        return round(1.0 - math.exp(-max(0.0, days) / (self.build_years * DAYS_A_YEAR)), 2)

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Enforce the state's existing blocks by the new means.

        `splinternet.world.law` strengthens the blocks of other policies.
        """
        means = self.national_means()
        built = self.share_built(day.number)
        for state, target in self._strengthened(day):
            cut_off(day.setting, access, state, target, Enforcement(means, day.number, boxes=built))

    def stage(self, day: DayInForce) -> Hashable:
        """Return the stage of its enforcement of earlier blocks; blocks of other policies have
        their own stages.
        """
        built = self.share_built(day.number)
        how = Enforcement(self.national_means(), day.number, boxes=built).stage(
            day.setting.parameters
        )
        is_built = built == self.share_built(NEVER_CHANGES)
        return None if (how is None and is_built) or not self._strengthened(day) else (built, how)

    def _strengthened(self, day: DayInForce) -> list[tuple[str, str]]:
        """Return the earlier blocks of its states by weaker means, as pairs of state and
        platform.
        """
        blocks = day.setting.blocks.items()
        means = self.national_means()
        return [
            pair for pair, used in blocks if pair[0] in self.by and stronger(used, means) != used
        ]

    def cut(self, day: DayInForce) -> Cut:
        """Return the cut of the carrier graph: closed gateways, all on a test day, and the mesh."""
        is_rehearsal = day.date in self.test_days
        meshed = Cut(mesh=self.by if self.domestic_mesh else ())
        return (
            _border(self.by, "all" if is_rehearsal else self.gateways_closed, self.domestic_peering)
            | meshed
        )


def _border(states: tuple[str, ...], closed: int | str, domestic_peering: bool) -> Cut:
    """Return the cut of a number of gateways of each state, and of its peering at home unless
    kept.
    """
    gateways = (
        tuple((state, ALL if closed == "all" else int(closed)) for state in states)
        if closed != 0
        else ()
    )
    return Cut(gateways=gateways) | Cut(unpeered=() if domestic_peering else states)
