"""Measurements of others, from files that you supply: blocks (OONI) and losses of connectivity (Radar, IODA).

``read_ooni`` reads measurements and ``find_blocks`` derives blocks from them. ``read_signal`` reads the traffic or
signal of a state, and ``find_losses`` computes the share that is lost, day by day.
"""

from sim.measured.blocks import FoundBlock, Rule, find_blocks
from sim.measured.losses import Loss, Losses, Outage, find_losses, find_outages
from sim.measured.ooni import Day, Evidence, read_ooni
from sim.measured.signals import Signal, read_signal
from sim.measured.writing import write_blocks, write_losses

__all__ = [
    "Day",
    "Evidence",
    "FoundBlock",
    "Loss",
    "Losses",
    "Outage",
    "Rule",
    "Signal",
    "find_blocks",
    "find_losses",
    "find_outages",
    "read_ooni",
    "read_signal",
    "write_blocks",
    "write_losses",
]
