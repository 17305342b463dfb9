"""The world before the first day: who is in it, who talks to whom, and what works."""
