"""Causal processes as pure functions and kernels on arrays, one subject per file."""
