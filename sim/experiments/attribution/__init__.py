"""An attribution: the Shapley share of each policy in an effect; its run, its result, its chart."""
