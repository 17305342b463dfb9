"""Cuts of a carrier graph, and rules on it, as plain values that need no array package."""

from __future__ import annotations

from dataclasses import dataclass, fields

ALL = -1
"""As a number of gateways: every one."""


@dataclass(frozen=True)
class PathRule:
    """A state's traffic may not be passed on by some carriers; they can still be its end."""

    state: str
    """The state whose traffic, from it and to it, the rule concerns."""
    carriers: tuple[int, ...] = ()
    """AS numbers of the carriers that may not pass the traffic on."""
    states: tuple[str, ...] = ()
    """States whose carriers may not pass the traffic on."""
    apart: tuple[str, ...] = ()
    """States whose traffic with it the rule leaves alone, whoever passes it on."""


@dataclass(frozen=True)
class Cut:
    """Everything that is cut at one time; ``a | b`` is both."""

    carriers: tuple[tuple[int, str], ...] = ()
    """AS numbers that lose their links with the carriers of a state, or all their links when the
    state is empty or their own.
    """
    links: tuple[tuple[int, int], ...] = ()
    """Links between two AS numbers."""
    gateways: tuple[tuple[str, int], ...] = ()
    """A state, and how many of its gateways abroad are closed, those with most people behind them
    first; `ALL` closes the border.
    """
    pairs: tuple[tuple[str, str], ...] = ()
    """All links between two states."""
    cables: tuple[str, ...] = ()
    """Cables that carry nothing; a state whose last one goes has no border link left."""
    rules: tuple[PathRule, ...] = ()
    """Rules that forbid traffic of a state to cross some carriers."""
    mesh: tuple[str, ...] = ()
    """States all of whose carriers meet at an exchange: those who buy from nobody at home peer with
    one another.
    """
    unpeered: tuple[str, ...] = ()
    """States whose carriers no longer peer with one another, so that their exchanges are gone."""

    def __or__(self, other: Cut) -> Cut:
        """Return both cuts together, in an order of its own, so that equal cuts are equal."""
        both = {
            item.name: tuple(
                sorted({*getattr(self, item.name), *getattr(other, item.name)}, key=repr)
            )
            for item in fields(self)
        }
        return Cut(**both)

    @property
    def at_borders(self) -> tuple[str, ...]:
        """States whose border, gateways or connection to another state the cut names."""
        named = [state for state, _ in self.gateways] + [
            state for pair in self.pairs for state in pair
        ]
        return tuple(sorted(set(named)))

    @property
    def states(self) -> tuple[str, ...]:
        """All states that are named."""
        named = {state for rule in self.rules for state in (rule.state, *rule.states)}
        named |= {state for _, state in self.carriers if state}
        return tuple(sorted({*self.at_borders, *named, *self.mesh, *self.unpeered}))


NOTHING = Cut()
