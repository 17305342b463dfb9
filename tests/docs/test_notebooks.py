"""Every notebook runs from top to bottom, and is stored without what it printed."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIM_FAST", "1")
    notebook = read(path)
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    shown = [out for cell in notebook.cells for out in cell.get("outputs", ())]
    kinds = {kind for out in shown for kind in out.get("data", {})}
    assert {"image/png", "text/html"} <= kinds, "it shows a chart and a table"
    # tqdm, which Mesa loads, asks for ipywidgets; nothing here draws a bar.
    said = [out.text for out in shown if out.get("name") == "stderr" and "IProgress" not in out.text]
    assert not said, "it runs without warnings"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_is_stored_clean(path: Path) -> None:
    notebook = read(path)
    nbformat.validate(notebook)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count is None and not cell.outputs for cell in code), "strip its outputs"
    assert notebook.cells[0].cell_type == "markdown"
    assert len(code) <= 15, "a notebook shows; what computes belongs into the package"


def test_there_is_a_notebook() -> None:
    assert NOTEBOOKS
