"""What a measure declares of itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["daily", "total"]
Form = Literal["share", "count", "index", "money"]


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
    """

    name: str
    label: str
    unit: str
    dims: tuple[str, ...]
    description: str
    kind: Kind = "daily"
    form: Form = "count"
