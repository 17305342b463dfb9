"""``uv run python -m tests.benchmarks``."""

import sys

from .run import main

main(*sys.argv[1:])
