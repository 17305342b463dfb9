"""Well-typed nonsense, by kind: two examples of each, and whether all are refused or get at least a
warning.

Each kind was once accepted without a word. An example is what differs from a small scenario of
August 2020.
"""

from __future__ import annotations

from typing import Any

Keys = dict[str, Any]


def policies(*listed: Keys) -> Keys:
    """Return a scenario with some policies; those without a name or a day get one."""
    return {
        "policies": [
            {"id": f"p{at}", "on": "2020-08-10", **policy} for at, policy in enumerate(listed)
        ]
    }


def one(instrument: str, by: str, **keys: Any) -> Keys:
    """Return a scenario with one policy."""
    return policies({"instrument": instrument, "by": by, **keys})


def block(by: str, platform: str, **keys: Any) -> Keys:
    """Return a policy that blocks a platform."""
    return {"id": "ban", "instrument": "block", "by": by, "targets": [platform], **keys}


def act(instrument: str, by: str | list[str], on: str | None = "2020-08-14", **keys: Any) -> Keys:
    """Return a policy that acts on the one called ``ban``."""
    dated = {"announced": "2020-08-12", "on": None} if on is None else {"on": on}
    return {"id": "act", "instrument": instrument, "by": by, "policy": "ban", **dated, **keys}


def threat(by: str, platform: str, **keys: Any) -> Keys:
    """Return a ban that is announced and never begins."""
    return {
        "id": "ban",
        "instrument": "block",
        "by": by,
        "targets": [platform],
        "announced": "2020-08-08",
        "on": None,
        **keys,
    }


def platform(name: str = "Newcomer", **keys: Any) -> Keys:
    """Return a scenario that adds a platform."""
    return {
        "world": {
            "platforms": {
                name: {"owner": "o", "home": "US", "kind": "feed", "penetration": 0.1, **keys}
            }
        }
    }


def changed(name: str, **keys: Any) -> Keys:
    """Return a scenario that changes a known platform."""
    return {"world": {"platforms": {name: keys}}}


def state(code: str = "QQ", **keys: Any) -> Keys:
    """Return a scenario that adds or changes a state."""
    return {"world": {"states": {code: keys}}}


def twice(key: str, code: str, one_value: float, other: float) -> Keys:
    """Return a scenario that states a number of a state in both places."""
    return {"world": {key: {code: one_value}, "states": {code: {key: other}}}}


def parameters(**keys: float) -> Keys:
    """Return a scenario that sets parameters; two underscores stand for a dot."""
    return {"parameters": {name.replace("__", "."): value for name, value in keys.items()}}


def aimed(instrument: str, *states: str, **keys: Any) -> list[Keys]:
    """Return policies of an instrument that has no use for targets, each with one."""
    names = ("WeChat", "TikTok")
    return [
        one(instrument, by, targets=[name], **keys) for by, name in zip(states, names, strict=False)
    ]


def swept(*values: Any, path: str = "choice.review_days") -> Keys:
    """Return a scenario with a sweep of one path."""
    return {"sweep": {path: list(values)}}


def drawn(low: float, high: float, path: str = "choice.review_days", **keys: Any) -> Keys:
    """Return a scenario with one range."""
    return {"uncertain": {path: {"low": low, "high": high, **keys}}}


TWO = ("RU", "TR")


def ladder(by: str, on: str, sanction: str = "throttle", **keys: Any) -> Keys:
    """Return a demand for a representative with one step."""
    step = {
        "on": on,
        "sanction": sanction,
        **({"share": 0.6} if sanction == "throttle" else {}),
        **keys,
    }
    return one("local_representative", by, targets=["Facebook"], ladder=[step])


# fmt: off
REFUSED: dict[str, list[Keys]] = {
    "a rule that forbids a state's traffic to cross itself": [one("path_rule", by, avoid_states=[by, *others]) for by,
        others in (("US", []), ("CN", []))],
    "VPNs said twice": [twice("vpn_share", code, 0.2, share) for code, share in (("IR", 0.5), ("TR", 0.0))],
    "users said twice": [twice("internet_users", code, users, other) for code, users, other in (("IR", 5e7, 4e7),
        ("TR", 6e7, 6e7))],
    "a name with a line break": [platform("b\nc"), platform("Our App\n")],
    "a name with a zero byte": [platform("q\x00"), platform("\x00q")],
    "a parameter beyond all bounds": [parameters(choice__trying_days=1e300), parameters(value__feed=1e200)],
    "a platform without a use": [platform(modes=[]), changed("Facebook", modes=[])],
    "a population below the users": [state(code, population=people) for code, people in (("US", 1e6), ("DE", 100))],
    "more users than people": [state(code, name="Q", population=people, internet_users=users) for code, people,
        users in (("QQ", 10, 11), ("QR", 1e6, 1e7))],
    "more users than people in a known state": [{"world": {"internet_users": {code: users}}} for code, users in (("US",
        1e9), ("DE", 9e7))],
    "less than one user": [{"world": {"internet_users": {code: users}}} for code, users in (("US", 0.5), ("DE",
        1e-9))],
    "a seed at the end of the numbers": [{"seed": seed} for seed in (2 ** 63 - 2, 2 ** 63 - 100)],
    "a title of nothing visible": [{"title": text} for text in ("\u200b", "\u2060\u200d")],
    "a title that turns the writing round": [{"title": text} for text in ("a\u202eb", "\u2067abc")],
    "a title with characters that are never shown": [{"title": text} for text in ("a\ufff9b\ufffac\ufffb", "\ufff9x")],
    "a title with a terminal escape": [{"title": text} for text in ("\x1b[2J", "a\x1b]0;x\x07")],
    "a title with a zero byte": [{"title": text} for text in ("\x00", "a\x00")],
    "a use twice": [changed("QQ", modes=["voice", "voice"]), changed("TikTok", modes=["post", "video", "post"])],
    "blocked both before and by nobody": [{"world": {key: {"XX": names}}} for key, names in (("blocks", ["TikTok"]),
        ("blocks", ["Facebook", "WeChat"]))],
    "hosted on no cloud": [changed("TikTok", hosting=["Venus"]), changed("WeChat", hosting=["own", "my cellar"])],
    "hours of a thousand years": [one("content_removal", by, targets=["Twitter"], share=0.3, hours=hours) for by,
        hours in (("TR", 8.8e6), ("RU", 1e8))],
    "penalty beyond all money": [one("vpn_ban", by, share_closed=0.4, penalty=penalty) for by, penalty in (("RU",
        1e12), ("IR", 1e299))],
    "tax beyond all money": [one("usage_tax", by, targets=["WhatsApp"], fee_per_day=fee) for by, fee in (("NG", 1e9),
        ("IN", 1e299))],
    "policy of the year 1": [policies(block(by, "Facebook", on=on)) for by, on in (("RU", "0001-01-01"), ("TR",
        "0500-12-31"))],
    "policy of the year 9999": [policies(block("RU", "Facebook", on="9999-12-31")), policies(block("TR", "Twitter",
        until="9999-12-31"))],
    "extension to an earlier day": [policies(block(by, "WhatsApp", on="2020-08-20"), act("extension", by,
        to=to)) for by, to in zip(TWO, ("2020-08-19", "2020-08-15"), strict=True)],
    **{f'{name}s in a circle': [policies(*({"id": a, "instrument": name, "by": by, "policy": b, **keys} for a,
        b in zip("abcd"[:n], "bcda"[:n - 1] + "a", strict=True))) for by, n in zip(TWO, (2, 3), strict=True)] for name,
        keys in (("extension", {"to": "2020-08-20"}), ("injunction", {}))},
    "lifts in a circle of three": [policies(*({"id": a, "instrument": "lift", "by": by, "policy": b} for a,
        b in zip("xyz", order, strict=True))) for by, order in zip(TWO, ("yzx", "zxy"), strict=True)],
    "lifts in a circle of two or four": [policies(*({"id": a, "instrument": "lift", "by": by, "policy": b} for a,
        b in zip(ids, ids[1:] + ids[:1], strict=True))) for by, ids in zip(TWO, ("ab", "abcd"), strict=True)],
    "sweep of one value thrice": [swept(8, 8, 8), swept(7, 9, 7)],
    "the same carrier twice": [one("carrier_ban", "US", carriers=["3356", "AS3356"]), one("carrier_ban", "DE",
        carriers=["AS4134", 4134])],
    "a carrier beside the firm that it belongs to": [one("carrier_ban", by, carriers=carriers) for by,
        carriers in (("FR", ["China Telecom", "AS4134"]), ("US", ["4134", "China Telecom"]))],
    "uncertain beyond all bounds": [drawn(1e-300, 1e300, "choice.trying_days"), drawn(0, 1e200, "value.feed")],
    "uncertain twice by two paths": [{part: {path: value, f'parameters.{path}': value}} for part, path,
        value in (("uncertain", "choice.trying_days", {"low": 30, "high": 60}), ("uncertain", "ties.only_channel",
        {"low": 0.3, "high": 0.6}))],
}
"""Kind -> two examples that are refused."""
DOUBTED: dict[str, list[Keys]] = {
    "a rule that has one of its states avoid itself": [one("path_rule", list(by), avoid_states=avoided) for by,
        avoided in ((("US", "JP"), ["JP"]), (("US",), ["US", "CN"]))],
    "more gateways closed than there are": [one("border_cut", by, gateways_closed=n) for by, n in
        (("TR", 10**10), ("RU", 5_000))],
    "exemption of a policy that never begins": [policies(threat(by, "Facebook"), act("exemption", by))
        for by in ("US", "TR")],
    "a border cut that cuts nothing": [one("border_cut", by, gateways_closed=0) for by in ("TR", "IR")],
    "a hindcast of the future": [{"start": f'{year}-03-01', "status": "hindcast"} for year in (2045, 2060)],
    "a parameter of zero days": [parameters(announcement__rush_days=0), parameters(announcement__heed_days=0)],
    "a platform at home nowhere": [platform(home="XX"), platform("Elsewhere", home="XX", kind="messenger")],
    "a name that reads as an empty cell": [platform(name) for name in ("nan", "NA")],
    "a sovereign Internet that changes nothing": [one("sovereign_internet", by, capability="dns", **keys) for by,
        keys in (("US", {}), ("FR", {"gateways_closed": 0}))],
    "a world of 2020 in 2100": [{"start": f'{year}-06-15'} for year in (1990, 1995)],
    "ban of what nobody uses anywhere": [platform("Nobody", home="US", penetration=None) | one("block", "CN",
        targets=["Nobody"]), platform("Nobody", home="CN", penetration=0) | one("block", "US", targets=["Nobody"])],
    "ban of what nobody uses there": [one("block", "BR", targets=["Soroush"]), one("store_removal", "FR",
        targets=["DingTalk"])],
    "ban of what was blocked already, in the same way": [{"world": {"blocks": {by: [name]}}} | one("block", by,
        targets=[name], technique="dpi") for by, name in (("US", "TikTok"), ("DE", "VKontakte"))],
    **{f'{name} with targets': aimed(name, *states, **keys) for name, states, keys in (("border_cut", ("RU", "TR",
        "IR", "CN", "IN"), {}), ("cable_ban", ("AU", "US", "JP", "IN", "SG"), {"cables": ["SEA-ME-WE 3"]}), ("bridge",
        ("US", "DE", "BR", "IN", "FR"), {"platforms": ["WhatsApp", "Signal"]}), ("carrier_ban", ("US", "DE", "JP",
        "IN", "AU"), {"carriers": ["China Telecom"]}), ("cloud_ban", ("US", "DE", "JP", "IN", "BR"),
        {"clouds": ["Alibaba Cloud"]}), ("path_rule", ("US", "DE", "JP", "IN", "AU"), {"avoid_states": ["CN"]}),
        ("shutdown", ("US", "TR", "IR", "IN", "NG"), {"share": 0.4}), ("vpn_ban", ("RU", "IR", "TR", "IN", "CN"),
        {"share_closed": 0.6}))},
    "bridge of what has no messages": [one("bridge", by, platforms=names) for by, names in (("DE", ["Wikipedia",
        "eBay"]), ("IN", ["Google Search", "Wikipedia"]))],
    "calls cut on what has none": [one("block", by, targets=[name], technique="calls_only") for by, name in (("AE",
        "Wikipedia"), ("RU", "Yandex"))],
    "champion that is neither promoted nor anything": [one("national_champion", by, targets=[name],
        promoted=False) for by, name in (("RU", "VKontakte"), ("CN", "Weibo"))],
    "data at home by a day before the law": [one("data_localisation", by, targets=["Twitter"], deadline=day) for by,
        day in zip(TWO, ("2020-08-09", "2019-09-01"), strict=True)],
    "drills outside the run": [one("sovereign_internet", by, test_days=days) for by, days in (("RU", ["2019-12-23"]),
        ("IR", ["2021-01-01"]))],
    **{f'{name} by another state': [policies(block(by, "WhatsApp"), act(name, other, **keys)) for by, other in (("US",
        "CN"), ("RU", "US"))] for name, keys in (("exemption", {}), ("extension", {"on": "2020-08-08",
        "to": "2020-08-20"}), ("lift", {}))},
    "stay by a court of another state": [policies(block(by, name), act("injunction", court)) for by, name,
        court in (("US", "WhatsApp", "CN"), ("RU", "YouTube", "US"))],
    "exemption of nothing": [one("exemption", by, **keys) for by, keys in (("DE", {}), ("RU",
        {"targets": ["YouTube"]}))],
    "exemption of targets that the policy does not have": [policies(block(by, "WhatsApp"), act("exemption", by,
        targets=[name])) for by, name in (("US", "Telegram"), ("RU", "Facebook"))],
    "extension granted after the policy began": [policies(block(by, "WhatsApp", on="2020-08-05"), act("extension", by,
        on=on, to="2020-08-20")) for by, on in zip(TWO, ("2020-08-06", "2020-08-10"), strict=True)],
    "extension of a stay": [policies(block(by, "WhatsApp"), act("injunction", by, id="stay"), act("extension", by,
        policy="stay", to="2020-08-25")) for by in TWO],
    "ladder after the run": [ladder(by, on) for by, on in zip(TWO, ("2041-01-01", "2020-09-15"), strict=True)],
    "ladder before the law": [ladder(by, on) for by, on in zip(TWO, ("2018-01-01", "2020-08-09"), strict=True)],
    "national champion of another state": [one("national_champion", by, targets=[name]) for by, name in (("DE",
        "WhatsApp"), ("RU", "WeChat"))],
    "policy after the run": [policies(block(by, "Facebook", on=on)) for by, on in zip(TWO, ("2020-08-31",
        "2020-12-24"), strict=True)],
    "policy announced a century before": [policies(block(by, "Facebook", announced=f'{year}-05-05')) for by,
        year in zip(TWO, (1905, 1950), strict=True)],
    "policy over before the run": [policies(block(by, "Facebook", on="2019-02-02", until=until)) for by,
        until in zip(TWO, ("2020-08-01", "2019-03-01"), strict=True)],
    "removal from stores of what is in none": [one("store_removal", by, targets=["Wikipedia"], **keys) for by,
        keys in (("US", {}), ("RU", {}))],
    "removal of nothing": [one("content_removal", by, targets=[name], share=0, **keys) for by, name, keys in (("TR",
        "Twitter", {}), ("RU", "YouTube", {}))],
    "shutdown of nobody": [one("shutdown", by, share=0, **keys) for by, keys in (("IN", {}), ("IR",
        {"region": "the north"}))],
    "stay after the policy has ended": [policies(block(by, "WhatsApp", until="2020-08-13"), act("injunction", by,
        on=on)) for by, on in zip(TWO, ("2020-08-14", "2020-08-20"), strict=True)],
    "stay without a day": [policies(block(by, "WhatsApp"), act("injunction", by, on=None)) for by in TWO],
    "sweep and uncertain of the same": [drawn(low, high, path) | swept(*values, path=other) for path, low, high, other,
        values in (("choice.trying_days", 30, 60, "choice.trying_days", (30, 60)), ("ties.only_channel", 0.3, 0.6,
        "parameters.ties.only_channel", (0.2, 0.4)))],
    "sweep of a billion points": [{"sweep": {path: list(range(1, n + 1)) for path in paths}} for n, paths in ((101,
        ("choice.review_days", "choice.trying_days")), (30, ("choice.review_days", "choice.trying_days",
        "choice.alert_days")))],
    "tax that nobody feels": [one("usage_tax", by, targets=["Facebook"], fee_per_day=fee) for by, fee in (("UG",
        1e-12), ("NG", 1e-9))],
    "tax of zero": [one("usage_tax", by, targets=[name], fee_per_day=0) for by, name in (("NG", "Facebook"), ("IN",
        "WhatsApp"))],
    "the same policy twice": [policies(block(by, name), block(by, name, id="again")) for by, name in (("RU",
        "YouTube"), ("TR", "Twitter"))],
    "throttle of zero": [one("throttle", by, targets=["YouTube"], share=0) for by in TWO],
    "throttle on no line": [one("throttle", by, targets=["YouTube"], coverage=0, **keys) for by, keys in zip(TWO,
        ({"share": 1}, {"rate_kbps": 10}), strict=True)],
    "throttle to more than any line": [one("throttle", by, targets=["YouTube"], rate_kbps=rate) for by,
        rate in zip(TWO, (100000.0, 1e6), strict=True)],
    "trade cut on what sells nothing": [one("commerce_ban", by, targets=[name]) for by, name in (("US", "Wikipedia"),
        ("RU", "Yandex"))],
    "two bridges of the same": [policies(*({"id": name, "instrument": "bridge", "by": by,
        "platforms": joined} for name in "ab")) for by, joined in (("DE", ["Signal", "WhatsApp"]), ("US", ["WeChat",
        "QQ"]))],
    "uncertain of one value": [drawn(9, 9), drawn(0.5, 0.5, "ties.only_channel")],
    "until is on": [policies(block(by, "Facebook", until="2020-08-10")) for by in TWO],
    "vpn_ban of none": [one("vpn_ban", by, share_closed=0) for by in ("RU", "IR")],
}
"""Kind -> two examples that are accepted with a warning."""

NOTHING = r"policies\.\w+: it changes nothing on any day"
TOLD: dict[str, str] = {
    "more gateways closed than there are": r"gateways_closed: .*[\d,]+ gateways are to be closed; there are \d+",
    "exemption of a policy that never begins": r"policy: .*'ban' never begins: it is only announced",
    "VPNs said twice": r"world\.vpn_share\.\w\w: it is also in world\.states",
    "users said twice": r"world\.internet_users\.\w\w: it is also in world\.states",
    "a name with a line break": r"(platforms|name|owner|region).*: a text with a line break or a tab",
    "a name with a zero byte": r"(platforms|name|owner|buyer).*: a control character \(U\+0000\)",
    "a parameter beyond all bounds": r"parameters\.[\w.]+: \S+ is too large",
    "a platform without a use": r"modes: 0 in the list",
    "a population below the users": r"world\.states\.\w\w: .* internet users among .* residents",
    "more users than people": r"world\.states\.\w\w: .* internet users among .* residents",
    "more users than people in a known state": r"internet_users\.\w\w: .* internet users among .* residents",
    "less than one user": r"world\.internet_users\.\w\w: \S+ is too small",
    "a seed at the end of the numbers": r"seed: \d+ is too large",
    "a title of nothing visible": r"title: a text without visible characters",
    "a title that turns the writing round": r"title: a mark (that turns|of) the direction",
    "a title with characters that are never shown": r"title: an invisible character",
    "a title with a terminal escape": r"title: a control character",
    "a title with a zero byte": r"title: a control character \(U\+0000\)",
    "a use twice": r"modes: '\w+' appears twice",
    "blocked both before and by nobody": r"world\.blocks\w*: the rest of the world \(XX\) has no government",
    "hosted on no cloud": r"hosting: unknown cloud",
    "hours of a thousand years": r"hours: \S+ is too large",
    "penalty beyond all money": r"penalty: \S+ is too large",
    "tax beyond all money": r"fee_per_day: \S+ is too large",
    "policy of the year 1": r"on: the year \d+; a day from 1900",
    "policy of the year 9999": r"(on|until|to|deadline|test_days\.0): the year \d+; a day from 1900 to 2199",
    "extension to an earlier day": r"act\.to: 'to' is .*, before the day that it changes",
    **{f"{acts} in a circle{size}": r"\.policy: it acts on itself: \w+ -> " for acts, size in
       (("extensions", ""), ("injunctions", ""), ("lifts", " of three"), ("lifts", " of two or four"))},
    "sweep of one value thrice": r"sweep\.[\w.]+: \S+ appears twice",
    "the same carrier twice": r"carriers: '\w+' and '\w+' name the same carrier",
    "a carrier beside the firm that it belongs to": r"carriers: '[\w ]+' and '[\w ]+' name the same carrier",
    "uncertain beyond all bounds": r"uncertain: [\w.]+: \S+ is (too large|too small|no share)",
    "uncertain twice by two paths": r"(uncertain|sweep): '[\w.]+' and '[\w.]+' are the same",
    "a hindcast of the future": r"start: world\.facts: .* years before the first day",
    "a parameter of zero days": r"parameters\.[\w.]+: 0 is far from the evidence",
    "a name that reads as an empty cell": r"world\.platforms\.\S+: the name '\S+' reads as an empty cell",
    "a platform at home nowhere": r"home: its home is the rest of the world",
    "a rule that forbids a state's traffic to cross itself": r"the traffic of \w\w cannot avoid \w\w",
    "a rule that has one of its states avoid itself": r"the traffic of \w\w cannot avoid \w\w",
    "a world of 2020 in 2100": r"start: world\.facts: .* years (before|after) the first day",
    "ban of what nobody uses there": r"targets: .* nobody in \w\w uses",
    "ban of what was blocked already, in the same way": r"targets: .* is blocked in \w\w before the policy begins",
    **{f"{name} with targets": r"targets: 'targets' changes nothing" for name in
       ("border_cut", "cable_ban", "bridge", "carrier_ban", "cloud_ban", "path_rule", "shutdown", "vpn_ban")},
    "data at home by a day before the law": r"deadline: \S+ is before the policy begins",
    "drills outside the run": r"test_days: \S+ is (before the policy begins|after the last day of the run)",
    "ladder after the run": r"ladder: \S+ is after the last day of the run",
    "ladder before the law": r"ladder: \S+ is before the policy begins",
    "national champion of another state": r"targets: .* is at home in \w\w, not in \w\w",
    "policy after the run": r"on: policies\.ban: it begins on .*, after the last day of the run",
    "policy announced a century before": r"announced: policies\.ban: it is announced \d+ years before it begins",
    "sweep and uncertain of the same": r"uncertain\.[\w.]+: '[\w.]+' is in sweep too",
    "sweep of a billion points": r"sweep: [\d,]+ points",
    "uncertain of one value": r"uncertain\.[\w.]+: low and high are both",
    "until is on": r"until: policies\.ban: 'until' is the day it begins",
    **dict.fromkeys(
        ("exemption by another state", "extension by another state", "lift by another state",
         "stay by a court of another state", "extension granted after the policy began",
         "a border cut that cuts nothing", "a sovereign Internet that changes nothing", "tax of zero",
         "ban of what nobody uses anywhere", "bridge of what has no messages", "calls cut on what has none",
         "champion that is neither promoted nor anything", "exemption of nothing", "extension of a stay",
         "exemption of targets that the policy does not have", "policy over before the run", "shutdown of nobody",
         "removal from stores of what is in none", "removal of nothing", "stay after the policy has ended",
         "stay without a day", "tax that nobody feels", "the same policy twice", "throttle of zero",
         "throttle on no line", "throttle to more than any line", "trade cut on what sells nothing",
         "two bridges of the same", "vpn_ban of none"), NOTHING),
}
"""Kind -> what a report of each of its examples says, with the key: so that no other report is
taken for it.
"""
# fmt: on
