"""The charts of the dashboard: functions from a scene to SVG, without state."""

from sim.app.dashboard.charts.states import matrix, network
from sim.app.dashboard.charts.time import family, timeline, users, vpn
from sim.app.dashboard.charts.world import atlas

__all__ = ["atlas", "family", "matrix", "network", "timeline", "users", "vpn"]
