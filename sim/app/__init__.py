"""What people look at: the report, the explorer and the live page."""
