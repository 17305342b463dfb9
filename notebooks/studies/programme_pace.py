"""The pace at which states joined other programmes, and the pace of a coalition in this model.

Run ``uv run python notebooks/studies/programme_pace.py``. The Clean Network is not one of these
programmes, because its curve is the test.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

import splinternet as sn

QUARTILES = (0.25, 0.5, 0.75)
UNITED_NATIONS = 193
"""Member states of the United Nations since 2011 (191 in 2003), the base of shares."""
MONTH = 365.25 / 12
COUNTS = Path(str(sn.__file__)).with_name("facts") / "programmes.csv"
"""Number of states that had joined a programme by a day [states]."""


@dataclass(frozen=True)
class Programme:
    """The growth of a programme: the number of states that had joined by each day, in order of time
    [states].
    """

    counts: Mapping[date, float]

    @property
    def pace(self) -> float:
        """States won over in a month between the first two counts [share of all states a month]."""
        (first, before), (second, after) = list(self.counts.items())[:2]
        return (after - before) / UNITED_NATIONS / ((second - first).days / MONTH)

    @property
    def hazard(self) -> float | None:
        """Chance per month of joining, for a state that has not joined yet but finally joins
        [1/month]. None without a third count, which gives the final number.
        """
        if len(self.counts) < 3:
            return None
        (first, before), (second, after), *_ = self.counts.items()
        end = list(self.counts.values())[-1]
        return -math.log((end - after) / (end - before)) / ((second - first).days / MONTH)


def read_programmes() -> dict[str, Programme]:
    """Return the programmes by name."""
    rows = pd.read_csv(COUNTS, parse_dates=["date"]).sort_values("date")
    days = rows.assign(date=rows["date"].dt.date).groupby("programme")
    return {
        str(name): Programme(dict(zip(part["date"], part["value"], strict=True)))
        for name, part in days
    }


def paces() -> dict[str, np.ndarray]:
    """Return the lower quartile, median and upper quartile over programmes, by parameter."""
    programmes = read_programmes().values()
    hazards = [p.hazard for p in programmes if p.hazard is not None]
    return {
        "coalition.talks": np.quantile([p.pace for p in programmes], QUARTILES),
        "coalition.rate": np.quantile(hazards, QUARTILES),
    }


def main() -> None:
    """Print each programme, and the quartiles for the parameters."""
    print(
        f"{'programme':37}  share of states a month  chance a month of those who joined in the end"
    )
    for name, programme in sorted(read_programmes().items(), key=lambda item: -item[1].pace):
        hazard = f"{programme.hazard:8.2f}" if programme.hazard is not None else "       -"
        print(f"{name:37}  {programme.pace:23.4f}  {hazard}")
    for name, (low, middle, high) in paces().items():
        print(f"{name}: median {middle:.3f}, quartiles {low:.3f} to {high:.3f}")


if __name__ == "__main__":
    main()
