"""A second implementation of the rules, as a plain Mesa model with one agent per person.

The engine keeps people as columns and visits them with compiled kernels. Here a person is a
`mesa.Agent` with sets of platforms, and every rule is a method in plain Python. Both give the
same results for each day, bit for bit (`tests/agreement/test_reference.py`), which verifies the
engine; the engine is far faster (`studies/run.py`). Read `model.py`, one day, then `person.py`, one
visit, then `surroundings.py`, what people find, and how families keep in touch.
"""

from .model import Twin

__all__ = ["Twin"]
