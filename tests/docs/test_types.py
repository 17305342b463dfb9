"""The Python of the pages passes `mypy --strict`; only functions of a user may have no types."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FILE = re.compile(r"<!-- file: (?:\S+/)?(\S+)\.py -->\n```python\n(.*?)```", re.DOTALL)
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


def written(folder: Path) -> list[Path]:
    """Write the examples: the blocks of a page one after the other, files under their own names."""
    made = []
    for page in sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]):
        text = page.read_text(encoding="utf-8")
        files = dict(_FILE.findall(text))
        blocks = [block for block in _BLOCK.findall(text) if block not in files.values()]
        parts = {**files, f"page_{page.stem.replace('-', '_')}": "\n\n".join(blocks)}
        for name, code in parts.items():
            if code:
                made.append(folder / f"{name}.py")
                made[-1].write_text(code, encoding="utf-8")
    return made


def test_the_examples_of_the_pages_are_typed(tmp_path: Path) -> None:
    pages = written(tmp_path)
    assert len(pages) > 12
    known = [
        "--config-file",
        str(ROOT / "pyproject.toml"),
        "--cache-dir",
        str(ROOT / ".mypy_cache"),
    ]
    loose = ["--allow-untyped-defs", "--allow-untyped-calls", "--ignore-missing-imports"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *known, *loose, *map(str, pages)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
