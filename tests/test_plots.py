"""Charts: each is drawn for every kind of run, says what it found, and gives the same bytes each time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import struct
import zlib
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_results import POLICY, STAY, toy_arm, toy_pair, toy_result, toy_scenario

from sim import plots
from sim.errors import InputError
from sim.metrics.registry import METRICS
from sim.plots.lines import scale
from sim.plots.style import COLOURS, spread_apart
from sim.plots.timeline import MOST, strips
from sim.results import Result, words

CHARTS = sorted(plots.charts())
SHOWN = ("active_users", "contact_days_by_group", "contact_matrix", "family_contact", "flows", "vpn_users")


def many_policies() -> list[dict[str, Any]]:
    return [
        POLICY,
        STAY,
        *(
            {
                "id": f"block-{i}",
                "by": ["TR", "US"],
                "instrument": "block",
                "technique": "dns",
                "targets": ["Twitter", "Facebook", "WhatsApp", "Telegram"][: 1 + i % 4],
                "on": f"2020-08-1{i}",
                "until": f"2020-10-1{i}",
            }
            for i in range(8)
        ),
    ]


CASES = {
    "normal": lambda: toy_result(5, 120),
    "stayed": lambda: toy_result(3, 180, stayed=True, status="hindcast"),
    "one seed": lambda: toy_result(1, 120),
    "one day": lambda: toy_result(3, 1, start=-30),
    "one day, one seed": lambda: toy_result(1, 1, start=-30),
    "no effect": lambda: toy_result(3, 30, effect=0.0),
    "no policy": lambda: Result(
        toy_scenario(20, policies=[]), [(toy_arm(1, "baseline", 20, 0.0), toy_arm(1, "policy", 20, 0.0))]
    ),
    "many policies": lambda: toy_result(3, 120, policies=many_policies(), status="what-if"),
}


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[str, Result]:
    return request.param, CASES[request.param]()


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(5, 120)


def texts(figure: Any) -> str:
    """Return everything that a figure says, line breaks as spaces."""
    from matplotlib.text import Text

    return " ".join(" ".join(item.get_text().split()) for item in figure.findobj(Text))


def png(result: Result, name: str) -> bytes:
    stream = io.BytesIO()
    plots.save_png(plots.draw(result, name), stream, result)
    return stream.getvalue()


def png_texts(data: bytes) -> dict[str, str]:
    """Return the text chunks of a PNG."""
    found, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        if kind in (b"tEXt", b"iTXt", b"zTXt"):
            key, _, value = body.partition(b"\0")
            if kind == b"zTXt":
                value = zlib.decompress(value[1:])
            found[key.decode()] = value.strip(b"\0").decode("utf-8")
        at += 12 + size
    return found


def test_every_chart_is_declared() -> None:
    assert set(SHOWN) <= set(CHARTS)
    for name, chart in plots.charts().items():
        assert chart.title
        assert chart.description.endswith(".")
        assert set(chart.metrics) <= set(METRICS)
        assert (Path(plots.__file__).parent / f"{name}.py").exists()


@pytest.mark.parametrize("name", CHARTS)
def test_chart_is_drawn_for_every_kind_of_run(case: tuple[str, Result], name: str) -> None:
    kind, result = case
    figure = plots.draw(result, name)
    said = texts(figure)
    assert result.scenario.status.upper() in said
    assert words.STATUS[result.scenario.status] in said
    assert f"scenario {result.name}" in said
    assert result.version in said
    assert words.seeds_text(result.seeds) in said
    assert ("no effect" in said) == (kind in ("no effect", "no policy"))
    assert "nan" not in said.lower().split()
    assert "US<-TR" not in said, "a group of 20 simulated people is on a chart"
    assert "People from Turkey in the United States" not in said
    stream = io.BytesIO()
    plots.save_png(figure, stream, result)
    assert stream.getvalue().startswith(b"\x89PNG")


def test_texts_stay_on_the_page(case: tuple[str, Result]) -> None:
    from matplotlib.text import Text

    _, result = case
    for name in (*CHARTS, "consumer_surplus_lost", "conversations_lost"):
        figure = plots.draw(result, name)
        figure.savefig(io.BytesIO(), format="png", dpi=50)
        page = figure.bbox
        renderer = figure._get_renderer()
        for item in figure.findobj(Text):
            if item.get_text().strip() and item.get_visible():
                box = item.get_window_extent(renderer)
                if box.width and not (box.x1 < page.x0 or box.x0 > page.x1):
                    assert box.x0 >= page.x0 - 1, (name, item.get_text())
                    assert box.x1 <= page.x1 + 1, (name, item.get_text())


def test_titles_state_the_finding(result: Result) -> None:
    def row(metric: str, at: str, **columns: str) -> dict[str, Any]:
        wanted = {"metric": metric, "at": at, "state": "", "platform": "", "group": "", **columns}
        return next(r for r in result.rows() if all(r[key] == value for key, value in wanted.items()))

    share = words.percent(row("family_contact_lost", "peak", group="US<-CN")["effect"])
    people = words.number(row("family_contact_lost_people", "peak", group="US<-CN")["effect"])
    assert f"Up to {share} of people from China in the United States ({people}) lose every platform channel" in texts(
        plots.draw(result, "family_contact")
    )
    days = words.number(row("contact_days_lost", "total", group="US<-CN")["effect"])
    assert f"lose {days} days of contact" in texts(plots.draw(result, "contact_days_by_group"))
    lost = words.number(-row("active_users", "end", state="US", platform="WeChat")["effect"])
    assert f"WeChat in the United States loses {lost}" in texts(plots.draw(result, "gains"))
    flow = words.number(row("flows", "total", state="US", platform="WhatsApp", group="WeChat")["effect"])
    assert f"{flow} people turned from WeChat to WhatsApp" in texts(plots.draw(result, "flows"))
    vpn = words.number(row("vpn_users", "end", state="US")["effect"])
    assert f"{vpn} more people in the United States have a VPN" in texts(plots.draw(result, "vpn_users"))
    assert "The United States and China lose" in texts(plots.draw(result, "contact_matrix"))


def test_axes_carry_label_and_unit(result: Result) -> None:
    assert "Lost every platform channel to their family [%]" in texts(plots.draw(result, "family_contact"))
    assert "[% of the first day]" in texts(plots.draw(result, "active_users"))
    assert f"{METRICS['vpn_users'].label} [million persons]" in texts(plots.draw(result, "vpn_users"))
    assert "[million person-days]" in texts(plots.draw(result, "contact_days_by_group"))


def test_note_stands_beside_the_headline(result: Result) -> None:
    assert "it is drawn from 0.3 to 0.9" in texts(plots.draw(result, "family_contact"))


def test_both_arms_and_the_policies_are_drawn() -> None:
    said = texts(plots.draw(toy_result(2, 180, stayed=True), "family_contact"))
    assert "without the policies" in said
    assert (
        "US: transaction ban on WeChat; announced 6 Aug; in force from 20 Sep; stayed from 19 Nov; "
        "in force from 19 Dec" in said
    )
    crowded = texts(plots.draw(toy_result(1, 120, policies=many_policies()), "family_contact"))
    assert f"and {9 - MOST} more" in crowded


def test_metric_without_a_chart_is_drawn_over_time(result: Result) -> None:
    said = texts(result.plot("consumer_surplus_lost"))
    assert "Consumer surplus lost [thousand US dollars a day]" in said
    assert "United States" in said
    assert "no effect" in texts(result.plot("concentration"))
    assert "no effect" in texts(result.plot("ties_severed"))


def test_chart_is_found_by_its_metric(result: Result) -> None:
    assert texts(result.plot("family_contact_lost")) == texts(result.plot("family_contact"))
    assert texts(result.plot()) == texts(result.plot("family_contact"))


def test_unknown_chart_is_told(result: Result) -> None:
    with pytest.raises(InputError, match=r"no chart 'famly_contact'.*did you mean 'family_contact'"):
        result.plot("famly_contact")


def test_chart_of_a_metric_that_was_not_measured_is_told() -> None:
    pair = [dataclasses.replace(a, arrays={"vpn_users": a.arrays["vpn_users"]}) for a in toy_pair(1, 70)]
    some = Result(toy_scenario(70), [(pair[0], pair[1])])
    with pytest.raises(InputError, match="add it to `measure:`"):
        some.plot("family_contact")
    assert texts(some.plot()) == texts(some.plot("vpn_users"))


def test_only_what_was_measured_is_saved(tmp_path: Path) -> None:
    pair = [dataclasses.replace(a, arrays={"vpn_users": a.arrays["vpn_users"]}) for a in toy_pair(1, 70)]
    some = Result(toy_scenario(70), [(pair[0], pair[1])])
    assert [path.name for path in some.save_figures(tmp_path)] == ["vpn_users.png"]


def test_picture_says_where_it_comes_from(result: Result) -> None:
    found = png_texts(png(result, "vpn_users"))
    assert result.scenario.digest in found["Source"]
    assert result.run_id in found["Source"]
    assert found["Software"] == f"splinternet {result.version}"
    assert "projection" in found["Title"]


def test_same_bytes_whatever_the_users_own_style(result: Result) -> None:
    before = png(result, "family_contact")
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "savefig.dpi": 40, "hatch.linewidth": 9}):
        kept = dict(mpl.rcParams)
        assert png(result, "family_contact") == before
        assert dict(mpl.rcParams) == kept


def test_notebook_shows_a_chart(result: Result) -> None:
    assert result.plot("vpn_users")._repr_png_() == png(result, "vpn_users")  # type: ignore[attr-defined]


def test_colours_are_told_apart_in_grey() -> None:
    def grey(colour: str) -> float:
        r, g, b = mpl.colors.to_rgb(colour)
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    # Two lines side by side differ in dashes too; the first three, used most, differ in grey as well.
    shades = sorted(grey(colour) for colour in COLOURS[:2])
    assert all(b - a > 0.05 for a, b in pairwise(shades))
    assert len(set(COLOURS)) == len(COLOURS)


@given(
    positions=st.lists(st.floats(0, 1), min_size=1, max_size=8),
    gap=st.floats(0.01, 0.1),
)
def test_labels_stand_apart_and_in_order(positions: list[float], gap: float) -> None:
    placed = spread_apart(positions, gap, 0.0, 1.0)
    in_order = sorted(range(len(positions)), key=lambda i: positions[i])
    for a, b in pairwise(in_order):
        assert placed[b] - placed[a] >= gap * (1 - 1e-9)
    assert max(placed) <= 1.0


def test_counts_on_an_axis() -> None:
    assert [scale(top) for top in (5.0, 4e4, 3e6, 2e9)] == [
        (1.0, ""),
        (1e3, "thousand "),
        (1e6, "million "),
        (1e9, "billion "),
    ]


def test_policies_in_time() -> None:
    lift = {"id": "end", "by": "US", "instrument": "lift", "policy": "wechat-ban", "on": "2021-01-05"}
    threat = {
        "id": "threat",
        "by": "US",
        "instrument": "block",
        "technique": "isp",
        "targets": ["TikTok"],
        "announced": "2020-09-01",
    }
    scenario = toy_scenario(180, policies=[POLICY, STAY, lift, threat])
    first, last = dt.date(2020, 8, 1), dt.date(2021, 1, 27)
    ban, warning = strips(scenario.policies, first, last)
    assert ban.spans == (
        (dt.date(2020, 9, 20), dt.date(2020, 11, 19), "on"),
        (dt.date(2020, 11, 19), dt.date(2020, 12, 19), "stayed"),
        (dt.date(2020, 12, 19), dt.date(2021, 1, 5), "on"),
    )
    assert warning.spans == ()
    assert warning.announced == dt.date(2020, 9, 1)
    before = strips(scenario.policies, dt.date(2020, 10, 1), last)[0]
    assert before.spans[0][0] == dt.date(2020, 10, 1)
    assert strips(scenario.policies, dt.date(2021, 2, 1), dt.date(2021, 3, 1))[0].spans == ()


def test_band_of_a_chart_is_ten_to_ninety_percent(result: Result) -> None:
    figure = result.plot("vpn_users")
    axes = figure.axes[0]
    data = np.array([policy.arrays["vpn_users"][:, 0] for _, policy in result.members])
    line = max((line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 120), key=lambda y: y[-1])
    assert np.allclose(line, np.median(data, axis=0) / 1e6)
    edges = axes.collections[1].get_paths()[0].vertices[:, 1]
    assert edges.max() == pytest.approx(np.quantile(data, 0.9, axis=0).max() / 1e6)
