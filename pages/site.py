"""Build the site of the documentation, with warnings as errors: ``uv run python pages/site.py``.

The landing page is the gallery: every shipped scenario, run in a small world, which takes minutes.
``--stored`` uses the last gallery, if any, and runs nothing.

The pages link to each other as files do, from ``docs/`` to ``README.md`` and
``sim/facts/SOURCES.md`` and back, so that they can be read where the code is. The builder needs
them in one folder: they are copied to ``build/pages``, and the site is written to ``build/site``.
The README becomes ``start.md``, because the builder would make a ``README.md`` the landing page.
The stored notebooks, with their outputs, are pages too.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GATHERED = "build/pages"
GALLERY = "build/gallery"
SITE = "build/site"
LANDING = "index.md"
START = "start.md"
_README = re.compile(r"(\]\((?:\.\./)*)README\.md")
_NOTEBOOK = re.compile(r"(\]\((?:\.\./)*(?:notebooks/)?\w+)\.ipynb")
sys.path.append(str(Path(__file__).resolve().parent))  # the scripts of this folder


def gather(root: Path = ROOT) -> list[Path]:
    """Copy every page, notebook and image into one folder with the same paths, and return the
    copied pages.
    """
    import gallery
    import notebook_pages

    folder = root / GATHERED
    shutil.rmtree(folder, ignore_errors=True)
    found = [
        *root.glob("*.md"),
        root / "sim" / "facts" / "SOURCES.md",
        root / "LICENSE",
        root / "CITATION.cff",
    ]
    found += [path for path in (root / "docs").rglob("*") if path.suffix in (".md", ".png", ".svg")]
    pages = [folder / LANDING]
    for path in found:
        copied = folder / path.relative_to(root)
        copied.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix != ".md":
            shutil.copyfile(path, copied)
            continue
        copied = folder / START if path == root / "README.md" else copied
        copied.write_text(_in_the_site(path.read_text(encoding="utf-8")), encoding="utf-8")
        pages.append(copied)
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        made = notebook_pages.page(path, folder / "notebooks")
        made.write_text(_in_the_site(made.read_text(encoding="utf-8")), encoding="utf-8")
        pages.append(made)
    pages[0].write_text(gallery.landing(gallery.stored(root / GALLERY)), encoding="utf-8")
    return pages


def _in_the_site(text: str) -> str:
    """Return a page with links to the README and to notebooks as on the site."""
    return _NOTEBOOK.sub(r"\1.md", _README.sub(rf"\1{START}", text))


def build(root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Gather the pages and build the site; the exit code is not 0 if the builder gives a warning.

    The gallery that was built last and the explorers of the stored cases are added to it.
    """
    import explorer

    gather(root)
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)  # noqa: S603
    if (root / GALLERY).is_dir():
        shutil.copytree(root / GALLERY, root / SITE / "gallery", dirs_exist_ok=True)
    explorer.pages(root / SITE / "explorer")
    return done


def main() -> None:
    """Build the gallery, unless the stored one is used, then the site."""
    import gallery

    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--stored", action="store_true", help="use the last gallery; run nothing")
    if not parser.parse_args().stored:
        gallery.build(gallery.names())
    done = build()
    sys.stdout.write(done.stdout + done.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
