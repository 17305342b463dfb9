"""Attribution: Shapley shares on toys worked out by hand, the axioms they must keep, and sums."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import block, call, run_once, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from splinternet.errors import InputError
from splinternet.experiments import experiment as points
from splinternet.experiments.attribution import (
    TOTAL,
    Attribution,
    attribute,
    exact_shares,
    orders_of,
    players_of,
    sampled_shares,
)
from splinternet.experiments.experiment import Output
from splinternet.plots.page import MOST_WORDS
from splinternet.scenario import Scenario

LOSS = Output("active_users", "US", "WeChat", "", "end")


def test_the_glove_game_has_the_answer_of_the_textbook() -> None:
    """One left glove, two right ones; a pair is worth 1: shares 2/3, 1/6, 1/6 (Shapley 1953)."""
    value = [float(bool(s & 1) and bool(s & 6)) for s in range(8)]
    assert exact_shares(np.array(value)) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def slow_shares(values: np.ndarray, n: int) -> np.ndarray:
    """Return the shares by their definition: the mean over all orders."""
    return sampled_shares(values, list(permutations(range(n))), range(1 << n)).mean(axis=0)


games = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.floats(-1e9, 1e9, width=32), min_size=1 << n, max_size=1 << n).map(
        lambda v: [0.0, *v[1:]]
    )
)


@given(games)
@settings(max_examples=60, deadline=None)
def test_the_formula_is_the_mean_over_all_orders_and_sums_to_the_total(values: list[float]) -> None:
    n, largest = len(values).bit_length() - 1, max(map(abs, values))
    shares = exact_shares(np.array(values))
    assert shares == pytest.approx(slow_shares(np.array(values), n), rel=1e-12, abs=1e-12 * largest)
    assert sum(shares) == pytest.approx(values[-1], rel=1e-12, abs=1e-12 * largest)


def spec(*policies: dict[str, Any], **keys: Any) -> Scenario:
    return scenario(list(policies), days=25, people=1_000, **keys)


def test_a_stay_is_one_with_what_it_stays() -> None:
    stay = dict(id="stay", instrument="injunction", by="US", policy="ban", on="2020-08-20")
    end = {"id": "end", "instrument": "lift", "by": "US", "policy": "stay", "on": "2020-08-22"}
    other = block(id="other", targets=["QQ"])
    assert players_of(spec(stay, block(), end, other)) == {
        "ban": ("stay", "ban", "end"),
        "other": ("other",),
    }
    with pytest.raises(InputError, match="no policies"):
        players_of(spec())


def attribute_once(spec: Scenario, **keys: Any) -> Attribution:
    """Attribute in this process, without the runs that another attribution here has had."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(points, "run_task", run_once)
        return attribute(spec, jobs=1, **keys)


@pytest.fixture(scope="module")
def blamed() -> Attribution:
    """Two bans of the same messenger, a ban of another, and one of nothing anybody uses there."""
    twin = block(id="twin")
    other = block(id="other", targets=["Facebook"])
    idle = block(id="idle", targets=["Yandex"], by="BR")
    return attribute_once(spec(block(), twin, other, idle), seeds=1)


def test_twins_share_alike_and_who_touches_nobody_has_nothing(blamed: Attribution) -> None:
    use = blamed.of(Output("active_users", "US", "WeChat", "", "total")).set_index("policy")[
        "effect"
    ]
    assert use["ban"] == pytest.approx(use["twin"], rel=1e-12)
    assert use["ban"] < 0
    assert use[TOTAL] < 0
    assert abs(use["idle"]) < 1e-9 * abs(use[TOTAL])
    # The ban of Facebook touches WeChat through substitutes and through the VPNs that it makes
    # people get (the gateway effect): it brings back fewer than a ban drives out, whose effect the
    # twins share.
    assert 0 <= use["other"] < -(use["ban"] + use["twin"])
    assert 2 * use["ban"] + use["other"] == pytest.approx(use[TOTAL], rel=1e-9)
    facebook = blamed.of(Output("active_users", "US", "Facebook", "", "total")).set_index("policy")[
        "effect"
    ]
    assert facebook["other"] < 0, "the ban of Facebook costs it users"


def test_the_shares_of_every_output_sum_to_the_whole(blamed: Attribution) -> None:
    assert len(blamed.table) > 500
    for _, rows in blamed.table.groupby(list(Output._fields), sort=False):
        parts, whole = rows["effect"][:-1], rows["effect"].to_list()[-1]
        assert rows["policy"].to_list()[-1] == TOTAL
        assert parts.sum() == pytest.approx(whole, rel=1e-12, abs=1e-12 * parts.abs().max())
    for seed, shares in zip(blamed.seeds, blamed.shares(LOSS), strict=True):
        whole_effect = {
            Output(*row[:5]): row[8] for row in blamed.outcomes[f"subset-f-seed-{seed}"]["rows"]
        }
        assert sum(shares) == pytest.approx(whole_effect[LOSS], rel=1e-12)


def test_every_subset_has_the_same_world_and_luck(blamed: Attribution) -> None:
    """The arm without policies is the same to the bit, although the policies decide which groups
    are large.
    """
    for seed in blamed.seeds:
        arms = [
            {tuple(row[:5]): row[6] for row in outcome["rows"] if row[4] == "end"}
            for key, outcome in blamed.outcomes.items()
            if key.endswith(f"-seed-{seed}")
        ]
        assert len(arms) == 15
        assert all(arm == arms[0] for arm in arms)


def test_sampled_orders_sum_to_the_whole_and_come_close(blamed: Attribution) -> None:
    sampled = attribute_once(blamed.scenario, seeds=1, orders=24)
    assert not sampled.is_exact
    output = Output("active_users", "US", "WeChat", "", "total")
    guess = sampled.of(output).set_index("policy")
    true = blamed.of(output).set_index("policy")["effect"]
    assert (
        guess["effect"][:-1].sum() == pytest.approx(guess["effect"][TOTAL])
        and guess["effect"][TOTAL] == true[TOTAL]
    )
    for policy in blamed.players:
        assert (
            abs(guess["effect"][policy] - true[policy])
            <= 4 * guess["sampling_error"][policy] + 1e-6
        )
    assert guess["sampling_error"]["ban"] > 0


def test_orders_come_with_their_reverse_and_from_the_seed_alone() -> None:
    found = orders_of(spec(block()), 10, 8)
    assert found == orders_of(spec(block()), 10, 8)
    assert all(found[i] == found[i + 1][::-1] for i in range(0, 8, 2))
    assert all(sorted(order) == list(range(10)) for order in found)
    assert found[0] != found[2]
    players = {str(i): () for i in range(10)}
    assert len(Attribution(spec(block()), (1,), players, found).subsets) < 1 << 10
    for wrong in (3, 2, -4):
        with pytest.raises(InputError, match="even number"):
            orders_of(spec(block()), 10, wrong)


def test_the_chart_has_a_bar_for_each_policy_and_the_whole(blamed: Attribution) -> None:
    figure = blamed.plot("active_users", "total", state="US", platform="WeChat")
    assert len(figure.axes[0].patches) == 5 and len(figure.title.split()) <= MOST_WORDS
    labels = [text.get_text() for text in figure.axes[0].get_yticklabels()]
    assert labels[-1] == TOTAL


def test_policies_that_move_nothing_are_told_kindly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "idle.yaml"
    file.write_text(
        "title: Nobody there uses it\nstart: 2020-08-01\ndays: 5\npolicies:\n"
        "  - {id: a, on: 2020-08-02, by: NG, instrument: block, targets: [Yandex]}\n"
    )
    code, told, _ = call(
        capsys,
        "attribute",
        str(file),
        "--people",
        "2000",
        "--seeds",
        "1",
        "--out",
        str(tmp_path / "out"),
    )
    assert code == 0 and "none of the headlines" in told
    assert f"Every number is in {tmp_path / 'out' / 'table.csv'}" in told
    for command in ("plot", "report"):
        code, _, told = call(capsys, command, str(tmp_path / "out"))
        assert code == 2 and "contains an experiment (attribution)" in told
        assert str(tmp_path / "out" / "table.csv") in told
