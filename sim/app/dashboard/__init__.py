"""The dashboard: a page on which a user changes a scenario and sees the number and the picture of
its finding.

``choices`` holds what the user chose and its link, ``answers`` simulates it in the background,
``page`` shows both with Solara, and ``serve`` starts Solara's server behind a guard. Only the last
two import Solara.
"""
