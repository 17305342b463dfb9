"""How much a platform is slowed, from all causes; a slowdown that people do not notice costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.people.access import AccessTable
    from sim.world.setting import Setting


def felt(speed: float, setting: Setting) -> float:
    """Return a speed as people notice it, from the share of the usual speed that is left [1]."""
    from sim.people.access import felt_speed

    return float(felt_speed(speed, setting.parameters["choice.speed_unnoticed"]))


def slow(table: AccessTable, cell: tuple[int, int], left: float, setting: Setting) -> None:
    """Leave a platform in a state (``cell``: their numbers) at most a share ``left`` of its usual speed (in place)."""
    table.speed[cell] = min(table.speed[cell], felt(left, setting))
