"""The core of Splinternet on one page: one order and what people do about it, in Mesa and numpy.

People use platforms, and some have a relative in another state. An order closes platforms, or
slows one and takes it off the stores. Who loses too much gives up in time, gets a VPN, or turns to
what the own circle uses; relatives look for another app. All numbers come from the fact tables.

Run the opening case: ``python notebooks/core.py``.
"""

from pathlib import Path

import mesa
import numpy as np
import pandas as pd

FACTS = Path(__file__).resolve().parents[1] / "sim" / "facts"
TALKS = ("messenger", "mixed", "channel")  # kinds of platform by which relatives talk
CIRCLE = 16  # contacts of a person (parameter ties.degree_mean)


def parameters(rng=None):
    """Return each parameter by name: its central value, or a draw between ``low`` and ``high``."""
    table = pd.read_csv(FACTS / "parameters.csv", index_col="name")
    drawn = table.value if rng is None else rng.uniform(table.low, table.high)
    return dict(zip(table.index, drawn, strict=True))


def platforms_of(states, world="world-2020"):
    """Return kind, evasion and share of users by state of the platforms in use in some states."""
    about = pd.read_csv(FACTS / world / "platforms.csv", index_col="name")[["kind", "evasion"]]
    names = ("penetration.csv", "other_penetration.csv")
    use = pd.concat([pd.read_csv(FACTS / world / name) for name in names])
    shares = use.pivot_table("value", "platform", "state").reindex(columns=list(states))
    return about.join(shares[(shares > 0.01).any(axis=1)].fillna(0.0), how="inner")


class Core(mesa.Model):
    """An order against some platforms, day by day.

    Parameters
    ----------
    platforms : pandas.DataFrame
        By platform: ``kind``, ``evasion``, the share of users in each group [1], and ``abroad``,
        whether it opens where the relatives live.
    targets : list of str
        The platforms that the order is aimed at.
    technique : str
        One of the tables (``dns``, ``isp``, ``dpi``, ``geoblock``), ``stores`` or ``transactions``.
    on, until : float
        First day of the order, and the day after its last; ``inf`` is never.
    vpn_share : float
        Share of people with a VPN on the first day [1].
    groups : dict of str to int
        People by group. Each of the ``diaspora`` may have a relative in the ``family``.
    q : dict of str to float
        Parameters by the names of ``parameters.csv``; central values by default.
    rng : int
        Where chance comes from.
    """

    def __init__(self, platforms, targets, technique, on, until, vpn_share, groups, q=None, rng=1):
        super().__init__(rng=rng)
        self.q = parameters() if q is None else q
        self.technique = technique
        self.on = on
        self.until = until
        self.targets = [platforms.index.get_loc(name) for name in targets]
        self.evasion = platforms["evasion"].to_numpy()
        self.group = np.repeat(list(groups), list(groups.values()))
        self.here = self.group != "family"  # the order concerns them
        kinds = list(platforms["kind"])
        self.draw_people(kinds, platforms[list(self.group)].to_numpy().T, vpn_share)
        self.circle = self.draw_circle()
        self.talks = (platforms["kind"].isin(TALKS) & platforms.get("abroad", True)).to_numpy()
        self.draw_relatives()
        self.use = self.first_use = self.held[self.here].mean(axis=0)
        self.first_company = self.held[self.circle].sum(axis=1) / CIRCLE
        watched = {"vpn": "vpn_holders", "lost": "lost", "ever_lost": "ever_lost"}
        uses = {name: lambda model, k=k: model.use[k] for k, name in enumerate(platforms.index)}
        self.datacollector = mesa.DataCollector(watched | uses)
        self.measure(np.ones_like(self.held))

    def draw_people(self, kinds, shares, vpn_share):
        """Draw what people hold, what each platform is worth to them, and how able they are.

        Values have a Pareto tail above the marginal user's, in which feeds count 1.
        """
        q = self.q
        rng = self.rng
        people = len(shares)
        self.held = rng.random(shares.shape) < shares
        self.first_held = self.held.copy()
        self.marginal = np.array([q[f"value.{kind}"] for kind in kinds])
        tail = rng.random(shares.shape) ** -q["choice.value_spread"]
        self.value = self.marginal * np.minimum(q["choice.value_cap"], tail)
        self.tie_share = np.array([q[f"tie_share.{kind}"] for kind in kinds])
        self.close = np.array([[self.closeness(a, b) for b in kinds] for a in kinds])
        skill = rng.normal(size=people)
        self.effort = np.exp(-q["circumvention.effort_spread"] * skill)
        self.able = 1 / (1 + np.exp(-1.7 * skill))  # the rank of a normal number, nearly
        self.vpn = self.through = rng.random(people) < vpn_share * 2 * self.able
        self.knows = self.able > (1 - q["vpn.aware_share"]) * (1 - vpn_share) ** 3
        self.willing = rng.random(people) >= q["fear.principle"]
        self.patience = np.exp(q["choice.trying_spread"] * rng.normal(size=people))
        # A number each: does the provider block (below the coverage), does a VPN get through (below
        # that share), are apps installed from elsewhere than a store.
        self.provider, self.tool, self.phone = rng.random((3, people))
        self.installed = np.ones(people, bool)

    def closeness(self, a, b):
        """Return how well a platform of one kind stands in for one of another [1]."""
        return self.q.get(f"closeness.{a}-{b}", self.q.get(f"closeness.{b}-{a}", 0.0))

    def draw_circle(self):
        """Draw contacts from a person's community, or from all of the own group."""
        circle = np.empty((self.group.size, CIRCLE), int)
        community = int(self.q["people.community_size"])
        for name in np.unique(self.group):
            own = np.flatnonzero(self.group == name)
            spread = self.rng.integers(community, size=(own.size, CIRCLE))
            near = np.clip(own[:, None] // community * community + spread, own[0], own[-1])
            inside = self.rng.random(near.shape) < self.q["ties.inside_share"]
            circle[own] = np.where(inside, near, self.rng.choice(own, near.shape))
        return circle

    def draw_relatives(self):
        """Draw pairs of relatives and the apps on which they talk: one alone, or two.

        The pair talks on the apps that most people hold, of those that both of them hold.
        """
        rng = self.rng
        self.diaspora = np.flatnonzero(self.group == "diaspora")
        a = self.diaspora[rng.random(self.diaspora.size) >= self.q["ties.no_family_share"]]
        b = rng.choice(np.flatnonzero(~self.here), a.size) if a.size else a
        both = self.held[a] & self.held[b] & self.talks
        common = np.argsort(-self.held.mean(axis=0))
        place = np.cumsum(both[:, common], axis=1)[:, np.argsort(common)]
        most = np.where(rng.random(a.size) < self.q["ties.only_channel"], 1, 2)[:, None]
        has = both.any(axis=1)
        self.channels = (both & (place <= most))[has]
        self.a = a[has]
        self.b = b[has]
        self.ever = np.zeros(has.sum(), bool)

    def step(self):
        """Simulate a day: what works, who gets a VPN, gives up, or goes elsewhere."""
        works, speed = self.access()
        self.company = self.held[self.circle].sum(axis=1) / CIRCLE
        values = {app: self.worth(app) for app in self.targets}
        self.get_vpn(works, values)
        for app, (worth, left) in values.items():
            self.keep_or_give_up(app, works[:, app], speed, worth, left)
        self.turn_elsewhere(works, speed)
        self.relatives_agree_on_an_app(works)
        self.measure(works)

    def access(self):
        """Return what works for whom without a VPN, and the speed of the targets that is felt [1].

        A block misses some providers. An app off the stores is lost with the telephone.
        """
        q = self.q
        works = np.ones_like(self.held)
        self.through = self.vpn & (self.tool < q.get(f"technique.{self.technique}.vpn_share", 1))
        if not self.on <= self.time < self.until:
            return works, 1.0
        if self.technique in ("stores", "transactions"):
            elsewhere = (self.phone < q["delisting.sideload_share"]) | self.vpn | ~self.here
            self.installed &= elsewhere | ~self.happens(q["delisting.loss_rate"])
            works[:, self.targets] = self.installed[:, None]
        else:
            evaded = q[f"technique.{self.technique}.evaded"] * self.evasion[self.targets]
            coverage = q[f"technique.{self.technique}.coverage"] * (1 - evaded)
            works[:, self.targets] = (self.provider[:, None] >= coverage) | ~self.here[:, None]
        if self.technique != "transactions":
            return works, 1.0
        slowed = min(1.0, (self.time - self.on) / q["transaction_ban.ramp_days"])
        felt = (1 - slowed * (1 - q["transaction_ban.speed"])) / (1 - q["choice.speed_unnoticed"])
        return works, min(1.0, felt) ** q["choice.speed_exponent"]

    def worth(self, app):
        """Return what an app is worth now, and the part that other apps in use do not take over."""
        w = self.tie_share[app]
        k = self.q["choice.audience_prior"]
        now = k * self.use[app] / max(1e-9, self.first_use[app]) + self.company[:, app] * CIRCLE
        alive = np.minimum(1.5, now / (k + self.first_company[:, app] * CIRCLE))
        takes = self.q["choice.substitutability"] * self.close[app] * (1 - w + w * self.company)
        takes[:, self.targets] = 0.0
        left = np.prod(1 - self.held * takes, axis=1)
        only = self.channels[:, app] & (self.channels.sum(axis=1) == 1)
        left[self.a[only]] = left[self.b[only]] = 1.0  # nothing takes over the way to a relative
        return self.value[:, app] * (1 - w + w * alive), left

    def get_vpn(self, works, values):
        """Let people who know of VPNs find one where it adds more than it costs; others learn."""
        q = self.q
        around = self.vpn[self.circle].mean(axis=1)
        gain = np.zeros(self.vpn.size)
        for app, (worth, left) in values.items():
            by_vpn = worth - q["circumvention.friction"] * self.effort
            lacks = self.first_held[:, app] & ~works[:, app] & self.here
            gain += lacks * (by_vpn >= min(1, self.marginal[app])) * by_vpn * left
        cost = q["circumvention.cost"] * self.effort ** q["circumvention.want_power"]
        cost *= np.exp(-q["circumvention.contagion"] * around)
        rate = np.log(2) / q["vpn.find_days"] * (0.4 + 1.2 * self.able)
        self.knows |= self.happens(q["vpn.aware_rate"] * (0.15 + around / 0.3))
        finds = (gain > cost) & self.knows & self.willing & ~self.vpn & self.happens(rate)
        self.vpn |= finds
        self.held[:, self.targets] |= finds[:, None] & self.first_held[:, self.targets]

    def keep_or_give_up(self, app, works, speed, worth, left):
        """Let users whom an app gives too little give it up in time, and return once it works."""
        q = self.q
        without = min(1, self.marginal[app])
        direct = works * speed * worth * left / q["choice.drop_below"]
        by_vpn = (worth - q["circumvention.friction"] * self.effort) * left
        best = np.maximum(direct, self.through * by_vpn / q["choice.drop_by_vpn"]) / without
        tries = np.maximum(0.3, np.where(best > 0, best, worth / without))
        suffers = self.here & (best < 1) & (~works | (speed < 1))
        gives_up = suffers & self.happens(1 / (q["choice.trying_days"] * self.patience * tries))
        back = self.first_held[:, app] & works & (speed == 1) & self.happens(1 / q["return.days"])
        self.held[:, app] = (self.held[:, app] & ~gives_up) | (back & self.here)

    def turn_elsewhere(self, works, speed):
        """Let people who lack a platform join near ones of their circle, until one fills it."""
        near = self.close[self.targets] / 0.8
        fills = (self.held & ~self.first_held) @ near.T
        opens = works | (self.held & self.through[:, None])
        lacks = self.first_held * (1 - opens * speed) * self.here[:, None]
        need = np.maximum(0, lacks[:, self.targets] - fills)
        push = np.minimum(1, need @ near ** self.q["choice.closeness_power"] * 0.8)
        joins = self.happens(self.q["choice.join_rate"] * push * self.company)
        joins[:, self.targets] = False
        self.held |= joins

    def relatives_agree_on_an_app(self, works):
        """Let relatives out of touch use an app that both hold at once, or agree on one in time."""
        known = (self.held[self.a].astype(int) + self.held[self.b]) * self.talks
        known[:, self.targets] = 0
        agree = -np.log(1 - self.q["choice.invite_acceptance"]) / 30
        rate = np.choose(known.max(axis=1), [0.0, agree, 1 / self.q["kin.ready_days"]])
        ready = np.flatnonzero(~self.in_touch(works) & self.happens(rate))
        chosen = known.argmax(axis=1)[ready]
        for end in (self.a, self.b):
            self.held[end[ready], chosen] = True
        self.channels[ready, chosen] = True
        self.ever |= ~self.in_touch(works)

    def in_touch(self, works):
        """Return which pairs have an app that works at both ends, directly or by a VPN."""
        usable = self.held & (works | self.through[:, None])
        return (self.channels & usable[self.a] & usable[self.b]).any(axis=1)

    def happens(self, rate):
        """Return whom something befalls today that has a rate of so much a day."""
        return self.rng.random(np.shape(rate) or self.group.shape) < 1 - np.exp(-rate)

    def measure(self, works):
        """Measure shares of people here; those out of touch as a share of the diaspora."""
        usable = self.held & (works | self.through[:, None])
        self.use = usable[self.here].mean(axis=0)
        self.vpn_holders = self.vpn[self.here].mean()
        self.lost = (~self.in_touch(works)).sum() / max(1, self.diaspora.size)
        self.ever_lost = self.ever.sum() / max(1, self.diaspora.size)
        self.datacollector.collect(self)


def opening_case(people=2_000, q=None, rng=1):
    """Return the order of 6 August 2020 against WeChat, which begins on day 50: 1 August is 0."""
    table = platforms_of(["US", "CN"]).rename(columns={"CN": "family"})
    use = pd.read_csv(FACTS / "world-2020" / "group_penetration.csv")
    own = use[(use.residence == "US") & (use.origin == "CN")].set_index("platform").value
    q = (q or parameters()) | {"value.messenger": 10.0}  # assumption; the scenario draws 3 to 30
    around = np.maximum(table.US, q["people.origin_platform_share"] * table.family)
    table["diaspora"] = own.reindex(table.index).fillna(around)
    blocks = pd.read_csv(FACTS / "world-2020" / "blocks.csv")
    table["abroad"] = ~table.index.isin(blocks[blocks.state == "CN"].platform)
    groups = {"diaspora": people // 2, "family": people // 2}
    return Core(table, ["WeChat"], "transactions", 50, np.inf, 0.14, groups, q, rng)


if __name__ == "__main__":
    model = opening_case()
    model.run_for(364)
    days = model.datacollector.get_model_vars_dataframe()
    print(days.loc[::60, ["WeChat", "QQ", "WhatsApp", "vpn", "lost", "ever_lost"]].round(3))
