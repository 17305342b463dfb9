"""The script that counts code counts what it says."""

from __future__ import annotations

from pathlib import Path

from size import by_package, measure


def test_counts_of_a_module_by_hand(tmp_path: Path) -> None:
    """Docstrings and comments are no code; each statement and definition counts once."""
    text = '"""About."""\n\n# why\nA = 1\n\n\ndef f(x):\n    """Do."""\n    if x:\n        return 2\n    return 3\n'
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "one.py").write_text(text, encoding="utf-8")
    counts = measure(tmp_path / "part" / "one.py")
    assert (counts["statements"], counts["definitions"], counts["lines"]) == (7, 1, 11)
    assert counts["code"] == 5
    assert by_package(tmp_path)["part"] == counts
