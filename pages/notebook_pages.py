"""Run the notebooks and store them with their outputs; make pages of the site from the stored
notebooks.

``uv run python pages/notebook_pages.py`` runs all of them at full size, which takes many minutes;
names after it select some, and ``--clean`` tidies stored notebooks without running them. A stored
notebook has every table and chart, but nothing that differs between runs: no progress bar, no time
stamp, no execution count. Pictures are stored with a palette, at a third of their size, so that a
repository can hold them.
"""

from __future__ import annotations

import base64
import os
import re
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any

import made_of

from splinternet.app.pages import with_palette

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "notebooks"
MADE_OF = "made_of"
"""Key of the digests of its inputs in the metadata of a notebook."""
LONGEST = 3_600
"""Longest duration of one cell [s] (assumption)."""
_INLINE = re.compile(r"data:image/png;base64,([A-Za-z0-9+/=]+)")
_STYLE = re.compile(r"<style scoped>.*?</style>", re.DOTALL)
_BAR = "application/vnd.jupyter.widget-view+json"
STYLE = Path(__file__).with_name("notebook.css")


def stored() -> list[Path]:
    """Return the notebooks in reading order."""
    return sorted(FOLDER.glob("*.ipynb"))


def read(path: Path) -> Any:
    """Return a notebook."""
    import nbformat

    return nbformat.read(path, as_version=4)


def write(path: Path, notebook: Any) -> None:
    """Store a notebook, one key a line as Jupyter does."""
    import nbformat

    nbformat.validate(notebook)
    nbformat.write(notebook, path)


def execute(path: Path) -> Any:
    """Run a notebook from top to bottom at full size, in an empty folder, and return it cleaned.

    Raises
    ------
    nbclient.exceptions.CellExecutionError
        A cell fails.
    ValueError
        A cell writes a warning.
    """
    from nbclient import NotebookClient

    notebook = read(path)
    with tempfile.TemporaryDirectory() as empty:
        places = {"metadata": {"path": empty}}
        beside = os.environ | {"PYTHONPATH": str(FOLDER)}  # like Jupyter in that folder
        NotebookClient(
            notebook, timeout=LONGEST, kernel_name="python3", resources=places, record_timing=False
        ).execute(env=beside)
    notebook.metadata[MADE_OF] = made_of.notebook_parts(code(notebook))
    return clean(notebook)


def code(notebook: Any) -> list[str]:
    """Return the code of a notebook, cell by cell."""
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def clean(notebook: Any) -> Any:
    """Remove everything that differs between runs from an executed notebook, and make its pictures
    smaller.

    Raises
    ------
    ValueError
        A cell wrote a warning: correct the notebook instead.
    """
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.execution_count = None
        for out in cell.outputs:
            if out.get("name") == "stderr":
                raise ValueError(f"a cell writes a warning: {out.text}")
        cell.outputs = [_clean(out) for out in cell.outputs if _BAR not in out.get("data", {})]
    return notebook


def _clean(out: Any) -> Any:
    """Return an output without its number, with smaller pictures, and with plain text only if it
    has no richer form.
    """
    if "execution_count" in out:
        out["execution_count"] = None
    data = out.get("data", {})
    if "image/png" in data:
        data["image/png"] = _small(data["image/png"])
    if "text/html" in data:
        data["text/html"] = _INLINE.sub(
            lambda found: f"data:image/png;base64,{_small(found[1])}", data["text/html"]
        )
    if {"image/png", "text/html"} & set(data):
        data.pop("text/plain", None)
    return out


def _small(picture: str) -> str:
    """Return a PNG with a palette, in base 64."""
    return base64.b64encode(with_palette(base64.b64decode(picture))).decode("ascii")


def page(path: Path, folder: Path) -> Path:
    """Write a stored notebook as a page in Markdown, with its pictures as files beside it; return
    the page.

    Parameters
    ----------
    path : Path
        The notebook.
    folder : Path
        The folder of the page.
    """
    notebook = read(path)
    folder.mkdir(parents=True, exist_ok=True)
    pictures = _Pictures(folder, path.stem)
    title, *rest = notebook.cells
    style = f"<style>\n{STYLE.read_text(encoding='utf-8')}</style>"
    parts = [title.source, _note(path.name), style]
    for cell in rest:
        if cell.cell_type == "markdown":
            parts.append(cell.source)
        elif cell.source.strip():
            parts.append(f"```python\n{cell.source}\n```")
            alternative = cell.metadata.get("alt", "Chart that the code above draws")
            parts += [shown for out in cell.outputs for shown in _shown(out, pictures, alternative)]
    made = folder / f"{path.stem}.md"
    made.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    return made


def _note(name: str) -> str:
    return (
        f"This page shows the stored `notebooks/{name}` with its outputs. To run and change it in a clone: "
        f"`uv run --extra notebook jupyter lab notebooks/{name}`."
    )


class _Pictures:
    """Writes the pictures of a page into files and counts them."""

    def __init__(self, folder: Path, stem: str) -> None:
        self.folder = folder
        self.stem = stem
        self.count = 0

    def put(self, picture: str) -> str:
        """Write a PNG given in base 64 and return the name of its file."""
        self.count += 1
        name = f"{self.stem}_{self.count}.png"
        (self.folder / name).write_bytes(base64.b64decode(picture))
        return name


def _shown(out: Any, pictures: _Pictures, alternative: str) -> Iterator[str]:
    """Yield the parts of an output on a page: its richest form, and a default text for a
    picture.
    """
    data = out.get("data", {})
    if "text/html" in data:
        html = _INLINE.sub(lambda found: pictures.put(found[1]), _STYLE.sub("", data["text/html"]))
        yield f'<div class="nb-output">\n{html.strip()}\n</div>'
    elif "image/png" in data:
        alternative = out.metadata.get("image/png", {}).get("alt") or alternative
        name = pictures.put(data["image/png"])
        yield f'<div class="nb-output">\n<img alt="{escape(alternative)}" src="{name}" loading="lazy">\n</div>'
    else:
        text = out.get("text") or data.get("text/plain", "")
        if text.strip():
            yield f'<div class="nb-output"><pre><code>{escape(text.rstrip())}</code></pre></div>'


def store(paths: Iterable[Path], *, run: bool = True) -> None:
    """Run notebooks, or only tidy them, store them and print the size of each."""
    for path in paths:
        write(path, execute(path) if run else clean(read(path)))
        sys.stdout.write(f"{path.name}: {path.stat().st_size / 1000:,.0f} kB\n")
        sys.stdout.flush()


def main() -> None:
    """Run the requested notebooks, or all, and store them."""
    parser = ArgumentParser(description=__doc__)
    names = [path.stem for path in stored()]
    parser.add_argument(
        "names", nargs="*", choices=[*names, []], metavar="NAME", help="notebooks; by default all"
    )
    parser.add_argument("--clean", action="store_true", help="only tidy stored notebooks")
    given = parser.parse_args()
    store(
        [path for path in stored() if not given.names or path.stem in given.names],
        run=not given.clean,
    )


if __name__ == "__main__":
    main()
