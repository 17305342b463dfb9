"""Metrics: each a function of one arm at the end of a day, declared where it is calculated; one
file a subject.
"""
