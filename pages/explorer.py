"""Compute the runs behind the explorer of the opening case, and write its page.

``uv run python pages/explorer.py`` runs the opening case once for each combination of technique,
notice, VPN share and share of families with a second channel, and writes ``pages/explorer.json``.
Run it again after a change of rules, facts or calibration; it takes less than ten minutes of
processor time. ``uv run python pages/explorer.py --page FOLDER`` runs nothing: it writes the page
from the stored file, as ``pages/site.py`` does.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment

if TYPE_CHECKING:
    from splinternet.plots.marks import Array
    from splinternet.results import Result

HERE = Path(__file__).resolve().parent
DATA, TEMPLATE = HERE / "explorer.json", HERE / "explorer.html"
SCENARIO, POLICY, GROUP = "wechat_as_ordered", "wechat-ban", "US<-CN"
PEOPLE, SEEDS = 4_000, 5
STEP = 7  # days between two points of a line
PART = 10_000  # shares are stored as whole numbers of this part: 427 is 4.27 %
MEASURED = (
    "family_contact_ever_lost",
    "family_contact_ever_lost_people",
    "family_contact_lost_7d",
    "family_contact_lost_30d",
    "family_contact_lost",
    "family_contact_lost_people",
    "contact_days_lost",
    "contact_days_lost_per_member",
)
"""What a run counts: contact with families alone, which keeps a run short."""

type Option = dict[str, Any]
type Choice = dict[str, Any]

TECHNIQUES: dict[str, Mapping[str, Any]] = {
    "stores": {"instrument": "store_removal"},
    "transactions": {"instrument": "transaction_ban"},
    "providers": {"instrument": "block", "technique": "isp"},
}
CHOICES: tuple[Choice, ...] = (
    {
        "key": "technique",
        "label": "Technique",
        "note": "The order of 6 August 2020 bars transactions; the other two are imagined.",
        "options": [
            {"value": "stores", "label": "Removed from the app stores"},
            {"value": "transactions", "label": "Transactions barred (as ordered)"},
            {"value": "providers", "label": "Blocked by Internet providers"},
        ],
        "first": "transactions",
    },
    {
        "key": "on",
        "label": "Notice",
        "note": "Days from the announcement on 6 August 2020 to the first day in force. The run ends on 31 July 2021 "
        "in each case, so a longer notice also means fewer days under the policy.",
        "options": [
            {"value": "2020-08-06", "label": "None (6 August)"},
            {"value": "2020-09-20", "label": "45 days (20 September, as ordered)"},
            {"value": "2020-11-12", "label": "98 days (12 November)"},
        ],
        "first": "2020-09-20",
    },
    {
        "key": "vpn",
        "label": "Internet users with a VPN on the first day, in the United States",
        "note": "The table of states has 14 %, from surveys; the other two are imagined.",
        "options": [
            {"value": "0.03", "label": "3 %"},
            {"value": "0.14", "label": "14 % (surveys)"},
            {"value": "0.5", "label": "50 %"},
        ],
        "first": "0.14",
    },
    {
        "key": "only",
        "label": "Families with a second channel on the first day",
        "note": "Nobody has measured it. The model holds 10 to 70 % possible.",
        "options": [
            {"value": "0.9", "label": "10 %"},
            {"value": "0.6", "label": "40 %"},
            {"value": "0.3", "label": "70 %"},
        ],
        "first": "0.6",
    },
)


def combinations() -> list[tuple[str, ...]]:
    """Return every combination of options, in the order of the choices."""
    return list(
        product(*([str(option["value"]) for option in choice["options"]] for choice in CHOICES))
    )


def scenario(technique: str, on: str, vpn: str, only: str) -> dict[str, Any]:
    """Return the scenario of one combination."""
    return {
        "extends": SCENARIO,
        "policies": [{"id": POLICY, "on": on, **TECHNIQUES[technique]}],
        "world": {"vpn_share": {"US": float(vpn)}},
        "parameters": {"ties.only_channel": float(only)},
        "measure": list(MEASURED),
    }


def cell(options: tuple[str, ...], people: int = PEOPLE, seeds: int = SEEDS) -> dict[str, Any]:
    """Run one combination and return what the page shows of it: see `shown`."""
    import splinternet as sn

    return shown(sn.run(scenario(*options), people=people, seeds=seeds, jobs=1))


def shown(result: Result) -> dict[str, Any]:
    """Return the headline and the lines of one group, `GROUP`, by the functions that make a
    report's text and chart.

    The headline of the run itself may be about another group, in which more people lose contact.

    Returns
    -------
    dict
        ``headline``: sentences. ``ever`` and ``now``: median, low and high end of the 80 % interval
        on every seventh day, in parts of 10,000: the share that has lost every channel at some time
        so far, and the share without a channel, as the mean of the last seven days. ``simulated``:
        people behind it.
    """
    from splinternet.plots.marks import arms, find, wide
    from splinternet.results.series import weekly
    from splinternet.text.findings import of_group
    from splinternet.text.reportable import EVER, LOST

    cells = [find(result, metric, group=GROUP) for metric in (EVER, LOST)]
    if None in cells:
        raise SystemExit(f"{GROUP} has fewer than 30 simulated people: raise --people")
    ever, daily = (policy - baseline for baseline, policy in (arms(result, cell) for cell in cells))
    wide_ever, wide_now = (wide(result, cell) for cell in cells)
    now = weekly(daily)
    return {
        "headline": of_group(result, GROUP),
        "ever": _band(ever, wide_ever),
        "now": _band(now, None if wide_now is None else weekly(wide_now)),
        "simulated": min(pair[1].cells[GROUP] for pair in result.members),
    }


def _band(data: Array, spread: Array | None) -> list[list[int | None]]:
    """Return median, low and high on every seventh day and the last one, in parts of 10,000."""
    import numpy as np

    from splinternet.results.series import band

    low, middle, high = band(data)
    if spread is not None:
        low, _, high = band(spread)
    at = points(len(middle))
    return [
        [None if np.isnan(v) else round(float(v) * PART) for v in line[at]]
        for line in (middle, low, high)
    ]


def points(days: int) -> list[int]:
    """Return the days that are stored: every seventh, and the last."""
    return sorted({*range(0, days, STEP), days - 1})


def compute(people: int = PEOPLE, seeds: int = SEEDS, jobs: int = 2) -> dict[str, Any]:
    """Run every combination and return the data of the page."""
    from joblib.externals.loky import ProcessPoolExecutor

    import splinternet as sn

    base, wanted = sn.load(SCENARIO), combinations()
    cells: dict[str, Any] = {}
    with ProcessPoolExecutor(max_workers=jobs) as pool:
        work = pool.map(cell, wanted, [people] * len(wanted), [seeds] * len(wanted))
        for options, found in zip(wanted, work, strict=True):
            cells["/".join(options)] = found
            sys.stdout.write(f"{len(cells)} of {len(wanted)}: {' '.join(options)}\n")
            sys.stdout.flush()
    dates = sn.run(scenario(*wanted[0]), people=1_000, seeds=1, jobs=1).dates
    return {
        "title": base.title,
        "scenario": SCENARIO,
        "status": base.status,
        "group": GROUP,
        "version": sn.__version__,
        "people": people,
        "seeds": seeds,
        "part": PART,
        "dates": [dates[at] for at in points(len(dates))],
        "choices": list(CHOICES),
        "commands": {"/".join(options): command(*options) for options in wanted},
        "cells": cells,
    }


def command(technique: str, on: str, vpn: str, only: str) -> str:
    """Return the command that runs a combination with enough people and seeds to be read."""
    words = [
        f"policies.{POLICY}.{key}={value}"
        for key, value in ({"on": on} | dict(TECHNIQUES[technique])).items()
    ]
    words += [f"world.vpn_share.US={vpn}", f"ties.only_channel={only}"]
    return f"uv run splinternet run {SCENARIO} " + " ".join(f"--set {word}" for word in words)


def write(data: Mapping[str, Any], path: Path = DATA) -> Path:
    """Write the data, one combination a line, so that a change of one of them can be read."""
    head = {key: value for key, value in data.items() if key not in ("cells", "commands")}
    lines = [f" {json.dumps(key)}: {json.dumps(value)}," for key, value in head.items()]
    for table in ("commands", "cells"):
        rows = [
            f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}"
            for key, value in data[table].items()
        ]
        lines += [
            f" {json.dumps(table)}: {{",
            ",\n".join(rows),
            " }" + ("," if table == "commands" else ""),
        ]
    path.write_text("\n".join(["{", *lines, "}", ""]), encoding="utf-8")
    return path


def page(folder: Path, data: Path = DATA) -> Path:
    """Write the page, with its data in it, and the data beside it; return the page."""
    folder.mkdir(parents=True, exist_ok=True)
    text = data.read_text(encoding="utf-8")
    made = folder / "index.html"
    template = Environment(autoescape=True).from_string(TEMPLATE.read_text(encoding="utf-8"))
    # Inside a script element only "</" can end it.
    made.write_text(
        template.render(data=json.loads(text), json=text.replace("</", "<\\/")), encoding="utf-8"
    )
    (folder / "explorer.json").write_text(text, encoding="utf-8")
    return made


def main() -> None:
    """Compute and write the data, or the page alone."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=DATA, help="where to write the data")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FOLDER",
        help="write the page from the stored data; run nothing",
    )
    given = parser.parse_args()
    if given.page is not None:
        sys.stdout.write(f"Written to {page(given.page)}\n")
        return
    sys.stdout.write(
        f"Written to {write(compute(given.people, given.seeds, given.jobs), given.out)}\n"
    )


if __name__ == "__main__":
    main()
