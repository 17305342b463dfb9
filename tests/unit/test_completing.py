"""The shell completes names of scenarios, kinds, charts and all that can be shown."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sim.cli import completing
from sim.cli.listing import KINDS
from sim.plots import charts


def test_names_that_begin_with_the_letters_are_completed() -> None:
    assert {"wechat_as_ordered", "wechat_full_block"} <= set(completing.scenarios("wechat_"))
    assert all(name.startswith("wechat_") for name in completing.scenarios("wechat_"))
    assert completing.kinds("pl") == ["platforms"]
    assert completing.kinds("") == list(KINDS)
    assert completing.charts("") == list(charts())
    assert completing.names("whats")[0] == "WhatsApp", "in whatever case it is typed"
    assert completing.names("zz no such thing") == []


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [("run wechat_as_o", "wechat_as_ordered"), ("plot runs/x fam", "family_contact"), ("show WhatsA", "WhatsApp")],
)
def test_the_shell_is_answered(typed: str, wanted: str) -> None:
    words = f"splinternet {typed}"
    asked = {"_SPLINTERNET_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split()) - 1)}
    command = [sys.executable, "-c", "from sim.cli import main; main()"]
    done = subprocess.run(command, env=os.environ | asked, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [wanted]
