"""Charts: each is drawn for every kind of run, says what the rows hold, and gives the same bytes each time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from conftest import charts_in_run_folders
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.text import Text
from PIL import Image
from toy_results import GROUPS, POLICY, REAL, STAY, decided_by_states, lose, toy_arm, toy_pair, toy_result, toy_scenario

from splinternet import plots
from splinternet.core.program import program_stamp
from splinternet.decisions import Decision, Join, Lift, Strike, TakeOver
from splinternet.errors import InputError
from splinternet.metrics.registry import METRICS, WAYS
from splinternet.plots.lines import scale, split
from splinternet.plots.look import BLUE, COLOURS, DASHES, GREY, INK, ORANGE, VERMILLION
from splinternet.plots.style import spread_apart, wrapped
from splinternet.plots.timeline import MOST, strips
from splinternet.results import Result
from splinternet.scenario.schema import Observed
from splinternet.text import numbers as words
from splinternet.text.findings import headline
from splinternet.text.routes import reached

CHARTS = sorted(plots.charts())
EVERY_SECOND = [
    {"id": f"block-{i}", "by": ["TR", "US"], "instrument": "block", "technique": "dns", "on": f"2020-08-1{i}",
     "until": f"2020-10-1{i}", "targets": ["Twitter", "Facebook", "WhatsApp", "Telegram"][: 1 + i % 4]}
    for i in range(8)
]  # fmt: skip
CASES = {
    "normal": lambda: toy_result(5, 120),
    "stayed": lambda: toy_result(3, 180, stayed=True, status="hindcast"),
    "one seed": lambda: toy_result(1, 120),
    "one day, one seed": lambda: toy_result(1, 1, start=-30),
    "no effect": lambda: toy_result(3, 30, effect=0.0),
    "no policy": lambda: Result(
        toy_scenario(20, policies=[]), [(toy_arm(1, "baseline", 20, 0.0), toy_arm(1, "policy", 20, 0.0))]
    ),
    "many policies": lambda: toy_result(3, 120, policies=[POLICY, STAY, *EVERY_SECOND], status="what-if"),
}
WITHOUT = ("no effect", "no policy")


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[str, Result]:
    made = CASES[request.param]()
    if request.param not in WITHOUT:
        made.members = decided_by_states(made.members, made.dates)
    return request.param, made


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(5, 120)


def texts(figure: Any) -> str:
    """Return everything that a figure says, line breaks as spaces."""
    return " ".join(" ".join(item.get_text().split()) for item in figure.findobj(Text))


def png(result: Result, name: str) -> bytes:
    stream = io.BytesIO()
    plots.save_png(plots.draw(result, name), stream, result)
    return stream.getvalue()


def test_every_chart_is_declared() -> None:
    for name, chart in plots.charts().items():
        assert chart.title
        assert chart.description.endswith(".")
        assert set(chart.metrics) <= set(METRICS)
        assert (Path(plots.__file__).parent / f"{name}.py").exists()


@pytest.mark.parametrize("name", [*CHARTS, "consumer_surplus_lost", "conversations_lost"])
def test_chart_is_drawn_on_its_page_for_every_kind_of_run(case: tuple[str, Result], name: str) -> None:
    kind, result = case
    figure = plots.draw(result, name)
    said = texts(figure)
    assert len(figure.title.split()) >= 3, "its title is a finding"
    assert result.scenario.status.upper() in said
    for part in (words.STATUS[result.scenario.status], result.name, result.version, words.seeds_text(result.seeds)):
        assert part in said
    if name == "firm_gains":  # the money of some other toys does not move either
        assert "no effect" in said or kind not in WITHOUT
    elif name in CHARTS and name != "observed":
        assert ("no effect" in said) == (kind in WITHOUT)
    assert "nan" not in said.lower().split()
    assert "US<-TR" not in said and "People from Turkey in the United States" not in said, "20 simulated people"
    figure.draw_without_rendering()
    page, renderer = figure.bbox, figure._get_renderer()
    for item in figure.findobj(Text):
        if item.get_text().strip() and item.get_visible():
            box = item.get_window_extent(renderer)
            if box.width and not (box.x1 < page.x0 or box.x0 > page.x1):
                assert page.x0 - 1 <= box.x0 and box.x1 <= page.x1 + 1, item.get_text()


def test_titles_state_what_the_rows_hold(result: Result) -> None:
    def effect(metric: str, at: str, **columns: str) -> float:
        wanted = {"metric": metric, "at": at, "state": "", "platform": "", "group": "", **columns}
        row = next(r for r in result.rows() if all(r[key] == value for key, value in wanted.items()))
        return float(row["effect"])  # type: ignore[arg-type]

    ever, week, month = (
        words.percent(effect(f"family_contact_{name}", "total", group="US<-CN"))
        for name in ("ever_lost", "lost_7d", "lost_30d")
    )
    people = words.number(effect("family_contact_ever_lost_people", "total", group="US<-CN"))
    said = texts(plots.draw(result, "family_contact"))
    assert f"{ever} of people from China in the United States ({people})" in said
    assert f"{week} for 7 days or more, {month} for 30 days or more" in said
    for label, share in (("on some day", ever), ("for 7 days or more", week), ("for 30 days or more", month)):
        assert f"{label}: {share}" in said, "the lines end at the figures of the title"
    flow = effect("flows", "total", state="US", platform="WhatsApp", group="WeChat")
    for chart, figure in (
        ("contact_days_by_group", f"lose {words.number(effect('contact_days_lost', 'total', group='US<-CN'))} days"),
        ("gains", f"loses {words.number(-effect('active_users', 'end', state='US', platform='WeChat'))}"),
        ("flows", f"{words.number(flow)} people took up WhatsApp"),
        ("vpn_users", f"{words.number(effect('vpn_users', 'end', state='US'))} more people in the United States"),
    ):
        assert figure in texts(plots.draw(result, chart)), chart


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("family_contact", "Lost every platform channel to their family [%]"),
        ("family_contact_lost", f"{METRICS['family_contact_lost'].label} [%]"),
        ("active_users", "[% of the first day]"),
        ("vpn_users", f"{METRICS['vpn_users'].label} [million persons]"),
        ("contact_days_by_group", "[million person-days]"),
        ("consumer_surplus_lost", "Consumer surplus lost [thousand US dollars a day]"),
        ("family_contact", "it is drawn from 0.3 to 0.9"),
        ("concentration", "no effect"),
        ("ties_severed", "no effect"),
    ],
)
def test_axes_carry_label_and_unit_and_notes_stand_beside(result: Result, name: str, said: str) -> None:
    assert said in texts(result.plot(name))


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ("family_contact_ever_lost", "family_contact"),
        (None, "family_contact"),
        ("cross_border_contact", "contact_matrix"),
    ],
)
def test_a_metric_means_its_first_chart(result: Result, asked: str | None, drawn: str) -> None:
    assert texts(result.plot(asked)) == texts(result.plot(drawn))


def test_an_unknown_chart_or_kind_of_file_is_refused(result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no chart 'famly_contact'.*did you mean 'family_contact'"):
        result.plot("famly_contact")
    with pytest.raises(InputError, match=r"chart\.bmp.*\.png or \.svg"):
        plots.save_figure(result.plot("vpn_users"), tmp_path / "chart.bmp", result)
    assert not list(tmp_path.iterdir())


def test_only_what_was_measured_is_drawn(tmp_path: Path) -> None:
    baseline, policy = (dataclasses.replace(a, arrays={"vpn_users": a.arrays["vpn_users"]}) for a in toy_pair(1, 70))
    some = Result(toy_scenario(70), [(baseline, policy)])
    with pytest.raises(InputError, match="add it to `measure:`"):
        some.plot("family_contact")
    assert texts(some.plot()) == texts(some.plot("vpn_users"))
    with charts_in_run_folders():
        assert [path.name for path in some.save_figures(tmp_path)] == ["vpn_users.png"]


def test_run_folders_hold_the_charts_that_show_something(tmp_path: Path) -> None:
    quiet = toy_result(seeds=2, days=5)
    fitting = [chart.name for chart in plots.charts().values() if chart.fits(quiet)]
    shown = {name for name in fitting if not plots.draw(quiet, name).shows_nothing} | {plots.main_chart(quiet)}
    assert shown < set(fitting)
    with charts_in_run_folders():
        assert {path.stem for path in quiet.save_figures(tmp_path / "figures")} == shown


def test_pictures_say_where_they_come_from_and_are_the_same_each_time(result: Result, tmp_path: Path) -> None:
    before = png(result, "vpn_users")
    found = Image.open(io.BytesIO(before)).info
    assert result.scenario.digest in found["Source"] and result.run_id in found["Source"]
    assert found["Software"] == program_stamp(result.version, result.commit)
    assert "projection" in found["Title"]
    with mpl.rc_context({"font.size": 20, "axes.facecolor": "black", "savefig.dpi": 40, "hatch.linewidth": 9}):
        kept = dict(mpl.rcParams)
        assert png(result, "vpn_users") == before, "whatever style the user has"
        assert dict(mpl.rcParams) == kept
    figure = result.plot("vpn_users")
    assert figure._repr_png_() == (before, {"alt": figure.title}), "a notebook shows the same"
    for name in ("one.svg", "two.svg"):
        plots.save_figure(result.plot("vpn_users"), tmp_path / "new" / name, result)
    one, two = ((tmp_path / "new" / name).read_text(encoding="utf-8") for name in ("one.svg", "two.svg"))
    assert one == two
    for part in (result.run_id, result.scenario.digest, f"splinternet {result.version}", "(projection)"):
        assert part in one
    assert "<text" not in one, "letters are outlines: the same on any machine"


def grey(colour: Any) -> float:
    """Return how light a colour is in print: relative luminance, 0 black to 1 white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in mpl.colors.to_rgb(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    "name", ["active_users", "family_contact", "contact_by_diaspora", "vpn_users", "consumer_surplus_lost"]
)
def test_lines_can_be_distinguished_in_grey(result: Result, name: str) -> None:
    """Any two lines over all days in one panel differ clearly in lightness, dashes or width."""
    for axes in result.plot(name).axes:
        # What is without the policies is grey and dotted for all: it is one thing.
        lines = [line for line in axes.lines if len(line.get_ydata()) == len(result.dates) and line.get_color() != GREY]
        looks = [(grey(line.get_color()), str(line._dash_pattern), round(line.get_linewidth(), 1)) for line in lines]
        for one, two in combinations(looks, 2):
            assert abs(one[0] - two[0]) > 0.05 or one[1:] != two[1:]


def test_looks_can_be_distinguished_in_grey(result: Result) -> None:
    for (one, dash), (two, other) in combinations(zip(COLOURS, DASHES, strict=False), 2):
        assert abs(grey(one) - grey(two)) > 0.05 or dash != other, (one, two)
    for name in ("contact_days_by_group", "gains"):
        bars = [patch for patch in result.plot(name).axes[0].patches if patch.get_height() > 0.5]
        assert len({bar.get_hatch() for bar in bars}) == len({bar.get_facecolor() for bar in bars}) == 2


@settings(deadline=None)
@given(positions=st.lists(st.floats(0, 1), min_size=1, max_size=8), gap=st.floats(0.01, 0.1))
def test_labels_stand_apart_and_in_order(positions: list[float], gap: float) -> None:
    placed = spread_apart(positions, gap, 0.0, 1.0)
    in_order = sorted(range(len(positions)), key=lambda i: positions[i])
    for a, b in pairwise(in_order):
        assert placed[b] - placed[a] >= gap * (1 - 1e-9)
    assert max(placed) <= 1.0


def test_counts_on_an_axis_and_numbers_that_keep_their_units() -> None:
    assert [scale(top) for top in (5.0, 4e4, 3e6, 2e9)] == [
        (1.0, ""), (1e3, "thousand "), (1e6, "million "), (1e9, "billion "),
    ]  # fmt: skip
    assert wrapped("more by 476 % of it", 12) == ["more by", "476 % of it"]
    assert wrapped("it is 1.2 million people", 11) == ["it is", "1.2 million", "people"]


# --- policies and decisions in time -----------------------------------------------------------------------------------


def test_policies_in_time() -> None:
    lift = {"id": "end", "by": "US", "instrument": "lift", "policy": "wechat-ban", "on": "2021-01-05"}
    threat = {
        "id": "threat", "by": "US", "instrument": "block", "technique": "isp", "targets": ["TikTok"],
        "announced": "2020-09-01",
    }  # fmt: skip
    scenario = toy_scenario(180, policies=[POLICY, STAY, lift, threat])
    first, last = dt.date(2020, 8, 1), dt.date(2021, 1, 27)
    ban, warning = strips(scenario.policies, first, last)
    assert ban.spans == (
        (dt.date(2020, 9, 20), dt.date(2020, 11, 19), "on"),
        (dt.date(2020, 11, 19), dt.date(2020, 12, 19), "stayed"),
        (dt.date(2020, 12, 19), dt.date(2021, 1, 5), "on"),
    )
    assert (warning.spans, warning.announced) == ((), dt.date(2020, 9, 1))
    before = strips(scenario.policies, dt.date(2020, 10, 1), last)[0]
    assert before.spans[0][0] == dt.date(2020, 10, 1)
    assert strips(scenario.policies, dt.date(2021, 2, 1), dt.date(2021, 3, 1))[0].spans == ()


def test_policies_say_whom_they_hit_and_many_are_counted() -> None:
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
    crowded = texts(plots.draw(toy_result(1, 120, policies=[POLICY, STAY, *EVERY_SECOND]), "family_contact"))
    assert f"and {9 - MOST} more" in crowded


@pytest.mark.parametrize("name", ["active_users", "contact_by_diaspora", "family_contact", "vpn_users"])
def test_policies_stand_under_every_chart_over_time(name: str) -> None:
    figure = toy_result(2, 180, stayed=True).plot(name)
    assert "announced 6 Aug; in force from 20 Sep; stayed from 19 Nov; in force from 19 Dec" in texts(figure)
    *panels, timeline = [axes for axes in figure.axes if axes.get_visible()]
    bars = [patch for patch in timeline.patches if patch.get_width() > 1]
    assert [bar.get_width() for bar in bars] == [60, 30, 40], "in force, stayed, in force again [days]"
    assert timeline.get_position().y1 <= min(axes.get_position().y0 for axes in panels), "they do not overlap"
    assert timeline.get_xlim() == panels[0].get_xlim()


def test_what_states_decide_stands_under_the_charts() -> None:
    decided = toy_result(4, 120)
    assert "States by themselves" not in texts(decided.plot("family_contact"))
    decided.members = decided_by_states(decided.members, decided.dates)
    figure = decided.plot("family_contact")
    assert "States by themselves: 3 (2 to 4) decisions" in texts(figure)
    marks = next(line for line in figure.axes[-1].get_lines() if line.get_marker() == "|")
    assert len(marks.get_xdata()) == sum(len(policy.decisions) for _, policy in decided.members)


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
    lines = [line for line in figure.axes[0].lines if line.get_color() != GREY]
    assert len({str(line._dash_pattern) for line in lines}) == len(lines) == 3
    assert "joined a programme 2" in said, "one or another, which is not so many states in one"
    assert "taken over from a programme 1" in said
    assert "States adopt 2 policies of their own" in said
    assert "the most" not in said, "each of two states took one; what was lifted is none"


# --- what is drawn ----------------------------------------------------------------------------------------------------

US, CN, TR, DE = range(4)
AFTER, DAYS = slice(60, None), slice(60, 70)
Edits = list[tuple[Any, str, float]]


def edited(array: np.ndarray, edits: Edits) -> np.ndarray:
    """Return a copy in which values at some places are set, multiplied or raised."""
    array = array.copy()
    for at, how, value in edits:
        array[at] = {"=": value, "*": array[at] * value, "+": array[at] + value}[how]
    return array


def changed(result: Result | None = None, *, before: dict[str, float] | None = None, **changes: Edits) -> Result:
    """Return a result in whose policy arms nothing but some arrays differs.

    Parameters
    ----------
    result : Result, optional
        By default one of two members and 120 days.
    before : dict of str to float, optional
        Metrics that have one value everywhere in both arms, apart from the changes.
    **changes : list of tuple
        Edits of a metric: place, one of ``= * +``, value.
    """
    members = []
    for baseline, _ in (result := result or toy_result(2, 120)).members:
        arrays = baseline.arrays | {m: np.full_like(baseline.arrays[m], v) for m, v in (before or {}).items()}
        other = {metric: edited(arrays[metric], edits) for metric, edits in changes.items()}
        both = (dataclasses.replace(baseline, arm=arm, arrays=a) for arm, a in (("b", arrays), ("p", arrays | other)))
        base, policy = both
        members.append((dataclasses.replace(base, arm="baseline"), dataclasses.replace(policy, arm="policy")))
    return Result(result.scenario, members, dict(result.info))


def ties(**after: float) -> dict[str, Any]:
    """Return the changes after which pairs of states have other ties on ten days: ``US_CN=0.9`` of a million."""
    places = {
        pair: [(US, CN, TR, DE)[("US", "CN", "TR", "DE").index(code)] for code in pair.split("_")] for pair in after
    }
    edits = [((DAYS, *at), "*", after[pair]) for pair, (i, j) in places.items() for at in ((i, j), (j, i))]
    return {"before": {"cross_border_contact": 1e6}, "cross_border_contact": edits}


def losses(groups: dict[str, float]) -> dict[str, Edits]:
    """Return the changes after which people of groups lose contact on the last ten days."""
    edits = [((slice(-10, None), GROUPS.index(group)), "=", people) for group, people in groups.items()]
    return dict.fromkeys(("contact_days_lost", "family_contact_lost_people", "family_contact_ever_lost_people"), edits)


FEW = {
    "family_contact_lost_people": [((DAYS, GROUPS.index("DE<-TR")), "=", 2_000.0)],  # of 1.5 simulated people
    "contact_days_lost": [((DAYS, GROUPS.index("DE<-TR")), "=", 2_000.0)],
    "reconnected": [((AFTER, GROUPS.index("DE<-TR"), 0), "=", 2_000.0)],
}
SAID: dict[str, tuple[str, dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "what a policy aims at is drawn though it keeps its users, and so is who gains": (
        "active_users",
        {"active_users": [((AFTER, US, 1), "+", 2e3), ((AFTER, US, 4), "+", 9e5)]},
        ("WeChat in the United States ends with about as many daily users", "Facebook gains 900,000", "QQ 1"),
        (),
    ),
    "a ripple is in no title": (
        "active_users",
        {"active_users": [((AFTER, US, 0), "*", 0.5), ((AFTER, US, 4), "+", 9e4)]},
        (),
        ("Facebook",),
    ),
    "a fall that has passed is in the title": (
        "active_users",
        {"active_users": [((DAYS, US, 0), "*", 0.1)]},
        ("WeChat in the United States falls to 10 % of its daily users and ends with about as many",),
        (),
    ),
    "zero on a logarithmic axis": (
        "active_users",
        {"active_users": [((AFTER, US, 0), "=", 0.0), ((AFTER, US, 1), "*", 20.0)]},
        ("WeChat 0 %", "WeChat in the United States is left without daily users", "logarithmic; values below 1 %"),
        (),
    ),
    "a change that somebody feels is a gain": (
        "gains",
        {"active_users": [((AFTER, US, 0), "*", 0.99)]},
        ("WeChat in the United States loses",),
        (),
    ),
    "a change below a thousandth of the users is not": (
        "gains",
        {"active_users": [((AFTER, US, 0), "*", 0.9995)]},
        ("Too few to judge",),
        (),
    ),
    "so with moves": ("flows", {"flows": [((US, 0, 3), "=", 2e4)]}, ("took up WhatsApp when they lost",), ()),
    "so with few moves": ("flows", {"flows": [((US, 0, 3), "=", 1e3)]}, ("Too few to judge",), ()),
    "moves are drawn where they are though another state acts": (
        "flows",
        {"flows": [(..., "=", 0.0), ((US, 0, 1), "=", 1e6), ((CN, 0, 1), "=", 4e6)]},
        ("People in the United States who took up",),
        (),
    ),
    "and in both where the state that acts has few": (
        "flows",
        {"flows": [(..., "=", 0.0), ((US, 0, 1), "=", 1e5), ((CN, 0, 1), "=", 4e6)]},
        ("People in the United States and China who took up",),
        (),
    ),
    "a few simulated people have no bar": ("contact_days_by_group", FEW, ("no group is seen to lose days",), ()),
    "a few ties have no area": ("reconnection", FEW, ("Too few to judge",), ()),
    "a few are not nobody": ("contact_by_diaspora", FEW, ("Too few to judge",), ("no effect",)),
    "days are those of the group that loses most": (
        "contact_days_by_group",
        losses({"family:DE<-TR": 5e5, "US<-CN": 3e5}),
        ("Families in Turkey of people in Germany lose 5 million days of contact",),
        (),
    ),
    "also where the diaspora of a family is not the one that loses most": (
        "contact_days_by_group",
        losses({"family:US<-CN": 9e5, "US<-CN": 3e5, "family:DE<-TR": 8e5, "DE<-TR": 5e5}),
        ("Families in China of people in the United States lose 9 million days of contact",),
        (),
    ),
    "who loses touch comes before who gains it": (
        "contact_matrix",
        ties(US_CN=0.98, TR_DE=1.1),
        ("The United States and China lose 2 % of the kin ties between them",),
        (),
    ),
    "also on the map": (
        "contact_map",
        ties(US_CN=0.98, TR_DE=1.1),
        ("20,000 kin ties across borders lose their channel", "all of them between the United States and China"),
        (),
    ),
    "a gain of ties": (
        "contact_matrix",
        ties(TR_DE=1.1),
        ("Turkey and Germany gain a channel for 100,000 kin ties between them, 10 % more",),
        (),
    ),
    "half of the ties is not most of them": ("contact_map", ties(US_CN=0.9, TR_DE=0.9), ("above all between",), ()),
    "most of them is more than half": (
        "contact_map",
        ties(US_CN=0.8, TR_DE=0.9),
        ("300,000 kin ties across borders lose their channel", "most of them between"),
        (),
    ),
    "ties of two of 1,000 simulated people are too few": ("contact_matrix", ties(US_CN=0.998), ("Too few",), ()),
    "also on a map": ("contact_map", ties(US_CN=0.998), ("Too few to judge",), ()),
    "ties of four are not": ("contact_matrix", ties(US_CN=0.996), ("lose 0.4 %",), ()),
    "blocs that part for some days": (
        "blocs",
        {"effective_internets": [(DAYS, "=", 1.9)], "bloc": [((DAYS, CN), "=", 1.0)]},
        ("1.90 internets on 30 September 2020, 1.30 without the policies", "without: likeness 1.30"),
        (),
    ),
    "likeness alone": (
        "blocs",
        {"internets_by_likeness": [(AFTER, "=", 1.5)]},
        ("leave the blocs as they are; by likeness 1.5 internets at the end, 1.3 without",),
        (),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", SAID)
def test_a_chart_says_what_its_arrays_show(what: str) -> None:
    chart, changes, said, unsaid = SAID[what]
    shown = texts(changed(**changes).plot(chart))
    assert [part for part in said if part not in shown] == []
    assert [part for part in unsaid if part in shown] == []


def test_band_of_a_chart_is_ten_to_ninety_percent(result: Result) -> None:
    axes = result.plot("vpn_users").axes[0]
    data = np.array([policy.arrays["vpn_users"][:, 0] for _, policy in result.members])
    line = max((line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 120), key=lambda y: y[-1])
    assert np.allclose(line, np.median(data, axis=0) / 1e6)
    edges = axes.collections[1].get_paths()[0].vertices[:, 1]
    assert edges.max() == pytest.approx(np.quantile(data, 0.9, axis=0).max() / 1e6)


def test_diasporas_have_a_panel_each_on_one_scale(result: Result) -> None:
    members = []
    for baseline, policy in result.members:
        arrays = {name: array.copy() for name, array in policy.arrays.items()}
        lose(arrays, "DE<-TR", 0.3 * arrays["family_contact_lost"][:, GROUPS.index("US<-CN")], REAL["DE<-TR"])
        members.append((baseline, dataclasses.replace(policy, arrays=arrays)))
    figure = Result(result.scenario, members).plot("contact_by_diaspora")
    first, second = (axes for axes in figure.axes if axes.get_title("left"))
    titles = [" ".join(axes.get_title("left").split()) for axes in (first, second)]
    assert [title.partition(" (")[0] for title in titles] == [
        "People from China in the United States", "People from Turkey in Germany",
    ]  # fmt: skip
    assert "(1,000 and 2,000 simulated)" in titles[0]
    assert first.get_ylim() == second.get_ylim()


def test_circle_of_contact_is_as_wide_as_its_ties(result: Result) -> None:
    from splinternet.plots.contact_map import _arcs, _ribbons

    matrix = np.array([[0.0, 30.0, 10.0], [30.0, 0.0, 0.0], [10.0, 0.0, 0.0]])
    arcs = _arcs(matrix.sum(axis=1))
    widths = np.array([abs(stop - start) for start, stop in arcs])
    assert widths / widths.sum() == pytest.approx([0.5, 0.375, 0.125])
    ribbons = {(i, j): (one, two) for i, j, one, two in _ribbons(matrix, arcs)}
    assert set(ribbons) == {(0, 1), (0, 2)}
    for (i, j), (one, two) in ribbons.items():
        assert abs(one[1] - one[0]) == pytest.approx(abs(two[1] - two[0])), "a ribbon is as wide at either end"
        assert abs(one[1] - one[0]) == pytest.approx(widths.sum() * matrix[i, j] / matrix.sum())


def test_every_way_back_has_words_and_a_look_of_its_own(result: Result) -> None:
    """Let an equal number of ties come back by every way there is."""
    back = changed(result, reconnected=[(..., "=", 0.0), ((AFTER, GROUPS.index("US<-CN")), "=", 1e5)])
    # The ties that come back are those that the policies cut.
    for (_, policy), (_, cut) in zip(back.members, result.members, strict=True):
        policy.arrays.update({name: a for name, a in cut.arrays.items() if name != "reconnected"})
    figure = back.plot("reconnection")
    assert all(way in texts(figure) for way in WAYS)
    looks = [(mpl.colors.to_hex(area.get_facecolor()[0]), area.get_hatch()) for area in figure.axes[0].collections]
    assert len({hatch for _, hatch in looks}) == len({colour for colour, _ in looks}) == len(WAYS)
    assert " ".join(headline(back)).count("100,000 ") >= len(WAYS)


def test_a_state_that_moves_more_than_those_that_act_is_drawn_before_them() -> None:
    figure = changed(active_users=[((AFTER, [US, CN], 0), "*", 0.5)]).plot("active_users")
    assert [axes.get_title("left").split(" (")[0] for axes in figure.axes][:2] == ["China", "United States"]


def test_streams_stay_on_the_page_and_hairs_are_left_out() -> None:
    wide: Edits = [((US, 0, 1), "=", 4e6), ((US, 0, slice(2, 9)), "=", 1.2e5), ((US, 4, 9), "=", 1.1e5)]
    figure = changed(flows=[(..., "=", 0.0), *wide, ((US, 5, 7), "=", 10.0)]).plot("flows")
    edges = np.concatenate([path.vertices[:, 1] for area in figure.axes[0].collections for path in area.get_paths()])
    assert edges.min() > -0.001 and edges.max() < 1.001
    assert "the 9 largest of 10 streams" in texts(figure)
    many: Edits = [((US, 0, slice(1, 10)), "=", 1e6), ((US, 4, 9), "=", 2e6), ((US, 4, 8), "=", 1.5e6)]
    figure = changed(flows=[(..., "=", 0.0), *many]).plot("flows")
    said = texts(figure)
    assert "7m of 9m moves" in said and "3.5m moves" in said and "of 3.5m" not in said
    figure.savefig(io.BytesIO(), format="png", dpi=50)
    assert min(text.get_window_extent().x0 for text in figure.axes[0].texts) >= 0, "on the page"


def test_a_picture_does_not_say_how_to_set_a_parameter() -> None:
    noted = toy_result(2, 120)
    noted.info["notes"] = ["This run takes 0.6 (it may be 0.3 to 0.9; set ties.only_channel to see what it does)"]
    shown = texts(noted.plot("family_contact"))
    assert "(it may be 0.3 to 0.9)" in shown and "see what it does" not in shown


def test_the_routes_of_a_state_that_acts_come_first() -> None:
    cut = changed(reachable_pairs=[((AFTER, [TR, DE], [DE, TR]), "=", 0.2)])
    found = reached(cut, 2)
    assert found is not None and found.states == ("TR", "DE"), "though the scenario names others"
    both: Edits = [((AFTER, [TR, DE], [DE, TR]), "*", 1.5), ((AFTER, [US, TR], [TR, US]), "*", 1.2)]
    longer = changed(path_stretch=both)
    for member in longer.members:
        for arm in member:
            arm.real.update(US=1e6, CN=1e6, TR=1e9, DE=1e9)
    told = "routes between the United States and Turkey are 20 % longer, and those between Turkey and Germany 50 %"
    assert told in texts(longer.plot("routes_matrix"))


def test_states_that_keep_together_share_a_row() -> None:
    parted = changed(bloc=[(..., "=", 0.0), ((AFTER, CN), "=", 1.0)], effective_internets=[(AFTER, "+", 0.5)])
    rows = [tick.get_text() for tick in parted.plot("blocs").axes[1].get_yticklabels()]
    assert rows == ["United States and 2 more", "China"]


@pytest.mark.parametrize(("far", "drawn"), [(0.004, False), (0.3, True)])
def test_blocs_that_no_line_and_no_strip_shows_to_move_are_not_drawn(far: float, drawn: bool) -> None:
    assert plots.draw(changed(internets_by_likeness=[(..., "+", far)]), "blocs").shows_nothing is not drawn


# --- members that differ ----------------------------------------------------------------------------------------------


def contact_lost(shares: dict[str, tuple[float, ...]]) -> Result:
    """Return a result in which groups lose contact on ten days: group -> share of it in each of two members."""
    members = []
    for m, (baseline, _) in enumerate((result := toy_result(2, 120)).members):
        arrays = {name: array.copy() for name, array in baseline.arrays.items()}
        for group, share in shares.items():
            lost = np.zeros(len(result.dates))
            lost[DAYS] = share[m]
            lose(arrays, group, lost, REAL[group])
        members.append((baseline, dataclasses.replace(baseline, arm="policy", arrays=arrays)))
    return Result(result.scenario, members, dict(result.info))


def test_lines_are_the_worst_so_far_and_the_mean_of_a_week() -> None:
    axes = contact_lost({"US<-CN": (0.12, 0.12)}).plot("family_contact").axes[0]
    ever, week, month, mean = (
        next(line.get_ydata() for line in axes.lines if line.get_color() == colour and len(line.get_ydata()) > 1)
        for colour in (VERMILLION, ORANGE, INK, BLUE)
    )
    assert ever.tolist() == pytest.approx([0.0] * 60 + [12.0] * 60)
    assert week.tolist() == pytest.approx([0.0] * 66 + [12.0] * 54), "from the seventh day on"
    assert not month.any(), "ten days are no month"
    rising = [12 * n / 7 for n in range(1, 7)]
    assert mean[59:77] == pytest.approx([0.0, *rising, 12, 12, 12, 12, *reversed(rising), 0.0])
    assert np.isnan(mean[:6]).all() and mean[6] == 0.0


@pytest.mark.parametrize(
    ("shares", "chart", "said", "is_said"),
    [
        ({"US<-CN": (0.12, 0.12), "DE<-TR": (0.17, 0.17)}, "family_contact", "the share may be larger in a", True),
        ({"US<-CN": (0.2, 0.2), "DE<-TR": (0.2, 0.2)}, "family_contact", "the share may be larger in a", False),
        ({"US<-CN": (0.0, 0.24)}, "family_contact", "24 % in 1 of 2 members, nobody in the other", True),
        ({"US<-CN": (0.001, 0.24)}, "family_contact", "24 % in 1 of 2 members, hardly anybody in the other", True),
        ({"US<-CN": (0.02, 0.24)}, "family_contact", "in the other", False),
        ({"US<-CN": (1.0, 1.0), "DE<-TR": (1.0, 1.0)}, "contact_by_diaspora", "100 % of each at some time", True),
        ({"US<-CN": (0.9, 0.9)}, "reconnection", "No tie came back: those that were cut stay cut", True),
        ({"US<-CN": (0.9, 0.9)}, "reconnection", "no effect", False),
    ],
)
def test_groups_and_members_that_differ(
    shares: dict[str, tuple[float, ...]], chart: str, said: str, is_said: bool
) -> None:
    lost = contact_lost(shares)
    for _, policy in lost.members:
        policy.arrays["reconnected"][:] = 0.0
    assert (said in texts(lost.plot(chart))) == is_said


def test_half_of_the_members_are_set_apart() -> None:
    assert split(np.array([0.0, 0.0, 3.0, 5.0])) == (2, 4.0)
    assert split(np.array([0.0, 4.0, 5.0, 6.0])) == (3, 5.0)
    assert split(np.array([0.0, 4.0, 4.0, 4.0, 4.0])) is None
    assert split(np.array([0.001, -4.0])) == (1, -4.0)
    assert split(np.zeros(4)) is None


@pytest.mark.parametrize(
    ("chart", "said", "changes"),
    [
        ("vpn_users", "In 1 of 2 members", {"vpn_users": [((AFTER, US), "*", 0.5)]}),
        ("gains", "In 1 of 2 members", {"active_users": [((AFTER, US, 0), "*", 0.5)]}),
        ("active_users", "(30 % in 1 of 2 members", {"active_users": [((AFTER, US, 0), "*", 0.3)]}),
        ("contact_matrix", "In 1 of 2 members", {"cross_border_contact": [((AFTER, [US, CN], [CN, US]), "*", 0.5)]}),
        ("contact_map", "In 1 of 2 members", {"cross_border_contact": [((AFTER, [US, CN], [CN, US]), "*", 0.5)]}),
        ("routes_matrix", "In 1 of 2 members", {"reachable_pairs": [((AFTER, US, CN), "*", 0.5)]}),
    ],
)
def test_a_chart_says_that_its_finding_is_one_of_some_members(chart: str, said: str, changes: dict[str, Any]) -> None:
    both = changed(**changes)
    assert said not in texts(both.plot(chart))
    kept = both.members[0][0]
    some = Result(both.scenario, [(kept, dataclasses.replace(kept, arm="policy")), both.members[1]])
    assert said in texts(some.plot(chart))


def test_the_first_day_is_named_where_it_is_another_worlds() -> None:
    walled = changed(active_users=[((..., US, 0), "*", 0.1)])
    for (_, policy), level in ((member, 2e5) for member in walled.members):
        policy.arrays["active_users"][:, US, 0] = level
    for baseline, _ in walled.members:
        baseline.arrays["active_users"][:, US, 0] = 2e6
    said = texts(walled.plot("active_users"))
    assert "ends with 10 % of the daily users it has without the policies" in said
    assert "[% of the first day without the policies]" in said
    later = changed(active_users=[((AFTER, US, 0), "*", 0.1)])
    assert "first day without" not in texts(later.plot("active_users"))


def test_a_platform_looks_the_same_in_every_panel() -> None:
    falls: Edits = [((AFTER, US, 1), "*", 0.2), ((AFTER, US, 0), "*", 0.5), ((AFTER, CN, 0), "*", 0.4)]
    figure = changed(active_users=[*falls, ((AFTER, CN, 8), "*", 0.3)]).plot("active_users")
    colours: dict[str, set[str]] = {}
    for text in (text for axes in figure.axes[:2] for text in axes.texts):
        colours.setdefault(text.get_text().split(" ")[0], set()).add(text.get_color())
    assert len(colours["WeChat"]) == 1
    assert colours["iMessage"].isdisjoint(colours["WeChat"] | colours["QQ"])


def test_a_small_change_of_ties_is_pale() -> None:
    images = [changed(**ties(US_CN=share)).plot("contact_matrix").axes[2].images[0] for share in (0.98, 0.5)]
    pale, dark = (image.cmap(image.norm(value))[:3] for image, value in zip(images, (-2.0, -50.0), strict=True))
    assert grey(pale) > 2 * grey(dark)


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
    assert sorted(diamonds(marked, "observed")) == pytest.approx([5.0, 77.0, 700.0])
    then = float(np.median([b.arrays["active_users"][at, 0, 0] for b, _ in result.members]))
    assert any(y == pytest.approx(77.0 * then / first) for y in diamonds(marked, "active_users")), "as the lines are"
    assert not diamonds(result, "active_users")
    inside = sum(figure.is_inside for figure in (kept, gained))
    assert f"{inside} of 3 observed figures" in texts(plots.draw(marked, "observed"))


def diamonds(result: Result, chart: str) -> list[float]:
    """Return where the marks of what was observed stand."""
    lines = [line for axes in plots.draw(result, chart).axes for line in axes.get_lines()]
    return [float(line.get_ydata()[0]) for line in lines if line.get_marker() == "D"]
