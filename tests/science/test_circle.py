"""Growth goes on among people who have lost nothing: they follow their circle, and nobody else
does.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from conftest import AT_ONCE, block, scenario

from splinternet.engine.model import Model

QUICK = {
    "technique.dpi.coverage": 1.0,
    "fear.principle": 1.0,
    "choice.join_rate": 0.2,
    "choice.saturation": 0.0,
} | AT_ONCE


@cache
def joined(
    bandwagon: float, policies: bool = True, beside: str = "", **more: float
) -> tuple[int, int, int]:
    """Return how many people in Russia without WhatsApp took up Telegram, did so without anybody of
    theirs, and are.

    With ``beside`` only those who use that platform.
    """
    ban = block(by="RU", targets=["WhatsApp"])
    parameters = (
        QUICK
        | {"choice.bandwagon": bandwagon}
        | {f"choice.{name}": value for name, value in more.items()}
    )
    model = Model(
        scenario([ban] if policies else [], days=90, people=3_000, parameters=parameters),
        collect=False,
    )
    model.run_for(90)
    names, people, start = model.setting.platforms, model.person, model.columns.start
    whatsapp, telegram = (1 << names.index(name) for name in ("WhatsApp", "Telegram"))
    here = people["state"] == model.setting.states.index("RU")
    spared = np.flatnonzero(here & (people["first_member"] & (whatsapp | telegram) == 0))
    if beside:
        spared = spared[people["first_member"][spared] & 1 << names.index(beside) != 0]
    new = spared[people["member"][spared] & telegram != 0]
    alone = [
        i
        for i in new
        if not (
            people["member"][model.columns.packed[start[i] : start[i + 1]] >> 1] & telegram
        ).any()
    ]
    return len(new), len(alone), len(spared)


def test_who_lost_nothing_follows_the_circle() -> None:
    few, _, spared = joined(0.0)
    many, alone, _ = joined(0.5)
    assert few < 0.02 * spared, "without the rule nobody whose app works looks for another"
    assert many > few + 0.05 * spared
    assert alone <= 0.02 * many, "they follow somebody"


def test_where_nobody_moves_nobody_follows() -> None:
    assert joined(0.5, policies=False)[0] == 0


def test_who_uses_one_like_it_already_follows_less() -> None:
    anew, beside = (joined(0.5, beside="Viber", substitutability=share)[0] for share in (0.0, 0.9))
    assert 0 < beside < 0.4 * anew, "Telegram adds less to Viber, the more Viber stands in for it"
    assert joined(0.5, substitutability=0.9)[0] > beside
