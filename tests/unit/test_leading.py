"""The chart of a run's main finding: what the headline reports first, and never an empty
picture.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_report import H, worded
from toy_results import decided_by_states, toy_axes, toy_result

from splinternet import plots
from splinternet.results import Result
from splinternet.text.finding_sentences import headline

CONTACT = ("family_contact", "contact_days", "ties_", "conversations", "cross_border")


def without_loss_of_contact(result: Result, members: int | None = None) -> Result:
    """Return a run in which families keep contact, in all or the first members, and platforms still
    lose users.
    """
    made = []
    for at, (baseline, policy) in enumerate(result.members):
        same = {
            k: baseline.arrays[k] if k.startswith(CONTACT) else v for k, v in policy.arrays.items()
        }
        spared = members is None or at < members
        made.append((baseline, replace(policy, arrays=same) if spared else policy))
    return Result(result.scenario, made, result.info)


@pytest.fixture(scope="module")
def result() -> Result:
    return toy_result(5, 100)


def test_contact_leads_where_families_surely_lose_it(result: Result) -> None:
    assert list(plots.leading_charts(result)) == ["family_contact", "active_users"]


def test_use_leads_where_no_family_loses_contact(result: Result) -> None:
    assert plots.main_chart(without_loss_of_contact(result, members=2)) == "active_users", (
        "nor one that some have"
    )
    spared = without_loss_of_contact(result)
    assert plots.main_chart(spared) == "active_users"
    assert not spared.plot("active_users").shows_nothing
    assert spared.plot("family_contact").shows_nothing, "what was drawn before"
    assert headline(spared)[0].startswith("WeChat would lose about")


def test_decisions_lead_where_states_decide(result: Result) -> None:
    decided = Result(
        result.scenario, decided_by_states(result.members, toy_axes(100).dates), result.info
    )
    assert plots.main_chart(decided) == "decisions"


def test_routes_lead_where_nothing_but_routes_changes(result: Result) -> None:
    routes = ("reachable_pairs", "path_stretch")
    made = [
        (
            base,
            replace(
                policy, arrays={k: (policy if k in routes else base).arrays[k] for k in base.arrays}
            ),
        )
        for base, policy in result.members
    ]
    only = Result(result.scenario, made, result.info)
    assert (
        plots.main_chart(only) == "routes_matrix" and not only.plot("routes_matrix").shows_nothing
    )
    nothing = Result(
        result.scenario, [(base, replace(base, arm="policy")) for base, _ in made], result.info
    )
    assert list(plots.leading_charts(nothing)) == []


def test_the_report_opens_with_the_chart_of_the_finding_and_draws_it_once(result: Result) -> None:
    for run in (result, without_loss_of_contact(result)):
        titles = [image.get("alt", "") for image in worded(run).iter(f"{H}img")]
        main = run.plot(plots.main_chart(run)).title
        assert titles[0].startswith(main)
        assert sum(title.startswith(main) for title in titles) == 1
