"""A new scenario file, and what editors and shells offer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from conftest import call
from ruamel.yaml import YAML

import splinternet as sn
from splinternet.metrics.registry import METRICS
from splinternet.scenario.json_schema import json_schema
from splinternet.scenario.new import write_new


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_new_file_runs_as_it_is(here: Path) -> None:
    path = write_new("mine")
    assert path == Path("mine.yaml")
    spec = sn.load(path)
    assert spec.title == "Mine"
    assert [p.instrument for p in spec.policies] == ["block"]
    text = path.read_text(encoding="utf-8")
    assert text.count("#") > 20, "it says what may stand where"
    result = sn.run(path, people=2_000, days=60, seeds=1, jobs=1)
    assert (
        result.members[0][0].arrays["active_users"].sum()
        != result.members[0][1].arrays["active_users"].sum()
    )
    assert [p.name for p in here.iterdir()] == ["mine.yaml"]


def uncommented(text: str) -> str:
    """Return a scenario with every commented-out line of YAML brought to life."""
    lines = []
    for line in text.splitlines():
        bare = line.lstrip()
        is_yaml = (
            bare.startswith("# ")
            and (":" in bare)
            and not bare.startswith(("# Say", "#   splinternet"))
        )
        told = bare.startswith(("# What", "# Model", "# The metrics", "# A policy", "# A variant"))
        indent = line[: len(line) - len(bare)]
        lines.append(indent + bare[2:] if is_yaml and not told else line)
    return "\n".join(lines) + "\n"


def test_what_is_commented_out_may_be_used(here: Path) -> None:
    """Every example in the comments is right: a reader takes away the # and goes on."""
    for path in (write_new("whole"), write_new("variant", "wechat_as_happened")):
        data = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
        jsonschema.Draft7Validator(SCHEMA).validate(json.loads(json.dumps(data, default=str)))
        text = uncommented(path.read_text(encoding="utf-8"))
        alive = here / f"{path.stem}_alive.yaml"
        alive.write_text(text, encoding="utf-8")
        spec = sn.load(alive, known_metrics=METRICS)
        assert spec.parameters == {"choice.review_days": 14}
        assert "ties.only_channel" in spec.uncertain
    assert [p.instrument for p in sn.load("whole_alive.yaml").policies] == ["block", "injunction"]
    assert len(sn.load("variant_alive.yaml").policies) == 3


@pytest.mark.parametrize(
    "name", ["wechat_as_happened", "events/tr_twitter_2014", "clean_network/store"]
)
def test_a_variant_of_a_shipped_scenario_is_that_scenario(name: str) -> None:
    spec, parent = sn.load(write_new("variant", name)), sn.load(name)
    assert all(
        getattr(spec, part) == getattr(parent, part)
        for part in ("policies", "world", "uncertain", "days")
    )
    assert spec.status == "what-if"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("a b",), "cannot be a scenario's name"),
        (("",), "cannot be a scenario's name"),
        (("../up/..",), "cannot be a scenario's name"),
        (("nowhere/mine",), "the folder 'nowhere' does not exist"),
        (("mine", "--from-example", "wechat_as_orderd"), "did you mean 'wechat_as_ordered'?"),
        (("mine", "--from-example", "broken.yaml"), "broken.yaml:1:8: title"),
        (("inner/mine", "--from-example", "good.yaml"), "cannot be extended from"),
        (("good",), "good.yaml exists and is left as it is"),
    ],
)
def test_bad_names_and_sources_are_told_and_nothing_is_written(
    arguments: tuple[str, ...], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "broken.yaml").write_text("title: [1]\nstart: 2020-08-01\ndays: 3\n", encoding="utf-8")
    (here / "inner").mkdir()
    write_new("good")
    before = sorted(here.rglob("*"))
    code, out, err = call(capsys, "new", *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert sorted(here.rglob("*")) == before


SCHEMA = json_schema(METRICS)


def resolved(part: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a part of the schema and all it refers to or is made of."""
    yield part
    for inner in (
        ([{"$ref": part["$ref"]}] if "$ref" in part else [])
        + part.get("allOf", [])
        + part.get("anyOf", [])
    ):
        if "$ref" in inner:
            yield from resolved(SCHEMA["definitions"][inner["$ref"].rpartition("/")[2]])
        else:
            yield from resolved(inner)


def keys_of(part: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every key that the schema offers: conditions aside, which say nothing to a reader."""
    if isinstance(part, list):
        for item in part:
            yield from keys_of(item, path)
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "properties":
                for key, inner in value.items():
                    yield f"{path}.{key}", inner
                    yield from keys_of(inner, f"{path}.{key}")
            elif name not in ("if", "then"):
                yield from keys_of(
                    value, path if name in ("items", "allOf", "anyOf") else f"{path}/{name}"
                )


def test_an_editor_explains_every_key() -> None:
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "http://json-schema.org/draft-07/schema#"
    keys = [(path, key) for path, key in keys_of(SCHEMA) if "const" not in key]
    assert len(keys) > 300
    bare = [
        path for path, key in keys if not any(part.get("description") for part in resolved(key))
    ]
    assert not bare
