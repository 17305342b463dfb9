"""Results in the forms that other tools read."""

from __future__ import annotations

import ipyvuetify
import mesa
import pandas as pd
import pytest
import solara
from mesa.visualization import Slider, SolaraViz, make_plot_component

import splinternet as sn


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
    assert (
        mine["active_users"].tolist()[-1]
        == alone.datacollector.get_model_vars_dataframe()["active_users"].iloc[-1]
    )


def test_the_page_of_mesa_steps_a_model_and_makes_it_anew() -> None:
    """Its buttons work, and its sliders vary what a run takes and any path of the scenario."""
    made_of = {
        "scenario": "wechat_full_block",
        "days": 5,
        "people": Slider("People", 1_000, 1_000, 3_000, 1_000),
        "ties.only_channel": Slider("Only channel", 0.5, 0.3, 0.9, 0.1),
    }
    model = solara.reactive(sn.Model("wechat_full_block", days=5, people=1_000))
    first = model.value

    @solara.component
    def page() -> None:
        with solara.AppLayout():
            SolaraViz(
                model,
                components=[make_plot_component("vpn_users")],
                model_params=made_of,
                name="it",
            )

    _, shown = solara.render(page(), handle_error=False)
    shown.find(ipyvuetify.Btn, children=["Step"]).widget.click()
    assert first.time == 1.0
    shown.find(ipyvuetify.Slider, label="People").widget.v_model = 2_000
    shown.find(ipyvuetify.Slider, label="Only channel").widget.v_model = 0.7
    shown.find(ipyvuetify.Btn, children=["Reset"]).widget.click()
    shown.close()
    anew = model.value
    assert anew is not first and (anew.time, anew.spec.name) == (0.0, "wechat_full_block")
    assert (anew.spec.people, anew.spec.days) == (2_000, 5)
    assert anew.world.setting.parameters["ties.only_channel"] == pytest.approx(0.7)
