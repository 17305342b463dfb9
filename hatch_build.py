"""What a build adds: the git commit, as the file ``COMMIT``, the README with links that work on
PyPI, and the bytecode of a clone that is installed in place.
"""

from __future__ import annotations

import compileall
import re
import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#|mailto:)([^)\s]+)\)")


class CommitHook(BuildHookInterface):
    """Adds the commit where it is known; where the clone itself is installed, compiles it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the commit beside ``pyproject.toml`` of a source archive, and into the package of a
        wheel.
        """
        if version == "editable":
            # Where Python may not write bytecode, each process would compile all it loads.
            compileall.compile_dir(Path(self.root, "sim"), quiet=2, workers=0)
            return
        commit = runpy.run_path(str(Path(self.root, "sim", "core", "program.py")))["commit"]()
        if not commit:
            return
        self._folder = tempfile.TemporaryDirectory()
        record = Path(self._folder.name, "COMMIT")
        record.write_text(f"{commit}\n", encoding="utf-8")
        build_data["force_include"][str(record)] = (
            "COMMIT" if self.target_name == "sdist" else "splinternet/COMMIT"
        )


class ReadmeHook(MetadataHookInterface):
    """Makes the relative links of the README absolute, under the address of the source."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Set the README of the package."""
        text = Path(self.root, "README.md").read_text(encoding="utf-8")
        metadata["readme"] = {
            "content-type": "text/markdown",
            "text": absolute(text, metadata["urls"]["Source"], f"v{metadata['version']}"),
        }


def absolute(text: str, source: str, tag: str) -> str:
    """Return a page with absolute links: files at a tag, pictures as the files themselves."""

    def link(found: re.Match[str]) -> str:
        picture, words, path = found.groups()
        return f"{picture}[{words}]({source}/{'raw' if picture else 'blob'}/{tag}/{path})"

    return _LINK.sub(link, text)
