"""The measures of how the Internet falls apart, as the registry declares them; `blocs.py` works them out."""

from __future__ import annotations

from sim.metrics.metric import Metric

FRAGMENTATION = (
    Metric(
        "effective_internets",
        "Effective number of internets",
        "internets",
        (),
        "1 / the sum of squared bloc sizes in internet users: 1 for one Internet, k for k blocs of equal size.",
        form="index",
    ),
    Metric(
        "internets_by_likeness",
        "Effective number of internets, without a threshold",
        "internets",
        (),
        "The inverse of how alike the access of two internet users drawn at random is (Leinster & Cobbold 2012).",
        form="index",
    ),
    Metric(
        "bloc",
        "Bloc of the state",
        "number of its first member",
        ("state",),
        "States whose access to platforms is alike on average (average linkage); those with one number share a bloc.",
        form="index",
    ),
    Metric(
        "access_likeness",
        "Likeness of access between two states",
        "share",
        ("state", "partner"),
        "Of what people of either state get without effort, weighted by the platforms' users, the share that both get.",
        form="share",
    ),
    Metric(
        "blocking_alignment",
        "Likeness of what two states block",
        "share",
        ("state", "partner"),
        "Of the platforms that either state keeps most of its people from, the share that both do (Jaccard).",
        form="share",
    ),
    Metric(
        "platforms_restricted",
        "Platforms that people get less of than on the first day",
        "platforms",
        ("state",),
        "Of the platforms with users anywhere, those that reach the state's people less, slower or not in its stores.",
        form="index",
    ),
    Metric(
        "cascade_size",
        "Measures that followed from those the state began",
        "measures",
        ("state",),
        "Decided measures that answer or copy, directly or through others, a measure that the state began.",
        kind="total",
        form="index",
    ),
    Metric(
        "cascade_depth",
        "Longest chain of measures that the state began",
        "measures",
        ("state",),
        "Length of the longest chain in which each measure answers or copies the one before; 0 where nobody followed.",
        kind="total",
        form="index",
    ),
)
