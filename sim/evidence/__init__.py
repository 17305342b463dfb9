"""The model against the record of past events: replays and their scores, calibration, forecasts put
on record.
"""
