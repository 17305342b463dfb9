"""A threshold: where along a path an effect passes a level; its run, its result, its chart."""
