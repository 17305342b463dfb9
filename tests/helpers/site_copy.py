"""A copy of what the site is built from, for tests that build it elsewhere."""

from __future__ import annotations

import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def copy_pages(folder: Path) -> Path:
    """Copy the pages, the notebooks and what builds them into a folder, and return it."""
    for name in ("docs", "pages"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "notebooks", folder / "notebooks", ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    (folder / "sim" / "facts").mkdir(parents=True)
    for name in ("sim/facts/SOURCES.md", "LICENSE", "CITATION.cff", "zensical.toml"):
        shutil.copy(ROOT / name, folder / name)
    for page in ROOT.glob("*.md"):
        shutil.copy(page, folder)
    return folder
