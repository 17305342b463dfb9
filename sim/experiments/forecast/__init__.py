"""Forecasts on record: quantiles written down before the outcome is known, and their score afterwards."""
