"""States that decide: limits that can be worked out by hand, directions, and runs over random
worlds.
"""

from __future__ import annotations

import math
import os
import re
import runpy
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from random_states import line, on_themselves

import splinternet as sn
from splinternet.actors import statecraft
from splinternet.actors.agents import StatesAlone
from splinternet.actors.review import pressure
from splinternet.actors.weighing import weigh
from splinternet.decisions import Join, Lift, Retaliation, Strike, TakeOver
from splinternet.errors import InputError
from splinternet.experiments.pairs import run_pair
from splinternet.facts import load_facts
from splinternet.facts.relations import load_relations, read_relations
from splinternet.facts.worlds import load_world
from splinternet.metrics.states import alignment, cascades, causes
from splinternet.world.situation import Situation, Target, contested, nearly_matched

ROOT = Path(__file__).resolve().parents[2]
STUDIES = ROOT / "notebooks" / "studies"
DRAWS = int(os.environ.get("SPLINTERNET_DRAWS", "4"))
"""Random worlds to try; 1,000 by hand."""
RIVALS = 4


def toy(rivals: int = RIVALS, firms: int = 3, *, hostile: float = 1.0) -> Situation:
    """Return equal states that are all rivals, each with equal platforms that everybody uses."""
    targets = tuple(
        Target(f"P{s}{f}", "social", s, s * firms + f, f"F{s}{f}")
        for s in range(rivals)
        for f in range(firms)
    )
    n, t = rivals, len(targets)
    none = np.zeros((n, n))
    states = ("US", "CN", "FR", "IN", "BR", "DE")[
        :n
    ]  # codes that policies accept; nothing of these states is in it
    return Situation(
        states=states,
        decides=np.ones(n, dtype=bool),
        targets=targets,
        users=np.full((n, t), 0.5),
        people=np.full(n, 1e8),
        product=np.full(n, 1e12),
        freedom=np.linspace(0.0, hostile, n),
        alliance=none.copy(),
        trade=none.copy(),
        migrants=none.copy(),
        revenue=np.full(t, 10.0),
        own_best=np.full((n, t), 10.0),
        economy=np.ones((n, t)),
        technology=np.zeros((n, t)),
        worth=np.zeros(t),
        talks=np.zeros(t, dtype=bool),
        means={"filter": np.ones(n), "lists": np.ones(n), "market": np.ones(n)},
        blocked=np.zeros((n, t), dtype=bool),
    )


LIMIT = {
    "retaliation.echo": 1.0,
    "retaliation.fatigue": 0.0,
    "imitation.lag_days": 0.0,
    "capital.price": 0.0,
}
"""The rules as in the limits that can be worked out: answers count in full, copies need no time,
nothing costs.
"""
AT_ONCE = {"targets.accustomed": 0.0}
"""States act on all that they fear, not on what rises alone."""


def world(
    days: int = 1500, behaviour: dict[str, bool] | None = None, **parameters: float
) -> sn.Scenario:
    """Return a scenario in which states decide and nothing else happens."""
    keys: dict[str, Any] = {"title": "states alone", "start": "2020-08-01", "days": days}
    return sn.load(keys | {"behaviour": behaviour or {}, "parameters": parameters})


def platforms_of(arm: StatesAlone) -> Counter[str]:
    return Counter(d.behaviour for d in arm.decisions)


# --- facts ----------------------------------------------------------------------------------------


def test_relations_have_a_source_a_basis_and_a_range() -> None:
    r = load_relations()
    tables = [
        r.alliance,
        r.trade,
        r.freedom,
        r.presence,
        r.means,
        *(f.revenue for f in r.firms.values()),
    ]
    quantities = [q for table in tables for q in table.values()]
    assert len(quantities) > 700
    for q in quantities:
        assert q.low <= q.value <= q.high and len(q.source) > 5 and q.licence
        assert (q.basis == "assumption") == q.source.startswith("assumption: ")
    assert all(q.value > 0 and q.low > 0 for f in r.firms.values() for q in f.revenue.values())


def test_trade_shares_of_a_state_do_not_exceed_all_its_trade() -> None:
    r = load_relations()
    for state in r.freedom:
        assert sum(q.value for (a, _), q in r.trade.items() if a == state) < 1.0


def test_pacts_hold_both_ways_and_spokes_are_tied_to_their_hub_alone() -> None:
    alliance = load_relations().alliance
    assert all(alliance[b, a] is q for (a, b), q in alliance.items())
    assert ("JP", "US") in alliance and ("JP", "KR") not in alliance
    assert alliance["DE", "TR"].value == 1.0


def test_carriers_clouds_and_makers_can_be_targets() -> None:
    labels = {t.label for t in StatesAlone(world(1)).outlook.situation.targets}
    assert {
        "China Mobile (carrier)",
        "China Telecom (carrier)",
        "Alibaba (cloud)",
        "Huawei (equipment)",
    } <= labels


def test_a_faulty_table_is_refused_with_file_and_line(tmp_path: Path) -> None:
    folder = Path(sn.__file__).parent / "facts" / "world-2020"
    for name in ("pacts", "trade", "regimes", "firms", "presence", "means"):
        text = (folder / f"{name}.csv").read_text(encoding="utf-8")
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    broken = (
        (tmp_path / "trade.csv")
        .read_text()
        .replace("US,CN,", "US,US,", 1)
        .replace("US,CA,", "US,ZZ,", 1)
    )
    (tmp_path / "trade.csv").write_text(broken)
    with pytest.raises(InputError) as error:
        read_relations(
            replace(load_world(), name=tmp_path.name, folder=tmp_path), tuple(load_facts().states)
        )
    assert "trade.csv:2:1" in str(error.value) and "trade.csv:3:1" in str(error.value)


def test_no_state_firm_or_platform_is_named_in_the_code_of_statecraft() -> None:
    names = {
        *load_facts().platforms,
        *load_relations().firms,
        *(f.owner for f in load_facts().platforms.values()),
    }
    for path in (ROOT / "sim/actors").glob("*.py"):
        code = re.sub(r'"""[\s\S]*?"""|#.*', "", path.read_text(encoding="utf-8"))
        literals = set(re.findall(r'"([^"]*)"', code))
        assert not literals & names, path
        assert not literals & (set(load_facts().states) - {"XX"}), path


# --- what states weigh ----------------------------------------------------------------------------


def test_nobody_is_a_rival_of_himself_of_a_full_ally_or_of_his_like() -> None:
    alliance = np.array([[0, 1, 0], [1, 0, 0], [0, 0, 0]], dtype=float)
    likeness = np.array([[1, 0.2, 0.2], [0.2, 1, 1], [0.2, 1, 1]])
    out = statecraft.rivalry(alliance, likeness, np.ones(3), ally_discount=1.0)
    assert np.all(np.diag(out) == 0) and out[0, 1] == 0 and out[1, 2] == 0
    assert out[0, 2] == pytest.approx(0.8)


def test_technology_is_feared_between_what_one_has_and_what_one_lacks() -> None:
    out = nearly_matched(np.array([[0.0, 0.25, 0.5, 0.75, 1.0]]), np.full(5, 10.0))[0]
    assert out[0] == out[4] == 0.0
    assert out[2] == out.max() == pytest.approx(1.0)
    assert out[1] == pytest.approx(out[3])


def test_economic_rivalry_needs_a_firm_of_ones_own() -> None:
    out = contested(np.array([100.0, 1.0]), np.array([[0.0, 0.0], [100.0, 100.0]]))
    assert np.all(out[0] == 0.0)
    assert out[1, 0] == 1.0 > out[1, 1] > 0.0


def test_closeness_follows_alliance_then_trade_then_likeness() -> None:
    one, zero = np.array([[0.0, 1.0], [1.0, 0.0]]), np.zeros((2, 2))
    by = [
        statecraft.closeness(*tables, (0.5, 0.3, 0.2), 0.2)[0, 1]
        for tables in ((one, zero, zero), (zero, one, zero), (zero, zero, one))
    ]
    assert by[0] > by[1] > by[2] > 0


def test_an_unfree_government_hears_less() -> None:
    q = {"pushback.deaf_share": 0.8, "pushback.contact": 20.0, "pushback.surplus": 2.0}
    felt = pressure(np.full(3, 0.01), np.full(3, 0.05), np.array([1.0, 0.5, 0.0]), q)
    assert felt[0] > felt[1] > felt[2] > 0
    assert felt[2] == pytest.approx(0.2 * felt[0])


# --- policies -------------------------------------------------------------------------------------


def test_blocs_do_not_chain_by_a_go_between() -> None:
    likeness = np.array([[1, 0.7, 0.3], [0.7, 1, 0.69], [0.3, 0.69, 1]])
    assert list(statecraft.find_blocs(likeness, 0.6)) == [0, 0, 2]


def test_blocking_alignment_is_the_jaccard_index_and_undefined_where_nobody_blocks() -> None:
    out = alignment(np.array([[1, 1, 0], [0, 1, 1], [0, 0, 0]], dtype=bool))
    assert out[0, 1] == pytest.approx(1 / 3)
    assert out[0, 2] == 0.0 and np.isnan(out[2, 2])


def test_cascades_count_followers_and_the_longest_chain() -> None:
    tree = {"a": "", "b": "a", "c": "b", "d": "a", "e": "", "f": "given", "g": "f"}
    assert cascades(tree) == {"a": (3, 2), "e": (0, 0), "given": (2, 2)}


# --- toy worlds: no coupling, full coupling -------------------------------------------------------


def first_strike(world: Situation) -> dict[str, Any]:
    """Return the policy with which the first state blocks one platform of the second."""
    code, target = world.states[0], world.targets[3].name
    return dict(id="first", instrument="block", by=[code], targets=[target], on="2020-08-01")


def struck(world: Situation, *, seed: int = 3, level: bool = False, **keys: Any) -> StatesAlone:
    """Return the states of a toy world after a first strike; ``level`` makes all as close and as
    much rivals.
    """
    platforms = {
        t.name: {"owner": t.owner, "home": world.states[t.home], "kind": "feed"}
        for t in world.targets
    }
    base = {"title": "toy", "start": "2020-08-01", "days": 2500, "policies": [first_strike(world)]}
    keys["parameters"] = LIMIT | keys.get("parameters", {})
    spec = sn.load(base | {"world": {"platforms": platforms}} | keys)
    arm = StatesAlone(spec, seed, world)
    if level:
        arm.outlook.rivals = arm.outlook.close = 1.0 - np.eye(len(world.states))
    return arm.run()


def test_retaliation_ends_when_the_other_gives_way() -> None:
    lift = dict(id="peace", instrument="lift", by=["US"], policy="first", on="2021-08-01")
    there = toy()
    arm = struck(
        there,
        behaviour={"retaliation": True},
        parameters={"retaliation.strength": 1.0},
        policies=[first_strike(there), lift],
    )
    assert [(d.who, type(d.act)) for d in arm.decisions] == [("CN", Strike), ("CN", Lift)]
    assert arm.decisions[1].day > arm.decisions[0].day
    assert arm.outlook.standing() == []


def test_a_retaliation_waits_and_names_its_cause() -> None:
    arm = struck(toy(), behaviour={"retaliation": True}, parameters={"retaliation.strength": 1.0})
    (only,) = arm.decisions
    assert (
        30 <= (only.day - arm.spec.start).days <= 97
    )  # half to one and a half times 60 days, seen once a week
    hit = tuple(aim for aim in only.reason.firms)  # type: ignore[attr-defined]
    assert only.cause == "first" and only.reason == Retaliation("US", hit, "first")
    assert line(only).startswith(f"{only.day} CN blocks P0")


def beside(there: Situation, carriers: dict[str, int]) -> Situation:
    """Return a toy world with carriers beside the platforms: name -> number of the home state."""
    n, more = len(there.states), len(carriers)
    wide = {"users": 0.5, "own_best": 10.0, "economy": 1.0, "technology": 0.0, "blocked": False}
    long = {"revenue": 10.0, "worth": 0.0, "talks": False}
    arrays = {
        name: np.hstack([getattr(there, name), np.full((n, more), value)])
        for name, value in wide.items()
    }
    arrays |= {
        name: np.append(getattr(there, name), np.full(more, value)) for name, value in long.items()
    }
    targets = (
        *there.targets,
        *(Target(name, "carrier", home, -1, name) for name, home in carriers.items()),
    )
    return replace(
        there,
        targets=targets,
        **{name: a.astype(getattr(there, name).dtype) for name, a in arrays.items()},
    )


def answered(there: Situation, *policies: dict[str, Any]) -> list[tuple[str, str]]:
    """Return what the second state answers, and to which policy, where it owes far more than one
    policy gives back.
    """
    # At an echo of 0 nobody answers an answer.
    strong = {"retaliation.strength": 6.0, "retaliation.slack": 6.0, "retaliation.echo": 0.0}
    behaviour, parameters = {"retaliation": True}, LIMIT | strong
    keys: dict[str, Any] = dict(title="toy", start="2020-08-01", days=600, policies=policies)
    firms = {
        t.name: {"owner": t.owner, "home": there.states[t.home], "kind": "feed"}
        for t in there.targets[:6]
    }
    spec = sn.load(
        keys | {"behaviour": behaviour, "parameters": parameters, "world": {"platforms": firms}}
    )
    return [
        (d.target[0].name, d.cause)
        for d in StatesAlone(spec, 3, there).run().decisions
        if d.who == "CN"
    ]


def test_an_answer_is_in_the_layer_of_the_blow_and_in_another_one_where_there_is_nothing_else_and_once() -> (
    None
):
    there = beside(toy(2), {"Verizon": 0, "AT&T": 0})
    block = first_strike(there)
    in_kind = answered(there, block)
    assert in_kind and all(name.startswith("P0") for name, _ in in_kind)
    users = there.users.copy()
    users[1, :3] = 0.0  # nobody in China uses a platform of the United States
    bare = replace(there, users=users)
    (only,) = answered(bare, block)
    assert only[0] in ("Verizon", "AT&T") and only[1] == "first"


# --- the world of 2020 ----------------------------------------------------------------------------


def test_no_state_strikes_an_ally_first() -> None:
    alliance = load_relations().alliance
    for seed in range(2):
        arm = StatesAlone(world(behaviour={"targets": True}, **AT_ONCE), seed).run()
        s = arm.outlook.situation
        home = {t.label: s.states[t.home] for t in s.targets}
        struck_by = [d for d in arm.decisions if d.behaviour == "targets"]
        assert struck_by
        for d in struck_by:
            both = d.who, home[d.target_label]
            assert both not in alliance or alliance[both].value < 1.0, line(d)


def test_popularity_makes_a_target_and_a_diaspora_protects_it() -> None:
    arm = StatesAlone(world(1))
    arm.day = 0
    s = arm.outlook.situation
    us, cn = s.states.index("US"), s.states.index("CN")
    j = next(k for k, t in enumerate(s.targets) if s.talks[k] and t.home == cn)
    before = weigh(arm)
    s.users[us, j] += 0.2
    popular = weigh(arm)
    assert popular.fear[us, j] > before.fear[us, j] and popular.cost[us, j] > before.cost[us, j]
    s.migrants[us, cn] += 0.05
    assert weigh(arm).cost[us, j] > popular.cost[us, j]


def test_allies_join_a_coalition_and_rivals_of_its_leader_do_not() -> None:
    joined: Counter[str] = Counter()
    for seed in range(10):
        arm = StatesAlone(sn.load("clean_network_coalition"), seed).run()
        joined.update({d.who for d in arm.decisions if isinstance(d.act, Join)})
        taken = [d.policy for d in arm.decisions if isinstance(d.act, TakeOver)]
        assert all(p.on is None and p.instrument == "cloud_ban" for p in taken), (
            "a threat is taken over as a threat"
        )
    alliance = load_relations().alliance
    allies = [
        s
        for s in load_relations().freedom
        if ("US", s) in alliance and alliance["US", s].value == 1.0
    ]
    others = [
        s for s in load_relations().freedom if ("US", s) not in alliance and s not in ("US", "CN")
    ]
    assert min(joined[s] for s in allies if s != "TR") > max(joined[s] for s in others if s != "ID")
    assert joined["CN"] == joined["RU"] == 0


def test_people_push_back_where_they_are_heard() -> None:
    both = {"targets": True, "pushback": True}
    firm = StatesAlone(world(behaviour=both, **{"pushback.tolerance": 100.0}, **AT_ONCE), 2).run()
    soft = StatesAlone(world(behaviour=both, **{"pushback.tolerance": 0.001}, **AT_ONCE), 2).run()
    assert platforms_of(firm)["pushback"] == 0 < platforms_of(soft)["pushback"]
    for d in soft.decisions:
        if d.behaviour == "pushback":
            assert isinstance(d.act, Lift) and d.cause and d.scores["pressure"] > 0.001
    again = [d.target for d in soft.decisions if d.behaviour == "targets"]
    assert all(
        again.count(t)
        == len({d.who for d in soft.decisions if d.target == t and d.behaviour == "targets"})
        for t in again
    )


def draws(n: int) -> list[tuple[int, dict[str, float]]]:
    spec = sn.load("splinternet_2030")
    rng = np.random.default_rng(2030)
    return [
        (k, {name: float(rng.uniform(r.low, r.high)) for name, r in spec.uncertain.items()})
        for k in range(n)
    ]


def test_random_worlds_run_without_a_nan_or_a_state_acting_on_itself() -> None:
    base = sn.load("splinternet_2030")
    for seed, drawn in draws(DRAWS):
        keys = base.model_dump(mode="json") | {"days": 900, "parameters": drawn, "uncertain": {}}
        arm = StatesAlone(sn.load(keys), seed).run()
        assert on_themselves(arm) == []
        for d in arm.decisions:
            begins = (d.policy.on or d.policy.announced) if d.policy is not None else d.day
            assert begins is not None and begins >= d.day
        for internets in (arm.effective_internets(), arm.internets_by_likeness()):
            assert 1.0 <= internets <= len(arm.outlook.states)
        roots = cascades(causes(arm.decisions))
        assert all(size >= depth >= 0 for size, depth in roots.values())


# --- in the model ---------------------------------------------------------------------------------

EVERY = dict.fromkeys(("targets", "retaliation", "imitation", "coalition", "pushback"), True)


@pytest.fixture(scope="module")
def pair() -> Any:
    spec = world(150, EVERY, **{"targets.attention": 1.0, "targets.notice_days": 5.0}, **AT_ONCE)
    return run_pair(sn.load(spec.model_dump(mode="json") | {"people": 1_500}), 4)


def test_the_baseline_arm_knows_nothing_of_what_states_decide(pair: Any) -> None:
    quiet = run_pair(sn.load(world(150).model_dump(mode="json") | {"people": 1_500}), 4)
    assert pair[0].same_as(quiet[0])
    assert quiet[1].decisions == () and pair[0].decisions == ()
    assert all(
        np.array_equal(quiet[0].arrays[n], quiet[1].arrays[n], equal_nan=True)
        for n in quiet[0].arrays
    )


def test_decisions_are_the_same_for_any_number_of_threads(pair: Any) -> None:
    spec = world(150, EVERY, **{"targets.attention": 1.0, "targets.notice_days": 5.0}, **AT_ONCE)
    again = run_pair(sn.load(spec.model_dump(mode="json") | {"people": 1_500}), 4, threads=3)
    assert pair[1].decisions and pair[1].same_as(again[1])


def test_decided_policies_bite(pair: Any) -> None:
    baseline, policy = pair
    assert (
        policy.arrays["platforms_restricted"][-1].sum()
        > 0
        == baseline.arrays["platforms_restricted"].sum()
    )
    assert policy.arrays["internets_by_likeness"][-1] > baseline.arrays["internets_by_likeness"][-1]
    assert np.all(policy.arrays["effective_internets"] >= 1.0)
    bans = (Strike("block"), Strike("transaction_ban"))
    banned = [d for d in policy.decisions if d.act in bans and d.day < date(2020, 10, 1)]
    assert banned
    for d in banned:
        i, j = policy.axes.states.index(d.who), policy.axes.platforms.index(d.target[0].name)
        assert (
            policy.arrays["active_users"][-1, i, j] <= baseline.arrays["active_users"][-1, i, j]
        ), line(d)
    lost = policy.arrays["consumer_surplus_lost"][-1]
    assert lost.sum() > baseline.arrays["consumer_surplus_lost"][-1].sum()


def test_the_open_internet_is_one() -> None:
    model = sn.Model(sn.load("open_internet", people=1_500, days=2), collect=False)
    model.run_for(2)
    assert model.record.arrays["effective_internets"].tolist() == [1.0, 1.0]
    assert set(model.record.arrays["bloc"][-1]) == {0.0}


def test_the_members_of_a_run_that_is_there_are_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = sn.run("the_battle", people=1_000, days=40, seeds=1, jobs=1)
    folder = result.save(tmp_path / "battle")
    made = [d for d in result.members[0][1].decisions if isinstance(d.act, Strike)]
    runpy.run_path(str(ROOT / "studies" / "battle_members.py"))["main"](["--run", str(folder)])
    said = capsys.readouterr().out
    assert (
        "of 1; exits: 0;" in said
        and f"fact: 0 of {len(result.members[0][1].decisions)}" in said
        and made
    )


@pytest.mark.parametrize(
    ("script", "arguments"),
    [
        ("studies/coalition_curve.py", ["--members", "3"]),
        ("studies/target_ranking.py", ["--draws", "3"]),
        ("notebooks/studies/programme_pace.py", []),
    ],
)
def test_the_scripts_print_their_tables(
    script: str, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    runpy.run_path(str(ROOT / script))["main"](*([arguments] if arguments else []))
    told = capsys.readouterr().out
    assert len(told.splitlines()) > 8 and "nan" not in told


def test_the_pace_of_a_coalition_is_that_of_other_programmes_than_the_one_that_scores_it() -> None:
    known, study = load_facts().parameters, runpy.run_path(str(STUDIES / "programme_pace.py"))
    for name, (low, middle, high) in study["paces"]().items():
        given = known[name]
        assert (given.low, given.value, given.high) == pytest.approx(
            (low, middle, high), rel=0.03
        ), name
    assert not any("clean" in name.casefold() for name in study["read_programmes"]())


def test_a_programmes_pace_and_hazard_by_hand() -> None:
    """Ten states join in a month and twenty at last: of those twenty, the half that is left is ln 2
    a month.
    """
    counts = {
        date(2020, 1, 1): 0,
        date(2020, 1, 1) + timedelta(days=30.4375): 10,
        date(2021, 1, 1): 20,
    }
    make = runpy.run_path(str(STUDIES / "programme_pace.py"))["Programme"]
    programme = make(counts)
    assert programme.pace == pytest.approx(10 / 193, rel=0.02)
    assert programme.hazard == pytest.approx(math.log(2), rel=0.02)
    assert make(dict(list(counts.items())[:2])).hazard is None
