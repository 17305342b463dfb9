"""The core as an entrant of the bench: what it forecasts, each episode held out.

Each figure is simulated from what was known before its order: technique, dates, share of VPNs, and
the use of platforms by the scenario and the tables. Parameters are drawn from the priors of the fit
(``calibrated.csv``); the others between their bounds. An episode is forecast by the draws that miss
the other episodes least, with the errors that these draws have there. Where the core lacks the
technique or the platform, it simulates that nothing changes.

python notebooks/core_forecasts.py FOLDER
splinternet-bench score FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from core import FACTS, Core, parameters, platforms_of
from ruamel.yaml import YAML

from splinternet_bench.outcomes import figures as figures_of_the_bench
from splinternet_bench.rivals import SCALES

ROOT = FACTS.parents[1]
TECHNIQUES = {"store_removal": "stores", "withdrawal": "geoblock", "geoblock": "geoblock"}
TECHNIQUES |= {"dns": "dns", "isp": "isp", "dpi": "dpi"}
ORDER = ["event", "state", "technique", "targets", "on", "until", "vpn_share"]
DRAWS = 60
KEPT = 20  # draws that forecast an episode: those that miss the others least (assumption)
PEOPLE = 600
LONGEST = 300  # days that are simulated: later figures are those of the last one (assumption)
LEVELS = np.round(np.arange(0.05, 1.0, 0.05), 2)
METHODS = (
    f"the core on one page; each episode by the {KEPT} of {DRAWS} draws of the priors "
    "that miss the others least, and their errors there"
)
ABOUT = f"""name: core
task: outcomes
folds: episode
authors: The Splinternet developers
license: MIT
methods: {METHODS}
"""


def drawn(draw):
    """Return a draw of the parameters: those of the fit from their priors, others by bounds."""
    rng = np.random.default_rng(draw)
    q = parameters(rng)
    for prior in pd.read_csv(FACTS / "calibrated.csv").itertuples():
        ends = np.array([prior.prior_low, prior.prior_high])
        if prior.scale == "log":
            q[prior.name] = np.exp(rng.uniform(*np.log(ends)))
        else:
            q[prior.name] = rng.uniform(*ends)
    return q


def world_before(event):
    """Return the world of a scenario, which says what was known on its first day."""
    path = next((ROOT / "scenarios").rglob(f"{event}.yaml"))
    found = YAML(typ="safe").load(path)
    return found["world"] if "world" in found else world_before(Path(found["extends"]).stem)


def platforms_before(event, state):
    """Return kind, evasion and share of users of the platforms of a state before an order."""
    world = world_before(event)
    table = platforms_of([state], world["facts"]).rename(columns={state: "residents"})
    known = pd.read_csv(FACTS / world["facts"] / "platforms.csv", index_col="name")
    own = world.get("platforms", {})
    shares = {name: about.get("penetration", {}).get(state) for name, about in own.items()}
    shares |= world.get("penetration", {}).get(state, {})
    for name, share in shares.items():
        about = known.loc[name].to_dict() if name in known.index else {"evasion": 0.0}
        about |= own.get(name, {})
        if isinstance(share, int | float) and "kind" in about:
            table.loc[name] = [about["kind"], about["evasion"], share]
    return table.rename(index={"X": "Twitter"})


def known_names(text, table):
    """Return the platforms of a cell that a table has."""
    names = ["Twitter" if name == "X" else name for name in text.split(" + ")]
    return [name for name in names if name in table.index]


def simulated(order, figures, draws=DRAWS, people=PEOPLE):
    """Return what the core says of the figures of one order: a row for each, a column a draw.

    Parameters
    ----------
    order : dict
        What `ORDER` names.
    figures : pandas.DataFrame
        Figures of the task that come after this order.
    """
    found = np.repeat(figures[["before"]].to_numpy(float), draws, axis=1)
    table = platforms_before(order["event"], order["state"])
    targets = known_names(order["targets"], table)
    if order["technique"] not in TECHNIQUES or not targets:
        return found
    on = pd.Timestamp(order["on"])
    until = (pd.Timestamp(order["until"]) - on).days + 1 if order["until"] else np.inf
    longest = min(LONGEST, (pd.to_datetime(figures["date"]) - on).dt.days.max() + 1)
    technique = TECHNIQUES[order["technique"]]
    for draw in range(draws):
        q = drawn(draw)
        groups = {"residents": people}
        vpn = float(order["vpn_share"])
        model = Core(table, targets, technique, 1, until, vpn, groups, q, rng=draw)
        model.run_for(longest)
        days = model.datacollector.get_model_vars_dataframe()
        found[:, draw] = [value_of(figure, days, table, on) for figure in figures.itertuples()]
    return found


def value_of(figure, days, table, on):
    """Return what a figure counts in one run: a share, or an increase per user of the target."""
    day = day_of(figure.date, days, on)
    level = days["vpn"]
    if figure.metric != "vpn_users":
        level = days[known_names(figure.platform, table)].sum(axis=1)
    if figure.kind == "vpn":
        return level[day]
    if figure.kind in ("gained", "speed"):
        users = days[known_names(figure.of, table)].iloc[0].sum()
        return (level[day] - level[0]) / users if users > 0 else figure.before
    compared = 0 if figure.of == "baseline" else day_of(figure.of, days, on)
    return level[day] / level[compared] if level[compared] > 0 else figure.before


def day_of(date, days, on):
    """Return the day of a date in a run, in which the order begins on day 1."""
    return int(np.clip((pd.Timestamp(date) - on).days + 1, 0, len(days) - 1))


def simulated_record(figures):
    """Return what the core says of all figures: a row for each, a column a draw."""
    found = pd.DataFrame(index=figures.index, columns=range(DRAWS), dtype=float)
    for key, part in figures.groupby(ORDER):
        found.loc[part.index] = simulated(dict(zip(ORDER, key, strict=True)), part)
    return found


def held_out(record, figures):
    """Return quantiles of each figure: a row for each, a column for each of `LEVELS`.

    No outcome of an episode reaches its own forecast. A series counts once.
    """
    misses = record.sub(figures["value"], axis=0).abs()
    found = pd.DataFrame(index=figures.index, columns=LEVELS, dtype=float)
    for episode, part in figures.groupby("episode"):
        others = figures[figures["episode"] != episode]
        by_series = misses.loc[others.index].groupby(others["series"]).mean()
        best = by_series.mean().nsmallest(KEPT).index
        middle = record[best].median(axis=1)
        for row, figure in part.iterrows():
            like = others[others["error_kind"] == figure["error_kind"]]
            found.loc[row] = with_errors(middle[row], figure["error_kind"], middle, like)
    return found


def with_errors(value, kind, middle, like):
    """Return quantiles of a figure by the errors of like ones, on the scale of their kind."""
    if like.empty:
        return np.full(len(LEVELS), value)
    forward, back = SCALES[kind]
    errors = forward(like["value"].to_numpy(float)) - forward(middle[like.index].to_numpy(float))
    weights = 1 / like.groupby("series")["row"].transform("size").to_numpy()
    spread = np.quantile(errors, LEVELS, weights=weights, method="inverted_cdf")
    return back(forward(np.array([value]))[0] + spread)


def submission():
    """Return the forecasts of all scored figures as lines of a submission."""
    figures = figures_of_the_bench()
    figures = figures[figures["scored"] == "yes"]
    table = held_out(simulated_record(figures), figures).round(4)
    lines = table.rename_axis("row").melt(var_name="output_type_id", ignore_index=False)
    lines = lines.reset_index().sort_values(["row", "output_type_id"], kind="stable")
    lines.insert(1, "output_type", "quantile")
    return lines


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yml").write_text(ABOUT)
    submission().to_csv(folder / "forecasts.csv", index=False)
