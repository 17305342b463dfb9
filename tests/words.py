"""Words and forms that this project does not use, and how many of them are left in texts written before the rule.

``uv run python -m tests.words`` lists them by file and line and lowers the numbers in ``old_texts.json``; it never
raises one for a file that has not been renamed.
"""

from __future__ import annotations

import io
import json
import re
import sys
import tokenize
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OLD = Path(__file__).with_name("old_texts.json")

INSTEAD = {
    r"noughts?": "zero, none",
    r"tell|tells|told|telling": "show, report, name; to distinguish",
    r"not to be had": "unavailable",
    r"[Ss]o (?:says|say|said|does|do|is it|are they)\b": "the usual order: subject, verb",
    r"[Nn]or (?:does|do|is|are|has|have|can|will)\b": "and ... not; a new sentence",
    r"(?:says|say) (?:the|a) (?:table|law|court|source|model|rule|scenario|author)s?": "the usual order: subject, verb",
    r"hangs? on|hanging on": "depends on",
    r"h(?:old|olds|olding|eld) (?:\w+ )?against": "compare with",
    r"liv(?:e|es|ed|ing) through": "simulate, run",
    r"afresh|anew": "again, newly",
    r"what (?:\w+ ){0,3}makes? of (?:it|them|these|those|tasks)": "the result, the outcome",
    r"whoever|whatsoever|whomever": "the process, the person, anything that",
    r"lest|hitherto|heretofore|whence|wherein|thereof|therein|albeit|whereupon": "a common word",
    r"for ever": "forever, without end",
    r"less (?:the )?first|less that of": "difference (B - A), minus",
    r"is (?:as|like) yesterday|as yesterday": "unchanged",
    r"dull rivals?": "simple baselines",
    r"(?:is|are|was|were) dear\b": "expensive, takes time",
    r"of one's own|one's own": "your own",
    r"it has it that|would have it": "state, claim",
    r"last words": "the last line, the final message",
    r"go(?:es)? on with|went on with": "continue",
    r"of which more": "see ...",
    r"(?:be|being) it\b": "even if, whether",
    r"speaks? for it(?:s|self)?": "support, apply to",
}
"""Pattern of a form to avoid, and what to write instead. Patterns match whole words, in any case of letters."""

_FORMS = re.compile("|".join(rf"\b(?:{pattern})\b" for pattern in INSTEAD), re.IGNORECASE)
_PICTURE = re.compile(r"[A-Za-z0-9+/=]{200,}")
"""A picture in base 64, which is no English."""
_SUFFIXES = {".py", ".md", ".yaml", ".yml", ".toml", ".html", ".cff", ".ipynb"}
_TOPS = ("sim", "scenarios", "docs", "notebooks", "tests", ".github")
_SHOWS_THEM = {"docs/style.md", "tests/words.py", "tests/docs/test_words.py"}
"""Files that name the forms in order to avoid them."""
_CACHES = {"__pycache__", ".ipynb_checkpoints"}


def texts() -> Iterator[Path]:
    """Yield every file whose English is ours."""
    found = [path for top in _TOPS for path in sorted((ROOT / top).rglob("*"))]
    found += sorted(path for path in ROOT.iterdir() if path.is_file())
    for path in found:
        inside = path.relative_to(ROOT)
        if path.is_file() and path.suffix in _SUFFIXES and not _CACHES & set(inside.parts):
            if inside.as_posix() not in _SHOWS_THEM:
                yield path


def lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line of English: of Python files the comments and strings only."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = _PICTURE.sub("", text)
    if path.suffix != ".py":
        yield from enumerate(text.splitlines(), 1)
        return
    kinds = {tokenize.COMMENT, tokenize.STRING, tokenize.FSTRING_MIDDLE}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in kinds:
            yield from enumerate(token.string.splitlines(), token.start[0])


def found_in(path: Path) -> list[tuple[int, str]]:
    """Return line and form of everything in a file that should be written otherwise."""
    return [(number, match[0]) for number, line in lines(path) for match in _FORMS.finditer(line)]


def instead_of(form: str) -> str:
    """Return what to write instead of a form."""
    return next(other for pattern, other in INSTEAD.items() if re.fullmatch(pattern, form, re.IGNORECASE))


def old() -> dict[str, int]:
    """Return how many forms each old text may still have, by its path."""
    known: dict[str, int] = json.loads(OLD.read_text(encoding="utf-8")) if OLD.exists() else {}
    return known


def main() -> None:
    """List what is left, and lower the numbers."""
    before, after = old(), {}
    for path in texts():
        name, found = path.relative_to(ROOT).as_posix(), found_in(path)
        for number, form in found:
            print(f"{name}:{number}: '{form}': write {instead_of(form)}")
        if found:
            after[name] = len(found) if not before or name not in before else min(before[name], len(found))
    if before and sum(after.values()) > sum(before.values()):
        sys.exit("there are more forms to avoid than before: old_texts.json stays as it is")
    OLD.write_text(json.dumps(after, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
