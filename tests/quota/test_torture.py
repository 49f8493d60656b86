"""A short run of `scripts/torture_quota`: exactly the limit, no leak, none over; and each control is caught."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize(
    ("run", "kind", "times"),
    [
        ("grants", "sqlite", 800),
        ("grants", "postgresql", 400),
        ("control", "sqlite", 800),
        ("kills", "sqlite", 24),
        ("kills", "postgresql", 12),
        ("leaks", "sqlite", 4),
    ],
)
def test_counting_is_exact(run: str, kind: str, times: int) -> None:
    """In a process of its own, since it forks and this one has threads."""
    command = [sys.executable, "-m", "bench.quota_torture", run, kind, str(times)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("as it must") == 1
