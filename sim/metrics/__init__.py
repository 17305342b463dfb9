"""Metrics: one function each, on arrays, and the registry that names them."""
