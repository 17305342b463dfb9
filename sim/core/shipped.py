"""Paths, names and titles of the shipped scenarios, without loading any of them."""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

SUFFIXES = (".yaml", ".yml")
EVENTS = "events/"
FORMER_EVENTS = "hindcast/"
"""Former folder of the shipped events; names with it still work."""
COLLECTIONS = (
    "ages",
    "cases",
    "clean_network",
    "events",
    "forecasts",
    "orders",
    "some_people",
    "sovereignty",
)
"""Folders that are part of a scenario's name; other folders only group scenarios by subject."""
LEAST_STATUS = "what-if"
"""The default status of a scenario."""
_LINE = re.compile(r"^(title|status|extends): +([^#\n]*[^#\s])", re.MULTILINE)
"""A key and its value on a line of their own, as shipped scenarios state them."""


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios: in the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """Return the shipped scenarios by name, such as ``tiktok_sold`` or
    ``events/ru_instagram_2022``, sorted.
    """
    top = str(shipped_folder())
    names = {}
    for place, _, files in os.walk(top):
        above = place[len(top) + 1 :].replace(os.sep, "/")
        in_name = f"{above}/" if above.partition("/")[0] in COLLECTIONS else ""
        for stem, end in map(os.path.splitext, files):
            if end in SUFFIXES:
                names[f"{in_name}{stem}"] = Path(place, f"{stem}{end}")
    return dict(sorted(names.items()))


def shipped_name(text: str) -> str | None:
    """Return the full name of a shipped scenario; None if there is no such scenario.

    Users may name an event without its folder or with its former folder, and any scenario with its
    path.

    Parameters
    ----------
    text : str
        A name such as ``wechat_as_ordered``, ``events/ua_vk_2017``, ``ua_vk_2017`` or
        ``hindcast/ua_vk_2017``.
    """
    known = shipped()
    for name in (text, f"{EVENTS}{text.removeprefix(FORMER_EVENTS)}"):
        if name in known:
            return name
    folder = shipped_folder()
    return next(
        (name for name, path in known.items() if path == folder / f"{text}{path.suffix}"), None
    )


def event_names() -> list[str]:
    """Return the names of the shipped events, in alphabetical order."""
    return sorted(name for name in shipped() if name.startswith(EVENTS))


def head(path: Path) -> tuple[str, str]:
    """Return the status and title of a shipped scenario, read from its lines or, if missing, its
    parent's.

    Parameters
    ----------
    path : Path
        A shipped scenario.
    """
    lines = _LINE.findall(path.read_text(encoding="utf-8"))
    stated = {key: value.strip("\"'") for key, value in lines}
    above = (LEAST_STATUS, "")
    if "extends" in stated and not {"title", "status"} <= set(stated):
        above = head(path.parent / stated["extends"])
    return stated.get("status", above[0]), stated.get("title", above[1])
