"""An instrument's file is checked on load, and the checks for plug-ins find an instrument that breaks a rule."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sim import plugins, policies
from sim.cut import Cut
from sim.errors import InputError
from sim.network.cuts import check_states
from sim.network.shipped import shipped
from sim.policies.case import Case
from sim.policies.checks import check_instrument
from sim.policies.hooks import HOOKS

SIM = Path(policies.__file__).parents[1]
RIGHT = '''"""Ends payments inside platforms."""

from __future__ import annotations

from typing import ClassVar

from sim.facts.model import MODES
from sim.policies.base import PolicyKeys
from sim.policies.values import Share

SUMMARY = "Ends payments inside platforms."
CASE = "Executive Order 13971, 5 January 2021"
EXAMPLE = {"by": "US", "targets": ["WeChat"], "share": 0.5}


class Keys(PolicyKeys):
    """Keys of a payment ban."""

    DOSES: ClassVar[tuple[str, ...]] = ("share",)

    share: Share = 1.0
    """Share of people who can no longer pay [1]."""


def apply(policy, days_in_force, table, setting):
    for state in policy.by:
        s = setting.states.index(state)
        for target in policy.targets:
            place = s, setting.platforms.index(target), MODES.index("pay")
            table.reach[place] = min(table.reach[place], 1.0 - policy.share)
'''

type Write = Callable[[str], None]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Return what writes the text of the instrument `pay_ban` into a project and uses the project."""
    (tmp_path / "instruments").mkdir()

    def given(text: str) -> None:
        (tmp_path / plugins.FILE).touch()
        (tmp_path / "instruments" / "pay_ban.py").write_text(text, encoding="utf-8")
        plugins.use_project(tmp_path)

    yield given
    plugins.use_project(None)


def test_an_instrument_in_a_project_is_loaded_and_passes(write: Write) -> None:
    write(RIGHT)
    found = policies.load("pay_ban")
    assert found.defined == {"apply"} and found.available and not found.demands and not found.relieves
    assert check_instrument("pay_ban") == ()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("def apply(", "def aply(", r"pay_ban\.py:25:1: function 'aply' is no hook; .*did you mean 'apply'\?"),
        ("def apply(", "def helper(", "function 'helper' is no hook; .*rename it to _helper"),
        ("days_in_force, table", "table, days_in_force", r"def apply\(policy, table, days_in_force, .*; def app"),
        ("apply(policy, days_in_force, table, setting)", "apply(policy, table)", r"def apply\(policy, table\)"),
        ('CASE = "Exec', 'CASES = "Exec', "no CASE; .*did you mean"),
        ('SUMMARY = "Ends', 'SUMARY = "Ends', "no SUMMARY"),
        ("EXAMPLE = {", "_EXAMPLE = {", "no EXAMPLE"),
        ("EXAMPLE = {", "AVAILABEL = False\nEXAMPLE = {", "unknown constant 'AVAILABEL'.*did you mean 'AVAILABLE'"),
        ("EXAMPLE = {", 'EXAMPLE = {"id": "x", ', "EXAMPLE has the key 'id'"),
        ("class Keys(PolicyKeys)", "class Keys", "Keys is not a PolicyKeys"),
        ("    DOSES: ClassVar", "    DOSE: ClassVar", "Keys.DOSE is unknown.*did you mean 'DOSES'"),
        ('("share",)', '("shares",)', "DOSES names the key 'shares'.*did you mean 'share'"),
        ("    for state in policy.by:", "    return\n\n\napply = 3\n\n\ndef _later(policy):\n    for state in ():",
         "'apply' is not a function"),
    ],
    ids=lambda text: text.strip()[:24],
)  # fmt: skip
def test_a_faulty_file_is_refused(write: Write, old: str, new: str, said: str) -> None:
    assert old in RIGHT
    write(RIGHT.replace(old, new, 1))
    with pytest.raises(InputError, match=said):
        policies.load("pay_ban")
    assert check_instrument("pay_ban")


def test_an_instrument_without_a_hook_is_refused_unless_it_says_so(write: Write) -> None:
    text = RIGHT.split("def apply")[0]
    write(text)
    with pytest.raises(InputError, match="has no hook, so it does nothing"):
        policies.load("pay_ban")


def test_one_that_is_declared_only_is_listed_and_refused_in_a_scenario(write: Write) -> None:
    write(RIGHT.split("def apply")[0].replace("EXAMPLE =", "AVAILABLE = False\nEXAMPLE ="))
    assert "pay_ban" in policies.instruments() and "pay_ban" not in policies.available()
    with pytest.raises(InputError, match="pay_ban is not in this version"):
        assert Case(policies.load("pay_ban")).policy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"share": 0.5}', '"share": 2}', "example: .*share"),
        ('"share": 0.5}', '"share": 0}', "effect: with the example in force, access is as without it"),
        ("platforms.\"\nCASE", "platforms\"\nCASE", "texts: SUMMARY does not end with a full stop"),
        ('    """Share of people who can no longer pay [1]."""\n', "", "texts: the key 'share' has no docstring"),
        ("in policy.by:", "in policy.bye:", "effect: AttributeError: 'Keys' object has no attribute 'bye'"),
        ("= min(table.reach[place], 1.0 - policy.share)", "= 1.0 - policy.share", "order: with block, "),
        ("1.0 - policy.share)", "policy.share)", "dose: more of 'share' gives access back in 'reach'"),
        ("min(table.reach[place], 1.0 - policy.share)", "float('nan')", "purity: .*'reach' has numbers that are not"),
        ("1.0 - policy.share)", "-1.0)", "purity: the column 'reach' leaves 0 to 1"),
        ("    DOSES", "    IDLE_KEYS: ClassVar[frozenset[str]] = frozenset()\n    DOSES",
         "idle keys: 'technique' changes nothing: add it to IDLE_KEYS"),
        ("1.0 - policy.share)", "0.3 if policy.technique else 0.5)",
         "idle keys: 'technique' is in IDLE_KEYS, but it changes access"),
        ("def apply", "def sanctions(policy, setting):\n    return [3]\n\n\ndef apply",
         r"hooks: sanctions\(\) does not return a list of Sanction"),
        ("def apply", "def sanctions(policy, setting):\n    return []\n\n\ndef apply",
         "demand: there is no parameter compliance.fixed_cost.pay_ban"),
        ("def apply", "def cut(policy, days_in_force, setting):\n    return ['state:US']\n\n\ndef apply", "cut"),
        ("def apply", "def cost(policy, days_in_force, users, setting):\n    return -users\n\n\ndef apply",
         r"hooks: cost\(\) does not return a cost from 0"),
    ],
    ids=lambda text: text.strip()[:24],
)  # fmt: skip
def test_the_checks_find_what_is_wrong(write: Write, old: str, new: str, said: str) -> None:
    assert old in RIGHT
    write(RIGHT.replace(old, new, 1))
    told = "\n".join(str(problem) for problem in check_instrument("pay_ban"))
    assert re.search(said, told), told


MEMORY = """
_seen = []


def apply(policy, days_in_force, table, setting):
    _seen.append(1)
    for target in policy.targets:
        table.speed[setting.states.index("US"), setting.platforms.index(target)] *= 0.9 / len(_seen)
"""


def test_the_checks_find_one_that_keeps_something_from_day_to_day(write: Write) -> None:
    write(RIGHT.split("def apply")[0].replace('("share",)', "()") + MEMORY)
    told = "\n".join(str(problem) for problem in check_instrument("pay_ban"))
    assert "purity: the same day worked out twice differs" in told


def test_the_checks_find_one_that_touches_the_first_day(write: Write) -> None:
    touch = "    from sim.policies.case import first\n    first().speed[:] *= 0.99\n    for state in policy.by:"
    from sim.policies import case

    write(RIGHT.replace("    for state in policy.by:", touch, 1))
    try:
        told = "\n".join(str(problem) for problem in check_instrument("pay_ban"))
    finally:
        case.first.cache_clear()
    assert "end: after 'until', access differs" in told or "purity: it changed the table of the first day" in told


def test_every_shipped_hook_has_the_one_signature() -> None:
    for name in policies.instruments():
        assert policies.load(name).defined <= set(HOOKS)


def test_what_an_instrument_lists_for_other_files_is_imported_by_one() -> None:
    used = {
        (node.module, name.name)
        for path in SIM.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    for instrument in policies.instruments():
        module = importlib.import_module(f"sim.policies.{instrument}")
        for name in getattr(module, "__all__", ()):
            assert (module.__name__, name) in used, f"{instrument}.{name} is imported nowhere: rename it to _{name}"


def test_objects_name_what_a_policy_is_aimed_at() -> None:
    aimed = {
        name: Case(policies.load(name)).policy.objects() for name in ("carrier_ban", "path_rule", "bridge", "block")
    }
    assert aimed["block"] == (("platform", "WeChat"),)
    assert aimed["bridge"] == (("platform", "WeChat"), ("platform", "WhatsApp"))
    assert aimed["path_rule"] == (("state", "CN"),)
    assert aimed["carrier_ban"][0] == ("carrier", "China Telecom")


def test_states_that_decide_know_only_instruments_that_are_aimed_at_what_they_act_against() -> None:
    from sim.facts.repertoire import read_repertoire

    for way in read_repertoire():
        assert way.object in policies.keys(way.instrument).OBJECTS.values(), way
    assert policies.keys(policies.ending()).ENDS


def test_instruments_of_a_project_do_not_move_the_shipped_ones(write: Write) -> None:
    before = policies.in_order()
    write(RIGHT)
    assert policies.in_order() == (*before, "pay_ban")


def test_a_cut_where_nothing_can_be_cut_is_an_error() -> None:
    with pytest.raises(InputError, match="the state ZZ has no carriers in the graph"):
        check_states(Cut(gateways=(("ZZ", 1),)), shipped())
