"""A calibration: the shared parameters fitted to past events; its run, its result, its charts."""
