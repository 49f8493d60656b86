"""Every workspace that a test of this folder opened is closed at its end: nothing of it runs on into the next."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.workspace.acme import OPENED


@pytest.fixture(autouse=True)
def closed_workspaces() -> Iterator[None]:
    yield
    while OPENED:
        OPENED.pop().close()
