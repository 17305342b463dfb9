"""The dashboard: a page on which one changes a scenario and watches the days go by.

``choices`` hold what is chosen, ``session`` lives through the days, ``charts`` draw what has come of it, ``page`` joins
them in the browser. Only ``page`` and ``serve`` know Solara.
"""
