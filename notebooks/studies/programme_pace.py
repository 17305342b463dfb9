"""How fast states joined other programmes, and the pace of a coalition in this model that follows.

Run ``uv run python notebooks/studies/programme_pace.py``. The Clean Network is not one of them, because its curve is
the test.
"""

from __future__ import annotations

import numpy as np

from sim.facts.record import read_programmes

QUARTILES = (0.25, 0.5, 0.75)


def paces() -> dict[str, np.ndarray]:
    """Return the lower quartile, median and upper quartile over programmes, by parameter."""
    programmes = read_programmes().values()
    hazards = [p.hazard for p in programmes if p.hazard is not None]
    return {
        "coalition.talks": np.quantile([p.pace for p in programmes], QUARTILES),
        "coalition.rate": np.quantile(hazards, QUARTILES),
    }


def main() -> None:
    """Print each programme, and the quartiles that the parameters take."""
    print(f"{'programme':37}  share of states a month  chance a month of those who joined in the end")
    for name, programme in sorted(read_programmes().items(), key=lambda item: -item[1].pace):
        hazard = f"{programme.hazard:8.2f}" if programme.hazard is not None else "       -"
        print(f"{name:37}  {programme.pace:23.4f}  {hazard}")
    for name, (low, middle, high) in paces().items():
        print(f"{name}: median {middle:.3f}, quartiles {low:.3f} to {high:.3f}")


if __name__ == "__main__":
    main()
