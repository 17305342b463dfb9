"""Ask for a scenario question by question, then check it, run it and write its report: `splinternet new --interactive`.

The answers may come from a terminal or from a file: one answer per line, an empty line for the default. If a file ends
early, the remaining questions get their defaults, and nothing is run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError, Problem
from ..scenario.new import Interview, Question
from .output import say, say_table, warn

if TYPE_CHECKING:
    from ..scenario import Scenario

PEOPLE, SEEDS = 20_000, 2
"""The size of the first run."""
_YES, _NO = ("y", "yes"), ("n", "no")


class _Answers:
    """Answers, one a line, until the input ends."""

    def __init__(self) -> None:
        self.ended = False

    def next(self, question: str, default: str | None) -> str:
        """Return the next line, or the default where the input has ended."""
        shown = f"{question} [{default}] " if default else f"{question} "
        if self.ended:
            return ""
        try:
            said = input(shown).strip()
        except EOFError:
            self.ended = True
            say()
            return ""
        if not sys.stdin.isatty():
            say(said)  # answers from a file are shown in the output, too
        return said

    def agrees(self, question: str) -> bool:
        """Return whether the answer is yes; where the input has ended, no."""
        while not self.ended:
            said = self.next(question, "yes").casefold()
            if said in _NO or self.ended:
                return False
            if said in ("", *_YES):
                return True
            warn("yes or no?")
        return False


def interview(name: str) -> None:
    """Ask, write the scenario, check it, and offer to run it and to write its report.

    Parameters
    ----------
    name : str
        What the file is called; asked for where it is empty.

    Raises
    ------
    InputError
        The answers end before all is known, or the file cannot be written.
    """
    answers = _Answers()
    if name:
        from ..scenario.new import new_path

        new_path(name)
    found = _asked(answers)
    path = _written(answers, found, name)
    say(f"Written to {path}")
    scenario = _check(path)
    if not answers.agrees(f"Run it now, with {PEOPLE:,} simulated people and {SEEDS} seeds?"):
        say(f"Run it with: splinternet run {path} --people {PEOPLE} --seeds {SEEDS}")
        return
    folder = _run(scenario)
    if answers.agrees("Write the report?"):
        _report(path, folder)


def _asked(answers: _Answers) -> Interview:
    """Return an interview with every question answered."""
    found = Interview()
    while (question := found.question()) is not None:
        said = answers.next(_worded(question), question.default)
        if said == "?" and question.choices:
            say_table(("", ""), question.choices)
            continue
        try:
            found.answer(question.key, said)
        except InputError as error:
            if answers.ended:
                missing = Problem(question.text, "the answers end here", question.allowed)
                raise InputError(missing) from error
            for problem in error.problems:
                warn(f"  {problem.found}; {problem.allowed}{f'; {problem.hint}' if problem.hint else ''}")
    return found


def _worded(question: Question) -> str:
    """Return a question with what may be answered."""
    return f"{question.text} ({question.allowed}{'; ? lists all' if question.choices else ''})"


def _written(answers: _Answers, found: Interview, name: str) -> Path:
    """Write the scenario under its name, or under one that is asked for, and return its path."""
    from ..scenario.new import write_interview

    usual = "_".join((*(code.casefold() for code in found.by), found.instrument, f"{found.on:%Y}"))
    while True:
        chosen = name or answers.next("What is the file called?", usual) or usual
        try:
            return write_interview(chosen, found)
        except InputError as error:
            if name or answers.ended:
                raise
            for problem in error.problems:
                warn(f"  {problem}")


def _check(path: Path) -> Scenario:
    """Show what `splinternet check` shows, and return the scenario."""
    from ..metrics.registry import METRICS
    from ..scenario import load

    scenario = load(path, people=PEOPLE, known_metrics=METRICS)
    say(f"{path}: ok")
    for warning in scenario.warnings:
        warn(f"warning: {warning}")
    return scenario


def _run(scenario: Scenario) -> Path:
    """Run the scenario, show the summary and return the folder of the run."""
    from .runs import print_summary, run_with_progress

    begun = time.perf_counter()
    result, folder = run_with_progress(scenario, SEEDS)
    print_summary(result)
    say(f"Written to {folder} in {time.perf_counter() - begun:.0f} s")
    return folder


def _report(path: Path, folder: Path) -> None:
    """Write the report beside the scenario."""
    from ..app.report import write_report
    from ..results import open_run

    say(f"Written to {write_report([open_run(folder)], path.with_suffix('.html'))}")
