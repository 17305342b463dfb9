"""Lives of single simulated people: one member is run again from its seed and observed."""
