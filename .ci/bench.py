"""Try the bench as a stranger gets it: ``uv run python .ci/bench.py``.

A new environment gets its wheel alone, without the model. In an empty folder the example writes its
submission, which is scored.
"""

from __future__ import annotations

import json
import sys
import tempfile
import tomllib
from pathlib import Path

from wheel import ROOT, call

FIGURES = 93


def main() -> None:
    """Build, install, and score the example."""
    newest = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["uv"]["exclude-newer"]
    with tempfile.TemporaryDirectory() as made:
        place = Path(made)
        empty = place / "empty"
        empty.mkdir()
        call("uv", "build", "--quiet", "--package", "splinternet-bench", "--out-dir", place)
        (wheel,) = place.glob("*.whl")
        python = place / "venv" / "bin" / "python"
        call("uv", "venv", "--quiet", "--no-project", "--python", sys.executable, place / "venv")
        install = ("uv", "pip", "install", "--quiet", "--exclude-newer", newest)
        call(*install, wheel, "--python", python, folder=empty)
        call(python, "-c", "import splinternet", folder=empty, fails=True)
        call(python, ROOT / "bench" / "examples" / "neighbours.py", "mine", folder=empty)
        command = (python, "-m", "splinternet_bench", "score", "mine", "--json")
        found = json.loads(call(*command, folder=empty))
        whole = found["entrants"]["neighbours"]["all"]
        if found["problems"] or found["missing"] or whole["figures"] != FIGURES:
            sys.exit(f"the example has {whole['figures']} figures, of {FIGURES}")
        print(f"{wheel.name} scores the example without the model: CRPS {whole['crps']:.3f}")


if __name__ == "__main__":
    main()
