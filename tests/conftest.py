"""For all tests: a clean environment, no way out of this computer, and the shared recordings."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from xdist.remote import Producer

from tests import distribution, owned
from tests.guard import outside

if TYPE_CHECKING:
    from tests.net.faulty_server import FaultyServer

ROOT = Path(__file__).resolve().parents[1]
PERSONAL = re.compile(
    r"(?i)ROUNDTABLE_.*|STREAMLIT_.*|.*_API_KEY(_[A-Z0-9]+)?|.*_(BASE_)?URL|.*_TOKEN|AWS_.*|GOOGLE_.*|(\w+_)?proxy"
)

# The same examples in every run: a change is judged by what it did. `--hypothesis-profile=default` looks further.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")

GC_THRESHOLD = 20_000
attempts: list[str] = []


def pytest_configure() -> None:
    gc.disable()  # while ten thousand tests are imported and made, of which none is garbage
    for name in filter(PERSONAL.fullmatch, list(os.environ)):
        del os.environ[name]
    outside.forbid(attempts.append)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A second try is named in the summary, since what a browser does depends on how busy the computer is."""
    items.sort(key=lambda item: distribution.place(item.nodeid))
    for item in items:
        if "browser" in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_collection_finish() -> None:
    gc.freeze()  # so that no later collection looks at them
    gc.set_threshold(GC_THRESHOLD, 10, 10)
    gc.enable()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> distribution.Files:
    config.option.loadscopereorder = False
    return distribution.Files(config, log)


@pytest.fixture(scope="module")
def server() -> Iterator[FaultyServer]:
    """A provider on a port here that fails in the way that the path names; one for each file."""
    from tests.net.faulty_server import FaultyServer

    running = FaultyServer().start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def outside_attempts() -> Iterator[list[str]]:
    """Fail a test during which anything tried to reach another computer, even if the error was swallowed."""
    yield attempts
    seen = list(attempts)
    attempts.clear()
    if seen:
        pytest.fail("tried to reach another computer: " + "; ".join(seen))


@pytest.fixture(autouse=True)
def new_databases_are_copies(request: pytest.FixtureRequest) -> Iterator[None]:
    """Not where `migrates` marks a test: it is about the migrations."""
    from core.store import migrations
    from core.store.backends import sqlite
    from tests.store import made_schema

    with pytest.MonkeyPatch.context() as patch:
        if not request.node.get_closest_marker("migrates"):
            patch.setattr(migrations, "upgrade", made_schema.upgrade)
            patch.setattr(sqlite, "use_wal", made_schema.use_wal)
        yield


@pytest.fixture(autouse=True)
def every_row_has_its_owner() -> Iterator[None]:
    """Fail a test that ran a statement which does not say whose rows it means, even if the error was swallowed."""
    owned.forgotten.clear()
    with owned.watching():
        yield
    if owned.forgotten:
        pytest.fail("; ".join(dict.fromkeys(owned.forgotten)))


@pytest.fixture(scope="session")
def recordings() -> Path:
    """Real traffic, which lies beside the project folder where it is at hand."""
    folder = ROOT.parent / "shared" / "recordings"
    if not folder.is_dir():
        pytest.skip("no recordings beside the project folder (../shared/recordings)")
    return folder
