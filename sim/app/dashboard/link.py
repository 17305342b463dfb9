"""The state of a page as the end of its address: a link that opens the same case again.

It has the scenario's name, the changed values (including size and seed), the policies that are switched off, added and
removed, and the day. It comes after the ``#``, so it never reaches a server. A link is not trusted: only these words
are read, and the choices check each of them like an input.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from .choices import Choices

LONGEST = 8_000
"""Characters of a link that are read (assumption: what every browser takes)."""
_ADDED = ("id", "instrument", "by", "targets", "on")
_WORDS = {"scenario", "off", "remove", "add", "day"}


class Linked(NamedTuple):
    """What a link says.

    Attributes
    ----------
    scenario : str
        Its name; empty for none.
    off, removed : tuple of str
        Ids of policies that are switched off, and removed.
    added : tuple of mapping
        Keys of each policy that was added.
    changed : mapping of str to str
        Path of a value -> its text.
    day : int or None
        The day shown.
    """

    scenario: str = ""
    off: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    added: tuple[Mapping[str, Any], ...] = ()
    changed: Mapping[str, str] = {}
    day: int | None = None


def link_of(name: str, choices: Choices) -> str:
    """Return the end of an address that opens these choices again, without the day."""
    pairs = [("scenario", name)]
    pairs += [("remove", each) for each in sorted(choices.removed)]
    pairs += [("add", json.dumps(dict(keys), separators=(",", ":"))) for keys in choices.added]
    pairs += [("off", each) for each in sorted(choices.off)]
    pairs += [(path, text) for path, text in choices.changed.items()]
    return urlencode(pairs)


def linked(text: str) -> Linked:
    """Return what the end of an address says; what cannot be read is left out.

    Raises
    ------
    ValueError
        When it is too long or holds too much.
    """
    if len(text) > LONGEST:
        raise ValueError("the link is too long")
    pairs = parse_qsl(text.removeprefix("#"), keep_blank_values=True, max_num_fields=200)
    found: dict[str, list[str]] = {word: [value for key, value in pairs if key == word] for word in _WORDS}
    added = [keys for each in found["add"] if (keys := _policy(each)) is not None]
    days = [int(day) for day in found["day"] if day.isascii() and day.isdigit() and len(day) < 7]
    return Linked(
        (found["scenario"] or [""])[0],
        tuple(found["off"]),
        tuple(found["remove"]),
        tuple(added),
        {key: value for key, value in pairs if key not in _WORDS},
        days[0] if days else None,
    )


def _policy(text: str) -> dict[str, Any] | None:
    """Return the keys of an added policy: plain words and numbers alone; None where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or not all(isinstance(found.get(key), str) for key in ("id", "instrument", "on")):
        return None
    plain = (str, int, float)
    return {
        key: value
        for key, value in found.items()
        if (key in _ADDED or isinstance(value, plain))
        and (isinstance(value, plain) or (isinstance(value, list) and all(isinstance(each, str) for each in value)))
    }


__all__ = ["LONGEST", "Linked", "link_of", "linked"]
