"""A figure that a notebook shows by itself, made with matplotlib's object interface: no global state."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matplotlib.figure import Figure

if TYPE_CHECKING:
    from .source import Source


class House(Figure):
    """A matplotlib figure in the house style.

    Parameters
    ----------
    result : Source
        The run or experiment it shows; its name, status and version go into the file.
    **keys
        As for `matplotlib.figure.Figure`.

    Attributes
    ----------
    shows_nothing : bool
        Whether it only says that there is nothing to show.
    """

    def __init__(self, *, result: Source, **keys: Any) -> None:
        super().__init__(**keys)
        self.result = result
        self.shows_nothing = False

    @property
    def title(self) -> str:
        """The finding that heads it, in one line."""
        return " ".join(self.texts[0].get_text().split()) if self.texts else ""

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        """Return the figure as PNG and its finding as alternative text, for a notebook."""
        from .saving import save_png

        stream = io.BytesIO()
        save_png(self, stream, self.result)
        return stream.getvalue(), {"alt": self.title}
