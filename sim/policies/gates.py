"""Instruments that ask who somebody is at the door of a platform: limits of age, and what their checks cost others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator

from ..errors import Code
from .base import DayInForce, Policy
from .values import Share, parse_int, refuse
from .who import OLDEST, Who

if TYPE_CHECKING:
    from ..people.access import AccessTable


class AgeLimit(Policy):
    """Keeps people under an age off platforms; the others meet a check of their age."""

    CASE = "Accounts from 16 years on in Australia, December 2025; checks at sites for adults in Britain, July 2025"
    EXAMPLE = {"by": "AU", "targets": ["TikTok"], "age": 16, "share_found": 0.5, "obedience": 0.55}
    VERB = "sets a limit of age for"
    BANS = False
    DOSES = ("share_found", "obedience")
    PARAMETERS = ("age_limit", "technique.geoblock")

    age: Annotated[int, Field(ge=1, le=OLDEST), BeforeValidator(parse_int)]
    """The age from which on people may use it; it concerns those under it [years]."""
    applies_to: Literal["accounts", "visits"] = "accounts"
    """What needs the age: an account, as in a social network, or every visit, as at a site without accounts."""
    share_found: Share | None = None
    """Share of the users under the age whom the platform finds [1]; by default `age_limit.share_found`."""
    obedience: Share | None = None
    """Share of those found who stay out; the others find a way in [1]; by default `age_limit.obedience`."""

    @field_validator("who")
    @classmethod
    def _without_age(cls, who: Who | None) -> Who | None:
        """Refuse ages in `who`: the limit itself says which people are too young."""
        if who is not None and who.age is not None:
            allowed = "a share, a community or a region"
            raise refuse("'who' names ages, and so does 'age'", allowed, "age: 16 concerns people under 16", Code.RANGE)
        return who

    def parts(self) -> tuple[Policy, ...]:
        """Return the limit for those under the age, and the check that the others meet."""
        if self._ages() is not None:
            return (self,)
        rest = {} if self.who is None else self.who.model_dump()
        return tuple(
            self.model_copy(update={"who": Who(**{**rest, "age": ages})})
            for ages in ((0, self.age - 1), (self.age, OLDEST))
        )

    @property
    def mark(self) -> str:
        """What the classes of people call those whom it, or a part of it, concerns."""
        ages = self._ages()
        return self.id if ages is None else f"{self.id} {ages[0]}-{ages[1]}"

    def names_age(self) -> bool:
        """Return that it matters how old the users of each platform are."""
        return True

    def apply(self, access: AccessTable, day: DayInForce) -> None:
        """Keep out those found under the age, or of the others those who refuse the check.

        Who is found and obeys stays out, by whatever way. The others find a way: where accounts count, a false age or a
        borrowed account, and no VPN, for an account is closed from every address; where visits count, a VPN alone, for
        a visit from an address abroad meets no check.
        """
        q, ages, by_account = day.setting.parameters, self._ages(), self.applies_to == "accounts"
        if ages is not None and ages[0] >= self.age:
            shut = q[f"age_limit.refuse_{self.applies_to}"]
            by_vpn = q["technique.geoblock.vpn_share"] if by_account else 1.0
        else:
            found = q["age_limit.share_found"] if self.share_found is None else self.share_found
            obey = q["age_limit.obedience"] if self.obedience is None else self.obedience
            shut, by_vpn = (found * obey, 0.0) if by_account else (found, 1.0 - obey)
        if shut <= 0.0:
            return
        for cell in day.cells(self.by, self.targets):
            access.reach[cell] = access.reach[cell].clip(max=1.0 - shut)
            effort = q["technique.geoblock.effort"] * day.setting.always_on[cell[1]]
            access.effort[cell] = max(access.effort[cell], effort)
            access.vpn_share[cell] = min(access.vpn_share[cell], by_vpn)

    def _ages(self) -> tuple[int, int] | None:
        """Return the ages of a part; None for the whole policy."""
        return None if self.who is None else self.who.age


def too_young(policies: Iterable[Policy]) -> frozenset[str]:
    """Return the marks of the people who are under the age of any limit."""
    return frozenset(policy.parts()[0].mark for policy in policies if isinstance(policy, AgeLimit))
