"""The engine: it runs one arm day by day, phase by phase, and writes its record."""
