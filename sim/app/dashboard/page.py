"""The page, made of Solara's components: the inputs on one side, the answer in sight on the other.

Solara runs this module for each tab that is opened. The query of the address holds the case: an
input changes the address, and the page shows what the address says. So a copied link, a reload and
the back button give the same case.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import solara
from solara.alias import rv

from ...core.shipped import head, shipped, shipped_folder
from ...errors import InputError, Problem, did_you_mean
from ...facts.model import REST_OF_WORLD, TECHNIQUES
from ...metrics.registry import METRICS
from ...policies.base import Policy
from ...scenario import Scenario, load
from ...scenario.schema import BEHAVIOURS
from ...text.numbers import STATUS, capital, state_name
from ...text.scenario import key_label
from ..pages import inline
from .answers import SEEDS, Answer, answers, follow, ghost_of, seeds_of
from .choices import (
    DATES,
    FIRST_DAYS,
    LISTS,
    SIZES,
    Choices,
    completed,
    in_words,
    keys_of,
    offered,
    pairs_of,
    shown,
)

OWN_FILE, OWN_NAME = "SPLINTERNET_EXPLORE_FILE", "SPLINTERNET_EXPLORE_NAME"
"""Environment variables that name the scenario to open. The command that starts the server sets
them.
"""
FIRST = "wechat_as_ordered"
"""What the page opens with by default."""
QUICK = {"people": 5_000, "days": 366}
"""The most that a page starts with, to answer within three seconds; an input takes more."""
PAUSE = 0.25
"""Time without a further change after which a change is simulated [s]."""
MAIN = (
    "ties.only_channel",
    "choice.invite_acceptance",
    "choice.review_days",
    "circumvention.cost",
    "announcement.belief",
    "value.messenger",
)
"""Parameters with a slider whatever the scenario, beside those that it calls uncertain or sets."""
SUBJECTS = {
    "cases": "Cases",
    "events": "Events that happened",
    "clean_network": "Clean Network",
    "wechat": "WeChat",
    "tiktok": "TikTok",
    "firms": "Firms",
    "networks": "Networks",
    "states": "States that decide",
    "some_people": "Some of the people",
    "forecasts": "Forecasts",
}
"""Folder of the shipped scenarios -> what stands over them in the list."""
_CSS = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")


# --- scenarios ------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def scenarios() -> tuple[tuple[str, str, str], ...]:
    """Return subject, name and title of every shipped scenario, by subject."""
    found = []
    for name, path in shipped().items():
        place = path.relative_to(shipped_folder()).parts
        title = head(path)
        if title is not None:
            subject = (
                SUBJECTS.get(place[0], capital(place[0].replace("_", " ")))
                if len(place) > 1
                else "Start here"
            )
            found.append((subject, name, title[1]))
    order = ["Start here", *SUBJECTS.values()]
    return tuple(
        sorted(
            found, key=lambda row: (order.index(row[0]) if row[0] in order else len(order), row[2])
        )
    )


def opened(name: str, own: Path | None) -> Scenario:
    """Return a scenario by the name under which it is offered; no other file can be reached.

    Raises
    ------
    InputError
        The name is not offered, or what is wrong with the scenario.
    """
    known = shipped()
    path = own if own is not None and name == own.name else known.get(name)
    if path is None:
        hint = did_you_mean(name[:100], known)
        raise InputError(
            Problem("", f"there is no scenario '{name[:100]}'", "one of the list", hint)
        )
    return _loaded(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=16)
def _loaded(path: Path, changed: int) -> Scenario:
    return load(path, known_metrics=METRICS)


def case(query: str | None) -> tuple[str, Choices, list[str]]:
    """Return the scenario's name, the choices and the messages of an address; of an unknown one,
    the first case.
    """
    own = Path(os.environ[OWN_FILE]) if os.environ.get(OWN_FILE) else None
    first = own.name if own is not None else os.environ.get(OWN_NAME) or FIRST
    name, wrong = dict(pairs_of(query)).get("scenario") or first, list[str]()
    try:
        begun = begin(opened(name, own))
    except InputError as error:
        wrong, name = [in_words(error.problems[0])], first
        return name, begin(opened(name, own)), wrong
    choices, wrong = begun.linked(query or "")
    return name, choices, wrong


def begin(scenario: Scenario) -> Choices:
    """Return the first choices, no larger than what is answered quickly."""
    choices = Choices(scenario)
    for key, most in QUICK.items():
        choices = choices.with_value(key, str(min(getattr(scenario, key), most)))
    return choices


# --- the page -------------------------------------------------------------------------------------


@solara.component  # type: ignore[untyped-decorator]
def Layout(children: Sequence[Any] = ()) -> None:
    """Put the page on bare ground, without Solara's bar."""
    solara.Div(children=list(children))


@solara.component  # type: ignore[untyped-decorator]
def Page() -> None:
    """Show the case of the address and its answer."""
    router = solara.use_router()
    name, choices, wrong = solara.use_memo(lambda: case(router.search), [router.search])
    state: tuple[Answer | None, Callable[[Any], None]] = solara.use_state(None)
    got, set_got = state
    busy, set_busy = solara.use_state("")
    notice, set_notice = solara.use_state("")
    before, set_before = solara.use_state(None)

    def choose(change: Callable[[], Choices], of: str = name) -> None:
        try:
            link = change().link(of)
        except InputError as error:
            set_notice(in_words(error.problems[0]))
            return
        set_notice("")
        router.push(f"/?{link}")

    spec, problems = solara.use_memo(choices.checked, [choices])
    digest = "" if spec is None else spec.digest
    sliders = _sliders(choices)

    def simulate() -> Callable[[], None] | None:
        if spec is None:
            return None
        last = (
            got
            if got is not None and got.spec.name == spec.name and got.spec.digest != digest
            else None
        )
        set_before(last)

        def work(stop: threading.Event) -> None:
            if stop.wait(PAUSE):
                return
            seeds = seeds_of(spec)
            set_busy("Simulating")
            for answer in answers(
                spec, last, sliders, stop, lambda day, of: set_busy(f"Day {day:,} of {of:,}")
            ):
                if stop.is_set():
                    return
                set_got(answer)
                more = f"{answer.members} of {seeds} seeds" if answer.members < seeds else ""
                set_busy(more or ("" if answer.swings else "Ordering the sliders by effect"))
            set_busy("")

        def failed(said: str) -> None:
            set_notice(said)
            set_busy("")

        return follow(work, failed)

    solara.use_effect(simulate, [digest])
    solara.Title(f"{choices.opened.title} - Splinternet")
    solara.Style(_CSS)
    with solara.Div(classes=["sp-page"]):
        with solara.Div(classes=["sp-answer"]):
            stale = got is None or got.spec.digest != digest
            _Answered(got, before, choices, busy, stale)
        with solara.Div(classes=["sp-inputs"]):
            for text in filter(None, [notice, problems.get("", ""), *wrong]):
                solara.Error(text, dense=True)
            _Scenario(name, choices, choose)
            for policy in choices.base.policies:
                _Policy(choices, policy, problems, choose).key(f"{name} {policy.id}")
            _Adding(choices, choose)
            solara.HTML("h2", "Assumptions")
            swings = got.swings if got is not None and not stale else {}
            order = [*swings, *(each for each in sliders if each not in swings)]
            for each in order:
                _Slider(choices, each, swings.get(each), choose).key(f"{name} {each}")
            _More(choices, problems, choose)
            if spec is not None:
                _Files(name, spec, got, choices)


def _folded(summary: str) -> Any:
    """Return a part that opens by a click: the browser's own, since Solara's needs an older
    Vuetify.
    """
    return rv.Html(
        tag="details", children=[rv.Html(tag="summary", children=[summary])], class_="sp-folded"
    )


def _toggle(label: str, value: bool, put: Callable[[bool], None], *, disabled: bool = False) -> Any:
    """Return a switch."""
    return rv.Switch(
        label=label,
        v_model=value,
        on_v_model=put,
        disabled=disabled,
        color="primary",
        density="compact",
        hide_details=True,
    )


@solara.component  # type: ignore[untyped-decorator]
def _Answered(
    got: Answer | None, before: Answer | None, choices: Choices, busy: str, stale: bool
) -> None:
    """Show number, sentence and picture: what stays in sight."""
    status = "what-if" if choices.is_changed else choices.opened.status
    with solara.Div(classes=["sp-head"]):
        solara.HTML(
            "span", status.upper(), classes=["sp-stamp"], attributes={"title": STATUS[status]}
        )
        solara.HTML(
            "span",
            f"{busy} ..." if busy else "Ready",
            classes=["sp-busy"],
            attributes={"aria-live": "polite"},
        )
    if got is None:
        solara.HTML("h1", choices.opened.title)
        return
    with solara.Div(classes=["sp-result", *(["sp-stale"] if stale else [])]):
        with solara.Div(classes=["sp-words"]):
            solara.HTML("div", got.number or "No sure effect", classes=["sp-number"])
            seeds = "1 seed" if got.members == 1 else f"{got.members} seeds"
            ends = f"80 % interval {got.interval}; {seeds}" if got.interval else seeds
            was = f"; before: {before.number or 'no sure effect'}" if before is not None else ""
            solara.HTML("div", f"{ends}{was}", classes=["sp-range"])
            solara.HTML("h1", got.sentences[0])
        attributes = {"src": inline(got.picture, "svg+xml"), "alt": got.sentences[0]}
        solara.HTML("img", classes=["sp-picture"], attributes=attributes)
        if got.line is not None:
            ghost = "; dashed: the setting before" if ghost_of(before, got.line) is not None else ""
            said = f"Line: with the policies, band: 80 % interval; dotted: without{ghost}"
            solara.HTML("div", said, classes=["sp-key"])
    if len(got.sentences) > 1 or got.overview:
        with _folded("More findings and pictures"):
            for each in got.sentences[1:]:
                solara.HTML("p", each)
            if got.overview and not stale:
                attributes = {"src": inline(got.overview, "png"), "alt": "Four panels of the run"}
                solara.HTML("img", classes=["sp-picture"], attributes=attributes)


@solara.component  # type: ignore[untyped-decorator]
def _Scenario(name: str, choices: Choices, choose: Callable[..., None]) -> None:
    """Choose a scenario, from a list by subject that can be searched."""
    items: list[dict[str, Any]] = []
    if name not in shipped():
        items += [{"title": f"Your file: {choices.opened.title}", "value": name}]
    items += [
        {"title": f"{subject}: {title}", "value": each} for subject, each, title in scenarios()
    ]
    own = Path(os.environ[OWN_FILE]) if os.environ.get(OWN_FILE) else None
    rv.Autocomplete(
        label="Scenario: type to search",
        items=items,
        v_model=name,
        density="compact",
        hide_details=True,
        class_="sp-scenario",
        on_v_model=lambda other: (
            choose(lambda: begin(opened(other, own)), other) if other else None
        ),
    )
    if choices.is_changed:
        kept = {key: value for key, value in choices.changed.items() if key in SIZES}
        solara.Button(
            "Undo all changes",
            text=True,
            on_click=lambda: choose(lambda: Choices(choices.opened, changed=kept)),
        )


@solara.component  # type: ignore[untyped-decorator]
def _Policy(
    choices: Choices, policy: Policy, problems: Mapping[str, str], choose: Callable[..., None]
) -> None:
    """Switch a policy on or off and change it."""
    about = policy.about()
    by = ", ".join(state_name(choices.base, code) for code in policy.by)
    targets = f" against {', '.join(policy.targets)}" if policy.targets else ""
    title = f"{capital(policy.instrument.replace('_', ' '))}{f' of {about}' if about else ''}: {by}{targets}"
    added = any(keys["id"] == policy.id for keys in choices.added)
    with solara.Div(classes=["sp-policy"]):
        _toggle(
            title,
            choices.is_on(policy),
            lambda on: choose(lambda: choices.switched(policy.id, on)),
            disabled=about in choices.off,
        )
        with _folded("Change it"):
            for key in keys_of(policy):
                path = f"policies.{policy.id}.{key}"
                _Input(choices, path, problems.get(path, ""), choose)
            if policy.reference:
                solara.Text(f"Source: {policy.reference}", classes=["sp-note"])
            if added:
                solara.Button(
                    "Remove",
                    text=True,
                    on_click=lambda: choose(lambda: choices.without_policy(policy.id)),
                )


@solara.component  # type: ignore[untyped-decorator]
def _Input(choices: Choices, path: str, problem: str, choose: Callable[..., None]) -> None:
    """Change one value: a list of names, a choice, or a text that is taken when it is left."""
    key = path.rpartition(".")[2]
    label, text = key_label(key), choices.text(path)

    def put(value: str) -> None:
        if value != text:
            choose(lambda: choices.with_value(path, value))

    if key in LISTS:
        names = [part.strip() for part in text.split(",") if part.strip()]
        rv.Autocomplete(
            label=label,
            items=_offered(choices, key),
            v_model=names,
            multiple=True,
            chips=True,
            density="compact",
            on_v_model=lambda chosen: put(", ".join(chosen or ())),
            error_messages=[problem] if problem else [],
        )
    elif key == "technique":
        items = [{"title": f"{name}: {said}", "value": name} for name, said in TECHNIQUES.items()]
        rv.Select(
            label=label,
            items=items,
            v_model=text or None,
            on_v_model=lambda chosen: put(chosen or ""),
            density="compact",
            error_messages=[problem] if problem else [],
        )
    else:
        hint = "a day such as 2020-09-20; empty for none" if key in DATES else None
        solara.InputText(
            label, value=text, on_value=put, error=problem or False, message=hint, dense=True
        )


def _offered(choices: Choices, key: str) -> list[dict[str, str]]:
    """Return the states or platforms that a policy can be of, with their names."""
    if key == "by":
        codes = [code for code in choices.base.facts.states if code != REST_OF_WORLD]
        return [{"title": state_name(choices.base, code), "value": code} for code in codes]
    return [{"title": name, "value": name} for name in choices.base.platforms]


@solara.component  # type: ignore[untyped-decorator]
def _Adding(choices: Choices, choose: Callable[..., None]) -> None:
    """Add a policy: instrument, country, platform and first day."""
    base = choices.base
    acting = next((policy.by[0] for policy in base.policies if policy.by), "US")
    aimed = next((policy.targets[0] for policy in base.policies if policy.targets), "WeChat")
    kind, set_kind = solara.use_state("block")
    by, set_by = solara.use_state(acting)
    target, set_target = solara.use_state(aimed)
    on, set_on = solara.use_state(str(min(base.start + dt.timedelta(days=FIRST_DAYS), base.end)))
    with _folded("Add a policy"):
        kinds = [{"title": capital(each.replace("_", " ")), "value": each} for each in offered()]
        for label, items, value, put in (
            ("Instrument", kinds, kind, set_kind),
            ("Country that acts", _offered(choices, "by"), by, set_by),
            ("Platform", _offered(choices, "targets"), target, set_target),
        ):
            rv.Autocomplete(
                label=label, items=items, v_model=value, on_v_model=put, density="compact"
            )
        solara.InputText("First day", value=on, on_value=set_on, dense=True)
        solara.Button(
            "Add it",
            on_click=lambda: choose(
                lambda: choices.with_policy(completed(choices, kind, by or "", target or "", on))
            ),
        )


def _sliders(choices: Choices) -> tuple[str, ...]:
    """Return the parameters with a slider: what the scenario calls uncertain or sets, and the main
    ones.
    """
    known = choices.base.facts.parameters
    uncertain = [path.removeprefix("parameters.") for path in choices.base.uncertain]
    asked = [path for path in choices.changed if path in known]
    names = dict.fromkeys([*uncertain, *choices.base.parameters, *MAIN, *asked])
    return tuple(name for name in names if name in known and known[name].low < known[name].high)


@solara.component  # type: ignore[untyped-decorator]
def _Slider(
    choices: Choices, name: str, swing: tuple[str, str] | None, choose: Callable[..., None]
) -> None:
    """Change a parameter within the range held possible; what it moves the number to stands below."""
    fact, text = choices.base.facts.parameters[name], choices.text(name)
    value, set_value = solara.use_state(float(text))
    solara.use_memo(lambda: set_value(float(text)), [text])

    def later() -> Callable[[], None] | None:
        if shown(value) == text:
            return None
        return follow(
            lambda stop: (
                None if stop.wait(PAUSE) else choose(lambda: choices.with_value(name, shown(value)))
            )
        )

    solara.use_effect(later, [value])
    step = (fact.high - fact.low) / 100
    with solara.Div(classes=["sp-slider"], attributes={"title": f"{fact.basis}: {fact.source}"}):
        solara.Text(fact.note or name)
        rv.Slider(
            v_model=value,
            on_v_model=lambda to: set_value(float(f"{to:.6g}")),
            min=fact.low,
            max=fact.high,
            step=step,
            density="compact",
            hide_details=True,
            color="primary",
            attributes={"aria-label": fact.note or name},
        )
        ends = f"{shown(fact.low)} to {shown(fact.high)}"
        said = (
            f"moves the number from {swing[0]} to {swing[1]}" if swing is not None else fact.basis
        )
        solara.Text(f"{shown(value)} ({ends}): {said}", classes=["sp-note"])


@solara.component  # type: ignore[untyped-decorator]
def _More(choices: Choices, problems: Mapping[str, str], choose: Callable[..., None]) -> None:
    """Choose how much is simulated, what is decided in the model, and other parameters."""
    with _folded("Size, decisions, other assumptions"):
        for key in SIZES:
            _Input(choices, key, problems.get(key, ""), choose)
        for key, behaviour in BEHAVIOURS.items():
            path = f"behaviour.{key}"
            _toggle(behaviour.summary, choices.text(path) == "yes", _switch(choices, path, choose))
            if path in problems:
                solara.Error(problems[path], dense=True)
        known = choices.base.facts.parameters
        items = [{"title": fact.note or name, "value": name} for name, fact in known.items()]
        rv.Autocomplete(
            label="Another assumption: set it to the middle of its range",
            items=items,
            v_model=None,
            density="compact",
            on_v_model=lambda name: choose(lambda: _middle(choices, name)) if name else None,
        )


def _switch(choices: Choices, path: str, choose: Callable[..., None]) -> Callable[[bool], None]:
    return lambda on: choose(lambda: choices.with_value(path, "yes" if on else "no"))


def _middle(choices: Choices, name: str) -> Choices:
    fact = choices.base.facts.parameters[name]
    return choices.with_value(name, shown((fact.low + fact.high) / 2))


@solara.component  # type: ignore[untyped-decorator]
def _Files(name: str, spec: Scenario, got: Answer | None, choices: Choices) -> None:
    """Give the case to others: its file, its numbers, and the command that repeats it."""
    file = f"{spec.name}{'_changed' * choices.is_changed}.yaml"
    with _folded("Take it with you"):
        solara.Text("The address of this page holds the case: copy it, or reload the page.")
        solara.FileDownload(
            lambda: f"# Made with splinternet explore.\n{spec.to_yaml()}",
            file,
            label="Scenario (YAML)",
        )
        if got is not None and got.spec.digest == spec.digest:
            solara.FileDownload(got.table, f"{spec.name}_summary.csv", label="Numbers (CSV)")
        solara.Preformatted(f"splinternet run {file} --seeds {SEEDS}")
