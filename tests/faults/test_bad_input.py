"""Wrong input of every kind gives clear, located errors, all at once: no traceback, no written
file.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from conftest import call
from ruamel.yaml import YAML
from scenario_sample import SAMPLE

from splinternet.core.shipped import shipped
from splinternet.errors import Code, InputError, Place, Problem
from splinternet.metrics.registry import METRICS
from splinternet.scenario import Scenario, load

PLACE = re.compile(r".*broken\.yaml:\d+:\d+")
type Steps = tuple[str | int, ...]


def _plain(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


def _leaves(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, Any]]:
    """Yield every value that is no mapping, and the path to it."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _leaves(entry, (*steps, key))
    elif isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
        for at, entry in enumerate(value):
            yield from _leaves(entry, (*steps, at))
    else:
        yield steps, value


def _changed(data: Any, steps: Steps, change: Callable[[Any, Any], None]) -> Any:
    """Return a copy in which something was done to the holder of the last step."""
    data = copy.deepcopy(data)
    holder = data
    for step in steps[:-1]:
        holder = holder[step]
    change(holder, steps[-1])
    return data


def _set(value: Any) -> Callable[[Any, Any], None]:
    def change(holder: Any, step: Any) -> None:
        holder[step] = value

    return change


def _misspell(holder: Any, step: Any) -> None:
    holder[f"{step}q"] = holder.pop(step)


FREE_TEXTS = (
    "title",
    "caveat",
    "reference",
    "owner",
    "measure",
    "buyer",
    "row",
    "note",
    "source",
    "meter",
    "episode",
)


def _worse(steps: Steps, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield values that no key of that kind takes."""
    yield "list of mappings", [{"a": [1]}]
    yield "mapping", {"a": {"b": 1}}
    if isinstance(value, bool):
        yield "text", "maybe"
    elif isinstance(value, int | float):
        yield from (("nan", float("nan")), ("text", "many"), ("date", _plain("2020-01-01")))
        if steps[-1] != "value":  # an observed increment may be a loss
            yield "minus", -1
        yield "digits", 10**350
        if steps[0] not in ("parameters", "uncertain", "seed"):
            yield "huge", 1e300
        if (
            isinstance(value, float)
            and steps[0] not in ("parameters", "uncertain")
            and steps[-1] != "fee_per_day"
        ):
            yield "two hundred", 200  # a share; a parameter may be as large as that
    elif not isinstance(value, str | list):
        yield from (
            ("no day", "2020-02-31"),
            ("word", "yesterday"),
            ("number", 5),
            ("month", "2020-02"),
        )
    elif steps[-1] not in FREE_TEXTS and steps[0] != "sweep":
        # A platform may depend on a store of its own, of any name.
        if steps[-1] != "stores" or steps[0] != "world":
            yield "unknown name", "Atlantis and more"
        yield from (("number", 7), ("yes", True))


def _broken(data: Any) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield what is done to a scenario's data in each broken variant, and what makes the
    variant.
    """
    for steps, value in _leaves(data):
        told = ".".join(str(step) for step in steps)
        yield f"misspelt {told}", partial(_changed, data, steps, _misspell)
        for what, worse in _worse(steps, value):
            yield f"{what} at {told}", partial(_changed, data, steps, _set(worse))
    for key in ("title", "start", "days"):
        yield (
            f"no {key}",
            partial(lambda key: {name: value for name, value in data.items() if name != key}, key),
        )


def _write(folder: Path, data: Any) -> Path:
    path = folder / "broken.yaml"
    with path.open("w") as file:
        writer = YAML(typ="safe", pure=True)
        writer.dump(data, file)
    return path


SOURCES = {"sample": SAMPLE} | {
    name: path.read_text(encoding="utf-8") for name, path in shipped().items()
}
WHOLE, EACH = ("sample", "wechat_as_happened"), 50
"""Every variant of these, and one in so many of some others, whose keys are the same."""


def variants(name: str) -> list[tuple[str, Any]]:
    """Return the broken variants of a scenario that are tried, each with what was done."""
    each = enumerate(_broken(_plain(SOURCES[name])))
    return [
        (told, make()) for n, (told, make) in each if name in WHOLE or n % EACH == len(name) % 25
    ]


FILES = 12
"""Every variant is tried as a Python mapping, and one in so many as a file, which takes ten times
as long.
"""


@pytest.mark.parametrize(
    "name",
    [*WHOLE, "the_battle", "russia_cut_off", "events/ru_instagram_2022", "some_people/under_16"],
)
def test_every_variant_is_refused_with_its_place(name: str, tmp_path: Path) -> None:
    wrong = [
        told
        for n, (told, data) in enumerate(variants(name))
        for told in _not_refused(told, data, n, tmp_path)
    ]
    assert not wrong


def _not_refused(told: str, data: Any, number: int, folder: Path) -> Iterator[str]:
    """Yield what is amiss in how one variant is refused: as a mapping, and perhaps as a file."""
    forms = [(data, re.compile(".+"))] + (
        [(_write(folder, data), PLACE)] if number % FILES == 0 else []
    )
    for source, place in forms:
        try:
            load(source, known_metrics=METRICS)
        except InputError as error:
            for problem in error.problems:
                if not (
                    place.fullmatch(problem.where) and problem.found and "\n" not in str(problem)
                ):
                    yield f"{told}: {problem!r}"
        else:
            yield f"{told}: accepted"


# One line of the sample is changed (or one added); what the error must say.
TEXTS = [
    ("start: 2020-08-01", "start: 1920-08-01", "3", "a day from 1990 to 2100"),
    ("days: 120", "days: 1.5", "4", "1.5 is not a whole number"),
    ("days: 120", "days: 0", "4", "0 is too small; at least 1"),
    ("{CN: 0.9", "{CN: 90", "9", "90 percent is 0.9"),
    (
        "TikTok: 0.25",
        "TikTok: 0.25}, DE: {Mastodon: 0.1",
        "9",
        "it is also in world.platforms.Mastodon",
    ),
    ("TR: {ios_share: 0.2}", "QQ: {ios_share: 0.2}", "16", "a new state needs name, population"),
    ("title: A", 'title: "\\ud83d"  # A', "1", "half of a character"),
    ("title: A", '"\\udcff": 1\ntitle: A', "1", "half of a character"),
    ("id: wechat-ban", "id: wechat.ban", "19", "without blanks or dots"),
    ("by: United States", "by: XX", "22", "has no government"),
    ("by: United States", "by: {US: 1}", "22", "a name, or a list of names"),
    ("targets: [Weixin]", "{a: b}: c", "24", "a list or mapping as a key"),
    ("announced: 2020-08-06", "announced: 2020-10-06", "21", "before 'announced' (2020-10-06)"),
    ("until: 2020-11-01", "until: 2020-09-01", "26", "'until' is 2020-09-01, before 'on'"),
    ("on: 2020-10-01, ", "", "27", "neither 'on' nor 'announced'"),
    ("policy: wechat-ban", "policy: stay", "26", "it names itself"),
    ("share: 0.5", "rate_kbps: 100, share: 0.5", "27", "both rate_kbps and share"),
    (", share: 0.5", "", "27", "neither rate_kbps nor share"),
    ("choice.review_days: 14", "choice.review_days: -2", "32", "is negative"),
    ("{low: 7, high: 28}", "{low: 0, high: 7, distribution: log-uniform}", "33", "low above 0"),
    ("high: 0.3", "high: 3", "33", "3 percent is 0.03"),
    ("policies:\n", "policies: none\nfoo:\n", "18", "a list of policies"),
    ("behaviour:", "  - hello\nbehaviour:", "31", "not a policy"),
    ("title: A", "title: ''  # A", "1", "an empty text"),
    ("title: A", "title: !!python/object:os.system A", "1", "plain values without tags"),
    ("title: A", "title: *nothing  # A", "1", "undefined alias 'nothing'"),
    ("title: A", "title: &a [*a]  # A", "1", "levels in one another"),
    ("status:", "---\nstatus:", "2", "another document"),
    ("title: A", "%YAML 1.1\n---\ntitle: A", "1", "remove the %YAML line"),
]


@pytest.mark.parametrize(("old", "new", "line", "expected"), TEXTS)
def test_what_the_error_says_and_where(
    old: str, new: str, line: str, expected: str, tmp_path: Path
) -> None:
    assert old in SAMPLE
    path = tmp_path / "broken.yaml"
    path.write_text(SAMPLE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(path, known_metrics=METRICS)
    matching = [problem for problem in caught.value.problems if expected in str(problem)]
    assert matching, str(caught.value)
    assert re.search(rf"broken\.yaml:{line or r'\d+'}:\d+$", matching[0].where), matching[0]


def test_days_that_are_swept_together_are_not_held_against_the_stated_ones(tmp_path: Path) -> None:
    path = tmp_path / "both.yaml"
    old, new = (
        "[2020-09-20, 2020-11-12]}",
        "[2020-09-20], policies.stay.on: [2020-12-01], policies.stay.until: [2020-12-09]}",
    )
    path.write_text(SAMPLE.replace(old, new), encoding="utf-8")
    assert len(load(path).sweep) == 3


def test_a_policy_does_not_take_the_id_of_another() -> None:
    with pytest.raises(
        InputError, match=r"--set policies\.stay\.id=.*a second policy has the id 'ban'"
    ):
        ban = dict(id="ban", instrument="block", by="US", targets="WeChat", on="2020-08-02")
        keys = dict(title="x", start="2020-08-01", days=5, policies=[ban, ban | {"id": "stay"}])
        load(keys, overrides=["policies.stay.id=ban"])


def test_all_problems_are_told_at_once_in_order(tmp_path: Path) -> None:
    text = SAMPLE
    for old, new in (
        ("seed", "sede"),
        ("days: 120", "days: 0"),
        ("Weixin", "Weixn"),
        ("0.5}\nunc", "5}\nunc"),
    ):
        text = text.replace(old, new, 1)
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load(path)
    lines = [int(problem.where.rsplit(":", 2)[1]) for problem in caught.value.problems]
    assert lines == [4, 6, 24, 32]
    assert str(caught.value).count("\n") == 3


def _bomb() -> str:
    letters = "abcdefghi"
    lines = [f"{letters[0]}: &{letters[0]} [{', '.join(['x'] * 9)}]"]
    for before, letter in pairwise(letters):
        lines.append(f"{letter}: &{letter} [{', '.join([f'*{before}'] * 9)}]")
    return "\n".join(lines)


CONTENTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "the file is empty"),
    "only a comment": (b"# nothing\n", "the file is empty"),
    "a list": (b"- a\n- b\n", "the file holds a list"),
    "a word": (b"hello", "the file holds a single value"),
    "not YAML": (b"{[}", "this is not YAML"),
    "a zero byte": (b"title: \x00", "this is not YAML"),
    "binary": (bytes(range(256)) * 9, "is not UTF-8"),
    "UTF-16": ("title: x".encode("utf-16"), "is not UTF-8"),
    "alias bomb": (_bomb().encode(), "aliases counted"),
    "deep lists": (b"title: " + b"[" * 100_000, "levels in one another"),
    "deep mappings": (b"".join(b" " * n + b"a:\n" for n in range(500)), "levels in one another"),
    "many values": (b"title: [" + b"1," * 150_000 + b"1]", "20,000 values"),
    "huge text": (b"title: " + b"x" * (2**20 + 1), "bytes"),
    "long number": (SAMPLE.replace("120", "1" * 5000, 1).encode(), "is not a whole number"),
    "strange escape": (b'title: "\\UFFFFFFFF"', "this is not YAML"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_files_that_are_no_scenarios(name: str, tmp_path: Path) -> None:
    content, told = CONTENTS[name]
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(told)):
        load(path)


def test_paths_that_lead_to_no_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="no such file"):
        load("nothing.yaml")
    with pytest.raises(InputError, match="did you mean 'baseline_2020'"):
        load("baseline_2021")
    with pytest.raises(InputError, match="this is a folder"):
        load(tmp_path)
    with pytest.raises(InputError, match=r"cannot be opened|no such file"):
        load("a\0b")
    with pytest.raises(InputError, match=r"cannot be opened|no such file"):
        load("x" * 5000)
    with pytest.raises(InputError, match="given as int"):
        load(5)  # type: ignore[arg-type]
    sparse = tmp_path / "sparse.yaml"
    with sparse.open("wb") as file:
        os.truncate(file.fileno(), 200 * 2**20)
    with pytest.raises(InputError, match="209,715,200 bytes"):
        load(sparse)
    os.mkfifo(tmp_path / "pipe.yaml")
    with pytest.raises(InputError, match="not a regular file"):
        load(tmp_path / "pipe.yaml")


EXTENDS = [
    ("extends: nowhere.yaml", "no such file"),
    ("extends: broken.yaml", "extends, by way of others, itself"),
    ("extends: other.yaml", "extends, by way of others, itself"),
    ("extends: ../outside.yaml", "leaves the folder of the scenarios"),
    ("extends: ../../../../etc/passwd", "leaves the folder of the scenarios"),
    ("extends: /etc/passwd", "leaves the folder of the scenarios"),
    ("extends: link.yaml", "leaves the folder of the scenarios"),
    ("extends: [a]", "is not a file name"),
    ("extends: 5", "is not a file name"),
    ('extends: "a\\0b"', "cannot be opened"),
    ("extends: baseline_2021", "did you mean 'baseline_2020'"),
    ("extends: list.yaml", "the file holds a list"),
]


@pytest.mark.parametrize(("line", "expected"), EXTENDS)
def test_what_cannot_be_extended(line: str, expected: str, tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "outside.yaml").write_text(SAMPLE)
    (folder / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (folder / "other.yaml").write_text("extends: broken.yaml\n")
    (folder / "list.yaml").write_text("- 1\n")
    path = folder / "broken.yaml"
    path.write_text(f"{line}\n")
    with pytest.raises(InputError, match=re.escape(expected)) as caught:
        load(path)
    assert len(caught.value.problems) == 1, (
        "what the missing file would have brought is not asked for"
    )


def test_a_chain_that_is_too_long(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"s{number}.yaml").write_text(f"extends: s{number + 1}.yaml\n")
    (tmp_path / "s30.yaml").write_text(SAMPLE)
    with pytest.raises(InputError, match="more than 16 files"):
        load(tmp_path / "s0.yaml")


SETTINGS = [
    ("days", "no PATH=VALUE"),
    ("=5", "no PATH=VALUE"),
    ("policies.99.on=2020-10-01", "no policy or item '99'"),
    ("world.vpn_share.DE=10", "10 percent is 0.1"),
    ("world.facts=moon", "no facts are called 'moon'"),
    ('title="\\ud83d"', "half of a character"),
    ("title=!!python/name:os.system", "plain values without tags"),
    ("extends=/etc/passwd", "'extends' cannot be set"),
    ("uncertain.choice.review_days.low=99", "low must not be larger"),
]


@pytest.mark.parametrize(("setting", "expected"), SETTINGS)
def test_settings_are_checked_alike(setting: str, expected: str) -> None:
    with pytest.raises(InputError) as caught:
        load(_plain(SAMPLE), overrides=[setting])
    assert [
        p
        for p in caught.value.problems
        if expected in str(p) and p.where.startswith(f"--set {setting}")
    ]


def test_too_many_platforms_are_told() -> None:
    data = _plain(SAMPLE)
    data["world"]["platforms"] |= {
        f"P{n}": {"owner": "o", "home": "DE", "kind": "feed"} for n in range(64)
    }
    with pytest.raises(InputError, match="at most 63 in all"):
        load(data)


def test_python_values_that_are_no_data() -> None:
    loop: dict[str, Any] = {"title": "x", "start": "2020-01-01", "days": 5}
    loop["world"] = loop
    with pytest.raises(InputError, match="levels in one another"):
        load(loop)
    with pytest.raises(InputError, match="unknown key ''") as caught:
        load({"title": "x", "start": "2020-01-01", "days": 5, "": 1})
    assert caught.value.problems[0].where
    with pytest.raises(InputError, match="half of a character"):
        load({"title": "\ud83d", "start": "2020-01-01", "days": 5})
    with pytest.raises(InputError, match="is not a text"):
        load({"title": object(), "start": "2020-01-01", "days": 5})
    with pytest.raises(InputError, match="'start' is missing"):
        Scenario(title="x", days=5)  # type: ignore[call-arg]


@pytest.mark.parametrize("command", [["check"], ["run"], ["show", "--values"]])
def test_the_command_leaves_with_2_and_writes_nothing(
    command: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for _, data in variants("sample")[::60]:
        path = _write(tmp_path, data)
        code, out, err = call(capsys, *command, str(path))
        assert (code, out) == (2, "")
        assert err.startswith("error: broken.yaml:") and "Traceback" not in err
        assert sorted(tmp_path.iterdir()) == [path]


def test_problems_are_sorted_by_line_and_survive_a_process() -> None:
    import pickle

    problems = [
        Problem(Place("a", 10), "x", ""),
        Problem(Place("a", 9, 4), "y", "z", "h", Code.ORDER, "k"),
    ]
    error = InputError([*problems, Problem(Place("a", 9, 3), "w", "")])
    assert [problem.found for problem in error.problems] == ["w", "y", "x"]
    assert str(error.problems[1]) == "a:9:4: k: y; z; h"
    again = pickle.loads(pickle.dumps(error)).problems
    assert again == error.problems
    assert [(problem.where.line, problem.where.column) for problem in again] == [
        (9, 3),
        (9, 4),
        (10, 1),
    ]


BAN = {"id": "ban", "instrument": "block", "by": "US", "targets": "WeChat", "on": "2020-08-05"}


@pytest.mark.parametrize(
    ("keys", "code", "path"),
    [
        ({"days": None, "dayz": 3}, Code.UNKNOWN_KEY, ""),
        ({"start": None}, Code.MISSING, ""),
        ({"days": 0}, Code.RANGE, "days"),
        ({"policies": "ban"}, Code.TYPE, "policies"),
        ({"policies": [BAN | {"by": "Atlantis"}]}, Code.UNKNOWN_NAME, "policies.ban.by.0"),
        ({"policies": [BAN | {"targets": []}]}, Code.MISSING, "policies.ban.targets"),
        ({"policies": [BAN | {"on": None}]}, Code.MISSING, "policies.ban"),
        ({"policies": [BAN | {"until": "2020-08-01"}]}, Code.ORDER, "policies.ban"),
        ({"policies": [BAN | {"deadline": "2020-08-01"}]}, Code.ORDER, "policies.ban"),
        ({"policies": [BAN, BAN]}, Code.DUPLICATE, ""),
        (
            {"policies": [BAN | {"instrument": "blok"}]},
            Code.UNKNOWN_NAME,
            "policies.ban.instrument",
        ),
        (
            {
                "policies": [
                    {"id": "x", "instrument": "lift", "by": "US", "on": "2020-08-05", "policy": "y"}
                ]
            },
            Code.UNKNOWN_ID,
            "policies.x.policy",
        ),
        ({"parameters": {"ties.only_chanel": 0.3}}, Code.UNKNOWN_NAME, "parameters"),
        ({"parameters": {"ties.only_channel": 3}}, Code.RANGE, "parameters.ties.only_channel"),
        ({"behaviour": {"targts": True}}, Code.UNKNOWN_KEY, "behaviour"),
        ({"world": {"platforms": {"New": {"kind": "feed"}}}}, Code.MISSING, "world.platforms.New"),
        (
            {"uncertain": {"ties.only_channel": {"low": 0.9, "high": 0.1}}},
            Code.ORDER,
            "uncertain.ties.only_channel",
        ),
    ],
)
def test_programs_decide_by_code_and_path(keys: dict[str, Any], code: Code, path: str) -> None:
    whole = {"title": "t", "start": "2020-08-01", "days": 8} | keys
    with pytest.raises(InputError) as error:
        load({key: value for key, value in whole.items() if value is not None})
    assert (code, path) in [(problem.code, problem.path) for problem in error.value.problems]
