"""Closes VPNs and punishes their use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import BeforeValidator, Field

from sim.facts.model import Order
from sim.policies.base import PolicyKeys
from sim.policies.values import Share, number

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Closes VPNs and punishes their use."
CASE = "China; Russia 2017 and 2024"
EXAMPLE = {"by": "CN", "share_closed": 0.7, "penalty": 2}


class Keys(PolicyKeys):
    """Keys of a ban on VPNs."""

    NEEDS_TARGETS: ClassVar[bool] = False
    DOSES: ClassVar[tuple[str, ...]] = ("share_closed", "penalty")

    share_closed: Share
    """Share of VPNs that stop working at first [1]; some are replaced."""
    penalty: Annotated[float, Field(ge=0, le=1e6), BeforeValidator(number)] = 0.0
    """Expected cost of use to a user [US dollars a month]."""
    order: Order | None = None
    """Who ordered the fine, which sets how many know of it: court, regulator, register, or a law or decree (decree)."""


_KNOWN = {
    "court": "fear.known_court",
    "regulator": "fear.known_regulator",
    "register": "fear.known_regulator",
    "decree": "fear.law_known",
}
"""Parameter for the share of people who know of a fine, by who ordered it; by default it is treated as a law."""


def _deterred(policy: Keys, setting: Setting) -> float:
    """Return the share of people who know of the fine and believe that it is enforced, so that they use no VPN [1]."""
    return setting.parameters[_KNOWN[policy.order or "decree"]] * setting.parameters["fear.fine"]


def apply(policy: Keys, days_in_force: int, table: AccessTable, setting: Setting) -> None:
    """Close a share of the VPNs that are open, and put an expected fine on each platform opened by one."""
    from sim.world.setting import replaced_tools, value_of_dollars

    q = setting.parameters
    # Closed tools are replaced, up to a limit, while the ban is in force.
    replaced = replaced_tools(days_in_force, q)
    for state in policy.by:
        s = setting.states.index(state)
        table.vpn_open[s] = min(table.vpn_open[s], 1.0 - policy.share_closed * (1.0 - replaced))
        if policy.penalty > 0.0:
            table.deterred[s] = max(table.deterred[s], _deterred(policy, setting))
        table.penalty[s] = max(table.penalty[s], value_of_dollars(setting, state, policy.penalty / 30.0))
