"""The source of the numbers in a figure: a run, an experiment, or a table of hindcasts."""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol


class Described(Protocol):
    """A scenario, as the metadata of a file describe it."""

    @property
    def title(self) -> str:
        """What it is about, in a line."""

    @property
    def status(self) -> object:
        """What kind of statement it makes: ``projection``, ``hindcast`` ..."""

    @property
    def digest(self) -> str:
        """Digest of everything that decides its numbers."""


class Facts(Protocol):
    """Where a scenario takes its facts from."""

    @property
    def facts(self) -> object:
        """Name of the set of facts."""


class Simulated(Described, Protocol):
    """A scenario, as the footer of a page describes it."""

    @property
    def people(self) -> int:
        """Simulated people."""

    @property
    def world(self) -> Facts:
        """Where the facts come from."""


class Source(Protocol):
    """What the file of a figure carries: name, identity and version of what it shows."""

    @property
    def name(self) -> str:
        """Name of the scenario."""

    @property
    def run_id(self) -> str:
        """What identifies the run or experiment."""

    @property
    def version(self) -> str:
        """Version of the program."""

    @property
    def commit(self) -> str:
        """Its git commit; empty where it is not known."""

    @property
    def scenario(self) -> Described:
        """The scenario."""


class PageSource(Source, Protocol):
    """What the stamp and the footer of a page read as well."""

    @property
    def scenario(self) -> Simulated:
        """The scenario."""

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the members."""

    @property
    def members(self) -> Sized:
        """The members."""
