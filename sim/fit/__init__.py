"""The fit: parameters, weights and stored forecasts, and the task files of the bench.

``python -m splinternet.fit COMMAND --help`` says what each command does. No other part of the model
imports this one.
"""
