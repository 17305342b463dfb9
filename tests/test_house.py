"""The rules of the house, as docs/architecture.md and CONTRIBUTING.md state them, held against the source itself."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SIM = ROOT / "sim"
MOST_ARGUMENTS, MOST_ARGUMENTS_OF_A_KERNEL = 8, 16

LAYERS = (
    ("errors", "chance", "kernels", "handed", "plugins", "plugin_checks", "decisions", "groups"),
    ("facts",),
    ("scenario",),
    ("mechanisms", "network"),
    ("world",),
    ("policies",),
    ("arm", "ledger"),
    ("metrics",),
    ("behaviour",),
    ("engine",),
    ("results", "text"),
    ("experiments",),
    ("app", "cli"),
    ("import_name",),
)
"""Who may import whom: a part imports its own layer and those before it."""
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}

ONLY = {
    "plots": (
        "errors",
        "plugins",
        "plugin_checks",
        "decisions",
        "groups",
        "facts.model",
        "metrics.registry",
        "results",
        "plots",
    ),
    "results": (
        "errors",
        "handed",
        "plugins",
        "decisions",
        "groups",
        "facts",
        "scenario",
        "metrics.registry",
        "results",
        "text",
    ),
}  # fmt: skip
"""Parts that know less than their place would allow: a chart draws a result, a result does not run the model."""
EXCEPTIONS = (
    ("scenario", "policies", "the registry of instruments, which imports none of them by itself"),
    ("scenario", "policies.base", "the keys that all instruments share"),
    ("scenario", "policies.values", "the kinds of value that keys take"),
    ("results", "plots", "a result draws its charts, late"),
    ("results", "app.report", "a result writes its report, late"),
)
"""(who, whom, why): the only imports against the direction."""
LATE = {("results", "plots"), ("results", "app.report")}
"""Exceptions that hold only inside a function."""

VAGUE_NAMES = {
    "base_utils",
    "common",
    "core",
    "helper",
    "helpers",
    "manager",
    "misc",
    "stuff",
    "tools",
    "util",
    "utils",
}
NO_IMPORTS = {
    "pickle": "a run folder must never be able to run code",
    "yaml": "it reads NO as false; ruamel.yaml speaks YAML 1.2",
    "random": "chance is counter-based: sim.chance",
    "mesa.space": "Mesa 4 drops it",
    "mesa.batchrunner": "Mesa 4 drops it",
}
NO_WORDS = tuple(
    "".join(parts)
    for parts in (
        ("/wo", "rk/"),
        ("/ro", "ot/"),
        ("/home", "/"),
        ("../sha", "red"),
        ("/tmp/", "bash"),
        ("/tmp/", "team"),
    )
)
"""Paths of some machine, in two pieces so that this file holds none itself."""
TEXTS = {".py", ".md", ".yaml", ".yml", ".csv", ".json", ".toml", ".ipynb", ".cff", ".html", ".css", ""}
CACHES = {"__pycache__", ".ipynb_checkpoints", ".venv", ".git", "runs", "build", "dist"}

FILES = sorted(path for path in SIM.rglob("*.py") if not CACHES & set(path.parts))


def dotted(path: Path) -> str:
    """Return the name of a module below ``sim``: ``results.panel``; empty for the package itself."""
    return ".".join(path.relative_to(SIM).with_suffix("").parts).removesuffix("__init__").rstrip(".")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def is_for_types_only(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(node: ast.AST, late: bool = False) -> Iterator[tuple[str, bool]]:
    """Yield every module imported below a node, and whether inside a function; what only types need is left out."""
    for child in ast.iter_child_nodes(node):
        if is_for_types_only(child):
            for other in child.orelse:  # type: ignore[attr-defined]
                yield from imports(other, late)
            continue
        if isinstance(child, ast.Import):
            yield from ((name.name, late) for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            module = child.module or ""
            for name in child.names:
                whole = f"{module}.{name.name}"
                yield (whole if is_module(whole) else module), late
        inside = late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from imports(child, inside)


def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or package of ``sim``."""
    path = ROOT.joinpath(*name.split("."))
    return name.startswith("sim.") and (path.is_dir() or path.with_suffix(".py").is_file())


def allowed(who: str, whom: str, late: bool) -> bool:
    """Return whether one module of ``sim`` may import another, by their dotted names without ``sim.``."""
    part, other = who.split(".")[0], whom.split(".")[0]
    if not part or not other:  # the package itself loads its public names late; anybody may ask it for its version
        return late or not part
    for taker, taken, _ in EXCEPTIONS:
        if part == taker and (whom == taken or (taken == "plots" and other == taken)):
            return late or (taker, taken) not in LATE
    if part in ONLY:
        return any(whom == one or whom.startswith(f"{one}.") for one in ONLY[part])
    return RANK[other] <= RANK[part] if other in RANK else part in ("app", "cli", "experiments") and other == "plots"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_imports_go_one_way(path: Path) -> None:
    who = dotted(path)
    assert not who or who.split(".")[0] in {*RANK, *ONLY}, f"sim/{who}: give it a place in LAYERS"
    for module, late in imports(tree(path)):
        if module == "sim" or module.startswith("sim."):
            whom = module.removeprefix("sim").removeprefix(".")
            assert allowed(who, whom, late), f"sim.{who} must not import {module}"


@pytest.mark.parametrize("path", sorted((SIM / "plots").glob("*.py")), ids=dotted)
def test_a_chart_names_no_type_that_it_may_not_import(path: Path) -> None:
    # Else a chart could not be read, or tested, without what runs the model.
    for_types = [node for node in ast.walk(tree(path)) if is_for_types_only(node)]
    for node in for_types:
        for module, late in imports(ast.Module(node.body, [])):  # type: ignore[attr-defined]
            whom = module.removeprefix("sim.")
            assert not module.startswith("sim.") or allowed(dotted(path), whom, late), f"{path.name}: {module}"


def test_every_exception_is_used() -> None:
    used = {
        (dotted(path).split(".")[0], module.removeprefix("sim."))
        for path in FILES
        for module, _ in imports(tree(path))
        if module.startswith("sim.")
    }
    for who, whom, _ in EXCEPTIONS:
        assert any(a == who and (b == whom or b.startswith(f"{whom}.")) for a, b in used), f"{who} -> {whom}: drop it"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_no_forbidden_import(path: Path) -> None:
    for module, _ in imports(tree(path)):
        for name, why in NO_IMPORTS.items():
            assert module != name and not module.startswith(f"{name}."), f"{path.name} imports {module}: {why}"


OPTIONS_BY_NAME = {"attribute", "calibrate", "hindcast", "run", "sensitivity", "sweep", "threshold", "metric"}
"""The public experiments, and the declaration of a metric: what follows their ``*`` are options, given by name."""


def arguments_to_count(node: ast.FunctionDef) -> int:
    """Return how many arguments a function takes that a caller has to know by their place, or may mix up."""
    given = node.args
    places = [one.arg for one in given.posonlyargs + given.args]
    count = len(places) - (places[:1] in (["self"], ["cls"]))
    return count if node.name in OPTIONS_BY_NAME else count + len(given.kwonlyargs)


def most_arguments(node: ast.FunctionDef) -> int:
    """Return how many arguments a function may take."""
    decorators = {ast.unparse(each).partition("(")[0] for each in node.decorator_list}
    if "app.command" in decorators:
        return sys.maxsize  # each is an option that a user may type; typer reads them from the signature
    if decorators & {"kernel", "part", "leaf"}:
        # Arrays that several kernels share are named tuples (Columns, Outcome); the others belong to one kernel alone,
        # and its only caller would make a tuple just to take it apart again.
        return MOST_ARGUMENTS_OF_A_KERNEL
    return MOST_ARGUMENTS


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_no_function_takes_more_arguments_than_a_reader_can_hold(path: Path) -> None:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef):
            count, most = arguments_to_count(node), most_arguments(node)
            assert count <= most, f"{path.name}:{node.lineno}: {node.name} takes {count}; at most {most}: group them"


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("test_*.py")), ids=lambda path: path.stem)
def test_hypothesis_sets_no_deadline(path: Path) -> None:
    for node in ast.walk(tree(path)):
        decorators = [ast.unparse(each) for each in node.decorator_list] if isinstance(node, ast.FunctionDef) else []
        if any(each.startswith("given(") for each in decorators):
            patient = any(each.startswith("settings(") and "deadline=None" in each for each in decorators)
            assert patient, f"{path.name}: {node.name}: a busy machine is slow; set deadline=None"  # type: ignore[attr-defined]


@pytest.mark.parametrize("part", ["mechanisms", "metrics", "network", "world"])
def test_arrays_that_are_returned_have_their_shape_told(part: str) -> None:
    for path in (SIM / part).rglob("*.py"):
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
                continue
            if "ndarray" in ast.unparse(node.returns):
                assert "shape" in (ast.get_docstring(node) or ""), f"{dotted(path)}.{node.name}: which shape?"


@pytest.mark.parametrize("path", FILES, ids=dotted)
def test_no_print_and_no_assert_and_a_docstring(path: Path) -> None:
    module = tree(path)
    assert ast.get_docstring(module), f"{path.name} does not say what it is"
    for node in ast.walk(module):
        called = node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""
        assert called not in ("print", "eval", "exec", "breakpoint"), f"{path.name}:{node.lineno} calls {called}"  # type: ignore[attr-defined]
        assert not isinstance(node, ast.Assert), f"{path.name}:{node.lineno}: an assert vanishes under python -O"


VOCABULARIES = SIM / "facts" / "model.py"


def words(node: ast.AST) -> frozenset[str]:
    """Return the texts of a tuple, list, set or Literal that holds nothing else; of any other node nothing."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith("Literal"):
        node = node.slice
    if not isinstance(node, ast.Tuple | ast.List | ast.Set):
        return frozenset()
    texts = [e.value for e in node.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)]
    return frozenset(texts) if len(texts) == len(node.elts) > 1 else frozenset()


def vocabularies() -> dict[frozenset[str], int]:
    """Return the vocabularies of the model, each with its line."""
    found = {words(node): node.lineno for node in ast.walk(tree(VOCABULARIES)) if isinstance(node, ast.Subscript)}
    keys = [node for node in ast.walk(tree(VOCABULARIES)) if isinstance(node, ast.Dict) and len(node.keys) > 1]
    return {known: line for known, line in found.items() if known} | {
        frozenset(k.value for k in node.keys if isinstance(k, ast.Constant)): node.lineno for node in keys
    }


@pytest.mark.parametrize("path", [p for p in FILES if p != VOCABULARIES], ids=dotted)
def test_each_vocabulary_is_defined_once(path: Path) -> None:
    known = vocabularies()
    assert len(known) >= 5
    for node in ast.walk(tree(path)):
        line = known.get(words(node))
        assert line is None, f"{path.name}:{node.lineno} repeats line {line} of sim/facts/model.py"  # type: ignore[attr-defined]
        rest = isinstance(node, ast.Constant) and node.value == "XX"
        assert not rest, f"{path.name}:{node.lineno} writes out REST_OF_WORLD"  # type: ignore[attr-defined]


OTHER_MEANINGS = {
    "bridge": ("metrics", "plots", "results", "text"),  # a way by which people find each other again
    "lift": ("decisions", "text"),  # the act of a state that takes back what it did
    "throttle": ("facts",),  # a word of the history of restrictions
}
"""Names of instruments that mean something else as well, and the parts where they do."""


@pytest.mark.parametrize("path", [p for p in FILES if p.parent != SIM / "policies"], ids=dotted)
def test_no_instrument_is_named_outside_its_file(path: Path) -> None:
    from sim.policies import instruments

    part = dotted(path).split(".")[0]
    names = {name for name in instruments() if part not in OTHER_MEANINGS.get(name, ())}
    for node in ast.walk(tree(path)):
        named = isinstance(node, ast.Constant) and node.value in names
        assert not named, f"{path.name}:{node.lineno} names an instrument: let its file declare what you need to know"  # type: ignore[attr-defined]


def test_names_say_what_is_inside() -> None:
    vague = {path.stem for path in FILES} & VAGUE_NAMES
    assert not vague, f"rename {vague}"


def loaded_by(statement: str) -> set[str]:
    """Return the top-level packages that a fresh Python loads for a statement."""
    code = f"import json, sys; {statement}; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(run.stdout))


HEAVY = {"numpy", "numba", "pandas", "mesa", "xarray", "matplotlib", "h5netcdf", "scipy", "networkx"}


@pytest.mark.parametrize(
    "statement",
    [
        "import sim",
        "import sim.errors, sim.facts, sim.scenario, sim.policies as p; [p.load(i) for i in p.instruments()]",
        "import sim.cli, sim.cli.app, sim.cli.scenarios, sim.cli.catalogue, sim.cli.runs",
        "import sim; sim.load('wechat_as_ordered')",
        "from sim.metrics.registry import METRICS; assert all(metric.unit for metric in METRICS.values())",
    ],
    ids=["sim", "the light parts", "the command line", "loading a scenario", "what metrics declare"],
)
def test_what_must_be_quick_loads_nothing_heavy(statement: str) -> None:
    assert not loaded_by(statement) & HEAVY


def texts() -> Iterator[Path]:
    """Yield every text file that belongs to the project."""
    tops = [ROOT / name for name in ("sim", "scenarios", "docs", "notebooks", "tests", ".ci", ".github")]
    found = [path for top in tops for path in sorted(top.rglob("*"))]
    found += [path for path in sorted(ROOT.iterdir()) if path.name != "uv.lock" and not path.name.startswith(".")]
    yield from (p for p in found if p.is_file() and p.suffix in TEXTS and not CACHES & set(p.relative_to(ROOT).parts))


def test_no_file_mentions_a_machine() -> None:
    for path in texts():
        text = path.read_text(encoding="utf-8")
        for word in NO_WORDS:
            assert not re.search(re.escape(word) + r"\w", text), f"{path.relative_to(ROOT)} mentions {word}"


def test_no_todo_without_an_issue() -> None:
    pattern = re.compile(r"\b(TODO|FIXME|XXX)\b(?!.*#\d)")
    for path in FILES:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert not pattern.search(line), f"{path.name}:{number}: {line.strip()}"


def test_the_docs_tell_the_same_direction() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for part in RANK:
        if any(dotted(path).split(".")[0] == part for path in FILES):
            assert f"`{part}`" in told, f"docs/architecture.md does not place {part}"
