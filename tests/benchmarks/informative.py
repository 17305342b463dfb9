"""The cases that show most of the rules of people: observed, fitted, and forecast with the episode left out.

``uv run python tests/benchmarks/informative.py --people 4000 --seeds 4`` replays the events with the shipped parameters
(two minutes on two idle cores) and reads the held-out forecasts of the last calibration
(`sim/facts/leave_one_out.csv`). Each figure is printed with the 80 % interval, the model's error from event to event
included, and ``*`` where the observed figure lies in it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from sim.evidence.hindcast import ScoredRow, hindcast
from sim.evidence.stored import held_out_board
from sim.scenario.files import shipped

CASES = {
    "Cuba 2021: VPNs on day four, and three weeks after": ("cu_2021.1", "cu_2021.2"),
    "Iran 2022: WhatsApp and Instagram kept": ("ir_meta_2022.3", "ir_meta_2022.4", "ir_meta_2022.7", "ir_meta_2022.8"),
    "Iran 2022: VPNs": ("ir_meta_2022.2", "ir_meta_2022.6", "ir_meta_2022.12", "ir_meta_2022.13"),
    "Iran 2022: Eitaa and Rubika": ("ir_meta_2022.9", "ir_meta_2022.10"),
    "Iran 2018: Soroush": ("ir_telegram_2018.3", "ir_telegram_2018.6"),
    "Brazil 2015: Telegram within 12 hours, alternatives and VPNs": (
        "br_whatsapp_2015.1", "br_whatsapp_2015.3", "br_whatsapp_2015.4",
    ),
    "Brazil 2024: X and Bluesky": ("br_x_2024.2", "br_x_2024.4", "br_x_2024.1", "br_x_2024.3", "br_x_2024.6"),
    "Turkey 2014: Twitter": ("tr_twitter_2014.1", "tr_twitter_2014.3"),
    "Russia 2018: Telegram": ("ru_telegram_2018.1", "ru_telegram_2018.2"),
    "United States 2025: TikTok, its substitutes, Xiaohongshu": tuple(f"us_tiktok_2025.{n}" for n in range(1, 8)),
    "Russia 2025: Max and imo": tuple(f"ru_whatsapp_2025.{n}" for n in range(4, 11)),
}  # fmt: skip
"""Rows of the record by case."""


def lines(fitted: dict[str, ScoredRow], left_out: dict[str, ScoredRow]) -> Iterator[str]:
    """Yield the table."""
    yield f"{'':66} observed   fitted                  left out"
    for case, rows in CASES.items():
        yield case
        for name in rows:
            row = fitted.get(name) or left_out.get(name)
            if row is None:
                yield f"  {name:64} not in the record, or not compared"
                continue
            seen = row.observed
            what = f"{seen.date} {seen.kind} {seen.state} {' + '.join(seen.platform) or seen.metric}"
            both = "   ".join(interval(board.get(name)) for board in (fitted, left_out))
            yield f"  {what[:64]:64} {seen.value:8.2f}   {both}{'' if row.counts else '   (not scored)'}"


def interval(row: ScoredRow | None) -> str:
    """Return the median and the interval of a forecast, and whether it holds what was observed."""
    if row is None:
        return f"{'-':21}"
    shown = f"{row.simulated:5.2f} ({row.forecast.low:.2f} to {row.forecast.high:.2f}){'*' if row.is_covered else ' '}"
    return f"{shown:21}"


def main() -> int:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--people", type=int, default=4_000)
    asked.add_argument("--seeds", type=int, default=4)
    asked.add_argument("--jobs", type=int, default=None)
    args = asked.parse_args()
    wanted = {name.rsplit(".", 1)[0] for rows in CASES.values() for name in rows}
    events = [
        source for name, source in shipped().items() if name.split("/")[-1] in wanted and name.startswith("events/")
    ]
    board = hindcast(events, people=args.people, seeds=args.seeds, jobs=args.jobs)
    fitted, left_out = ({row.observed.row: row for row in one.rows} for one in (board, held_out_board()))
    print("\n".join(lines(fitted, left_out)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
