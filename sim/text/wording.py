"""Sentences: every one that a run prints is a template in ``templates/``, which an editor can read from top to bottom.

A file holds macros, which are sentences with names in double braces, and tables of short texts by code.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_SENTENCES = Environment(  # noqa: S701 - plain text; what makes HTML of it escapes it
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@lru_cache
def _module(file: str) -> Any:
    return _SENTENCES.get_template(f"{file}.j2").module


def sentence(file: str, name: str, **values: Any) -> str:
    """Return a sentence of a file, on one line, with its values filled in; a value that is missing is an error."""
    return " ".join(str(getattr(_module(file), name)(**values)).split())


def table(file: str, name: str) -> dict[Any, str]:
    """Return a table of short texts of a file, by code."""
    texts: dict[Any, str] = getattr(_module(file), name)
    return texts
