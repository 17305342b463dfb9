"""People's daily decisions: the value of platforms, access, alternatives, and contact with
relatives.
"""
