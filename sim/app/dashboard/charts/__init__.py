"""The charts of the dashboard: functions from a scene to SVG, without state.

They are plain SVG and not matplotlib's, because they are drawn up to five times a second beside the simulation. For a
year of 20,000 people, all seven take 14 ms of processor time. With matplotlib, two of them (families and users) take
230 ms, or 107 ms if figures are kept and only saved again; a played year then shows 10 pictures, not 16 to 24.
"""

from .states import matrix, network
from .time import family, timeline, users, vpn
from .world import atlas

__all__ = ["atlas", "family", "matrix", "network", "timeline", "users", "vpn"]
