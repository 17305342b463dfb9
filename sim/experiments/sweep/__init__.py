"""A sweep: a scenario run at every point of a grid; its run, its result, its chart."""
