"""Money: earnings of platforms, losses of people and sellers, and sales at stake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..facts.model import DEVICES, MODES
from ..facts.platforms import APPLES_STORE
from .registry import metric
from .use import by_label, settled

if TYPE_CHECKING:
    from .arm_day import ArmDay


@metric(
    "Revenue of platforms",
    "US$ a day",
    ("state", "platform"),
    form="money",
    follows="people",
    error="use",
    every="week",
)
def revenue(arm: ArmDay) -> np.ndarray:
    """Revenue of a platform from its users in the state. Revenue from advertisers changes in
    proportion to the minutes of use, and platforms in a state gain together no more than the others
    there lose. The revenue of a shop is what buyers spend there.
    """
    return settled(arm.revenue)


@metric(
    "Revenue of platforms, by home state",
    "US$ a day",
    ("state", "partner"),
    form="money",
    follows="people",
    every="week",
)
def revenue_by_home(arm: ArmDay) -> np.ndarray:
    """Revenue in the state of the platforms whose home is the partner state on that day."""
    return settled(by_label(arm.revenue, arm.home, len(arm.states)))


@metric(
    "Spent on platforms",
    "US$ a day",
    ("state", "platform"),
    form="money",
    follows="people",
    better="more",
    every="week",
)
def trade(arm: ArmDay) -> np.ndarray:
    """Amount that the people of a state spend on a platform. Part of the money no longer spent on
    one platform goes to other platforms in use, above all to the most used and most similar ones.
    Nobody spends more than before.
    """
    return arm.spent


@metric(
    "Sold by a state's sellers on platforms",
    "US$ a day",
    ("state", "platform"),
    form="money",
    follows="people",
    better="more",
    every="week",
)
def sales(arm: ArmDay) -> np.ndarray:
    """Sales by a state's sellers on a platform. Sales fall where sellers are barred, and in
    proportion to the use that the platform retains.
    """
    whole = arm.world_users
    left = np.divide(arm.members.sum(axis=0), whole, out=np.ones_like(whole), where=whole > 0)
    return np.asarray(arm.trade.sold * arm.access.sell * np.minimum(1.0, left))


@metric(
    "Cost of complying",
    "US$ a day",
    ("state", "platform"),
    form="money",
    follows="people",
    better="less",
)
def cost_to_platforms(arm: ArmDay) -> np.ndarray:
    """Amount that policies make a platform spend, such as the cost of a move to another cloud."""
    total = np.zeros_like(arm.members)
    for policy, days in arm.docket.in_force:
        if not policy.has("cost"):
            continue
        concerned = arm.members * arm.share_concerned(policy)[:, None]
        total += policy.cost(concerned, policy.on_day(days, arm.setting))
    return total


@metric(
    "Can pay on a platform",
    "persons",
    ("state", "platform"),
    follows="people",
    error="users",
    every="week",
)
def payment_users(arm: ArmDay) -> np.ndarray:
    """People who use a platform on which payments work."""
    pay = MODES.index("pay")
    return np.asarray(arm.members * arm.access.reach[:, :, pay] * arm.setting.has_modes[:, pay])


@metric(
    "iPhone sales that depend on a platform",
    "share",
    ("platform",),
    form="share",
    follows="access",
    better="less",
)
def handset_sales_at_stake(arm: ArmDay) -> np.ndarray:
    """Share of iPhone sales at risk because the App Store no longer offers a platform that another
    store still offers. The metric is the share of iPhone sales to users of the platform, times the
    share of these users who would rather change phones.
    """
    apple, android = (arm.access.install[:, :, at] for at in range(len(DEVICES)))
    sold_by_apple = [
        APPLES_STORE in arm.setting.platform_facts[name].stores for name in arm.platforms
    ]
    depend = np.array(sold_by_apple) * np.maximum(0.0, android - apple) * arm.first_users
    depend /= arm.internet_users[:, None]
    return np.asarray(arm.trade.handsets @ depend * arm.parameters["dependence.switch_share"])


@metric(
    "Consumer surplus lost",
    "US dollars a day",
    ("state",),
    form="money",
    follows="people",
    better="less",
)
def consumer_surplus_lost(arm: ArmDay) -> np.ndarray:
    """Value of the use that people have lost since the first day, based on the monthly value of a
    feed and scaled by income.

    Willingness to pay is in proportion to income (assumption).
    """
    return -arm.value_gained * arm.dollars_a_day * arm.income
