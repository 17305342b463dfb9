"""The command ``splinternet-bench``: score, board, score-states, forecast."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from . import board, due, orders, registered
from .problems import BenchError, Problem
from .scores import Lead
from .submission import Submission, read_submission

MODEL_OF_ORDERS = "splinternet-orders"
"""The shipped entrant of the task ``orders``."""
MOST_SHOWN = 20
"""Largest number of printed problems and missing rows; ``--json`` has all."""
_COLUMNS = {"AUC": ("auc", 3), "Brier": ("brier", 4), "log score": ("log_score", 4)}
_COLUMNS |= {"precision at k": ("precision_at_k", 2)}


def main(words: Sequence[str] | None = None) -> int:
    """Run a command, and return its exit code: 0 success, 2 invalid input, 130 interrupted."""
    given = _parser().parse_args(words)
    try:
        code: int = given.run(given)
    except BenchError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except BrokenPipeError:  # a reader such as head has closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="splinternet-bench", description=_ABOUT)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: Any, about: str, example: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=about, description=about, epilog=f"Example: splinternet-bench {example}"
        )
        made.set_defaults(run=run)
        made.add_argument("--json", action="store_true", help="print data for programs")
        return made

    scored = add("score", _score, "Score a submission, or a forecast on record.", "score mine")
    scored.add_argument("folder", metavar="FOLDER", help="with model.yml and forecasts.csv")
    scored.add_argument("--observed", metavar="FILE", help="of a forecast on record: the outcomes")
    scored.add_argument("--until", metavar="DAY", help="of orders: the last day of the question")
    add("open", _open, "List the forecasts on record, with the score so far.", "open --json")
    shown = add("board", _board, "Compare all entrants and rivals.", "board --plot board.png")
    shown.add_argument("folders", nargs="*", metavar="FOLDER", help="more submissions")
    shown.add_argument("--plot", metavar="FILE", help="draw it into a .png, .svg or .pdf as well")
    shown.add_argument("--csv", metavar="FILE", help="write it into a file as well")
    shown.add_argument("--ranks", metavar="FILE", help="write the model's rank on each figure")
    add(
        "score-states",
        _score_states,
        "Score the model of the orders of states, beside rivals.",
        "score-states --json",
    )
    registering = add(
        "forecast",
        _forecast,
        "Put chances of orders on record, from the day after the last recorded day.",
        "forecast --months 12 --out 2026-12-orders",
    )
    registering.add_argument(
        "folder", nargs="?", metavar="FOLDER", help="a submission of orders; the model's by default"
    )
    registering.add_argument("--months", type=int, default=12, help="horizon (12)")
    registering.add_argument(
        "--deciding", action="store_true", help="only states that decide in runs of splinternet"
    )
    registering.add_argument("--out", required=True, metavar="DIR", help="a new folder")
    return parser


_ABOUT = "What happens to people after a state restricts a platform, and which state orders what."


def _say(text: str = "") -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def _say_json(data: object) -> None:
    """Print data as JSON, with null for values that are not defined."""
    _say(json.dumps(_defined(data), indent=1, allow_nan=False))


def _defined(data: Any) -> Any:
    """Return data with None instead of numbers that are not finite."""
    if isinstance(data, Mapping):
        return {key: _defined(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_defined(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


# --- outcomes -------------------------------------------------------------------------------------


def _score(given: argparse.Namespace) -> int:
    """Score a folder."""
    if registered.is_registered(given.folder):
        found = registered.score_registered(given.folder, given.observed, given.until)
        _say_json(found) if given.json else _print_registered(found)
        return 0
    entrant = read_submission(given.folder)
    if entrant.task == "orders":
        _score_orders(entrant, as_json=given.json)
    else:
        _score_outcomes(entrant, as_json=given.json)
    return 2 if entrant.problems else 0


def _score_outcomes(entrant: Submission, *, as_json: bool) -> None:
    """Print the score of a submission of the task ``outcomes``."""
    rows = board.rows_of_board(entrant.forecasts, entrant.name, entrant.folds)
    leads = board.leads_of(entrant.forecasts, entrant.folds)
    if as_json:
        data = board.as_data(pd.DataFrame(rows))
        _say_json({"entrants": data, "leads": [asdict(lead) for lead in leads], **_gaps(entrant)})
        return
    whole = rows[0]
    _say(
        f"{entrant.name}: CRPS {whole['crps']:.3f}, error {whole['error']:.3f}, 80 % intervals "
        f"cover {whole['coverage']:.0%} of {whole['figures']} figures of {whole['episodes']} "
        f"episodes, each held out by {entrant.folds}."
    )
    for by in ("kind", "metric", "technique"):
        _say(f"\nBy {by}:")
        head = f"{by:<16}{'CRPS':>7}{'error':>8}{'covers':>8}{'figures':>9}"
        _say(f"  {head}  lead over the best rival")
        for row in rows:
            if row["by"] == by:
                numbers = f"{row['crps']:7.3f}{row['error']:8.3f}{row['coverage']:8.0%}"
                ahead = board.lead_in_words(row)
                _say(f"  {row['name']:<16}{numbers}{row['figures']:9}  {ahead}")
    _say("\nLead over each rival, 80 % of 4,000 draws of episodes; above 0 is better:")
    for lead in leads:
        _say(f"  {lead.over:<16}{_lead_text(lead)}")
    _print_gaps(entrant)


def _lead_text(lead: Lead) -> str:
    """Return a lead with its interval."""
    if lead.low is None:
        return f"{lead.lead:+.3f} (a single episode)"
    return f"{lead.lead:+.3f} ({lead.low:+.3f} to {lead.high:+.3f})"


def _gaps(entrant: Submission) -> dict[str, Any]:
    """Return the missing and malformed rows of a submission, as JSON data."""
    return {
        "missing": entrant.missing,
        "problems": [asdict(problem) for problem in entrant.problems],
    }


def _print_gaps(entrant: Submission) -> None:
    """Print the missing rows of a submission, by episode, and the malformed lines."""
    if entrant.missing:
        _say(
            f"\nMissing: {len(entrant.missing)} rows. They are not scored; leads are over the rest."
        )
        _say_some(_by_event(entrant.missing))
    if entrant.problems:
        _say(f"\nMalformed: {len(entrant.problems)} lines. Their rows are left out.")
        _say_some([str(problem) for problem in entrant.problems])


def _by_event(rows: Sequence[str]) -> list[str]:
    """Return rows grouped by the text before their last dot."""
    found: dict[str, list[str]] = {}
    for row in rows:
        event, _, number = row.rpartition(".")
        found.setdefault(event, []).append(number)
    return [f"{event or 'row'}: {', '.join(numbers)}" for event, numbers in found.items()]


def _say_some(lines: Sequence[str]) -> None:
    """Print some lines, and the number of further ones."""
    for line in lines[:MOST_SHOWN]:
        _say(f"  {line}")
    if len(lines) > MOST_SHOWN:
        _say(f"  and {len(lines) - MOST_SHOWN} more (--json has all)")


def _board(given: argparse.Namespace) -> int:
    """Print, draw and write the board."""
    table = board.board(given.folders)
    if given.csv:
        with _writing("--csv", given.csv):
            Path(given.csv).write_text(board.text_of(table), encoding="utf-8")
    if given.ranks:
        with _writing("--ranks", given.ranks):
            Path(given.ranks).write_text(board.text_of(board.ranks()), encoding="utf-8")
    if given.plot:
        with _writing("--plot", given.plot):
            board.draw(table).savefig(given.plot, dpi=120)
    if given.json:
        _say_json({"entrants": board.as_data(table)})
    else:
        _say("\n".join(board.printed(table)))
        _say(
            "A lead is above 0 where the entrant is better; its interval is 80 % of 4,000 draws of"
        )
        _say("episodes with replacement. A series of dates counts once.")
    return 0


@contextmanager
def _writing(option: str, file: str) -> Iterator[None]:
    """Raise BenchError for a file that cannot be written."""
    try:
        yield
    except ModuleNotFoundError as error:
        hint = "Install splinternet-bench[plot]."
        found = f"{file} needs {error.name}, which is not installed"
        raise BenchError(Problem(option, None, found, "a picture with matplotlib", hint)) from None
    except (OSError, ValueError) as error:
        allowed = "a file in a folder that is there, .png, .svg or .pdf for a picture"
        raise BenchError(Problem(option, None, f"'{file}': {error}", allowed)) from None


# --- orders ---------------------------------------------------------------------------------------


def _shipped_orders() -> Submission:
    """Return the shipped entrant of the task ``orders``."""
    return read_submission(board.shipped_entrants()[MODEL_OF_ORDERS])


def _score_states(given: argparse.Namespace) -> int:
    """Score the shipped model of orders."""
    _score_orders(_shipped_orders(), as_json=given.json)
    return 0


def _score_orders(entrant: Submission, *, as_json: bool) -> None:
    """Print the score of a submission of the task ``orders``."""
    found = orders.study(entrant.chances)
    if as_json:
        _say_json({**found, **_gaps(entrant)})
        return
    for name, head in (("train", "which may set weights"), ("test", "which may not")):
        if name in found:
            _print_half(found[name], head)
    _say("Which states order anything in a year, AUC by state-year:")
    for span, groups in found["by_state_year"].items():
        for group, each in groups.items():
            ahead = ", ".join(f"{name} {each[name]:.3f}" for name in ("model", orders.HISTORY))
            _say(f"  {span}, {group} states: {ahead}, plain logistic {each['plain logistic']:.3f}")
    _print_gaps(entrant)


def _print_half(half: Mapping[str, Any], head: str) -> None:
    """Print the scores of some years."""
    first, last = half["years"]
    _say(
        f"{first}-{last}, {head}: {half['pair_years']:,} pair-years of {half['pairs']:,} pairs, "
        f"{half['orders']} orders of 14 days or more; the model expects {half['expected']:.0f}."
    )
    _print_scores(half)
    for rival, lead in half["leads"]["all"].items():
        parts = []
        for name, (key, digits) in _COLUMNS.items():
            low, middle, high = (f"{value:+.{digits}f}" for value in lead[key])
            parts.append(f"{name} {middle} ({low} to {high})")
        _say(f"  Lead over {rival}: {'; '.join(parts)}")
    parts_of = {
        "without_russia": "Without Russia",
        "as_one_period": "All years as one period, forecast on its first day",
        "other_states": "Other states",
        "all_states": "All states",
    }
    for key, title in parts_of.items():
        if key in half:
            _say(f"{title}: {half[key]['orders']} orders, {half[key]['expected']:.0f} expected.")
            _print_scores(half[key])
    _say()


def _print_scores(half: Mapping[str, Any]) -> None:
    """Print the scores of a model and its rivals."""
    _say(f"  {'':<42}" + "".join(f"{name:>16}" for name in _COLUMNS))
    for name, row in {"model": half, **half["rivals"]}.items():
        cells = "".join(f"{row[key]:16.{digits}f}" for key, digits in _COLUMNS.values())
        _say(f"  {name:<42}{cells}")


def _print_registered(found: Mapping[str, Any]) -> None:
    """Print the score of a forecast on record."""
    if "targets" in found:
        _say(
            f"{found['targets']} targets: WIS {found['wis']:.3f}, CRPS {found['crps']:.3f}; 80 % "
            f"intervals cover {found['coverage']:.0%}. Written down on {found['registered'][:10]}. "
            f"Counted, but not forecast: {found['not_forecast']}."
        )
        return
    _print_so_far(found, found)
    _print_scores(found)
    if "with_restricted" in found:
        more = found["with_restricted"]
        _say(
            f"With {more['pairs'] - found['pairs']} pairs that were restricted on the first day, "
            "as not ordered:"
        )
        _print_scores(more)


def _print_so_far(found: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Print the questions of a forecast of orders, and the orders that came."""
    rest = "" if about["until"] == about["due"] else f", of {about['from']} to {about['due']}"
    _say(
        f"{found['pairs']:,} pairs, {about['from']} to {about['until']}{rest}: "
        f"orders {found['orders']}, expected {found['expected']:.1f}. "
        f"Written down on {about['registered'][:10]}."
    )


def _open(given: argparse.Namespace) -> int:
    """List the forecasts on record with their score so far."""
    rows = registered.so_far()
    if given.json:
        _say_json(rows)
        return 0
    _say("By the lists in tasks/open/lists-of-2026.csv, up to " + due.last_asked() + ":")
    for row in rows:
        state = "resolved" if row["until"] == row["due"] else "open"
        _say(f"\n{row['folder']} ({state})")
        _print_so_far(row, row)
        _print_scores(row)
    return 0


def _forecast(given: argparse.Namespace) -> int:
    """Put chances of orders on record."""
    entrant = read_submission(given.folder) if given.folder else _shipped_orders()
    folder = registered.register_orders(
        entrant.chances, entrant.name, given.out, given.months, deciding=given.deciding
    )
    said = json.loads((folder / registered.REGISTRATION).read_text(encoding="utf-8"))
    first = date.fromisoformat(said["origin_date"])
    known = (first - timedelta(days=1)).isoformat()
    if given.json:
        _say_json({"folder": str(folder), "known_until": known})
        return 0
    _say(f"The record is known up to {known}: chances from {first} to {said['until']}.")
    _say(f"Written to {folder}")
    return 0
