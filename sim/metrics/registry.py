"""Every metric that the model reports, by name: one file each in this package or in the user's project folder.

To add a metric, add ``<name>.py`` with a function of the arm under the decorator `metric`. The record, tables, charts,
scenario checks and ``splinternet list metrics`` follow.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType

from sim.errors import Problem
from sim.metrics.metric import DIMS
from sim.metrics.metric import Form as Form
from sim.metrics.metric import Kind as Kind
from sim.metrics.metric import Metric as Metric
from sim.plugins import Registry

WAYS = ("access back", "VPN", "substitute", "bridge")
_ORDER = (
    "family_contact_ever_lost",
    "family_contact_lost_7d",
    "family_contact_lost_30d",
    "contact_days_lost_per_member",
    "family_contact_ever_lost_people",
    "family_contact_lost",
    "family_contact_lost_people",
    "family_contact_lost_entirely",
    "contact_days_lost",
    "conversations_lost",
    "ties_out_of_contact",
    "ties_lost",
    "ties_severed",
    "fragile_ties",
    "reconnected",
    "ties_ever_out",
    "days_to_reconnect",
    "cross_border_contact",
    "contact_across_border",
    "active_users",
    "weekly_users",
    "monthly_users",
    "openers",
    "minutes",
    "minutes_by_home",
    "revenue",
    "revenue_by_home",
    "state_pairs_in_reach",
    "reach_abroad",
    "route_length",
    "services_usable",
    "median_services",
    "people_within_reach",
    "reachable_pairs",
    "path_stretch",
    "domestic_reach",
    "border_capacity",
    "border_load",
    "trade",
    "sales",
    "cost_to_platforms",
    "payment_users",
    "handset_sales_at_stake",
    "installs",
    "vpn_users",
    "concentration",
    "consumer_surplus_lost",
    "flows",
    "use_by_home",
    "openness",
    "voice_silenced",
    "accounts_silenced",
    "effective_internets",
    "internets_by_likeness",
    "bloc",
    "access_likeness",
    "blocking_alignment",
    "platforms_restricted",
    "cascade_size",
    "cascade_depth",
)
"""The order of the tables; other metrics follow, by name."""


def _read(module: ModuleType) -> dict[str, Metric]:
    """Return the metrics that a module declares, by name."""
    metrics = [value for value in vars(module).values() if isinstance(value, Metric)]
    return {metric.name: metric for metric in metrics if metric.function.__module__ == module.__name__}


def _faults(metric: Metric) -> Iterator[Problem]:
    """Yield what is wrong with the declaration of a metric."""
    unknown = ", ".join(repr(dim) for dim in metric.dims if dim not in DIMS)
    if unknown:
        yield Problem(inspect.getfile(metric.function), f"unknown dimension {unknown}", f"any of {', '.join(DIMS)}")


_SHIPPED = {name: f"sim.metrics.{name}" for name in _ORDER}
METRICS = Registry("metrics", _SHIPPED, _read, "a function {name} under the decorator metric", _faults)
"""The metrics by name, in the order of the tables. Names are known without loading any metric."""
