"""The table of ties audits the metrics of contact: each is worked out again from its rows, and must
be the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import block, call, contents, scenario

from splinternet.errors import InputError, RunError
from splinternet.experiments import ensemble
from splinternet.experiments.pairs import DECAYED, RULES
from splinternet.metrics.family import median_duration
from splinternet.results import Result, open_run
from splinternet.results.ties import COLUMNS, KinHistory

DAYS = 110
BAN: dict[str, Any] = dict(
    id="ban", by="US", instrument="transaction_ban", targets=["WeChat"], on="2020-08-08"
)
WALL = block(id="wall", by="CN", targets=["QQ", "Skype"], on="2020-08-20", until="2020-09-25")
QUICK = {
    "transaction_ban.speed": 0.2,
    "transaction_ban.ramp_days": 14,
    "delisting.loss_rate": 0.02,
    "ties.only_channel": 0.8,
}


def run(**keys: Any) -> Result:
    spec = scenario(
        [BAN, WALL, block(id="end", on="2020-08-30", until="2020-09-20")],
        days=DAYS,
        parameters=QUICK,
    )
    return ensemble.run(spec, seeds=2, jobs=1, ties=True, **keys)


@pytest.fixture(scope="module")
def result() -> Result:
    return run()


class Recomputed:
    """The metrics of one arm of one member, worked out from the table and the history of ties
    alone.

    Attributes
    ----------
    rows : pandas.DataFrame
        The rows of `Result.ties` of the arm.
    without, here : (rows, days) bool
        Whether the tie of a row has a channel without the policies, and with them.
    """

    def __init__(self, result: Result, seed: int, arm: str) -> None:
        def of(table: pd.DataFrame, name: str) -> pd.DataFrame:
            return table[(table["seed"] == seed) & (table["arm"] == name)].reset_index(drop=True)

        self.days, first = len(result.dates), pd.Timestamp(result.dates[0])
        self.rows = of(result.ties(), arm)
        ties = result.kept_ties()[seed]
        ends = [
            ties.table.person[end].tolist()
            for end in (ties.table.diaspora_end, ties.table.family_end)
        ]
        tie = {
            key: at for pair in (ends, ends[::-1]) for at, key in enumerate(zip(*pair, strict=True))
        }
        of_row = [tie[key] for key in zip(self.rows["person"], self.rows["kin"], strict=True)]

        def has_channel(name: str) -> np.ndarray:
            history: KinHistory = getattr(ties, name)
            return history.days_with_channel(self.days, np.array(of_row, int)).T

        self.here = has_channel(arm)
        before = np.repeat(
            (self.rows["channels_before"] != "").to_numpy()[:, None], self.days, axis=1
        )
        self.without = before if arm == "baseline" else has_channel("baseline")
        self.out = self.without & ~self.here
        self.weight = self.rows["weight"].to_numpy()
        self.groups = self.rows["group"].astype(str).to_numpy()
        self.lost_on, self.back_on, self.number_on = (
            (self.rows[name] - first).dt.days.to_numpy()
            for name in ("first_lost", "back", "number_on")
        )
        self.number_on = np.nan_to_num(
            self.number_on
        )  # no date: they know it from the start, or never

    def in_a_row(self, flags: np.ndarray) -> np.ndarray:
        """Return how many days in a row a flag stands, up to each day."""
        found, now = np.zeros(flags.shape, int), np.zeros(len(flags), int)
        for day in range(self.days):
            now = np.where(flags[:, day], now + 1, 0)
            found[:, day] = now
        return found

    def of_ties(self, group: str) -> dict[str, np.ndarray]:
        """Return the metrics of the ties of a group."""
        mine = self.groups == group
        out, weight, long = (
            self.out[mine],
            self.weight[mine][:, None],
            self.in_a_row(self.out[mine]),
        )
        day = np.arange(self.days)
        found = {
            "ties_out_of_contact": (out * weight).sum(axis=0),
            "ties_lost": ((long >= 30) * weight).sum(axis=0),
            "ties_severed": ((long[:, -1] >= 90) * weight[:, 0]).sum(),
            "ties_ever_out": ((self.lost_on[mine][:, None] <= day) * weight).sum(axis=0),
            "conversations_lost": (
                out * weight * self.rows["conversations"].to_numpy()[mine][:, None]
            ).sum(axis=0),
        }
        ways = [
            ("direct", "vpn", "substitute", "bridge").index(how)
            for how in self.rows["back_how"][mine]
            if how
        ]
        returned = self.rows["back_how"][mine].to_numpy() != ""
        back = np.zeros((self.days, 4))
        for way, on, each in zip(
            ways, self.back_on[mine][returned], self.weight[mine][returned], strict=True
        ):
            back[int(on) :, way] += each
        ever = ~np.isnan(self.lost_on[mine])
        lasted = (
            np.where(np.isnan(self.back_on), self.days, self.back_on)[mine][ever]
            - self.lost_on[mine][ever]
        )
        median = (
            median_duration(lasted, ~np.isnan(self.back_on[mine][ever]))
            if ever.any()
            else float("nan")
        )
        return found | {"reconnected": back, "days_to_reconnect": np.array(median)}

    def of_people(self, group: str) -> dict[str, np.ndarray]:
        """Return the metrics of the people of a group."""
        mine = np.flatnonzero(self.groups == group)
        who, member = np.unique(self.rows["person"].to_numpy()[mine], return_inverse=True)
        had, has, calls = (np.zeros((len(who), self.days), bool) for _ in range(3))
        np.logical_or.at(had, member, self.without[mine])
        np.logical_or.at(has, member, self.here[mine])
        phone = self.rows["phone"].to_numpy()[mine][:, None]
        known = np.arange(self.days) >= self.number_on[mine][:, None]
        np.logical_or.at(
            calls, member, known & (phone < np.maximum(1, self.in_a_row(self.out[mine])))
        )
        lost, weight = had & ~has, self.weight[mine[0]]
        longest = np.maximum.accumulate(self.in_a_row(lost), axis=1)
        silent = np.maximum.accumulate(lost & ~calls, axis=1)
        worst = np.where(silent, 2, longest >= 1)
        counted = np.maximum.accumulate(had, axis=1)
        steps = np.stack([(counted & (worst == step)).sum(axis=0) for step in range(3)], axis=1)
        members, so_far = had.sum(axis=0), np.maximum.accumulate(had, axis=1).sum(axis=0)
        return {
            "contact_by_step": steps / so_far[:, None],
            "contact_by_step_people": steps * weight,
            "family_contact_lost": lost.sum(axis=0) / members,
            "family_contact_lost_people": lost.sum(axis=0) * weight,
            "family_contact_lost_entirely": (lost & ~calls).sum(axis=0) / members,
            "contact_days_lost": lost.sum(axis=0) * weight,
            "family_contact_ever_lost": (longest >= 1).sum(axis=0) / so_far,
            "family_contact_ever_lost_people": (longest >= 1).sum(axis=0) * weight,
            "family_contact_lost_7d": (longest >= 7).sum(axis=0) / so_far,
            "family_contact_lost_30d": (longest >= 30).sum(axis=0) / so_far,
            "contact_days_lost_per_member": lost.cumsum(axis=1).sum(axis=0) / so_far,
        }


def test_every_metric_of_contact_follows_from_the_table(result: Result) -> None:
    moved: dict[str, float] = {}
    for pair in result.members:
        for arm in pair:
            again = Recomputed(result, arm.seed, arm.arm)
            for group in dict.fromkeys(again.groups):
                g = arm.axes.groups.index(group)
                for metric, values in (again.of_ties(group) | again.of_people(group)).items():
                    told = (
                        arm.arrays[metric][g]
                        if arm.arrays[metric].ndim < 2
                        else arm.arrays[metric][:, g]
                    )
                    np.testing.assert_allclose(
                        values, told, rtol=1e-9, err_msg=f"{metric} of {group}, {arm.arm}"
                    )
                    moved[metric] = max(moved.get(metric, 0.0), float(np.nan_to_num(values).max()))
    assert all(moved.values()), "a metric that is zero everywhere shows nothing"
    contact = {"conversations_lost", "contact_days_lost", "reconnected", "days_to_reconnect"}
    contact |= {
        name
        for name in result.metrics
        if name.startswith(("family_contact", "ties_", "contact_days", "contact_by"))
    }
    assert set(moved) == contact


def test_the_channels_that_are_kept_give_the_open_and_the_fragile_ties(result: Result) -> None:
    (_, policy), (_, ties) = result.members[0], next(iter(result.kept_ties().items()))
    axes, history, table = policy.axes, ties.policy, ties.table
    weight = np.array([policy.real[g] / max(1, policy.cells[g]) for g in axes.groups])
    group = table.group[table.diaspora_end]
    last = history.channels_after(np.full(history.before.size, DAYS - 1, np.int16))
    is_open = history.days_with_channel(DAYS)[-1]
    assert np.array_equal(is_open, last != 0)
    place = axes.groups.index("US<-CN")
    us, cn = (axes.states.index(code) for code in ("US", "CN"))
    both = np.isin(
        group, [place, axes.groups.index("CN<-US")] if "CN<-US" in axes.groups else [place]
    )
    # A pair without a channel on the first day does not become contact by a substitute that both
    # take up.
    kept = is_open & (history.before != 0)
    assert policy.arrays["cross_border_contact"][-1, us, cn] == pytest.approx(
        (kept * weight[group])[both].sum()
    )
    single = np.array(
        [bits.bit_count() == 1 for bits in (last[group == place] & np.int64(2**63 - 1)).tolist()]
    )
    fragile = single.sum() / is_open[group == place].sum()
    assert policy.arrays["fragile_ties"][-1, place] == pytest.approx(fragile)


def test_days_without_a_channel_that_touch_leave_none_between_them() -> None:
    none, changes = (
        np.full(1, -1),
        {"tie": np.zeros(3, int), "day": np.array([1, 3, 4]), "channels": np.array([0, 0, 1])},
    )
    rest = dict.fromkeys(
        ("first_out", "first_back", "way_back", "number_on", "cause", "policy", "rule"), none
    )
    history = KinHistory(before=np.ones(1, int), **changes, **rest)
    assert history.days_with_channel(6)[:, 0].tolist() == [True, False, False, False, True, True]


def test_a_row_says_when_why_and_how_long(result: Result) -> None:
    rows = result.ties("US<-CN", "policy")
    texts = [
        "arm",
        "residence",
        "origin",
        "channels_before",
        "last_channel",
        "cause",
        "back_on",
        "back_how",
        "group",
    ]
    assert list(rows.select_dtypes("category")) == [name for name in COLUMNS if name in texts]
    assert tuple(rows.columns) == COLUMNS
    lost, kept = rows[rows["first_lost"].notna()], rows[rows["first_lost"].isna()]
    assert set(rows["residence"]) == {"US"} and set(rows["origin"]) == {"CN"} and len(lost) > 100
    assert (lost["channels_before"] != "").all() and (lost["last_channel"] != "").all()
    assert (lost["spells"] > 0).all() and (lost["days_out"] >= lost["spells"]).all()
    assert (
        (kept["days_out"] == 0).all()
        and (kept["cause"] == "").all()
        and (kept["back_on"] == "").all()
    )
    back = lost[lost["back_how"] != ""]
    assert (back["back"] > back["first_lost"]).all() and (back["back_on"] != "").all()
    assert set(rows["age"].between(0, 1)) == set(rows["skill"].between(0, 1)) == {True}
    everybody = rows.drop_duplicates(["seed", "person"])
    assert 0.45 < everybody["age"].mean() < 0.55, "ranks among all users of the state"
    assert result.ties("family:US<-CN", "policy")["days_out"].sum() == rows["days_out"].sum(), (
        "both ends of each tie"
    )
    assert not len(result.ties("US<-CN", "baseline").query("days_out > 0"))


def test_a_story_says_what_the_row_says(result: Result) -> None:
    """Every loss with its day and its policy, every return with its day, and the days in all."""
    ties = result.ties("US<-CN", "policy")
    lost = ties[ties["first_lost"].notna()]
    for row, tie in lost.iterrows():
        said = ties.story(row).splitlines()
        assert said[0].startswith(f"Person {tie['person']} lives in the United States, and")
        assert f"person {tie['kin']}, in China" in said[0]
        assert tie["channels_before"].replace(", ", " and ", 1) in said[0].replace(", ", " and ", 1)
        first = f"{tie['first_lost']:%-d %B %Y}: they lose"
        policy, _, rule = tie["cause"].rpartition(": ")
        (loss,) = [line for line in said if line.startswith(first)]
        assert loss.endswith(f"[{policy}]." if policy else ".") and rule
        back = f"{tie['back']:%-d %B %Y}: they talk again, on" if tie["back_how"] else "talk again"
        assert any(line.startswith(back) for line in said) == bool(tie["back_how"])
        days = "1 day" if tie["days_out"] == 1 else f"{tie['days_out']} days"
        assert said[-1].startswith(f"With the policies, they are out of contact for {days}; ")
        assert said[-1].endswith("without them, for 0 days.")
    assert len(lost) > 100 and (lost["spells"] > 1).any()
    quiet = ties.index[ties["first_lost"].isna()][0]
    assert "they lose" not in ties.story(quiet)
    without = result.ties("US<-CN", "baseline")
    assert without.story(0).endswith("Without the policies, they are out of contact for 0 days.")
    telephones = lost[(lost["phone"] > 0) & (lost["days_out"] > 40)]
    for row, after in telephones["phone"].items():
        spells = telephones.loc[row, "spells"]
        told = (
            f"After {after:.0f} day{'s' if after != 1 else ''} without a platform, they telephone."
        )
        assert (told in ties.story(row)) or spells > 1 or after >= telephones.loc[row, "days_out"]
    assert len(telephones)


def test_a_story_needs_a_row_that_names_a_tie(result: Result) -> None:
    ties = result.ties("US<-CN", "policy")
    assert ties[["seed", "arm", "person", "kin"]].story(0) == ties.story(0)
    with pytest.raises(InputError, match=rf"no row {len(ties)}; a label of the index, 0 to"):
        ties.story(len(ties))
    with pytest.raises(InputError, match="lacks person, kin; rows of result"):
        ties[["seed", "arm"]].story(0)
    with pytest.raises(InputError, match="lacks its run"):
        type(ties)(pd.DataFrame(ties)).story(0)


def test_causes_name_the_policy_and_what_it_did(result: Result) -> None:
    lost = result.ties("US<-CN", "policy").dropna(subset="first_lost")
    on = lost.groupby("cause", observed=True)["first_lost"].agg(["min", "size"])
    assert on.loc["wall: blocked", "min"] == pd.Timestamp("2020-08-20"), (
        "QQ goes at the Chinese end"
    )
    assert on.loc["ban: update lapsed", "min"] < pd.Timestamp("2020-08-30")
    known = {f"{policy}: {rule}" for policy in ("ban", "wall", "end") for rule in (*RULES, DECAYED)}
    assert set(on.index) <= known | {*RULES, DECAYED}
    told = lost["cause"].str.partition(":")[0].isin(["ban", "wall", "end"])
    assert told.mean() > 0.95, "hardly any loss is nobody's"


def test_the_folder_keeps_the_ties_whole_and_a_run_without_them_is_completed(
    tmp_path: Path,
) -> None:
    ties = tmp_path / "ties"
    spec = scenario([block()], days=20, people=1_500)
    ensemble.run(spec, seeds=2, jobs=1, out=ties)
    with pytest.raises(InputError, match=r"kept no table of ties.*--ties"):
        open_run(ties).ties()
    bare = contents(ties)
    first = ensemble.run(spec, seeds=2, jobs=1, out=ties, ties=True)
    assert contents(ties) == bare, "nothing else differs"
    pd.testing.assert_frame_equal(first.ties(), open_run(ties).ties())
    assert ensemble.run(spec, seeds=2, jobs=1, out=ties).kept_ties(), (
        "a run that has more is taken as it is"
    )
    resaved = open_run(ties).save(tmp_path / "resaved")
    assert (resaved / "ties.nc").read_bytes() == (ties / "ties.nc").read_bytes()
    damaged = bytearray((ties / "ties.nc").read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (ties / "ties.nc").write_bytes(damaged)
    with pytest.raises(RunError, match=r"ties\.nc was changed"):
        open_run(ties)
    (ties / "ties.nc").write_bytes(b"no table")
    with pytest.raises(RunError, match=r"ties\.nc cannot be read as a table of ties"):
        open_run(ties, verify=False).ties()


def test_the_commands(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("own.yaml").write_text(
        "extends: wechat_full_block\ntitle: Own\npeople: 1500\ndays: 60\n",
        encoding="utf-8",
    )
    assert (
        call(capsys, "run", "own.yaml", "--seeds", "1", "--jobs", "1", "--ties", "--out", "run")[0]
        == 0
    )
    assert call(capsys, "export", "run", "--ties", "--group", "US<-CN", "--out", "t.csv")[0] == 0
    result = open_run("run")
    told = pd.read_csv("t.csv", keep_default_na=False, na_values={"phone": ""})
    kept = result.ties("US<-CN")
    assert list(told.columns) == list(COLUMNS) and len(told) == len(kept) > 0
    assert (
        told["days_out"].tolist() == kept["days_out"].tolist()
        and told["cause"].tolist() == kept["cause"].tolist()
    )
    assert call(capsys, "export", "run")[1].endswith("Written to series.csv\n")
    assert Path("series.csv").read_bytes() == Path("run/series.csv").read_bytes()
    for wrong, said in (
        (("--ties", "--summary"), "2 tables for one file"),
        (("--group", "US<-CN"), "with --ties"),
        (("--ties", "--every"), "without --ties"),
        (("--ties", "--out", "t.xls"), ".csv or .xlsx or .parquet"),
        (("--ties", "--group", "US"), "there is no group 'US'"),
        (("--ties", "--arm", "polcy"), "did you mean 'policy'"),
    ):
        code, out, error = call(capsys, "export", "run", *wrong)
        assert (code, out) == (2, "") and said in error
