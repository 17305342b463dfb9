"""Tools for all parts of the model: random numbers, compiled functions, groups of people, cuts of
the graph.
"""
