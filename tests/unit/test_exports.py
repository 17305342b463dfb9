"""Results in the forms that other tools read."""

from __future__ import annotations

from pathlib import Path

import mesa
import pandas as pd
import pytest
import solara
from mesa.visualization import SolaraViz, make_plot_component
from toy_results import toy_result

import splinternet as sn
from splinternet.results import Result
from splinternet.results.files import write_table

DAYS = 60


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(3, DAYS, start=5)


def test_parquet_holds_the_same_to_the_last_digit(result: Result, tmp_path: Path) -> None:
    read = pd.read_parquet(write_table(result.daily(), tmp_path / "series.parquet"))
    assert (read["value"].to_numpy() == result.series["value"].to_numpy()).all()
    for name in ("arm", "date", "metric", "state", "platform", "group", "unit"):
        assert (read[name].astype(str).to_numpy() == result.series[name].to_numpy()).all()


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
    assert {"active_users", "vpn_users", "family_contact_lost_people", "policies_in_force"} <= set(
        frame.columns
    )
    last = frame[(frame["Step"] == 8) & (frame["RunId"] == 0)]
    assert last["users"].sum() == pytest.approx(last["active_users"].iloc[0]), (
        "a row for each platform and state"
    )
    assert last.set_index("state").loc["US", "policies"] == 1
    model = sn.Model("wechat_as_ordered", people=2_000, days=8, rng=2)
    model.run_for(8)
    platforms = model.datacollector.get_agenttype_vars_dataframe(type(next(iter(model.platforms))))
    wechat = platforms[platforms["platform"] == "WeChat"]["users"]
    assert len(wechat) == 8 and wechat.iloc[-1] == pytest.approx(model.active_users("WeChat"))
    states = model.datacollector.get_agenttype_vars_dataframe(type(next(iter(model.states))))
    assert set(states.columns) >= {"state", "policies"}
    model = sn.Model("wechat_as_ordered", people=2_000, days=8, rng=2)
    reporters = {
        "wechat": lambda m: m.active_users("WeChat", "US"),
        "policies": lambda m: len(m.policies_in_force()),
    }
    model.datacollector = mesa.DataCollector(
        model_reporters=reporters,
        agenttype_reporters={type(next(iter(model.states))): {"code": "code"}},
    )
    model.run_for(8)
    seen = model.datacollector.get_model_vars_dataframe()
    assert len(seen) == 8
    assert (seen["wechat"] > 0).all()
    alone = sn.Model("wechat_as_ordered", people=2_000, days=8, rng=2)
    alone.run_for(8)
    mine = frame[(frame["policies.wechat-ban.on"] == "2020-09-20") & (frame["rng"] == 2)]
    rendered, context = solara.render(
        SolaraViz(
            alone, components=[make_plot_component(["active_users", "vpn_users"])], name="alone"
        ),
        handle_error=False,
    )
    assert rendered.children, "Mesa's own page of a model"
    context.close()
    assert (
        mine["active_users"].tolist()[-1]
        == alone.datacollector.get_model_vars_dataframe()["active_users"].iloc[-1]
    )
