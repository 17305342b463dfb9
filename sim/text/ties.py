"""The history of two relatives in sentences: the people, and each change of their contact with its
cause.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..core.groups import Group
from ..results.panel import ARMS, ArmData
from ..results.result import Result
from ..results.ties import HOW_BACK, NEVER, KinHistory, MemberTies, channel_names
from .numbers import day, listed, sentence, state_name, table


def story(result: Result, seed: int, arm: str, tie: tuple[int, int]) -> str:
    """Return the history of two relatives' contact in one arm, one sentence a line.

    Parameters
    ----------
    result : Result
        A run that kept its ties.
    seed : int
        The random seed.
    arm : {"baseline", "policy"}
    tie : tuple of int
        Numbers of the person and of the kin.
    """
    member = next(policy for _, policy in result.members if policy.seed == seed)
    ties = result.kept_ties()[seed]
    ends = np.stack([ties.table.diaspora_end, ties.table.family_end])
    people = ties.table.person[ends]
    is_it = (people == np.array([tie]).T).all(axis=0) | (people[::-1] == np.array([tie]).T).all(
        axis=0
    )
    number = int(np.flatnonzero(is_it)[0])
    history: KinHistory = getattr(ties, arm)
    happened = sorted([*_changes(member, history, number), *_numbers(member, history, number)])
    said = [_who(result, member, ties, number, tie), *(text for _, text in happened)]
    here, without = (_open_days(member, each, number) for each in (history, ties.baseline))
    had = without if arm == ARMS[1] else np.full_like(here, ties.baseline.before[number] != 0)
    out = had & ~here
    after = int(ties.table.phone[number])
    if after < NEVER and history.number_on[number] >= 0 and _longest(~here) > after:
        said.append(sentence("ties", "telephone", after=after))
    anyway = int((~without & (ties.baseline.before[number] != 0)).sum())
    said.append(sentence("ties", "sum", out=int(out.sum()), anyway=anyway, arm=arm))
    return "\n".join(said)


def _who(
    result: Result, member: ArmData, ties: MemberTies, number: int, tie: tuple[int, int]
) -> str:
    """Return sentences on the two people of a tie, their conversations, and their platforms before
    the first day.
    """
    rows = np.searchsorted(ties.table.person, tie)
    groups = [Group.read(member.axes.groups[at]) for at in ties.table.group[rows]]
    here, there = (state_name(result.scenario, group.home, article=True) for group in groups)
    before = channel_names(int(ties.baseline.before[number]), member.axes)
    often = float(ties.table.conversations[number])
    said = {"here": here, "there": there, "often": often, "before": before}
    return sentence("ties", "who", person=tie[0], kin=tie[1], **said)


def _changes(member: ArmData, history: KinHistory, number: int) -> Iterator[tuple[int, str]]:
    """Yield the day and the sentence of each change of a tie's channels."""
    form = table("ties", "HAPPENS")
    mine = history.tie == number
    days = history.day[mine].tolist()
    channels = history.channels[mine].tolist()
    # The baseline arm may share the first loss, until its channel is back.
    losses = [on for on, now in zip(days, channels, strict=True) if not now]
    explained = max((on for on in losses if on <= history.first_out[number]), default=-1)
    was = int(history.before[number])
    had_any = was != 0
    for on, now in zip(days, channels, strict=True):
        what = "changed"
        if not now:
            what = "lost"
        elif not was:
            what = "back" if had_any else "first"
        said = form[what].format(
            day=day(member.axes.dates[on]),
            now=listed(channel_names(now, member.axes)),
            was=listed(channel_names(was, member.axes)),
            why=_why(history, number) if on == explained else "",
            way=_way(history, number) if on == history.first_back[number] else "",
        )
        yield on, said
        was = now
        had_any = had_any or now != 0


def _why(history: KinHistory, number: int) -> str:
    """Return the cause that ended the last channel of a tie, with the policy in square brackets."""
    cause = int(history.cause[number])
    if cause < 0:
        return ""
    policy = history.policy[cause]
    return f": {table('ties', 'WHY')[history.rule[cause]]}{f' [{policy}]' if policy else ''}"


def _way(history: KinHistory, number: int) -> str:
    """Return the way in which a tie first came back."""
    way = int(history.way_back[number])
    return f": {table('ties', 'WAY')[HOW_BACK[way - 1]]}" if way else ""


def _numbers(member: ArmData, history: KinHistory, number: int) -> Iterator[tuple[int, str]]:
    """Yield the day on which the two exchange their telephone numbers, if they do."""
    on = int(history.number_on[number])
    if on > 0:
        yield on, table("ties", "HAPPENS")["numbers"].format(day=day(member.axes.dates[on]))


def _open_days(member: ArmData, history: KinHistory, number: int) -> np.ndarray:
    """Return whether a tie has a channel on each day, shape (days,)."""
    return history.days_with_channel(len(member.axes.dates), np.array([number]))[:, 0]


def _longest(flags: np.ndarray) -> int:
    """Return the longest stretch of days on which a flag is set [days]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return int((edges[1::2] - edges[::2]).max(initial=0))
