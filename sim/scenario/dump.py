"""Write a resolved scenario as a YAML text that all YAML tools read in the same way."""

from __future__ import annotations

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from sim.scenario.schema import Scenario

_YAML_1_1_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"})


def dump(scenario: Scenario) -> str:
    """Return the text of a scenario: resolved, without comments, loadable again to the same digest."""
    keys = _stated(scenario.model_dump(exclude_none=True))
    keys["world"] = {key: value for key, value in keys["world"].items() if value != {}}
    keys["policies"] = [_stated(policy) for policy in keys.get("policies", ())]
    writer = YAML(typ="rt", pure=True)
    writer.width = 4096
    writer.allow_unicode = False
    text = StringIO()
    writer.representer.ignore_aliases = lambda *_: True
    writer.dump(_quoted(_stated(keys)), text)
    return text.getvalue()


def _stated(keys: dict[str, Any]) -> dict[str, Any]:
    """Return keys without those that hold nothing."""
    return {key: value for key, value in keys.items() if value not in ({}, (), [])}


def _quoted(value: Any) -> Any:
    """Return a value whose words that YAML 1.1 takes for yes or no (on, NO) are in quotes."""
    if isinstance(value, dict):
        return {_quoted(key): _quoted(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_quoted(entry) for entry in value]
    if isinstance(value, str) and value.casefold() in _YAML_1_1_WORDS:
        return DoubleQuotedScalarString(value)
    return value
