"""Count code that is packed: ``uv run python -m tests.packing`` prints what is new and writes the
table.

``tests/docs/packed.csv`` holds what is left of each rule by folder; it only shrinks. A folder that
is not in the table has none.
"""

from __future__ import annotations

import ast
import csv
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "docs" / "packed.csv"
FOLDERS = ("sim", "bench", "tests", "pages", "notebooks")
MOST_COLUMNS = 100
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
CHANGES = {
    "add",
    "append",
    "clear",
    "discard",
    "extend",
    "insert",
    "pop",
    "popitem",
    "remove",
    "setdefault",
    "update",
}
"""Methods that change the object they are called on."""


def files() -> list[Path]:
    """Return the Python files under the rules."""
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    return sorted(path for path in found if ".venv" not in path.parts)


def conditions(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that stand inside a condition."""
    for node in ast.walk(tree):
        if isinstance(node, ast.If | ast.While | ast.IfExp | ast.Assert):
            yield from ast.walk(node.test)
        elif isinstance(node, ast.comprehension):
            for test in node.ifs:
                yield from ast.walk(test)
        elif isinstance(node, ast.match_case) and node.guard is not None:
            yield from ast.walk(node.guard)


def is_swap(node: ast.Assign) -> bool:
    """Return whether an assignment exchanges values: ``a, b = b, a``."""
    target, value = node.targets[0], node.value
    assert isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)
    return {ast.unparse(part) for part in target.elts} == {ast.unparse(p) for p in value.elts}


def binds_several(node: ast.AST) -> bool:
    """Return whether a node assigns several values at once: ``a, b = 1, 2``."""
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Tuple)
        and isinstance(node.targets[0], ast.Tuple)
        and not is_swap(node)
    )


def nests_conditions(node: ast.AST) -> bool:
    """Return whether a conditional expression has another one as a value."""
    return isinstance(node, ast.IfExp) and any(
        isinstance(part, ast.IfExp) for part in (node.body, node.orelse)
    )


def multiplies_text(node: ast.AST) -> bool:
    """Return whether a text is multiplied by a truth value."""
    if not (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)):
        return False
    ends = (node.left, node.right)
    is_text = any(isinstance(end, ast.Constant) and isinstance(end.value, str) for end in ends)
    return is_text and any(isinstance(e, ast.Compare | ast.BoolOp | ast.UnaryOp) for e in ends)


def changes_inside(node: ast.AST) -> bool:
    """Return whether a comprehension changes an object; numpy's functions return copies."""
    return isinstance(node, COMPREHENSIONS) and any(
        isinstance(part, ast.Call)
        and isinstance(part.func, ast.Attribute)
        and part.func.attr in CHANGES
        and ast.unparse(part.func.value) != "np"
        for part in ast.walk(node)
    )


RULES = {
    "assignment of several values": binds_several,
    "nested conditional expression": nests_conditions,
    "text times a truth value": multiplies_text,
    "side effect in a comprehension": changes_inside,
}


LOOKED_AT = (ast.NamedExpr, ast.Assign, ast.IfExp, ast.BinOp, *COMPREHENSIONS)
"""The nodes that a rule may find."""


def packed(tree: ast.Module) -> Iterator[str]:
    """Yield the rule for each place of a module that breaks one."""
    nodes = [node for node in ast.walk(tree) if isinstance(node, LOOKED_AT)]
    if any(isinstance(node, ast.NamedExpr) for node in nodes):
        allowed = {id(node) for node in conditions(tree)}
        for node in nodes:
            if isinstance(node, ast.NamedExpr) and id(node) not in allowed:
                yield "walrus outside a condition"
    for node in nodes:
        yield from (rule for rule, breaks in RULES.items() if breaks(node))


def top_names(tree: ast.Module) -> Iterator[str]:
    """Yield the classes and public constants that a module defines at its top level."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                for part in ast.walk(target):
                    if isinstance(part, ast.Name) and part.id.isupper():
                        yield part.id


def folder(path: Path) -> str:
    """Return the folder that a file counts for: its first two, or the file's own."""
    parts = path.relative_to(ROOT).parent.parts
    return "/".join(parts[:2])


def counts() -> Counter[tuple[str, str]]:
    """Return how often each rule is broken, by rule and folder."""
    found: Counter[tuple[str, str]] = Counter()
    named: dict[str, list[str]] = {}
    for path in files():
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        place = folder(path)
        found.update((rule, place) for rule in packed(tree))
        found["long line", place] += sum(len(line) > MOST_COLUMNS for line in text.splitlines())
        if place.startswith("sim"):
            for name in set(top_names(tree)):
                named.setdefault(name, []).append(place)
    for places in named.values():
        found.update(("name defined twice", place) for place in places[1:])
    return +found


def stored() -> Counter[tuple[str, str]]:
    """Return the counts of the table."""
    with TABLE.open(encoding="utf-8", newline="") as opened:
        return Counter(
            {(row["rule"], row["folder"]): int(row["count"]) for row in csv.DictReader(opened)}
        )


def main() -> int:
    """Print what is new and write what is left; a count never rises."""
    now = counts()
    before = stored() if TABLE.exists() else now
    new = {key: (before[key], n) for key, n in now.items() if n > before[key]}
    for (rule, place), (was, n) in sorted(new.items()):
        sys.stdout.write(f"{place}: {rule}: {n}, {was} before\n")
    with TABLE.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened, lineterminator="\n")
        table.writerow(["rule", "folder", "count"])
        table.writerows(
            [*key, min(n, before[key])] for key, n in sorted(now.items()) if before[key]
        )
    return bool(new)


if __name__ == "__main__":
    sys.exit(main())
