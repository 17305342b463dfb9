"""How a figure is saved: PNG, SVG, PDF and GIF, with the run, its status and the version inside."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ..core.program import program_stamp
from ..errors import InputError, Problem
from ..results.files import write_bytes
from ..text.numbers import STATUS
from .style import house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .page import Source

_PACKED = 3
"""How hard a PNG is packed, as zlib counts: charts are no larger than at its default of 6, and done a tenth sooner."""
GIF_DPI, _COLOURS, _PICTURES = 80, 128, 24
"""Of the pictures of an animation, and how many it has of a chart over time."""
BY_DAY = "by day"
"""The label, in matplotlib's sense, of axes over the days of a run."""


def save_png(figure: Figure, stream: IO[bytes], result: Source) -> None:
    """Write a figure as PNG; it carries the run, its status and the version, and no time stamp."""
    _save(figure, stream, "png", _metadata(result), pil_kwargs={"compress_level": _PACKED})


def save_svg(figure: Figure, stream: IO[bytes], result: Source) -> None:
    """Write a figure as SVG, letters as outlines so that it looks the same anywhere; it carries what a PNG does."""
    about = _metadata(result)
    # SVG knows the words of Dublin Core alone: the program that made it is the creator.
    words = {**{key: about[key] for key in ("Title", "Description", "Source")}, "Creator": about["Software"]}
    _save(figure, stream, "svg", {**words, "Date": None})


def save_pdf(figure: Figure, stream: IO[bytes], result: Source) -> None:
    """Write a figure as PDF, with letters that can be selected; it carries what a PNG does."""
    about = _metadata(result)
    words = {"Title": about["Title"], "Subject": about["Source"], "Creator": about["Software"]}
    _save(figure, stream, "pdf", {**words, "CreationDate": None})


def _save(figure: Figure, stream: IO[bytes], form: str, metadata: dict[str, Any], **keys: Any) -> None:
    """Write a figure in the house style; a figure of the user's own whole, with what stands outside its axes."""
    from .page import DPI, House

    whole: dict[str, Any] = {"dpi": "figure"} if isinstance(figure, House) else {"bbox_inches": "tight", "dpi": DPI}
    with house_style():
        figure.savefig(stream, format=form, metadata=metadata, **whole, **keys)


_WRITERS = {".png": save_png, ".svg": save_svg, ".pdf": save_pdf}
_IN_FOLDERS = (".png", ".svg")


def save_figure(figure: Figure, path: Path, result: Source) -> None:
    """Write a figure into a file whose name says the form.

    Parameters
    ----------
    figure : Figure
        What to write.
    path : Path
        A file ending in ``.png``, ``.svg`` or ``.pdf``; its folder is made where it is missing.
    result : Result or Experiment
        The run it shows.

    Raises
    ------
    InputError
        When the name ends otherwise.
    """
    writer = _WRITERS[check_form(path)]
    stream = io.BytesIO()
    writer(figure, stream, result)
    write_bytes(path, stream.getvalue())


def check_form(path: Path) -> str:
    """Return the ending of a file for a figure.

    Raises
    ------
    InputError
        When the name ends otherwise than in ``.png``, ``.svg`` or ``.pdf``.
    """
    ending = path.suffix.lower()
    if ending not in _WRITERS:
        found = f"'{path.name}' does not say what kind of picture to write"
        raise InputError(Problem("--out", found, f"a name that ends in {', '.join(_WRITERS)}", f"{path.stem}.png"))
    return ending


def save_animation(figures: Iterable[Figure], path: Path, result: Source, *, seconds: float = 0.4) -> None:
    """Write figures one after the other into an animated GIF.

    Parameters
    ----------
    figures : iterable of Figure
        All of one size.
    path : Path
        A file ending in ``.gif``; its folder is made where it is missing.
    result : Result or Experiment
        The run they show.
    seconds : float
        How long each stands; the last three times as long [s].
    """
    from PIL import Image

    pictures = []
    for figure in figures:
        stream = io.BytesIO()
        with house_style():
            figure.savefig(stream, format="png", dpi=GIF_DPI)
        pictures.append(Image.open(stream).convert("RGB"))
    # One palette for all pictures, of the first and the last: a colour of the legend is the same in each.
    both = Image.new("RGB", (pictures[0].width, 2 * pictures[0].height))
    both.paste(pictures[0], (0, 0))
    both.paste(pictures[-1], (0, pictures[0].height))
    palette = both.quantize(_COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    first, *others = [each.quantize(palette=palette, dither=Image.Dither.NONE) for each in pictures]
    stands = [round(1000 * seconds)] * (len(pictures) - 1) + [round(3000 * seconds)]
    about = _metadata(result)
    out = io.BytesIO()
    first.save(out, format="GIF", save_all=True, append_images=others, duration=stands, loop=0,
               comment=f"{about['Title']}; {about['Source']}; {about['Software']}".encode())  # fmt: skip
    write_bytes(path, out.getvalue())


def day_by_day(figure: Figure, over_time: Sequence[Axes]) -> Iterator[Figure]:
    """Yield a chart over time with what is drawn up to each of so many days; the words at its end come last."""
    from matplotlib.patches import Rectangle

    for shown in (at / (_PICTURES - 1) for at in range(_PICTURES)):
        for axes in over_time:
            first, last = axes.get_xlim()
            width = (last - first) * (2.0 if shown == 1.0 else shown)
            window = Rectangle((first, -1.0), width, 3.0, transform=axes.get_xaxis_transform())
            for artist in (*axes.lines, *axes.collections):
                artist.set_clip_on(True)
                artist.set_clip_path(window)
            for text in axes.texts:
                text.set_alpha(float(shown == 1.0))
        yield figure


def save_forms(figure: Figure, folder: Path, name: str, result: Source) -> list[Path]:
    """Write a figure into a folder, made where it is missing, as PNG and SVG, and return the files."""
    paths = [folder / f"{name}{ending}" for ending in _IN_FOLDERS]
    for path in paths:
        save_figure(figure, path, result)
    return paths


def _metadata(result: Source) -> dict[str, Any]:
    """Return what a PNG says of itself."""
    return {
        "Title": f"{result.scenario.title} ({result.scenario.status})",
        "Description": STATUS.get(str(result.scenario.status), ""),
        "Source": f"scenario {result.name}, digest {result.scenario.digest}, run {result.run_id}",
        "Software": program_stamp(result.version, result.commit),
    }
