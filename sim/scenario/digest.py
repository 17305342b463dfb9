"""The digest of a scenario: the same digest, the same run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

_LATER_KEYS = ("episode", "observed")
_LATER_DEFAULTS = {"draw": "all"}
_LATER_KEYS_OF_WORLD = ("migrants", "communities")
"""Keys that came after the first version: a scenario without them keeps the digest that it always had."""


def digest_of(keys: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a resolved scenario, hexadecimal.

    Parameters
    ----------
    keys : mapping
        All keys, as JSON can hold them.
    """
    told = {key: value for key, value in keys.items() if value or key not in _LATER_KEYS}
    told = {key: value for key, value in told.items() if _LATER_DEFAULTS.get(key) != value}
    world = told.get("world")
    if isinstance(world, Mapping):
        told["world"] = {key: value for key, value in world.items() if value or key not in _LATER_KEYS_OF_WORLD}
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
