"""People's decisions each day: the value of platforms, access, alternatives, and contact with
relatives.
"""
