"""Takes uses or platforms out of the policies in force."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, BeforeValidator

from sim.facts.model import MODES
from sim.policies.base import PolicyKeys
from sim.policies.values import PolicyId, no_twins, one_or_more

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting

SUMMARY = "Takes uses or platforms out of the policies in force."
CASE = "A licence for private messages, as asked for in the WeChat case 2020"
EXAMPLE = {"by": "US", "targets": ["WeChat"]}
FREES = True

MODES_OF = {
    "personal communication": ("text", "voice", "video"),
    "publishing": ("post",),
    "payment": ("pay",),
}
"""Modes of access that a use needs."""
Uses = Annotated[
    tuple[Literal["personal communication", "publishing", "payment"], ...],
    AfterValidator(no_twins),
    BeforeValidator(one_or_more),
]


class Keys(PolicyKeys):
    """Keys of an exemption."""

    NEEDS_TARGETS: ClassVar[bool] = False
    RELIEVES: ClassVar[bool] = True

    uses: Uses = ()
    """The uses that stay free; all of them unless stated."""
    policy: PolicyId | None = None
    """The policy concerned; all of the same states and targets unless stated."""

    def about(self) -> str | None:
        """Return the id of the policy concerned."""
        return self.policy


def relieve(
    policy: Keys,
    days_in_force: int,
    table: AccessTable,
    free: AccessTable,
    freed: tuple[PolicyKeys, ...],
    setting: Setting,
) -> None:
    """Restore the exempted uses of the platforms to their access without the policies that they are exempt from.

    Talking needs the app and its servers, so stores, speed and ways round are restored too.
    """
    modes = [MODES.index(mode) for use in MODES_OF if not policy.uses or use in policy.uses for mode in MODES_OF[use]]
    targets = policy.targets or tuple(dict.fromkeys(t for other in freed for t in other.targets))
    for state in policy.by:
        s = setting.states.index(state)
        for target in targets:
            p = setting.platforms.index(target)
            table.reach[s, p, modes] = free.reach[s, p, modes]
            for column in ("speed", "install", "install_hazard", "install_rate", "vpn_share", "effort", "price",
                           "sell"):  # fmt: skip
                getattr(table, column)[s, p] = getattr(free, column)[s, p]
            if not policy.uses or "publishing" in policy.uses:
                table.silenced[s, p] = free.silenced[s, p]
