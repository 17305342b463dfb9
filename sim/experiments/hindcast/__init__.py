"""Past events, simulated and compared with what was observed: the table of targets, and event files with a score."""
