"""Build the site of the documentation, with warnings as errors: ``uv run python docs/site.py``.

The pages link to each other as files do, from ``docs/`` to ``README.md`` and ``sim/facts/SOURCES.md`` and back, so that
they can be read where the code is. The builder wants them all in one folder: they are gathered in ``build/pages``, each
in its place, and the site is written to ``build/site``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GATHERED = "build/pages"


def gather(root: Path = ROOT) -> list[Path]:
    """Copy every page and image into one folder, each in its place, and return the copied pages."""
    folder = root / GATHERED
    shutil.rmtree(folder, ignore_errors=True)
    found = [*root.glob("*.md"), root / "sim" / "facts" / "SOURCES.md", root / "LICENSE", root / "CITATION.cff"]
    found += [path for path in (root / "docs").rglob("*") if path.suffix in (".md", ".png", ".svg")]
    pages = []
    for path in found:
        copied = folder / path.relative_to(root)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
        if path.suffix == ".md":
            pages.append(copied)
    return pages


def build(root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Gather the pages and build the site; the exit code is not 0 when the builder warns of anything."""
    gather(root)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603 - words of our own


if __name__ == "__main__":
    done = build()
    sys.stdout.write(done.stdout + done.stderr)
    sys.exit(done.returncode)
