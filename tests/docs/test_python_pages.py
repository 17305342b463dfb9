"""The pages for programmers: every public name is explained, and code shown there imports
`splinternet` alone.
"""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import splinternet as sn

ROOT = Path(__file__).resolve().parents[2]


def test_every_public_name_is_explained() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^### sn\.(\w+)\n(.*?)(?=^### |\Z)", page, re.DOTALL | re.MULTILINE))
    assert set(parts) == set(sn.__all__)
    for name, text in parts.items():
        value = getattr(sn, name)
        if inspect.isfunction(value):
            missing = [
                each for each in inspect.signature(value).parameters if f"{each}" not in text
            ]
            assert not missing, f"{name}: {missing}"
        assert len(text.split()) > 8, name


def test_studies_use_public_names() -> None:
    """What a study imports of the program is what the reference of Python promises to keep."""
    promised = (
        "splinternet",
        "splinternet.policies",
        "splinternet.decisions",
        "splinternet.facts.model",
    )
    found = {
        (path.name, name)
        for path in (ROOT / "notebooks" / "studies").glob("*.py")
        for name in re.findall(
            r"^\s*(?:from|import) (splinternet[\w.]*)",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    assert len({path for path, _ in found}) > 5
    assert not {(path, name) for path, name in found if name not in promised}


def test_what_is_shown_imports_the_public_name() -> None:
    shown = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "notebooks").rglob("*.ipynb"),
    ]
    shown += [*(ROOT / "notebooks").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    of_folder = re.compile(r"^[\s\"]*(?:from sim[. ]|import sim\b(?!`))", re.MULTILINE)
    found = [
        path.relative_to(ROOT)
        for path in shown
        if of_folder.search(path.read_text(encoding="utf-8"))
    ]
    assert not found
