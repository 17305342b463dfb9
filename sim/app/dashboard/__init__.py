"""The dashboard: a page on which a user changes a scenario and watches its days being simulated.

``choices`` holds what the user chose, ``session`` simulates the days, ``charts`` draws the results, and ``page`` joins
them in the browser. Only ``page`` and ``serve`` import Solara.
"""
