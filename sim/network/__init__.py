"""The carrier graph: connections between people over carriers, and the effect of cuts.

``shipped`` returns the carriers of 2020, and ``build_graph`` builds a graph from your own links.
``reachable`` computes which carriers reach each other before or after a cut. ``find_routes``
computes their routes, ``compare`` measures the effect of a cut, and ``coupling`` passes this effect
to the rest of the model.
"""

from ..core.cut import ALL, Cut, PathRule
from .compare import Comparison, Coupling, Picture, compare, coupling
from .graph import UNKNOWN, Cable, Graph, apply_cut, build_graph, gateways_of, read_cut, shipped
from .routes import NO_ROUTE, Reach, Routes, find_routes, people_reached, reachable

__all__ = [
    "ALL",
    "NO_ROUTE",
    "UNKNOWN",
    "Cable",
    "Comparison",
    "Coupling",
    "Cut",
    "Graph",
    "PathRule",
    "Picture",
    "Reach",
    "Routes",
    "apply_cut",
    "build_graph",
    "compare",
    "coupling",
    "find_routes",
    "gateways_of",
    "people_reached",
    "reachable",
    "read_cut",
    "shipped",
]
