"""Error messages for bad scenario files, as kept; ``uv run python -m tests.keep.messages`` writes
them again.

What must stay of a message: the place (line and column), what was found and what was meant (the
words in quotation marks). The rest of the sentence may change.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import splinternet as sn

FILE = Path(__file__).with_suffix(".json")
HEAD = "title: a test\nstart: 2020-08-01\ndays: 30\npeople: 3000\n"
BAN = "{id: ban, by: US, instrument: block, targets: [WeChat], technique: dpi, on: 2020-08-11}"
FILES = {
    "every kind of key": """title: x
start: 2020-08-01
days: -5
peeple: 1000
people: lots
policies:
  - {id: a, by: NO, instrument: blok, targets: [WeChat], on: 2020-08-11}
  - {id: a, by: Norwey, instrument: block, targets: [Wechta], on: 2020-13-11, technique: dpi}
  - {id: c, by: US, instrument: lift, policy: zz, on: 2020-08-12}
world:
  penetraton: 3
""",
    "not YAML": "title: [a\nstart: 2020-08-01\n",
    "twice the same key": HEAD + "people: 2000\ntitle: b\npolicies: []\n",
    "a tab": HEAD + "policies:\n\t- {id: a}\n",
    "a list": "- a\n- b\n",
    "empty": "",
    "a key that is missing": "days: 30\npolicies:\n  - {instrument: block, targets: [WeChat], on: 2020-08-11}\n",
    "dates": HEAD
    + f"policies:\n  - {BAN.replace('2020-08-11', 'soon')}\n  - {{id: b, by: US, instrument: block, targets: [QQ], "
    "technique: dns, on: 2020-08-20, until: 2020-08-10}\n  - {id: c, by: CN, instrument: block, targets: [], technique: dpi, on: 1020-01-01}\n",
    "techniques": HEAD
    + f"policies:\n  - {BAN.replace('dpi', 'dpy')}\n  - {BAN.replace('technique: dpi', 'tecnique: dpi').replace('id: ban', 'id: b')}\n",
    "numbers": HEAD.replace("3000", "1e99")
    + "seed: -1\npolicies:\n  - {id: t, by: RU, instrument: throttle, targets: [Twitter], speed: 3, on: 2020-08-11}\n",
    "parameters": HEAD
    + f"policies: [{BAN}]\nparameters:\n  choise.review_days: 30\n  choice.review_days: .nan\n  ties.only_channel: 3\n",
    "uncertain": HEAD
    + f"policies: [{BAN}]\nuncertain:\n  - {{path: ties.only_chanel, low: 0, high: 1}}\n  - {{path: ties.only_channel, low: 1, high: 0}}\n",
    "a sweep": HEAD
    + f"policies: [{BAN}]\nsweep:\n  policies.bann.on: [2020-08-11]\n  policies.ban.on: []\n",
    "platforms": HEAD
    + "policies: []\nworld:\n  platforms:\n    WeChatt: {home: CN, ownr: Tencent}\n    New One: {home: XX, kind: mesenger, users: {US: 3}}\n  migrants: {DE: {TRR: 5}, GE: {TR: -1}}\n",
    "penetration": HEAD
    + "policies: []\nworld:\n  penetration: {WeChat: {US: 1.5, CNN: 0.2}, Wechat: {US: x}}\n  vpn_share: {US: 2}\n  states: {US: {internt: 1}}\n",
    "behaviour": HEAD + "policies: []\nbehaviour:\n  retaliaton: {}\n  imitation: yes please\n",
    "observed": HEAD
    + f"policies: [{BAN}]\nobserved:\n  - {{date: 2020-08-15, metric: monthly_user, state: US, platform: WeChat, value: 0.5, tolerance: 0.1, kind: kept}}\n"
    "  - {date: 2021-08-15, metric: monthly_users, state: US, platform: WeChat, value: 5, tolerance: -0.1, kind: keept, meter: m, source: s, confidence: Z}\n",
    "communities": HEAD
    + "policies: []\nworld:\n  communities: {CN: {Tibetans: {shar: 0.1}}, CNN: {A: {share: 0.1}}, US: {B: {share: 2}}}\n",
    "routes": HEAD
    + "policies:\n  - {id: a, by: US, instrument: carrier_ban, carriers: [China Mobil], on: 2020-08-11}\n"
    "  - {id: b, by: RU, instrument: border_cut, on: 2020-08-11, capacity: 2}\n  - {id: c, by: US, instrument: cable_ban, cables: [FASTR], on: 2020-08-12}\n",
    "courts": HEAD
    + f"policies:\n  - {BAN}\n  - {{id: stay, by: US, instrument: injunction, polcy: ban, on: 2020-08-12}}\n"
    "  - {id: more, by: CN, instrument: extension, policy: ban, to: 2020-07-01, on: 2020-08-12}\n  - {id: self, by: US, instrument: lift, policy: self, on: 2020-08-13}\n",
    "demands": HEAD
    + "policies:\n  - {id: d, by: TR, instrument: local_representative, targets: [Twitter], on: 2020-08-05, steps: 3}\n"
    "  - {id: e, by: US, instrument: divest_or_ban, targets: [TikTok], on: 2020-08-14, deadline: 2020-08-01, buyer: ZZ}\n",
    "measure": HEAD
    + f"policies: [{BAN}]\nmeasure: [family_contact_los]\nstatus: maybe\nepisode: 'a b'\ndraw: sometimes\n",
    "extends": "extends: wechat_as_orderd\n",
    "extends a change": "extends: wechat_as_ordered\npolicies:\n  - {id: wechat-bann, on: 2020-10-01}\nparameters: {ties.only_chanel: 0.5}\n",
    "a world": HEAD
    + "policies: []\nworld: {facts: world-2050, internet_users: {US: 7}, blocks: {CN: [Facebok]}}\n",
    "hostile": "title: &a [x, x]\nb: &b [*a, *a]\nc: !!python/object/apply:os.system ['true']\n",
    "a long one": HEAD + "policies: []\nnotes: " + "x" * 300 + "\n",
    "nothing but a number": "7\n",
    "a NUL": 'title: "a\\0b"\nstart: 2020-08-01\ndays: 10\npeople: 3000\npolicies: []\n',
    "far away": HEAD.replace("2020-08-01", "9999-12-01") + "policies: []\n",
}


def messages(text: str) -> list[str]:
    """Return what loading a scenario file of this text says, a message a line; one line ``ok`` if
    it loads.
    """
    with TemporaryDirectory() as folder:
        path = Path(folder) / "FILE.yaml"
        path.write_text(text, encoding="utf-8")
        try:
            sn.load(path)
        except Exception as error:
            assert type(error).__name__ == "InputError", repr(error)
            return [line.replace(str(path), "FILE") for line in str(error).splitlines()]
        return ["ok"]


def essence(message: str) -> tuple[str, frozenset[str]]:
    """Return the place of a message, and the words in quotation marks."""
    place = re.match(r"FILE:\d+:\d+", message)
    return place[0] if place else "", frozenset(
        re.findall(r"'([^']+)'", message.replace("FILE:", ""))
    )


if __name__ == "__main__":
    FILE.write_text(
        json.dumps({name: messages(text) for name, text in FILES.items()}, indent=1) + "\n",
        encoding="utf-8",
    )
