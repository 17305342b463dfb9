"""The end of an ensemble: members arrive packed from the processes that ran them; copies of this one draw charts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from pathlib import Path

from sim.errors import SplinternetError
from sim.experiments import copies
from sim.experiments.copies import may_copy
from sim.experiments.processes import cores
from sim.metrics.registry import METRICS
from sim.plots import charts
from sim.results.arrays import pack
from sim.results.folder import RunFolder
from sim.results.panel import Packed, member_path, packed_in
from sim.results.result import Result
from sim.results.save import Alone

_LATER = (
    "matplotlib.backends.backend_agg",
    "matplotlib.figure",
    "h5netcdf.legacyapi",
    "sim.plots.figure",
    "sim.plots.metric_over_time",
    "sim.scenario.draws",
    "sim.chance",
    "sim.text.terminal",
    "sim.text.observed",
    "sim.policies.effects",
    "sim.world.setting",
)


def get_ready() -> None:
    """Load what the end of a run takes while the workers load what members take; what is missing is reported then."""
    with suppress(ImportError, SplinternetError):
        for name in _LATER:
            import_module(name)
        charts()
        tuple(METRICS.values())  # loads the file of each metric


class Together(Alone):
    """Takes members as they were packed when they were stored; copies of this process write the panel and draw charts.

    Parameters
    ----------
    folder : RunFolder
        Where the members are stored.
    most : int
        Processes that may be at work at once, this one among them.
    """

    def __init__(self, folder: RunFolder, most: int) -> None:
        self.members, self.most = folder.members_path, most

    def pack(self, result: Result) -> Iterable[Packed]:
        """Yield the arrays of each member, packed for the panel; one that was stored without is packed now."""
        for pair in result.members:
            yield packed_in(member_path(self.members, pair[0].seed)) or pack(pair)

    def begun(self, work: Callable[[], object]) -> AbstractContextManager[Callable[[], object]]:
        """Let a copy of this process do some work while this one does other things."""
        return copies.beside(work) if self.most > 1 else super().begun(work)

    def draw(self, result: Result) -> Callable[[Path], object]:
        """Begin to draw the charts in copies of this process, which helps in the end."""
        copied = min(self.most, cores()) - 1 if may_copy() else 0
        mine = [each.name for each in charts().values() if each.like_tables]
        return result.begin_figures(lambda draw, names: copies.Shared(draw, names, copied, mine))
