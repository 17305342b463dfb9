"""The rivals, each on figures made so that its law holds."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from splinternet_bench.rivals import ALIKE, fit_curve, rivals_of


def figure(episode: str, value: float, kind: str = "kept", **known: object) -> dict[str, object]:
    """Return a figure with what is known of it."""
    plain = {
        "row": f"{episode}.{known.get('meter', '')}.{value}",
        "series": f"{episode}|{kind}|{known.get('meter', '')}",
        "episode": episode,
        "value": value,
        "kind": kind,
        "error_kind": {"kept": "kept", "decay": "ratio"}.get(kind, kind),
        "is_hit": kind == "kept",
        "technique": "isp",
        "platform_kind": "feed",
        "before": 1.0 if kind == "kept" else 0.0,
    }
    numbers = ("dose", "days", "reference_dose", "reference_days", "part", "vpn_share")
    return plain | dict.fromkeys((*numbers, "alternatives"), 0.0) | known


def said(target: dict[str, object], *others: dict[str, object]) -> dict[str, float]:
    """Return the medians of all rivals."""
    told = rivals_of(pd.Series(target), pd.DataFrame(others))
    return {name: forecast.quantile(0.5) for name, forecast in told.items()}


def test_the_curve_is_found_where_it_is_the_truth_and_bystanders_gain_the_mean() -> None:
    at_once = 0.3
    later = 0.1
    true = [
        figure(f"e{i}", 1 - dose * (at_once + later * math.log1p(days)), dose=dose, days=days)
        for i, (dose, days) in enumerate(((0.9, 10), (0.5, 100), (0.2, 400), (0.9, 0)))
    ]
    assert fit_curve(pd.DataFrame(true)) == pytest.approx((at_once, later))
    gains = [figure("e1", 0.2, "gained"), figure("e2", 0.6, "gained", meter="x")]
    told = said(figure("new", 9.0, dose=0.5, days=30), *true, *gains)
    assert told["curve"] == pytest.approx(1 - 0.5 * (at_once + later * math.log1p(30)))
    assert (told["half"], told["nothing"]) == (0.5, 1.0)
    assert said(figure("new", 9.0, "gained"), *true, *gains)["curve"] == pytest.approx(0.4)
    alike = {"dose": 0.9, "days": 100, "reference_dose": 0.9, "reference_days": 100}
    assert said(figure("new", 9.0, **alike), *true)["curve"] == pytest.approx(1.0), (
        "nothing changes between two like days"
    )


def test_duplication_follows_what_is_in_use_and_learns_one_number() -> None:
    """Gains of 0.4 and 0.2 on parts of 0.4 and 0.2 make a number of 1: a part of 0.1 gains 0.1."""
    known = [figure("a", 0.4, "gained", part=0.4), figure("b", 0.2, "gained", part=0.2)]
    told = said(figure("new", 9.0, "gained", part=0.1), *known)
    assert told["duplication"] == pytest.approx(0.1)
    hit = said(figure("new", 9.0, dose=0.5, days=30), *known)
    assert hit["duplication"] == hit["curve"], "what is hit keeps what the curve leaves"


def test_the_regression_finds_a_linear_law_and_the_level_of_a_technique() -> None:
    """On the scale of the figures (logit of what is kept) dose and technique add up."""

    def kept(dose: float, technique: str) -> float:
        return 1.0 / (1.0 + math.exp(-(2.0 - 4.0 * dose + (1.0 if technique == "dns" else 0.0))))

    cases = [(0.1 * i, technique) for i in range(2, 10) for technique in ("isp", "dns")]
    known = [
        figure(f"e{i}", kept(*case), dose=case[0], technique=case[1])
        for i, case in enumerate(cases)
    ]
    for dose, technique in ((0.45, "isp"), (0.65, "dns")):
        target = pd.Series(figure("new", 0.0, dose=dose, technique=technique))
        told = rivals_of(target, pd.DataFrame(known))["regression"]
        assert told.quantile(0.5) == pytest.approx(kept(dose, technique), abs=0.03)
        assert told.quantile(0.1) < kept(dose, technique) < told.quantile(0.9)
    beyond = said(figure("new", 0.0, dose=5.0), *known)["regression"]
    assert beyond == pytest.approx(said(figure("new", 0.0, dose=0.9), *known)["regression"]), (
        "nothing is extrapolated"
    )


def test_climatology_is_the_record_by_series_with_like_cases_twice() -> None:
    known = [
        figure("a", 0.2, platform_kind="video", technique="dpi"),
        figure("b", 0.4),
        figure("b", 0.6),
    ]
    told = rivals_of(pd.Series(figure("new", 0.0)), pd.DataFrame(known))["climatology"]
    assert told.values == pytest.approx((0.2, 0.4, 0.6))
    assert told.weights == pytest.approx((1.0, 0.5 * ALIKE * ALIKE, 0.5 * ALIKE * ALIKE))
    vpn = [figure("a", 0.3, "vpn", before=0.1), figure("b", 0.5, "vpn", before=0.4)]
    risen = rivals_of(pd.Series(figure("new", 0.0, "vpn", before=0.2)), pd.DataFrame(vpn))
    assert sorted(risen["climatology"].values) == pytest.approx([0.3, 0.4]), (
        "what rose elsewhere, on top of what is here"
    )
    assert said(figure("new", 0.0, "decay"), *vpn)["climatology"] == 0.0, "no other episode has it"
