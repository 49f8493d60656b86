"""Twenty people over eight processes: exactly the limit is granted, and nobody gets less than their share."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork")
@pytest.mark.parametrize(("run", "kind"), [("shares", "sqlite"), ("shares", "postgresql"), ("control", "sqlite")])
def test_nobody_is_below_their_share(run: str, kind: str) -> None:
    """In a process of its own, since it forks and this one has threads."""
    command = [sys.executable, "-m", "bench.fair_shares", run, kind]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("as it must") == 1
