"""Write a new scenario file that runs as it is: a commented one, a variant of an example, or an
order of the record.
"""

from __future__ import annotations

import json
import os
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from string import Template
from typing import Any

from ..core.shipped import SUFFIXES, shipped
from ..errors import Code, InputError, Problem, RunError
from ..facts import find_platform, load_facts
from ..facts.history import Recorded, as_of, dates_of
from ..facts.worlds import nearest_world
from .load import load
from .recorded import policy_of, status_of, title_with, with_added, with_title
from .scenario import Scenario, yaml_text

BEFORE = 28
AFTER = 28
OPEN_END = 180
"""Days of a scenario before an order begins, after it ends, and after it begins where no end is
known (assumption).
"""
_STEM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")

_FRAME = """\
# Say here what is fact, with its source, and what is assumed.
#   splinternet check {file}                              everything that is wrong with it
#   splinternet show {file} --values                      every value and where it comes from
#   splinternet run {file} --people 20000 --seeds 2       a first look
{body}
# Model parameters that differ from their table (splinternet list parameters):
# parameters: {{choice.review_days: 14}}

# What is uncertain; each member of an ensemble draws it:
# uncertain:
#   ties.only_channel: {{low: 0.3, high: 0.9}}
"""


def write_new(name: str, source: str = "", figures: Sequence[str] = ()) -> Path:
    """Write a new scenario file, whole or not at all, and return it.

    Parameters
    ----------
    name : str
        What it is called, with or without ``.yaml``; a folder before it must exist.
    source : str
        A scenario to start from; the new file extends it. Without one, the file shows every part of
        a scenario.
    figures : sequence of str
        Figures of use of the user's own, ``STATE.PLATFORM=SHARE`` each [share of Internet users].

    Raises
    ------
    InputError
        When the name cannot be used, a file of that name is there, or the source is wrong or cannot
        be extended from there.
    RunError
        When the place cannot be written.
    """
    path = new_path(name)
    words = path.stem.replace("_", " ").replace("-", " ").strip()
    title = f"{words[:1].upper()}{words[1:]}"
    if not source:
        return _write(path, _body("whole", title=json.dumps(title)), figures)
    parent = load(source)
    place = place_of(parent, path)
    text = _body(
        "variant",
        parent=place,
        extends=json.dumps(place),
        title=json.dumps(f"{title}, a variant of {parent.name}"),
        start=parent.start,
        days=parent.days,
        people=f"{parent.people:_}",
        policies="\n".join(_commented_policies(parent)) or "#   []",
    )
    try:
        return _write(path, text, figures)
    except InputError as error:
        if path.exists() or any(figure in str(error) for figure in figures):
            raise
        found = f"'{source}' cannot be extended from {path.parent.resolve()}"
        allowed = "a shipped scenario, or a file in the same folder or below the same folder called scenarios"
        hint = f"write it next to it: splinternet new {Path(source).parent / path.stem} --from-example {source}"
        raise InputError(Problem("--from-example", found, allowed, hint)) from error


def place_of(parent: Scenario, path: Path) -> str:
    """Return how a file names the scenario that it extends: a shipped one by its name, another by
    the way to its file.
    """
    origin = (parent.path or Path()).resolve()
    known = next(
        (f"{name}.yaml" for name, file in shipped().items() if file.resolve() == origin), ""
    )
    return known or way_to(origin, path)


def is_outside(folder: Path, path: Path) -> bool:
    """Return whether a file cannot name a folder of facts, because it is not beside or below it."""
    return way_to(folder, path).startswith("..")


def way_to(origin: Path, path: Path) -> str:
    """Return the way from the folder of a file to another file or folder."""
    return Path(os.path.relpath(origin.resolve(), path.parent.resolve())).as_posix()


def _body(kind: str, **words: object) -> str:
    """Return what stands in a new file, from the template beside this module."""
    return Template(
        Path(__file__).with_name(f"new_{kind}.yaml").read_text(encoding="utf-8")
    ).substitute(words)


def new_path(name: str) -> Path:
    """Return the file that a name means.

    Parameters
    ----------
    name : str
        As in `write_new`.

    Raises
    ------
    InputError
        When the name cannot be used, or a file of that name is there.
    """
    given = Path(name)
    path = (
        given
        if given.suffix in SUFFIXES or not given.name
        else given.with_name(f"{given.name}.yaml")
    )
    if not _STEM.fullmatch(path.stem):
        allowed = "letters, digits, - and _, beginning with a letter or digit"
        raise InputError(
            Problem(
                "NAME", f"'{name}' cannot be a scenario's name", allowed, "splinternet new mine"
            )
        )
    if not path.parent.is_dir():
        found = f"the folder '{path.parent}' does not exist"
        raise InputError(
            Problem("NAME", found, "a name in a folder that exists", "make the folder first")
        )
    if path.exists():
        raise _taken(path)
    return path


def _write(path: Path, body: str, figures: Sequence[str] = ()) -> Path:
    """Write a scenario that loads, with figures of use of the user's own, never over a file, and
    return its path.
    """
    text = _FRAME.format(file=path, body=body)
    if figures:
        with checked_draft(path, text) as draft:
            changes = [f"world.penetration.{figure}" for figure in figures]
            before, after = (
                load(draft, overrides=each).world.penetration for each in ((), changes)
            )
        own = {
            s: {p: v for p, v in row.items() if before.get(s, {}).get(p) != v}
            for s, row in after.items()
        }
        lines = yaml_text(
            {"penetration": {state: row for state, row in own.items() if row}}
        ).splitlines(keepends=True)
        block = "world:\n" + "".join(f"  {line}" for line in lines)
        text, is_in = re.subn(r"(?m)^world:\n", lambda _: block, text, count=1)
        text = text if is_in else f"{text.rstrip()}\n\n{block}"
    with checked_draft(path, text) as draft:
        try:
            os.link(draft, path)  # unlike a rename, a link never replaces an existing file
        except FileExistsError:
            raise _taken(path) from None
    return path


@contextmanager
def checked_draft(path: Path, text: str) -> Iterator[Path]:
    """Yield a file beside another one with a text that loads; it is gone afterwards.

    Raises
    ------
    InputError
        The text is no scenario.
    RunError
        The place cannot be written.
    """
    draft = path.with_name(f".{path.stem}.part{path.suffix}")
    try:
        draft.write_text(text, encoding="utf-8")
        load(draft)
        yield draft
    except OSError as error:
        raise RunError(f"{path} cannot be written: {error.strerror or error}") from error
    finally:
        with suppress(OSError):
            draft.unlink()


def add_recorded(path: Path, orders: Sequence[Recorded]) -> None:
    """Add recorded orders as policies to a scenario file, and their number to its title; the rest
    of the file stays unchanged.

    Raises
    ------
    InputError
        An order cannot be written, or the file is then no scenario; it is left as it is.
    RunError
        The place cannot be written.
    """
    text = with_added(path.read_text(encoding="utf-8"), orders)
    if orders:
        text = with_title(text, title_with(load(path).title, len(orders)))
    with checked_draft(path, text) as draft:
        draft.replace(path)


def _taken(path: Path) -> InputError:
    """Return the error for a file that is there already."""
    return InputError(
        Problem("NAME", f"{path} exists and is left as it is", "a name that is not taken")
    )


def _commented_policies(parent: Scenario) -> Iterator[str]:
    """Yield the policies of a scenario as comments, ready to be changed."""
    for policy in parent.policies:
        aim = f" on {', '.join(policy.targets)}" if policy.targets else ""
        yield f"{f'#   - id: {policy.id}':<32}# {policy.instrument} by {', '.join(policy.by)}{aim}"
        yield from (
            f"#     {key}: {day}"
            for key in ("announced", "on", "until")
            if (day := getattr(policy, key))
        )


def write_recorded(
    name: str,
    order: Recorded,
    told: Callable[[Scenario], tuple[str, Sequence[str]]],
    figures: Sequence[str] = (),
    folder: Path | None = None,
) -> tuple[Path, tuple[str, ...]]:
    """Write the scenario of an order of the record, whole or not at all.

    Parameters
    ----------
    name : str
        As in `write_new`.
    order : Recorded
        As `recorded_order` returns it.
    told : callable
        Returns the title of the scenario of one order, and the sentences at the top of its file.
    figures : sequence of str
        Figures of use of the user's own, ``STATE.PLATFORM=SHARE`` each [share of Internet users].
    folder : Path, optional
        The folder of orders that the user added; the scenario names it where it is not outside.

    Returns
    -------
    path : Path
        The file.
    left_out : tuple of str
        Platforms of the order that the facts have no figures for on its first day.

    Raises
    ------
    InputError
        When the name cannot be used, a file of that name is there, the facts have none of the
        platforms, or the record does not say what the instrument needs.
    RunError
        When the place cannot be written.
    """
    path = new_path(name)
    start = _first_day(order)
    facts = as_of(load_facts(nearest_world(start), named=True), start)
    found = {platform: find_platform(platform, facts) for platform in order.platforms}
    known = tuple(platform for platform in found.values() if platform)
    left_out = tuple(platform for platform, there in found.items() if there is None)
    if left_out and not known:
        text = f"{facts.name} has no figures of {', '.join(left_out)} on {start}"
        allowed = "an order on a platform of that day"
        hint = f"splinternet list blocks --state {order.state}"
        raise InputError(Problem("--recorded", text, allowed, hint, Code.UNAVAILABLE))
    policy = policy_of(order._replace(platforms=known))
    last = order.since + timedelta(days=OPEN_END)
    if order.until:
        last = order.until + timedelta(days=AFTER)
    keys = {
        "title": "an order of the record",
        "status": status_of(order),
        "start": start,
        "days": (last - start).days,
        "people": 25_000,
        "world": {
            "facts": way_to(folder, path) if folder and not is_outside(folder, path) else facts.name
        },
        "policies": [policy],
    }
    with checked_draft(path, yaml_text(keys)) as draft:
        keys["title"], notes = told(load(draft))
    notes = [*notes, *order.notes]
    if left_out:
        notes.append(f"Left out, because the facts have no figures: {', '.join(left_out)}.")
    return _write(path, _commented(notes) + yaml_text(keys), figures), left_out


def write_stated(
    path: Path, keys: Mapping[str, Any], notes: Sequence[str], figures: Sequence[str] = ()
) -> None:
    """Write a scenario from its keys, whole or not at all, with notes above them.

    Parameters
    ----------
    path : Path
        As `new_path` returns it.
    keys : mapping
        The keys of the scenario.
    notes : sequence of str
        Sentences; each becomes a comment.
    figures : sequence of str
        Figures of use of the user's own, ``STATE.PLATFORM=SHARE`` each [share of Internet users].

    Raises
    ------
    InputError
        When a file of that name is there, or a figure cannot be read.
    RunError
        When the place cannot be written.
    """
    _write(path, _commented(notes) + yaml_text(keys), figures)


def _commented(notes: Sequence[str]) -> str:
    """Return sentences as comments of a file."""
    lines = [line for note in notes for line in textwrap.wrap(note, 98, break_on_hyphens=False)]
    return "".join(f"# {line}\n" for line in lines)


def _first_day(order: Recorded) -> date:
    """Return the first day of the scenario of an order: four weeks before it, or the launch of a
    platform that is younger.
    """
    launched = [
        date.fromisoformat(day)
        for platform, day in dates_of("launched").items()
        if platform in order.platforms
    ]
    return max(
        [order.since - timedelta(days=BEFORE), *(day for day in launched if day <= order.since)]
    )
