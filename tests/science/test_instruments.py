"""Every instrument: what follows from it, what is left when it is lifted, and how it meets every
other one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from conftest import Keys, cell, scenario
from pydantic import ValidationError

from splinternet.errors import InputError
from splinternet.experiments import instrument_checks as checks
from splinternet.experiments.instrument_checks import SHARES, Case, check_instrument
from splinternet.experiments.pairs import run_pair
from splinternet.facts.model import TECHNIQUES
from splinternet.people.access import AccessTable, same
from splinternet.people.setting import Setting, first_access
from splinternet.policies import INSTRUMENTS
from splinternet.results.panel import ArmData
from splinternet.world.law import access_under, docket_of, law_signature
from splinternet.world.scenario_setting import make_setting

ON, TODAY, SEEDS = "2020-08-11", date(2020, 9, 15), (1,)

WORKING = tuple(
    name
    for name, kind in INSTRUMENTS.items()
    if not (kind.relieves() or kind.HALTS or kind.EXTENDS)
)
"""What restricts or pushes; what relieves, halts or extends needs another policy to act on."""
DEMANDS = tuple(name for name in WORKING if INSTRUMENTS[name].demands())
"""What is asked of platforms, here with nobody who answers; `test_demands.py` tries what follows
from it.
"""

FALLS = {
    "block": ("active_users", "US", "WeChat"),
    "throttle": ("active_users", "US", "WeChat"),
    "store_removal": ("active_users", "US", "WeChat"),
    "preinstall_ban": ("active_users", "CN", "WeChat"),
    "transaction_ban": ("payment_users", "US", "WeChat"),
    "cloud_ban": ("active_users", "US", "WeChat"),
    "commerce_ban": ("trade", "US", "AliExpress"),
    "sovereign_internet": ("active_users", "RU", "WhatsApp"),
    "vpn_ban": ("active_users", "CN", "YouTube"),
    "usage_tax": ("active_users", "NG", "Facebook"),
    "shutdown": ("active_users", "US", "WhatsApp"),
    "cable_ban": ("active_users", "AU", "YouTube"),
    "path_rule": ("reachable_pairs", "US", "CN"),
    "border_cut": ("active_users", "RU", "WhatsApp"),
    "transit_cut": ("reach_abroad", "BR"),
    "withdrawal": ("active_users", "KR", "Twitch"),
    "device_ban": ("active_users", "UA", "Telegram"),
    "age_limit": ("active_users", "AU", "TikTok"),
}
"""What each makes fall, strictly, in every one of the paired seeds."""
RISES = {
    "national_champion": ("active_users", "RU", "VKontakte"),
    "commerce_ban": ("active_users", "US", "Amazon"),
    "cloud_ban": ("cost_to_platforms", "US", "WeChat"),
    "carrier_ban": ("path_stretch", "US", "CN"),
    "cable_ban": ("border_load", "AU"),
    "vpn_ban": ("consumer_surplus_lost", "CN"),
    "usage_tax": ("consumer_surplus_lost", "NG"),
    "content_withdrawal": ("voice_silenced", "CA", "Facebook"),
}
STRONGER: dict[str, Keys] = {"device_ban": {"devices": 1.0}}
"""Doses at which a few simulated people are enough to see it."""


def example(instrument: str, name: str = "", **keys: Any) -> Keys:
    given = {"id": name or instrument, "instrument": instrument, "on": ON}
    return given | dict(INSTRUMENTS[instrument].EXAMPLE) | keys


@cache
def setting_of() -> Setting:
    # Every longer way is noticed, so that each instrument shows in the table.
    return make_setting(scenario(parameters={"choice.speed_unnoticed": 0}))


@cache
def first() -> AccessTable:
    return first_access(setting_of())


def table(*found: Keys, today: date = TODAY) -> AccessTable:
    """Return the access table under some policies."""
    return access_under(docket_of(scenario(list(found)).policies, today), first(), setting_of())


def test_every_shipped_instrument_is_tried_here() -> None:
    assert set(WORKING) - set(DEMANDS) == set(FALLS) | set(RISES)


@cache
def arms(instrument: str) -> list[tuple[ArmData, ArmData]]:
    spec = scenario([example(instrument, **STRONGER.get(instrument, {}))], people=1_500, days=40)
    seen = {metric for metric, *_ in (*FALLS.values(), *RISES.values())}
    return [run_pair(spec, seed, metrics=seen) for seed in SEEDS]


@pytest.mark.parametrize("instrument", FALLS)
def test_what_it_cuts_falls(instrument: str) -> None:
    for baseline, policy in arms(instrument):
        assert cell(policy, *FALLS[instrument]).min() < cell(baseline, *FALLS[instrument]).min()


@pytest.mark.parametrize("instrument", RISES)
def test_what_it_pushes_or_costs_rises(instrument: str) -> None:
    for baseline, policy in arms(instrument):
        assert cell(policy, *RISES[instrument])[-1] > cell(baseline, *RISES[instrument])[-1]


@pytest.mark.parametrize("instrument", INSTRUMENTS)
def test_every_instrument_passes_the_checks(instrument: str) -> None:
    assert not [str(problem) for problem in check_instrument(instrument)]


MORE_IS_CLOSED = (
    "install_hazard",
    "install_rate",
    "effort",
    "threat",
    "coming",
    "rush",
    "price",
    "push",
    "penalty",
    "deterred",
    "dark",
    "silenced",
)


def looser(access: AccessTable, *others: AccessTable) -> set[str]:
    """Return the columns in which an access table is somewhere less strict than one of some others."""
    signs = {**dict.fromkeys(SHARES, 1.0), **dict.fromkeys(MORE_IS_CLOSED, -1.0)}
    return {
        column
        for column, sign in signs.items()
        if any(
            (sign * getattr(access, column) > sign * getattr(other, column)).any()
            for other in others
        )
    }


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_the_order_of_policies_does_not_matter_and_the_stricter_rule_counts(name: str) -> None:
    case = Case(INSTRUMENTS[name])
    for other in map(Case, INSTRUMENTS.values()):
        cuts = case.kind.has("cut"), other.kind.has("cut")
        if (
            other.others
            or cuts == (False, True)
            or (other.kind.name <= name and len(set(cuts)) == 1)
        ):
            continue  # routes are computed after all other restrictions; each pair is tried once
        both = checks.table(*case.others, case.example("a"), other.example("b"))
        assert same(both, checks.table(*case.others, case.example("b"), other.example("a"))), (
            other.kind.name
        )
        if case.others or not all(
            each.kind.has("apply") or each.kind.has("cut") for each in (case, other)
        ):
            continue
        # Traffic that is cut off for good leaves more room on other links. What people expect
        # follows from the rest, which takes reach, phones and VPNs as independent.
        left_out = {"coming", *(("speed", "vpn_speed") if all(cuts) else ())}
        assert looser(both, case.outcome(), other.outcome()) <= left_out, other.kind.name


@pytest.mark.parametrize("name", [name for name in INSTRUMENTS if INSTRUMENTS[name].DOSES])
def test_more_of_a_dose_never_gives_access_back(name: str) -> None:
    case = Case(INSTRUMENTS[name])
    for key in case.kind.DOSES:
        value = getattr(case.policy, key)
        outcomes = []
        for dose in (0.25 * value, 0.5 * value, value):
            with suppress(InputError, ValidationError):  # a dose that the instrument does not take
                outcomes.append(checks.table(*case.others, {**case.example(), key: dose}))
        for less, more in pairwise(outcomes):
            assert not looser(more, less), f"more of {key}"
        assert len(outcomes) < 2 or not same(outcomes[0], outcomes[-1]), f"{key} changes nothing"


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_exactly_the_keys_that_an_instrument_names_change_nothing(name: str) -> None:
    case = Case(INSTRUMENTS[name])

    def consequences(**keys: Any) -> tuple[Any, ...]:
        policies = checks.scenario([*case.others, case.example(**keys)]).policies
        settings = (replace(checks.world(), answers=answers) for answers in (None, {}))
        tables = (
            access_under(docket_of(policies, TODAY), checks.first(), setting)
            for setting in settings
        )
        return (
            *(each.block.tobytes() for each in tables),
            tuple(policies[-1].sanctions(checks.world())),
        )

    moved = len({consequences(technique=technique) for technique in (None, *TECHNIQUES)}) > 1
    assert moved == ("technique" not in case.kind.IDLE_KEYS)
    if "targets" in case.kind.IDLE_KEYS:
        assert consequences() == consequences(targets=["YouTube"])


def test_an_owner_who_leaves_shuts_out_one_state_and_a_device_ban_hardly_anybody() -> None:
    twitch, korea = setting_of().platforms.index("Twitch"), setting_of().states.index("KR")
    left = alone("withdrawal").reach[:, twitch].max(axis=1)
    assert left[korea] < 0.1
    assert np.delete(left, korea).min() == pytest.approx(first().reach[:, twitch].max(axis=1).min())
    telegram, ukraine = setting_of().platforms.index("Telegram"), setting_of().states.index("UA")
    only = setting_of().parameters["device_ban.only_device"]
    before = first().reach[ukraine, telegram]
    assert alone("device_ban").reach[ukraine, telegram] == pytest.approx(
        np.minimum(before, 1.0 - 0.01 * only)
    )
    silenced = alone("content_withdrawal")
    assert silenced.silenced.max() == pytest.approx(0.03)
    assert np.array_equal(silenced.reach, first().reach), "the platforms stay"


@cache
def alone(instrument: str) -> AccessTable:
    return table(example(instrument))


@pytest.mark.parametrize("instrument", WORKING)
def test_acts_on_another_policy_leave_every_other_one_as_it_is(instrument: str) -> None:
    """A stay, an end, another date, a bridge: each changes what it names, whatever else is in
    force.
    """
    keys, block = example(instrument), example("block", "cut", by="IR", targets=["WhatsApp"])
    act = {"id": "act", "by": "IR", "policy": "cut", "on": "2020-08-20"}
    for halting in ("injunction", "lift"):
        assert same(table(keys, block, act | {"instrument": halting}), alone(instrument))
    extension = act | {"instrument": "extension", "on": ON, "to": "2020-09-10"}
    begun = block | {"on": "2020-09-10", "announced": ON}
    assert same(table(keys, block, extension), table(keys, begun))
    bridge = dict(
        id="a-bridge", by="US", instrument="bridge", platforms=["WeChat", "WhatsApp"], on=ON
    )
    bridged = table(keys, bridge)
    assert same(bridged._replace(bridged=alone(instrument).bridged), alone(instrument))
    np.testing.assert_array_equal(bridged.bridged, table(bridge).bridged)


@pytest.mark.parametrize("instrument", [n for n in WORKING if n != "national_champion"])
def test_an_exemption_frees_from_every_instrument_that_has_targets(instrument: str) -> None:
    licence = dict(id="licence", instrument="exemption", by="US", policy=instrument, on=ON)
    keys = example(instrument)
    keys["by"] = licence["by"] = keys["by"]
    exempted, bare = table(keys, licence), table(keys)
    if "targets" in keys:
        p, s = (
            x.index(k)
            for x, k in (
                (setting_of().platforms, keys["targets"][0]),
                (setting_of().states, keys["by"]),
            )
        )
        for column in (*SHARES[:-1], "install_hazard", "install_rate", "price", "silenced"):
            np.testing.assert_array_equal(
                getattr(exempted, column)[s, p], getattr(first(), column)[s, p], column
            )
    else:
        assert same(exempted, bare)


def test_a_licence_for_talk_leaves_payments_barred() -> None:
    licence = dict(id="l", instrument="exemption", by="US", policy="transaction_ban", on=ON)
    talk = table(example("transaction_ban"), licence | {"uses": "personal communication"})
    s, p = setting_of().states.index("US"), setting_of().platforms.index("WeChat")
    assert talk.speed[s, p] == 1
    assert talk.install[s, p].tolist() == [1, 1]
    assert talk.reach[s, p].tolist() == [1, 1, 1, 1, 0]


def test_an_exemption_leaves_the_blocks_of_others_alone() -> None:
    ours, theirs = example("block", "ours"), example("throttle", "theirs")
    licence = {"id": "l", "instrument": "exemption", "by": "US", "policy": "ours", "on": ON}
    assert same(table(ours, theirs, licence), table(theirs))


def test_bridges_add_up_and_only_for_messengers() -> None:
    one = dict(id="a", instrument="bridge", by="US", platforms=["WeChat", "WhatsApp"], on=ON)
    other = dict(id="b", instrument="bridge", by="US", platforms=["WhatsApp", "YouTube"], on=ON)
    bit = {
        name: 1 << setting_of().platforms.index(name) for name in ("WeChat", "WhatsApp", "YouTube")
    }
    us = setting_of().states.index("US")
    assert table(one, other).bridged[us] == bit["WeChat"] | bit["WhatsApp"]
    assert table(one, other).bridged.sum() == table(one, other).bridged[us]


def test_a_bridge_and_a_licence_keep_families_in_touch() -> None:
    cut = example("block", technique="geoblock")
    bridge = dict(
        id="bridge", instrument="bridge", by="US", on=ON, platforms=["WeChat", "WhatsApp"]
    )
    bridge["platforms"] = ["WeChat", "WhatsApp", "Messenger", "iMessage", "Skype"]
    licence = {"id": "licence", "instrument": "exemption", "by": "US", "on": ON, "policy": "block"}
    for seed in SEEDS:
        lost = {}
        for name, extra in (("bare", []), ("bridge", [bridge]), ("licence", [licence])):
            spec = scenario([cut, *extra], people=3_000, days=30)
            _, arm = run_pair(spec, seed, metrics=["family_contact_lost"])
            lost[name] = float(cell(arm, "family_contact_lost", "US<-CN")[10:].mean())
        assert 0 == lost["licence"] < lost["bridge"] < lost["bare"]


def test_national_means_make_a_weaker_block_as_strong_as_they_are() -> None:
    own = example("sovereign_internet", "s", gateways_closed=0)
    weak, strong = (
        example("block", "b", by="RU", technique=technique) for technique in ("dns", "dpi")
    )
    enforced, boxes = table(weak, own), table(strong, own)
    assert np.array_equal(enforced.reach, boxes.reach)
    assert (enforced.vpn_share <= boxes.vpn_share).all(), (
        "it takes nothing back of what the weaker one did"
    )
    assert not same(table(weak), table(strong))
    # What it blocks already is enforced so too (LinkedIn, since 2016), and another state's block is
    # not made stronger.
    s, p = setting_of().states.index("RU"), setting_of().platforms.index("LinkedIn")
    assert table(own).reach[s, p].max() < first().reach[s, p].max()
    us = setting_of().states.index("US")
    np.testing.assert_array_equal(
        table(example("block"), own).reach[us], table(example("block")).reach[us]
    )


def test_a_day_of_rehearsal_closes_the_border_and_opens_it_again() -> None:
    own = example("sovereign_internet", gateways_closed=0, test_days=["2020-09-15"])
    rehearsal = table(own)
    ru, us = (setting_of().states.index(s) for s in ("RU", "US"))
    vk, wa = (setting_of().platforms.index(p) for p in ("VKontakte", "WhatsApp"))
    assert rehearsal.reach[ru, wa].max() == 0
    assert rehearsal.reach[ru, vk].min() == 1
    assert rehearsal.reach[us, vk].max() == 0
    assert rehearsal.dark[ru, wa] == 1
    later = date(2020, 9, 16)
    assert same(
        table(own, today=later),
        table(example("sovereign_internet", gateways_closed=0), today=later),
    )


def test_without_peering_at_home_little_of_the_inside_is_left_and_a_mesh_brings_it_back() -> None:
    ru, vk = setting_of().states.index("RU"), setting_of().platforms.index("VKontakte")

    def left(instrument: str, **keys: object) -> float:
        return float(
            table(example(instrument, by="RU", gateways_closed="all", **keys)).reach[ru, vk].min()
        )

    for instrument in ("border_cut", "sovereign_internet"):
        assert left(instrument) == left(instrument, domestic_peering=True) == 1
        assert 0 < left(instrument, domestic_peering=False) < 0.5
    assert left("sovereign_internet", domestic_peering=False, domestic_mesh=True) == 1
    # While everybody can still go round by foreign carriers, the way is longer and nobody is lost.
    kept, parted = (
        table(example("sovereign_internet", gateways_closed=0, domestic_peering=p))
        for p in (True, False)
    )
    np.testing.assert_array_equal(parted.reach, kept.reach)
    assert parted.speed[ru, vk] < kept.speed[ru, vk]


def test_a_crowded_border_is_crowded_for_a_vpn_too() -> None:
    banned = table(example("cable_ban"))
    au, p = setting_of().states.index("AU"), setting_of().platforms.index("YouTube")
    assert banned.vpn_speed[au, p] == banned.speed[au, p] < 1
    slow = table(example("throttle", by="AU", targets=["YouTube"]))
    assert slow.vpn_speed[au, p] == 1 > slow.speed[au, p]


def test_a_rate_lets_text_through_and_slows_what_is_seen() -> None:
    """Twitter at 140 kbit/s: its text in full, its pictures at 140 of what they need; by hand.
    Video all the slower.
    """
    q = setting_of().parameters
    s, exponent = setting_of().states.index("RU"), q["choice.speed_exponent"]
    targets = ["Twitter", "WhatsApp", "YouTube"]
    slow = table(example("throttle", by="RU", targets=targets, rate_kbps=140, share=None)).speed[s]
    at = {name: float(slow[setting_of().platforms.index(name)]) for name in targets}
    text, post = q["mode_share.text"], q["mode_share.post"]
    left = (text + post * (140 / q["throttle.need_feed"]) ** exponent) / (text + post)
    assert at["Twitter"] ** exponent == pytest.approx(left)
    assert at["YouTube"] == pytest.approx(140 / q["throttle.need_video"])
    assert at["YouTube"] < at["Twitter"] < at["WhatsApp"] < 1


def test_a_throttle_of_some_lines_leaves_what_use_of_them_leaves() -> None:
    """The value left is that of the free lines in full and of the slowed ones at their speed, by
    hand.
    """
    exponent = setting_of().parameters["choice.speed_exponent"]
    s, p = setting_of().states.index("RU"), setting_of().platforms.index("Twitter")
    left = {
        part: table(
            example("throttle", by="RU", targets=["Twitter"], share=0.9, coverage=part)
        ).speed[s, p]
        for part in (0, 0.75, 1)
    }
    assert left[0] == 1
    assert left[1] == pytest.approx(0.1)
    assert left[0.75] ** exponent == pytest.approx(0.25 + 0.75 * 0.1**exponent)


def test_a_law_of_the_owners_state_reaches_phones_everywhere() -> None:
    at_home = table(example("preinstall_ban", by="US", targets=["WhatsApp"]))
    p, android = setting_of().platforms.index("WhatsApp"), 1
    huawei = [
        row for row, state in enumerate(setting_of().states) if at_home.install[row, p, android] < 1
    ]
    assert len(huawei) == len(setting_of().states)
    abroad = table(example("preinstall_ban", by="RU", targets=["WhatsApp"]))
    assert [
        setting_of().states[row] for row in np.argwhere(abroad.install[:, p, android] < 1)[:, 0]
    ] == ["RU"]


def test_a_moved_platform_works_as_before_and_only_its_part_was_hit() -> None:
    keys, q = example("cloud_ban"), setting_of().parameters
    s, p = setting_of().states.index("US"), setting_of().platforms.index("WeChat")
    hit = table(keys, today=date.fromisoformat(ON))
    # WeChat runs half on its own machines and half on Tencent's cloud.
    assert hit.speed[s, p] == 0.5
    assert table(keys).speed[s, p] == pytest.approx(1 - 0.5 * (1 - q["cloud_ban.speed"]))
    assert same(table(keys, today=date(2020, 12, 31)), first())


def test_a_fee_by_hand() -> None:
    q, nigeria = setting_of().parameters, setting_of().state_facts["NG"].gdp_per_head.value
    unit = (
        q["money.facebook_month"]
        / 30
        / q["value.mixed"]
        * nigeria
        / setting_of().state_facts["US"].gdp_per_head.value
    )
    s, p = setting_of().states.index("NG"), setting_of().platforms.index("Facebook")
    assert table(example("usage_tax")).price[s, p] == pytest.approx(0.05 / unit)
    shared = table(example("usage_tax", targets=["Facebook", "WhatsApp"]))
    assert shared.price[s, p] == pytest.approx(0.025 / unit)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [("cloud_ban", 3, 3), ("block", 5, 40), ("transaction_ban", 200, 200)],
)
def test_access_is_worked_out_anew_only_on_days_that_differ(
    name: str, least: int, most: int
) -> None:
    """A cloud is down, slow, and as before; a block closes in steps; apps that no store has go day
    by day.
    """
    policies = scenario(
        [example(name, **({"technique": "isp", "order": "court"} if name == "block" else {}))]
    ).policies
    days = [docket_of(policies, date.fromisoformat(ON) + timedelta(n)) for n in range(200)]
    laws = [law_signature(law, setting_of())[0] for law in days]
    tables = [access_under(law, first(), setting_of()) for law in days]
    for (before, one), (after, other) in pairwise(zip(laws, tables, strict=True)):
        assert before != after or same(one, other)
    assert least <= len(set(laws)) <= most
