"""Results in the forms that other tools read."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import mesa
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import solara
from mesa.visualization import SolaraViz, make_plot_component
from toy_results import toy_pair, toy_result, toy_scenario

import splinternet as sn
from splinternet.errors import InputError
from splinternet.results import Result
from splinternet.results.files import write_table

DAYS = 60


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(3, DAYS, start=5)


def test_csv_is_the_tidy_table(result: Result, tmp_path: Path) -> None:
    path = result.to_csv(tmp_path / "new" / "series.csv")
    read = pd.read_csv(path, keep_default_na=False, na_values={"value": [""]})
    pd.testing.assert_frame_equal(read, result.series, check_dtype=False, rtol=1e-9)
    assert list(path.parent.iterdir()) == [path]


def test_everything_is_more_than_the_focus(result: Result, tmp_path: Path) -> None:
    some = pd.read_csv(result.to_csv(tmp_path / "some.csv"), keep_default_na=False)
    every = pd.read_csv(result.to_csv(tmp_path / "every.csv", every=True), keep_default_na=False)
    keys = ["metric", "state", "platform", "group"]
    assert set(map(tuple, some[keys].to_numpy())) < set(map(tuple, every[keys].to_numpy()))
    use = every[(every.metric == "active_users") & (every.date == result.dates[0]) & (every.arm == "baseline")]
    assert len(use) == 3 * 4 * 10, "every state and platform of every seed"


def test_parquet_holds_the_same_to_the_last_digit(result: Result, tmp_path: Path) -> None:
    read = pd.read_parquet(write_table(result.daily(), tmp_path / "series.parquet"))
    assert (read["value"].to_numpy() == result.series["value"].to_numpy()).all()
    for name in ("arm", "date", "metric", "state", "platform", "group", "unit"):
        assert (read[name].astype(str).to_numpy() == result.series[name].to_numpy()).all()


def test_graph_holds_the_ties_of_the_day(result: Result, tmp_path: Path) -> None:
    nx.write_graphml(result.to_graph(result.dates[-1]), tmp_path / "states.graphml")
    graph = nx.read_graphml(tmp_path / "states.graphml")
    ties = np.median(
        [[arm.arrays["cross_border_contact"][-1, 0, 1] for arm in pair] for pair in result.members], axis=0
    )
    edge = graph.edges["US", "CN"]
    assert edge["without"] == pytest.approx(ties[0])
    assert edge["weight"] == edge["with_policies"] == pytest.approx(ties[1])
    assert edge["lost_share"] == pytest.approx(1 - ties[1] / ties[0])
    assert graph.nodes["CN"]["name"] == "China"
    assert set(map(frozenset, graph.edges)) == {
        frozenset(pair) for pair in (("US", "CN"), ("DE", "TR"), ("US", "DE"), ("US", "TR"), ("CN", "DE"))
    }
    assert graph.graph["date"] == result.dates[-1]
    assert graph.graph["status"] == "projection"


def test_graph_takes_the_day_when_most_ties_are_cut(result: Result) -> None:
    lost = [result.to_graph(date).edges["US", "CN"]["lost"] for date in result.dates]
    assert result.to_graph().graph["date"] == result.dates[int(np.argmax(lost))]


def test_wrong_day_and_missing_measure_are_told(result: Result) -> None:
    with pytest.raises(InputError, match=r"no day '2020-08-32'.*2020-08-01 to 2020-09-29.*did you mean"):
        result.to_graph("2020-08-32")
    pair = toy_pair(1, 10, start=0)
    a, b = (dataclasses.replace(arm, arrays={"vpn_users": arm.arrays["vpn_users"]}) for arm in pair)
    with pytest.raises(InputError, match="add it to `measure:`"):
        Result(toy_scenario(10), [(a, b)]).to_graph()


def test_a_folder_is_no_file(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="this is a folder"):
        result.to_csv(tmp_path)


def test_mesa_collects_and_runs_batches() -> None:
    """Mesa's own tools work on the model: its batch runner, its data collector, its agent sets."""
    rows = mesa.batch_run(
        sn.Model,
        parameters={
            "scenario": "wechat_as_ordered",
            "people": 2_000,
            "days": 8,
            "policies.wechat-ban.on": ["2020-08-06", "2020-09-20"],
        },
        rng=[1, 2],
        data_collection_period=1,
        display_progress=False,
    )
    frame = pd.DataFrame(rows)
    assert len(frame.groupby("RunId")) == 4
    assert {"active_users", "vpn_users", "family_contact_lost_people", "policies_in_force"} <= set(frame.columns)
    last = frame[(frame["Step"] == 8) & (frame["RunId"] == 0)]
    assert last["users"].sum() == pytest.approx(last["active_users"].iloc[0]), "a row for each platform and state"
    assert last.set_index("state").loc["US", "policies"] == 1
    model = sn.Model("wechat_as_ordered", people=2_000, days=8, rng=2)
    model.run_for(8)
    platforms = model.datacollector.get_agenttype_vars_dataframe(type(next(iter(model.platforms))))
    wechat = platforms[platforms["platform"] == "WeChat"]["users"]
    assert len(wechat) == 8 and wechat.iloc[-1] == pytest.approx(model.active_users("WeChat"))
    states = model.datacollector.get_agenttype_vars_dataframe(type(next(iter(model.states))))
    assert set(states.columns) >= {"state", "policies"}
    model = sn.Model("wechat_as_ordered", people=2_000, days=8, rng=2)
    reporters = {"wechat": lambda m: m.active_users("WeChat", "US"), "policies": lambda m: len(m.policies_in_force())}
    model.datacollector = mesa.DataCollector(
        model_reporters=reporters, agenttype_reporters={type(next(iter(model.states))): {"code": "code"}}
    )
    model.run_for(8)
    seen = model.datacollector.get_model_vars_dataframe()
    assert len(seen) == 8
    assert (seen["wechat"] > 0).all()
    alone = sn.Model("wechat_as_ordered", people=2_000, days=8, rng=2)
    alone.run_for(8)
    mine = frame[(frame["policies.wechat-ban.on"] == "2020-09-20") & (frame["rng"] == 2)]
    rendered, context = solara.render(
        SolaraViz(alone, components=[make_plot_component(["active_users", "vpn_users"])], name="alone"),
        handle_error=False,
    )
    assert rendered.children, "Mesa's own page of a model"
    context.close()
    assert mine["active_users"].tolist()[-1] == alone.datacollector.get_model_vars_dataframe()["active_users"].iloc[-1]
