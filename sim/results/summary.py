"""The content of `summary.json`: the rows, and the other numbers in the texts of a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sim.groups import is_diaspora, is_family
from sim.results.asked import Diaspora, from_abroad, largest
from sim.results.firms import FirmRow, firms, homes, is_measured
from sim.results.platforms_asked import platforms_asked
from sim.results.reconnected import share_back
from sim.results.surveys import beside_surveys

if TYPE_CHECKING:
    from sim.results.result import Result


def summary_data(result: Result) -> dict[str, Any]:
    """Return the content of `summary.json`.

    Returns
    -------
    dict
        ``rows`` (`Result.rows`); ``firms`` and ``homes``: time and money by firm and by home state; ``diasporas``:
        people of the largest ones of the states that act; ``platforms``: the share of its daily users that each
        platform loses that is acted on; ``surveys``: where the minutes of a target go, beside a survey; ``ties_back``:
        the share of the ties cut that came back, by group; ``sampling`` (`Result.sampling`).
    """
    measured = is_measured(result)
    return {
        "rows": result.rows(),
        "firms": [_firm(row) for row in firms(result)] if measured else [],
        "homes": [_firm(row) for row in homes(result)] if measured else [],
        "diasporas": [
            {"group": one.group, "people": one.people, "uses_targets_with_home": one.used} for one in _diasporas(result)
        ],
        "platforms": [asdict(one) for one in platforms_asked(result)],
        "surveys": [asdict(one) for one in beside_surveys(result)],
        "ties_back": _ties_back(result),
        "sampling": result.sampling.as_data(),
    }


def _firm(row: FirmRow) -> dict[str, Any]:
    """Return a row of a firm, with what its money changes by as a share of what was at stake."""
    data = asdict(row)
    data["revenue"]["share"] = row.revenue.share
    return data


def _diasporas(result: Result) -> list[Diaspora]:
    """Return the largest diasporas of the acting states, then the largest that live in one, each once."""
    found = (*largest(result.scenario).values(), *from_abroad(result.scenario).values())
    return list({one.group: one for listed in found for one in listed}.values())


def _ties_back(result: Result) -> dict[str, float]:
    """Return the share of the ties cut that came back, by diaspora and families of one; groups without any left out."""
    groups = [group for group in result.members[0][0].cells if is_diaspora(group) or is_family(group)]
    shares = ((group, share_back(result, group)) for group in groups)
    return {group: share for group, share in shares if share is not None}
