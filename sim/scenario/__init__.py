"""Scenarios: the keys of a file, and how it is read, checked and explained."""

from sim.scenario.load import load, varied, with_policies
from sim.scenario.scenario import Scenario
from sim.scenario.schema import Behaviour, PlatformKeys, Range, StateKeys, World

__all__ = ["Behaviour", "PlatformKeys", "Range", "Scenario", "StateKeys", "World", "load", "varied", "with_policies"]
