"""The carrier graph: who reaches whom over which carriers, and what a cut does to it.

``read_as_relationships`` reads the field's files, ``shipped`` gives the carriers of 2020, ``growth`` grows a graph;
``reachable`` says who reaches whom, before or after a ``Cut``.
"""

from sim.network.cut_words import read_cut
from sim.network.cuts import ALL, Cut, PathRule, apply_cut, gateways_of
from sim.network.graph import UNKNOWN, Graph, build_graph
from sim.network.growth import growth
from sim.network.reach import Reach, people_reached
from sim.network.reachable import reachable
from sim.network.reading import as_relationships, read_as_relationships, read_countries

__all__ = [
    "ALL",
    "UNKNOWN",
    "Cut",
    "Graph",
    "PathRule",
    "Reach",
    "apply_cut",
    "as_relationships",
    "build_graph",
    "gateways_of",
    "growth",
    "people_reached",
    "reachable",
    "read_as_relationships",
    "read_countries",
    "read_cut",
]
