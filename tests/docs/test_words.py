"""Plain English: no text gets a form that `words.py` lists; old texts lose theirs and get none."""

from __future__ import annotations

from pathlib import Path

import pytest
import words

TEXTS = list(words.texts())


def name(path: Path) -> str:
    return path.relative_to(words.ROOT).as_posix()


def test_no_text_has_more_forms_to_avoid_than_it_had() -> None:
    old, said = words.old(), []
    for path in TEXTS:
        found = words.found_in(path)
        if len(found) > old.get(name(path), 0):
            said += [f"{name(path)}:{at}: '{form}': write {words.instead_of(form)}" for at, form in found]
    assert not said, "see docs/style.md\n" + "\n".join(said)


def test_new_texts_start_clean_and_most_texts_are() -> None:
    assert len(words.old()) < len(TEXTS) / 2
    assert {"README.md", "SECURITY.md", "docs/index.md"} <= {name(path) for path in TEXTS}


def test_a_form_is_found_in_comments_and_strings_and_not_in_names(tmp_path: Path) -> None:
    file = tmp_path / "made.py"
    file.write_text('told = 0\n# nought\nx = f"so says {told} the table"\ny = """\nWhoever"""\n', encoding="utf-8")
    assert words.found_in(file) == [(2, "nought"), (3, "so says"), (5, "Whoever")]


@pytest.mark.parametrize("form", ["nought", "told", "Not to be had", "So says", "hangs on", "held against", "for ever"])
def test_every_form_has_something_to_write_instead(form: str) -> None:
    assert words.instead_of(form)
