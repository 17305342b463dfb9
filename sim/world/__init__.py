"""The world before the first day: the people, their ties, and the access to platforms."""
