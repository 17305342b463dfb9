"""The sample of sentences: drawn by its seed, from every kind of text that people read."""

from __future__ import annotations

import pytest

from tests import sentences


def test_a_sample_is_drawn_by_its_seed() -> None:
    first = sentences.sample(7, 20)
    assert (len(first), first) == (20, sentences.sample(7, 20))
    assert first != sentences.sample(8, 20)


def test_sentences_come_from_pages_notebooks_help_and_strings() -> None:
    every = sentences.sentences()
    places = {place.split(":")[0] for place, _ in every}
    assert {"README.md", "docs/limits.md", "docs/how-to/size-a-run.md", "sim/cli/doctor.py", "sim/errors.py"} <= places
    assert any(place.startswith("notebooks/") for place in places)
    texts = [text for _, text in every]
    assert "Say everything that is wrong with scenario files or with a project's items." in texts, "help of a command"
    assert not [text for text in texts if "uv run splinternet run scenarios" in text], "code is left out"
    assert not [text for text in texts if text.startswith("|")], "tables are left out"
    assert all(len(text.split()) >= sentences.FEWEST_WORDS for text in texts)


def test_a_count_larger_than_all_gives_all() -> None:
    assert len(sentences.sample(1, 10**9)) == len(set(sentences.sentences()))


def test_the_seed_must_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["sentences"])
    with pytest.raises(SystemExit):
        sentences.main()
