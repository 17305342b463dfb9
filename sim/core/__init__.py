"""What every part of the model uses: random numbers, compiled functions, groups of people, cuts of
the graph.
"""
