"""The command that begins a scenario: new.

Answers may come from a terminal or from a file: one answer per line, an empty line for the default.
If a file ends early, the remaining questions get their defaults, and nothing is run.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import Code, InputError, Problem
from .app import command
from .options import PENETRATION, complete_scenarios
from .output import say, say_table, warn
from .scenarios import checked_scenario

if TYPE_CHECKING:
    from ..scenario.interview import Interview
    from ..scenario.news import News

PEOPLE, SEEDS = 20_000, 2
"""The size of the first run."""


@command("new --from-text 'Gabon suspends social media until further notice, 17 Feb 2026'")
def new(
    name: Annotated[
        str | None, typer.Argument(help="Its name; NAME.yaml is written, and never over a file.")
    ] = None,
    source: Annotated[
        str,
        typer.Option(
            "--from",
            "--extends",
            metavar="SCENARIO",
            help="A scenario to start from.",
            autocompletion=complete_scenarios,
        ),
    ] = "",
    text: Annotated[
        str,
        typer.Option(
            "--from-text",
            metavar="SENTENCE",
            help="A news item: who does what to whom, since when.",
        ),
    ] = "",
    recorded: Annotated[
        bool,
        typer.Option(
            "--recorded", help="Use the order that the record has: its days, platforms, technique."
        ),
    ] = False,
    penetration: PENETRATION = None,
    ask: Annotated[
        bool, typer.Option("--interactive", help="Ask who does what to whom; offer to run it.")
    ] = False,
) -> None:
    """Write a new scenario file that runs as it is: commented, a variant, from a sentence, or from
    answers.
    """
    if source and (ask or text):
        option = "--interactive" if ask else "--from-text"
        found = "a scenario to start from leaves nothing to ask"
        raise InputError(Problem(option, found, f"{option} or --from, not both"))
    if recorded and not text:
        raise InputError(Problem("--recorded", "there is no sentence", "with --from-text"))
    from ..scenario.new import new_path, write_interview, write_new
    from ..scenario.news import News, read_news

    if name:
        new_path(name)
    if ask or text:
        news, answers = read_news(text) if text else News(), _Answers(ask)
        if text:
            say_table(("understood", ""), news.understood)
        if news.unread:
            say(f"not understood: {' '.join(news.unread)}")
        asked = _asked(answers, news, recorded=recorded)
        usual = "_".join(
            (*(code.casefold() for code in asked.by), asked.instrument, f"{asked.on:%Y}")
        )
        while True:
            chosen = name or answers.next("What is the file called?", usual) or usual
            try:
                path = write_interview(chosen, asked, text, news.unread, penetration or ())
                break
            except InputError as error:
                if name or answers.ended:
                    raise
                warn("\n".join(f"  {problem}" for problem in error.problems))
        say(f"Written to {path}")
        for key, where in asked.assumed.items() if text and not ask else ():
            say(f"not said: {key}; {asked.own[key]}, {where}")
        _run_and_report(path, answers)
        return
    if name is None:
        allowed = "splinternet new NAME, new --from-text SENTENCE, or new --interactive"
        raise InputError(Problem("NAME", "the new scenario has no name", allowed, "", Code.MISSING))
    path = write_new(name, source, penetration or ())
    say(f"Written to {path}; check it with: splinternet check {path}")


class _Answers:
    """Answers, one a line, until the input ends; none at all where nobody is asked."""

    def __init__(self, asks: bool) -> None:
        self.ended = not asks

    def next(self, question: str, default: str | None) -> str:
        """Return the next line, or the default where the input has ended."""
        if self.ended:
            return ""
        try:
            said = input(f"{question} [{default}] " if default else f"{question} ").strip()
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
            if said in ("n", "no") or self.ended:
                return False
            if said in ("", "y", "yes"):
                return True
            warn("yes or no?")
        return False


def _asked(answers: _Answers, news: News, *, recorded: bool) -> Interview:
    """Return an interview with every question answered: by the news item, by the record, or by the
    user.
    """
    from ..scenario.interview import KEEP, Interview

    found, told = Interview(), dict(news.answers)
    if answers.ended:
        news.check(recorded=recorded)
    while (question := found.question()) is not None:
        if question.key == "when" and question.choices and not answers.ended and "when" not in told:
            say_table(("The record has", ""), question.choices)
        given = told.pop(question.key, "")
        if not given and not (recorded and question.key == "when"):
            given = answers.next(f"{question.text} ({question.allowed}; ? helps)", question.default)
        if given == "?":
            say_table(("", ""), question.choices or [("", question.more or question.allowed)])
            continue
        shown = len(found.notes)
        try:
            if question.key == "when" and recorded:
                say(f"From the record: {found.use_nearest(given)}")
            else:
                found.answer(question.key, given)
        except InputError as error:
            if (
                answers.ended and given and found.can_keep
            ):  # the others are the answer, and the file names what is not
                say(f"  left out: {error.problems[0].found}")
                told |= {"whom": KEEP} | ({} if question.key == "whom" else {question.key: given})
                continue
            if answers.ended:
                missing = Problem(question.text, "the answers end here", question.allowed)
                raise (error if given else InputError(missing)) from error
            for problem in error.problems:
                warn(
                    f"  {problem.found}; {problem.allowed}{f'; {problem.hint}' if problem.hint else ''}"
                )
        for note in found.notes[shown:]:
            say(f"  {note}")
        if question.key == "when" and not recorded and (near := found.nearest()) is not None:
            say(f"The record has: {near}; {near.sources[0]}")
            if answers.ended:
                say("  --recorded takes its days, platforms and technique")
    return found


def _run_and_report(path: Path, answers: _Answers) -> None:
    """Check the scenario, and offer to run it and to write its report."""
    from ..scenario import load

    if not checked_scenario(str(path), try_items=False)["ok"] or not answers.agrees(
        f"Run it now, with {PEOPLE:,} simulated people and {SEEDS} seeds?"
    ):
        say(f"Run it with: splinternet run {path} --people {PEOPLE} --seeds {SEEDS}")
        return
    from .runs import print_summary, run_with_progress

    begun = time.perf_counter()
    result, folder = run_with_progress(load(path, people=PEOPLE), SEEDS)
    print_summary(result)
    say(f"Written to {folder} in {time.perf_counter() - begun:.0f} s")
    if answers.agrees("Write the report?"):
        from ..app.report import write_report
        from ..results import open_run

        say(f"Written to {write_report(open_run(folder), path.with_suffix('.html'))}")
