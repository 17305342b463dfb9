"""Cuts of a carrier graph, and rules on it, as plain values that need no array package."""

from __future__ import annotations

from dataclasses import dataclass, fields

ALL = -1
"""Number of gateways that stands for all of them."""


@dataclass(frozen=True)
class PathRule:
    """A rule that some carriers may not pass on a state's traffic; they can still send or receive
    it.
    """

    state: str
    """The state to whose traffic, in both directions, the rule applies."""
    carriers: tuple[int, ...] = ()
    """AS numbers of the carriers that may not pass the traffic on."""
    states: tuple[str, ...] = ()
    """States whose carriers may not pass the traffic on."""
    apart: tuple[str, ...] = ()
    """States to which the rule does not apply: traffic with them may cross any carrier."""


@dataclass(frozen=True)
class Cut:
    """Everything that is cut at one time; ``a | b`` joins two cuts."""

    carriers: tuple[tuple[int, str], ...] = ()
    """AS numbers, each with a state: the carrier loses its links with carriers of the state, or all
    its links when the state is empty or its own.
    """
    links: tuple[tuple[int, int], ...] = ()
    """Links between two AS numbers."""
    gateways: tuple[tuple[str, int], ...] = ()
    """States, each with the number of its gateways that are closed, those with most people behind
    them first; `ALL` closes the border.
    """
    pairs: tuple[tuple[str, str], ...] = ()
    """All links between two states."""
    cables: tuple[str, ...] = ()
    """Cables that carry nothing; a state without any working cable has no border link left."""
    rules: tuple[PathRule, ...] = ()
    """Rules that keep a state's traffic off some carriers."""
    mesh: tuple[str, ...] = ()
    """States all of whose carriers meet at an exchange: carriers without a provider at home peer
    with one another.
    """
    unpeered: tuple[str, ...] = ()
    """States without exchanges: their carriers no longer peer with one another."""

    def __or__(self, other: Cut) -> Cut:
        """Return both cuts as one, with sorted items, so that equal cuts compare as equal."""
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
        """All states that the cut names."""
        named = {state for rule in self.rules for state in (rule.state, *rule.states)}
        named |= {state for _, state in self.carriers if state}
        return tuple(sorted({*self.at_borders, *named, *self.mesh, *self.unpeered}))


NOTHING = Cut()
