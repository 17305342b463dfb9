"""Charts: each is drawn for every kind of run, says what it found, and gives the same bytes each time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import struct
import zlib
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from conftest import charts_in_run_folders
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_results import GROUPS, POLICY, REAL, STAY, decided_by_states, lose, toy_arm, toy_pair, toy_result, toy_scenario

from sim import plots
from sim.decisions import Decision, Join, Lift, Strike, TakeOver
from sim.errors import InputError
from sim.metrics.registry import METRICS, WAYS
from sim.plots.figure import House
from sim.plots.lines import scale, split
from sim.plots.look import BLUE, COLOURS, DASHES, GREY, INK, ORANGE, VERMILLION
from sim.plots.style import spread_apart, wrapped
from sim.plots.timeline import MOST, strips
from sim.results import Result
from sim.scenario.schema import Observed
from sim.text import numbers as words
from sim.text import routes
from sim.text.routes import reached
from sim.text.sampling import both_ends_text

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
    made = CASES[request.param]()
    if request.param not in ("no effect", "no policy"):
        made.members = decided_by_states(made.members, made.dates)
    return request.param, made


@pytest.fixture(scope="module")
def drawn(case: tuple[str, Result]) -> Callable[[str], House]:
    """Return what draws a chart of the case; each is drawn once, for all tests that only look at it."""
    return cache(lambda name: plots.draw(case[1], name))


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
def test_chart_is_drawn_for_every_kind_of_run(
    case: tuple[str, Result], drawn: Callable[[str], House], name: str
) -> None:
    kind, result = case
    figure = drawn(name)
    said = texts(figure)
    assert len(figure.title.split()) >= 3, "its title is a finding"
    assert result.scenario.status.upper() in said
    assert words.STATUS[result.scenario.status] in said
    assert f"scenario {result.name}" in said
    assert result.version in said
    assert words.seeds_text(result.seeds) in said
    without = kind in ("no effect", "no policy")
    if name == "firm_gains":  # the money of some other toys does not move either
        assert "no effect" in said or not without
    elif name != "observed":
        assert ("no effect" in said) == without
    assert "nan" not in said.lower().split()
    assert "US<-TR" not in said, "a group of 20 simulated people is on a chart"
    assert "People from Turkey in the United States" not in said
    stream = io.BytesIO()
    plots.save_png(figure, stream, result)
    assert stream.getvalue().startswith(b"\x89PNG")


def test_texts_stay_on_the_page(drawn: Callable[[str], House]) -> None:
    from matplotlib.text import Text

    for name in (*CHARTS, "consumer_surplus_lost", "conversations_lost"):
        figure = drawn(name)
        figure.draw_without_rendering()
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

    ever, week, month = (
        words.percent(row(f"family_contact_{name}", "total", group="US<-CN")["effect"])
        for name in ("ever_lost", "lost_7d", "lost_30d")
    )
    people = words.number(row("family_contact_ever_lost_people", "total", group="US<-CN")["effect"])
    said = texts(plots.draw(result, "family_contact"))
    assert f"{ever} of people from China in the United States ({people}) ever lose every platform channel" in said
    assert f"{week} for 7 days or more, {month} for 30 days or more" in said
    for label, share in (("on some day", ever), ("for 7 days or more", week), ("for 30 days or more", month)):
        assert f"{label}: {share}" in said, "the lines end at the figures of the title"
    days = words.number(row("contact_days_lost", "total", group="US<-CN")["effect"])
    assert f"lose {days} days of contact" in texts(plots.draw(result, "contact_days_by_group"))
    lost = words.number(-row("active_users", "end", state="US", platform="WeChat")["effect"])
    assert f"WeChat in the United States loses {lost}" in texts(plots.draw(result, "gains"))
    flow = words.number(row("flows", "total", state="US", platform="WhatsApp", group="WeChat")["effect"])
    assert f"{flow} people took up WhatsApp when they lost, or feared to lose, WeChat" in texts(
        plots.draw(result, "flows")
    )
    vpn = words.number(row("vpn_users", "end", state="US")["effect"])
    assert f"{vpn} more people in the United States have a VPN" in texts(plots.draw(result, "vpn_users"))
    assert "The United States and China lose" in texts(plots.draw(result, "contact_matrix"))


def test_axes_carry_label_and_unit(result: Result) -> None:
    assert "Lost every platform channel to their family [%]" in texts(plots.draw(result, "family_contact"))
    assert f"{METRICS['family_contact_lost'].label} [%]" in texts(plots.draw(result, "family_contact_lost"))
    assert "[% of the first day]" in texts(plots.draw(result, "active_users"))
    assert f"{METRICS['vpn_users'].label} [million persons]" in texts(plots.draw(result, "vpn_users"))
    assert "[million person-days]" in texts(plots.draw(result, "contact_days_by_group"))


def test_note_stands_beside_the_headline(result: Result) -> None:
    assert "it is drawn from 0.3 to 0.9" in texts(plots.draw(result, "family_contact"))


def test_the_policies_are_drawn() -> None:
    said = texts(plots.draw(toy_result(2, 180, stayed=True), "family_contact"))
    assert "less the same without the policies" in said
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
    assert texts(result.plot("family_contact_ever_lost")) == texts(result.plot("family_contact"))
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
    with charts_in_run_folders():
        assert [path.name for path in some.save_figures(tmp_path)] == ["vpn_users.png"]


def test_run_folders_hold_the_charts_that_show_something(tmp_path: Path) -> None:
    quiet = toy_result(seeds=2, days=5)
    names = [each.name for each in plots.charts().values() if each.fits(quiet)]
    drawn = {name: plots.draw(quiet, name) for name in names}
    shown = {name for name in names if not getattr(drawn[name], "shows_nothing", False)} | {plots.main_chart(quiet)}
    assert shown < set(names)
    with charts_in_run_folders():
        paths = quiet.save_figures(tmp_path / "figures")
    assert {path.stem for path in paths} == shown


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
    figure = result.plot("vpn_users")
    picture, about = figure._repr_png_()  # type: ignore[attr-defined]
    assert picture == png(result, "vpn_users")
    assert about == {"alt": figure.title}  # type: ignore[attr-defined]


def grey(colour: Any) -> float:
    """Return how light a colour is in print: relative luminance, 0 black to 1 white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_lines_are_told_apart_in_grey() -> None:
    """Any two lines of a chart differ clearly in lightness or in dashes; no two look alike in both."""
    for i, one in enumerate(COLOURS):
        for j, two in enumerate(COLOURS[:i]):
            assert abs(grey(one) - grey(two)) > 0.05 or DASHES[i] != DASHES[j], (one, two)
    assert len(set(COLOURS)) == len(COLOURS)


@pytest.mark.parametrize(
    "name", ["active_users", "family_contact", "contact_by_diaspora", "vpn_users", "consumer_surplus_lost"]
)
def test_drawn_lines_are_told_apart_in_grey(result: Result, name: str) -> None:
    """The same of what is really drawn: lines that run over all days, in one panel."""
    for axes in result.plot(name).axes:
        # What is without the policies is grey and dotted for all: it is one thing.
        lines = [line for line in axes.lines if len(line.get_ydata()) == len(result.dates) and line.get_color() != GREY]
        looks = [(grey(line.get_color()), str(line._dash_pattern), round(line.get_linewidth(), 1)) for line in lines]
        for i, one in enumerate(looks):
            for two in looks[:i]:
                assert abs(one[0] - two[0]) > 0.05 or one[1:] != two[1:]


def test_bars_that_mean_different_things_differ_in_hatch(result: Result) -> None:
    for name in ("contact_days_by_group", "gains"):
        bars = [patch for patch in result.plot(name).axes[0].patches if patch.get_height() > 0.5]
        looks = {(mpl.colors.to_hex(bar.get_facecolor()), bar.get_hatch() or "") for bar in bars}
        assert len(looks) == 2
        assert len({hatch for _, hatch in looks}) == 2


@settings(deadline=None)
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


TIMED = ("active_users", "contact_by_diaspora", "family_contact", "reconnection", "vpn_users", "consumer_surplus_lost")


@pytest.mark.parametrize("name", TIMED)
def test_policies_stand_under_every_chart_over_time(name: str) -> None:
    figure = toy_result(2, 180, stayed=True).plot(name)
    assert "US: transaction ban on WeChat; announced 6 Aug; in force from 20 Sep; stayed from 19 Nov" in texts(figure)
    panels = [axes for axes in figure.axes if axes.get_visible()]
    timeline = panels[-1]
    bars = [patch for patch in timeline.patches if patch.get_width() > 1]
    assert [bar.get_width() for bar in bars] == [60, 30, 40], "in force, stayed, in force again [days]"
    assert timeline.get_position().y1 <= min(axes.get_position().y0 for axes in panels[:-1]), "they do not overlap"
    assert timeline.get_xlim() == panels[0].get_xlim()


def test_diasporas_have_a_panel_each_on_one_scale(result: Result) -> None:
    members = []
    for baseline, policy in result.members:
        arrays = {name: array.copy() for name, array in policy.arrays.items()}
        lose(arrays, "DE<-TR", 0.3 * arrays["family_contact_lost"][:, GROUPS.index("US<-CN")], REAL["DE<-TR"])
        members.append((baseline, dataclasses.replace(policy, arrays=arrays)))
    figure = Result(result.scenario, members).plot("contact_by_diaspora")
    first, second = (axes for axes in figure.axes if axes.get_title("left"))
    titles = [" ".join(axes.get_title("left").split()) for axes in (first, second)]
    assert titles == [
        "People from China in the United States (1,000 and 2,000 simulated)",
        f"People from Turkey in Germany ({both_ends_text(result, 'DE<-TR')})",
    ]
    assert first.get_ylim() == second.get_ylim()
    assert "Two diasporas are seen to lose contact" in texts(figure)


def test_circle_of_contact_is_as_wide_as_its_ties(result: Result) -> None:
    from sim.plots.contact_map import _arcs, _ribbons

    ties = np.array([[0.0, 30.0, 10.0], [30.0, 0.0, 0.0], [10.0, 0.0, 0.0]])
    arcs = _arcs(ties.sum(axis=1))
    widths = np.array([abs(stop - start) for start, stop in arcs])
    assert widths / widths.sum() == pytest.approx([0.5, 0.375, 0.125])
    ribbons = {(i, j): (one, two) for i, j, one, two in _ribbons(ties, arcs)}
    assert set(ribbons) == {(0, 1), (0, 2)}
    for (i, j), (one, two) in ribbons.items():
        assert abs(one[1] - one[0]) == pytest.approx(abs(two[1] - two[0])), "a ribbon is as wide at either end"
        assert abs(one[1] - one[0]) == pytest.approx(widths.sum() * ties[i, j] / ties.sum())
    said = texts(result.plot("contact_map"))
    assert "all of them between the United States and China" in said
    assert "Turkey" not in said, "a pair that 20 simulated people stand for"


def test_metrics_mean_their_first_chart(result: Result) -> None:
    assert texts(result.plot("cross_border_contact")) == texts(result.plot("contact_matrix"))


def test_svg_says_where_it_comes_from_and_is_the_same_each_time(result: Result, tmp_path: Path) -> None:
    for name in ("one.svg", "two.svg"):
        plots.save_figure(result.plot("vpn_users"), tmp_path / "new" / name, result)
    one, two = ((tmp_path / "new" / name).read_text(encoding="utf-8") for name in ("one.svg", "two.svg"))
    assert one == two
    for part in (result.run_id, result.scenario.digest, f"splinternet {result.version}", "(projection)"):
        assert part in one
    assert "<text" not in one, "letters are outlines: the same on any machine"


def test_a_file_of_another_kind_is_told(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"'chart\.bmp' does not say.*\.png or \.svg"):
        plots.save_figure(result.plot("vpn_users"), tmp_path / "chart.bmp", result)
    assert not list(tmp_path.iterdir())


def test_run_is_named_in_the_footer(result: Result) -> None:
    assert f"run {result.run_id}" in texts(result.plot("gains"))


def test_numbers_stay_with_their_units() -> None:
    assert wrapped("more by 476 % of it", 12) == ["more by", "476 % of it"]
    assert wrapped("it is 1.2 million people", 11) == ["it is", "1.2 million", "people"]


def test_every_way_back_has_words_and_a_look_of_its_own(result: Result) -> None:
    """Let an equal number of ties come back by every way there is."""
    from sim.text.findings import headline

    members = []
    for baseline, policy in result.members:
        arrays = {**policy.arrays, "reconnected": np.zeros_like(policy.arrays["reconnected"])}
        arrays["reconnected"][60:, GROUPS.index("US<-CN"), :] = 100_000.0
        members.append((baseline, dataclasses.replace(policy, arrays=arrays)))
    changed = Result(result.scenario, members)
    figure = changed.plot("reconnection")
    assert all(way in texts(figure) for way in WAYS)
    looks = [(mpl.colors.to_hex(area.get_facecolor()[0]), area.get_hatch()) for area in figure.axes[0].collections]
    assert len({hatch for _, hatch in looks}) == len({colour for colour, _ in looks}) == len(WAYS)
    said = " ".join(headline(changed))
    assert said.count("100,000 ") >= len(WAYS)


# --- what a reader would stumble over ---------------------------------------------------------------------------------


def without_policies_but(result: Result, **changes: Any) -> Result:
    """Return a result in whose policy arms nothing but some arrays differs: metric -> change of a copy."""
    members = []
    for baseline, _ in result.members:
        arrays = dict(baseline.arrays)
        for metric, change in changes.items():
            arrays[metric] = arrays[metric].copy()
            change(arrays[metric])
        members.append((baseline, dataclasses.replace(baseline, arm="policy", arrays=arrays)))
    return Result(result.scenario, members, dict(result.info))


def put(*at: Any, value: float, times: bool = False) -> Any:
    """Return a change that writes a value at a place of an array, or multiplies by it."""

    def change(array: np.ndarray) -> None:
        array[at] = array[at] * value if times else value

    return change


US, CN, TR, DE = range(4)


def test_what_keeps_its_users_is_drawn_where_a_policy_aims_at_it_and_so_is_who_gains() -> None:
    def gain(array: np.ndarray) -> None:
        array[60:, US, 1] += 2_000.0  # a tenth of QQ's users
        array[60:, US, 4] += 900_000.0  # half a per cent of Facebook's: too little to be drawn for itself

    shown = texts(without_policies_but(toy_result(2, 120), active_users=gain).plot("active_users"))
    assert "WeChat in the United States ends with about as many daily users as without the policies" in shown
    assert "Facebook gains 900,000" in shown
    assert all(f"{name} 1" in shown for name in ("WeChat", "QQ", "Facebook")), "each has a line with its name"


def test_what_nobody_would_feel_is_no_chart_of_gains_or_flows() -> None:
    """A change below a thousandth of a platform's users is not shown."""
    first = toy_result(1, 70).members[0][0].arrays["active_users"][0, US, 0]

    def run(share: float) -> Result:
        users = put(slice(60, None), US, 0, value=1 - share, times=True)
        return without_policies_but(toy_result(2, 70), active_users=users, flows=put(US, 0, 3, value=share * first))

    assert "WeChat in the United States loses" in texts(run(0.01).plot("gains"))
    assert "took up WhatsApp when they lost" in texts(run(0.01).plot("flows"))
    for name, told in (("gains", "no platform is seen to gain or lose"), ("flows", "nobody is seen to take up")):
        shown = texts(run(0.0005).plot(name))
        assert "Too few to judge" in shown and told in shown


def test_a_gain_that_is_a_ripple_is_not_in_a_title() -> None:
    def gain(array: np.ndarray) -> None:
        array[60:, US, 0] *= 0.5
        array[60:, US, 4] += 90_000.0  # one in two thousand of Facebook's users

    assert "Facebook" not in texts(without_policies_but(toy_result(2, 120), active_users=gain).plot("active_users"))


def test_a_fall_that_has_passed_stands_in_the_title() -> None:
    dip = without_policies_but(toy_result(2, 120), active_users=put(slice(60, 70), US, 0, value=0.1, times=True))
    shown = texts(dip.plot("active_users"))
    assert "WeChat in the United States falls to 10 % of its daily users and ends with about as many" in shown


def test_nought_on_a_logarithmic_axis_is_written_as_nought() -> None:
    def turn(array: np.ndarray) -> None:
        array[60:, US, 0] = 0.0
        array[60:, US, 1] *= 20.0

    shown = texts(without_policies_but(toy_result(2, 120), active_users=turn).plot("active_users"))
    assert "WeChat 0 %" in shown
    assert "WeChat in the United States is left without daily users" in shown
    assert "logarithmic; values below 1 % are drawn at its lower end" in shown


def test_a_state_that_moves_more_than_those_that_act_is_drawn_before_them() -> None:
    def fall(array: np.ndarray) -> None:
        array[60:, US, 0] *= 0.5
        array[60:, CN, 0] *= 0.5

    figure = without_policies_but(toy_result(2, 120), active_users=fall).plot("active_users")
    assert [axes.get_title("left").split(" (")[0] for axes in figure.axes][:2] == ["China", "United States"]
    assert "WeChat in China" in texts(figure)


def test_streams_stay_on_the_page_and_hairs_are_left_out() -> None:
    def turn(array: np.ndarray) -> None:
        array[:] = 0.0
        array[US, 0, 1] = 4.0e6
        array[US, 0, 2:9] = 1.2e5
        array[US, 4, 9] = 1.1e5
        array[US, 5, 7] = 10.0

    figure = without_policies_but(toy_result(2, 120), flows=turn).plot("flows")
    axes = figure.axes[0]
    edges = np.concatenate([path.vertices[:, 1] for each in axes.collections for path in each.get_paths()])
    assert edges.min() > -0.001
    assert edges.max() < 1.001
    assert "moves" in texts(figure)
    assert "the 9 largest of 10 streams" in texts(figure)
    assert "Signal\n10 moves" not in texts(figure)


@pytest.mark.parametrize(("at_home", "where"), [(1e6, "the United States"), (1e5, "the United States and China")])
def test_moves_are_drawn_where_they_are_though_another_state_acts(at_home: float, where: str) -> None:
    def turn(array: np.ndarray) -> None:
        array[:] = 0.0
        array[US, 0, 1], array[CN, 0, 1] = at_home, 4e6

    assert f"People in {where} who took up" in texts(without_policies_but(toy_result(2, 120), flows=turn).plot("flows"))


def test_policies_say_whom_they_hit_and_many_states_are_counted() -> None:
    every = ["US", "CN", "TR", "DE", "FR", "GB", "JP"]
    scenario = toy_scenario(
        180,
        policies=[
            {"id": "c", "by": "US", "instrument": "carrier_ban", "carriers": ["China Telecom"], "on": "2020-09-01"},
            {"id": "d", "by": every, "instrument": "store_removal", "targets": ["WeChat"], "on": "2020-09-01"},
        ],
    )
    labels = [strip.label for strip in strips(scenario.policies, dt.date(2020, 8, 1), dt.date(2021, 1, 27))]
    assert labels == ["US: carrier ban on China Telecom", "7 states: store removal on WeChat"]


def test_what_states_decide_stands_under_the_charts() -> None:
    decided = toy_result(4, 120)
    assert "States by themselves" not in texts(decided.plot("family_contact"))
    decided.members = decided_by_states(decided.members, decided.dates)
    figure = decided.plot("family_contact")
    assert "States by themselves: 3 (2 to 4) decisions; marks: those of all members" in texts(figure)
    marks = next(line for line in figure.axes[-1].get_lines() if line.get_marker() == "|")
    assert len(marks.get_xdata()) == sum(len(policy.decisions) for _, policy in decided.members)


def test_a_few_simulated_people_have_no_bar_and_a_few_ties_no_area() -> None:
    at = GROUPS.index("DE<-TR")
    few = without_policies_but(
        toy_result(2, 120),
        family_contact_lost_people=put(slice(60, 70), at, value=2_000.0),  # one and a half of 1,000 simulated people
        contact_days_lost=put(slice(60, 70), at, value=2_000.0),
        reconnected=put(slice(60, None), at, 0, value=2_000.0),
    )
    assert "no group is seen to lose days of contact" in texts(few.plot("contact_days_by_group"))
    assert "Too few to judge: hardly any tie was cut and came back" in texts(few.plot("reconnection"))
    assert "Too few to judge: no diaspora is seen to lose contact" in texts(few.plot("contact_by_diaspora"))
    assert "no effect" not in texts(few.plot("contact_by_diaspora")).lower(), "a few are not none"


def test_a_picture_does_not_tell_how_to_set_a_parameter() -> None:
    noted = toy_result(2, 120)
    noted.info["notes"] = ["This run takes 0.6 (it may be 0.3 to 0.9; set ties.only_channel to see what it does)"]
    shown = texts(noted.plot("family_contact"))
    assert "(it may be 0.3 to 0.9)" in shown
    assert "see what it does" not in shown


def test_most_of_them_are_more_than_half() -> None:
    def cut(array: np.ndarray) -> None:
        for i, j in ((US, CN), (TR, DE)):  # as many of the one pair as of the other
            array[60:, i, j] = array[60:, j, i] = 0.9e6

    result = toy_result(2, 120)
    for baseline, _ in result.members:
        baseline.arrays["cross_border_contact"][:] = 1e6
    shown = texts(without_policies_but(result, cross_border_contact=cut).plot("contact_map"))
    assert "above all between" in shown

    def cut_more(array: np.ndarray) -> None:
        cut(array)
        array[60:, US, CN] = array[60:, CN, US] = 0.8e6

    shown = texts(without_policies_but(result, cross_border_contact=cut_more).plot("contact_map"))
    assert "300,000 kin ties across borders lose their channel" in shown
    assert "most of them between" in shown


def test_the_states_that_a_finding_on_routes_names_are_shown() -> None:
    def cut(array: np.ndarray) -> None:
        array[60:, TR, DE] = array[60:, DE, TR] = 0.2

    found = reached(without_policies_but(toy_result(2, 120), reachable_pairs=cut), 2)
    assert found is not None
    assert found.states == ("TR", "DE"), "though the scenario names others"


def test_the_routes_of_a_state_that_acts_are_told_first() -> None:
    def lengthen(array: np.ndarray) -> None:
        array[60:, TR, DE] = array[60:, DE, TR] = 1.5 * array[60:, TR, DE]
        array[60:, US, TR] = array[60:, TR, US] = 1.2 * array[60:, US, TR]

    result = without_policies_but(toy_result(2, 120), path_stretch=lengthen)
    for member, _ in result.members:
        member.real.update(US=1e6, CN=1e6, TR=1e9, DE=1e9)
    told = "routes between the United States and Turkey are 20 % longer, and those between Turkey and Germany 50 %"
    assert any(told in sentence for sentence in routes.found(result))
    assert told in texts(result.plot("routes_matrix"))
    result = without_policies_but(toy_result(2, 120), path_stretch=put(slice(60, None), TR, DE, value=3.0))
    assert any("between Turkey and Germany" in sentence for sentence in routes.found(result)), "nobody else's changed"


def test_states_that_keep_together_share_a_row() -> None:
    def part(array: np.ndarray) -> None:
        array[:] = 0.0
        array[60:, CN] = 1.0

    def count(array: np.ndarray) -> None:
        array[60:] += 0.5

    figure = without_policies_but(toy_result(2, 120), bloc=part, effective_internets=count).plot("blocs")
    rows = [tick.get_text() for tick in figure.axes[1].get_yticklabels()]
    assert rows == ["United States and 2 more", "China"]


def test_days_are_told_of_those_who_lose_most() -> None:
    def days(array: np.ndarray) -> None:
        array[-10:, GROUPS.index("family:DE<-TR")] = 500_000.0
        array[-10:, GROUPS.index("US<-CN")] = 300_000.0

    changed = without_policies_but(
        toy_result(2, 120),
        contact_days_lost=days,
        family_contact_lost_people=days,
        family_contact_ever_lost_people=days,
    )
    assert "Families in Turkey of people in Germany lose 5 million days of contact with them" in texts(
        changed.plot("contact_days_by_group")
    )


def curve(axes: Any, colour: str) -> Any:
    """Return the line over all days in a colour."""
    return next(each for each in axes.lines if each.get_color() == colour and len(each.get_ydata()) > 1)


def contact_lost(result: Result, shares: dict[str, tuple[float, ...]], days: slice = slice(60, 70)) -> Result:
    """Return a result in which groups lose contact on some days: group -> share of it in each member."""
    members = []
    for m, (baseline, _) in enumerate(result.members):
        arrays = {name: array.copy() for name, array in baseline.arrays.items()}
        for group, share in shares.items():
            lost = np.zeros(len(result.dates))
            lost[days] = share[m]
            lose(arrays, group, lost, REAL[group])
        members.append((baseline, dataclasses.replace(baseline, arm="policy", arrays=arrays)))
    return Result(result.scenario, members, dict(result.info))


def test_the_lines_are_what_the_days_so_far_come_to_and_the_mean_of_a_week() -> None:
    figure = contact_lost(toy_result(2, 120), {"US<-CN": (0.12, 0.12)}).plot("family_contact")
    ever, week, month, mean = (curve(figure.axes[0], colour).get_ydata() for colour in (VERMILLION, ORANGE, INK, BLUE))
    assert ever.tolist() == pytest.approx([0.0] * 60 + [12.0] * 60)
    assert week.tolist() == pytest.approx([0.0] * 66 + [12.0] * 54), "from the seventh day on"
    assert not month.any(), "ten days are no month"
    assert mean[59:77] == pytest.approx(
        [0.0, *(12 * n / 7 for n in range(1, 7)), 12, 12, 12, 12, *(12 * n / 7 for n in range(6, -1, -1))]
    )
    assert np.isnan(mean[:6]).all() and mean[6] == 0.0


def test_a_smaller_group_of_a_larger_share_is_told() -> None:
    both = contact_lost(toy_result(2, 120), {"US<-CN": (0.12, 0.12), "DE<-TR": (0.17, 0.17)})
    said = texts(both.plot("family_contact"))
    assert "12 % of people from China in the United States (253,000) ever lose every platform channel" in said
    assert "The title is about the group in which most people are affected; the share may be larger in a" in said
    alike = contact_lost(toy_result(2, 120), {"US<-CN": (0.2, 0.2), "DE<-TR": (0.2, 0.2)})
    assert "of a smaller group" not in texts(alike.plot("family_contact"))


def test_what_happens_in_some_members_alone_is_told_as_such() -> None:
    half = contact_lost(toy_result(2, 120), {"US<-CN": (0.0, 0.24)})
    said = texts(half.plot("family_contact"))
    assert "12 % of people from China in the United States" in said
    assert "to their family (24 % in 1 of 2 members, nobody in the other), 12 % for 7 days or more" in said
    few = contact_lost(toy_result(2, 120), {"US<-CN": (0.001, 0.24)})
    assert "24 % in 1 of 2 members, hardly anybody in the other" in texts(few.plot("family_contact"))
    every = contact_lost(toy_result(2, 120), {"US<-CN": (0.02, 0.24)})
    assert "nobody in the other" not in texts(every.plot("family_contact"))


def test_half_of_the_members_are_told_apart() -> None:
    assert split(np.array([0.0, 0.0, 3.0, 5.0])) == (2, 4.0)
    assert split(np.array([0.0, 4.0, 5.0, 6.0])) == (3, 5.0)
    assert split(np.array([0.0, 4.0, 4.0, 4.0, 4.0])) is None
    assert split(np.array([0.001, -4.0])) == (1, -4.0)
    assert split(np.zeros(4)) is None


def test_a_platform_that_keeps_its_users_in_some_members_is_told_so() -> None:
    result = without_policies_but(toy_result(2, 120), active_users=put(slice(60, None), US, 0, value=0.3, times=True))
    kept = result.members[0][0]
    some = Result(result.scenario, [(kept, dataclasses.replace(kept, arm="policy")), result.members[1]])
    said = texts(some.plot("active_users"))
    assert "of the first day (30 % in 1 of 2 members, about as without the policies in the other)" in said
    assert "members, about as without" not in texts(result.plot("active_users"))


def test_the_first_day_is_named_where_it_is_another_worlds() -> None:
    walled = without_policies_but(toy_result(2, 120), active_users=put(slice(None), US, 0, value=0.1, times=True))
    for baseline, _ in walled.members:
        baseline.arrays["active_users"][:, US, 0] = 2e6
    for _, policy in walled.members:
        policy.arrays["active_users"][:, US, 0] = 2e5
    said = texts(walled.plot("active_users"))
    assert "WeChat in the United States ends with 10 % of the daily users it has without the policies" in said
    assert "as a share of those of the first day without them" in said
    assert "[% of the first day without the policies]" in said
    later = without_policies_but(toy_result(2, 120), active_users=put(slice(60, None), US, 0, value=0.1, times=True))
    assert "first day without" not in texts(later.plot("active_users"))


def test_a_platform_looks_the_same_in_every_panel() -> None:
    def fall(array: np.ndarray) -> None:
        array[60:, US, 1] *= 0.2
        array[60:, US, 0] *= 0.5
        array[60:, CN, 0] *= 0.4
        array[60:, CN, 8] *= 0.3

    figure = without_policies_but(toy_result(2, 120), active_users=fall).plot("active_users")
    colours: dict[str, set[str]] = {}
    for axes in figure.axes[:2]:
        for text in axes.texts:
            colours.setdefault(text.get_text().split(" ")[0], set()).add(text.get_color())
    assert len(colours["WeChat"]) == 1
    assert colours["iMessage"].isdisjoint(colours["WeChat"] | colours["QQ"])


def two_apart(metric: str, *at: Any, factor: float) -> Result:
    """Return two members, in the second of which alone a place of an array is multiplied."""
    both = without_policies_but(toy_result(2, 120), **{metric: put(*at, value=factor, times=True)})
    kept = both.members[0][0]
    return Result(both.scenario, [(kept, dataclasses.replace(kept, arm="policy")), both.members[1]])


@pytest.mark.parametrize(
    ("chart", "metric", "at"),
    [
        ("vpn_users", "vpn_users", (slice(60, None), US)),
        ("gains", "active_users", (slice(60, None), US, 0)),
        ("contact_matrix", "cross_border_contact", (slice(60, None), [US, CN], [CN, US])),
        ("contact_map", "cross_border_contact", (slice(60, None), [US, CN], [CN, US])),
        ("routes_matrix", "reachable_pairs", (slice(60, None), US, CN)),
    ],
)
def test_a_chart_says_that_its_finding_is_one_of_some_members(chart: str, metric: str, at: Any) -> None:
    assert "In 1 of 2 members this does not happen." in texts(two_apart(metric, *at, factor=0.5).plot(chart))
    both = without_policies_but(toy_result(2, 120), **{metric: put(*at, value=0.5, times=True)})
    assert "this does not happen" not in texts(both.plot(chart))


def test_a_family_is_told_where_its_diaspora_is_not_the_one_that_loses_most() -> None:
    def days(array: np.ndarray) -> None:
        for group, lost in (("family:US<-CN", 9e5), ("US<-CN", 3e5), ("family:DE<-TR", 8e5), ("DE<-TR", 5e5)):
            array[-10:, GROUPS.index(group)] = lost

    changed = without_policies_but(
        toy_result(2, 120),
        contact_days_lost=days,
        family_contact_lost_people=days,
        family_contact_ever_lost_people=days,
    )
    said = texts(changed.plot("contact_days_by_group"))
    assert "Families in China of people in the United States lose 9 million days of contact with them" in said


def ties(before: float, **after: float) -> Result:
    """Return a result in which pairs of states have other ties on days 60 to 69: ``US_CN=0.9`` of those before."""

    def change(array: np.ndarray) -> None:
        for pair, share in after.items():
            i, j = (("US", "CN", "TR", "DE").index(code) for code in pair.split("_"))
            array[60:70, i, j] = array[60:70, j, i] = share * before

    result = toy_result(2, 120)
    for baseline, _ in result.members:
        baseline.arrays["cross_border_contact"][:] = before
    return without_policies_but(result, cross_border_contact=change)


def test_who_loses_touch_is_told_whoever_gains_it() -> None:
    mixed = ties(1e6, US_CN=0.98, TR_DE=1.1)
    assert "The United States and China lose 2 % of the kin ties between them" in texts(mixed.plot("contact_matrix"))
    said = texts(mixed.plot("contact_map"))
    assert "20,000 kin ties across borders lose their channel" in said
    assert "all of them between the United States and China" in said
    assert "the day on which most are lost" in said
    gained = texts(ties(1e6, TR_DE=1.1).plot("contact_matrix"))
    assert "Turkey and Germany gain a channel for 100,000 kin ties between them, 10 % more than without" in gained
    assert "the day on which most are gained" in gained


def test_ties_of_a_few_simulated_people_are_not_told() -> None:
    few = ties(1e6, US_CN=0.998)  # two of 1,000 simulated people
    for name in ("contact_matrix", "contact_map"):
        assert "Too few to judge: no pair of states is seen to lose touch" in texts(few.plot(name))
    assert "lose 0.4 %" in texts(ties(1e6, US_CN=0.996).plot("contact_matrix"))


def test_a_small_change_of_ties_is_pale() -> None:
    pale, dark = (ties(1e6, US_CN=share).plot("contact_matrix").axes[2].images[0] for share in (0.98, 0.5))
    shades = [image.cmap(image.norm(value))[:3] for image, value in ((pale, -2.0), (dark, -50.0))]
    assert grey(shades[0]) > 2 * grey(shades[1])


def test_that_no_tie_came_back_is_no_missing_effect() -> None:
    cut = contact_lost(toy_result(2, 120), {"US<-CN": (0.9, 0.9)})
    for _, policy in cut.members:
        policy.arrays["reconnected"][:] = 0.0
    figure = cut.plot("reconnection")
    assert "No tie came back: those that were cut stay cut" in texts(figure)
    assert "no effect" not in texts(figure).lower()


def test_blocs_that_part_for_some_days_are_told_and_both_lines_without() -> None:
    parted = without_policies_but(
        toy_result(2, 120),
        effective_internets=put(slice(60, 70), value=1.9),
        bloc=put(slice(60, 70), CN, value=1.0),
    )
    said = texts(parted.plot("blocs"))
    assert "1.90 internets on 30 September 2020, 1.30 without the policies; at the end as many as without" in said
    assert "without: blocs 1.30" in said
    assert "without: likeness 1.30" in said
    closer = without_policies_but(toy_result(2, 120), internets_by_likeness=put(slice(60, None), value=1.5))
    assert "leave the blocs as they are; by likeness 1.5 internets at the end, 1.3 without" in texts(
        closer.plot("blocs")
    )


def test_diasporas_that_all_lose_all_are_not_ranked() -> None:
    alike = contact_lost(toy_result(2, 120), {"US<-CN": (1.0, 1.0), "DE<-TR": (1.0, 1.0)})
    said = texts(alike.plot("contact_by_diaspora"))
    assert "Two diasporas are seen to lose contact, 100 % of each at some time" in said
    assert "Diasporas of fewer than 30 simulated people are not shown" in said


def test_a_source_says_how_many_of_its_moves_are_drawn() -> None:
    def turn(array: np.ndarray) -> None:
        array[:] = 0.0
        array[US, 0, 1:10] = 1e6
        array[US, 4, 9] = 2e6
        array[US, 4, 8] = 1.5e6

    figure = without_policies_but(toy_result(2, 120), flows=turn).plot("flows")
    said = texts(figure)
    assert "7m of 9m moves" in said
    assert "3.5m moves" in said
    assert "of 3.5m" not in said
    figure.savefig(io.BytesIO(), format="png", dpi=50)
    assert min(text.get_window_extent().x0 for text in figure.axes[0].texts) >= 0, "on the page"


def test_every_kind_of_measure_that_is_counted_is_drawn() -> None:
    made = tuple(
        Decision(dt.date(2020, 10, 1), code, behaviour, act)
        for code, behaviour, act in (
            ("DE", "coalition", Join("US", "CN")),
            ("DE", "coalition", TakeOver("clean-cloud")),
            ("TR", "coalition", Join("CN", "US")),
            ("CN", "retaliation", Strike("block")),
            ("CN", "retaliation", Lift("twitter-ban")),
            ("CN", "retaliation", Lift("facebook-ban")),
        )
    )
    decided = toy_result(2, 120)
    decided.members = [(b, dataclasses.replace(p, decisions=made)) for b, p in decided.members]
    figure = decided.plot("decisions")
    said = texts(figure)
    lines = [each for each in figure.axes[0].lines if each.get_color() != GREY]
    assert len({str(each._dash_pattern) for each in lines}) == len(lines) == 3, "the lines can be distinguished in grey"
    assert "joined a programme 2" in said, "one or another, which is not so many states in one"
    assert "taken over from a programme 1" in said
    assert "States adopt 2 policies of their own" in said
    assert "the most" not in said, "each of two states took one; what was lifted is none"


def test_what_was_observed_stands_on_the_lines() -> None:
    result = toy_result(3, 120, status="hindcast")
    seen = {"metric": "active_users", "state": "US", "tolerance": 0.1}
    rows = [
        seen | {"platform": "WeChat", "date": "2020-10-20", "value": 0.77},
        seen | {"platform": "WeChat", "date": "2020-11-20", "value": 7.0},
        seen | {"platform": "Signal", "date": "2020-11-20", "value": 0.05, "kind": "gained", "of": "WeChat"},
        seen | {"platform": "WeChat", "date": "2030-11-20", "value": 0.5},
    ]
    spec = result.scenario.model_copy(update={"observed": tuple(map(Observed.model_validate, rows))})
    marked = Result(spec, result.members)
    kept, _, gained, late = marked.observed
    assert late.why
    first = float(np.median([b.arrays["active_users"][0, 0, 0] for b, _ in result.members]))
    at = (dt.date(2020, 10, 20) - dt.date(2020, 8, 1)).days
    members = [p.arrays["active_users"][at, 0, 0] / b.arrays["active_users"][at, 0, 0] for b, p in result.members]
    assert kept.simulated == pytest.approx(np.median(members))
    signal = float(np.median([b.arrays["active_users"][-9, 0, 5] for b, _ in result.members]))
    assert gained.level == pytest.approx(signal + 0.05 * first, rel=0.02)
    own = sorted(float(y[0]) for axes in plots.draw(marked, "observed").axes for y in diamonds(axes))
    assert own == pytest.approx([5.0, 77.0, 700.0])
    daily = [float(y[0]) for axes in plots.draw(marked, "active_users").axes for y in diamonds(axes)]
    then = float(np.median([b.arrays["active_users"][at, 0, 0] for b, _ in result.members]))
    assert any(y == pytest.approx(77.0 * then / first) for y in daily), "as a share of the first day, as the lines are"
    assert not [y for axes in plots.draw(result, "active_users").axes for y in diamonds(axes)]
    inside = sum(each.is_inside for each in (kept, gained))
    assert f"{inside} of 3 observed figures" in texts(plots.draw(marked, "observed"))


def diamonds(axes: Any) -> list[Any]:
    """Return where the marks of what was observed stand."""
    return [line.get_ydata() for line in axes.get_lines() if line.get_marker() == "D"]


def test_blocs_that_no_line_and_no_strip_shows_to_move_are_not_drawn() -> None:
    made = toy_result(1, 60)
    (base, policy), *_ = made.members
    same = {name: base.arrays[name] for name in ("bloc", "effective_internets")}
    for far, drawn in ((0.004, False), (0.3, True)):
        other = same | {"internets_by_likeness": base.arrays["internets_by_likeness"] + far}
        made.members = [(base, dataclasses.replace(policy, arrays=policy.arrays | other))]
        assert plots.draw(made, "blocs").shows_nothing is not drawn
