"""What a measure declares of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["daily", "total"]
Form = Literal["share", "count", "index", "money"]
_SUMS = {"persons": "person-days", "ties": "tie-days"}


@dataclass(frozen=True)
class Metric:
    """One measure.

    Attributes
    ----------
    name : str
        The name that scenario files, tables and checks use.
    label : str
        What an axis or a table says.
    unit : str
        Unit of the value; ``share`` is 0 to 1.
    dims : tuple of str
        Dimensions after the date: any of ``state``, ``platform``, ``group``, ``partner``, ``way``, ``source``.
    description : str
        One sentence that defines the measure.
    kind : {"daily", "total"}
        ``daily`` has one value a day, ``total`` one value a run.
    form : {"share", "count", "index", "money"}
        Whether a sum over days means something: shares and indices have no total.
    summed : str
        Unit of a sum over days, where it does not follow from that of a day.
    """

    name: str
    label: str
    unit: str
    dims: tuple[str, ...]
    description: str
    kind: Kind = "daily"
    form: Form = "count"
    summed: str = ""

    @property
    def total_unit(self) -> str:
        """Unit of a sum over the days of a run: money a day becomes money, people become person-days."""
        if self.summed or self.kind == "total":
            return self.summed or self.unit
        return _SUMS.get(self.unit, self.unit.removesuffix(" a day"))
