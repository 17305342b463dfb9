"""The Python of the pages passes `mypy --strict`; a wrong keyword of a user is found.

The one thing that is let pass stands in ``pyproject.toml``: libraries of others that have no types.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

_FILE = re.compile(r"<!-- file: (?:\S+/)?(\S+)\.py -->\n```python\n(.*?)```", re.DOTALL)
_BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)

WRONG = """
import splinternet as sn
result = sn.run('wechat_as_ordered', people=1_000, set={'ties.only_channel': 0.6})
table: int = result.summary()
sn.run('wechat_as_ordered', peple=1_000)
sn.sweep('wechat_sweep', seeds='4')
sn.hindcast(seedz=8)
sn.rnu()
error: type[sn.SplinternetError] = sn.InputError
reveal_type(sn.__version__)
from splinternet.policies import Policy
from splinternet.decisions import Lift
from splinternet.facts.model import MODES
print(MODES, Lift, Policy.nme())
sn.Model('wechat_as_ordered', peple=1_000)
sn.Model('wechat_as_ordered', set={'ties.only_channel': 0.6}, policies=[], behavior=[])
class Asks(sn.PeopleRule):
    def decide(self, people: sn.PeopleToday, today: sn.RuleDay) -> sn.Proposals:
        reveal_type(people.out_of_touch)
        reveal_type(today.talk)
        reveal_type(people.proposals().fone)
        return people.proposals()
class AsksNobody(sn.PeopleRule):
    def decide(self, people: int, today: sn.RuleDay) -> None: ...
class Closes(sn.Policy):
    def apply(self, access: sn.AccessTable, day: sn.DayInForce) -> None:
        reveal_type(access.reach)
        print(day.nmber)
class Waits(sn.Behaviour):
    def decide(self, state: sn.State) -> list[str]:
        return [state.nme]
@sn.metric('Users', 'persons', ('state',))
def users(arm: sn.ArmDay) -> float:
    return float(arm.actve.sum())
"""
"""What a user may write by mistake, and what they may ask a type checker."""


def written(folder: Path) -> list[Path]:
    """Write the examples: the blocks of a page one after the other, files under their own names."""
    made = []
    for page in sorted([*(ROOT / "docs").glob("*.md"), ROOT / "README.md"]):
        text = page.read_text(encoding="utf-8")
        files = dict(_FILE.findall(text))
        blocks = [block for block in _BLOCK.findall(text) if block not in files.values()]
        parts = {**files, f"page_{page.stem.replace('-', '_')}": "\n\n".join(blocks)}
        for name, code in parts.items():
            if code:
                made.append(folder / f"{name}.py")
                made[-1].write_text(code, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return what mypy says of the pages and of a user's mistakes, in one go."""
    folder = tmp_path_factory.mktemp("typed")
    pages = written(folder)
    assert len(pages) > 12
    (folder / "wrong.py").write_text(WRONG.lstrip("\n"), encoding="utf-8")
    known = ["--config-file", str(ROOT / "pyproject.toml"), "--cache-dir"]
    known.append(str(ROOT / ".mypy_cache"))
    files = [str(path) for path in (*pages, folder / "wrong.py")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", *known, *files],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode in (0, 1), done.stderr
    lines = done.stdout.splitlines()
    # The cache may tell of the folder of an earlier run.
    return [line for line in lines if f"/{folder.name}/" in line]


def test_the_examples_of_the_pages_are_typed(told: list[str]) -> None:
    assert not [line for line in told if "/wrong.py:" not in line and " note: " not in line]


def test_type_checkers_find_a_wrong_keyword(told: list[str]) -> None:
    found = [line for line in told if "/wrong.py:" in line]
    said = {int(line.split(":")[1]): line for line in found}
    assert set(said) == {3, 4, 5, 6, 7, 9, 13, 14, 15, 18, 19, 20, 23, 26, 27, 29, 33}, found
    every = "\n".join(found)
    assert "ndarray" in said[18] and "tuple" in said[19]
    assert '"Proposals" has no attribute "fone"' in every
    assert 'Argument 1 of "decide" is incompatible with supertype' in every
    assert 'Unexpected keyword argument "peple" for "run"; did you mean "people"?' in every
    assert 'argument "peple" for "Model"; did you mean "people"?' in every
    assert 'argument "behavior" for "Model"' in every
    assert 'argument "seedz" for "hindcast"; did you mean "seeds"?' in every
    assert '"seeds" to "sweep" has incompatible type "str"; expected "int"' in said[5]
    assert 'no attribute "rnu"' in said[7] and 'has no attribute "nme"' in said[13]
    assert '"DataFrame"' in said[3]
    assert '"builtins.str"' in said[9].replace('"str"', '"builtins.str"')
    assert "ndarray" in said[26] and 'has no attribute "nmber"' in said[27]
    assert "Iterable[Decision]" in every and 'Signature of "decide" incompatible' in every
    assert 'has no attribute "actve"' in said[33]
