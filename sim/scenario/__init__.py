"""Scenarios: the keys of a file, and how it is read, checked and explained."""

from .load import load, varied, with_policies
from .scenario import Scenario
from .schema import Behaviour, PlatformKeys, Range, StateKeys, World

__all__ = [
    "Behaviour",
    "PlatformKeys",
    "Range",
    "Scenario",
    "StateKeys",
    "World",
    "load",
    "varied",
    "with_policies",
]
