"""Experiments: pairs of arms, ensembles of pairs, and what is asked of them."""
