"""The core as an entrant of the bench: its forecasts for the task ``outcomes``.

Each figure is forecast from what was known before its order: technique, dates, share of VPNs, and
the use of platforms by the scenario and the tables. Parameters are drawn between their bounds;
nothing is fitted to any outcome. Where the core lacks the technique or the platform, it forecasts
that nothing changes.

python notebooks/core_forecasts.py FOLDER
splinternet-bench score FOLDER
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from core import FACTS, Core, parameters, platforms_of
from ruamel.yaml import YAML

ROOT = FACTS.parents[1]
TECHNIQUES = {"store_removal": "stores", "withdrawal": "geoblock", "geoblock": "geoblock"}
TECHNIQUES |= {"dns": "dns", "isp": "isp", "dpi": "dpi"}
ORDER = ["event", "state", "technique", "targets", "on", "until", "vpn_share"]
DRAWS = 15
PEOPLE = 600
LONGEST = 300  # days that are simulated: later figures are those of the last one (assumption)


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


def forecasts_of(order, figures, draws=DRAWS, people=PEOPLE):
    """Return what the core forecasts for the figures of one order: a row for each, a column a draw.

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
        q = parameters(np.random.default_rng(draw))
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


def submission():
    """Return the forecasts of all scored figures as lines of a submission."""
    figures = pd.read_csv(ROOT / "bench/tasks/outcomes/figures.csv", keep_default_na=False)
    lines = []
    for key, part in figures[figures["scored"] == "yes"].groupby(ORDER):
        found = forecasts_of(dict(zip(ORDER, key, strict=True)), part)
        for row, values in zip(part["row"], found, strict=True):
            lines += [(row, "sample", draw, round(value, 4)) for draw, value in enumerate(values)]
    return pd.DataFrame(lines, columns=["row", "output_type", "output_type_id", "value"])


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yml").write_text(
        "name: core\nmethods: the core on one page; bounds of parameters from all episodes\n"
    )
    submission().to_csv(folder / "forecasts.csv", index=False)
