"""Measurements of others, from files that you supply: blocks (OONI) and losses of connectivity (Radar, IODA).

``read_ooni`` reads measurements and ``find_blocks`` derives blocks from them. ``read_signal`` reads the traffic or
signal of a state, and ``find_losses`` computes the share that is lost, day by day.
"""

from .blocks import Evidence, find_blocks, read_ooni, write_blocks
from .losses import Losses, Signal, find_losses, find_outages, read_signal, write_losses

__all__ = [
    "Evidence",
    "Losses",
    "Signal",
    "find_blocks",
    "find_losses",
    "find_outages",
    "read_ooni",
    "read_signal",
    "write_blocks",
    "write_losses",
]
