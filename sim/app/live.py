"""A scenario watched live: Mesa's SolaraViz steps both arms of one small run, day by day.

The page shows the sentence that `splinternet run` prints for the days so far, and its metric over
time: with the policies, without them, and the difference.
"""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import mesa
import solara
from matplotlib.figure import Figure
from mesa.visualization import Slider, SolaraViz
from mesa.visualization.utils import update_counter

from ..errors import InputError
from ..experiments.pairs import arm_data, make_arms
from ..facts.model import TECHNIQUES
from ..metrics.registry import METRICS
from ..plots import marks
from ..plots.over_time import where
from ..plots.page import BLUE, house_style, wrapped
from ..results.memory import check_memory
from ..results.result import Result
from ..scenario import Scenario, varied
from ..scenario.load import member_spec
from ..text.finding_sentences import headline
from ..text.numbers import day, unit
from .explorer import leading_curve
from .pages import inline, render

OPENED: dict[str, Scenario] = {}
"""The scenario of the page, by key: Solara imports this module and takes no arguments."""
SERVER_ENDS = threading.Event()
"""Set when the server ends, so that no page simulates another day."""
FIRST_PEOPLE = 3_000
"""Largest number of simulated people at the start; the slider allows more."""
MOST_LIVE_PEOPLE = 20_000
MOST_SEED = 100
"""The upper ends of the sliders (assumption: larger runs are for `splinternet run`)."""
PICTURES = 24
"""Number of pictures over a whole run, unless the page's slider sets another."""
LONGEST_RENDER = 99
"""Largest number of days between two pictures on Mesa's slider."""
SMALL = "One small run of {people:,} people, seed {seed}: it shows a shape, not a number."
HOW = """Reset applies the settings. Step and ▶ continue the run; the render interval is the
number of days between two pictures."""
CSS = """
.live { max-width: 34rem; margin: 0 auto; }
.live h1 { font-size: 1.25rem; line-height: 1.35; font-weight: 600; margin: .4rem 0 .6rem; }
.live p { margin: .3rem 0; } .live img { width: 100%; aspect-ratio: 8 / 7; background: #fff; }
@media (max-width: 960px) { /* a phone: the picture first, the settings below it, nothing over it */
  div:has(> .v-app-bar) { display: flex; flex-direction: column; height: auto !important; }
  div:has(> .v-app-bar) > * { flex: none; }
  .v-app-bar { position: static !important; }
  .v-content { order: 1; padding: 0 !important; height: auto !important; }
  div:has(> .v-navigation-drawer) { order: 2; }
  .v-navigation-drawer { position: static !important; width: 100% !important;
    min-width: 0 !important; max-width: none !important; height: auto !important;
    transform: none !important; }
  .v-overlay, .v-app-bar__nav-icon { display: none !important; } }
"""


class LivePair(mesa.Model):
    """Both arms of one seed of a scenario: a step simulates one day of both.

    Parameters
    ----------
    spec : Scenario
        The scenario as opened.
    people : int
        Simulated people.
    rng : int
        The random seed.
    scenario : object
        Required by Mesa, not used.
    **settings
        ``policies.ID`` turns a policy on or off; ``policies.ID.on`` and ``policies.ID.technique``
        set its first day and its technique.

    Attributes
    ----------
    problem : str
        The fault in the settings; empty if the pair can run.
    """

    def __init__(
        self, spec: Scenario, *, people: int, rng: int, scenario: Any = None, **settings: Any
    ) -> None:
        super().__init__(scenario=scenario)
        self.problem = ""
        try:
            self.spec = with_settings(spec, {"people": people, "seed": rng}, settings)
            check_memory(self.spec)
        except (InputError, MemoryError) as error:
            self.problem = str(error)
            self.running = False
            return
        self.arms = make_arms(member_spec(self.spec, rng), rng)

    @property
    def days_done(self) -> int:
        """Number of days simulated so far."""
        return 0 if self.problem else self.arms[0].day + 1

    def step(self) -> None:
        """Simulate one day of both arms, the baseline first; after the last day nothing happens,
        since Mesa's page steps several days at a time.
        """
        self.running = self.running and not SERVER_ENDS.is_set()
        if self.running and not self.problem:
            for arm in self.arms:
                arm.step()
            self.running = self.arms[0].running

    def result(self) -> Result:
        """Return the result of one seed for the days so far."""
        baseline, policy = self.arms
        return Result(self.spec, [(arm_data(baseline), arm_data(policy))])


def with_settings(
    spec: Scenario, sizes: Mapping[str, int], settings: Mapping[str, Any]
) -> Scenario:
    """Return a scenario with the settings of the page; any real change makes it a what-if.

    Raises
    ------
    InputError
        The settings are wrong; the error lists all problems.
    """
    off = {policy.id for policy in spec.policies if not settings.get(f"policies.{policy.id}", True)}
    on = [policy for policy in spec.policies if not {policy.id, policy.about()} & off]
    changed: dict[str, Any] = {}
    if len(on) < len(spec.policies):
        kept = tuple(f"policies.{policy.id}." for policy in on)
        changed["policies"] = [policy.model_dump(exclude_none=True) for policy in on]
        changed["uncertain"] = {
            path: drawn.model_dump()
            for path, drawn in spec.uncertain.items()
            if not path.startswith("policies.") or path.startswith(kept)
        }
    for policy in on:
        for key in ("on", "technique"):
            path = f"policies.{policy.id}.{key}"
            stated = str(getattr(policy, key) or "")
            value = str(settings.get(path, stated)).strip()
            if value != stated:
                changed[path] = value or None
                if key == "on" and policy.announced == policy.on:  # they move together
                    changed[f"policies.{policy.id}.announced"] = value or None
    what_if = {"status": "what-if"} if changed else {}
    return varied(spec, {**sizes, "sweep": {}, **what_if, **changed})


def controls(spec: Scenario) -> dict[str, Any]:
    """Return the settings of a scenario in the form that Mesa's page needs."""
    found: dict[str, Any] = {
        "spec": spec,
        "people": Slider(
            "Simulated people", min(spec.people, FIRST_PEOPLE), 1_000, MOST_LIVE_PEOPLE, 500
        ),
        "rng": Slider("Seed", spec.seed, 0, max(MOST_SEED, spec.seed), 1),
    }
    for policy in spec.policies:
        path = f"policies.{policy.id}"
        found[path] = {"type": "Checkbox", "label": marks.policy_label(policy), "value": True}
        on = {"label": "in force from", "value": str(policy.on or "")}
        found[f"{path}.on"] = {"type": "InputText", **on}
        if policy.technique is not None:
            how = {"label": "technique", "value": policy.technique, "values": list(TECHNIQUES)}
            found[f"{path}.technique"] = {"type": "Select", **how}
    return found


# --- what is shown --------------------------------------------------------------------------------


def picture(result: Result, shown: marks.Curve) -> bytes:
    """Return both arms and their difference over the days so far, on the axis of the whole run, as
    SVG.
    """
    spec = result.scenario
    every = [spec.start + dt.timedelta(days=at) for at in range(spec.days)]
    top = max(abs(float(value)) for line in (shown.level, shown.given[1]) for value in line)
    by, word = marks.scale(top, shown.cell.metric)
    stream = io.BytesIO()
    with house_style():
        chart = Figure((4.8, 4.2), layout="constrained")
        above, below = chart.subplots(2, 1, sharex=True)
        marks.both_arms(above, result, shown, by)
        above.set_ylim(min(0.0, above.get_ylim()[0]), 1.05 * above.get_ylim()[1] if top else 1.0)
        marks.change(below, result, shown, by, colour=BLUE)
        if not shown.size:
            below.set_ylim(-1.0, 1.0)
        for axes, said in ((above, "with the policies; dotted: without"), (below, "difference")):
            marks.date_axis(axes, every)
            marks.policy_days(axes, result)
            axes.set_title(said, loc="left", fontsize="small")
        label = METRICS[shown.cell.metric].label
        what = f"{where(result, shown.cell)}: {label} [{word}{unit(shown.cell.metric)}]"
        chart.suptitle(wrapped(what, 56, 3), x=0.01, ha="left", fontsize="small")
        chart.savefig(stream, format="svg")
    return stream.getvalue()


class Found(NamedTuple):
    """The results that the page shows for the days so far."""

    said: Sequence[str]
    when: str
    drawn: bytes


def found(model: LivePair) -> Found:
    """Return the sentences and the picture of the days so far; the title before the first."""
    spec = model.spec
    small = SMALL.format(people=spec.people, seed=spec.seed)
    if not model.days_done:
        return Found((spec.title,), small, b"")
    result = model.result()
    shown = leading_curve(result)
    when = f"Day {model.days_done:,} of {spec.days:,}, {day(result.dates[-1])}. {small}"
    drawn = b"" if shown is None else picture(result, shown)
    return Found(tuple(headline(result)), when, drawn)


@solara.component  # type: ignore[untyped-decorator]
def Answer(model: LivePair) -> None:
    """Show the sentences and the picture of the days so far, or what is wrong with the settings."""
    update_counter.get()
    now = solara.use_memo(lambda: None if model.problem else found(model), [model, model.days_done])
    with solara.Div(classes=["live"]):
        if now is None:
            solara.Error(model.problem)
            return
        drawn = inline(now.drawn, "svg+xml") if now.drawn else ""
        # One element, so that title, day and picture reach the browser in one message. Separate
        # elements would change one after the other.
        said = render("live.html", found=now, picture=drawn, how=HOW)
        solara.HTML("div", said, attributes={"aria-live": "polite"})


def _end(model: LivePair) -> None:
    """Stop the simulation of a closed page."""
    model.running = False


@solara.component  # type: ignore[untyped-decorator]
def Page() -> None:
    """Show the opened scenario: Mesa's controls, and the answer beside them."""
    spec = OPENED["Page"]
    settings = solara.use_memo(lambda: controls(spec), [])
    people = settings["people"].value
    first = solara.use_memo(lambda: LivePair(spec, people=people, rng=spec.seed), [])
    model = solara.use_reactive(first)
    solara.use_effect(lambda: lambda: _end(model.value), [])
    every = max(1, min(LONGEST_RENDER, spec.days // PICTURES)) // 2 * 2 + 1
    SolaraViz(model, model_params=settings, name="Splinternet", render_interval=every)
    solara.Title(f"{spec.title} - Splinternet")
    solara.Style(CSS)
    Answer(model.value)
