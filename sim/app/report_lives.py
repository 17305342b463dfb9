"""The part of a report on single simulated people: who they are, and their days in both arms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from ..plots.runs import draw_lives
from ..results.lives import Life, Lives
from ..results.panel import ARMS
from ..text.lives import ARM, about, heading, policies, sentences, title
from ..text.numbers import day
from .pages import Picture
from .report_run import picture


class Arm(NamedTuple):
    """The days of a life in one arm.

    Attributes
    ----------
    head : str
        Which arm.
    days : list of str
        One line for each day on which anything happens.
    """

    head: str
    days: list[str]


class Shown(NamedTuple):
    """One life.

    Attributes
    ----------
    title : str
    about : list of str
    arms : list of Arm
    """

    title: str
    about: list[str]
    arms: list[Arm]


@dataclass(frozen=True)
class Followed:
    """Lives of one run.

    Attributes
    ----------
    heading : list of str
        What was followed.
    picture : Picture
        The ties of all of them in time.
    lives : list of Shown
    """

    TEMPLATE: ClassVar[str] = "lives.html"
    heading: list[str]
    picture: Picture
    lives: list[Shown]


def followed(lives: Lives) -> Followed:
    """Return simulated people and their days, with a chart."""
    _, _, *head = heading(lives)  # the title and the status head the report
    caption = "Each bar is a kin tie: thin where the two have a platform channel, thick where they have none."
    shown = [_shown(lives, life, place) for place, life in enumerate(lives, start=1)]
    return Followed([*head, *policies(lives)], picture(lives, draw_lives(lives), caption), shown)


def _shown(lives: Lives, life: Life, place: int) -> Shown:
    arms = [
        Arm(ARM[arm], [f"{day(date)}: {' '.join(said)}" for date, said in sentences(life, arm)] or ["nothing changes"])
        for arm in ARMS
    ]
    return Shown(title(lives, life, place), list(about(lives, life)), arms)
