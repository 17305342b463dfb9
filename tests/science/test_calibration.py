"""Calibration: on functions whose answer is known, and a tiny real wave."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from sim.cli import main
from sim.errors import InputError, RunError
from sim.experiments.calibration.budget import budget_of, series_of
from sim.experiments.calibration.emulator import fit
from sim.experiments.calibration.one_curve import Curve, dose_of, fit_curve
from sim.experiments.calibration.report import FITTED, range_of, with_fitted
from sim.experiments.calibration.result import ParameterRow, inside, mean_error, read_forecasts
from sim.experiments.calibration.run import Calibration, Settings, Study, calibrate, fit_study, study_of, write_back
from sim.experiments.calibration.simulator import Run
from sim.experiments.calibration.space import CALIBRATED, EventFact, Free, Space, read_event_facts, read_space
from sim.experiments.hindcast.targets import Target, read_targets
from sim.facts.loading import load_facts
from sim.world.enforcement import in_force_at

TRUE = {"one": 0.7, "two": 3.0, "idle": 0.5}
SPACE = Space((Free("one", 0.0, 1.0), Free("two", 1.0, 10.0, "log"), Free("idle", 0.0, 1.0)))
LUCK = 0.004
SMALL = Settings(
    points=24, waves=3, people=1_000, repeats=4, finalists=3, final_people=2_000, final_seeds=1, held_out_draws=4,
    steps=60, candidates=256, discrepancy=0.01,
)  # fmt: skip


def answer(values: dict[str, float], fact: float = 0.0) -> list[float]:
    """Return what the toy world is: two events with two targets each, and a parameter that does nothing."""
    one, two = values["one"], values["two"]
    return [one * one, 0.1 * two + 0.2 * one, 0.5 * one + 0.05 * two + fact, 0.3 + 0.06 * two]


def toy(run: Run) -> list[float]:
    luck = np.random.default_rng(run.seed).normal(size=4) * LUCK * (1_000 / run.people) ** 0.5
    fact = sum(value for _, _, value in run.facts)
    return [float(x) for x in np.array(answer(dict(run.values), fact)) + luck]


def target(event: str, observed: float, day: int, tolerance: float = 0.03, platform: str = "TikTok") -> Target:
    known = {"ua": ("events/ua_vk_2017", "UA", 2017), "us": ("events/us_tiktok_2025", "US", 2025)}
    scenario, state, year = known[event]
    where = (event, scenario, state, platform, "active_users", "first day")
    return Target(*where, date(year, 5, day), observed, tolerance, True, "", "a toy")


def targets_at(values: dict[str, float]) -> tuple[Target, ...]:
    """Return what would be observed if these were the parameters."""
    a, b, c, d = answer(values)
    return (target("ua", a, 1), target("ua", b, 2, platform="Viber"), target("us", c, 3), target("us", d, 4))


def study(start: dict[str, float] | None = None, facts: tuple[EventFact, ...] = ()) -> Study:
    targets = targets_at(TRUE)
    return Study(SPACE, targets, toy, start or {"one": 0.4, "two": 5.0, "idle": 0.1}, facts, targets, toy)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """A toy that has been calibrated."""
    return fit_study(study(), SMALL, jobs=1, out=tmp_path_factory.mktemp("toy") / "run")


def test_the_posterior_covers_the_truth_and_knows_what_it_does_not_know(found: Calibration) -> None:
    rows = {row.name: row for row in found.parameters}
    for name in ("one", "two"):
        assert rows[name].low <= TRUE[name] <= rows[name].high, name
        assert rows[name].shrink < 0.3, name
    assert rows["idle"].shrink > 0.8, "no target hangs on it: the data must not claim to know it"
    assert range_of(rows["idle"]) == (0.0, 1.0), "it keeps its prior range"
    assert 1.5 < found.directions < 2.6, "two of three directions are narrowed"
    assert (found.numbers["free"], found.numbers["targets"], found.numbers["independent_targets"]) == (3, 4, 3)


def test_waves_rule_out_and_the_truth_stays(found: Calibration) -> None:
    shares = [wave["not_ruled_out"] for wave in found.waves]
    assert shares[0] == 1.0
    assert 0 < shares[-1] < 0.3
    assert all(wave["cut"] <= 3.0 for wave in found.waves)
    assert not [warning for warning in found.warnings if "cut was raised" in warning]
    assert all(one["r2"] > 0.97 for one in found.emulators)


def test_the_choice_is_made_by_simulation_and_is_better_than_before(found: Calibration) -> None:
    assert found.numbers["fitted_error"] < 0.02 < found.numbers["error_before"]
    assert all(row["inside"] for row in found.targets)
    chosen = {row.name: row.chosen for row in found.parameters}
    assert abs(chosen["one"] - 0.7) < 0.05
    assert len(found.draws) == 100
    assert list(found.draws[0]) == ["one", "two", "idle"]


def test_held_out_events_are_forecast_from_the_others(found: Calibration) -> None:
    """Either toy event has two equations for the two parameters that matter: the other follows."""
    assert [row.event for row in found.held_out] == ["ua", "ua", "us", "us"]
    assert mean_error(found.held_out) < 0.06
    assert mean_error(found.held_out, "still") > 0.3
    for row in found.held_out:
        assert row.low <= row.simulated <= row.high
        assert row.error_seen < 0.03, "the fit to the events that were seen has converged"


def test_an_event_that_says_something_else_is_missed_when_held_out(tmp_path: Path) -> None:
    """The held-out targets must not leak into the fit."""
    one = targets_at(TRUE)
    odd = (*one[:2], *targets_at({"one": 0.7, "two": 9.0, "idle": 0.5})[2:])
    lying = Study(SPACE, odd, toy, TRUE, (), odd, toy)
    rows = fit_study(lying, SMALL, jobs=1, out=tmp_path / "run").held_out
    told = {row.date: row for row in rows}
    assert told["2025-05-04"].simulated == pytest.approx(one[3].observed, abs=0.08)
    assert told["2025-05-04"].observed == pytest.approx(0.84)


class Killed(BaseException):
    """Stands for a kill: nothing in the program catches it."""


def test_a_killed_calibration_resumes_to_the_same_bytes(found: Calibration, tmp_path: Path) -> None:
    for after in (3, 30, 25):
        left = after

        def dying(done: int, failed: int, total: int) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed

        with pytest.raises(Killed):
            fit_study(study(), SMALL, jobs=1, out=tmp_path / "run", progress=dying)
    again = fit_study(study(), SMALL, jobs=1, out=tmp_path / "run")
    assert again.data() == found.data()
    assert found.folder is not None
    for path in sorted(found.folder.rglob("*")):
        if path.is_file() and path.name not in ("manifest.json", "log.txt"):
            assert (tmp_path / "run" / path.relative_to(found.folder)).read_bytes() == path.read_bytes(), path.name
    read = fit_study(study(), SMALL, jobs=1, out=found.folder)
    assert read.data() == found.data()
    with pytest.raises(InputError, match="another"):
        fit_study(study(), replace(SMALL, points=25), jobs=1, out=found.folder)


def test_facts_of_events_widen_the_budget_and_are_not_fitted(tmp_path: Path) -> None:
    targets = targets_at(TRUE)
    luck = np.random.default_rng(0).normal(size=(8, 4)) * LUCK
    moved = luck + np.array([0.0, 0.0, 0.1, 0.0]) * np.linspace(-1, 1, 8)[:, None]
    without, having = budget_of(targets, luck, luck), budget_of(targets, luck, moved)
    grown = np.diag(having.covariance) - np.diag(without.covariance)
    assert grown[2] == pytest.approx(0.1**2 * 3 / 7, rel=0.01)
    assert np.allclose(np.delete(grown, 2), 0)
    assert having.parts["tolerance"] == pytest.approx([0.03 / 1.645] * 4)
    fact = EventFact("events/us_tiktok_2025", "world.vpn_share.US", -0.2, 0.2)
    rows = fit_study(study(facts=(fact,)), replace(SMALL, waves=1), jobs=1, out=tmp_path / "run").targets
    assert rows[2]["sd of facts of the event"] > 0.05 > rows[0]["sd of facts of the event"]


def test_one_target_that_cannot_be_met_rules_nothing_out_and_two_do() -> None:
    budget = budget_of(targets_at(TRUE), np.zeros((2, 4)), np.zeros((2, 4)), discrepancy=0.02)
    true = np.array([t.observed for t in targets_at(TRUE)])
    off = true + np.array([[0, 0, 0, 0], [0.5, 0, 0, 0], [0.5, 0.5, 0, 0]])
    worst = budget.implausibility(off, 0.0)
    assert worst[0] == worst[1] == 0
    assert worst[2] > 3
    assert budget.log_likelihood(off, 0.0)[0] > budget.log_likelihood(off, 0.0)[1]
    assert budget.implausibility(off, 1.0)[2] < 3, "an emulator that is not sure rules nothing out"
    assert series_of([target("ua", 0.1, 1), target("ua", 0.1, 2)]) == 1, "two dates of one panel are one figure"


def test_an_emulator_knows_where_it_is_wrong() -> None:
    rng = np.random.default_rng(3)
    points = rng.random((80, 4))
    outputs = np.sin(4 * points[:, 0]) + points[:, 1] + 0.02 * rng.normal(size=80)
    emulator, fresh = fit(points, outputs), rng.random((200, 4))
    mean, variance = emulator(fresh)
    off = (mean - np.sin(4 * fresh[:, 0]) - fresh[:, 1]) / np.sqrt(variance)
    assert 0.85 < (np.abs(off) < 2).mean() <= 1
    left_out, scaled = emulator.left_out()
    assert left_out.std() < 0.05
    assert 0.85 < (np.abs(scaled) < 2).mean() <= 1
    assert emulator.scale * emulator.noise**0.5 == pytest.approx(0.02, rel=0.5)
    same = fit(points, np.full(80, 0.3))
    assert same(fresh)[0] == pytest.approx(np.full(200, 0.3))


def failing(run: Run) -> list[float]:
    if int(run.key.rpartition("-")[2]) % 2 or run.key.startswith("plain"):
        return toy(run)
    raise ValueError("no luck")


def broken(run: Run) -> Sequence[float]:
    return [float("nan")] * 4


def test_a_run_that_fails_is_told_and_stops_no_other(tmp_path: Path) -> None:
    targets = targets_at(TRUE)
    some = Study(SPACE, targets, failing, TRUE, (), targets, toy)
    found = fit_study(some, replace(SMALL, waves=1), jobs=1, out=tmp_path / "run")
    assert any("runs failed" in warning for warning in found.warnings)
    assert "no luck" in (tmp_path / "run" / "log.txt").read_text(encoding="utf-8")
    with pytest.raises(RunError, match="every run failed"):
        fit_study(Study(SPACE, targets, broken, TRUE, (), targets, broken), SMALL, jobs=1, out=tmp_path / "none")


def table(folder: Path, *lines: str) -> Path:
    path = folder / "calibrated.csv"
    path.write_text("\n".join(("name,prior_low,prior_high,scale,why", *lines)) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("choice.join_rat,1,2,lin,x", "did you mean 'choice.join_rate'"),
        ("policies.instagram-block.share,0,1,lin,x", "belongs to one scenario alone"),
        ("world.vpn_share.RU,0,1,lin,x", "none has a knob of its own"),
        ("choice.ua_vk_2017,0,1,lin,x", "belongs to ua_vk_2017 alone"),
        ("value.TikTok,0,1,lin,x", "belongs to TikTok alone"),
        ("choice.join_rate,2,1,lin,x", "prior_low < prior_high"),
        ("choice.minor_exponent,0,1,log,x", "above 0 on a log scale"),
        ("choice.join_rate,1,2,cubic,x", "scale is 'cubic'"),
        ("tie_share.feed,0.1,1.5,lin,x", "shares are 0 to 1"),
    ],
)
def test_what_cannot_be_calibrated_is_refused(line: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        study_of(table(tmp_path, "value.video,1,2,lin,x", line), Settings())
    assert told in str(error.value)


def test_the_shipped_tables_are_shared_parameters_with_priors_that_hold_their_values() -> None:
    space, known = read_space(), load_facts().parameters
    assert len(space.free) >= 12
    for one in space.free:
        assert one.low <= known[one.name].value <= one.high, one.name
        assert one.at(one.place(known[one.name].value)) == pytest.approx(known[one.name].value, rel=1e-4)
    scenarios = {t.scenario for t in read_targets()}
    assert {fact.scenario for fact in read_event_facts()} <= scenarios
    assert CALIBRATED.name == "calibrated.csv"


def row(name: str, **keys: object) -> ParameterRow:
    known: dict[str, object] = {
        "scale": "lin", "prior_low": 1.0, "prior_high": 10.0, "low": 3.0, "median": 4.0, "high": 5.0, "chosen": 4.25,
        "shrink": 0.4, "confounded_with": "x", "correlation": 0.1,
    }  # fmt: skip
    return ParameterRow(name=name, **known | keys)  # type: ignore[arg-type]


def test_what_is_written_back_changes_the_fitted_rows_alone(found: Calibration, tmp_path: Path) -> None:
    from sim.facts.read import read_facts

    shipped = Path(read_facts.__code__.co_filename).with_name("parameters.csv").read_text(encoding="utf-8")
    rows = [row("choice.join_rate"), row("value.mixed", low=4.5, shrink=0.95), row("delisting.loss_rate", chosen=0.0034,
            low=0.00334, high=0.00339)]  # fmt: skip
    text = with_fitted(shipped, rows)
    before, after = shipped.splitlines(), text.splitlines()
    changed = [a for a, b in zip(after, before, strict=True) if a != b]
    assert [line.split(",")[:4] for line in changed] == [
        ["choice.join_rate", "4.25", "3", "5"],
        ["value.mixed", "4.25", "1", "10"],
        ["delisting.loss_rate", "0.0034", "0.00334", "0.0034"],
    ]
    assert all(FITTED in line for line in changed)
    assert "set by hand" not in "".join(changed)
    assert with_fitted(text, rows) == text, "a second calibration adds nothing"
    (tmp_path / "parameters.csv").write_text(shipped, encoding="utf-8")
    paths = write_back(found, tmp_path)
    assert [path.name for path in paths] == ["parameters.csv", "posterior.csv", "leave_one_out.csv"]
    with (tmp_path / "posterior.csv").open(encoding="utf-8", newline="") as file:
        assert [float(line["one"]) for line in csv.DictReader(file)] == pytest.approx([d["one"] for d in found.draws])
    read = read_forecasts(tmp_path / "leave_one_out.csv")
    assert mean_error(read) == pytest.approx(mean_error(found.held_out), abs=1e-5)
    assert inside(read) == inside(found.held_out)
    assert read_forecasts(tmp_path / "none.csv") == []


def test_the_one_curve_rises_from_the_dose_and_finds_its_own_numbers() -> None:
    real = [t for t in read_targets() if t.event in ("ua_vk_2017", "us_tiktok_2025", "us_wechat_2020")]
    doses = {(t.platform, str(t.day)): dose_of(t) for t in real}
    known = load_facts().parameters
    coverage, rate = known["technique.isp.coverage"].value, known["delisting.loss_rate"].value
    values = {name: quantity.value for name, quantity in known.items()}
    assert doses["VKontakte", "2018-05-31"] == (pytest.approx(coverage), 380)
    # The decree of 16 May 2017 reaches one class of providers after the other, all by the first of June.
    put = in_force_at("decree", "isp", (date(2017, 5, 28) - date(2017, 5, 16)).days, 16, values)
    assert doses["VKontakte", "2017-05-28"][0] == pytest.approx(coverage * put, rel=0.1)
    assert doses["TikTok", "2025-02-13"][0] == pytest.approx(1 - np.exp(-rate * 27), abs=0.002)
    assert doses["Facebook", "2017-05-28"] == doses["WeChat", "2020-12-31"] == (0.0, 0)
    true = Curve(0.4, 0.05)
    made = [Target(**{**t.__dict__, "observed": true.retained(*dose_of(t))}) for t in real if dose_of(t)[0] > 0]
    assert fit_curve(made).at_once == pytest.approx(0.4, abs=1e-6)
    assert fit_curve(made).later == pytest.approx(0.05, abs=1e-6)
    assert true.retained(0.0, 100) == 1.0
    assert fit_curve([]).retained(1.0, 10) == 1.0


def test_a_tiny_real_calibration_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = table(tmp_path, "delisting.loss_rate,0.003,0.004,lin,x", "choice.trying_days,2,20,log,x")
    sizes = ["--points", "2", "--waves", "1", "--people", "1500", "--repeats", "2", "--finalists", "1",
             "--final-people", "1500", "--final-seeds", "1", "--steps", "20", "--jobs", "1"]  # fmt: skip
    with pytest.raises(SystemExit) as leaving:
        main(
            ["calibrate", "us_tiktok_2025", "--parameters", str(own), "--out", str(tmp_path / "run"), *sizes, "--json"]
        )
    told = capsys.readouterr()
    assert leaving.value.code == 0, told.err
    data = json.loads(told.out)
    (only,) = data["targets"]
    assert 0.8 < only["simulated"] < 1.05
    assert data["leave_one_out"] == [], "one event cannot be forecast from the others"
    assert (tmp_path / "run" / "figures" / "prior_and_posterior.png").stat().st_size > 10_000
    with pytest.raises(SystemExit):
        main(["calibrate", "us_tiktok_2025", "--parameters", str(own), "--out", str(tmp_path / "run"), *sizes])
    assert "2 free parameters, 1 targets" in capsys.readouterr().out
    with pytest.raises(InputError, match="--points"):
        calibrate(points=1, cases=["us_tiktok_2025"])
