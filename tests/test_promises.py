"""The promises of docs/security.md: each names code and tests, and what it names exists and runs."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PROMISES = (
    "Nobody reads another's rows",
    "Shared keys reach no person, disk or log",
    "A key goes to its host alone",
    "Model text runs and fetches nothing",
    "What was acknowledged is kept and shown",
    "One visitor cannot stop the others",
    "One visitor cannot spend it all",
    "What is deleted is gone",
    "An operator sees what fails",
    "It installs the same next month",
)
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
ROWS = {
    match[1]: [cell.strip() for cell in match[2].split(" | ")]
    for match in re.finditer(r"^\| \d+\. ([^|]+) \| (.+) \|$", PAGE, re.MULTILINE)
}


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def runnable_in(file: str) -> set[str]:
    """The tests that a file defines and nobody skips."""
    path = ROOT / file
    assert re.fullmatch(r"test_\w+\.py", path.name), file
    functions = [
        node
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]
    return {node.name for node in functions if not any(map(is_skipped, node.decorator_list))}


def is_skipped(mark: ast.expr) -> bool:
    """On Linux, where all of them must run."""
    return "skip" in ast.unparse(mark) and "sys.platform == 'win32'" not in ast.unparse(mark)


def test_the_ten_promises_are_there_and_each_says_what_it_does_not_cover() -> None:
    assert tuple(ROWS) == PROMISES
    assert all(len(cells) == 4 and all(cells) for cells in ROWS.values())


@pytest.mark.parametrize("promise", PROMISES)
def test_what_a_promise_names_exists_and_runs(promise: str, request: pytest.FixtureRequest) -> None:
    _, code, tests, _ = ROWS[promise]
    assert [name for name in quoted(code) if not (ROOT / name).exists()] == []
    collected = defaultdict[str, set[str]](set)
    if not request.config.option.keyword and not any("::" in name for name in request.config.args):
        for item in request.session.items:
            collected[item.path.relative_to(ROOT).as_posix()].add(getattr(item, "originalname", item.name))
    named = [test.partition("::") for test in quoted(tests)]
    assert len(named) >= 2
    for file, _, name in named:
        assert name in runnable_in(file), f"{file}::{name} is not there"
        assert file not in collected or name in collected[file], f"{file}::{name} does not run"


def test_every_other_test_that_the_page_names_exists() -> None:
    files = {name.partition("::")[0] for name in quoted(PAGE) if name.startswith("tests/")}
    assert [name for name in files if not (ROOT / name).exists()] == []


def test_a_test_that_is_skipped_is_none(tmp_path: Path) -> None:
    path = tmp_path / "test_some.py"
    path.write_text("@pytest.mark.skip\ndef test_no(): ...\n\nasync def test_yes(): ...\n\ndef helper(): ...\n")
    assert runnable_in(str(path)) == {"test_yes"}
