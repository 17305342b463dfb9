"""A sensitivity analysis: the parameters on which an effect depends; its run, its result, its chart."""
