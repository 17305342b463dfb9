"""Items that a user's project folder adds stand beside the shipped ones, and faults in the folder
are named.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import call

from splinternet.core import plugins
from splinternet.core.plugins import Registry, find_project, items_added, use_project
from splinternet.errors import InputError
from splinternet.experiments.own_items import check_item


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / plugins.FILE).write_text("")
    (tmp_path / "instruments").mkdir()
    yield tmp_path
    use_project(None)


def registry() -> Registry[str]:
    """Return a registry whose items are the texts that modules call by their own name."""
    return Registry(
        "instruments",
        ["splinternet.policies.network"],
        lambda module: {"block": "a block"} | vars(module),
        "{name}",
    )


def test_an_item_of_the_project_stands_beside_the_shipped_ones(folder: Path) -> None:
    (folder / "instruments" / "payment_ban.py").write_text("payment_ban = 'payments'\n")
    assert "payment_ban" not in registry()
    use_project(folder)
    assert "payment_ban" in registry() and "block" in registry()
    assert registry()["payment_ban"] == "payments"
    use_project(None)
    assert "payment_ban" not in registry()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[folders\n", "is not TOML"),
        ("[folder]\n", "did you mean 'folders'"),
        ('[folders]\ninstrument = "x"\n', "did you mean 'instruments'"),
        ('[folders]\nmetrics = "nowhere"\n', "there is no folder 'nowhere'"),
        ("folders = 3\n", "'folders' is not a table"),
    ],
)
def test_faults_in_the_file_are_named(folder: Path, text: str, said: str) -> None:
    (folder / plugins.FILE).write_text(text)
    with pytest.raises(InputError, match=said):
        use_project(folder)


def test_an_item_may_not_take_the_name_of_a_shipped_one(folder: Path) -> None:
    (folder / "instruments" / "block.py").write_text("")
    use_project(folder)
    with pytest.raises(InputError, match="'block' is a shipped item"):
        list(registry())
    with pytest.raises(InputError, match="'block' is a shipped item"):
        registry()["block"]
    assert [
        "'block' is a shipped item" in problem.found
        for problem in check_item("instruments", "block")
    ] == [True]


def test_an_item_that_does_not_import_is_an_error_with_its_file(folder: Path) -> None:
    (folder / "instruments" / "broken.py").write_text("import no_such_package\n")
    use_project(folder)
    with pytest.raises(InputError, match=r"broken\.py.*ModuleNotFoundError"):
        registry()["broken"]


def test_the_nearest_project_upwards_is_found(folder: Path) -> None:
    below = folder / "a" / "b"
    below.mkdir(parents=True)
    assert find_project(below) == folder.resolve()


def test_what_is_handed_over_goes_when_taken_back() -> None:
    items, mine = registry(), "an item"
    with items_added({("instruments", "mine"): mine}):
        assert "mine" in items and items["mine"] is mine
        for name in ("block", "mine"):
            with pytest.raises(InputError, match=r"a shipped item|an item of instruments already"):
                items.check_new(name)
    assert "mine" not in items and items["mine"] is mine, "results of an earlier run may need it"
    assert items.among(["mine", "no such"]) == ["mine"]


def test_checking_a_folder_names_every_fault_of_its_items(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:

    text = "from splinternet.policies import Policy\nclass Broken(Policy):\n    def aply(self):\n        return 1\n"
    (folder / "instruments" / "broken.py").write_text(text)
    (folder / "wrong.yaml").write_text("title: x\nstart: 2020-08-01\ndays: no\n")
    code, _, told = call(capsys, "check", str(folder))
    assert (
        code == 2 and "broken.py:3:1: 'aply' is unknown" in told and "did you mean 'apply'?" in told
    )
    assert "no docstring" in told and "wrong.yaml:3:7" in told
    data = json.loads(call(capsys, "check", str(folder), "--json")[1])
    assert [item["item"] for item in data["items"]] == ["broken"] and len(data["scenarios"]) == 1


def test_a_project_is_used_for_a_while_only(folder: Path, tmp_path: Path) -> None:
    with plugins.project_around(folder):
        found = plugins.project()
        assert found is not None and found.root == folder.resolve()
    assert plugins.project() is None and plugins.VARIABLE not in os.environ
