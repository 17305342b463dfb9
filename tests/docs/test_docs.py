"""The documentation does what it says: its commands and Python run, its links lead somewhere, its
tables are current.

A page is gone through from top to bottom in a folder of its own. Fenced blocks of ``sh``,
``python`` and ``yaml`` are run or written down; a comment on the line above a block says more:

- ``<!-- file: PATH -->``: the block is a file; ``<!-- append: PATH -->``: rows for the end of one;
- ``<!-- insert: PATH before "TEXT" -->``: lines for the middle of one;
- ``<!-- exits N -->``: the commands are meant to fail so;
- ``<!-- output -->``: what the commands before it print, among other lines;
- ``<!-- not run: WHY -->``.

Runs are made small here: few people, days and seeds, whatever the page says. Pages that change the
package work on a copy of it.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

import distributed
import matplotlib.pyplot as plt
import pytest
import scripts
from conftest import blank_on_pages, member_once, run_once
from matplotlib.figure import Figure

from splinternet.cli import main
from splinternet.experiments import attribution as attribution
from splinternet.experiments import ensemble, experiment
from splinternet.experiments import hindcast as replays
from splinternet.experiments import sensitivity as sensitivity
from splinternet.experiments import sweep as sweep
from splinternet.experiments import threshold as threshold
from splinternet.facts import record
from splinternet.results import Result, folder, index_measured

pytestmark = pytest.mark.usefixtures("forget")
ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "sim" / "facts" / "SOURCES.md"]
)
PEOPLE, DAYS, SEEDS = 1_000, 56, 1
"""The size of every run here; the opening case's order begins on day 50."""
MONTHS = 24
"""Months of the index that are worked out here, up to the last recorded day."""
MOST_POINTS = 3
"""Points of a grid that are run here."""
MOST_VARIED = 2
"""Parameters that an analysis of sensitivity varies here: each costs as many runs as the next."""

FENCE = re.compile(
    r"(?:^<!-- (?P<directive>[^\n]*?) -->\n)?^```(?P<kind>\w*)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
INSERT = re.compile(r'insert: (?P<path>\S+) before "(?P<text>.*)"$')
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
KINDS = {"sh", "python", "yaml", "text", "csv", "mermaid"}
DIRECTIVES = ("file:", "append:", "insert:", "exits ", "output", "not run:", "begin ", "end ")
SHORTER = {"sample(problem, 4": "sample(problem, 2"}
"""What is shorter here in the Python of pages: each sample is four runs."""
ONE_BY_ONE = """
import json, sys
from splinternet.cli import main
for words in json.loads(sys.argv[1]):
    try:
        main(words)
    except SystemExit as leaving:
        assert leaving.code == int(sys.argv[2]), (words, leaving.code)
"""
"""Runs commands, each of which is to leave with the same code."""
NOT_HERE = ("pip install uv", "uv run --group dev pytest")
"""Parts of a command line that would install software or start these tests within themselves."""


@dataclass(frozen=True)
class Block:
    """A fenced block and the comment above it."""

    kind: str
    text: str
    directive: str


def blocks_of(page: Path) -> list[Block]:
    text = page.read_text(encoding="utf-8")
    return [
        Block(m["kind"], m["text"], (m["directive"] or "").strip()) for m in FENCE.finditer(text)
    ]


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def changes_the_package(page: Path) -> bool:
    return any(re.match(r"(append|insert): sim/|file: sim/", b.directive) for b in blocks_of(page))


@dataclass
class Reader:
    """Somebody who follows a page."""

    folder: Path
    capsys: pytest.CaptureFixture[str]
    copied: bool
    names: dict[str, Any] = field(default_factory=dict)
    printed: str = ""

    def follow(self, block: Block) -> None:
        head, _, rest = block.directive.partition(": ")
        if head == "not run":
            return
        if block.directive == "output":
            self.compare(block.text)
        elif head in ("file", "append", "insert"):
            self.write(block, head, rest)
        elif block.kind == "python":
            text = block.text
            for long, short in SHORTER.items():
                text = text.replace(long, short)
            exec(compile(text, "<block>", "exec"), self.names)
            plt.close("all")
            self.capsys.readouterr()
        elif block.kind == "sh":
            wanted = (
                int(block.directive.removeprefix("exits "))
                if block.directive.startswith("exits ")
                else 0
            )
            commands = [words_of(command) for command in commands_in(block.text)]
            if self.copied:
                self.printed = self.run_in_copy(commands, wanted)
            else:
                self.printed = "".join(self.run(words, wanted) for words in commands)

    def write(self, block: Block, how: str, rest: str) -> None:
        match = INSERT.match(block.directive)
        path = self.folder / (match["path"] if match else rest)
        path.parent.mkdir(parents=True, exist_ok=True)
        if how == "file":
            path.write_text(block.text, encoding="utf-8")
        elif how == "append":
            path.write_text(
                path.read_text(encoding="utf-8").rstrip("\n") + "\n" + block.text, encoding="utf-8"
            )
        else:
            assert match
            place, whole = (
                match["text"].encode().decode("unicode_escape"),
                path.read_text(encoding="utf-8"),
            )
            assert whole.count(place) == 1, (
                f"'{place}' stands {whole.count(place)} times in {path.name}"
            )
            path.write_text(whole.replace(place, block.text + place), encoding="utf-8")

    def run(self, words: list[str], wanted: int) -> str:
        words, source = (words[: words.index("<")], words[-1]) if "<" in words else (words, "")
        answers = (self.folder / source).read_text(encoding="utf-8") if source else ""
        with pytest.raises(SystemExit) as leaving, pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stdin", io.StringIO(answers))
            main(words)
        told = self.capsys.readouterr()
        assert leaving.value.code == wanted, f"{shlex.join(words)}\n{told.out}{told.err}"
        return told.out + told.err

    def run_in_copy(self, commands: list[list[str]], wanted: int) -> str:
        """Run the commands of a block on the package in the folder, in one process."""
        env = {
            **os.environ,
            "PYTHONPATH": f"{self.folder / 'sim' / 'import_name'}:{self.folder}",
        }
        told = subprocess.run(
            [sys.executable, "-c", ONE_BY_ONE, json.dumps(commands), str(wanted)],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert told.returncode == 0, f"{commands}\n{told.stdout}{told.stderr}"
        return told.stdout + told.stderr

    def compare(self, text: str) -> None:
        """Look for every line of a block in what was printed."""
        for line in text.splitlines():
            assert line.strip() in self.printed, f"'{line}' is not in\n{self.printed}"


def words_of(command: str) -> list[str]:
    """Return the words that stand behind the name of the program."""
    words = shlex.split(command.removeprefix("uv run "))
    assert words[0] == "splinternet", f"do not know how to run '{command}'"
    return words[1:]


def commands_in(text: str) -> Iterator[str]:
    """Yield the commands of a block that can run here."""
    for line in text.splitlines():
        for command in line.split("&&"):
            if command.strip() and command.strip() not in NOT_HERE:
                yield command.strip()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every run small, and leave pictures blank, which takes most of the time of a page; a
    cluster is of threads, as starting its processes takes longer than its runs.
    """
    real, real_hindcast = ensemble.run, replays.hindcast
    monkeypatch.setattr(ensemble, "run", small_run(real))
    monkeypatch.setattr(ensemble, "run_member", member_once)
    monkeypatch.setattr(experiment, "run_task", run_once)  # Python repeats what a command has run
    size = {"people": PEOPLE, "seeds": SEEDS, "jobs": 1}
    monkeypatch.setattr(
        replays,
        "hindcast",
        lambda files=None, **_: real_hindcast(files or ["cn_instagram_2014"], **size),
    )
    for name, module, fewer in (
        ("sweep", sweep, {}),
        ("attribute", attribution, {}),
        ("threshold", threshold, {"halvings": 1}),
        ("sensitivity", sensitivity, {"samples": 2, "days": 24}),
    ):
        monkeypatch.setattr(module, name, small_experiment(getattr(module, name), **fewer))
    points_of = sweep.points_of
    monkeypatch.setattr(sweep, "points_of", lambda *given: points_of(*given)[:MOST_POINTS])
    ranges_of = sensitivity.ranges_of
    monkeypatch.setattr(
        sensitivity, "ranges_of", lambda *given: dict([*ranges_of(*given).items()][:MOST_VARIED])
    )
    months = index_measured._months
    monkeypatch.setattr(index_measured, "_months", lambda *given: months(*given)[-MONTHS:])
    monkeypatch.setattr(folder, "days_apart", lambda *_: 7)  # a row a week, as of a long run
    monkeypatch.setattr(Result, "save_figures", _main_chart_only)
    monkeypatch.setattr(Figure, "savefig", _blank)
    monkeypatch.setattr(
        distributed, "LocalCluster", partial(distributed.LocalCluster, processes=False)
    )


def small_run(real: Callable[..., Result]) -> Callable[..., Result]:
    def run(scenario: Any, *, days: int | None = None, **given: Any) -> Result:
        from splinternet.scenario import load

        days = min(DAYS, days or load(scenario).days)
        sizes = {"people": PEOPLE, "days": days, "seeds": SEEDS, "jobs": 1}
        return real(scenario, **{**given, **sizes})

    return run


def small_experiment(real: Callable[..., Any], **also: Any) -> Callable[..., Any]:
    size = {"people": PEOPLE, "days": DAYS, "seeds": SEEDS, "jobs": 1, **also}
    return lambda *given, **keys: real(*given, **{**keys, **size})


def _blank(figure: Figure, place: Any, **_: object) -> None:
    if isinstance(place, str | Path):
        Path(place).write_bytes(b"")
    else:
        blank_on_pages(figure, place, format="svg")


def _main_chart_only(result: Result, folder: Path, **_: object) -> list[Path]:
    from splinternet import plots

    path = folder / f"{plots.main_chart(result)}.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")
    return [path]


@pytest.mark.parametrize("page", [p for p in PAGES if not changes_the_package(p)], ids=name_of)
def test_page_can_be_followed(
    page: Path,
    tmp_path: Path,
    small: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    reader = Reader(tmp_path, capsys, copied=False)
    for block in blocks_of(page):
        reader.follow(block)


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Path]:
    """Give a folder with a copy of the package, its scenarios and its docs."""
    for name in ("sim", "scenarios", "docs", "pages", "notebooks"):
        shutil.copytree(
            ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "*.png")
        )
    for name in ("README.md", "CHANGELOG.md"):
        shutil.copy(ROOT / name, tmp_path)
    # Its kernels are not compiled again, because their folder is named after the text; nor are its
    # modules parsed.
    old, new = (parsed(root / "sim") for root in (ROOT, tmp_path))
    if old.is_dir():
        shutil.copytree(old, new)
    yield tmp_path
    shutil.rmtree(new, ignore_errors=True)


def parsed(folder: Path) -> Path:
    """Return where Python keeps what it has parsed of a folder; it looks at the dates of files,
    which copies keep.
    """
    return Path(os.environ["PYTHONPYCACHEPREFIX"]) / folder.relative_to(folder.anchor)


@pytest.mark.parametrize("page", [p for p in PAGES if changes_the_package(p)], ids=name_of)
def test_page_that_changes_the_package_can_be_followed(
    page: Path,
    copy: Path,
    small: None,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(copy)
    here, there = Reader(copy, capsys, copied=False), Reader(copy, capsys, copied=True)
    changed = False
    for block in blocks_of(page):
        changed = changed or bool(re.match(r"(append|insert|file): sim/", block.directive))
        # What comes before the change works with the package as it is: quicker, and true.
        (there if changed else here).follow(block)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_blocks_say_what_they_are(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("```") % 2 == 0
    assert len(FENCE.findall(text)) == text.count("```") // 2, (
        "a fence is not at the start of its line"
    )
    for block in blocks_of(page):
        assert block.kind in KINDS, f"a block of kind '{block.kind}' is not tested"
        assert not block.directive or block.directive.startswith(DIRECTIVES), (
            f"unknown comment '{block.directive}'"
        )
    for line in re.findall(
        r"^ {0,3}\$? ?((?:uv run )?splinternet (?:run|check) .*)$",
        prose(text),
        re.MULTILINE,
    ):
        pytest.fail(f"a command outside a block of sh is not tested: {line}")


def prose(text: str) -> str:
    """Return a page without its blocks."""
    return FENCE.sub("", text)


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return what a link may name after the # of a page."""
    heads = HEADING.findall(prose(page.read_text(encoding="utf-8")))
    return frozenset(re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for match in LINK.finditer(prose(page.read_text(encoding="utf-8"))):
        target, _, anchor = match["target"].partition("#")
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists(), f"{match['target']} leads nowhere"
        assert path.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(path), f"{name_of(path)} has no heading #{anchor}"


def test_every_page_is_in_the_menu() -> None:
    menu = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'"(docs/[\w-]+\.md)"', menu))
    assert named == {name_of(page) for page in PAGES if page.is_relative_to(ROOT / "docs")}


@cache
def script(name: str) -> ModuleType:
    """Return a script of the docs as a module."""
    if name == "refresh":
        for other in ("notebook_pages", "made_of"):  # it imports these
            scripts.script(f"pages/{other}.py", other)
    return scripts.script(f"pages/{name}.py", name)  # one script imports another by this name


def test_generated_tables_are_current(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        record, "DISCREPANCY", record.HOME / "discrepancy.csv"
    )  # other tests leave the error out
    outdated = [name_of(path) for path in script("generate").outdated()]
    assert not outdated, f"{outdated}: run `uv run python pages/generate.py`"


def test_every_generated_part_has_its_place() -> None:
    generate = script("generate")
    found = [
        m["name"]
        for page in PAGES
        for m in generate._BLOCK.finditer(page.read_text(encoding="utf-8"))
    ]
    assert sorted(found) == sorted([*generate.PARTS, *script("refresh").parts()])


def part_of(page: str, name: str) -> str:
    """Return a part of a page that a script writes."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return text.split(f"<!-- begin {name} -->")[1].split(f"<!-- end {name} -->")[0]


def test_the_pages_of_the_opening_case_can_be_refreshed() -> None:
    generate, refresh = script("generate"), script("refresh")
    result = small_run(ensemble.run)("wechat_as_ordered")
    case = refresh.CASES["readme"]
    for page, name, in_readme in (
        (case.page, case.part, False),
        ("README.md", refresh.in_short(case), True),
    ):
        part = refresh.shown(case, result, in_readme=in_readme)
        assert f"--seeds {SEEDS} --people {PEOPLE}" in part
        assert "PROJECTION" in part
        text = (ROOT / page).read_text(encoding="utf-8")
        assert part.strip() in generate.renewed(text, {name: lambda part=part: part})


def test_the_readme_shows_what_the_whole_summary_says() -> None:
    short, whole = (
        part_of("README.md", "opening case in short"),
        part_of("docs/results.md", "opening case"),
    )
    numbers = re.findall(r"\d[\d,.]*(?: %| million)?", short.split("```")[1])
    assert len(numbers) > 6
    assert set(numbers) <= set(
        re.findall(r"\d[\d,.]*(?: %| million)?", " ".join(re.sub("[│╭╮]", "", whole).split()))
    )


@pytest.mark.parametrize(
    ("page", "part", "command"),
    [
        ("README.md", "opening case in short", "splinternet run wechat_as_ordered`, splinternet"),
        ("docs/results.md", "opening case", "splinternet run wechat_as_ordered`, splinternet"),
        (
            "docs/statecraft.md",
            "case of states",
            "splinternet run clean_network_coalition`, splinternet",
        ),
    ],
)
def test_pages_show_runs_of_full_size_with_their_status(page: str, part: str, command: str) -> None:
    shown = part_of(page, part)
    assert command in shown, "refresh it at full size"
    assert re.search("PROJECTION|WHAT-IF", shown)


def test_stored_runs_are_of_this_minor_version() -> None:
    """Numbers may change at a minor version, so what is stored is made again then; a patch changes
    none.
    """
    import splinternet as sn

    minor = sn.__version__.rpartition(".")[0]
    texts = {name_of(page): page.read_text(encoding="utf-8") for page in PAGES}
    named = {name: re.findall(r"`, splinternet (\d+\.\d+)\.", text) for name, text in texts.items()}
    for path in (ROOT / "pages" / "explored").glob("*.json"):
        held = json.loads(path.read_text(encoding="utf-8"))
        named[path.name] = [held["version"].rpartition(".")[0]]
    assert sum(map(len, named.values())) >= 4, "the stored runs were not found"
    old = {name: versions for name, versions in named.items() if set(versions) - {minor}}
    assert not old, "run pages/refresh.py and pages/explorer.py again"


def test_readme_and_changelog_name_no_command_that_does_not_exist() -> None:
    known = {
        line.split("`")[1].split()[1] for line in script("generate").commands().splitlines()[2:]
    }
    for page in PAGES:
        for named in re.findall(r"`splinternet ([a-z]+)", page.read_text(encoding="utf-8")):
            assert named in known, f"{name_of(page)} names splinternet {named}"


def test_every_option_that_a_page_gives_exists() -> None:
    """Of all commands on the pages, those that are not run here among them."""
    from typer.main import get_command

    from splinternet.cli.app import app, load

    load()
    whole = get_command(app)
    named = re.compile(
        r"splinternet ([^`\n]+(?:\n(?!```)[^`\n]+)?)`|^(?:uv run )?splinternet ([^\n]+)$",
        re.MULTILINE,
    )
    found = 0
    unknown: list[tuple[str, str]] = []
    for page in PAGES:
        for said in named.findall(page.read_text(encoding="utf-8")):
            command, words = whole, " ".join(said).split()
            while words and words[0] in getattr(command, "commands", {}):
                command = command.commands[words.pop(0)]  # type: ignore[attr-defined]
            known = {
                "--help",
                *(name for each in command.params for name in (*each.opts, *each.secondary_opts)),
            }
            given = [
                word.partition("=")[0].rstrip(".,;:)") for word in words if word.startswith("--")
            ]
            found += len(given)
            unknown += [(name_of(page), word) for word in given if word not in known]
    assert found > 200, "the commands on the pages were not found"
    assert not unknown
