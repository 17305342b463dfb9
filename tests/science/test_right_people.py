"""Orders about some people, or about another state's people, touch them and nobody else."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any

import numpy as np
from test_instruments import setting_of

import splinternet as sn
from splinternet.experiments.pairs import run_pair
from splinternet.facts.model import DEVICES
from splinternet.people.access import AccessTable, same
from splinternet.people.setting import first_access
from splinternet.results.panel import ArmData
from splinternet.scenario import load
from splinternet.text import terminal
from splinternet.world.law import access_under, docket_of

Pair = tuple[ArmData, ArmData]


@cache
def pair(name: str, seed: int = 1, days: int = 0) -> Pair:
    """Return both arms of a shipped scenario, small."""
    spec = load(name, people=2_000, days=days or None)
    return run_pair(spec.model_copy(update={"draw": "nothing"}), seed)


def change(name: str, metric: str, **labels: str) -> Any:
    """Return the effect on a metric at a cell of a shipped scenario, day by day."""
    baseline, policy = pair(name)
    index: list[Any] = [slice(None)]
    from splinternet.metrics.registry import METRICS

    for dim in METRICS[metric].dims:
        known = policy.axes.labels(dim)
        index.append(known.index(labels[dim]) if dim in labels else slice(None))
    return policy.arrays[metric][tuple(index)].astype(float) - baseline.arrays[metric][
        tuple(index)
    ].astype(float)


def table(*policies: dict[str, Any], today: date = date(2020, 9, 15)) -> AccessTable:
    """Return the access table under some policies, on a day of the world of 2020."""
    keys = {"title": "t", "start": "2020-08-01", "days": 60, "people": 2_000}
    spec = sn.Scenario(**keys, policies=[{"id": f"p{n}", **p} for n, p in enumerate(policies)])
    setting = setting_of()
    return access_under(docket_of(spec.policies, today), first_access(setting), setting)


def row(state: str) -> int:
    return setting_of().states.index(state)


def others(access: AccessTable, state: str) -> bool:
    """Return whether all states but one find what they find without a policy."""
    free = table()
    rest = [s for s in range(len(setting_of().states)) if s != row(state)]
    names = ("reach", "speed", "dark", "effort", "silenced")
    return all(
        np.array_equal(getattr(access, name)[rest], getattr(free, name)[rest]) for name in names
    )


# --- a state cuts transit for another -------------------------------------------------------------


def test_a_cut_of_transit_takes_ways_from_one_state_and_from_nobody_who_orders_it() -> None:
    lost = change("transit_cut_kazakhstan", "reach_abroad", state="KZ")
    assert lost[:31].max() == lost[:31].min() == 0.0, "before it begins"
    assert lost[31:].max() < 0.0
    _, policy = pair("transit_cut_kazakhstan")
    reach = change("transit_cut_kazakhstan", "reachable_pairs")
    at = {code: policy.axes.states.index(code) for code in policy.axes.states}
    rest = [n for code, n in at.items() if code not in ("KZ", "RU")]
    assert np.nan_to_num(reach[:, at["RU"], rest]).min() == 0.0
    assert np.nan_to_num(reach[:, at["KZ"], rest]).min() < 0.0
    assert np.nan_to_num(reach[:, at["KZ"], at["RU"]]).min() == 0.0, "they keep each other"
    assert np.nan_to_num(reach[np.ix_(range(len(reach)), rest, rest)]).min() == 0.0
    services = change("transit_cut_kazakhstan", "median_services")
    assert np.abs(np.nan_to_num(services[:, at["RU"]])).max() == 0.0


def test_a_run_says_who_orders_who_loses_and_nothing_of_those_who_order() -> None:
    small = {"people": 2_000, "seeds": 1, "jobs": 1}
    said = " ".join(terminal.text(sn.run("transit_cut_kazakhstan", **small)).split())
    assert "Russia would stop all carriers at home from passing on traffic of Kazakhstan." in said
    assert "pairs of people in Russia and Kazakhstan" not in said
    assert "pairs of people in Kazakhstan and Russia" not in said
    result = sn.run("sovereignty/us_firms_leave_denmark", **small)
    every = terminal.text(result, every=True)
    assert "who pay with PayPal" not in every, "no state has a sourced number of its users"
    own = {"world.penetration.DK.PayPal": 0.4}
    stated = sn.run("sovereignty/us_firms_leave_denmark", set=own, **small)
    assert "who pay with PayPal" in terminal.text(stated, every=True)
    for most in range(10, 20):
        lines = " ".join(line.text for line in terminal.lines(result, most=most))
        assert "People in the United States keep" not in lines or "No end is stated" in lines
    said = " ".join(terminal.text(result).split())
    order, *findings = said.split(" - ")
    assert "the United States would order " in order and "platforms out of Denmark." in order
    assert "in Denmark" in findings[0] or "from Denmark" in findings[0]
    assert "Mexico" not in said and "US$ 80 million" not in said
    assert "services" in findings[0] and "family" in findings[1] and " would gain " in findings[2]
    said = " ".join(terminal.text(sn.run("sovereignty/firm_leaves_uk", **small)).split())
    assert "Meta would take WhatsApp and Messenger out of the United Kingdom" in said
    assert "United States withdraws" not in said and "United States would" not in said
    loses, replaces = said.split(" - ")[1:3]
    assert "United Kingdom" in loses and " would gain " in replaces


def test_a_cut_of_cables_for_another_state_touches_routes_between_no_other_two() -> None:
    _, policy = pair("networks/cable_cut_vietnam")
    at = {code: policy.axes.states.index(code) for code in policy.axes.states}
    rest = [n for code, n in at.items() if code not in ("VN", "CN")]
    for metric in ("reachable_pairs", "path_stretch"):
        moved = np.nan_to_num(change("networks/cable_cut_vietnam", metric))
        assert not moved[:28].any(), "before it begins"
        assert not moved[np.ix_(range(len(moved)), rest, rest)].any(), metric
    fuller = {
        code: change("networks/cable_cut_vietnam", "border_capacity", state=code) for code in at
    }
    assert fuller["VN"][28:].max() < 0.0 and fuller["CN"][28:].max() < 0.0
    assert not any(fuller[code].any() for code in at if code not in ("VN", "CN"))


def test_ways_around_that_follow_from_an_invented_carrier_are_not_reported() -> None:
    """Bhutan and Tajikistan have no carrier in the tables."""
    small = {"people": 2_000, "seeds": 1, "jobs": 1}
    said = " ".join(terminal.text(sn.run("transit_cut_bhutan", **small)).split())
    assert "cannot say whether anybody there would be cut off" in said
    assert "0 of the" not in said
    said = " ".join(terminal.text(sn.run("transit_cut_kazakhstan", **small)).split())
    assert "Tajikistan" not in said and "border of the United Kingdom" not in said


def test_no_route_is_said_to_be_as_before_where_one_is_longer() -> None:
    """Georgia's cut leaves the mean of Armenia's routes as it was, and one of them longer."""
    cut = {"id": "cut", "instrument": "transit_cut", "by": "GE", "from": "AM", "on": "2025-10-10"}
    keys = {"title": "t", "start": "2025-09-12", "days": 60, "people": 2_000}
    result = sn.run(sn.Scenario(**keys, policies=[cut]), seeds=1, jobs=1)
    said = " ".join(terminal.text(result).split())
    assert "Routes between Armenia and Turkey would be" in said
    assert "No route would be lost or longer" not in said


def test_a_ban_on_vpns_closes_them_there_and_nowhere_else() -> None:
    ban = {"by": "TR", "instrument": "vpn_ban", "share_closed": 0.7, "on": "2020-08-11"}
    access = table(ban)
    free = table()
    assert others(access, "TR") and np.array_equal(access.reach, free.reach)
    closed = access.vpn_open < free.vpn_open
    assert np.flatnonzero(closed).tolist() == [row("TR")]


# --- the home of a firm, the people of another state ----------------------------------------------


def test_firms_that_leave_by_order_of_their_home_shut_out_that_state_alone() -> None:
    order = {
        "by": "US",
        "from": "DE",
        "instrument": "withdrawal",
        "reason": "home order",
        "targets": {"home": "US", "except": ["Wikipedia"]},
        "on": "2020-08-11",
    }
    access = table(order)
    setting = setting_of()
    assert others(access, "DE")
    for p, name in enumerate(setting.platforms):
        is_left = setting.platform_facts[name].home == "US" and name != "Wikipedia"
        lost = not np.array_equal(access.reach[row("DE"), p], table().reach[row("DE"), p])
        assert lost == is_left, name
    assert same(access, table(order | {"reason": "own decision"})), "the reason is words alone"


def test_a_store_that_decides_by_itself_touches_its_phones_in_that_state_alone() -> None:
    order = {
        "by": "US",
        "from": "IN",
        "instrument": "store_removal",
        "targets": ["WhatsApp"],
        "stores": ["Apple App Store"],
        "on": "2020-08-11",
    }
    access = table(order | {"reason": "own decision"})
    free = table()
    whatsapp = setting_of().platforms.index("WhatsApp")
    touched = access.install < free.install
    assert np.argwhere(touched).tolist() == [[row("IN"), whatsapp, DEVICES.index("Apple")]]
    assert np.array_equal(access.reach, free.reach), "installed apps work"
    assert same(access, table(order)), "the reason is words alone"
    lost = change("orders/store_alone", "active_users", platform="Signal")
    _, policy = pair("orders/store_alone")
    india = policy.axes.states.index("IN")
    assert lost[:31].max() == lost[:31].min() == 0.0, "before it begins"
    assert lost[-30:, india].max() < 0.0 and np.abs(lost).sum(axis=0).argmax() == india


# --- some networks, some hours --------------------------------------------------------------------


def test_mobile_networks_alone_leave_those_with_another_line() -> None:
    cut = {"by": "NG", "instrument": "shutdown", "on": "2020-08-11", "share": 0.7}
    access = table(cut | {"networks": "mobile"})
    assert others(access, "NG")
    assert np.isclose(access.reach[row("NG")].max(), 0.3)
    assert same(access, table(cut)), "the share alone says who"


def test_some_hours_a_day_cut_nobody_off_and_take_a_part_of_the_day() -> None:
    cut = {"by": "NG", "instrument": "shutdown", "on": "2020-08-11"}
    access = table(cut | {"hours_a_day": 6})
    free = table()
    assert others(access, "NG")
    assert np.array_equal(access.reach, free.reach) and np.array_equal(access.dark, free.dark)
    assert np.isclose(access.speed[row("NG")].max(), 0.75)
    assert np.isclose(access.vpn_speed[row("NG")].max(), 0.75), "no VPN works without a line"
    more = table(cut | {"hours_a_day": 12})
    assert (more.speed[row("NG")] < access.speed[row("NG")]).all()
    lost = change("orders/hours_a_day", "family_contact_lost_people")
    assert np.nan_to_num(lost).max() == 0.0
    used = change("orders/hours_a_day", "consumer_surplus_lost", state="IQ")
    assert used[20:28].min() > 0.0 and np.nan_to_num(used[:14]).max() == 0.0


# --- demands, stays, parts ------------------------------------------------------------------------


def test_a_block_ends_the_ladder_of_a_demand() -> None:
    demand = {
        "by": "TR",
        "instrument": "local_representative",
        "targets": ["Twitter"],
        "on": "2020-08-11",
        "ladder": [
            {"on": "2020-08-20", "sanction": "ad_ban"},
            {"on": "2020-08-30", "sanction": "throttle", "share": 0.5},
            {"on": "2020-09-10", "sanction": "block"},
        ],
    }
    twitter = setting_of().platforms.index("Twitter")
    free = table()
    advert, slowed, blocked = (
        table(demand, today=date(2020, *day)) for day in ((8, 25), (9, 5), (9, 20))
    )
    assert np.array_equal(advert.speed, free.speed), "users do not feel it"
    assert np.array_equal(advert.reach, free.reach)
    assert slowed.speed[row("TR"), twitter] < free.speed[row("TR"), twitter]
    assert np.array_equal(slowed.reach, free.reach)
    assert blocked.reach[row("TR"), twitter].max() < free.reach[row("TR"), twitter].max()
    assert others(blocked, "TR")
    block = {"by": "TR", "instrument": "block", "targets": ["Twitter"], "on": "2020-09-10"}
    alone = table(block, today=date(2020, 9, 20))
    assert np.array_equal(blocked.reach, alone.reach), "as a block from that day"


def test_a_part_of_an_order_ends_and_a_stay_gives_all_of_it_back() -> None:
    ban = dict(by="BR", instrument="block", targets=["Twitter", "Telegram"], on="2020-08-11")
    part = {"by": "BR", "instrument": "exemption", "targets": ["Telegram"], "on": "2020-09-01"}
    names = setting_of().platforms
    left = table(ban, part | {"policy": "p0"})
    free = table()
    at = row("BR")
    telegram, twitter = names.index("Telegram"), names.index("Twitter")
    assert np.array_equal(left.reach[at, telegram], free.reach[at, telegram])
    assert left.reach[at, twitter].max() < free.reach[at, twitter].max()
    stay = {"by": "BR", "instrument": "injunction", "policy": "p0", "on": "2020-09-01"}
    assert same(table(ban, stay), free)


def test_a_block_for_some_hours_a_day_takes_a_part_of_the_day_from_those_whom_it_reaches() -> None:
    order = {"by": "NG", "instrument": "block", "targets": ["Facebook"], "on": "2020-08-11"}
    facebook = setting_of().platforms.index("Facebook")
    at = row("NG"), facebook
    free = table()
    whole = table(order)
    reached = 1.0 - whole.reach[at].max()
    for hours in (6, 12):
        access = table(order | {"hours_a_day": hours})
        assert others(access, "NG")
        assert np.array_equal(access.reach, free.reach), "in the other hours everybody reaches it"
        assert np.isclose(access.speed[at], 1.0 - reached * hours / 24)
        assert access.vpn_speed[at] == free.vpn_speed[at], "a VPN goes round it"
        rest = [p for p in range(len(setting_of().platforms)) if p != facebook]
        assert np.array_equal(access.speed[row("NG"), rest], free.speed[row("NG"), rest])
