"""Charts: each is drawn for every kind of run, in every place and size, and says what the rows
hold.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from conftest import charts_in_run_folders
from drawn_boxes import misplaced
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image
from toy_results import (
    GROUPS,
    PLATFORMS,
    POLICY,
    STAY,
    decided_by_states,
    toy_pair,
    toy_result,
    toy_scenario,
)

import splinternet as sn
from splinternet import plots
from splinternet.app.report import _LETTERS, _PICTURE
from splinternet.core.program import program_stamp
from splinternet.errors import InputError
from splinternet.metrics.registry import WAYS
from splinternet.plots import marks
from splinternet.plots.contact import lost_groups
from splinternet.plots.marks import Curve, surely_most
from splinternet.plots.over_time import Panel
from splinternet.plots.page import (
    GREY,
    MOST_WORDS,
    PALE,
    READABLE,
    TITLES,
    contrast,
    forms,
    title,
)
from splinternet.plots.use import changed_use
from splinternet.results import Result
from splinternet.scenario.schema import Observed
from splinternet.text.finding_sentences import short_figure
from splinternet.text.findings import find

CHARTS = sorted(plots.charts())
WIDE = ("atlas", "card", "decisions", "overview")
"""Charts that need more room than a journal column, or a figure of their own."""
EVERY_SECOND = [
    {
        "id": f"block-{i}",
        "by": ["TR", "US"],
        "instrument": "block",
        "technique": "dns",
        "on": f"2020-08-1{i}",
        "until": f"2020-10-1{i}",
        "targets": ["Twitter", "Facebook", "WhatsApp", "Telegram"][: 1 + i % 4],
    }
    for i in range(8)
]
CASES = {
    "one day, one member": lambda: toy_result(1, 1, start=-30),
    "no effect": lambda: toy_result(3, 30, effect=0.0),
    "many policies": lambda: toy_result(
        1, 180, policies=[POLICY, STAY, *EVERY_SECOND], status="hindcast"
    ),
}
WITHOUT = ("no effect",)


@pytest.fixture(scope="module", params=list(CASES))
def case(request: pytest.FixtureRequest) -> tuple[str, Result]:
    made = CASES[request.param]()
    if request.param not in WITHOUT:
        made.members = decided_by_states(made.members, made.dates)
    return request.param, made


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(5, 120)


@pytest.fixture(scope="module")
def stayed() -> Result:
    return toy_result(2, 180, stayed=True)


def texts(figure: Any) -> str:
    """Return everything that a figure says, line breaks as spaces."""
    return " ".join(
        " ".join(item.get_text().split()) for item in figure.findobj(Text) if item.get_visible()
    )


def png(result: Result, name: str) -> bytes:
    stream = io.BytesIO()
    plots.write_figure(plots.draw(result, name), stream, "png", result)
    return stream.getvalue()


@pytest.mark.parametrize("name", [*CHARTS, "consumer_surplus_lost", "conversations_lost"])
def test_chart_is_drawn_on_its_page_for_every_kind_of_run(
    case: tuple[str, Result], name: str
) -> None:
    kind, result = case
    figure = plots.draw(result, name)
    said = texts(figure)
    assert 3 <= len(figure.title.split()) <= MOST_WORDS, "its title is a finding, and short"
    for part in (str(result.scenario.status).upper(), result.run_id, result.version):
        assert part in said
    if name in CHARTS and name != "observed":
        mixed = ("firm_gains", "vpn_users", "gains", "flows", "users_under_limit")
        assert figure.shows_nothing == (kind in WITHOUT) or name in mixed
        assert figure.shows_nothing or kind not in WITHOUT, "a chart of what did not change"
    assert "nan" not in said.lower().split()
    assert "<-" not in said and "Turkey in the United States" not in said, (
        "names, and never of 20 simulated people"
    )
    inks = {
        mpl.colors.to_hex(text.get_color())
        for text in figure.findobj(Text)
        if text.get_text().strip()
    }
    assert all(contrast(ink, "#ffffff") >= READABLE for ink in inks - {"#ffffff"}), (
        "WCAG 2.2, level AA"
    )
    assert misplaced(figure) == []


# --- sizes and places -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in CHARTS if name not in WIDE])
def test_a_chart_fits_into_a_column_of_a_journal(result: Result, name: str) -> None:
    figure = result.plot(name, figsize=(3.4, 2.6))
    assert misplaced(figure) == []
    assert tuple(figure.get_size_inches()) == (3.4, 2.6)
    assert max(text.get_fontsize() for text in figure.findobj(Text)) < 11


def test_four_charts_in_one_figure_keep_to_their_panels(result: Result) -> None:
    figure = Figure(figsize=(7.0, 5.4), layout="constrained")
    names = ("family_contact", "contact_days_by_group", "gains", "reconnection")
    for axes, name in zip(figure.subplots(2, 2).ravel(), names, strict=True):
        assert result.plot(name, ax=axes) is axes
        assert axes.get_title("left").replace("\n", " ") == plots.draw(result, name).title, (
            "the chart that was named"
        )
        assert axes.xaxis.label.get_fontsize() < 8
    assert misplaced(figure) == []


def test_a_chart_of_several_panels_takes_a_part_of_a_figure_and_no_axes(result: Result) -> None:
    figure = Figure(figsize=(9.0, 5.0), layout="constrained")
    left, right = figure.subfigures(1, 2)
    with pytest.raises(
        InputError, match=r"'overview' has several panels .* SubFigure .*subfigures"
    ):
        result.plot(ax=right.subplots())
    right.clear()
    assert (
        result.plot("atlas", ax=left) is left and result.plot("active_users", figure=right) is right
    )
    figure.draw_without_rendering()
    titles = [part._suptitle for side in (left, right) for part in side.subfigs]  # type: ignore[attr-defined]
    assert [text.get_text() for text in titles] == [
        result.plot(name).title for name in ("atlas", "active_users")
    ]
    assert all(
        text.get_window_extent().x1 <= side.bbox.x1 + 1
        for text, side in zip(titles, (left, right), strict=True)
    )


def test_a_chart_that_is_of_no_cell_refuses_one(result: Result) -> None:
    with pytest.raises(InputError, match="'atlas' does not show a single group"):
        result.plot("atlas", group="US<-CN")
    axes = Figure().subplots()
    assert (
        result.plot(
            "family_contact", ax=axes, group="US<-CN", dates=slice("2020-09-01", "2020-10-01")
        )
        is axes
    )
    assert axes.get_title("left").replace("\n", " ") == "People from China in the United States"
    assert axes.get_xlim() == (18506.0, 18536.0)


def test_the_answer_is_four_panels_and_a_card(result: Result, tmp_path: Path) -> None:
    said = texts(result.plot())
    for name in ("family_contact", "active_users", "reconnection"):
        assert plots.draw(result, name).title in said
    assert result.plot().caption.subtitle == result.scenario.title
    with Image.open(result.card(tmp_path / "card.png")) as picture:
        assert picture.size == (1200, 675)
    card = plots.draw(result, "card")
    shown = plots.draw(result, "family_contact")
    assert shown.caption.number in texts(card) and shown.caption.interval in texts(card)
    assert card.title == shown.title


def test_what_does_not_change_is_named_and_not_drawn() -> None:
    quiet = CASES["no effect"]()
    figure = quiet.plot()
    assert figure.shows_nothing and figure.title == "The policies change nothing that is measured"
    assert "No effect: no platform gains or loses users" in texts(figure)


# --- words ----------------------------------------------------------------------------------------


def test_titles_are_short_and_conditional_where_nothing_happened(result: Result) -> None:
    happened = toy_result(2, 120, status="hindcast")
    for name in TITLES:
        parts = dict.fromkeys(
            set(re.findall(r"{(\w+)", " ".join(forms(name)))) - {"v", "s", "n"}, "X"
        )
        if re.search(r"{[vs]:", forms(name)[0]):
            assert "would" in title(name, result, **parts) and "would" not in title(
                name, happened, **parts
            )
        assert len(title(name, result, **parts).split()) <= MOST_WORDS
        assert len(re.findall(r"{(?:number|share|inside)}", forms(name)[-1])) <= 2
    assert title("vpn_users", result, number="5", more="more", where="the United States") == (
        "5 more people in the US would use a VPN"
    )
    for count, noun in (("1", "policy"), ("3", "policies")):
        assert (
            title("decisions", result, number=count)
            == f"Countries would adopt {count} {noun} of their own"
        )


@pytest.mark.parametrize(
    ("chart", "metric"),
    [("vpn_users", "vpn_users"), ("gains", "active_users"), ("active_users", "active_users")],
)
def test_an_effect_whose_interval_includes_zero_is_neither_title_nor_picture(
    chart: str, metric: str
) -> None:
    """Let half of the members gain and the other half lose."""
    result, members = toy_result(4, 120), []
    for at, (baseline, _) in enumerate(result.members):
        users = baseline.arrays[metric].copy()
        users[60:, 0] *= 1.3 if at % 2 else 0.8
        members.append(
            (
                baseline,
                dataclasses.replace(
                    baseline, arm="policy", arrays=baseline.arrays | {metric: users}
                ),
            )
        )
    figure = Result(result.scenario, members, dict(result.info)).plot(chart)
    assert figure.shows_nothing and figure.title.startswith("No clear effect")
    assert not [line for axes in figure.axes for line in axes.lines]


def test_a_platform_whose_gain_spans_tenfold_is_drawn_and_not_named_in_the_title() -> None:
    """Let WhatsApp gain 1, 2, 40 and 60 % in four members, and nothing else move."""
    result, members = toy_result(4, 120), []
    for more, (baseline, _) in zip((0.01, 0.02, 0.4, 0.6), result.members, strict=True):
        users = baseline.arrays["active_users"].copy()
        users[60:, 0, baseline.axes.platforms.index("WhatsApp")] *= 1.0 + more
        arrays = baseline.arrays | {"active_users": users}
        members.append((baseline, dataclasses.replace(baseline, arm="policy", arrays=arrays)))
    figure = Result(result.scenario, members, dict(result.info)).plot("gains")
    assert "WhatsApp" in texts(figure)
    assert figure.title == "One platform in the US would gain daily users"


def test_where_one_surely_loses_and_nobody_surely_gains_those_who_may_are_pale_and_not_in_the_title() -> (
    None
):
    """Let WeChat lose a half in all members, and WhatsApp gain in three of four."""
    result, members = toy_result(4, 120), []
    for more, (baseline, _) in zip((-0.1, 0.2, 0.4, 0.6), result.members, strict=True):
        users = baseline.arrays["active_users"].copy()
        users[60:, 0, baseline.axes.platforms.index("WhatsApp")] *= 1.0 + more
        users[60:, 0, baseline.axes.platforms.index("WeChat")] *= 0.5
        arrays = baseline.arrays | {"active_users": users}
        members.append((baseline, dataclasses.replace(baseline, arm="policy", arrays=arrays)))
    figure = Result(result.scenario, members, dict(result.info)).plot("gains")
    assert (
        "WhatsApp" in texts(figure) and "WeChat" in figure.title and "WhatsApp" not in figure.title
    )
    assert "no clear gain" in figure.caption.notes
    colours = {
        bar.get_facecolor() for axes in figure.axes for bar in axes.patches if bar.get_width() > 0
    }
    assert colours == {to_rgba(PALE)}


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ("family_contact_ever_lost", "family_contact"),
        (None, "overview"),
        ("cross_border_contact", "contact_map"),
        ("contact_matrix", "contact_map"),
        ("contact_by_diaspora", "contact_days_by_group"),
    ],
)
def test_a_metric_and_an_old_name_mean_a_chart(
    result: Result, asked: str | None, drawn: str
) -> None:
    assert texts(result.plot(asked or "")) == texts(result.plot(drawn))


def test_an_unknown_chart_or_kind_of_file_is_refused(result: Result, tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"no chart 'famly_contact'.*did you mean 'family_contact'"
    ):
        result.plot("famly_contact")
    with pytest.raises(InputError, match=r"chart\.bmp.*\.png, \.svg, \.pdf"):
        plots.save_figure(result.plot("vpn_users"), tmp_path / "chart.bmp", result)
    with pytest.raises(InputError, match=r"'gains' has no animation.*atlas"):
        result.animate("gains", tmp_path / "chart.gif")
    with pytest.raises(InputError, match=r"did you mean 'family_contact'"):
        result.animate("family_contct", tmp_path / "chart.gif")
    with pytest.raises(InputError, match=r"moves\.mp4.*\.gif"):
        result.animate("atlas", tmp_path / "moves.mp4")
    assert not list(tmp_path.iterdir())


# --- files ----------------------------------------------------------------------------------------


def test_only_what_was_measured_is_drawn(tmp_path: Path) -> None:
    baseline, policy = (
        dataclasses.replace(a, arrays={"vpn_users": a.arrays["vpn_users"]}) for a in toy_pair(1, 70)
    )
    some = Result(toy_scenario(70), [(baseline, policy)])
    with pytest.raises(InputError, match="add it to `measure:`"):
        some.plot("family_contact")
    assert some.plot().title == some.plot("vpn_users").title
    with charts_in_run_folders():
        assert {path.name for path in some.save_figures(tmp_path)} == {"overview.png", "card.png"}


def test_pictures_say_where_they_come_from_and_are_the_same_each_time(
    result: Result, tmp_path: Path
) -> None:
    before = png(result, "vpn_users")
    found = Image.open(io.BytesIO(before)).info
    assert result.scenario.digest in found["Source"] and result.run_id in found["Source"]
    assert found["Software"] == program_stamp(result.version, result.commit)
    assert "projection" in found["Title"]
    with mpl.rc_context(
        {"font.size": 20, "axes.facecolor": "black", "savefig.dpi": 40, "hatch.linewidth": 9}
    ):
        kept = dict(mpl.rcParams)
        assert png(result, "vpn_users") == before, "whatever style the user has"
        assert dict(mpl.rcParams) == kept
    figure = result.plot("vpn_users")
    assert figure._repr_png_() == (before, {"alt": figure.title}), "a notebook shows the same"
    for name in ("one.svg", "two.svg", "one.pdf", "two.pdf"):
        plots.save_figure(result.plot("vpn_users"), tmp_path / "new" / name, result)
    one, two = (
        (tmp_path / "new" / name).read_text(encoding="utf-8") for name in ("one.svg", "two.svg")
    )
    assert one == two
    for part in (
        result.run_id,
        result.scenario.digest,
        f"splinternet {result.version}",
        "(projection)",
    ):
        assert part in one
    assert "<text" not in one, "letters are outlines: the same on any machine"
    pdf = (tmp_path / "new" / "one.pdf").read_bytes()
    assert (
        pdf == (tmp_path / "new" / "two.pdf").read_bytes()
        and pdf.startswith(b"%PDF")
        and result.run_id.encode() in pdf
    )


def test_a_chart_of_the_users_own_is_saved_whole(result: Result) -> None:
    figure = Figure(figsize=(3.0, 2.0))
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))  # its labels stand outside of the figure
    axes.plot([1, 2])
    axes.set_ylabel("a label")
    stream = io.BytesIO()
    plots.write_figure(figure, stream, "png", result)
    assert Image.open(stream).size[0] > 3.0 * 150 + 20


def grey(colour: Any) -> float:
    """Return how light a colour is in print: relative luminance, 0 black to 1 white."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in mpl.colors.to_rgb(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", ["active_users", "family_contact", "vpn_users"])
def test_lines_can_be_distinguished_in_grey(result: Result, name: str) -> None:
    """Any two lines over all days in one panel differ clearly in lightness, dashes or width."""
    for axes in result.plot(name).axes:
        # What is without the policies is grey and dotted for all: it is one thing.
        lines = [
            line
            for line in axes.lines
            if len(line.get_ydata()) == len(result.dates) and line.get_color() != GREY
        ]
        looks = [
            (grey(line.get_color()), str(line._dash_pattern), round(line.get_linewidth(), 1))
            for line in lines
        ]
        for one, two in combinations(looks, 2):
            assert abs(one[0] - two[0]) > 0.05 or one[1:] != two[1:]


# --- policies and decisions in time ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["family_contact", "vpn_users"])
def test_policies_stand_under_a_single_chart_over_time(stayed: Result, name: str) -> None:
    figure = stayed.plot(name)
    figure.draw_without_rendering()
    assert (
        "announced 6 Aug; in force from 20 Sep; stayed from 19 Nov; in force from 19 Dec"
        in texts(figure)
    )
    *panels, timeline = sorted(
        (a for a in figure.axes if a.get_visible()), key=lambda a: -a.get_window_extent().y0
    )
    bars = [patch for patch in timeline.patches if patch.get_width() > 1]
    assert [bar.get_width() for bar in bars] == [60, 30, 40], (
        "in force, stayed, in force again [days]"
    )
    assert timeline.get_window_extent().y1 <= min(axes.get_window_extent().y0 for axes in panels)
    assert timeline.get_xlim() == panels[0].get_xlim()


def test_what_states_decide_stands_under_the_charts() -> None:
    decided = toy_result(4, 120)
    assert "Countries by themselves" not in texts(decided.plot("family_contact"))
    decided.members = decided_by_states(decided.members, decided.dates)
    figure = decided.plot("family_contact")
    assert "Countries by themselves: 3 (2 to 4) decisions" in texts(figure)
    marks = next(
        line for axes in figure.axes for line in axes.get_lines() if line.get_marker() == "|"
    )
    assert len(marks.get_xdata()) == sum(len(policy.decisions) for _, policy in decided.members)


# --- what is drawn --------------------------------------------------------------------------------

US, CN, TR, DE = range(4)
AFTER, DAYS = slice(60, None), slice(60, 70)
Edits = list[tuple[Any, str, float]]


def edited(array: np.ndarray, edits: Edits) -> np.ndarray:
    """Return a copy in which values at some places are set, multiplied or raised."""
    array = array.copy()
    for at, how, value in edits:
        array[at] = {"=": value, "*": array[at] * value, "+": array[at] + value}[how]
    return array


def changed(
    result: Result | None = None, *, before: dict[str, float] | None = None, **changes: Edits
) -> Result:
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
        arrays = baseline.arrays | {
            m: np.full_like(baseline.arrays[m], v) for m, v in (before or {}).items()
        }
        other = {metric: edited(arrays[metric], edits) for metric, edits in changes.items()}
        both = (
            dataclasses.replace(baseline, arm=arm, arrays=a)
            for arm, a in (("b", arrays), ("p", arrays | other))
        )
        base, policy = both
        members.append(
            (dataclasses.replace(base, arm="baseline"), dataclasses.replace(policy, arm="policy"))
        )
    return Result(result.scenario, members, dict(result.info))


def ties(**after: float) -> dict[str, Any]:
    """Return the changes after which pairs of states have other ties on ten days: ``US_CN=0.9`` of
    a million.
    """
    places = {
        pair: [(US, CN, TR, DE)[("US", "CN", "TR", "DE").index(code)] for code in pair.split("_")]
        for pair in after
    }
    edits = [
        ((DAYS, *at), "*", after[pair])
        for pair, (i, j) in places.items()
        for at in ((i, j), (j, i))
    ]
    return {"before": {"cross_border_contact": 1e6}, "cross_border_contact": edits}


FEW = {
    "family_contact_lost_people": [
        ((DAYS, GROUPS.index("DE<-TR")), "=", 2_000.0)
    ],  # of 1.5 simulated people
    "contact_days_lost": [((DAYS, GROUPS.index("DE<-TR")), "=", 2_000.0)],
    "reconnected": [((AFTER, GROUPS.index("DE<-TR"), 0), "=", 2_000.0)],
}
SAID: dict[str, tuple[str, dict[str, Any], tuple[str, ...], tuple[str, ...]]] = {
    "a ripple is in no title": (
        "active_users",
        {"active_users": [((AFTER, US, 0), "*", 0.5), ((AFTER, US, 4), "+", 9e4)]},
        ("WeChat would lose 50 % of its users at worst",),
        ("Facebook",),
    ),
    "a change below a thousandth of the users is none": (
        "gains",
        {"active_users": [((AFTER, US, 0), "*", 0.9995)]},
        ("Too few to judge",),
        (),
    ),
    "so with moves": (
        "flows",
        {"flows": [((US, 0, 3), "=", 2e4)]},
        ("20,000 people would turn from",),
        (),
    ),
    "so with few moves": ("flows", {"flows": [((US, 0, 3), "=", 1e3)]}, ("Too few to judge",), ()),
    "moves are drawn where they are though another state acts": (
        "flows",
        {"flows": [(..., "=", 0.0), ((US, 0, 1), "=", 1e6), ((CN, 0, 1), "=", 4e6)]},
        ("People in the United States who took it up",),
        (),
    ),
    "two simulated people are no finding": ("family_contact", FEW, ("Too few to judge",), ()),
    "nor are two ties that came back": ("reconnection", FEW, ("Too few to judge",), ()),
    "a pair of countries that loses ties": (
        "contact_map",
        ties(US_CN=0.8, TR_DE=0.9),
        (
            "The US and China would lose 20 % of their family ties",
            "200,000 of 1 million",
            "Turkey and Germany",
        ),
        ("US~CN",),
    ),
    "ties of two of 1,000 simulated people are too few": (
        "contact_map",
        ties(US_CN=0.998),
        ("Too few",),
        (),
    ),
    "ties of four are not": ("contact_map", ties(US_CN=0.996), ("would lose 0.4 %",), ()),
}


@pytest.mark.parametrize("what", SAID)
def test_a_chart_says_what_its_arrays_show(what: str) -> None:
    chart, changes, said, unsaid = SAID[what]
    shown = texts(changed(**changes).plot(chart))
    assert [part for part in said if part not in shown] == []
    assert [part for part in unsaid if part in shown] == []


@pytest.mark.parametrize("name", ["active_users", "family_contact", "vpn_users"])
def test_bands_lie_inside_axes_and_begin_with_the_policy(result: Result, name: str) -> None:
    in_force = (dt.date(2020, 9, 20) - dt.date(1970, 1, 1)).days
    bands = [(axes, area) for axes in result.plot(name).axes for area in axes.collections]
    assert bands
    for axes, area in bands:
        low, high = axes.get_ylim()
        for path in area.get_paths():
            x, y = path.vertices[:, 0], path.vertices[:, 1]
            assert x.min() >= in_force, "no interval of an effect before its cause"
            assert low - 1e-9 <= y.min() and y.max() <= high * (1 + 1e-9)


def test_the_band_of_a_level_is_that_of_the_effect(result: Result) -> None:
    """What members differ in without the policies is not in it: on the first day it is as narrow as
    the effect.
    """
    cell = marks.find(result, "active_users", state="US", platform="WeChat")
    assert cell is not None
    drawn, (row,) = (
        marks.curve(result, cell),
        [row for row in changed_use(result) if row["platform"] == "WeChat"],
    )
    ends = [float(row["baseline"]) + float(row[key]) for key in ("low", "effect", "high")]  # type: ignore[arg-type]
    assert drawn.given[:, -1] == pytest.approx(ends, rel=1e-6)
    start = (dt.date(2020, 9, 20) - dt.date(2020, 8, 1)).days
    assert np.ptp(drawn.given[:, start]) < 0.1 * np.ptp(drawn.given[:, -1])


def test_no_band_shows_fewer_people_than_none() -> None:
    people = marks.Curve(
        None, np.full(3, 10.0), np.full(3, -25.0), np.full(3, -5.0), np.full(3, 1.0)
    )  # type: ignore[arg-type]
    assert people.given[:, 0].tolist() == [0.0, 5.0, 11.0]
    balance = marks.Curve(
        None, np.full(3, -1.0), np.full(3, -25.0), np.full(3, -5.0), np.full(3, 1.0)
    )  # type: ignore[arg-type]
    assert balance.given[0, 0] == -26.0, "what can be negative stays"


def test_small_panels_are_of_what_changes_each_on_its_own_scale(result: Result) -> None:
    moved = changed(
        active_users=[
            ((AFTER, US, 0), "*", 0.5),
            ((AFTER, US, 1), "*", 3.0),
            ((AFTER, US, 4), "*", 1.02),
        ]
    )
    panels = [axes for axes in moved.plot("active_users").axes if axes.get_title("left")]
    assert {axes.get_title("left") for axes in panels} == {"WeChat", "QQ"}, (
        "not Facebook, by a fiftieth"
    )
    tops = {axes.get_title("left"): axes.get_ylim()[1] for axes in panels}
    assert tops["WeChat"] > 1.5 and tops["QQ"] > 50, "millions and thousands"
    assert "Facebook" in moved.plot("active_users").caption.notes
    one = Panel("x", Curve(None, *[np.zeros(120)] * 4))  # type: ignore[arg-type]
    assert one.shown.size == 0 and not one.shown.is_sure


def test_every_way_back_has_words_and_a_look_of_its_own(result: Result) -> None:
    """Let an equal number of ties come back by every way there is."""
    back = changed(
        result, reconnected=[(..., "=", 0.0), ((AFTER, GROUPS.index("US<-CN")), "=", 1e5)]
    )
    # The ties that come back are those that the policies cut.
    for (_, policy), (_, cut) in zip(back.members, result.members, strict=True):
        policy.arrays.update({name: a for name, a in cut.arrays.items() if name != "reconnected"})
    figure = back.plot("reconnection")
    looks = [
        (mpl.colors.to_hex(area.get_facecolor()[0]), area.get_hatch())
        for area in figure.axes[0].collections
    ]
    assert len({hatch for _, hatch in looks}) == len({colour for colour, _ in looks}) == len(WAYS)
    assert figure.title.startswith("25 % of returning ties would use")
    assert all(
        way in texts(figure)
        for way in ("a VPN", "another app", "the app that is back", "a bridge between apps")
    )


# --- members that differ --------------------------------------------------------------------------


def test_what_was_observed_stands_on_the_lines() -> None:
    result = toy_result(3, 120, status="hindcast")
    seen = {"metric": "active_users", "state": "US", "tolerance": 0.1}
    rows = [
        seen | {"platform": "WeChat", "date": "2020-10-20", "value": 0.77},
        seen | {"platform": "WeChat", "date": "2020-11-20", "value": 7.0},
        seen
        | {
            "platform": "Signal",
            "date": "2020-11-20",
            "value": 0.05,
            "kind": "gained",
            "of": "WeChat",
        },
        seen | {"platform": "WeChat", "date": "2030-11-20", "value": 0.5},
    ]
    spec = result.scenario.model_copy(
        update={"observed": tuple(map(Observed.model_validate, rows))}
    )
    marked = Result(spec, result.members)
    _, _, gained, late = marked.observed
    assert late.why
    first = float(np.median([b.arrays["active_users"][0, 0, 0] for b, _ in result.members]))
    signal = float(np.median([b.arrays["active_users"][-9, 0, 5] for b, _ in result.members]))
    assert gained.level == pytest.approx(signal + 0.05 * first, rel=0.02)
    assert sorted(diamonds(marked, "observed")) == pytest.approx([5.0, 77.0, 700.0])
    at = (dt.date(2020, 10, 20) - dt.date(2020, 8, 1)).days
    then = float(np.median([b.arrays["active_users"][at, 0, 0] for b, _ in result.members]))
    assert any(y == pytest.approx(0.77 * then / 1e6) for y in diamonds(marked, "active_users")), (
        "as the lines are"
    )
    assert not diamonds(result, "active_users")
    inside = sum(not figure.is_missed for figure in marked.observed if not figure.why)
    assert (
        plots.draw(marked, "observed").title
        == f"{inside} of 3 observed figures lie inside the 80 % interval"
    )


def diamonds(result: Result, chart: str) -> list[float]:
    """Return where the marks of what was observed stand."""
    lines = [line for axes in plots.draw(result, chart).axes for line in axes.get_lines()]
    return [float(line.get_ydata()[0]) for line in lines if line.get_marker() == "D"]


# --- several runs ---------------------------------------------------------------------------------


def test_runs_over_each_other_carry_status_source_and_words(result: Result) -> None:
    other = toy_result(2, 120, status="hindcast")
    figure = plots.draw_cell(
        [result, other], "family_contact", dict.fromkeys(("group", "state", "platform"), "")
    )
    said = texts(figure)
    assert "PROJECTION / HINDCAST" in said and result.run_id in said and "80 % interval" in said
    assert "_" not in figure.title and misplaced(figure) == []


def test_a_winner_is_named_only_where_it_surely_gains_most() -> None:
    """In each member another platform gains most; then the first one does in all of them."""
    near = [np.array([3.0, 1.0, 2.0]), np.array([1.0, 3.0, 2.0])]
    assert not surely_most(near)
    assert surely_most([near[0] + 4.0, near[1]]) and surely_most([-near[0] - 4.0, -near[1]])
    assert surely_most(near[:1])


def test_the_chart_of_contact_shows_the_group_of_the_first_finding(result: Result) -> None:
    assert lost_groups(result)[0] == next(
        one.group for one in find(result) if one.kind == "contact"
    )


def test_small_panels_of_a_report_are_never_flat_and_show_the_days_in_force() -> None:
    moved = changed(active_users=[((AFTER, US, at), "*", 0.5) for at in range(4)])
    figure = plots.draw(moved, "active_users", figsize=_PICTURE, letters=_LETTERS)
    figure.draw_without_rendering()
    panels = [axes for axes in figure.axes if axes.get_visible() and axes.lines]
    assert len(panels) == 3
    for axes in panels:
        box = axes.get_window_extent()
        assert box.height * 100 / figure.dpi >= 60, "a panel of fewer pixels is no chart"
        assert axes.patches, "the days in force, in grey"
    assert "grey: in force" in " ".join(each.get_text() for each in figure.findobj(Text))


def test_letters_of_the_first_picture_can_be_read_on_a_phone(result: Result) -> None:
    """A phone shows it 363 pixels wide; the source alone may be smaller."""
    figure = plots.draw(result, plots.main_chart(result), figsize=_PICTURE, letters=_LETTERS)
    figure.draw_without_rendering()
    shrunk = 363 / (figure.get_size_inches()[0] * 96)
    source = figure._supxlabel.get_text()
    small = {
        text.get_text(): text.get_fontsize() * 96 / 72 * shrunk
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() not in {"", source}
    }
    in_time = [text for text in small if "in force from" in text]  # beside bars, in the chart
    assert min(size for text, size in small.items() if text not in in_time) >= 11
    assert all(small[text] >= 9 for text in in_time)


def test_the_label_of_an_order_ends_inside_the_first_picture() -> None:
    order = POLICY | {"id": "many", "targets": list(PLATFORMS)}
    many = toy_result(3, 120, policies=[order])
    figure = plots.draw(many, "family_contact", figsize=_PICTURE, letters=_LETTERS)
    figure.draw_without_rendering()
    (label,) = (text for text in figure.findobj(Text) if text.get_text().startswith("US: "))
    assert "more" in label.get_text(), "as many as need cutting short"
    assert label.get_window_extent().x1 <= figure.bbox.x1


def test_a_cut_of_transit_shows_no_route_that_follows_from_an_assumed_carrier() -> None:
    """Tajikistan has no carrier in the tables; findings leave it out, too."""
    cut = sn.run("transit_cut_kazakhstan", people=2_000, seeds=1, days=40, jobs=1)
    shown = texts(cut.plot("routes_matrix"))
    assert "Kazakhstan" in shown and "Tajikistan" not in shown and "longer" in shown


def test_a_page_of_large_letters_names_what_it_has_no_room_for() -> None:
    moved = changed(active_users=[((AFTER, US, at), "*", 0.5) for at in range(6)])
    large = plots.draw(moved, "active_users", figsize=_PICTURE, letters=_LETTERS)
    usual = plots.draw(moved, "active_users")
    named = [
        {axes.get_title(loc="left") for axes in figure.axes if axes.get_visible() and axes.lines}
        for figure in (large, usual)
    ]
    missing = named[1] - named[0]
    assert missing
    said = " ".join(text.get_text() for text in large.findobj(Text))
    assert all(name in said for name in missing)


def test_a_line_of_contact_ends_in_the_number_of_the_title() -> None:
    figure = plots.draw(toy_result(5, 120, effect=0.07), "family_contact")
    assert figure.caption.number == "under 1 %"
    assert f"no app {figure.caption.number}" in texts(figure)


def test_a_card_says_that_the_telephone_is_counted_apart(result: Result) -> None:
    assert "Telephone, SMS and e-mail are counted apart." in texts(plots.draw(result, "card"))


def test_decisions_have_the_number_of_the_first_finding_and_room_in_a_report() -> None:
    made = CASES["many policies"]()
    made.members = decided_by_states(made.members, made.dates)
    told = next(one for one in find(made) if one.kind in ("joined", "adopted"))
    figure = plots.draw(made, "decisions", figsize=_PICTURE, letters=_LETTERS)
    assert (figure.caption.number, figure.caption.interval) == short_figure(made, told)
    figure.draw_without_rendering()
    assert misplaced(figure) == []
    (panel,) = [axes for axes in figure.axes if axes.get_visible() and axes.lines]
    assert panel.get_window_extent().height * 100 / figure.dpi >= 60, "and no rows of countries"


def test_a_picture_is_described_by_its_finding(result: Result) -> None:
    with Image.open(io.BytesIO(png(result, "card"))) as picture:
        said = str(picture.info["Description"])
    assert said.startswith(f"{plots.draw(result, 'card').title}. A projection")


def test_a_line_jumps_on_the_day_of_a_change() -> None:
    """Days left out of a long line make no slope."""
    axes = Figure().subplots()
    dates = [dt.date(2020, 1, 1) + dt.timedelta(days=n) for n in range(4_000)]
    marks.line(
        axes, dates, np.where(np.arange(4_000) < 1_237, 0.0, 5.0), (np.zeros(4_000), np.ones(4_000))
    )
    assert axes.lines[0].get_drawstyle() == "steps-post"
    (edge,) = axes.collections[0].get_paths()
    across = np.diff(edge.vertices, axis=0)
    assert not (across != 0).all(axis=1).any(), "the edge of the band has no slope"
