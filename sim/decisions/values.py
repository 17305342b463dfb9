"""The parts of acts and reasons: a code, and the target."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Aim:
    """What a decision is aimed at.

    Attributes
    ----------
    name : str
        A platform, a firm, or the code of a state.
    sector : str
        Of a firm that is no platform: ``carrier``, ``cloud``, ``phones``; empty otherwise.
    """

    name: str
    sector: str = ""

    @property
    def label(self) -> str:
        """The name, with the sector where there is one: a firm can earn in several."""
        return f"{self.name} ({self.sector})" if self.sector else self.name


class Coded:
    """A value that is stored under a code; each of `Act` and `Reason` keeps a table of its own."""

    code: ClassVar[str]
    known: ClassVar[dict[str, type[Any]]]

    def __init_subclass__(cls, code: str = "", **keys: Any) -> None:
        super().__init_subclass__(**keys)
        if not code:
            cls.known = {}
            return
        if code in cls.known and cls.known[code].__qualname__ != cls.__qualname__:
            raise ValueError(f"{cls.__qualname__}: the code '{code}' belongs to {cls.known[code].__qualname__}")
        cls.code = code
        cls.known[code] = cls
