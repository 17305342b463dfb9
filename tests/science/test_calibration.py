"""Calibration: on functions whose answer is known, the model's error where it is known, and a tiny
real pool.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from splinternet.changes import Reader
from splinternet.cli import main
from splinternet.errors import InputError, RunError
from splinternet.experiments.hindcast import Replays, Run
from splinternet.experiments.record import Past, events, record
from splinternet.facts.loading import load_facts
from splinternet.facts.record import read_discrepancy, read_draws
from splinternet.fit import calibration, charts, stored
from splinternet.fit.__main__ import PROGRAM, app
from splinternet.fit.calibration import Settings, Study, calibrate, fit_study, study_of
from splinternet.fit.circumstances import known_before
from splinternet.fit.posterior import (
    ERRORS,
    KINDS,
    Density,
    Emulated,
    emulate,
    error_sds,
    estimate,
    fit,
    likelihood,
    ranks,
    sample,
    sobol,
)
from splinternet.fit.space import (
    CALIBRATED,
    Figure,
    Free,
    ParameterRow,
    figure_of,
    fitted,
    place,
    read_space,
    values_at,
)
from splinternet.fit.stored import (
    FITTED,
    KEPT_RUNS,
    Calibration,
    confirm,
    held_out_board,
    range_of,
    why_refused,
    with_fitted,
    write_back,
)

TRUE = {"one": 0.7, "two": 3.0, "idle": 0.5}
SPACE = {
    "one": Free("one", 0.0, 1.0, "lin", "toy"),
    "two": Free("two", 1.0, 10.0, "log", "toy"),
    "idle": Free("idle", 0.0, 1.0, "lin", "toy"),
}
LUCK = 0.004
SMALL = Settings(points=32, refined=8, people=1_000, held_out_draws=4, particles=64)
EPISODES = ("ua", "ua", "us", "us", "br", "br")


def answer(values: dict[str, float]) -> list[float]:
    """Return what the toy world is: three episodes with two figures each, and a parameter that does
    nothing.
    """
    one, two = values["one"], values["two"]
    return [
        one * one,
        0.1 * two + 0.2 * one,
        0.5 * one + 0.05 * two,
        0.3 + 0.06 * two,
        0.8 * one,
        0.1 + 0.05 * two,
    ]


def toy(run: Run) -> list[float]:
    luck = np.random.default_rng(run.seed).normal(size=6) * LUCK * (1_000 / run.people) ** 0.5
    told = np.array(answer(dict(run.values))) + luck
    return [
        float(x) if run.episode in ("", e) else float("nan")
        for x, e in zip(told, EPISODES, strict=True)
    ]


def figures_at(values: dict[str, float], tolerance: float = 0.02) -> tuple[Figure, ...]:
    """Return what would be observed if these were the parameters."""
    return tuple(
        Figure(episode, episode, (episode, str(i)), "kept", f"figure {i}", value, tolerance)
        for i, (value, episode) in enumerate(zip(answer(values), EPISODES, strict=True))
    )


def study(figures: tuple[Figure, ...] = ()) -> Study:
    return Study(SPACE, figures or figures_at(TRUE), toy)


CHARTS = charts.CHARTS


@pytest.fixture(autouse=True, scope="module")
def small() -> Iterator[None]:
    """Leave out the charts, and check the sampler at few points of the prior: the toy is fitted
    again and again.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(charts, "CHARTS", ())
        patch.setattr(calibration, "MOST_TRUTHS", 2)
        yield


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """A toy that has been calibrated."""
    return fit_study(study(), SMALL, jobs=1, out=tmp_path_factory.mktemp("toy") / "run")


def test_the_posterior_covers_the_truth_and_knows_what_it_does_not_know(found: Calibration) -> None:
    rows = {row.name: row for row in found.parameters}
    for name in ("one", "two"):
        assert rows[name].low <= TRUE[name] <= rows[name].high, name
        assert rows[name].shrink < 0.7, name
    assert rows["idle"].shrink > 0.85, "no figure depends on it: the data must not claim to know it"
    assert range_of(replace(rows["idle"], shrink=0.95)) == (0.0, 1.0), "it keeps its prior range"
    assert (found.numbers["free"], found.numbers["figures"], found.numbers["episodes"]) == (3, 6, 3)
    assert len(found.draws) == 100
    assert list(found.draws[0]) == ["one", "two", "idle"]
    assert all(figure["r2"] > 0.9 for figure in found.figures)


def test_held_out_episodes_are_forecast_from_the_others(found: Calibration) -> None:
    for figure in found.figures:
        assert len(figure["members"]) == SMALL.held_out_draws
        assert figure["low"] <= figure["median"] <= figure["high"]
        assert abs(figure["median"] - figure["observed"]) < 0.2, figure["name"]
    whole = {row["kind"]: row for row in found.errors if not row["without"]}
    assert set(whole) == set(KINDS)
    assert whole["kept"]["sd"] < 0.8, (
        "the toy is exact: its error is small, and not zero on three episodes"
    )
    assert (whole["kept"]["series"], whole["kept"]["episodes"]) == (6, 3)
    assert whole["contact"]["sd"] == whole["kept"]["sd"], (
        "without a count of it, that of the same scale"
    )
    assert whole["contact"]["basis"] == "assumption"
    assert {row["without"] for row in found.errors} == {"", "ua", "us", "br"}


def test_a_held_out_episode_does_not_leak_into_its_forecast(
    found: Calibration, tmp_path: Path
) -> None:
    """What is observed of one episode changes neither its own draws nor the error that its forecast
    gets.
    """
    honest = figures_at(TRUE)
    odd = (*honest[:2], *(replace(one, observed=0.95) for one in honest[2:4]), *honest[4:])
    assert calibration._split(honest, "us") == ([2, 3], [0, 1, 4, 5]), (
        "its posterior weighs the others alone"
    )
    lying = fit_study(study(odd), SMALL, jobs=1, out=tmp_path / "odd")
    for mine, theirs in zip(lying.figures[2:4], found.figures[2:4], strict=True):
        assert abs(mine["median"] - theirs["median"]) < 0.2, (
            "the lie is not believed by its own forecast"
        )
        assert abs(mine["median"] - mine["observed"]) > 0.2
    assert all(row["sd"] > 0 for row in lying.errors)


@cache
def learnt() -> Emulated:
    """Return emulators of the toy world."""
    points = sobol(64, 3, 1)
    outputs = np.array(
        [
            [
                f.scaled(v)
                for f, v in zip(figures_at(TRUE), answer(values_at(SPACE, p)), strict=True)
            ]
            for p in points
        ],
        float,
    )
    return emulate(figures_at(TRUE), points, outputs, 1)


def test_a_posterior_does_not_depend_on_what_it_does_not_weigh() -> None:
    known, honest = learnt(), figures_at(TRUE)
    odd = [replace(one, observed=0.9) for one in honest[:2]]
    at = sobol(256, 3 + len(ERRORS), 4)
    one = likelihood(known, honest, [2, 3, 4, 5])(at)
    assert np.array_equal(one, likelihood(known, (*odd, *honest[2:]), [2, 3, 4, 5])(at))
    assert not np.array_equal(one, likelihood(known, honest, range(6))(at))
    assert abs(values_at(SPACE, at[int(one.argmax()), :3])["one"] - 0.7) < 0.15
    assert (likelihood(known, honest, [])(at) == 0.0).all(), "without figures the prior is left"


def test_the_likelihood_is_that_of_a_normal_with_what_episodes_and_series_share() -> None:
    """By hand: five figures of one kind in two episodes, the covariance written out."""
    from scipy.stats import multivariate_normal

    known, at = learnt(), sobol(4, 3 + len(ERRORS), 4)
    figures = tuple(
        replace(one, series=(one.episode, str(i // 2))) for i, one in enumerate(figures_at(TRUE))
    )
    found = likelihood(known, figures, range(5))(at)
    for point, log in zip(at, found, strict=True):
        episode, series = error_sds(point[None, :])[0, :2]
        shared = np.kron(np.eye(3), np.ones((2, 2)))[:5, :5] * (episode**2 + series**2)
        alone = known.variance[:5] + [one.spread**2 for one in figures[:5]]
        said = known.means(point[None, :3], range(5))[0] - [one.target for one in figures[:5]]
        by_hand = multivariate_normal.logpdf(said, np.zeros(5), shared + np.diag(alone))
        assert log == pytest.approx(by_hand + 2.5 * np.log(2 * np.pi))


def test_the_posterior_finds_the_error_that_the_model_has_at_its_best() -> None:
    """Figures that the toy meets exactly leave a small error; figures that no parameters meet, a
    large one.
    """
    known, small = learnt(), []
    for off in (0.0, 0.25):
        figures = tuple(
            replace(one, observed=one.observed + (off if i % 2 else -off))
            for i, one in enumerate(figures_at(TRUE))
        )
        drawn = sample(likelihood(known, figures, range(6)), 3 + len(ERRORS), 1, particles=128)
        small.append(np.median(error_sds(drawn.flat)[:, :2], axis=0).max())
    assert small[0] < 0.3 < small[1]


def test_particles_find_a_density_that_is_known_from_the_prior_and_from_another_one() -> None:
    """Two normal parameters and a free one: means, spreads and what the draws are worth."""

    def at(centre: float) -> Density:
        return lambda points: -0.5 * (((points[:, :2] - centre) / 0.05) ** 2).sum(axis=1)

    first = sample(at(0.4), 3, 1, particles=256)
    moved = sample(at(0.5), 3, 2, start=first, start_density=at(0.4))
    for found, centre in ((first, 0.4), (moved, 0.5)):
        flat = found.flat
        assert flat[:, :2].mean(axis=0) == pytest.approx([centre, centre], abs=0.01)
        assert flat[:, :2].std(axis=0) == pytest.approx([0.05, 0.05], rel=0.15)
        assert flat[:, 2].std() == pytest.approx(12**-0.5, rel=0.1), (
            "what nothing depends on keeps its prior"
        )
        assert found.mixing < 1.1
        assert 100 < found.effective <= 1024
    assert np.array_equal(sample(at(0.4), 3, 1, particles=256).points, first.points)
    edge = sample(lambda points: -20.0 * points[:, :8].sum(axis=1), 40, 1, particles=512)
    assert edge.flat[:, :8].mean(axis=0) == pytest.approx(np.full(8, 1 / 20), rel=0.1), (
        "exponential, cut off at 1"
    )
    assert edge.effective > 1024, (
        "neither parameters that nothing depends on nor ends of priors slow the others down"
    )


def test_ranks_of_known_parameters_are_uniform_and_show_a_likelihood_that_is_too_sure() -> None:
    weighed = likelihood(learnt(), figures_at(TRUE), range(6))
    truths = sobol(14, 3 + len(ERRORS), 5)
    honest = ranks(weighed, truths, 3)[:, :2]
    assert honest.mean() == pytest.approx(0.5, abs=0.08)
    assert 0.2 < honest.std() < 0.36, "1 / sqrt(12) where all ranks are alike"
    # The same figures, met by a posterior that knows of no error: known values are at the ends of
    # its draws.
    sure, rng = [], np.random.default_rng(3)
    for truth in truths:
        seen = weighed.made_up(truth, rng).seen
        draws = sample(
            lambda x, seen=seen: (
                -0.5 * (((weighed.known.means(x, range(6)) - seen) / 0.03) ** 2).sum(axis=1)
            ),
            3,
            9,
            replicates=1,
            particles=64,
        ).flat
        sure.append((draws < truth[:3]).mean(axis=0))
    assert np.array(sure)[:, :2].std() > honest.std() + 0.04


# The model's error.


def misses(
    episodes: int, series: int, dates: int, sds: tuple[float, float], seed: int
) -> tuple[list[Figure], np.ndarray]:
    rng = np.random.default_rng(seed)
    figures, off = [], []
    for e in range(episodes):
        u = rng.normal() * sds[0]
        for s in range(series):
            v = rng.normal() * sds[1]
            for d in range(dates):
                figures.append(
                    Figure(f"e{e}", f"e{e}", (f"e{e}", str(s)), "gained", f"{e} {s} {d}", 0.2, 0.05)
                )
                off.append(u + v + rng.normal() * 0.1)
    return figures, np.array(off)


def test_the_error_of_episodes_and_of_series_are_told_apart() -> None:
    for sds in ((0.8, 0.2), (0.2, 0.8)):
        figures, off = misses(40, 3, 2, sds, 1)
        got = estimate(figures, off, np.full(len(off), 0.01))["gained"]
        assert (got.sd_episode, got.sd_series) == (
            pytest.approx(sds[0], abs=0.2),
            pytest.approx(sds[1], abs=0.12),
        )
        assert (got.series, got.episodes) == (120, 40)
    few, off = misses(2, 1, 1, (0.0, 0.0), 1)
    assert estimate(few, off, np.full(2, 0.01))["gained"].sd > 0.3, (
        "two episodes do not show that there is no error"
    )
    assert estimate(few, off, np.full(2, 0.01))["vpn"].sd > 0.8, "without any, the prior is left"
    noisy, off = misses(40, 3, 2, (0.0, 0.0), 2)
    assert estimate(noisy, off, np.full(len(off), 0.01))["gained"].sd < 0.15, (
        "what is known to be noise is no error"
    )
    biased = estimate(noisy, off + 1.0, np.full(len(off), 0.01))["gained"]
    assert biased.bias == pytest.approx(1.0, abs=0.05)
    assert biased.sd > 0.8, "a bias is part of the error"


def test_the_tolerance_of_a_figure_is_the_half_width_of_ninety_per_cent() -> None:
    assert figures_at(TRUE)[0].spread == pytest.approx(0.02 / 1.645 / (0.49 * 0.51))


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
    if int(run.key.rpartition("-")[2]) % 3:
        return toy(run)
    raise ValueError("no luck")


def broken(run: Run) -> Sequence[float]:
    raise ValueError("never")


def test_a_run_that_fails_is_named_and_stops_no_other(tmp_path: Path) -> None:
    few = replace(SMALL, points=16, refined=0, held_out_draws=2, particles=32)
    found = fit_study(replace(study(), simulator=failing), few, jobs=1, out=tmp_path / "run")
    assert any("runs failed" in warning for warning in found.warnings)
    assert "no luck" in (tmp_path / "run" / "log.txt").read_text(encoding="utf-8")
    with pytest.raises(RunError, match="every run failed"):
        fit_study(replace(study(), simulator=broken), few, jobs=1, out=tmp_path / "none")


class Killed(BaseException):
    """Stands for a kill: nothing in the program catches it."""


def test_a_killed_calibration_resumes_to_the_same_numbers(
    found: Calibration, tmp_path: Path
) -> None:
    for after in (3, 35):
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
    assert fit_study(study(), SMALL, jobs=1, out=found.folder).data() == found.data()
    with pytest.raises(InputError, match="another"):
        fit_study(study(), replace(SMALL, points=33), jobs=1, out=found.folder)


def table(folder: Path, *lines: str) -> Path:
    path = folder / "calibrated.csv"
    path.write_text(
        "\n".join(("name,prior_low,prior_high,scale,why", *lines)) + "\n", encoding="utf-8"
    )
    return path


@pytest.mark.parametrize(
    ("line", "expected"),
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
def test_what_cannot_be_calibrated_is_refused(line: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        study_of(table(tmp_path, "value.video,1,2,lin,x", line))
    assert expected in str(error.value)


def test_the_shipped_tables_are_shared_parameters_with_priors_that_hold_their_values() -> None:
    space, known = read_space(), load_facts().parameters
    assert len(space) >= 12
    for one in space.values():
        assert one.prior_low <= known[one.name].value <= one.prior_high, one.name
        assert one.at(place(one, known[one.name].value)) == pytest.approx(
            known[one.name].value, rel=1e-4
        )
    assert CALIBRATED.name == "calibrated.csv"


def test_all_scored_figures_of_the_record_are_met() -> None:
    figures = fitted()
    assert len(figures) >= 65
    assert len({one.episode for one in figures}) >= 18
    assert [one.event for one in record() if one.about.is_null] == ["us_wechat_2020"]
    (only,) = {one.event for one in fitted(["us_tiktok_2025"])}
    assert only == "us_tiktok_2025"
    with pytest.raises(InputError, match="did you mean 'us_tiktok_2025'"):
        fitted(["us_tiktok_2024"])


def row(name: str, **keys: object) -> ParameterRow:
    known: dict[str, object] = {
        "scale": "lin",
        "prior_low": 1.0,
        "prior_high": 10.0,
        "low": 3.0,
        "median": 4.0,
        "high": 5.0,
        "chosen": 4.25,
        "shrink": 0.4,
        "confounded_with": "x",
        "correlation": 0.1,
    }
    return ParameterRow(name=name, **known | keys)  # type: ignore[arg-type]


def test_what_is_written_back_changes_the_fitted_rows_alone(
    found: Calibration, tmp_path: Path
) -> None:
    shipped = (stored.FACTS / "parameters.csv").read_text(encoding="utf-8")
    rows = [
        row("choice.join_rate"),
        row("value.mixed", low=4.5, shrink=0.95),
        row("delisting.loss_rate", chosen=0.0034, low=0.00334, high=0.00339),
    ]
    text = with_fitted(shipped, rows)
    changed = [a for a, b in zip(text.splitlines(), shipped.splitlines(), strict=True) if a != b]
    assert [line.split(",")[:4] for line in changed] == [
        ["choice.join_rate", "4.25", "3", "5"],
        ["value.mixed", "4.25", "1", "10"],
        ["delisting.loss_rate", "0.0034", "0.00334", "0.0034"],
    ]
    assert all(FITTED in line and "history matching" not in line for line in changed)
    assert with_fitted(text, rows) == text, "a second calibration adds nothing"
    (tmp_path / "parameters.csv").write_text(shipped, encoding="utf-8")
    names = [path.name for path in write_back(found, tmp_path)]
    assert names == [
        "parameters.csv",
        "leave_one_out.csv",
        "discrepancy.csv",
        "posterior.csv",
        "calibration.json",
    ]
    told = read_draws(tmp_path / "posterior.csv")
    assert [draw["one"] for draw in told] == pytest.approx(
        [draw["one"] for draw in found.draws], rel=1e-5
    )
    errors = read_discrepancy(tmp_path / "discrepancy.csv")
    whole = next(one["sd"] for one in found.errors if (one["kind"], one["without"]) == ("kept", ""))
    assert errors["kept", ""].sd == pytest.approx(whole, rel=1e-5)
    with (tmp_path / "leave_one_out.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [len(line["members"].split()) for line in lines] == [SMALL.held_out_draws] * 6
    assert len({line["digest"] for line in lines}) == 1


def test_stored_forecasts_are_shown_where_the_tables_agree(tmp_path: Path) -> None:
    assert "no stored calibration" in why_refused(tmp_path)
    tables = {}
    for name in (stored.LEFT_OUT, stored.ERRORS_TABLE, stored.DRAWS_TABLE):
        (tmp_path / name).write_text("row,members\n", encoding="utf-8")
        tables[name] = sha256((tmp_path / name).read_bytes()).hexdigest()
    (tmp_path / stored.STAMP).write_text(
        json.dumps({"tables": tables, "runs": [{}]}), encoding="utf-8"
    )
    assert why_refused(tmp_path) == ""
    assert held_out_board(tmp_path).rows == ()
    (tmp_path / stored.STAMP).write_text(json.dumps({"tables": tables}), encoding="utf-8")
    assert "keeps some of its runs" in why_refused(tmp_path), (
        "without runs nothing shows that the numbers agree"
    )


def call_fit(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command of the fit; return its exit code, output and errors."""
    with pytest.raises(SystemExit) as leaving:
        main(list(words), of=app, name=PROGRAM)
    told = capsys.readouterr()
    assert isinstance(leaving.value.code, int)
    return leaving.value.code, told.out, told.err


def short_episodes(past: Sequence[Past]) -> list[str]:
    """Return the episodes of two figures or more that are over soonest after their first order, one
    for each run.
    """
    days: dict[str, list[int]] = {}
    specs = {spec.name: spec for spec in events()}
    for one in past:
        known = known_before(one.observed, specs[one.event])
        days.setdefault(one.episode, []).append(known.days)
    several = [episode for episode, own in days.items() if len(own) > 1]
    return sorted(several, key=lambda episode: max(days[episode]))[:KEPT_RUNS]


def test_this_program_gives_the_numbers_of_the_stored_calibration() -> None:
    """Three small runs on the record; ``python -m splinternet.fit confirm`` repeats all."""
    past = stored.calibrated()
    figures = tuple(map(figure_of, past))
    assert len(figures) >= 65
    episodes = short_episodes(past)
    assert len(set(episodes)) == KEPT_RUNS
    assert confirm(figures, Replays(past), jobs=1, episodes=episodes) >= 6

    def shifted(run: Run) -> list[float]:
        return [value * (1.0 + 1e-6) for value in Replays(past)(run)]

    with pytest.raises(InputError, match="figures differ"):
        confirm(figures, shifted, jobs=1, episodes=episodes)


def test_a_stored_calibration_is_confirmed_where_its_runs_say_the_same(
    found: Calibration, tmp_path: Path
) -> None:
    shutil.copy(stored.FACTS / "parameters.csv", tmp_path)
    now = study()
    with pytest.raises(InputError, match="no stored calibration"):
        confirm(now.figures, now.simulator, tmp_path, jobs=1)
    write_back(found, tmp_path)

    assert confirm(now.figures, now.simulator, tmp_path, jobs=1, episodes=("ua", "us", "br")) == 6
    assert why_refused(tmp_path) == ""
    assert confirm(now.figures, now.simulator, tmp_path, jobs=1) == KEPT_RUNS * len(now.figures)
    assert confirm(now.figures, rounded, tmp_path, jobs=1) == KEPT_RUNS * len(now.figures)
    with pytest.raises(InputError, match=r"figures differ, .* now, .* when it was calibrated"):
        confirm(now.figures, nudged, tmp_path, jobs=1)
    with pytest.raises(InputError, match="other figures are observed"):
        confirm(now.figures[1:], now.simulator, tmp_path, jobs=1)
    (tmp_path / "posterior.csv").write_text("edited by hand\n", encoding="utf-8")
    assert "the posterior.csv changed" in why_refused(tmp_path)


def nudged(run: Run) -> list[float]:
    """Return what the toy says, one figure off by a millionth."""
    first, *others = toy(run)
    return [first * (1.0 + 1e-6), *others]


def rounded(run: Run) -> list[float]:
    """Return what the toy says, one figure off by its last bit, as another processor may add up."""
    first, *others = toy(run)
    return [float(np.nextafter(first, 2.0)), *others]


def test_values_are_set_in_every_event_and_are_not_those_that_are_fitted() -> None:
    asked = study_of(
        cases=["us_tiktok_2025"], read=Reader(days=90, values={"ties.only_channel": 0.31})
    )
    assert isinstance(asked.simulator, Replays)
    assert asked.simulator.event("us_tiktok_2025", 1_000).parameters["ties.only_channel"] == 0.31
    assert asked.simulator.event("us_tiktok_2025", 1_000).days == 90
    with pytest.raises(InputError, match=r"choice\.trying_days is fitted"):
        study_of(cases=["us_tiktok_2025"], read=Reader(values={"choice.trying_days": 2}))
    with pytest.raises(InputError, match="write or set"):
        calibrate(set={"ties.only_channel": 0.31}, write=True)


def test_a_tiny_real_calibration_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(charts, "CHARTS", CHARTS)
    own = table(tmp_path, "delisting.loss_rate,0.003,0.004,lin,x", "choice.trying_days,2,20,log,x")
    sizes = [
        "us_tiktok_2025",
        "tr_twitter_2014",
        "--points",
        "8",
        "--people",
        "1000",
        "--held-out-draws",
        "2",
        "--refined",
        "4",
        "--particles",
        "64",
        "--jobs",
        "1",
        "--parameters",
        str(own),
        "--out",
        str(tmp_path / "run"),
    ]
    code, out, err = call_fit(capsys, "calibrate", *sizes, "--json")
    assert code == 0, err
    data = json.loads(out)
    assert {figure["episode"] for figure in data["figures"]} == {
        "us_tiktok_2025",
        "tr_twitter_2014",
    }
    kept = next(
        figure
        for figure in data["figures"]
        if figure["row"] == "us_tiktok_2025.1" or figure["kind"] == "kept"
    )
    assert 0.3 < kept["median"] <= 1.05
    assert (tmp_path / "run" / "figures" / "prior_and_posterior.png").stat().st_size > 10_000
    monkeypatch.setattr(charts, "CHARTS", ())
    said = call_fit(capsys, "calibrate", *sizes)[1]
    assert "2 free parameters" in said
    assert "between episodes" in said
    with pytest.raises(InputError, match="--points"):
        calibrate(points=1, cases=["us_tiktok_2025"])
