"""The texts of the program: functions from values to English. The program never parses these
texts.
"""
