"""Every metric that the model reports, by name: one file each in this package or in the user's project folder.

To add a metric, add ``<name>.py`` with a function of the arm under the decorator `metric`. The record, tables, charts,
scenario checks and ``splinternet list metrics`` follow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import ModuleType

from sim.errors import InputError, Problem
from sim.handed import past_names
from sim.metrics.metric import DIMS
from sim.metrics.metric import Form as Form
from sim.metrics.metric import Kind as Kind
from sim.metrics.metric import Metric as Metric
from sim.plugin_checks import file_of
from sim.plugins import Catalogue

CATALOGUE = Catalogue(
    "metrics",
    "sim.metrics",
    machinery=(
        "arm_day",
        "blocs",
        "budget",
        "cascades",
        "connectivity",
        "family",
        "metric",
        "registry",
        "use",
        "value",
        "weights",
    ),
)
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


class Metrics(Mapping[str, Metric]):
    """The metrics by name, in the order of the tables. Names are known without loading any metric."""

    def __init__(self) -> None:
        self._loaded: dict[str, tuple[ModuleType, Metric]] = {}

    def __contains__(self, name: object) -> bool:
        """Return whether there is a metric of this name."""
        return name in CATALOGUE.names()

    def __iter__(self) -> Iterator[str]:
        """Return the names in the order of the tables."""
        return iter(CATALOGUE.in_order(_ORDER))

    def __len__(self) -> int:
        """Return how many metrics there are."""
        return len(CATALOGUE.names())

    def among(self, names: Collection[str]) -> list[str]:
        """Return which of some names are metrics, in the order of the tables.

        A metric that was handed over for an earlier run counts: the results of that run can still be read.
        """
        return [name for name in dict.fromkeys((*self, *past_names(CATALOGUE.kind))) if name in names]

    def __getitem__(self, name: str) -> Metric:
        """Return a metric.

        Raises
        ------
        KeyError
            If there is no such metric.
        InputError
            When its file does not declare it.
        """
        module = CATALOGUE.module(name)
        known = self._loaded.get(name)
        if known is None or known[0] is not module:
            known = self._loaded[name] = module, _declared(name, module)
        return known[1]


def _declared(name: str, module: ModuleType) -> Metric:
    """Return the metric that the module of a file declares."""
    where, found = file_of(module), [x for x in vars(module).values() if isinstance(x, Metric)]
    metric = next((each for each in found if each.name == name), None)
    if metric is None:
        said = f"it declares {', '.join(each.name for each in found) or 'no metric'}"
        raise InputError(Problem(where, said, f"a function {name} under the decorator metric", "rename it or the file"))
    unknown = [dim for dim in metric.dims if dim not in DIMS]
    if unknown:
        found_dims = f"unknown dimension {', '.join(map(repr, unknown))}"
        raise InputError(Problem(where, found_dims, f"any of {', '.join(DIMS)}"))
    return metric


METRICS = Metrics()
