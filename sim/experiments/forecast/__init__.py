"""Forecasts on record: quantiles written down before anybody knows, and their score once somebody does."""
