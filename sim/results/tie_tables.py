"""The kin ties of a result one by one, as tables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import InputError, Problem, did_you_mean
from sim.groups import is_diaspora, is_family
from sim.results.panel import ARMS, Pair

if TYPE_CHECKING:
    import pandas as pd

    from sim.results.kin_history import MemberTies
    from sim.results.lives import Lives
    from sim.results.ties import Kept


class TieTables:
    """What a `Result` says of single ties; it holds ``members``, and ``ties_file`` where it was read back."""

    members: list[Pair]
    ties_file: Path | None

    def ties(self, group: str | None = None, arm: str | None = None) -> pd.DataFrame:
        """Return the table of ties: who lost contact with whom, when and why, for how long, and how it came back.

        Parameters
        ----------
        group : str, optional
            Only the members of a group, such as ``US<-CN`` or ``family:US<-CN``.
        arm : {"baseline", "policy"}, optional
            Only one arm.

        Returns
        -------
        pandas.DataFrame
            A row for each simulated kin tie abroad of each person who has a channel to any of them at some time; both
            ends of a tie have one. ``seed, arm, person, kin, residence, origin`` say whose row it is; ``age`` and
            ``skill`` are ranks among the internet users of the state, 0 to 1 (the youngest, the least skilled, first);
            ``weight`` is the real people that the person stands for; ``channels_before`` and ``last_channel`` the
            platforms that join the two before the first day, and the day before the first loss; ``first_lost, spells,
            days_out`` the days out of contact; ``cause`` the policy and what ended the last channel; ``back, back_on,
            back_how`` when the tie first came back, on which platforms and how; ``phone`` after how many days the two
            telephone instead, 0 where they do anyway; ``number_on`` the day on which they exchanged their
            numbers, if they did not know them; ``conversations`` how many they have a day; ``group`` the group
            of the person.

        Raises
        ------
        InputError
            When the run kept no ties, or has no such group.
        """
        from sim.results.ties import tie_frame

        return tie_frame(self._kept(group, arm), group, arm)

    def spells(self, group: str | None = None, arm: str | None = None) -> pd.DataFrame:
        """Return the spells without a channel of the ties in `ties`, a row for each row there and spell.

        Parameters
        ----------
        group, arm
            As for `ties`.

        Returns
        -------
        pandas.DataFrame
            ``seed, arm, person, kin, from, until, group``; ``until`` is the first day with a channel again, and not a
            date where there is none.

        Raises
        ------
        InputError
            When the run kept no ties, or has no such group.
        """
        from sim.results.ties import spell_frame

        return spell_frame(self._kept(group, arm), group, arm)

    def follow(self, group: str | None = None, count: int = 3, *, seed: int | None = None) -> Lives:
        """Follow simulated people of a group and their kin abroad, day by day, in both arms.

        One member is run again from its seed; the run need not have kept its ties.

        Parameters
        ----------
        group : str, optional
            A diaspora or its families, such as ``US<-CN``, ``CN-in-US`` or ``family:US<-CN``; by default the one that
            loses most contact.
        count : int
            How many people: a typical one of the group, a typical one of those who lose contact, the worst, and others
            between them.
        seed : int, optional
            Seed of the member; by default the median one by the share of the group that ever loses contact.

        Returns
        -------
        Lives
            ``print`` it to read it; ``to_frame`` and ``to_data`` give it as data.

        Raises
        ------
        InputError
            When the run has no such group or member.
        RunError
            When the member does not come out as the run has it: other code or data made the run.
        """
        from sim.experiments.lives.run import follow as follow_lives

        return follow_lives(self, group, count, seed=seed)  # type: ignore[arg-type]  # every subclass is a Result

    def kept_ties(self) -> list[tuple[int, MemberTies]]:
        """Return the seed and the kin ties of each member; empty where the run did not keep them."""
        if self.ties_file is not None:
            from sim.results.ties_file import read_ties

            return sorted(read_ties(self.ties_file).items())
        found = [(policy.seed, policy.ties) for _, policy in self.members if policy.ties is not None]
        return found if len(found) == len(self.members) else []

    def _kept(self, group: str | None, arm: str | None) -> list[Kept]:
        """Return the ties of each member with what their numbers stand for.

        Raises
        ------
        InputError
            When the run kept no ties, or has no such group or arm.
        """
        from sim.results.ties import Kept

        labels = [g for g in self.members[0][0].axes.groups if is_diaspora(g) or is_family(g)]
        asked: list[tuple[str, str | None, list[str]]] = [("group", group, labels), ("arm", arm, list(ARMS))]
        problems = [
            Problem(name, f"there is no {name} '{given}'", f"one of {', '.join(known)}", did_you_mean(given, known))
            for name, given, known in asked
            if given is not None and given not in known
        ]
        if problems:
            raise InputError(problems)
        ties = dict(self.kept_ties())
        if not ties:
            found, hint = "this run kept no table of ties", "run it again with --ties, or ties=True in Python"
            raise InputError(Problem("", found, "a run that keeps its ties", hint))
        return [Kept(policy, ties[policy.seed]) for _, policy in self.members]
