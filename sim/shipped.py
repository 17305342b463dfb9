"""The shipped scenarios: their paths, names and titles, without loading any of them."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

SUFFIXES = (".yaml", ".yml")
EVENTS, FORMER_EVENTS = "events/", "hindcast/"
"""Where the shipped events are, and where they were; names with the former folder go on working."""
COLLECTIONS = ("cases", "clean_network", "events", "forecasts")
"""Folders that are part of a scenario's name; the others only keep scenarios of one subject together."""
LEAST_STATUS = "what-if"
"""The status of a scenario that states none."""
_KEY = re.compile(r"(title|status|extends):[ ]+(.+)")
_PLAIN = re.compile(r"(?!.*:( |$))[A-Za-z0-9(.].*")
_COMMENT = re.compile(r"\s+#.*")
_QUOTED = re.compile(r'"([^"\\]*)"|\'([^\']*)\'')


class Head(NamedTuple):
    """What a scenario is.

    Attributes
    ----------
    status : str
        ``hindcast``, ``projection`` or ``what-if``.
    title : str
    """

    status: str
    title: str


@cache
def shipped_folder() -> Path:
    """Return the folder of the shipped scenarios: inside the package, or beside it in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "scenarios"
    return inside if inside.is_dir() else package.parent / "scenarios"


def shipped() -> dict[str, Path]:
    """Return the shipped scenarios by name, such as ``tiktok_sold`` or ``events/ru_instagram_2022``, sorted."""
    folder = shipped_folder()
    names = {}
    for path in folder.rglob("*"):
        if path.suffix in SUFFIXES:
            place = path.relative_to(folder).with_suffix("")
            names[place.as_posix() if place.parts[0] in COLLECTIONS else place.name] = path
    return dict(sorted(names.items()))


def shipped_name(text: str) -> str | None:
    """Return the name of the shipped scenario that a name means; None for none.

    An event may be named without its folder, or with the folder that it once was in; any scenario with its path.

    Parameters
    ----------
    text : str
        Such as ``wechat_as_ordered``, ``events/ua_vk_2017``, ``ua_vk_2017`` or ``hindcast/ua_vk_2017``.
    """
    known = shipped()
    for name in (text, f"{EVENTS}{text.removeprefix(FORMER_EVENTS)}"):
        if name in known:
            return name
    folder = shipped_folder()
    return next((name for name, path in known.items() if path == folder / f"{text}{path.suffix}"), None)


def event_names() -> list[str]:
    """Return the names of the shipped events, in the order of the alphabet."""
    return sorted(name for name in shipped() if name.startswith(EVENTS))


def head(path: Path) -> Head | None:
    """Return the status and title of a scenario file, read from its lines; None where they cannot be read so.

    A line of its own holds each, with a plain or quoted value; what the file does not state, those that it extends do.
    None means only that the file must be loaded.

    Parameters
    ----------
    path : Path
        A shipped scenario.
    """
    found: dict[str, str] = {}
    seen: set[Path] = set()
    file: Path | None = path
    while file is not None and file not in seen:
        seen.add(file)
        stated = _stated(file)
        if stated is None:
            return None
        found = {**stated, **found}
        above = stated.get("extends")
        file = file.parent / above if above else None
    return Head(found.get("status", LEAST_STATUS), found["title"]) if file is None and "title" in found else None


def _stated(path: Path) -> dict[str, str] | None:
    """Return the title, status and extended file that the lines of a file state; None where a line is not plain."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    found: dict[str, str] = {}
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        if not line.startswith(("title", "status", "extends")):
            continue
        key = _KEY.fullmatch(line.rstrip())
        value = key and _value(key[2])
        if not key or not value or key[1] in found or after.startswith((" ", "\t")):
            return None
        found[key[1]] = value
    return found


def _value(text: str) -> str | None:
    """Return the value of a scalar on one line, None where it takes a reader of YAML."""
    if quoted := _QUOTED.fullmatch(text):
        return quoted[1] or quoted[2]
    plain = _COMMENT.sub("", text)
    return plain if _PLAIN.fullmatch(plain) else None
