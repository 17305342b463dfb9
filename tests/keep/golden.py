"""Golden figures: small runs of twelve shipped scenarios; ``uv run python -m tests.keep.golden``
writes them again.

The runs use the public Python interface only, so that any change inside the package can be checked
against them.
"""

from __future__ import annotations

import json
import math
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import splinternet as sn
from splinternet.facts import record

FILE = Path(__file__).with_suffix(".json")
RUNS: dict[str, dict[str, int]] = {
    "wechat_as_ordered": {"people": 3_000, "days": 120},
    "wechat_with_bridge": {"people": 2_000, "days": 70},
    "apple_wechat": {"people": 2_000, "days": 60},
    "tiktok_ban_2020": {"people": 2_000, "days": 90},
    "turkey_law_7253": {"people": 2_000, "days": 150},
    "russia_sovereign_internet": {"people": 2_000, "days": 60},
    "tit_for_tat_us_cn": {"people": 2_000, "days": 200},
    "the_battle": {"people": 2_000, "days": 500},
    "clean_network_coalition": {"people": 2_000, "days": 150},
    "clean_network/all": {"people": 2_000, "days": 60},
    "cases/gulf_calls_2017": {"people": 2_000, "days": 60},
    "events/ir_telegram_2018": {"people": 2_000, "days": 60},
}
"""Shipped scenarios of few people and days: messengers, stores, sales, courts, routes, deciding
states and firms.
"""
DIGITS = 9


def made(name: str) -> sn.Result:
    """Return one run."""
    return sn.run(name, **RUNS[name], seeds=1, jobs=1, ties=True)


def figures(result: sn.Result) -> dict[str, Any]:
    """Return the kept figures of one run: metrics by arm, rows of the summary, decisions and kin
    ties.
    """
    return {
        "metrics": {
            metric: _arms(result[metric])
            for metric in json.loads(FILE_OF_NAMES.read_text("utf-8"))["metrics"]
        },
        "summary": _summary(result.summary(all=True)),
        "decisions": _table(
            result.decisions.drop(columns=["what", "target", "because", "evidence"]).assign(
                date=[f"{day:%Y-%m-%d}" for day in result.decisions["date"]]  # kept as text
            )
        ),
        "ties": _table(result.ties()),
    }


FILE_OF_NAMES = Path(__file__).with_name("names.json")


def _arms(values: Any) -> list[float]:
    """Return the sum of a metric over all cells and days, and the same sum weighted by place, for
    each arm.
    """
    out = []
    for arm in ("policy", "baseline"):
        cells = np.nan_to_num(np.asarray(values.sel(arm=arm), np.float64)).ravel()
        out += [_short(cells.sum()), _short(cells @ (1.0 + np.arange(cells.size) % 97))]
    return out


def _summary(rows: pd.DataFrame) -> dict[str, list[float]]:
    """Return, for each metric and period, the number of rows and sums of baseline and policy."""
    ordered = rows.sort_values(["metric", "state", "platform", "group", "at"])
    return {
        f"{metric} {at}": [
            len(part),
            *(_short(part[arm].sum()) for arm in ("baseline", "policy", "effect")),
        ]
        for (metric, at), part in ordered.groupby(["metric", "at"], sort=True)
    }


def _table(rows: pd.DataFrame) -> dict[str, list[float]]:
    """Return, for each column, the number of rows and a sum: of the numbers, or of check sums of
    the texts.
    """
    out = {}
    for column in sorted(rows.columns):
        values = rows[column]
        if pd.api.types.is_numeric_dtype(values):
            total = float(values.astype(float).sum())
        else:
            total = float(
                sum(
                    (k % 89 + 1) * (zlib.crc32(_text(v).encode()) % 9973)
                    for k, v in enumerate(values)
                )
            )
        out[str(column)] = [len(values), _short(total)]
    return out


def _text(value: object) -> str:
    """Return a cell as text; what is missing is empty."""
    return (
        "" if value is None or value is pd.NA or value is pd.NaT or value != value else str(value)
    )


def _short(total: float) -> float:
    """Return a number to a few digits: the last ones depend on the processor."""
    total = float(total)
    return 0.0 if total == 0.0 else round(total, DIGITS - 1 - math.floor(math.log10(abs(total))))


if __name__ == "__main__":
    record.DISCREPANCY = Path("no_error.csv")  # as in the tests: members carry no error
    FILE.write_text(
        json.dumps({name: figures(made(name)) for name in RUNS}, indent=1) + "\n", encoding="utf-8"
    )
