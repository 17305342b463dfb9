"""The keys of a community, a named group within a state, in a scenario."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from sim.errors import Code
from sim.facts.model import REST_OF_WORLD
from sim.groups import USERS, is_community
from sim.policies.values import PlatformName, Platforms, Share, StateCode, Text, number, refuse
from sim.scenario.part import Part

MOST_OF_STATE = 0.5
"""Largest share of a state's people that a community can be: who is more is not within it, but the state."""


def _community(text: str) -> str:
    """Refuse what cannot name a community."""
    if text == USERS:
        found = f"'{USERS}' names the users of targeted platforms, which the model samples apart"
        raise refuse(found, "another name", "Tibetans, say")
    if not is_community(text):
        allowed = "letters, digits, blanks and hyphens, and a letter first"
        raise refuse(f"'{text}' cannot name a community", allowed, "Tibetans, say")
    return text


CommunityName = Annotated[Text, Field(max_length=40), AfterValidator(_community)]
Migrants = Annotated[float, Field(ge=1, le=1e9), BeforeValidator(number)]


class CommunityKeys(Part):
    """A named group within a state: a share of its people with their own platforms, blocks and diaspora."""

    share: Annotated[float, Field(ge=1e-6, le=MOST_OF_STATE), BeforeValidator(number)]
    """Share of the state's people who belong to it [1]."""
    platforms: Mapping[PlatformName, Share] = Field(default_factory=dict)
    """Share of its internet users who used a platform in the last 30 days [1]; those around them for any other."""
    blocks: Platforms = ()
    """What is blocked for them in both arms, from before the first day on, beside what is blocked in the state."""
    fear: Share = 0.0
    """Share of its families who have ended contact with kin abroad on all platforms before the first day [1]."""
    diaspora: Mapping[StateCode, Migrants] = Field(default_factory=dict)
    """People who come from it, by the state where they live [persons]; no longer counted as from the state at large."""

    @field_validator("diaspora")
    @classmethod
    def _has_places(cls, diaspora: Mapping[str, float]) -> Mapping[str, float]:
        """Refuse a diaspora that lives in the rest of the world, which is no one place."""
        if REST_OF_WORLD in diaspora:
            raise refuse("a diaspora in the rest of the world (XX)", "a state", "leave it out", Code.INVALID)
        return diaspora
