"""Write the parts of the documentation that follow from the code: ``uv run python
pages/generate.py``.

Such a part is between two comments, ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; the rest of
the page is written by hand. ``--check`` writes nothing and fails when a page is out of date; a test
does the same.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.util import module_from_spec, spec_from_file_location
from itertools import groupby
from math import isnan
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "README.md",
    "docs/architecture.md",
    "docs/commands.md",
    "docs/evidence.md",
    "docs/limits.md",
    "docs/metrics.md",
    "docs/odd.md",
    "docs/parameters.md",
    "docs/people.md",
    "docs/python.md",
    "docs/run-folder.md",
    "docs/scenario-files.md",
)
_BLOCK = re.compile(r"(<!-- begin (?P<name>[\w -]+) -->\n).*?(<!-- end (?P=name) -->)", re.DOTALL)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "".join("| " + " | ".join(_cell(cell) for cell in line) + " |\n" for line in lines)


def listed(rows: Iterable[Sequence[object]]) -> str:
    """Return a list in Markdown, with an item for each row: a name, its unit or type, and its
    meaning.
    """
    return "".join(
        f"- {name}{f' ({_cell(of)})' if of else ''}: {_cell(meaning)}\n"
        for name, of, meaning in rows
    )


def _cell(value: object) -> str:
    """Return a value as the text of a cell, with bars and angle brackets escaped for Markdown."""
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text.replace("|", "\\|").replace("<-", "&lt;-").replace("\n", " ")


def metrics() -> str:
    """Return every metric: name, unit, dimensions, definition, and frequency of its values."""
    from splinternet.metrics.registry import METRICS

    often = {"day": "", "week": " Computed once a week."}
    rows = [
        (
            f"`{m.name}`",
            m.unit + (f" by {', '.join(m.dims)}" if m.dims else ""),
            m.description + (often[m.every] if m.kind == "daily" else " One value a run."),
        )
        for m in METRICS.values()
    ]
    return listed(rows)


def charts() -> str:
    """Return every chart with its title; ``splinternet list charts`` explains how to read it."""
    from splinternet.experiments.experiment import charts_of
    from splinternet.plots import charts as of_runs

    known = [("", chart) for chart in of_runs().values()] + [
        (chart.kind, chart) for chart in charts_of().values()
    ]
    return listed((f"`{c.name}`", of, c.title) for of, c in known)


def parameters() -> str:
    """Return every parameter with value, range, unit and basis, by the first word of its name.

    A parameter that a page explains has a link; the others have a short description.
    """
    from splinternet.facts import load_facts

    text = ""
    pages = {page: (ROOT / "docs" / page).read_text(encoding="utf-8") for page in EXPLAINING}
    known = sorted(load_facts().parameters.items(), key=lambda item: item[0].split(".")[0])
    for head, found in groupby(known, key=lambda item: item[0].split(".")[0]):
        alike: dict[str, list[str]] = {}
        for name, q in found:
            whole = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.])")
            page = next((page for page, said in pages.items() if whole.search(said)), "")
            meaning = (
                f"explained in [{EXPLAINING[page]}]({page})."
                if page
                else f"{_shared(name, q.note).partition('; ')[0]}."
            )
            words = [_range(q.low, q.high) + _unit(q.unit), *_basis(q.basis, q.source)]
            alike.setdefault(meaning, []).append(f"`{name}` {q.value:g} ({', '.join(words)})")
        items = "".join(f"- {', '.join(names)}: {meaning}\n" for meaning, names in alike.items())
        text += f"### {head}\n\n{items}\n"
    return text


EXPLAINING = {
    "model.md": "the model",
    "statecraft.md": "states and platforms that decide",
    "scenarios.md": "concern some of the people",
}
"""Page that explains parameters -> text of the link."""


def _range(low: float, high: float) -> str:
    """Return a range in words, or a word for a missing range."""
    return f"{low:g}\u2013{high:g}" if low < high else "fixed"


def _unit(unit: str) -> str:
    """Return a unit as a suffix of a range; shares and pure numbers have none."""
    return "" if unit in ("1", "share") else f" {unit}"


def _shared(name: str, note: str) -> str:
    """Return the description of a parameter without the kind or technique that is in its name."""
    for word in sorted(name.split(".")[1:], key=len, reverse=True):
        note = re.sub(
            rf"\ban? {word} platform", "a platform of this kind", note.replace(f" ({word})", "")
        )
        note = note.replace(f"mode '{word}'", "mode")
    return note.replace("|", "\\|").replace("<-", "&lt;-")


def _basis(basis: str, source: str) -> list[str]:
    """Return the basis of a figure, and whether it is fitted; empty for an assumption. ``show`` has
    the source.
    """
    return [
        *([] if basis == "assumption" else [basis]),
        *(["fitted"] if "fitted: splinternet" in source else []),
    ]


def commands() -> str:
    """Return every command with its description."""
    from splinternet.cli.app import app, load

    load()
    groups = [("", app)]
    groups += [
        (f"{one.name} ", one.typer_instance) for one in app.registered_groups if one.typer_instance
    ]
    rows = []
    for front, group in groups:
        for command in group.registered_commands:
            function = command.callback
            name = front + (command.name or str(getattr(function, "__name__", "")))
            rows.append(
                (
                    f"`splinternet {name}`",
                    " ".join((function.__doc__ or "").partition("\n\n")[0].split()),
                )
            )
    return table(("command", "what it does"), sorted(rows))


def day() -> str:
    """Return the phases of a day, and the data that all of them may read."""
    from splinternet.engine.steps import FIXED_INPUTS, SCHEDULE

    rows = [
        (n, f"`{p.name}`", p.does, _names(p.reads), _names(p.writes))
        for n, p in enumerate(SCHEDULE, 1)
    ]
    given = f"Every phase may read what is fixed before the first day, and the day itself: {_names(FIXED_INPUTS)}.\n"
    return table(("", "phase", "what happens", "reads", "writes"), rows) + "\n" + given


def python_names() -> str:
    """Return the reference of the public names of Python."""
    spec = spec_from_file_location("reference", ROOT / "pages" / "reference.py")
    module = module_from_spec(spec)  # type: ignore[arg-type]
    spec.loader.exec_module(module)  # type: ignore[union-attr]
    return str(module.reference())


def people_columns() -> str:
    """Return the columns of ``model.people``."""
    from splinternet.engine.people import COLUMNS

    return listed((f"`{name}`", "", meaning) for name, meaning in COLUMNS.items())


def one_person() -> str:
    """Return the output of the example of the page *One person, one day*."""
    import splinternet as sn

    model = sn.Model("wechat_full_block", people=2_000, days=80)
    model.run_for(57)
    here = model.people.select(group="US<-CN", vpn=False)
    failing = here.ids[here.get("failing") > 0]
    return f"```text\n{model.people[failing[0]].explain()}\n```"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def keys() -> str:
    """Return the keys of a scenario."""
    from splinternet.scenario.scenario import Scenario

    extends = (
        "`extends`",
        "text",
        "Another scenario, in the same folder or shipped; this file changes only the keys that it "
        "states.",
    )
    return _keys_of(Scenario, extra=(extends,))


def world_keys() -> str:
    """Return the keys below ``world``, and those of a platform, a state and a community in it."""
    from splinternet.scenario.schema import CommunityKeys, PlatformKeys, StateKeys, World

    return (
        f"{_keys_of(World)}\n`world.platforms`, by name:\n\n{_keys_of(PlatformKeys)}\n"
        f"`world.states`, by code:\n\n{_keys_of(StateKeys)}\n"
        f"`world.communities`, by state and name:\n\n{_keys_of(CommunityKeys)}"
    )


def policy_keys() -> str:
    """Return the keys that all instruments share."""
    from splinternet.policies.base import Policy

    return _keys_of(Policy)


def other_keys() -> str:
    """Return the keys of a range and of behaviour."""
    from splinternet.scenario.schema import BEHAVIOURS, Range

    switched = listed(
        (
            f"`{name}`",
            f"every {each.every_days:g} days" if each.every_days > 1 else "every day",
            each.summary,
        )
        for name, each in BEHAVIOURS.items()
    )
    return (
        f"Keys of `uncertain`, for each parameter or path:\n\n{_keys_of(Range)}\n"
        "Keys of `behaviour`, each `true` or `false` (the default), and how often the behaviour "
        f"acts:\n\n{switched}"
    )


def observed_keys() -> str:
    """Return the keys of an observed figure, the meaning of its kinds, and its possible
    references.
    """
    from splinternet.scenario.schema import INCREMENTS, KINDS, REFERENCES, Observed

    kinds = [
        (f"`{kind}`", "policy - baseline" if kind in INCREMENTS else "policy", text)
        for kind, text in KINDS.items()
    ]
    references = [(f"`{word}`", "", text) for word, text in REFERENCES.items()]
    references += [
        ("a date", "", "The same figure in the policy arm, on that date."),
        (
            "a platform",
            "",
            "The platform's users in the baseline arm that day, by the same metric (for VPNs, by "
            "monthly users).",
        ),
    ]
    return (
        f"{_keys_of(Observed)}\nValues of `kind`, with the arm or difference that counts:"
        f"\n\n{listed(kinds)}\n"
        f"Values of `of`, the quantity of which the figure is a share:\n\n{listed(references)}"
    )


def record() -> str:
    """Return the number of scored rows of the record, and the reasons why others are not scored."""
    from collections import Counter

    from splinternet.facts.record import RecordRow
    from splinternet.facts.tables import read

    rows = read(RecordRow).values()
    why = Counter(row.why.partition(":")[0] for row in rows if row.use != "scored")
    scored = [row for row in rows if row.use == "scored"]
    others = ", ".join(f"*{reason}* ({number})" for reason, number in why.most_common())
    return (
        f"{len(scored)} of {len(rows)} rows count in the score; they come from "
        f"{len({r.episode for r in scored})} episodes. "
        f"The other rows do not count, for these reasons: {others}.\n"
    )


def held_out() -> str:
    """Return the scores of the stored forecasts of held-out episodes, beside the rivals, from the
    board of the bench.
    """
    from splinternet.experiments.hindcast import THIS_MODEL, standings

    found = standings()
    rivals = [name for name in found[0].crps if name != THIS_MODEL]
    rows = [
        (
            one.name,
            one.figures,
            f"{one.crps[THIS_MODEL]:.3f}",
            f"{one.lead:+.3f}"
            + ("" if isnan(one.low) else f" ({one.low:+.3f} to {one.high:+.3f})"),
            *(f"{one.crps[name]:.3f}" for name in rivals),
        )
        for one in found
    ]
    header = ("held out", "figures", "CRPS", "lead over the best rival, 80 %", *rivals)
    return table(header, rows) + (
        "\nEach series counts once. The columns on the right are the CRPS of the core on one page "
        "and of the rivals, each without the episode. The interval of a lead contains 80 % of "
        "4,000 draws of episodes (`splinternet-bench board`).\n"
    )


def ledger() -> str:
    """Return the measured figures of contact with family abroad."""
    from splinternet.facts.record import RecordRow
    from splinternet.facts.tables import read

    rows = [
        (row.what, f"{row.value:g}", str(row.date), row.meter, row.raw, _differs(row.why, row.note))
        for row in read(RecordRow).values()
        if row.kind == "contact" and row.value
    ]
    return table(("what was measured", "figure", "date", "who", "as printed", "what differs"), rows)


def _differs(why: str, note: str) -> str:
    """Return the differences between a measured figure and the model's: the reason why it is soft,
    and its note.
    """
    return "; ".join(text for text in (why.removeprefix("soft: "), note) if text)


def instruments() -> str:
    """Return every instrument with its own keys; ``splinternet show NAME`` has a known case."""
    from splinternet import policies
    from splinternet.policies.base import Policy

    rows = []
    for name, known in policies.INSTRUMENTS.items():
        takes = [
            f"`{key}` ({_takes(p)}{_unit_of(p)}{_keys_in(p, known)})"
            for key, p in _properties(known).items()
            if key not in Policy.model_fields
        ]
        keys = f" Own keys: {', '.join(takes)}." if takes else ""
        rows.append((f"`{name}`", "", f"{known.summary}{keys}"))
    return listed(rows)


def _unit_of(prop: dict[str, Any]) -> str:
    """Return the unit of a key in US dollars, from its description."""
    unit = re.search(r"\[(US dollars.*?)\]", prop.get("description", ""))
    return f", {unit[1]}" if unit else ""


def _keys_in(prop: dict[str, Any], model: Any) -> str:
    """Return the keys of each item of a list, such as the steps of a ladder."""
    name = prop.get("items", {}).get("$ref", "").rpartition("/")[2]
    inner = model.model_json_schema().get("$defs", {}).get(name, {}).get("properties", {})
    keys = ", ".join(f"`{key}` ({_takes(each)}{_unit_of(each)})" for key, each in inner.items())
    return f": {keys}" if keys else ""


def techniques() -> str:
    """Return every technique and its parameters."""
    from splinternet.facts import load_facts
    from splinternet.facts.model import TECHNIQUES

    known = load_facts().parameters
    names = ("coverage", "evaded", "effort", "vpn_share")
    rows = [
        (f"`{t}`", how, *(known[f"technique.{t}.{n}"].value for n in names))
        for t, how in TECHNIQUES.items()
    ]
    header = (
        "technique",
        "how it works",
        "coverage",
        "counter-measures that work",
        "effort",
        "VPNs that work",
    )
    return table(header, rows)


def _keys_of(model: Any, extra: Sequence[Sequence[str]] = ()) -> str:
    """Return a list of a model's keys: name, type with default, meaning."""
    required = set(model.model_json_schema().get("required", ()))
    rows = [
        (
            f"`{key}`",
            _takes(p) + (", required" if key in required else _default(p)),
            p.get("description", ""),
        )
        for key, p in _properties(model).items()
    ]
    return listed([*rows, *extra])


def _properties(model: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = model.model_json_schema()["properties"]
    return found


def _default(prop: dict[str, Any]) -> str:
    """Return the default of a key as a user would write it."""
    value = prop.get("default")
    if value is None or value == []:
        return ""
    return f"; default `{str(value).lower() if isinstance(value, bool) else value}`"


def _takes(prop: dict[str, Any]) -> str:
    """Return the type of a key in words."""
    if "anyOf" in prop or "oneOf" in prop:
        kinds = [
            _takes(p) for p in prop.get("anyOf", prop.get("oneOf", ())) if p.get("type") != "null"
        ]
        return " or ".join(dict.fromkeys(kinds))
    if "$ref" in prop:
        return "keys"
    if "enum" in prop:
        return ", ".join(f"`{value}`" for value in prop["enum"])
    if prop.get("type") == "array":
        item = _takes(prop.get("items", {}))
        return f"{item}, or a list" if prop.get("x-one-or-more") else f"a list of {item}"
    if prop.get("type") == "object":
        return f"{prop.get('propertyNames', {}).get('x-names', 'name')} -> {_takes(prop['additionalProperties'])}"
    if prop.get("type") in ("number", "integer"):
        return _number(prop)
    named = {"boolean": "`true`, `false`", "string": "text"}
    word = "date" if prop.get("format") == "date" else named.get(prop.get("type", ""), "values")
    return str(prop.get("x-names", word))


def _number(prop: dict[str, Any]) -> str:
    """Return the type of a numeric key in words."""
    word = "whole number" if prop["type"] == "integer" else "number"
    low = prop.get("minimum")
    high = prop.get("maximum")
    if "exclusiveMinimum" in prop:
        return f"{word} above {prop['exclusiveMinimum']:g}"
    if low is None:
        return word
    return f"{word} from {low:,}" if high is None or high >= 1e6 else f"{word}, {low:,} to {high:,}"


def parts_of(script: str) -> dict[str, Callable[[], str]]:
    """Return the parts of pages that another script of this folder writes."""
    place = Path(__file__).with_name(f"{script}.py")
    spec = spec_from_file_location(script, place)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load {place}")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return dict(module.PARTS)


PARTS: dict[str, Callable[[], str]] = {
    **parts_of("odd"),
    **parts_of("proof"),
    "charts": charts,
    "columns of people": people_columns,
    "commands": commands,
    "day": day,
    "hindcast": held_out,
    "instruments": instruments,
    "keys": keys,
    "metrics": metrics,
    "contact ledger": ledger,
    "observed keys": observed_keys,
    "record": record,
    "other keys": other_keys,
    "one person": one_person,
    "parameters": parameters,
    "policy keys": policy_keys,
    "python names": python_names,
    "techniques": techniques,
    "world keys": world_keys,
}


def renewed(text: str, parts: dict[str, Callable[[], str]] = PARTS) -> str:
    """Return a page with every part in ``parts`` renewed; parts of other scripts are not
    changed.
    """

    def part(match: re.Match[str]) -> str:
        make = parts.get(match["name"])
        return match[0] if make is None else f"{match[1]}\n{make().strip()}\n\n{match[3]}"

    return _BLOCK.sub(part, text)


def outdated() -> dict[Path, str]:
    """Return the pages that are out of date, with their new text."""
    pages = {ROOT / page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
    fresh = {path: renewed(text) for path, text in pages.items()}
    return {path: text for path, text in fresh.items() if text != pages[path]}


def main() -> int:
    """Write the pages that are out of date, or with ``--check`` only name them; return the exit
    code.
    """
    found = outdated()
    for path, text in found.items():
        sys.stdout.write(f"{path.relative_to(ROOT)} was out of date\n")
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
    return 1 if found and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
