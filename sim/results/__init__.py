"""Results of a run as numbers: tables, arrays, run folder."""

from .folder import RunFolder, read_member, write_member
from .manifest import default_folder
from .panel import ArmData, Axes
from .result import Result, open_run

__all__ = [
    "ArmData",
    "Axes",
    "Result",
    "RunFolder",
    "default_folder",
    "open_run",
    "read_member",
    "write_member",
]
