"""The fit: parameters, weights and stored forecasts, and the task files of the bench.

``python -m splinternet.fit COMMAND --help`` describes each command. No other part of the model
imports this package.
"""
