"""Whom would a state ban? Its ranking of foreign platforms and firms, beside what the United States named in 2020.

Run ``uv run python scenarios/target_ranking.py`` (``--state CN``, ``--draws 500``). The ranking comes from tables of
facts and the parameters' middle; its robustness from draws over all ranges of the parameters of ``targets`` and of the
facts on which the reasons rest (revenue, research, users: 0.7 to 1.4 times).
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace

import numpy as np

import sim
from sim.behaviour.alone import StatesAlone
from sim.behaviour.measures import situation
from sim.behaviour.targets import weigh
from sim.mechanisms.statecraft import REASONS

NAMED_2020 = {
    "TikTok": "ordered (EO 13942)",
    "WeChat": "ordered (EO 13943)",
    "Taobao": "Alibaba: threatened, 15 August",
    "AliExpress": "Alibaba: threatened, 15 August",
    "Alibaba (cloud)": "Clean Cloud",
    "Baidu": "named, Clean Cloud",
    "Baidu (cloud)": "Clean Cloud",
    "Tencent (cloud)": "Clean Cloud",
    "China Mobile (carrier)": "refused by the FCC 2019, Clean Carrier",
    "China Telecom (carrier)": "revocation asked for, Clean Carrier",
    "China Unicom (carrier)": "order to show cause, Clean Carrier",
    "Huawei (equipment)": "FCC designation, 30 June 2020",
    "Huawei (phones)": "Entity List, Clean Apps",
    "ZTE (equipment)": "FCC designation, 30 June 2020",
    "Alipay": "EO 13971, 5 January 2021",
    "QQ": "QQ Wallet: EO 13971, 5 January 2021",
}
"""What the United States did or threatened, for the last column and the last line alone."""


def weighed(
    state: str, overrides: list[str], rng: np.random.Generator | None
) -> tuple[list[str], np.ndarray, list[str]]:
    """Return labels, scores and leading reasons of all foreign targets for a state."""
    spec = sim.load({"title": "ranking", "start": "2020-08-01", "days": 1}, overrides=overrides)
    arm = StatesAlone(spec)
    arm.day = 0
    if rng is not None:
        s = situation(arm)
        shaken = {name: np.clip(getattr(s, name) * rng.uniform(0.7, 1.4, getattr(s, name).shape), 0.0, 1.0)
                  for name in ("economy", "technology", "users")}  # fmt: skip
        arm.memory["situation"] = replace(s, **shaken)
    s, table = situation(arm), weigh(arm)
    i = s.states.index(state)
    abroad = [j for j, t in enumerate(s.targets) if t.home != i]
    labels = [s.targets[j].label for j in abroad]
    return labels, table.score[i, abroad], [REASONS[table.reason[i, j]] for j in abroad]


def main(arguments: list[str] | None = None) -> None:
    """Print the ranking and how robust it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", default="US", help="whose ranking")
    parser.add_argument("--draws", type=int, default=200, help="draws over the ranges")
    parser.add_argument("--top", type=int, default=16, help="rows to print")
    asked = parser.parse_args(arguments)
    labels, score, reason = weighed(asked.state, [], None)
    ranges = {n: q for n, q in sim.load("baseline_2020").facts.parameters.items() if n.startswith("targets.")}
    rng = np.random.default_rng(2020)
    ranks, reasons = [], []
    for _ in range(asked.draws):
        drawn = [f"parameters.{name}={rng.uniform(q.low, q.high):.6g}" for name, q in ranges.items()]
        _, shaken, why = weighed(asked.state, drawn, rng)
        ranks.append((-shaken).argsort(kind="stable").argsort(kind="stable") + 1)
        reasons.append(why)
    place = np.array(ranks)
    print(
        f"{'rank':>4} {'(10-90 %)':>10}  {'target':26} {'score':>5}  leading reason (in draws)   what happened in 2020"
    )
    order = (-score).argsort(kind="stable")
    for at, j in enumerate(order[: asked.top], 1):
        low, high = np.quantile(place[:, j], [0.1, 0.9])
        held = Counter(why[j] for why in reasons)[reason[j]] / max(1, asked.draws)
        fact = NAMED_2020.get(labels[j], "-") if asked.state == "US" else ""
        print(
            f"{at:>4} {low:4.0f} to {high:3.0f}  {labels[j]:26} {score[j]:5.2f}  {reason[j]:10} "
            f"({held:4.0%})          {fact}"
        )
    if asked.state == "US":
        top = {labels[j] for j in order[: len(NAMED_2020)]}
        print(f"{len(top & set(NAMED_2020))} of the first {len(NAMED_2020)} were named in 2020; left out of them: "
              f"{', '.join(sorted(set(NAMED_2020) - top)) or 'none'}")  # fmt: skip


if __name__ == "__main__":
    main()
