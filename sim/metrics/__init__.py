"""Metrics: functions of one arm at the end of a day, in one file for each subject."""
