"""The states' assessment of foreign platforms and firms: fear, and the cost of acting.

There are three reasons to fear a firm, as the American policies of 2020 show: economic rivalry,
technology that a state cannot soon match, and popularity. Against them stands the political cost:
the state's own users, its diaspora, its own firms exposed abroad, and harm that it already suffers
for earlier policies. `targets`, `imitation` and `governments` all use this assessment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .statecraft import FEARS, contest_moved, grown

if TYPE_CHECKING:  # Mesa is slow to load
    from .politics import Politics


class Weighed(NamedTuple):
    """Each state's assessment of each target, shape (states, targets).

    Attributes
    ----------
    fear, cost : numpy.ndarray
    reason : numpy.ndarray of int
        Number of the leading reason.
    reasons : numpy.ndarray, shape (3, states, targets)
        Each of `FEARS`, 0 to 1.
    rival : numpy.ndarray
        Rivalry with the target's home [1].
    ready : numpy.ndarray, shape (states,)
        Readiness of each government to act, relative to the first day [1].
    """

    fear: np.ndarray
    cost: np.ndarray
    reason: np.ndarray
    reasons: np.ndarray
    rival: np.ndarray
    ready: np.ndarray

    @property
    def score(self) -> np.ndarray:
        """Fear minus cost."""
        return np.asarray(self.fear - self.cost)


def weigh(model: Politics, *, as_if_open: bool = False) -> Weighed:
    """Return the scores that every state gives to every target today; a state does not fear its own
    firms.

    Parameters
    ----------
    model : Politics
    as_if_open : bool
        Whether to ignore the states' own policies and use the users of the first day.
    """
    outlook = model.outlook
    q = model.setting.parameters
    s = outlook.situation
    now = outlook.moved()
    home = outlook.situation.home
    users = grown(s.users if as_if_open else model.users_today(), now.size)
    economy = np.clip(
        s.economy + contest_moved(s.revenue, s.own_best, now.size, now.product), 0.0, None
    )
    larger = np.divide(
        np.log1p(s.revenue * np.exp(now.size)),
        np.log1p(s.revenue),
        where=s.revenue > 0,
        out=np.ones(s.revenue.size),
    )
    reasons = np.stack([economy, s.technology * larger, users])
    weighted = np.array([q[f"targets.weight_{name}"] for name in FEARS])[:, None, None] * reasons
    rival = outlook.rivals_today()[:, home]
    ready = np.array([state.readiness for state in outlook.states])
    diaspora = s.migrants[:, home] * s.users[home, np.arange(len(s.targets))] * s.talks
    cost = (
        q["targets.cost_users"] * (users * s.worth)
        + q["targets.cost_diaspora"] * diaspora
        + q["targets.cost_exposure"] * outlook.exposure[:, home]
        + q["targets.cost_answers"] * shut_out(model)[:, home]
    )
    return Weighed(
        weighted.sum(axis=0) * rival * ready[:, None],
        cost,
        weighted.argmax(axis=0),
        reasons,
        rival,
        ready,
    )


def shut_out(model: Politics) -> np.ndarray:
    """Return the share of the earnings of a state's firms in another state that the other has shut
    out [1], shape (states, states).
    """
    s = model.outlook.situation
    table = model.outlook.harms
    open_before = np.where(s.blocked, 0.0, table)
    shut = np.where(model.outlook.banned(in_force=True), open_before, 0.0)
    of_home = np.zeros((len(s.targets), len(s.states)))
    of_home[np.arange(len(s.targets)), s.home] = 1.0
    # (states that ban, homes)
    lost = shut @ of_home
    earned = open_before @ of_home
    return np.asarray(np.divide(lost, earned, out=np.zeros_like(lost), where=earned > 0).T)
