"""Pages for readers: the report, the explorer and the live page."""
