"""The README: short, the proof first, and its numbers those of the stored forecasts."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from PIL import Image
from scripts import script

ROOT = Path(__file__).resolve().parents[2]
MOST_WORDS = 700
WORDS_BEFORE_THE_PICTURE = 120


@pytest.fixture(scope="module")
def proof() -> ModuleType:
    return script("pages/proof.py")


def words(text: str) -> list[str]:
    """Return the words that a reader sees, without comments, rules and the bars of tables."""
    seen = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    return [word for word in seen.split() if re.search(r"\w", word)]


def test_the_readme_is_short_and_shows_what_happened_first() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(words(text)) <= MOST_WORDS
    assert "(docs/img/x_in_brazil.png)" in text
    assert len(words(text[: text.index("![")])) <= WORDS_BEFORE_THE_PICTURE


def test_the_picture_shows_the_stored_forecasts(proof: ModuleType) -> None:
    """Run ``uv run python pages/proof.py`` after the forecasts were stored again."""
    rows = proof.of_event(proof.forecasts())
    with Image.open(proof.PICTURE) as picture:
        assert picture.info["Comment"] == proof.digest(rows), "run `uv run python pages/proof.py`"
    axes = proof.draw(rows).axes[0]
    (counts,) = (line for line in axes.lines if line.get_marker() == "D")
    assert list(counts.get_ydata()) == list(rows["value"])
    changed = rows.assign(value=rows["value"] + 0.01)
    assert proof.digest(changed) != proof.digest(rows)


def test_a_count_outside_the_range_is_called_missed(proof: ModuleType) -> None:
    shown = proof.latest_orders(proof.forecasts())
    lines = proof.orders().splitlines()[2:]
    assert len(lines) == len(shown) == proof.ORDERS_SHOWN
    for line, (_, row) in zip(lines, shown.iterrows(), strict=True):
        outside = row["value"] < row[proof.LOW] or row["value"] > row[proof.HIGH]
        assert ("missed" in line) == outside, line
        assert row["platform"] in line


def test_only_orders_that_take_a_platform_from_everybody_are_listed(proof: ModuleType) -> None:
    table = proof.forecasts()
    newer = table.iloc[[0]].assign(
        is_hit=True, kind="kept", on="2030-01-01", date="2030-01-02", event="later"
    )
    withdrawn = pd.concat([table, newer.assign(instrument="withdrawal")])
    blocked = pd.concat([table, newer.assign(instrument="block")])
    assert "later" not in set(proof.latest_orders(withdrawn)["event"])
    assert proof.latest_orders(blocked)["event"].iloc[0] == "later"


def test_the_lead_is_that_of_the_stored_board(proof: ModuleType) -> None:
    board = pd.read_csv(ROOT / "sim" / "facts" / "board.csv")
    own = board[(board["entrant"] == "splinternet") & (board["by"] == "all")].iloc[0]
    said = proof.lead()
    for number in (own["crps"], own["lead"], own["lead_low"], own["lead_high"]):
        assert f"{number:.3f}" in said


def test_assumptions_are_counted(proof: ModuleType) -> None:
    table = pd.read_csv(ROOT / "sim" / "facts" / "world-2020" / "penetration.csv")
    guessed = int((table["basis"] == "assumption").sum())
    assert f"{guessed} of {len(table)} figures" in proof.assumed()
    known = [
        pd.read_csv(ROOT / "sim" / "facts" / f"{name}.csv") for name in ("parameters", "rules")
    ]
    chosen = sum(int((one["basis"] == "assumption").sum()) for one in known)
    assert f"{chosen} of {sum(map(len, known))} parameters" in proof.assumed()
