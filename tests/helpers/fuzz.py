"""A fuzzer of scenarios: it makes them from the schema, breaks some of them, and runs what `check`
accepts.

``uv run python tests/helpers/fuzz.py --seed 1 --count 10000``
prints each mutant with a fault; the suite tries some dozens. The
same seed gives the same mutants. A mutant is refused with an `InputError`, or runs; anything else
is a fault.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import traceback
import warnings
from collections.abc import Iterator
from copy import deepcopy
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

import ends
from scenario_sample import SAMPLE

from splinternet.errors import InputError
from splinternet.metrics.registry import METRICS
from splinternet.scenario import Scenario, load
from splinternet.scenario.json_schema import json_schema

Keys = dict[str, Any]
START, DAYS, PEOPLE = date(2020, 8, 1), 10, 1_000
IDS = ("p0", "p1", "p2", "p3")
NASTY: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    1,
    2,
    0.5,
    1e-300,
    1e300,
    -1e300,
    10**400,
    float("nan"),
    float("inf"),
    "",
    " ",
    "nan",
    "=1+1",
    "a\0b",
    "\x1b[31m",
    "\u202e",
    "2020-02-30",
    "2020-08-03",
    "9999-12-31",
    "0001-01-01",
    "x" * 5_000,
    [],
    {},
    [[]],
    [None],
    {"low": 1, "high": 0},
    {"a": {"b": {}}},
    ["WeChat"],
    ["WeChat", "WeChat"],
    "US",
    "XX",
    "Nobody",
    ["US", "US"],
    b"x",
    date(2020, 8, 4),
    "{}",
    "*",
    "../../etc/passwd",
    "p0",
    ["p0"],
)
LIKELY = 0.02
"""How often a value of the schema is a nasty one."""
DEEPEST = 8


class Maker:
    """Makes values that fit a part of the schema, most of the time.

    Parameters
    ----------
    chance : random.Random
    """

    def __init__(self, chance: Random) -> None:
        self.chance, self.schema, self.ends = (
            chance,
            json_schema(METRICS),
            ends.ends_of_parameters(),
        )

    def scenario(self) -> Keys:
        """Return a scenario with some policies, and some of the other keys."""
        made: Keys = {
            "title": "made by chance",
            "start": str(START),
            "days": DAYS,
            "people": PEOPLE,
        }
        for key, part in self.schema["properties"].items():
            if key not in made and key != "policies" and self.chance.random() < 0.25:
                made[key] = self.value(part)
        kinds = [
            kind
            for kind, part in self.schema["definitions"].items()
            if "instrument" in part.get("properties", {})
        ]
        made["policies"] = [
            self.policy(name, self.chance.choice(kinds))
            for name in IDS[: self.chance.randint(0, 4)]
        ]
        return made

    def policy(self, name: str, kind: str) -> Keys:
        """Return a policy of an instrument."""
        part = self.schema["definitions"][kind]
        made = self.object(part, 0.4) | {"id": name, "instrument": kind}
        made.setdefault("on", str(START + timedelta(self.chance.randint(0, DAYS))))
        return made

    def varied(self, whole: Keys) -> Keys:
        """Return a scenario that uses everything with fewer policies, and other values of some keys
        and parameters.
        """
        policies = self.chance.sample(whole["policies"], self.chance.randint(1, 5))
        named = {policy["id"] for policy in policies}
        made = deepcopy(whole) | {
            "policies": [deepcopy(p) for p in policies if p.get("policy", p["id"]) in named]
        }
        for policy in made["policies"]:
            part = self.schema["definitions"][policy["instrument"]]["properties"]
            for key in self.chance.sample(
                sorted(set(part) - {"id", "instrument", "policy", "by"}), 1
            ):
                policy[key] = self.value(part[key])
        if self.chance.random() < 0.5:
            made["behaviour"] = {key: self.chance.random() < 0.5 for key in made["behaviour"]}
        for name in self.chance.sample(sorted(self.ends), 3):
            low, high = self.ends[name]
            made.setdefault("parameters", {})[name] = self.chance.choice(
                [low, high, self.chance.uniform(low, high)]
            )
        return made

    def value(self, part: Any, depth: int = 0) -> Any:
        """Return a value for a part of the schema."""
        if self.chance.random() < LIKELY or depth > DEEPEST or not isinstance(part, dict):
            return self.chance.choice(NASTY)
        if "$ref" in part:
            return self.value(
                self.schema["definitions"][part["$ref"].rpartition("/")[2]], depth + 1
            )
        for key in ("anyOf", "oneOf", "allOf"):
            if part.get(key):
                return self.value(self.chance.choice(part[key]), depth + 1)
        if "const" in part:
            return part["const"]
        if "enum" in part:
            return self.chance.choice(part["enum"])
        kind = part.get("type", "string")
        return self._of_kind(
            self.chance.choice(kind) if isinstance(kind, list) else kind, part, depth
        )

    def _of_kind(self, kind: str, part: Any, depth: int) -> Any:
        """Return a value of a type of JSON."""
        if kind == "object":
            return self.object(part, 0.5, depth)
        if kind == "array":
            return [
                self.value(part.get("items", {}), depth + 1)
                for _ in range(self.chance.randint(0, 3))
            ]
        if kind in ("number", "integer"):
            low = part.get("minimum", part.get("exclusiveMinimum", -1e6))
            high = part.get("maximum", part.get("exclusiveMaximum", 1e6))
            number = self.chance.choice(
                [low, high, self.chance.uniform(low, high), low + (high - low) / 1e3]
            )
            return int(number) if kind == "integer" else number
        if kind == "boolean":
            return self.chance.random() < 0.5
        if kind == "null":
            return None
        if part.get("format") == "date":
            return str(
                START + timedelta(self.chance.choice([-400, -1, 0, 1, 2, 3, 5, 8, DAYS, 400]))
            )
        return self.chance.choice([*IDS, "WeChat", "US", "CN", "a name", "Telegram"])

    def object(self, part: Any, share: float, depth: int = 0) -> Keys:
        """Return an object with what it requires, and some of what it may have."""
        required = part.get("required", [])
        made = {
            key: self.value(of, depth + 1)
            for key, of in part.get("properties", {}).items()
            if key in required or self.chance.random() < share
        }
        rest = part.get("additionalProperties")
        if isinstance(rest, dict):
            names = self._names(part)
            made |= {
                self.chance.choice(names): self.value(rest, depth + 1)
                for _ in range(self.chance.randint(0, 2))
            }
        return made

    def _names(self, part: Any) -> list[str]:
        """Return names that keys of an object may have."""
        names = part.get("propertyNames", {})
        if "$ref" in names:
            names = self.schema["definitions"][names["$ref"].rpartition("/")[2]]
        known = [name for each in (names, *names.get("anyOf", ())) for name in each.get("enum", ())]
        return known or ["US", "CN", "RU", "WeChat", "TikTok", "other", "QQ", "Newcomer"]


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield where each value of a tree stands."""
    if path:
        yield path
    items = (
        tree.items()
        if isinstance(tree, dict)
        else enumerate(tree)
        if isinstance(tree, list)
        else ()
    )
    for key, value in items:
        yield from places(value, (*path, key))


def broken(tree: Keys, chance: Random) -> Keys:
    """Return a scenario in which one to three values are gone, doubled, exchanged or others."""
    made = deepcopy(tree)
    for _ in range(chance.randint(1, 3)):
        *steps, last = chance.choice([*places(made)] or [("title",)])
        holder: Any = made
        for step in steps:
            holder = holder[step]
        what = chance.random()
        if what < 0.2:
            del holder[last]
        elif what < 0.3 and isinstance(holder, list):
            holder.append(deepcopy(holder[last]))
        elif what < 0.4 and isinstance(holder, dict):
            holder[f"{last}x"] = holder.pop(last)
        elif what < 0.5 and isinstance(holder, dict):
            holder[last] = deepcopy(holder[chance.choice([*holder])])
        else:
            holder[last] = chance.choice(NASTY)
    return made


def scrambled(text: str, chance: Random) -> bytes:
    """Return the text of a file in which some bytes are others, gone or twice."""
    made = bytearray(text.encode())
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(made))
        made[at : at + chance.randint(0, 3)] = bytes(
            chance.choices(b"\0\n\t -:[]{}'\"#&*!|>%@0a\xff\xc3", k=chance.randint(0, 3))
        )
    return bytes(made)


def mutants(seed: int) -> Iterator[Keys | bytes]:
    """Yield scenarios without end: made from the schema, varied, broken, and broken files."""
    chance = Random(seed)
    maker, whole = Maker(chance), ends.whole(days=DAYS)
    while True:
        made = maker.scenario()
        yield made
        yield broken(made, chance)
        yield maker.varied(whole)
        yield broken(maker.varied(whole), chance)
        yield maker.varied(whole)
        yield scrambled(SAMPLE, chance)


def read(mutant: Keys | bytes) -> Scenario | None:
    """Return the scenario of a mutant, of few people and days; None where it is refused as it is to
    be.
    """
    try:
        if isinstance(mutant, bytes):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "mutant.yaml")
                path.write_bytes(mutant)
                spec = load(path)
        else:
            spec = load(mutant)
        days = min(spec.days, DAYS)
        return load(spec, people=PEOPLE, days=days)
    except InputError as error:
        for problem in error.problems:
            if not problem.found or not problem.allowed or set("\x1b\0\n") & set(str(problem)):
                raise AssertionError(
                    f"a problem that does not say what is wrong: {problem!r}"
                ) from error
        return None


def fault_of(mutant: Keys | bytes, *, run: bool = True) -> tuple[str, bool]:
    """Return what goes wrong with a mutant, empty where nothing does, and whether it is accepted.

    Parameters
    ----------
    mutant : dict or bytes
    run : bool
        Whether to run what is accepted.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", RuntimeWarning)
            spec = read(mutant)
            return (
                "; ".join(ends.wrong_in(spec)) if spec is not None and run else ""
            ), spec is not None
    except Exception:
        return traceback.format_exc(), False


def main(arguments: list[str] | None = None) -> int:
    """Try mutants; print those with a fault."""
    described = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    described.add_argument("--seed", type=int, default=1)
    described.add_argument("--count", type=int, default=10_000)
    described.add_argument(
        "--no-run", action="store_true", help="only check; do not run what is accepted"
    )
    given, faults, ran = described.parse_args(arguments), 0, 0
    for number, mutant in enumerate(islice(mutants(given.seed), given.count)):
        found, accepted = fault_of(mutant, run=not given.no_run)
        ran += accepted
        if found:
            faults += 1
            print(f"--- mutant {number} of seed {given.seed}\n{mutant!r}\n{found}", flush=True)
    print(f"{given.count} mutants, {ran} accepted, {faults} with a fault")
    return faults > 0


if __name__ == "__main__":
    sys.exit(main())
