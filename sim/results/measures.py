"""The declared measures, as charts and reports read them: they know results alone."""

from sim.metrics.registry import METRICS, WAYS, Metric

__all__ = ["METRICS", "WAYS", "Metric"]
