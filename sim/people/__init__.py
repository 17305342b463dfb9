"""What people do each day: what they value, how they reach it, where they turn, and whom they stay
in touch with.
"""
