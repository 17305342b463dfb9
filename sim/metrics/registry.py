"""Every measure the model reports: its name, label, unit and dimensions.

A measure is declared here once; tables, charts, axis labels and `splinternet list metrics` follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["daily", "total"]
Form = Literal["share", "count", "index", "money"]


@dataclass(frozen=True)
class Metric:
    """One measure.

    Attributes
    ----------
    name : str
        The name that scenario files, tables and checks use.
    label : str
        What an axis or a table says.
    unit : str
        Unit of the value; ``share`` is 0 to 1.
    dims : tuple of str
        Dimensions after the date: any of ``state``, ``platform``, ``group``, ``partner``, ``way``, ``source``.
    description : str
        One sentence that defines the measure.
    kind : {"daily", "total"}
        ``daily`` has one value a day, ``total`` one value a run.
    form : {"share", "count", "index", "money"}
        Whether a sum over days means something: shares and indices have no total.
    """

    name: str
    label: str
    unit: str
    dims: tuple[str, ...]
    description: str
    kind: Kind = "daily"
    form: Form = "count"


_ALL = (
    Metric(
        "family_contact_lost",
        "Lost every platform channel to their family",
        "share",
        ("group",),
        "Of the members with a kin tie abroad that has a channel that day in the baseline arm, the share with none.",
        form="share",
    ),
    Metric(
        "family_contact_lost_people",
        "People who lost every platform channel to their family",
        "persons",
        ("group",),
        "The same in people; a diaspora group counts its own end, a family group the families' end.",
    ),
    Metric(
        "family_contact_lost_entirely",
        "Lost every channel to their family, telephone included",
        "share",
        ("group",),
        "As family_contact_lost, but telephone, SMS and e-mail must fail too.",
        form="share",
    ),
    Metric(
        "contact_days_lost",
        "Days without any platform channel to the family",
        "person-days",
        ("group",),
        "People who lost every platform channel to their family, that day; the total is person-days.",
    ),
    Metric(
        "conversations_lost",
        "Conversations with family abroad that had no channel",
        "conversations",
        ("group",),
        "Conversations a day that ties without a channel would have carried at their usual frequency.",
    ),
    Metric(
        "ties_out_of_contact",
        "Kin ties abroad out of contact",
        "ties",
        ("group",),
        "Kin ties abroad with a channel that day in the baseline arm and none in this one.",
    ),
    Metric(
        "ties_lost",
        "Kin ties abroad out of contact for 30 days or more",
        "ties",
        ("group",),
        "Kin ties abroad that have been out of contact for 30 days in a row or more.",
    ),
    Metric(
        "ties_severed",
        "Kin ties abroad without a channel in the run's last 90 days",
        "ties",
        ("group",),
        "Ties out of contact on every one of the last 90 days; not defined for a run shorter than 90 days.",
        kind="total",
    ),
    Metric(
        "fragile_ties",
        "Kin ties abroad that hang on a single platform",
        "share",
        ("group",),
        "Of the kin ties with a channel that day, the share with exactly one platform that works at both ends.",
        form="share",
    ),
    Metric(
        "reconnected",
        "Ties that came back, by the way they came back",
        "ties",
        ("group", "way"),
        "Ties that regained a channel, running total, by the first way: access back, VPN, or a substitute.",
        form="index",
    ),
    Metric(
        "ties_ever_out",
        "Kin ties abroad that have been out of contact",
        "ties",
        ("group",),
        "Kin ties abroad that have been out of contact on some day so far, running total.",
        form="index",
    ),
    Metric(
        "days_to_reconnect",
        "Median time until a tie out of contact comes back",
        "days",
        ("group",),
        "Kaplan-Meier median over ties, from the first day out of contact; ties still out at the end are censored; "
        "not defined where fewer than half have come back.",
        kind="total",
        form="index",
    ),
    Metric(
        "cross_border_contact",
        "Kin ties between two states that have a channel",
        "ties",
        ("state", "partner"),
        "Kin ties between the two states that have a channel that day; counted once, in both directions of the matrix.",
    ),
    Metric(
        "active_users",
        "People who used the platform that day",
        "persons",
        ("state", "platform"),
        "Expected number of people who used the platform that day and could.",
    ),
    Metric(
        "weekly_users",
        "People who used the platform in a week",
        "persons",
        ("state", "platform"),
        "Expected number of people who use the platform at least once in seven days like this one.",
    ),
    Metric(
        "monthly_users",
        "People who use the platform and can",
        "persons",
        ("state", "platform"),
        "People who hold the platform and reach it, directly or by VPN.",
    ),
    Metric(
        "openers",
        "People who opened the app that day, working or not",
        "persons",
        ("state", "platform"),
        "Active users and those who still open an app that no longer works.",
    ),
    Metric(
        "reachable_pairs",
        "Reach each other over the carriers",
        "share",
        ("state", "partner"),
        "Share of the pairs of people, one in each state, whose carriers have a valley-free route to each other.",
        form="share",
    ),
    Metric(
        "path_stretch",
        "Length of routes against the first day",
        "ratio",
        ("state", "partner"),
        "Mean number of carriers on a route against the first day, over the pairs of people with a route on both days.",
        form="index",
    ),
    Metric(
        "domestic_reach",
        "Reach each other at home",
        "share",
        ("state",),
        "Share of a state's people whom a person there reaches over the carriers.",
        form="share",
    ),
    Metric(
        "border_capacity",
        "Capacity left at the border",
        "share",
        ("state",),
        "Capacity of a state's links abroad that is left, against the first day.",
        form="share",
    ),
    Metric(
        "border_load",
        "Load at the border",
        "ratio",
        ("state",),
        "Traffic per capacity at a state's border, against the first day.",
        form="index",
    ),
    Metric(
        "trade",
        "Spent on platforms by their first users",
        "US$ a day",
        ("state", "platform"),
        "What the people who used a platform on the first day still spend there; what they move to rivals is in flows.",
        form="money",
    ),
    Metric(
        "sales",
        "Sold by a state's sellers on platforms",
        "US$ a day",
        ("state", "platform"),
        "What a state's sellers sell: less where they are barred, and in step with the use that the platform has left.",
        form="money",
    ),
    Metric(
        "cost_to_platforms",
        "Cost of complying",
        "US$ a day",
        ("state", "platform"),
        "What policies make platforms spend, such as a move to another cloud.",
        form="money",
    ),
    Metric(
        "payment_users",
        "Can pay on a platform",
        "persons",
        ("state", "platform"),
        "People who use a platform with payments, where these work.",
    ),
    Metric(
        "handset_sales_at_stake",
        "iPhone sales that hang on a platform",
        "share",
        ("platform",),
        "Share of iPhone sales to people who used a platform that the App Store there no longer has while another "
        "store does, times the share who would rather change phones.",
        form="share",
    ),
    Metric(
        "installs",
        "Installs and updates a day",
        "persons",
        ("state", "platform"),
        "Expected new installs that day: replaced phones, people who join, and the rush before a ban.",
    ),
    Metric(
        "vpn_users",
        "People with a VPN that can open blocked services",
        "persons",
        ("state",),
        "Internet users who hold a VPN or a like tool.",
    ),
    Metric(
        "concentration",
        "Concentration of use (Herfindahl index)",
        "index",
        ("state",),
        "Sum of squared shares of the state's daily active users over owners.",
        form="index",
    ),
    Metric(
        "consumer_surplus_lost",
        "Consumer surplus lost",
        "US dollars a day",
        ("state",),
        "Value of use foregone against the first day, at the feed's monthly value scaled by income.",
        form="money",
    ),
    Metric(
        "flows",
        "People who turned from one platform to another",
        "persons",
        ("state", "source", "platform"),
        "People who joined the platform because they lost, or feared to lose, the source platform.",
        kind="total",
    ),
    Metric(
        "use_by_home",
        "Use of platforms by their home state",
        "persons",
        ("state", "partner"),
        "Active users in the state of platforms whose home is the partner state.",
    ),
)

METRICS = MappingProxyType({metric.name: metric for metric in _ALL})
WAYS = ("access back", "VPN", "substitute", "bridge")
