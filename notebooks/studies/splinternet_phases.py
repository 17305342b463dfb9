"""The split of one Internet into several: a sweep over retaliation and imitation, as a chart.

Run ``uv run python notebooks/studies/splinternet_phases.py`` (``--seeds 8 --steps 7 --days 3440``
for the full sweep). Only states decide, from the first moves of ``splinternet_2030``; there are no
people, so a world takes seconds. The left panel shows the effective number of internets by blocs.
The right panel shows the same without a threshold, which changes earlier than the blocs. The lower
left corner is the effect of first strikes alone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import splinternet as sn

RETALIATION = (0.0, 2.0)
IMITATION = (0.0, 4.0)
"""Ranges of the sweep: strengths from zero to more than twice the usual values."""
SEEN = 0.05
"""Smallest relevant difference over the whole sweep [internets] (assumption)."""


def world(retaliation: float, imitation: float, days: int, *, open_start: bool) -> sn.Scenario:
    """Return the scenario at one point of the sweep; ``open_start`` removes the blocks of the first
    day.
    """
    base = sn.load("splinternet_2030").model_dump(mode="json")
    strengths = {"retaliation.strength": retaliation, "imitation.strength": imitation}
    keys = base | {"days": days, "parameters": strengths, "uncertain": {}}
    if open_start:
        blocks = {state for state, _ in sn.load("baseline_2020").facts.blocks}
        keys["world"] = base["world"] | {"blocks": {state: [] for state in sorted(blocks)}}
    return sn.load(keys)


def sweep(
    steps: int, seeds: int, days: int, *, open_start: bool
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return blocs, likeness and decisions, means over seeds, shape (imitation, retaliation)
    each.
    """
    tables = np.zeros((3, steps, steps))
    for a, imitation in enumerate(np.linspace(*IMITATION, steps)):
        for b, retaliation in enumerate(np.linspace(*RETALIATION, steps)):
            spec = world(float(retaliation), float(imitation), days, open_start=open_start)
            arms = [sn.StatesAlone(spec, spec.seed + k).run() for k in range(seeds)]
            tables[0, a, b] = np.mean([arm.effective_internets() for arm in arms])
            tables[1, a, b] = np.mean([arm.internets_by_likeness() for arm in arms])
            tables[2, a, b] = np.mean([len(arm.decisions) for arm in arms])
    return tables[0], tables[1], tables[2]


def span(table: np.ndarray) -> str:
    """Return the smallest and the largest number of a table, or one number if both round to it."""
    return " to ".join(dict.fromkeys(f"{end:.2f}" for end in (table.min(), table.max())))


def draw(tables: tuple[np.ndarray, ...], path: Path, days: int) -> None:
    """Draw the phase diagram into a PNG."""
    figure = Figure(figsize=(11, 5.6), layout="constrained")
    blocs, likeness = tables[:2]
    said = (
        f"Strong retaliation and imitation: {likeness[-1, -1]:.2f} internets instead of {likeness[0, 0]:.2f} "
        f"by likeness,\nand {blocs[-1, -1]:.2f} instead of {blocs[0, 0]:.2f} by blocs of states"
    )
    if max(np.ptp(likeness), np.ptp(blocs)) < SEEN:
        said = (
            "Retaliation and imitation hardly change the number of internets:\n"
            f"{span(likeness)} by likeness of access, {span(blocs)} by blocs of states"
        )
    figure.suptitle(said, fontsize=13, fontweight="bold", x=0.01, ha="left")
    # Both panels share a scale, because a small change must not look like a large one.
    scale = {
        "vmin": float(min(blocs.min(), likeness.min())),
        "vmax": float(max(blocs.max(), likeness.max())),
    }
    names = ("By blocs of states", "By likeness of access, without a threshold")
    places = figure.subplots(1, 2, sharey=True)
    for table, name, axes in zip(tables, names, places, strict=False):
        steps = len(table)
        half = [
            span[1] / (steps - 1) / 2 for span in (RETALIATION, IMITATION)
        ]  # each cell is drawn at its centre
        extent = (-half[0], RETALIATION[1] + half[0], -half[1], IMITATION[1] + half[1])
        image = axes.imshow(
            table, origin="lower", aspect="auto", extent=extent, cmap="Blues", **scale
        )
        axes.set_title(name, fontsize=10, fontweight="bold", loc="left")
        axes.set_xlabel("retaliation.strength [harm returned per harm suffered]")
        middle = sum(scale.values()) / 2
        for a, y in enumerate(np.linspace(*IMITATION, steps)):
            for b, x in enumerate(np.linspace(*RETALIATION, steps)):
                ink = "white" if table[a, b] > middle else "black"
                axes.text(
                    x, y, f"{table[a, b]:.2f}", ha="center", va="center", fontsize=9, color=ink
                )
    places[0].set_ylabel("imitation.strength [1]")
    figure.colorbar(image, ax=places, label="effective number of internets")
    figure.supxlabel(
        f"WHAT-IF: an invented case. Effective number of internets after {days:,} days of states deciding alone; means "
        "over seeds.",
        fontsize=8,
        color="#6b6b6b",
        x=0.01,
        ha="left",
    )
    figure.savefig(path, dpi=150)


def main(arguments: list[str] | None = None) -> None:
    """Sweep, print the tables and draw the chart."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=3, help="points along each axis")
    parser.add_argument("--seeds", type=int, default=1, help="seeds at each point")
    parser.add_argument("--days", type=int, default=1_000, help="days of each run")
    parser.add_argument(
        "--open-start", action="store_true", help="without what is blocked on the first day"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("splinternet_phases.png"), help="the chart"
    )
    asked = parser.parse_args(arguments)
    tables = sweep(asked.steps, asked.seeds, asked.days, open_start=asked.open_start)
    across = "  ".join(f"{r:5.2f}" for r in np.linspace(*RETALIATION, asked.steps))
    for table, name in zip(
        tables, ("internets by blocs", "internets by likeness", "decisions"), strict=True
    ):
        print(f"{name}; retaliation across: {across}")
        for imitation, row in zip(np.linspace(*IMITATION, asked.steps), table, strict=True):
            print(f"  imitation {imitation:4.2f}: " + "  ".join(f"{value:6.2f}" for value in row))
    draw(tables, asked.out, asked.days)
    print(f"Written to {asked.out}")


if __name__ == "__main__":
    main()
