"""What a real terminal shows: the answer in twenty lines that fit, and how many members are done."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import threading
from pathlib import Path

from toy_results import toy_result

from splinternet.cli.runs import DEFAULT_SEEDS
from splinternet.experiments import options
from splinternet.text.numbers import shortened
from splinternet.text.terminal import short_rows

ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\].*?\x07")
CODE = """
from splinternet.results import Result
Result.save_figures = lambda _, folder, **__: folder.mkdir() or []
from splinternet.cli import main
main()
"""
"""The program without charts, which take longer than all else."""
SMALL = ("--people", "1000", "--seeds", "2", "--jobs", "1", "--set", "days=90")


def on_terminal(width: int, folder: Path, *command: str) -> tuple[list[str], str, int]:
    """Run the program on two terminals of a width; return the lines of output, what standard error
    showed, the code.
    """
    read, shown = dict[str, bytes](), list[threading.Thread]()
    ends = {}
    for name in ("out", "err"):
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        ends[name] = ours, theirs
    environment = {
        key: value
        for key, value in os.environ.items()
        if key not in ("COLUMNS", "LINES", "NO_COLOR")
    }
    process = subprocess.Popen(
        [sys.executable, "-c", CODE, *command],
        stdout=ends["out"][1],
        stderr=ends["err"][1],
        stdin=subprocess.DEVNULL,
        cwd=folder,
        env=environment | {"TERM": "xterm-256color"},
    )

    def drain(name: str) -> None:
        data = b""
        while True:
            try:
                more = os.read(ends[name][0], 65536)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            data += more
        read[name] = data

    for name, (_, theirs) in ends.items():
        os.close(theirs)
        shown.append(threading.Thread(target=drain, args=(name,)))
        shown[-1].start()
    code = process.wait(timeout=300)
    for thread in shown:
        thread.join()
    for ours, _ in ends.values():
        os.close(ours)
    out, err = (
        ESCAPES.sub("", read[name].decode()).replace("\r\n", "\n") for name in ("out", "err")
    )
    return out.rstrip("\n").split("\n"), err, code


def test_the_default_number_of_members_is_that_of_the_tutorial() -> None:
    assert DEFAULT_SEEDS == options.DEFAULT_SEEDS
    tutorial = Path(__file__).parents[2] / "docs" / "tutorial.md"
    assert f"default of {DEFAULT_SEEDS} " in " ".join(tutorial.read_text(encoding="utf-8").split())


def test_a_run_says_its_answer_in_twenty_lines_that_fit(tmp_path: Path) -> None:
    lines, err, code = on_terminal(80, tmp_path, "run", "wechat_as_ordered", *SMALL, "--out", "run")
    assert code == 0
    assert len(lines) <= 20
    assert max(map(len, lines)) <= 80
    assert lines[0] == "[PROJECTION] The United States bans WeChat transactions, as ordered"
    assert lines[1].startswith("From 20 September 2020 the United States would bar business"), (
        "asked"
    )
    after = [line for line in lines if line.startswith("- ")]
    assert re.match(r"- About [\d.]+ % (\([^)]+\) )?of ", after[0]), "the answer"
    assert "blackout" not in " ".join(lines) and "without any Internet" not in " ".join(lines)
    assert sum(line.startswith("- ") for line in lines) >= 3
    assert lines[-3:] == [
        "Written to run",
        "Next: splinternet report run",
        "What would spare them: splinternet mitigate wechat_as_ordered",
    ]
    assert not [line for line in lines if line.endswith(("(", "US$", "about"))]
    assert "2 of 2 done" in err and "elapsed,  to go" not in err


def test_the_table_has_no_row_for_a_platform_that_hardly_moves() -> None:
    def shown(effect: float) -> set[str]:
        return {str(row["platform"]) for row in short_rows(toy_result(3, effect=effect))}

    assert "Signal" in shown(1.0)
    assert "Signal" not in shown(0.001), "167 of 600,000 users"


def test_a_warning_that_is_too_long_ends_after_a_whole_sentence() -> None:
    text = "Warning: The model has no economy. It shows no cost of a closed border at all."
    assert shortened(text, 40, most=1) == ["Warning: The model has no economy."]
    assert shortened("No end for a very long while", 12)[0].endswith("…")
