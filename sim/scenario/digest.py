"""The digest of a scenario: scenarios with the same digest give the same run."""

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
    kept = {key: value for key, value in keys.items() if value or key not in _LATER_KEYS}
    kept = {key: value for key, value in kept.items() if _LATER_DEFAULTS.get(key) != value}
    world = kept.get("world")
    if isinstance(world, Mapping):
        kept["world"] = {key: value for key, value in world.items() if value or key not in _LATER_KEYS_OF_WORLD}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
