"""Which platforms would a state ban? Its ranking of foreign platforms and firms, beside the US list
of 2020.

Run ``uv run python studies/target_ranking.py`` (``--state CN``, ``--draws 500``). The ranking
uses the tables of facts and the median parameters. Its robustness is tested with draws from all
ranges of the parameters of ``targets`` and of the facts behind the reasons (revenue, research,
users: 0.7 to 1.4 times).

Two checks follow. First, among the firms of one home (almost all firms on the list have the same
home), do the scores rank firms on the list above the others, and better than revenue alone? Second,
for other states, do the scores rank the platforms that they blocked on the first day above the
others, and better than rivalry with the home alone? The rules of the three reasons were revised
when the list of the United States was known, so the list is not a test of these rules. No rule was
revised after the second check.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from typing import NamedTuple

import numpy as np

import splinternet as sn
from splinternet.actors.agents import StatesAlone
from splinternet.actors.statecraft import FEARS
from splinternet.actors.weighing import weigh

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
"""Acts and threats of the United States, used only for the last column and the last line."""


FEWEST = 3
"""Smallest number of foreign platforms blocked on the first day for a state to be tested."""


class Weighed(NamedTuple):
    """The scores that a state gives to all foreign targets."""

    labels: list[str]
    score: np.ndarray
    leading: list[str]
    places: np.ndarray
    """Rank in each of the three reasons, shape (3, targets); ranks do not depend on weights and
    units.
    """
    homes: list[str]
    revenue: np.ndarray


def weighed(state: str, overrides: list[str], rng: np.random.Generator | None) -> Weighed:
    """Return the scores that a state gives to all foreign targets."""
    spec = sn.load({"title": "ranking", "start": "2020-08-01", "days": 1}, overrides=overrides)
    arm = StatesAlone(spec)
    arm.day = 0
    if rng is not None:
        s = arm.outlook.situation
        shaken = {
            name: np.clip(
                getattr(s, name) * rng.uniform(0.7, 1.4, getattr(s, name).shape), 0.0, 1.0
            )
            for name in ("economy", "technology", "users")
        }
        arm.outlook.situation = replace(s, **shaken)
    s, table = arm.outlook.situation, weigh(arm)
    i = s.states.index(state)
    abroad = [j for j, t in enumerate(s.targets) if t.home != i]
    parts = np.array([part[i, abroad] for part in table.reasons])
    return Weighed(
        [s.targets[j].label for j in abroad],
        table.score[i, abroad],
        [FEARS[table.reason[i, j]] for j in abroad],
        np.array([(-part).argsort(kind="stable").argsort(kind="stable") + 1 for part in parts]),
        [s.states[s.targets[j].home] for j in abroad],
        s.revenue[abroad],
    )


def told_apart(score: np.ndarray, yes: np.ndarray) -> float:
    """Return the chance that a marked target has a higher score than another one; ties count half,
    0.5 is chance [1].
    """
    a, b = score[yes][:, None], score[~yes][None, :]
    return float(((a > b) + 0.5 * (a == b)).mean())


def among_one_home(first: Weighed, scores: list[np.ndarray]) -> None:
    """Print whether named targets rank above others, among the targets of the most frequent
    home.
    """
    named = np.array([label in NAMED_2020 for label in first.labels])
    home = Counter(h for h, yes in zip(first.homes, named, strict=True) if yes).most_common(1)[0][0]
    here = np.array([h == home for h in first.homes])
    ours = told_apart(first.score[here], named[here])
    low, high = np.quantile([told_apart(score[here], named[here]) for score in scores], [0.1, 0.9])
    dull = told_apart(first.revenue[here], named[here])
    print(
        f"Of the {here.sum()} targets of {home} alone, {named[here].sum()} were named: one that was scores above one "
        f"that was not\nin {ours:.2f} of pairs ({low:.2f} to {high:.2f} over the ranges); by revenue alone in "
        f"{dull:.2f}; 0.50 is chance."
    )


def other_states() -> None:
    """Print how well the scores predict blocks of other states on the first day, beside rivalry
    alone.
    """
    arm = StatesAlone(sn.load({"title": "others", "start": "2020-08-01", "days": 1}))
    arm.day = 0
    s, table = arm.outlook.situation, weigh(arm)
    print(
        "Prediction of what other states blocked on the first day, among all foreign platforms (0.50 is chance):"
    )
    for i, code in enumerate(s.states):
        abroad = [j for j, t in enumerate(s.targets) if t.home != i and t.platform >= 0]
        yes = s.blocked[i, abroad]
        if s.decides[i] and yes.sum() >= FEWEST:
            ours, dull = (
                told_apart(v, yes)
                for v in (table.score[i, abroad], arm.outlook.rivals[i, s.home[abroad]])
            )
            shares = f"by the weighing {ours:.2f}, by rivalry with the home alone {dull:.2f}"
            print(f"  {code}: {yes.sum():2} of {len(yes)} blocked; {shares}")


def main(arguments: list[str] | None = None) -> None:
    """Print the ranking and its robustness."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", default="US", help="whose ranking")
    parser.add_argument("--draws", type=int, default=200, help="draws over the ranges")
    parser.add_argument("--top", type=int, default=16, help="rows to print")
    asked = parser.parse_args(arguments)
    first = weighed(asked.state, [], None)
    labels, score, reason = first.labels, first.score, first.leading
    ranges = {
        n: q
        for n, q in sn.load("baseline_2020").facts.parameters.items()
        if n.startswith("targets.")
    }
    rng = np.random.default_rng(2020)
    draws = []
    for _ in range(asked.draws):
        drawn = [
            f"parameters.{name}={rng.uniform(q.low, q.high):.6g}" for name, q in ranges.items()
        ]
        draws.append(weighed(asked.state, drawn, rng))
    place = np.array([(-d.score).argsort(kind="stable").argsort(kind="stable") + 1 for d in draws])
    print(
        "rank (10-90 %)  target                  score  leading reason (held)  places: economy, technology, popularity"
    )
    order = (-score).argsort(kind="stable")
    for at, j in enumerate(order[: asked.top], 1):
        low, high = np.quantile(place[:, j], [0.1, 0.9])
        held = sum(d.leading[j] == reason[j] for d in draws) / max(1, asked.draws)
        places = " ".join(f"{p:>3}" for p in first.places[:, j])
        fact = NAMED_2020.get(labels[j], "-") if asked.state == "US" else ""
        rank, why = f"{at:>3} {low:3.0f} to {high:2.0f}", f"{reason[j]:10} {held:4.0%}"
        print(f"{rank}   {labels[j]:23} {score[j]:5.2f}  {why}  {places}   {fact}".rstrip())
    if asked.state == "US":
        top = {labels[j] for j in order[: len(NAMED_2020)]}
        print(
            f"{len(top & set(NAMED_2020))} of the first {len(NAMED_2020)} were named in 2020; left out of them: "
            f"{', '.join(sorted(set(NAMED_2020) - top)) or 'none'}"
        )
        among_one_home(first, [d.score for d in draws])
        other_states()


if __name__ == "__main__":
    main()
