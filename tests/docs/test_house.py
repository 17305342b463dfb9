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
MOST_ARGUMENTS, MOST_ARGUMENTS_OF_A_KERNEL = 8, 16

LAYERS = (
    (
        "errors",
        "chance",
        "compiled",
        "cut",
        "kernels",
        "handed",
        "plugins",
        "plugin_checks",
        "groups",
        "sampled",
        "shipped",
        "threads",
    ),
    ("facts",),
    ("decisions", "measured"),
    ("scenario",),
    ("mechanisms", "people", "network"),
    ("world",),
    ("policies",),
    ("arm", "ledger"),
    ("metrics",),
    ("behaviour",),
    ("engine",),
    ("results",),
    ("text",),
    ("plots",),
    ("experiments",),
    ("app", "cli"),
    ("import_name",),
)
"""Who may import whom, late and for types as well: a part imports its own layer and those before it."""
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}

_NUMBERS = (
    "errors",
    "handed",
    "plugins",
    "groups",
    "sampled",
    "facts",
    "decisions",
    "scenario",
    "metrics.metric",
    "metrics.registry",
    "results",
)
ONLY = {
    "results": _NUMBERS,
    "text": (*_NUMBERS, "policies", "policies.base", "text"),
    "plots": ("errors", "plugins", "plugin_checks", "groups", "facts.model", "decisions", "metrics.registry", "results",
              "text", "plots"),
}  # fmt: skip
"""Parts that know less than their place allows: a chart draws a result, a result does not run the model."""
EXCEPTIONS = (
    ("scenario", "policies", "the registry of instruments, which imports none of them by itself"),
    ("scenario", "policies.base", "the keys that all instruments share"),
    ("scenario", "policies.values", "the kinds of value that keys take"),
)
"""(who, whom, why): the only imports against the direction."""
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


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file."""
    return tuple(ast.walk(tree(path)))


def holds(problems: Iterable[str]) -> None:
    """Fail with all problems of all files at once."""
    found = list(problems)
    assert not found, "\n".join(found)


def imports(path: Path) -> Iterator[str]:
    """Yield every module that a file imports, whether at once, late or for types only."""
    return imported(nodes(path))


def imported(some: Iterable[ast.AST]) -> Iterator[str]:
    """Yield every module that some nodes import."""
    for child in some:
        if isinstance(child, ast.Import):
            yield from (name.name for name in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            module = child.module or ""
            for name in child.names:
                whole = f"{module}.{name.name}"
                yield whole if is_module(whole) else module


def ours(modules: Iterable[str]) -> frozenset[str]:
    """Return those of some modules that are in ``sim``, without ``sim.``; empty for the package itself."""
    return frozenset(m.removeprefix("sim").removeprefix(".") for m in modules if m == "sim" or m.startswith("sim."))


@cache
def imports_in_functions(path: Path) -> frozenset[str]:
    """Return the modules of ``sim`` that a file imports when a function is called, without ``sim.``."""
    inside = (child for f in nodes(path) if isinstance(f, ast.FunctionDef) for child in ast.walk(f))
    return ours(imported(inside))


@cache
def imports_of_ours(path: Path) -> frozenset[str]:
    """Return the modules of ``sim`` that a file imports at once or for types, without ``sim.``."""
    inside = {child for f in nodes(path) if isinstance(f, ast.FunctionDef) for child in ast.walk(f)}
    return ours(imported(node for node in nodes(path) if node not in inside))


def is_module(name: str) -> bool:
    """Return whether a dotted name is a module or package of ``sim``."""
    path = ROOT.joinpath(*name.split("."))
    return name.startswith("sim.") and (path.is_dir() or path.with_suffix(".py").is_file())


def allowed(who: str, whom: str) -> bool:
    """Return whether one module of ``sim`` may import another, by their dotted names without ``sim.``."""
    part, other = who.split(".")[0], whom.split(".")[0]
    if not part or not other:  # the package loads its public names; anybody may ask it for its version
        return True
    if any(part == taker and whom == taken for taker, taken, _ in EXCEPTIONS):
        return True
    if part in ONLY:
        return any(whom == one or whom.startswith(f"{one}.") for one in ONLY[part])
    return RANK[other] <= RANK[part]


def test_imports_go_one_way() -> None:
    named = {dotted(path) for path in FILES}
    holds(f"sim/{who}: give it a place in LAYERS" for who in sorted(named) if who and who.split(".")[0] not in RANK)
    holds(
        f"sim.{dotted(path)} must not import sim.{whom}"
        for path in FILES
        for whom in imports_of_ours(path)
        if not allowed(dotted(path), whom)
    )


def test_what_is_against_the_direction_is_found() -> None:
    assert allowed("engine.day", "world.build") and not allowed("world.build", "engine.day")
    with pytest.raises(AssertionError, match="one"):
        holds(iter(["one", "two"]))


def edges_of_ours() -> dict[str, frozenset[str]]:
    """Return which other modules of ``sim`` each one imports."""
    names = {dotted(path) for path in FILES}
    return {dotted(path): imports_of_ours(path) & names - {dotted(path)} for path in FILES}


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
    groups = {frozenset({m} | {w for w in seen if m in reached[w]}) for m, seen in reached.items() if m in seen}
    return [set(group) for group in groups]


def test_cycles_are_found() -> None:
    assert cycles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}) == [{"b", "c"}]


def test_no_modules_import_each_other() -> None:
    # Imports for types count too: modules that need each other are one subject in several files.
    assert list(cycles(edges_of_ours())) == []


def test_every_exception_is_used() -> None:
    used = {(dotted(path).split(".")[0], whom) for path in FILES for whom in imports_of_ours(path)}
    for who, whom, _ in EXCEPTIONS:
        assert (who, whom) in used, f"{who} -> {whom}: drop it"


def calls(function: str) -> Iterator[tuple[str, ast.Call]]:
    """Yield module and call of every call of a function by its plain name."""
    for path in FILES:
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function:
                yield dotted(path), node


SHORTCUTS = ("scenario", "results", "experiments")
"""Parts whose methods may import a higher layer when they are called: `Result.plot`, `Scenario.to_yaml`."""


def test_only_shortcuts_import_upwards() -> None:
    holds(
        f"sim.{dotted(path)} imports sim.{whom} in a function: only a shortcut of {', '.join(SHORTCUTS)} may"
        for path in FILES
        for whom in imports_in_functions(path)
        if not allowed(dotted(path), whom) and dotted(path).split(".")[0] not in SHORTCUTS
    )


LOADS_BY_NAME = {
    "": "the public names of the package",
    "results": "the public names of results",
    "plugins": "items of a catalogue, each in its own file",
    "experiments.charts": "the charts of each kind of experiment, beside its result",
    "cli": "the modules of the commands",
    "cli.app": "the module of a command",
    "experiments.ready": "what a worker needs, loaded in the background",
}
"""Modules that import others of the package by a name in a text, and what for."""


def test_nothing_else_loads_a_module_of_ours_by_name() -> None:
    for path in FILES:
        for node in nodes(path):
            by_name = isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module")
            if by_name and dotted(path) not in LOADS_BY_NAME:
                names = ast.unparse(node.args[0])  # type: ignore[attr-defined]
                assert "sim" not in names, f"{path.name}:{node.lineno}: import it"  # type: ignore[attr-defined]


def test_no_forbidden_import() -> None:
    holds(
        f"sim/{dotted(path)} imports {module}: {why}"
        for path in FILES
        for module in imports(path)
        for name, why in NO_IMPORTS.items()
        if module == name or module.startswith(f"{name}.")
    )


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


def functions(path: Path) -> list[ast.FunctionDef]:
    """Return the functions of a file, inner ones and methods too."""
    return [node for node in nodes(path) if isinstance(node, ast.FunctionDef)]


def test_no_function_takes_more_arguments_than_a_reader_can_hold() -> None:
    holds(
        f"{dotted(path)}:{node.lineno}: {node.name} takes {arguments_to_count(node)}; "
        f"at most {most_arguments(node)}: group them"
        for path in FILES
        for node in functions(path)
        if arguments_to_count(node) > most_arguments(node)
    )


def is_impatient(node: ast.FunctionDef) -> bool:
    """Return whether a function is a test of hypothesis that a busy machine can fail."""
    decorators = [ast.unparse(each) for each in node.decorator_list]
    patient = any(each.startswith("settings(") and "deadline=None" in each for each in decorators)
    return any(each.startswith("given(") for each in decorators) and not patient


def test_hypothesis_sets_no_deadline() -> None:
    files = {path: functions(path) for path in sorted((ROOT / "tests").rglob("test_*.py"))}
    assert any(ast.unparse(each).startswith("given(") for f in files.values() for n in f for each in n.decorator_list)
    holds(
        f"{path.name}: {node.name}: a busy machine is slow; set deadline=None"
        for path, found in files.items()
        for node in found
        if is_impatient(node)
    )


@pytest.mark.parametrize("part", ["people", "metrics", "network", "world"])
def test_arrays_that_are_returned_have_their_shape_told(part: str) -> None:
    for path in (SIM / part).rglob("*.py"):
        for node in tree(path).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
                continue
            declared = any(ast.unparse(d).startswith("metric(") for d in node.decorator_list)  # it names the dimensions
            if "ndarray" in ast.unparse(node.returns) and not declared:
                assert "shape" in (ast.get_docstring(node) or ""), f"{dotted(path)}.{node.name}: which shape?"


def test_no_print_and_no_assert_and_a_docstring() -> None:
    holds(f"{dotted(path)} does not say what it is" for path in FILES if not ast.get_docstring(tree(path)))
    for function in ("print", "eval", "exec", "breakpoint"):
        holds(f"{who}:{node.lineno} calls {function}" for who, node in calls(function))
    holds(
        f"{dotted(path)}:{node.lineno}: an assert vanishes under python -O"
        for path in FILES
        for node in nodes(path)
        if isinstance(node, ast.Assert)
    )


VOCABULARIES = SIM / "facts" / "model.py"


def words(node: ast.AST) -> frozenset[str]:
    """Return the texts of a tuple, list, set or Literal that holds nothing else; of any other node nothing."""
    if isinstance(node, ast.Subscript) and "Literal" in (
        getattr(node.value, "id", ""),
        getattr(node.value, "attr", ""),
    ):
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


def test_each_vocabulary_is_defined_once() -> None:
    known = vocabularies()
    assert len(known) >= 5
    others = [path for path in FILES if path != VOCABULARIES]
    holds(
        f"{dotted(path)}:{node.lineno} repeats line {known[words(node)]} of sim/facts/model.py"
        for path in others
        for node in nodes(path)
        if isinstance(node, ast.Subscript | ast.Tuple | ast.List | ast.Set) and words(node) in known
    )
    holds(
        f"{dotted(path)}:{node.lineno} writes out REST_OF_WORLD"
        for path in others
        for node in nodes(path)
        if isinstance(node, ast.Constant) and node.value == "XX"
    )


OTHER_MEANINGS = {
    "bridge": ("metrics", "plots", "results", "text"),  # a way by which people find each other again
    "lift": ("decisions", "text"),  # the act of a state that takes back what it did
    "throttle": ("facts",),  # a word of the history of restrictions
}
"""Names of instruments that mean something else as well, and the parts where they do."""


def test_no_instrument_is_named_outside_its_file() -> None:
    from sim.policies import instruments

    known = set(instruments())
    assert set(OTHER_MEANINGS) <= known
    holds(
        f"{dotted(path)}:{node.lineno} names an instrument: let its file declare what you need to know"
        for path in FILES
        if path.parent != SIM / "policies"
        for node in nodes(path)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in known
        and dotted(path).split(".")[0] not in OTHER_MEANINGS.get(node.value, ())
    )


WORDED = ("text", "plots", "app", "cli")
"""The parts that make and lay out text."""
READERS = {
    "behaviour.standing": "a firm's name at the start of the names of its stores and clouds, from the fact tables",
    "behaviour.repertoire": "a firm's name at the start of the names of its clouds, from the fact tables",
    "decisions.decision": "the name of a target, made into an id",
    "errors": "what a user typed, beside what is allowed",
    "experiments.calibration.report": "the parameters' table as a file, and its column source",
    "experiments.calibration.space": "names of parameters, as scenarios and the fact tables write them",
    "experiments.executors": "the traceback of Python",
    "experiments.memory": "what Linux says of memory, and of an error without a number",
    "experiments.processes": "names of modules",
    "experiments.watch": "what Linux says of a process",
    "facts.addresses": "the labels of a host",
    "facts.limits": "names of parameters",
    "facts.names": "names, as a user or a table writes them",
    "facts.network": "a cell of a table",
    "facts.overlay": "the header and cells of tables",
    "facts.own": "the names of worlds and files",
    "facts.own_check": "lines of tables",
    "facts.read": "cells of tables",
    "facts.record": "a cell of a table",
    "facts.table": "lines and cells of tables",
    "facts.worlds": "the year in the name of a folder",
    "groups": "the labels of groups, as users and files write them",
    "handed": "names of Python",
    "compiled": "names of files",
    "measured.ooni": "addresses in files of other projects",
    "measured.records": "files of other projects",
    "scenario.answers": "what a user typed",
    "scenario.draft": "names, as YAML reads them",
    "scenario.interview": "what a user typed",
    "metrics.metric": "the unit that a metric declares",
    "network.cut_words": "a cut, as a user types it",
    "network.growth": "names of parameters",
    "network.reading": "files of other projects",
    "plugin_checks": "names of Python",
    "plugins": "names of modules and files",
    "shipped": "names of scenarios, and lines of their files",
    "policies.checks": "the summary that an instrument declares",
    "policies.instrument": "names of Python",
    "experiments.attribution.result": "keys of stored outcomes",
    "experiments.calibration.figures": "names of cases, as a user types them",
    "experiments.calibration.stored": "a list of numbers in a cell of a table",
    "results.arrays": "the unit of a time axis, as the CF conventions write it",
    "results.opening": "a log, as lines that are shown again",
    "results.archive": "names of entries in an archive",
    "results.panel": "names of entries in an archive",
    "scenario.own_facts": "the path of a folder, as a user types it",
    "scenario.scene": "paths of what is drawn, as users write them",
    "scenario.which_facts": "a change, as a user types it",
    "experiments.sensitivity.result": "keys of stored outcomes",
    "experiments.sweep.result": "paths of a scenario",
    "experiments.threshold.result": "keys of stored outcomes",
    "scenario.draws": "names of parameters, as the fact tables write them",
    "scenario.explain": "paths of a scenario",
    "scenario.files": "names of files, as a user types them",
    "scenario.json_schema": "references in a JSON Schema",
    "scenario.load": "PATH=VALUE, as a user types it",
    "scenario.messages": "the choices in a message of pydantic, which gives them as text only",
    "scenario.names": "paths of a scenario, as a user types them",
    "scenario.new": "the name of a file, and texts to be quoted in YAML",
    "scenario.rules": "codes of states, as a user types them",
    "scenario.schema": "the title of a scenario, made into a name",
    "scenario.tree": "characters that UTF-8 cannot hold, in what a user wrote",
    "scenario.yaml_text": "YAML",
    "world.build": "names of parameters",
    "world.setting": "names of parameters",
}
"""Modules outside `WORDED` that take text apart, and whose text it is: a user's, a file's, a name; never a sentence."""
TAKES_APART = {
    *("startswith", "endswith", "split", "rsplit", "partition", "rpartition", "removeprefix", "removesuffix"),
    *("splitlines", "match", "fullmatch", "search", "findall", "finditer", "sub", "subn"),
}
NAMES_WITH_SPACES = {
    "scenario.messages": "a space in a key",
    "world.setting": "the name of a data centre",
}
"""Modules outside `WORDED` that compare a text with a space in it, and what the text is."""


def is_worded(path: Path) -> bool:
    """Return whether a module makes or lays out text; the charts of experiments stand beside their results."""
    return dotted(path).split(".")[0] in WORDED or (path.parent.parent.name, path.name) == ("experiments", "chart.py")


def takes_apart(path: Path) -> list[int]:
    """Return the lines on which a module takes text apart."""
    called = [n for n in nodes(path) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    return [n.lineno for n in called if n.func.attr in TAKES_APART and ast.unparse(n.func.value) != "np"]  # type: ignore[attr-defined]


def compares_sentences(path: Path) -> list[int]:
    """Return the lines on which a module compares something with a text that has a space in it."""
    compared = [each for each in nodes(path) if isinstance(each, ast.Compare)]
    constants = [part for each in compared for part in ast.walk(each) if isinstance(part, ast.Constant)]
    return [part.lineno for part in constants if isinstance(part.value, str) and " " in part.value]


def test_the_program_does_not_read_its_own_text() -> None:
    others = {dotted(path): path for path in FILES if not is_worded(path)}
    holds(
        f"{who}:{apart}: pass a value; text is made last"
        for who, path in others.items()
        if who not in READERS and (apart := takes_apart(path))
    )
    holds(
        f"{who}:{compared}: compare values, not sentences"
        for who, path in others.items()
        if who not in NAMES_WITH_SPACES and (compared := compares_sentences(path))
    )


def test_every_reader_of_text_is_one() -> None:
    by_name = {dotted(path): path for path in FILES}
    for name in READERS:
        assert name in by_name and takes_apart(by_name[name]), f"take {name} off READERS"
    for name in NAMES_WITH_SPACES:
        assert name in by_name and compares_sentences(by_name[name]), f"take {name} off NAMES_WITH_SPACES"


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
    allowed = {"numpy"} if "METRICS" in statement else set()  # a metric is declared where it is calculated
    assert not loaded_by(statement) & HEAVY - allowed


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


def test_the_docs_give_the_same_direction() -> None:
    told = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for part in RANK:
        if any(dotted(path).split(".")[0] == part for path in FILES):
            assert f"`{part}`" in told, f"docs/architecture.md does not place {part}"
