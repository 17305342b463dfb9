"""An instrument of a user's own is checked when it is loaded, and the checks find one that breaks a
rule.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from conftest import scenario

from splinternet.core import plugins
from splinternet.core.plugins import import_file, items_added
from splinternet.errors import InputError
from splinternet.experiments import instrument_checks as checks
from splinternet.experiments.instrument_checks import Case, check_instrument
from splinternet.policies import INSTRUMENTS
from splinternet.scenario import load
from splinternet.world.sampling import LEAST_SIZE, sample_groups
from splinternet.world.scenario_setting import make_setting

RIGHT = '''"""Ends payments inside platforms."""

from splinternet.facts.model import MODES
from splinternet.policies.base import Policy
from splinternet.policies.values import Share


class PayBan(Policy):
    """Ends payments inside platforms."""

    CASE = "Executive Order 13971, 5 January 2021"
    EXAMPLE = {"by": "US", "targets": ["WeChat"], "share": 0.5}
    DOSES = ("share",)

    share: Share = 1.0
    """Share of people who can no longer pay [1]."""

    def apply(self, access, day):
        for s, p in day.cells(self.by, self.targets):
            place = s, p, MODES.index("pay")
            access.reach[place] = min(access.reach[place], 1.0 - self.share)
'''
BARE = RIGHT.split("    def apply")[0]
RELIEF = """    def relieve(self, access, free, freed, day):
        for s, p in day.cells(self.by, self.targets):
            access.speed[s, p] = 1.0
"""

WEEKENDS = '''"""Closes platforms at weekends."""

from splinternet.policies import Policy
from splinternet.policies.access import Block


class PayBan(Policy):
    """Closes platforms at weekends."""

    CASE = "an example"
    EXAMPLE = {"by": "US", "targets": ["WeChat"]}

    def block(self):
        return Block(id=self.id, by=self.by, targets=self.targets, technique="geoblock")

    def apply(self, access, day):
        if day.date.weekday() >= 5:
            self.block().apply(access, day)

    def feared(self, targets, setting):
        return self.block()
'''

type Write = Callable[[str], None]


@pytest.fixture
def write(tmp_path: Path) -> Iterator[Write]:
    """Return what writes the text of the instrument `pay_ban` into a file and imports it."""
    with ExitStack() as used:

        def given(text: str) -> None:
            (tmp_path / "pay_ban.py").write_text(text, encoding="utf-8")
            used.enter_context(items_added(import_file(tmp_path / "pay_ban.py")))

        yield given
    plugins._known.pop(("instruments", "pay_ban"), None)


def test_an_instrument_in_a_project_is_loaded_and_passes(write: Write) -> None:
    before = tuple(INSTRUMENTS)
    write(RIGHT)
    assert tuple(INSTRUMENTS) == (*before, "pay_ban"), "the shipped ones keep their places"
    kind = INSTRUMENTS["pay_ban"]
    assert kind.has("apply") and not kind.demands() and not kind.relieves()
    assert check_instrument("pay_ban") == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "def apply(",
            "def aply(",
            r"pay_ban\.py:18:1: 'aply' is unknown; a hook .*did you mean 'apply'\?",
        ),
        (
            "self, access, day",
            "self, day, access",
            r"py:18:1: def apply\(self, day, access\); def apply\(self, access,",
        ),
        ('    """Ends', "    # Ends", "no docstring"),
        ("EXAMPLE = {", "_EXAMPLE = {", "no EXAMPLE"),
        ("DOSES = ", "DOSE: ClassVar = ", "'DOSE' is unknown.*did you mean 'DOSES'"),
        ('("share",)', '("shares",)', "DOSES names the key 'shares'.*did you mean 'share'"),
        (
            "    share:",
            "    class Thing:\n        pass\n\n    rates: Thing | None = None\n    share:",
            r"pay_ban\.py:8:1: its keys cannot be read: PydanticSchemaGenerationError",
        ),
        ("    share: Share", "    cost: Share", "the key 'cost' has the name of a part of Policy"),
    ],
    ids=lambda text: text.strip()[:24],
)
def test_a_faulty_file_is_refused(write: Write, old: str, new: str, message: str) -> None:
    assert old in RIGHT
    text = RIGHT.replace(old, new, 1) if old != '    """Ends' else RIGHT.replace(old, new)
    if "ClassVar" in new:
        text = text.replace(
            "from splinternet.facts", "from typing import ClassVar\nfrom splinternet.facts"
        )
    with pytest.raises(InputError, match=message):
        write(text)


def test_an_instrument_without_a_hook_is_refused_also_where_a_scenario_names_it(
    write: Write,
) -> None:
    message = "has no hook, so it does nothing"
    with pytest.raises(InputError, match=message):
        write(BARE)
    policy = {"id": "a", "instrument": "pay_ban", "by": "US", "targets": "WeChat"}
    policy["on"] = "2020-08-02"
    keys = {"title": "x", "start": "2020-08-01", "days": 5, "policies": [policy]}
    for use in (lambda: INSTRUMENTS["pay_ban"], lambda: load(keys)):
        with pytest.raises(InputError, match=message):
            use()
    assert check_instrument("pay_ban")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"share": 0.5}', '"share": 2}', "texts: .*share"),
        (
            '"share": 0.5}',
            '"share": 0}',
            "effect: the example in force does not change access on 2020-08-11, from 2020-09-15 to",
        ),
        (
            '    """Share of people who can no longer pay [1]."""\n',
            "",
            "texts: the key 'share' has no docstring",
        ),
        (
            "(self.by",
            "(self.bye",
            r"pay_ban.py:19:1: effect: AttributeError: 'PayBan' object has no attribute 'bye'",
        ),
        (
            "min(access.reach[place], 1.0 - self.share)",
            "float('nan')",
            "purity: .*'reach' has numbers that are not",
        ),
        (
            "    def apply",
            "    def sanctions(self, setting):\n        return []\n\n    def apply",
            "texts: there is no parameter compliance.fixed_cost.pay_ban",
        ),
        (
            "    def apply",
            "    def cut(self, day):\n        return ['state:US']\n\n    def apply",
            "'list'",
        ),
    ],
    ids=lambda text: text.strip()[:24],
)
def test_the_checks_find_what_is_wrong(write: Write, old: str, new: str, message: str) -> None:
    assert old in RIGHT
    write(RIGHT.replace(old, new, 1))
    text = "\n".join(str(problem) for problem in check_instrument("pay_ban"))
    assert re.search(message, text), text


def test_one_that_works_on_some_days_passes_and_is_expected_in_full_on_each(write: Write) -> None:
    """On a Tuesday it closes nothing; what people expect of it is what `feared` returns, in force
    or a bare threat.
    """
    write(WEEKENDS)
    assert check_instrument("pay_ban") == ()
    case, saturday = Case(INSTRUMENTS["pay_ban"]), checks.WEEK[4]
    block = checks.table({**checks.BAN, "on": str(checks.ON)})
    assert saturday.weekday() == 5 and (case.outcome().reach == case.without().reach).all()
    assert (case.outcome(saturday).reach == block.reach).all() and block.coming.any()
    for day in (checks.TODAY, saturday):
        assert (case.outcome(day).coming == block.coming).all()
    threat = {"on": None, "announced": str(checks.TODAY)}
    assert (case.outcome(**threat).threat == checks.table({**checks.BAN, **threat}).threat).all()


def test_the_checks_find_one_that_says_that_it_has_settled_and_has_not(write: Write) -> None:
    write(WEEKENDS.replace('"targets": ["WeChat"]}', '"targets": ["WeChat"]}\n    STEADY = True'))
    assert "settling: its stage is the same after 0 and 4 days" in "\n".join(
        map(str, check_instrument("pay_ban"))
    )


def test_the_checks_find_one_that_keeps_something_from_day_to_day(write: Write) -> None:
    memory = "    def apply(self, access, day):\n        SEEN.append(1)\n        access.speed[:] *= 0.9 / len(SEEN)\n"
    write(BARE.replace('("share",)', "()").replace("\n\nclass", "\nSEEN = []\n\n\nclass") + memory)
    text = "\n".join(str(problem) for problem in check_instrument("pay_ban"))
    assert "purity: two computations of the same day differ" in text


def test_one_that_only_relieves_is_no_restriction_anywhere(write: Write) -> None:
    """That it has a hook `relieve` is all it says: the checks give it a ban, and no diaspora is
    sampled for it.
    """
    write(BARE.replace('("share",)', "()") + RELIEF)
    kind = INSTRUMENTS["pay_ban"]
    assert kind.relieves() and Case(kind).others
    keys = {"id": "relief", "instrument": "pay_ban", "by": "US", "targets": ["WeChat"]}
    keys["on"] = "2020-08-02"
    spec = scenario([keys], people=20_000)
    assert (
        max(g.size for g in sample_groups(spec, make_setting(spec)).groups if g.side == "diaspora")
        <= LEAST_SIZE
    )
