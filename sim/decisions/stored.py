"""Decisions as plain data, for files, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from sim.decisions.acts import Act
from sim.decisions.decision import Decision, PolicyName
from sim.decisions.reasons import Reason
from sim.decisions.values import Aim

_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _adapter(kind: type[Any]) -> TypeAdapter[Any]:
    """Return what turns a dataclass into plain data and back; made once for each."""
    if kind not in _ADAPTERS:
        _ADAPTERS[kind] = TypeAdapter(kind)
    return _ADAPTERS[kind]


def to_data(decision: Decision) -> dict[str, Any]:
    """Return a decision as mappings, lists, texts and numbers, which JSON can hold.

    ``object`` holds what the act says, ``target`` and ``platforms``; ``reason`` its code and what it says.
    """
    act, reason = decision.act, decision.reason
    about = _adapter(type(act)).dump_python(act, mode="json")
    about |= {"target": [_plain(aim) for aim in decision.target]} if decision.target else {}
    about |= {"platforms": list(decision.platforms)} if decision.platforms else {}
    return {
        "date": decision.day.isoformat(),
        "who": decision.who,
        "behaviour": decision.behaviour,
        "instrument": decision.policy.instrument if decision.policy else "",
        "policy": decision.policy.id if decision.policy else "",
        "cause": decision.cause,
        "scores": dict(decision.scores),
        "act": act.code,
        "object": about,
        "reason": {"code": reason.code, **_adapter(type(reason)).dump_python(reason, mode="json")},
    }


def from_data(data: Mapping[str, Any]) -> Decision:
    """Return the decision that `to_data` turned into plain data.

    Raises
    ------
    ValueError
        When the data hold an act or a reason that this program does not know, or one that lacks a part.
    KeyError
        When a part of the decision is missing.
    """
    about, reason = dict(data["object"]), dict(data["reason"])
    target, platforms = about.pop("target", []), about.pop("platforms", [])
    return Decision(
        day=date.fromisoformat(data["date"]),
        who=data["who"],
        behaviour=data["behaviour"],
        act=_read(Act.known, data["act"], about),
        target=tuple(Aim(**aim) for aim in target),
        policy=PolicyName(data["policy"], data["instrument"]) if data["policy"] else None,
        cause=data["cause"],
        scores={name: float(value) for name, value in data["scores"].items()},
        reason=_read(Reason.known, reason.pop("code"), reason),
        platforms=tuple(platforms),
    )


def _plain(aim: Aim) -> dict[str, str]:
    """Return what a decision is aimed at as a mapping, without an empty sector."""
    return {"name": aim.name, "sector": aim.sector} if aim.sector else {"name": aim.name}


def _read(known: Mapping[str, type[Any]], code: str, data: Mapping[str, Any]) -> Any:
    """Return the act or reason of a code."""
    if code not in known:
        raise ValueError(f"there is no '{code}' among {', '.join(known)}")
    return _adapter(known[code]).validate_python(data)
