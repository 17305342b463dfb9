"""Past events replayed and held against what was observed: the table of targets, and event files with a score."""
