"""Experiments: pairs of arms, ensembles of pairs, and analyses of ensembles."""
