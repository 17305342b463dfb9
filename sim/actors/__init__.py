"""States and platforms: what they see, how they weigh it, and what they decide, each behaviour a
class of its own.
"""
