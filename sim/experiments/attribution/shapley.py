"""Shapley shares (Shapley 1953): the attribution of a loss to several policies, with exact arithmetic.

The share of a policy is the mean of what it adds, over all orders in which the policies could be added. Values are
doubles, that is, integer multiples of a power of two. All sums here are sums of integers, and only the final result is
rounded.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction


def exact_shares(values: Sequence[float], n: int) -> list[Fraction]:
    """Return the share of each player from the values of all subsets.

    Parameters
    ----------
    values : sequence of float
        2^n values; the value of a subset stands at the number whose bits are its players.
    n : int
        Number of players.
    """
    whole, scale = _whole(values)
    weights = [math.factorial(size) * math.factorial(n - size - 1) for size in range(n)]
    sums = [0] * n
    for subset in range(1 << n):
        for player in range(n):
            bit = 1 << player
            if not subset & bit:
                sums[player] += weights[subset.bit_count()] * (whole[subset | bit] - whole[subset])
    return [Fraction(total, math.factorial(n)) * scale for total in sums]


def sampled_shares(values: Mapping[int, float], orders: Sequence[Sequence[int]]) -> list[list[Fraction]]:
    """Return what each player adds in each order, the shares of which are estimates; each order sums to the total.

    Parameters
    ----------
    values : mapping of int to float
        The value of every subset that an order passes through.
    orders : sequence of sequence of int
        Orders of the players.
    """
    found = []
    for order in orders:
        added, subset = [Fraction(0)] * len(order), 0
        for player in order:
            after = subset | 1 << player
            added[player] = Fraction(values[after]) - Fraction(values[subset])
            subset = after
        found.append(added)
    return found


def mean_of(shares: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    """Return the exact mean of several lists of shares, player by player."""
    return [sum(some, Fraction(0)) / len(shares) for some in zip(*shares, strict=True)]


def closed(shares: Sequence[Fraction]) -> tuple[list[float], float]:
    """Return shares as doubles that sum to their total to the last digit, and the total.

    Shares are cut to whole numbers of the total's last binary digit and what is left over goes, digit by digit, to
    those that lost most by the cut (the method of largest remainders, as seats are shared out by votes). Where all
    shares have one sign, adding them up in any order gives the total; otherwise an exact sum (``math.fsum``) does. A
    share of zero stays zero.

    Parameters
    ----------
    shares : sequence of Fraction
        Exact shares.
    """
    total = float(sum(shares, Fraction(0)))
    largest = max((abs(float(share)) for share in shares), default=0.0)
    if largest == 0.0:
        return [0.0] * len(shares), total
    # Large shares may cancel to a small total. The last digit of the largest share is then the unit of rounding.
    digit = Fraction(max(math.ulp(total), math.ulp(largest)))
    cut = [math.floor(share / digit) for share in shares]
    left = round(Fraction(total) / digit) - sum(cut)
    by_loss = sorted(range(len(shares)), key=lambda i: (cut[i] * digit - shares[i], i))
    for i in by_loss[: max(0, left)]:
        cut[i] += 1
    return [float(part * digit) for part in cut], float(round(Fraction(total) / digit) * digit)


def _whole(values: Sequence[float]) -> tuple[list[int], Fraction]:
    """Return doubles as whole numbers of one unit, and the unit."""
    ratios = [value.as_integer_ratio() for value in values]
    unit = max(below for _, below in ratios)
    return [above * (unit // below) for above, below in ratios], Fraction(1, unit)
