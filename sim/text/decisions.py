"""Texts of decisions: the act and the reason, each from a table by its code.

Names in braces are fields of the act or the reason. In addition, ``{target}`` is the target of the decision and
``{id}`` the policy that a reason refers to, in brackets. A new act or reason needs a line here; the verb of an
instrument is in its own file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Any

from .. import policies
from ..decisions import Act, Aim, Answer, Decision, Demand, Grew, Judgment, Lift, Likely, Reason, Strike, TakeOffice
from .skill import evidence
from .wording import table

MOST_NAMES = 7
"""Platforms that a decision names at most."""
STRIKE = "acts against {target}"
"""What a state does with an instrument that has no ``VERB`` of its own."""
WILL = table("decisions", "WILL")
DID = table("decisions", "DID")
JUDGMENTS = table("decisions", "JUDGMENTS")
GREW = table("decisions", "GREW")
ACTS = table("decisions", "ACTS")
REASONS = table("decisions", "REASONS")
LEADING, NEAR = table("decisions", "LEADING"), table("decisions", "NEAR")


def who_text(decision: Decision) -> str:
    """Return who decided: a state's code, or the platforms of a firm."""
    return ", ".join(decision.platforms) or decision.who


def words_of(decision: Decision) -> dict[str, str]:
    """Return the columns of ``decisions.csv`` that are words: who, what, target, because, evidence."""
    return {
        "who": who_text(decision),
        "what": act_text(decision),
        "target": decision.target_label,
        "because": reason_text(decision.reason),
        "evidence": evidence(decision.behaviour),
    }


def act_text(decision: Decision, name: Callable[[str], str] = str) -> str:
    """Return what was done: ``blocks WeChat``; ``name`` turns codes of states into names where that is wanted."""
    act = decision.act
    if isinstance(act, Strike | Demand):
        many = f"{len(decision.target)} platforms"
        names = ", ".join(aim.name for aim in decision.target) if len(decision.target) <= MOST_NAMES else many
        return strike(act.instrument).format(target=names)
    if isinstance(act, Answer):
        return str((DID if act.in_effect else WILL).get(act.kind, act.kind))
    if isinstance(act, Judgment):
        return JUDGMENTS[act.won]
    if isinstance(act, Grew):
        where = ", ".join(name(aim.name) for aim in decision.target)
        change = GREW.get(act.what, GREW["other"]).format(factor=f"{act.factor:.1f}", target=where)
        return ACTS[act.code].format(change=change)
    if isinstance(act, TakeOffice):
        ready = "readier to act than the first one" if act.readiness >= 1.0 else "less ready to act than the first one"
        return ACTS[act.code].format(change=ready)
    # An act that ends a policy without a target is named by that policy.
    target = decision.target_label or (act.policy if isinstance(act, Lift) else "")
    return ACTS.get(act.code, _unworded(act)).format(target=target, **_parts(act, name))


def strike(instrument: str) -> str:
    """Return what a state does with an instrument; the target is named without its sector, which the verb implies."""
    verb = policies.INSTRUMENTS[instrument].VERB if instrument in policies.INSTRUMENTS else ""
    return f"{verb} {{target}}" if verb else STRIKE


def reason_text(reason: Reason, *, with_id: bool = True) -> str:
    """Return why it was done: ``imitation of US (wechat-ban)``; without the id in brackets where it is not wanted."""
    named = f" ({policy})" if with_id and (policy := getattr(reason, "policy", "")) else ""
    return REASONS.get(reason.code, _unworded(reason)).format(id=named, **_parts(reason))


def reason_parts(reason: Reason, name: Callable[[str], str] = str) -> dict[str, str]:
    """Return what a reason holds, in words, by name; ``name`` turns codes of states into names."""
    return _parts(reason, name)


def line(decision: Decision) -> str:
    """Return a decision as a line of the log: ``2020-09-20 US blocks WeChat: first strike, mostly for technology``."""
    return f"{decision.day} {who_text(decision)} {act_text(decision)}: {reason_text(decision.reason)}"


def _unworded(value: Act | Reason) -> str:
    """Return a form of words for a value that has none in the tables."""
    return " ".join([value.code.replace("_", " "), *(f"{{{name}}}" for name in _parts(value))])


def _parts(value: Act | Reason, name: Callable[[str], str] = str) -> dict[str, str]:
    """Return what an act or a reason holds, in words, by name."""
    if isinstance(value, Likely):
        return {"leading": LEADING.get(value.leading, value.leading), "near": NEAR.get(value.near, value.near)}
    return {part.name: _words(getattr(value, part.name), name) for part in fields(value)}  # type: ignore[arg-type]


def _words(value: Any, name: Callable[[str], str] = str) -> str:
    """Return a part in words: amounts of money, names, lists of either."""
    if isinstance(value, float):
        return f"US$ {value / 1e6:,.1f} million"
    if isinstance(value, tuple):
        return ", ".join(_words(each, name) for each in value)
    return value.label if isinstance(value, Aim) else name(str(value))
