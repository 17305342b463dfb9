"""Lives of single simulated people: a member run again from its seed, watched from outside."""
