"""Starts the compiler of the very first run when it is imported, before the process of the workers loads all else."""

from __future__ import annotations

from contextlib import suppress

# Whatever goes wrong here, the workers compile what they need themselves.
with suppress(Exception):
    from sim.experiments.beforehand import compile_beforehand

    compile_beforehand()
