"""The carrier graph: who reaches whom over which carriers, and what a cut does to it.

``read_as_relationships`` reads the field's files, ``shipped`` gives the carriers of 2020, ``growth`` grows a graph;
``reachable`` says who reaches whom, before or after a ``Cut``.
"""

from sim.network.graph import UNKNOWN, Graph, build_graph
from sim.network.growth import growth
from sim.network.reach import Reach, people_reached
from sim.network.reading import as_relationships, read_as_relationships, read_countries

__all__ = [
    "UNKNOWN",
    "Graph",
    "Reach",
    "as_relationships",
    "build_graph",
    "growth",
    "people_reached",
    "read_as_relationships",
    "read_countries",
]
