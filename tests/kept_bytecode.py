"""Keep what Python has parsed once, outside the tree, even where the environment says not to.

These tests are many processes, and many of them start the program again. `conftest` imports this
before anything large. Nor does jsonschema, which notebooks and charts need, build its grammar of
addresses: that takes three seconds. Nor does scoringrules compile what only its numba backend
needs: two seconds in each process. Nor does filelock, which Solara loads, listen to every event of
the interpreter in case it forks: a hundredth of all the time. Linear algebra keeps to one thread,
because two processes test on two cores: the threads of both would wait for each other.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault(
    "PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / f"splinternet-bytecode-{os.getuid()}")
)
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
NOT_IMPORTED = (
    "rfc3987_syntax",
    "scoringrules.core.crps._gufuncs",
    "scoringrules.core.energy._gufuncs",
    "scoringrules.core.kernels._gufuncs",
)
sys.modules |= dict.fromkeys(NOT_IMPORTED)  # type: ignore[arg-type]
sys.dont_write_bytecode, sys.pycache_prefix = False, os.environ["PYTHONPYCACHEPREFIX"]
with patch.object(sys, "addaudithook"):
    import filelock  # noqa: F401
