"""Progress in a notebook: a bar by tqdm if the caller asks for no reports, and a note while the model is compiled."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sim.compiled import is_first_run
from sim.experiments.executors import Progress

FIRST_RUN = "The first run compiles the model once, which takes about half a minute; later runs start at once."


def in_jupyter() -> bool:
    """Return whether this is a kernel of Jupyter, where a bar has a place; a script or a test is none."""
    # If IPython runs, it is already imported; a plain Python does not import it for this check.
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


@contextmanager
def shown(what: str, progress: Progress | None) -> Iterator[Progress | None]:
    """Give what reports finished runs: the caller's function, or a bar in a notebook; else None.

    Parameters
    ----------
    what : str
        What is being worked on.
    progress : callable, optional
        What the caller handed in.
    """
    if progress is not None or not in_jupyter():
        yield progress
        return
    from tqdm.auto import tqdm

    with tqdm(desc=what, unit="run") as bar:
        if is_first_run():
            bar.write(FIRST_RUN)

        def show(done: int, failed: int, total: int) -> None:
            bar.total, bar.n = total, done
            if failed:
                bar.set_postfix(failed=failed, refresh=False)
            bar.refresh()

        yield show
