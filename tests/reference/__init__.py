"""The reference: the rules of the model again, as a plain Mesa model that a reader can follow.

The engine in `sim` keeps people as columns and visits them with compiled kernels. Here a person is a `mesa.Agent` with
sets of platforms, and every rule is a method in plain Python. Both must give the same days, bit for bit
(`tests/agreement/test_reference.py`), and the engine must be far faster (`tests/benchmarks`).
"""

from .mesa_twin import Twin

__all__ = ["Twin"]
