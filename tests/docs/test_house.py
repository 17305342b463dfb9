"""The rules of the house in docs/architecture.md and CONTRIBUTING.md, checked in the source."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SIM = ROOT / "sim"

LAYERS = (
    ("core", "errors"),
    ("facts",),
    ("decisions", "measured"),
    ("people", "network"),
    ("policies",),
    ("scenario",),
    ("world",),
    ("actors",),
    ("arm",),
    ("metrics",),
    ("changes",),
    ("engine",),
    ("results",),
    ("text",),
    ("plots",),
    ("experiments",),
    ("app", "cli"),
    ("fit",),
    ("import_name", "__main__"),
)
"""Who may import whom, for types as well: a part imports its own layer and those before it."""
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
SHORTCUTS = ("scenario", "results", "experiments")
"""Parts whose methods may import a higher layer when they are called: `Result.plot`,
`Scenario.to_yaml`.
"""
MOST_LINES = 1_000
NO_IMPORTS = {
    "pickle": "a run folder must never be able to run code",
    "yaml": "it reads NO as false; ruamel.yaml speaks YAML 1.2",
    "random": "chance is counter-based: splinternet.core.chance",
    "mesa.space": "Mesa 4 drops it",
    "mesa.batchrunner": "Mesa 4 drops it",
}
NO_WORDS = tuple(
    "".join(parts) for parts in (("/wo", "rk/"), ("/ro", "ot/"), ("/home", "/"), ("../sha", "red"))
)
"""Paths of some machine, in two pieces so that this file holds none itself."""
TEXTS = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".csv",
    ".json",
    ".toml",
    ".ipynb",
    ".cff",
    ".html",
    ".css",
    "",
}
CACHES = {"__pycache__", ".ipynb_checkpoints", ".venv", ".git", "runs", "build", "dist"}
FILES = sorted(path for path in SIM.rglob("*.py") if not CACHES & set(path.parts))


def dotted(path: Path) -> str:
    """Return the name of a module below ``sim``: ``results.panel``; empty for the package itself."""
    return (
        ".".join(path.relative_to(SIM).with_suffix("").parts).removesuffix("__init__").rstrip(".")
    )


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"), str(path))))


def holds(problems: Iterable[str]) -> None:
    """Fail with all problems of all files at once."""
    found = list(problems)
    assert not found, "\n".join(found)


@cache
def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or package of ``sim``."""
    path = ROOT.joinpath(*name.split("."))
    return name.startswith("sim.") and (path.is_dir() or path.with_suffix(".py").is_file())


def imported(path: Path, some: Iterable[ast.AST]) -> Iterator[str]:
    """Yield every module that some nodes of a file import, those of this project as
    ``sim.results.panel``.
    """
    package = path.relative_to(ROOT).parent.parts
    for child in some:
        if isinstance(child, ast.Import):
            yield from (name.name for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            above = package[: len(package) + 1 - child.level] if child.level else ()
            module = ".".join([*above, *filter(None, [child.module])])
            yield from (
                f"{module}.{name.name}" if is_module(f"{module}.{name.name}") else module
                for name in child.names
            )


@cache
def import_nodes(path: Path) -> tuple[list[ast.AST], set[ast.AST], set[ast.AST]]:
    """Return the imports of a file, and which of them stand in functions and are for types."""
    kinds = ast.Import | ast.ImportFrom
    inside = set[ast.AST]()
    types = set[ast.AST]()
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef):
            inside.update(child for child in ast.walk(node) if isinstance(child, kinds))
        elif isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            types.update(child for child in ast.walk(node) if isinstance(child, kinds))
    return [node for node in nodes(path) if isinstance(node, kinds)], inside, types


@cache
def imports_of_ours(
    path: Path, *, in_functions: bool = False, for_types: bool = True
) -> frozenset[str]:
    """Return the modules of ``sim`` that a file imports in functions, or else at once and, if
    wanted, for types.
    """
    every, inside, types = import_nodes(path)
    left_out = set() if for_types else types
    some = inside if in_functions else (node for node in every if node not in inside | left_out)
    return frozenset(m.removeprefix("sim.") for m in imported(path, some) if m.startswith("sim."))


def allowed(who: str, whom: str) -> bool:
    """Return whether one module of ``sim`` may import another, by their dotted names without
    ``sim.``.
    """
    part, other = who.split(".")[0], whom.split(".")[0]
    return not part or RANK[other] <= RANK[part]


def test_imports_go_one_way() -> None:
    parts = {dotted(path).split(".")[0] for path in FILES} - {""}
    assert parts <= set(RANK), f"give {parts - set(RANK)} a place in LAYERS"
    holds(
        f"sim.{dotted(path)} must not import sim.{whom}"
        for path in FILES
        for whom in imports_of_ours(path)
        if not allowed(dotted(path), whom)
    )


def test_only_shortcuts_import_upwards() -> None:
    holds(
        f"sim.{dotted(path)} imports sim.{whom} in a function: only a shortcut of {', '.join(SHORTCUTS)} may"
        for path in FILES
        for whom in imports_of_ours(path, in_functions=True)
        if not allowed(dotted(path), whom) and dotted(path).split(".")[0] not in SHORTCUTS
    )


def cycles(edges: Mapping[str, AbstractSet[str]]) -> list[set[str]]:
    """Return the groups of modules that import each other, directly or by way of others."""
    reached = {}
    for start in edges:
        seen: set[str] = set()
        waiting = [start]
        while waiting:
            new = edges[waiting.pop()] - seen
            seen |= new
            waiting += new
        reached[start] = seen
    groups = {
        frozenset({m} | {w for w in seen if m in reached[w]})
        for m, seen in reached.items()
        if m in seen
    }
    return [set(group) for group in groups]


def test_cycles_are_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]


def test_no_modules_import_each_other() -> None:
    # Between packages, imports for types count too. Within one, a function may name the class that
    # it works for.
    names = {dotted(path) for path in FILES}
    edges = {}
    for path in FILES:
        who = dotted(path)
        all_imports, at_run_time = imports_of_ours(path), imports_of_ours(path, for_types=False)
        own = {
            whom for whom in all_imports - at_run_time if whom.split(".")[0] == who.split(".")[0]
        }
        edges[who] = all_imports - own - {who} & names
    edges = {who: whom & names for who, whom in edges.items()}
    assert cycles(edges) == []


def test_no_forbidden_import() -> None:
    holds(
        f"sim/{dotted(path)} imports {module}: {why}"
        for path in FILES
        for module in imported(path, nodes(path))
        for name, why in NO_IMPORTS.items()
        if module == name or module.startswith(f"{name}.")
    )


def test_no_print_and_no_assert_and_a_docstring() -> None:
    for path in FILES:
        assert ast.get_docstring(nodes(path)[0]), f"{dotted(path)} has no docstring"  # type: ignore[arg-type]
        for node in nodes(path):
            assert not isinstance(node, ast.Assert), (
                f"{dotted(path)}:{node.lineno}: assert vanishes under python -O"
            )
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                called = node.func.id
                assert called not in ("print", "eval", "exec", "breakpoint"), (
                    f"{dotted(path)}:{node.lineno}: {called}"
                )


def test_no_file_is_too_long_to_read() -> None:
    holds(
        f"{dotted(path)}: {lines} lines; split it by subject"
        for path in FILES
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES
    )


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a fresh Python loads for a statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(json.loads(run.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    "statement",
    [
        "import splinternet",
        "import splinternet.cli",
        "import splinternet; splinternet.load('wechat_as_ordered')",
        "import splinternet.cli as c\ntry: c.main(['check', 'wechat_as_ordered'])\nexcept SystemExit: pass",
    ],
    ids=["the package", "the command line", "loading a scenario", "checking one"],
)
def test_what_must_be_quick_loads_nothing_heavy(statement: str) -> None:
    heavy = {
        "numba",
        "pandas",
        "mesa",
        "xarray",
        "matplotlib",
        "h5netcdf",
        "scipy",
        "networkx",
        "joblib",
        "rich",
    }
    assert not loaded_by(statement) & heavy


def texts() -> Iterator[Path]:
    """Yield every text file that belongs to the project."""
    tops = [
        ROOT / name
        for name in (
            "sim",
            "scenarios",
            "docs",
            "pages",
            "notebooks",
            "bench",
            "studies",
            "tests",
            ".ci",
            ".github",
        )
    ]
    found = [path for top in tops for path in sorted(top.rglob("*"))]
    found += [
        path
        for path in sorted(ROOT.iterdir())
        if path.name != "uv.lock" and not path.name.startswith(".")
    ]
    yield from (
        p
        for p in found
        if p.is_file() and p.suffix in TEXTS and not CACHES & set(p.relative_to(ROOT).parts)
    )


def test_no_file_mentions_a_machine_and_none_is_unfinished() -> None:
    for path in texts():
        text = path.read_text(encoding="utf-8")
        for word in NO_WORDS:
            assert not re.search(re.escape(word) + r"\w", text), (
                f"{path.relative_to(ROOT)} mentions {word}"
            )
        if SIM in path.parents and path.suffix == ".py":
            assert not re.search(r"\b(TODO|FIXME|XXX)\b", text), (
                f"{path.relative_to(ROOT)} is unfinished"
            )
