"""Every notebook runs from top to bottom, and is stored with the tables and charts of its last
run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))
MOST_BYTES = 500_000
SHORTER = {
    "people=2_000": "people=300",
    "people=1_000": "people=300",
    "range(10)": "range(2)",
    "run_for(364)": "run_for(70)",
    '"people": 4_000': '"people": 1_000',
    "seeds=2, **size": "seeds=1, **size",
    "seeds=2,\n    **size": "seeds=1,\n    **size",
    "(120, 60)": "(60, 30)",
    '{"people": 3_000, "seeds": 2, "jobs": 1, "days": 90}': (
        '{"people": 1_000, "seeds": 1, "jobs": 1, "days": 54}'
    ),
}
"""What is shorter here: in the notebook of plain Python, where a full run takes a minute and the
order begins on day 50, and in those that draw what a small run shows as well."""
PICTURE = re.compile(r"data:image/png;base64,[A-Za-z0-9+/=]+")


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.fixture(scope="module")
def run_in_turn() -> Iterator[Callable[[nbformat.NotebookNode, Path], None]]:
    """Run notebooks one after the other in one Python, as starting one takes longer than most
    notebooks.

    Each starts in a folder of its own and finds no name that another one made.
    """
    client = NotebookClient(nbformat.v4.new_notebook(), timeout=300, kernel_name="python3")

    def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
        fresh = nbformat.v4.new_code_cell(f"%reset_selective -f .\n%cd -q {folder}")
        for each in (nbformat.v4.new_notebook(cells=[fresh]), notebook):
            client.nb = each
            client.execute(cleanup_kc=False)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIM_FAST", "1")
        patch.setenv("PYTHONPATH", str(NOTEBOOKS[0].parent))  # as Jupyter has it there
        yield run
    client.nb = nbformat.v4.new_notebook()
    client.execute()  # ends it


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(
    path: Path, tmp_path: Path, run_in_turn: Callable[[nbformat.NotebookNode, Path], None]
) -> None:
    notebook = read(path)
    for cell in notebook.cells:
        for long, short in SHORTER.items():
            cell.source = cell.source.replace(long, short)
    run_in_turn(notebook, tmp_path)
    shown = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    kinds = {kind for out in shown for kind in out.get("data", {})}
    assert {"image/png", "text/html"} <= kinds, "it shows a chart and a table"
    # tqdm, which Mesa loads, asks for ipywidgets; nothing here draws a bar.
    warned = [
        out.text for out in shown if out.get("name") == "stderr" and "IProgress" not in out.text
    ]
    assert not warned, "it runs without warnings"


def outputs(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [out for cell in notebook.cells for out in cell.get("outputs", ())]


def said(notebook: nbformat.NotebookNode) -> str:
    """Return all that the outputs of a notebook say, without the bytes of pictures."""
    words = []
    for out in outputs(notebook):
        data = out.get("data", {})
        words += [
            out.get("text", ""),
            data.get("text/plain", ""),
            PICTURE.sub("", data.get("text/html", "")),
        ]
    return "\n".join(words)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_with_what_it_shows(path: Path) -> None:
    assert NOTEBOOKS
    notebook = read(path)
    nbformat.validate(notebook)
    shown = outputs(notebook)
    assert {"image/png", "text/html"} <= {kind for out in shown for kind in out.get("data", {})}
    assert {out.output_type for out in shown} <= {"display_data", "execute_result", "stream"}, (
        "no error"
    )
    for cell in notebook.cells:
        if cell.cell_type == "code" and not cell.source.rstrip().endswith(("}", ")")):
            last = cell.source.splitlines()[-1]
            assert cell.outputs or " = " in last or last.startswith(" "), (
                f"nothing is shown of: {last}"
            )
        assert not cell.metadata.get("execution") and cell.get("execution_count") is None
        for out in cell.get("outputs", ()):
            if "image/png" in out.get("data", {}):
                described = out.metadata.get("image/png", {}).get("alt") or cell.metadata.get(
                    "alt", ""
                )
                assert len(described.split()) > 3, cell.source
    assert path.stat().st_size < MOST_BYTES
    assert notebook.cells[0].cell_type == "markdown"
    text = said(notebook)
    assert not re.search(r"(?<![\w.<])/(?:tmp|home|root|work|usr|Users|private)/", text), (
        "a path of a machine"
    )
    assert not re.search(r"Traceback|Warning:.*\.py|it/s|run/s|<House|object at 0x", text)
    assert "interval from 1 seed" not in text, "stored from a small run"
    assert all(out.get("name") != "stderr" for out in shown)
    assert "widgets" not in notebook.metadata
    assert sum(cell.cell_type == "code" for cell in notebook.cells) <= 15, (
        "what computes belongs into the package"
    )


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_opens_with_a_chart(path: Path) -> None:
    first = next(cell for cell in read(path).cells if cell.cell_type == "code")
    shown = [out.get("data", {}) for out in first.outputs]
    assert any("image/png" in data or PICTURE.search(data.get("text/html", "")) for data in shown)


@pytest.mark.parametrize("path", NOTEBOOKS[:9], ids=lambda path: path.stem)
def test_notebook_uses_public_names(path: Path) -> None:
    cells = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    assert not re.search(r"^\s*(?:from|import) splinternet\.", "\n".join(cells), re.MULTILINE)


def test_small_worlds_of_a_case_show_a_shape() -> None:
    """A run with fewer people than by default gives a picture without a number."""
    (cell,) = (
        cell
        for cell in read(NOTEBOOKS[0].with_name("04_splinternet.ipynb")).cells
        if 'sn.run("the_battle"' in cell.source
    )
    (shown,) = cell.outputs
    assert set(shown.data) == {"image/png"}
    assert not re.search(r"\d", shown.metadata["image/png"]["alt"])
