"""Pages are tested on the simulator, which here answers at once, with nothing of this computer's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.ui import runtime


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Each test has a process-wide runtime of its own, made in an empty folder: no `.env`, no secrets."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ROUNDTABLE_LOCAL_SERVERS", "false")
    monkeypatch.setenv("ROUNDTABLE_SIMULATOR_SPEED", "1000")
    runtime.reset()
    yield
    runtime.reset()
