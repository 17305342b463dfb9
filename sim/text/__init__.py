"""The texts of the program: functions from values to English. No other part of the program parses
these texts.
"""
