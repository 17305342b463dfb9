"""Who reaches whom, before or after a cut."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sim.cut import Cut
from sim.network.cut_words import read_cut
from sim.network.cuts import apply_cut, avoided
from sim.network.graph import Graph
from sim.network.reach import Reach, reach_of


def reachable(graph: Graph, cut: Cut | str | Iterable[str] | None = None, *, threads: int | None = None) -> Reach:
    """Return who has a valley-free route to whom.

    Parameters
    ----------
    graph : Graph
        The carriers.
    cut : Cut, str, or iterable of str, optional
        What is cut first, such as ``"state:RU"`` or ``["carrier:4134@US", "mesh:RU"]``.
    threads : int, optional
        Number of threads; by default one per core. The result does not depend on it.

    Returns
    -------
    Reach
        ``numpy.asarray(reach, bool)`` is (N, N), rows and columns as ``graph.asns``, its diagonal true.

    Raises
    ------
    InputError
        The cut names something that is not in the graph.
    """
    cut = read_cut(cut, graph)
    left = apply_cut(graph, cut)
    if not cut.rules:
        return reach_of(left, threads=threads)
    barred, class_of = avoided(left, cut)
    whole: Reach | None = None
    for one in range(len(barred)):
        for other in range(one, len(barred)):
            part = reach_of(left, ~(barred[one] | barred[other]), threads)
            whole = whole or Reach(graph.asns, np.zeros_like(part.bits))
            for rows, columns in {(one, other), (other, one)}:
                whole.bits[class_of == rows] |= part.bits[class_of == rows] & _columns(class_of == columns, part)
    return whole or reach_of(left, threads=threads)


def _columns(chosen: npt.NDArray[np.bool_], like: Reach) -> npt.NDArray[np.uint64]:
    """Return columns as the bits of one row."""
    plain = np.zeros(64 * like.bits.shape[1], np.bool_)
    plain[: len(chosen)] = chosen
    return np.packbits(plain, bitorder="little").view("<u8").astype(np.uint64)
