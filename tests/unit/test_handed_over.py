"""What a script or a notebook defines itself: it runs with any number of jobs, is checked, and is
gone afterwards.
"""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import blank_pages, block, contents

import splinternet as sn
from splinternet.core import plugins
from splinternet.errors import InputError, RunError
from splinternet.facts.model import MODES
from splinternet.metrics.registry import METRICS
from splinternet.policies import INSTRUMENTS

SHARE = {"left": 0.0}


class PaymentBan(sn.Policy):
    """Ends payments inside platforms."""

    CASE = "Executive Order 13971"
    EXAMPLE = {"by": "US", "targets": ["WeChat"]}

    def apply(self, access: Any, day: Any) -> None:
        for s, p in day.cells(("US",), self.targets):
            access.reach[s, p, MODES.index("pay")] = SHARE["left"]


class Slow(sn.Policy):
    """Slows."""

    CASE, EXAMPLE = "none", {"by": "US", "targets": ["WeChat"]}

    left: float = 0.0
    """Share of people who still reach it [1]."""

    def apply(self, access: Any, day: Any) -> None:
        for s, p in day.cells(("US",), ("WeChat",)):
            access.reach[s, p] *= self.left


@sn.metric(
    "US users of WeChat", "persons", (), "All who are active on WeChat in the United States."
)
def wechat_here(arm: Any) -> Any:
    return arm.active[arm.setting.states.index("US"), arm.setting.platforms.index("WeChat")]


def wechat_there(arm: Any) -> Any:
    return arm.active


PAY = {
    "id": "pay",
    "instrument": "payment_ban",
    "by": "US",
    "targets": ["WeChat"],
    "on": "2020-08-03",
}


def run(**options: Any) -> sn.Result:
    keys = {"title": "a test", "start": "2020-08-01", "days": 6, "people": 1_000}
    return sn.run(keys, **({"seeds": 1, "jobs": 1} | options))


def payers(result: sn.Result) -> np.ndarray:
    return result["payment_users"].sel(arm="policy", state="US", platform="WeChat").to_numpy()[0]


def test_one_and_two_jobs_give_the_same_bytes(tmp_path: Path) -> None:
    for jobs in (1, 2):
        run(
            seeds=2,
            jobs=jobs,
            out=tmp_path / str(jobs),
            policies=[PaymentBan, PAY],
            metrics=[wechat_here],
        )
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert "wechat_here" in (tmp_path / "2" / "series.csv").read_text()


def test_it_leaves_the_lists_afterwards_and_the_result_can_still_be_read(tmp_path: Path) -> None:
    result = run(policies=[PaymentBan, PAY], metrics=[wechat_here], out=tmp_path / "run")
    assert "payment_ban" not in list(INSTRUMENTS) and "wechat_here" not in list(METRICS)
    assert not plugins.own_digests()
    assert (payers(result)[:2] > 0).all() and (payers(result)[2:] == 0).all(), "from its day on"
    assert (payers(run(policies=[PAY]))[2:] == 0).all(), "a scenario may name what is defined"
    assert "wechat_here" not in run().metrics
    assert "wechat_here" in set(result.summary(all=True).metric)
    with blank_pages():
        assert result.report(tmp_path / "report.html").exists() and result.plot("wechat_here")
    assert sn.open(tmp_path / "run") == result, "its classes are defined here"
    assert "payment_ban" not in list(INSTRUMENTS)


def test_it_is_gone_when_the_run_fails() -> None:
    class Broken(PaymentBan):
        """Fails."""

        def apply(self, access: Any, day: Any) -> None:
            raise ZeroDivisionError("as in a bug")

    with pytest.raises(
        RunError, match=r"as in a bug; in your own code, \S+test_handed_over\.py:\d+$"
    ):
        run(policies=[Broken])
    assert not plugins.own_digests()
    with pytest.raises(InputError, match="wechat_there returned an array of shape"):
        run(metrics=[sn.metric("x", "persons", ("state",), "x.")(wechat_there)])
    assert not plugins.own_digests()


def test_a_class_that_was_edited_is_another_run(tmp_path: Path) -> None:
    first = run(policies=[PaymentBan], out=tmp_path / "run")
    own = json.loads((tmp_path / "run" / "manifest.json").read_text())["own_sha256"]
    assert set(own) == {"instruments/payment_ban (handed over)"}
    assert run(policies=[PaymentBan], out=tmp_path / "run") == first

    class Edited(PaymentBan):
        """Says something else."""

    Edited.__name__ = "PaymentBan"
    Edited.name = "payment_ban"
    with pytest.raises(InputError, match="other items of your own"):
        run(policies=[Edited], out=tmp_path / "run")


def test_a_class_that_is_handed_over_is_no_other_program() -> None:
    first = run(people=5_000)
    other = run(people=5_000, policies=[PaymentBan, PAY])
    assert "code" not in str(sn.compare(first, other)), "nobody changed the program"


class Misspelt(sn.Policy):
    """Does nothing."""

    CASE, EXAMPLE = "x", {"by": "US", "targets": ["WeChat"]}

    def aply(self, access: Any, day: Any) -> None:
        """Do nothing."""


class Block(PaymentBan):
    """Has the name of a shipped one."""


BAM = {**PAY, "instrument": "payment_bam"}
SOON = {**PAY, "instrument": "block", "on": "soon"}
NOWHERE = sn.metric("x", "x", ("states",), "x.")(payers)
UNSAID = sn.metric("x", "x", ("state",))(payers)
NAMELESS = sn.metric("x", "x", (), "x.")(lambda arm: 0.0)
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"policies": [Misspelt]}, r"test_handed_over\.py:\d+:1: 'aply' .*did you mean 'apply'"),
    ({"policies": [type("Empty", (), {})]}, "Empty is no policy .*; a class with the base sn.Poli"),
    ({"policies": [Block]}, "'block' is a shipped item"),
    ({"policies": [PaymentBan, PaymentBan]}, "'payment_ban' appears twice"),
    ({"policies": [sn.Policy]}, "no CASE"),
    ({"policies": PaymentBan}, r"policies: PaymentBan stands here; a list; policies=\[\.\.\.\]"),
    ({"policies": ["block"]}, r"policies\[0\]: 'block' is no policy and no instrument"),
    ({"policies": [BAM, PaymentBan]}, "did you mean 'payment_ban'"),
    ({"policies": [SOON]}, r"policies\.pay\.on"),
    ({"metrics": [payers]}, r"metrics\[0\]: payers is not a metric; .* decorator @sn\.metric"),
    ({"metrics": [NOWHERE]}, "unknown dimension 'states'"),
    ({"metrics": [UNSAID]}, "payers has no definition; a sentence as its docstring"),
    ({"metrics": [NAMELESS]}, "'<lambda>' is not a name"),
]


@pytest.mark.parametrize(("options", "said"), WRONG)
def test_what_is_wrong_is_named_before_anything_runs(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(**options)
    assert not plugins.own_digests()


def test_an_order_of_the_day_without_the_measuring_is_refused() -> None:
    with pytest.raises(InputError, match=r"steps: no 'measure' among no phases"):
        run(steps=[])


@sn.metric("US users of WeChat, one by one", "persons", (), form="count")
def wechat_one_by_one(arm: Any) -> Any:
    """All who use WeChat in the United States."""
    people = arm.people
    assert not people.age.flags.writeable and not people.bits("using").flags.writeable
    return people.weight[people.uses("WeChat") & people.lives_in("US")].sum()


def test_a_metric_may_look_at_single_people_and_change_none() -> None:
    """One by one they are as many as `monthly_users` counts, on each day and in each arm."""
    result = run(policies=[block(on="2020-08-03")], days=20, metrics=[wechat_one_by_one])
    counted = result["monthly_users"].sel(state="US", platform="WeChat")
    assert np.allclose(result["wechat_one_by_one"], counted, rtol=1e-9)
    assert float(counted.sel(arm="policy")[0, -1]) < float(counted.sel(arm="baseline")[0, -1])


def test_what_cannot_travel_is_an_error_that_says_what_to_do() -> None:
    import threading

    lock = threading.Lock()

    class Locked(Slow):
        """Slows under a lock."""

        def apply(self, access: Any, day: Any) -> None:
            with lock:
                super().apply(access, day)

    with pytest.raises(RunError, match=r"locked cannot be sent to another process.*jobs=1"):
        run(seeds=2, jobs=2, policies=[Locked])
    assert run(policies=[Locked]).scenario.policies


def test_an_executor_of_the_users_own_gets_it_too() -> None:
    with ThreadPoolExecutor(2) as pool:
        result = run(seeds=2, cluster=pool, policies=[PaymentBan, PAY], metrics=[wechat_here])
    assert result == run(seeds=2, policies=[PaymentBan, PAY], metrics=[wechat_here])
    assert not plugins.own_digests()


SCRIPT = """
import splinternet as sn

class Cut(sn.Policy):
    "Cuts."
    CASE, EXAMPLE = "none", {"by": "US", "targets": ["WeChat"]}
    left: float = 0.0
    "What is left [1]."

    def apply(self, access, day):
        for s, p in day.cells(self.by, self.targets):
            access.reach[s, p] *= self.left + LEFT

LEFT = 0.0

@sn.metric("VPN", "share", ("state",), "Share with a VPN.", form="share")
def with_vpn(arm):
    return arm.by_state(arm.counts.vpn) / arm.internet_users

print("begun")
size = dict(people=1_000, days=4, seeds=2)
run = sn.run("baseline_2020", **size, jobs=2, policies=[Cut], metrics=[with_vpn])
assert "with_vpn" in run.metrics
users = run["active_users"].sel(state="US", platform="WeChat")[0, :, -1]
print(float(users.sel(arm="policy") / users.sel(arm="baseline")))
"""


def test_what_a_notebook_defines_runs_in_two_jobs_beside_a_file_sim(tmp_path: Path) -> None:
    """Cells of a notebook, like `python -c`, are in no file; they have no guard against being run
    again. Workers must not load the user's own sim.py.
    """
    (tmp_path / "sim.py").write_text("raise RuntimeError('not this one')\n")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    begun, kept = done.stdout.splitlines()
    assert begun == "begun" and float(kept) < 0.9


def share_online(arm: Any) -> np.ndarray:
    """People."""
    return arm.internet_users


def count_visits(model: Any) -> None:
    """Count those who decide."""
    model.seen = getattr(model, "seen", 0) + model.visits


PHASES = ["events", "decide", "routes", "access", "people", "reconnect", "contact", "measure"]


def test_a_run_takes_an_order_of_the_day_and_is_another_run(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"people": 1_000, "seeds": 2, "days": 60}
    lonely = [name for name in PHASES if name != "reconnect"]
    usual, same, apart = (
        sn.run("wechat_full_block", steps=steps, jobs=jobs, **keys)
        for steps, jobs in ((None, 1), (PHASES, 1), (lonely, 2))
    )
    assert usual == same and usual.run_id != same.run_id
    out = [run["contact_days_lost"].sel(arm="policy").sum().item() for run in (usual, apart)]
    assert out[1] > out[0] > 0
    assert apart.notes[0].startswith("The order of the day is changed: events, decide, routes")
    assert apart.run_id != same.run_id
    folder = tmp_path / "run"
    mine = sn.run(
        "wechat_full_block", steps=[*PHASES, count_visits], out=folder, **{**keys, "days": 5}
    )
    assert sn.open(folder).run_id == mine.run_id
    with pytest.raises(sn.InputError, match=r"it has another run"):
        sn.run("wechat_full_block", out=folder, **{**keys, "days": 5})
    with pytest.raises(sn.InputError, match=r"no phase 'peple'.*did you mean 'people'"):
        sn.run("wechat_full_block", steps=["peple"], **keys)
    with pytest.raises(sn.InputError, match="steps: str stands here"):
        sn.run("wechat_full_block", steps="people", **keys)


def test_runs_are_called_by_what_differs() -> None:
    ban = {"id": "ban", "by": "US", "on": "2020-08-03", "instrument": "block", "targets": ["QQ"]}
    spec = {"title": "Mine", "start": "2020-08-01", "policies": [ban]}
    keys: dict[str, Any] = {"people": 1_000, "seeds": 1, "days": 8, "jobs": 1}
    counted = sn.metric("x", "persons", ("state",), "x.")(share_online)
    changes: dict[str, dict[str, Any]] = {
        "mine": {},
        "mine (with another order of phases)": {"steps": [*PHASES, count_visits]},
        "mine (with share_online)": {"metrics": [counted]},
        "mine (policies.ban.on=2020-08-04)": {"set": {"policies.ban.on": "2020-08-04"}},
        "mine (ties.only_channel=0.6)": {"set": {"ties.only_channel": 0.6}},
        "mine (with line)": {"policies": [{**ban, "id": "line", "targets": ["LINE"]}]},
    }
    runs = [sn.run(spec, **more, **keys) for more in changes.values()]
    cell = {"by": "active_users", "state": "US", "platform": "QQ"}
    assert sn.compare(*runs, **cell).names == tuple(changes)
    assert len(set(sn.compare(runs[0], runs[0], **cell).names)) == 2
    told = str(sn.compare(runs[0], runs[3], **cell))
    assert "mine (policies.ban.on=2020-08-04)" in told, "what differs stays as one writes it"
