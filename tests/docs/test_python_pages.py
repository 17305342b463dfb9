"""The pages for programmers: every public name is explained, and code shown there imports
`splinternet` alone.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
import tomllib
from functools import cached_property
from importlib.metadata import packages_distributions
from pathlib import Path

import splinternet as sn

ROOT = Path(__file__).resolve().parents[2]


def test_every_public_name_is_explained() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    parts = dict(re.findall(r"^### sn\.(\w+)\n(.*?)(?=^### |\Z)", page, re.DOTALL | re.MULTILINE))
    assert set(parts) == set(sn.__all__)
    for name, text in parts.items():
        value = getattr(sn, name)
        if inspect.isfunction(value):
            missing = [
                each for each in inspect.signature(value).parameters if f"{each}" not in text
            ]
            assert not missing, f"{name}: {missing}"
        assert len(text.split()) > 8, name


def test_properties_are_shown_as_properties() -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    page = page.partition("### sn.Result\n")[2].partition("### ")[0]
    shown = set(re.findall(r"^- `(\w+)`: ", page, re.MULTILINE))
    called = set(re.findall(r"^- `(\w+)\(\)`: ", page, re.MULTILINE))
    read = {
        name
        for name in dir(sn.Result)
        if isinstance(inspect.getattr_static(sn.Result, name), property | cached_property)
    }
    assert {"about", "series", "seeds"} <= read & shown
    assert not read & called, "their parentheses would be an error"


def test_type_checkers_know_every_public_name() -> None:
    """They do not follow what is loaded when it is first used: the imports for them stand apart."""
    tree = ast.parse((ROOT / "sim" / "__init__.py").read_text(encoding="utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    known = {
        name.asname or name.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for name in node.names
    }
    assert known == set(sn.__all__)


ALONG = {
    "llvmlite": "numba",
    "markupsafe": "jinja2",
    "networkx": "mesa",
    "pydantic-core": "pydantic",
    "pydantic_core": "pydantic",
    "solara-ui": "solara",
    "solara-server": "solara",
    "starlette": "solara",
    "threadpoolctl": "scikit-learn",
    "uvicorn": "solara",
}
"""Packages that always come along with a declared one, which is of no use without them."""


def test_whatever_is_imported_is_declared() -> None:
    """A package that only comes along with another one may stay away tomorrow."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = [*project["dependencies"], *(line for extra in extras for line in extra)]
    declared = {re.split(r"[^\w.-]", line)[0].lower() for line in wanted}
    assert set(ALONG.values()) <= declared
    declared |= {*ALONG, "sim", "splinternet"}
    packages = packages_distributions()
    undeclared = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in (ROOT / "sim").rglob("*.py")
        for name in imported(path)
        if name not in sys.stdlib_module_names
        and not declared & {each.lower() for each in packages.get(name, [name.replace("_", "-")])}
    }
    assert not undeclared


def imported(path: Path) -> set[str]:
    """Return the packages that a module imports."""
    found = set[str]()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_studies_use_public_names() -> None:
    """What a study imports of the program is what the reference of Python promises to keep."""
    promised = (
        "splinternet",
        "splinternet.policies",
        "splinternet.decisions",
        "splinternet.facts.model",
    )
    found = {
        (path.name, name)
        for path in (ROOT / "notebooks" / "studies").glob("*.py")
        for name in re.findall(
            r"^\s*(?:from|import) (splinternet[\w.]*)",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    assert len({path for path, _ in found}) > 5
    assert not {(path, name) for path, name in found if name not in promised}


def test_what_is_shown_imports_the_public_name() -> None:
    shown = [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "notebooks").rglob("*.ipynb"),
    ]
    shown += [*(ROOT / "notebooks").rglob("*.py"), *(ROOT / "pages").glob("*.py")]
    of_folder = re.compile(r"^[\s\"]*(?:from sim[. ]|import sim\b(?!`))", re.MULTILINE)
    found = [
        path.relative_to(ROOT)
        for path in shown
        if of_folder.search(path.read_text(encoding="utf-8"))
    ]
    assert not found
