"""Agreement with another program: a plain Mesa model of the same rules gives the same days, bit for
bit.
"""

from __future__ import annotations

import math
from functools import cache
from operator import attrgetter
from typing import Any

import numba
import numpy as np
import pytest
from reference import Twin
from reference.minutes import minutes
from reference.surroundings import BRIDGED
from ruamel.yaml import YAML

from splinternet.core.chance import Purpose, normal, stream, uniform_plain
from splinternet.engine.model import Model
from splinternet.metrics.registry import METRICS
from splinternet.people.contact import BRIDGED as CODE_OF_BRIDGE
from splinternet.scenario import Scenario, load
from splinternet.world.build import World, make_world

START = "2020-08-01"
Keys = dict[str, Any]


SCENARIOS: dict[str, Keys] = YAML(typ="safe").load("""
# A service that decays fast, announced before it begins, after which people give up and move with
# their families.
transaction_ban:
  days: 30
  policies:
  - {id: ban, instrument: transaction_ban, by: US, targets: [WeChat], on: 2020-08-10,
     announced: 2020-08-03}
  parameters: {transaction_ban.speed: 0.2, transaction_ban.ramp_days: 10, delisting.loss_rate: 0.02}

# A national filter, lifted while people remember; some return, some keep what they have moved to.
# Elsewhere an order that a court stays for a while.
lift_and_injunction:
  days: 33
  policies:
  - {id: wall, instrument: block, by: RU, targets: [Instagram], on: 2020-08-04, technique: dpi}
  - {id: end, instrument: lift, by: RU, policy: wall, on: 2020-08-28}
  - {id: ban, instrument: transaction_ban, by: US, targets: [WeChat], on: 2020-08-08}
  - {id: stay, instrument: injunction, by: US, policy: ban, on: 2020-08-17, until: 2020-08-30}
  parameters: {choice.review_days: 10, circumvention.cost: 1, transaction_ban.ramp_days: 5,
               transaction_ban.speed: 0.1}

# Blocklists that each provider runs, over weeks: access changes every day, and habits kept by VPN
# fade. Calls alone are blocked. A fee that a VPN spares, and a fine on VPNs, of which some stop
# working.
ramp_calls_and_prices:
  days: 24
  policies:
  - {id: list, instrument: block, by: TR, targets: [Twitter, YouTube], on: 2020-08-05,
     technique: isp}
  - {id: calls, instrument: block, by: [AE, IN], targets: [WhatsApp], on: 2020-08-05,
     technique: calls_only}
  - {id: fee, instrument: usage_tax, by: NG, targets: [WhatsApp, Facebook, Instagram],
     on: 2020-08-05, fee_per_day: 0.05}
  - {id: fine, instrument: vpn_ban, by: [NG, CN], on: 2020-08-14, share_closed: 0.4, penalty: 5}
  parameters: {circumvention.cost: 0.5, choice.fatigue_rate: 0.2, kin.elder_calls: 1.0}

# Apps slowed by rate and by share; apps that go with old phones, then with an aged version; then
# the store opens.
throttle_and_store:
  days: 36
  policies:
  - {id: slow, instrument: throttle, by: RU, targets: [YouTube], on: 2020-08-04, rate_kbps: 128}
  - {id: half, instrument: throttle, by: TR, targets: [WhatsApp], on: 2020-08-08,
     until: 2020-09-02, share: 0.9}
  - {id: stores, instrument: store_removal, by: US, targets: [WeChat, TikTok], on: 2020-08-04,
     until: 2020-08-31}
  parameters: {delisting.split_days: 10, delisting.split_rate: 0.05, delisting.loss_rate: 0.01,
               delisting.foreign_account: 0.3}

# Blocked at one end and at the other: kin agree on something else, again and again.
two_states:
  days: 19
  policies:
  - {id: us, instrument: block, by: US, targets: [WeChat], on: 2020-08-04, technique: geoblock}
  - {id: cn, instrument: block, by: CN, targets: [QQ, Skype], on: 2020-08-08, technique: dpi,
     until: 2020-08-17}
  - {id: dns, instrument: block, by: US, targets: [QQ], on: 2020-08-14, technique: dns}
  - {id: threat, instrument: block, by: US, targets: [TikTok], announced: 2020-08-07}
  parameters: {choice.alert_days: 2, choice.invite_acceptance: 0.9, fear.kin_contact: 0.2}

# Half a state goes dark for ten days, with a shop closed to its buyers. A state pushes its own
# platform, and some phones lose theirs. Routes: a crowded border slows what crosses it, by VPN too;
# a cut carrier leaves some without a route. An age under which accounts end and others are checked,
# within a share of the people; later a check at each visit.
networks_phones_and_ages:
  days: 20
  policies:
  - {id: dark, instrument: shutdown, by: IN, on: 2020-08-05, until: 2020-08-15, share: 0.5,
     telephone: true}
  - {id: shop, instrument: commerce_ban, by: IN, targets: [Amazon], on: 2020-08-09}
  - {id: cloud, instrument: cloud_ban, by: US, on: 2020-08-07, clouds: [Alibaba Cloud]}
  - {id: push, instrument: national_champion, by: RU, targets: [VKontakte, RuTube], on: 2020-08-03,
     preinstalled: true}
  - {id: phones, instrument: preinstall_ban, by: US, targets: [WhatsApp, Instagram], on: 2020-08-06,
     makers: [Huawei]}
  - {id: own, instrument: sovereign_internet, by: RU, on: 2020-08-10, test_days: [2020-08-14]}
  - {id: cables, instrument: cable_ban, by: AU, on: 2020-08-06,
     cables: [Southern Cross, Hawaiki, INDIGO-West, Australia Singapore Cable]}
  - {id: carriers, instrument: carrier_ban, by: US, on: 2020-08-08, until: 2020-08-18,
     carriers: [China Telecom, China Mobile, China Unicom]}
  - {id: young, instrument: age_limit, by: AU, targets: [TikTok, WeChat, Instagram], on: 2020-08-06,
     age: 25, share_found: 0.9, obedience: 0.9, who: {share: 0.7}, announced: 2020-08-02}
  - {id: door, instrument: age_limit, by: AU, targets: [YouTube], on: 2020-08-11, age: 18,
     applies_to: visits}
  parameters: {delisting.loss_rate: 0.02, national_champion.promoted: 0.01, circumvention.cost: 1,
               routes.chinese_peers: 1}

# The policy arm opens with other blocks than the world: one is gone, one is new, and kin agree on
# what is open now.
other_blocks:
  days: 16
  world: {blocks: {CN: [WhatsApp]}, blocks_policy_arm: {CN: [Facebook], US: [WeChat]}}
  policies:
  - {id: cut, instrument: block, by: RU, targets: [Instagram], on: 2020-08-07, technique: dpi}

# Families kept in touch: a bridge between messengers for a while, then a licence for private
# messages.
bridge_and_exemption:
  days: 42
  policies:
  - {id: ban, instrument: block, by: US, targets: [WeChat, QQ], on: 2020-08-04, technique: geoblock}
  - {id: bridge, instrument: bridge, by: US, on: 2020-08-07, until: 2020-08-28,
     platforms: [WeChat, QQ, WhatsApp, iMessage, Messenger, Skype, LINE, Telegram]}
  - {id: licence, instrument: exemption, by: US, on: 2020-09-05, policy: ban,
     uses: personal communication}
  parameters: {choice.invite_acceptance: 0, kin.ready_days: 20}

# Policies for some of the people: a tenth, a community with blocks of its own, all but those with a
# licence.
some_people:
  days: 23
  world: {communities: {CN: {Tibetans: {share: 0.3, blocks: [QQ], diaspora: {US: 100_000}}}}}
  policies:
  - {id: half, instrument: block, by: US, targets: [WeChat, QQ], on: 2020-08-04,
     technique: geoblock, who: {share: 0.5}}
  - {id: most, instrument: block, by: US, targets: [WeChat], on: 2020-08-11, technique: geoblock,
     who: {share: 0.6}}
  - {id: few, instrument: block, by: CN, targets: [WeChat], on: 2020-08-08, technique: dpi,
     who: {community: Tibetans}, announced: 2020-08-03, until: 2020-08-21}
  - {id: stores, instrument: store_removal, by: [CN, US], targets: [WeChat, TikTok], on: 2020-08-05,
     who: {share: 0.4}}
  - {id: slow, instrument: throttle, by: CN, targets: [WeChat], on: 2020-08-13, share: 0.9,
     who: {community: Tibetans, share: 0.5}}
  - {id: licence, instrument: exemption, by: US, on: 2020-08-16, policy: half, who: {share: 0.5}}
  - {id: young, instrument: block, by: US, targets: [TikTok, Snapchat], on: 2020-08-06,
     technique: isp, who: {age: [0, 24]}}
  - {id: texas, instrument: block, by: US, targets: [Facebook], on: 2020-08-10, technique: geoblock,
     who: {region: Texas}}
  - {id: old, instrument: usage_tax, by: CN, targets: [QQ], on: 2020-08-05, fee_per_day: 0.1,
     who: {region: Xinjiang, age: [30, 120]}}
  parameters: {delisting.foreign_account: 0.4, delisting.loss_rate: 0.02, circumvention.cost: 0.5,
               kin.ready_days: 1, kin.news_days: 1}
""")

SETS = ("member", "using", "abroad", "stuck", "lapsed", "uninstalled", "trial", "lost")
NUMBERS = ("lapse_day", "surplus", "seen", "hit_day", "vpn_day")
TIE = ("out_days", "way_back", "first_out", "first_back", "since", "prepared", "searched", "led")
BIT = attrgetter("bit")
EVERY = 5  # [days]
MINUTES_EVERY = 3  # [days]
PAIRED = "two_states"
"""The scenario that both arms of a pair live through; of the others it is the policy arm alone."""
ALONE = [name for name in SCENARIOS if name != PAIRED]


def make(name: str) -> Scenario:
    return load({"title": name, "start": START, "people": 1_000, **SCENARIOS[name]})


def mask(platforms: set[Any]) -> int:
    """Return a number whose bits stand for platforms."""
    return sum(map(BIT, platforms - {BRIDGED})) + (
        int(CODE_OF_BRIDGE) if BRIDGED in platforms else 0
    )


def check_people(engine: Model, twin: Twin) -> None:
    """Everybody is in the same condition."""
    everything = mask(set(twin.platforms))
    for field in SETS:
        expected = [mask(getattr(person, field)) for person in twin.people]
        np.testing.assert_array_equal(engine.condition(field) & everything, expected, field)
    for field in NUMBERS:
        np.testing.assert_array_equal(
            engine.condition(field), [getattr(p, field) for p in twin.people], field
        )
    heard = [mask(person.circle_changed) for person in twin.people]
    np.testing.assert_array_equal(engine.agenda.circle_changed & everything, heard)
    np.testing.assert_array_equal(
        next_looks(engine), [person.wake for person in twin.people], "wake"
    )
    vpn = [0 if not person.has_vpn else 1 if person.had_vpn else 2 for person in twin.people]
    np.testing.assert_array_equal(engine.person["vpn"], vpn, "vpn")
    use = np.zeros_like(engine.use)
    for person in twin.people:
        for platform, level in person.use.items():
            use[person.index, platform.index] = level
    np.testing.assert_array_equal(engine.use, use, "use")


def next_looks(engine: Model) -> np.ndarray:
    """Return the day of everybody's next look, those included whose reviews the engine has passed
    over.
    """
    wake = engine.agenda.wake.copy()
    for i in np.flatnonzero(wake <= engine.day).tolist():
        while wake[i] <= engine.day:
            u = uniform_plain(stream(engine.member_seed, Purpose.REVIEW, int(wake[i])), i)
            wake[i] += 1 + int(-math.log(1.0 - u) * engine.rules["choice_review_days"])
    return wake


def check_counts(engine: Model, twin: Twin) -> None:
    """Every count by group, every kin tie, and the metrics made of them are the same."""
    assert engine.visits == twin.visits
    for field in engine.counts._fields:
        np.testing.assert_array_equal(getattr(engine.counts, field), twin.count(field), field)
    for field in engine.contact._fields:
        np.testing.assert_array_equal(getattr(engine.contact, field), twin.contact[field], field)
    for field in engine.lost_so_far._fields:
        np.testing.assert_array_equal(
            getattr(engine.lost_so_far, field), twin.lost_so_far[field], field
        )
    np.testing.assert_array_equal(
        engine.kin.channels, [mask(tie.channels) for tie in twin.ties], "channels"
    )
    for field in TIE:
        np.testing.assert_array_equal(
            getattr(engine.kin, field), [getattr(tie, field) for tie in twin.ties], field
        )
    audience = [[state.offer[platform] for platform in twin.platforms] for state in twin.states]
    np.testing.assert_array_equal(engine.offer, audience, "offer")
    lost = engine.record.today("family_contact_lost")
    for group in twin.groups:
        if twin.contact["members"][group.index]:
            assert lost[group.index] == twin.family_contact_lost(group.label)
    silent = [any(tie.bond.phone < 1 and not tie.telephones for tie in twin.ties)]
    assert silent == [bool((engine.kin.no_line & (engine.kin.phone < 1)).any())]
    days = [twin.connectivity_lost_users(state.code) for state in twin.states]
    np.testing.assert_allclose(engine.record.today("connectivity_lost_users"), days, rtol=1e-12)


def check_minutes(engine: Model, twin: Twin) -> None:
    """Every person's time is shared out alike, against the other arm."""
    spent = minutes(twin)
    atol = 1e-9 * spent.max()
    np.testing.assert_allclose(engine.record.today("minutes"), spent, rtol=1e-8, atol=atol)


def what_happened(twin: Twin) -> set[str]:
    """Return which of the rules have shown."""
    people, ties = twin.people, twin.ties
    seen = {
        "VPN": any(p.has_vpn and not p.had_vpn for p in people),
        "failing": any(p.stuck for p in people),
        "given up": any(p.lapsed for p in people),
        "returned": any(
            p.lapse_day and not p.lapsed and p.first_member <= p.member for p in people
        ),
        "fatigue": any(p.lapsed & p.first_member and p.has_vpn and not p.had_vpn for p in people),
        "app lost": any(p.uninstalled for p in people),
        "substitute": any(group.flows for group in twin.groups),
        "out of contact": any(tie.out_days for tie in ties),
        "out for a week": twin.lost_so_far["week"].any(),
        "out for a month": twin.lost_so_far["month"].any(),
        "agreement": any(p.looks_again for p in people),
        "audience": any(
            abs(level - 1) > 0.01 for state in twin.states for level in state.offer.values()
        ),
        "pushed": any(p.place.pushed & p.member - p.first_member for p in people),
        "value lost": any(p.surplus < 0 for p in people),
    }
    ways = {1: "access back", 2: "back by VPN", 3: "back by substitute", 4: "back by bridge"}
    return {rule for rule, shown in seen.items() if shown} | {
        ways[tie.way_back] for tie in ties if tie.way_back
    }


@cache
def live_through(name: str) -> frozenset[str]:
    """Simulate a scenario with both models and return the rules that were applied.

    Counts and ties are compared every day. The condition of each person is compared on some days
    and on the last one, because that takes longer.
    """
    world = make_world(make(name), 1)
    engine, twin = Model(world.spec, world=world, rng=1, collect=False), Twin(world)
    check_people(engine, twin)
    shown: set[str] = set()
    for day in range(world.spec.days):
        engine.step()
        twin.step()
        try:
            check_counts(engine, twin)
            if day % EVERY == 0 or day == world.spec.days - 1:
                check_people(engine, twin)
                shown |= what_happened(twin)
        except AssertionError as problem:
            problem.add_note(f"{name}, day {day}")
            raise
    return frozenset(shown)


@pytest.mark.parametrize("name", ALONE)
def test_engine_and_plain_model_live_through_the_same_days(name: str) -> None:
    assert live_through(name)


def test_the_scenarios_show_every_rule() -> None:
    """Agreement says nothing of a rule that never acts."""
    assert both_arms().union(*map(live_through, ALONE)) >= {
        "VPN",
        "failing",
        "given up",
        "returned",
        "fatigue",
        "app lost",
        "substitute",
        "out of contact",
        "agreement",
        "audience",
        "value lost",
        "access back",
        "back by VPN",
        "back by substitute",
        "back by bridge",
        "pushed",
        "out for a week",
        "out for a month",
    }


def pair_of(world: World) -> tuple[tuple[Model, Model], tuple[Twin, Twin]]:
    every_day: dict[str, Any] = {"metrics": list(METRICS), "collect": False}
    baseline = Model(world.spec, arm="baseline", world=world, rng=2, **every_day)
    plain_baseline = Twin(world, arm="baseline")
    policy = Model(world.spec, world=world, rng=2, baseline=baseline, **every_day)
    return (baseline, policy), (plain_baseline, Twin(world, baseline=plain_baseline))


@cache
def both_arms() -> frozenset[str]:
    """Simulate a pair with both models and return the rules that were applied in the policy arm."""
    world = make_world(make(PAIRED), 2)
    engines, twins = pair_of(world)
    shown: set[str] = set()
    for day in range(world.spec.days):
        last = day == world.spec.days - 1
        for engine, twin in zip(engines, twins, strict=True):
            engine.step()
            twin.step()
            check_counts(engine, twin)
            if day % EVERY == 0 or last:
                check_people(engine, twin)
            if day % MINUTES_EVERY == 0 or last:
                check_minutes(engine, twin)
        shown |= what_happened(twins[1])
    assert twins[1].contact["ever"].any()
    return frozenset(shown)


def test_both_arms_of_a_pair_agree() -> None:
    assert both_arms()


def test_random_numbers_are_those_of_the_kernels() -> None:
    from splinternet.core.chance import normal_plain as plain_normal

    # Only compiled code may call a leaf of the kernels.
    drawn = numba.njit(lambda key, person, item: normal(key, person, item))
    key = stream(5, Purpose.PATIENCE, 3)
    for person in range(2_000):
        for item in (0, 7):
            assert drawn(key, person, item) == plain_normal(int(key), person, item)
