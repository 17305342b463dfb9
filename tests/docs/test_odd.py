"""The page in ODD form names every variable; numbers that are no parameters are the code's."""

from __future__ import annotations

from pathlib import Path

import pytest

from splinternet.people import circumvention, reconnect, substitution, visit
from splinternet.people.kernel_types import PERSON, PRIVATE, Bonds

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("name", [*PERSON.names, *PRIVATE.names, *Bonds._fields])
def test_the_page_names_each_variable(name: str) -> None:
    assert f"`{name}`" in (DOCS / "odd.md").read_text(encoding="utf-8")


def test_numbers_that_are_no_parameters_are_those_of_the_code() -> None:
    text = " ".join((DOCS / "model.md").read_text(encoding="utf-8").split())
    said = text[text.index("## 10. Assumptions in the code") :]
    for words in (
        f"{visit.NEEDY} (a loss",
        f"{visit.MOST_DAYS} (most days",
        f"{substitution.BURST_OVER:g} x burst.days",
        f"{substitution.DORMANT_DAYS} days",
        f"{reconnect.ASK_AGAIN} days (until a pair",
        f"{circumvention.AWARE_ALONE} and {circumvention.AWARE_CONTACTS} (learning",
    ):
        assert words in said
