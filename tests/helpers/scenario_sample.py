"""A scenario that uses every part of the format, for the tests to break."""

from __future__ import annotations

SAMPLE = """\
title: A sample that uses every part of the format
status: projection
start: 2020-08-01
days: 120
people: 20_000
seed: 3
world:
  facts: world-2020
  penetration: {US: {WeChat: {CN: 0.9, other: 0.001}, TikTok: 0.25}}
  vpn_share: {Germany: 0.16}
  internet_users: {DE: 70_000_000}
  platforms:
    Mastodon: {owner: Mastodon gGmbH, home: DE, kind: feed, penetration: {DE: 0.01}}
    X: {evasion: 0.1}
  states:
    TR: {ios_share: 0.2}
  blocks: {CN: [WhatsApp, Facebook]}
policies:
  - id: wechat-ban
    announced: 2020-08-06
    "on": 2020-09-20
    by: United States
    instrument: transaction_ban
    targets: [Weixin]
    reference: Executive Order 13943
  - {id: stay, instrument: injunction, by: US, policy: wechat-ban, on: 2020-09-20, until: 2020-11-01}
  - {id: slow, instrument: throttle, by: [TR, Russia], targets: [Twitter], on: 2020-10-01, share: 0.5}
  - {id: stores, instrument: store_removal, by: US, targets: TikTok, on: 2020-09-27, stores: [Google Play]}
  - {id: wall, instrument: block, by: RU, targets: [LinkedIn, Mastodon], on: 2020-10-05, technique: isp}
  - {id: "off", instrument: lift, by: RU, policy: wall, on: 2020-11-05}
behaviour: {platforms: false, targets: false}
parameters: {choice.review_days: 14, stickiness.feed: 0.5}
uncertain: {choice.review_days: {low: 7, high: 28}, world.vpn_share.DE: {low: 0.1, high: 0.3}}
sweep: {policies.wechat-ban.on: [2020-09-20, 2020-11-12]}
measure: [family_contact_lost, active_users]
"""
