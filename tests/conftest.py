"""For all tests: a clean environment, no way out of this computer, and the shared recordings."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.guard import outside

ROOT = Path(__file__).resolve().parents[1]
PERSONAL = re.compile(
    r"(?i)ROUNDTABLE_.*|STREAMLIT_.*|.*_API_KEY|.*_(BASE_)?URL|.*_TOKEN|AWS_.*|GOOGLE_.*|(\w+_)?proxy"
)

# The same examples in every run: a change is judged by what it did. `--hypothesis-profile=default` looks further.
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")

attempts: list[str] = []


def pytest_configure() -> None:
    for name in filter(PERSONAL.fullmatch, list(os.environ)):
        del os.environ[name]
    outside.forbid(attempts.append)


@pytest.hookimpl(tryfirst=True)  # the pieces must be named before they are handed out
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser's tests are one long piece that a worker of its own begins with; of the others, a file is a piece."""
    items.sort(key=lambda item: "browser" not in item.path.parts)
    for item in items:
        piece = "browser" if "browser" in item.path.parts else str(item.path)
        item.add_marker(pytest.mark.xdist_group(piece))


@pytest.fixture(autouse=True)
def outside_attempts() -> Iterator[list[str]]:
    """Fail a test during which anything tried to reach another computer, even if the error was swallowed."""
    yield attempts
    seen = list(attempts)
    attempts.clear()
    if seen:
        pytest.fail("tried to reach another computer: " + "; ".join(seen))


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Real traffic, which lies beside the project folder where it is at hand."""
    folder = ROOT.parent / "shared" / "recordings"
    if not folder.is_dir():
        pytest.skip("no recordings beside the project folder (../shared/recordings)")
    return folder
