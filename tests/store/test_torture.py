"""A short run of `scripts/torture`: nothing that was acknowledged is lost, and a store that commits late is caught."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def tortured(kind: str, times: int) -> tuple[int, dict[str, str]]:
    """The exit code and the one row of the table. A process of its own, since it forks and this one has threads."""
    command = [sys.executable, "-m", "bench.torture", kind, str(times)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110)
    names, _, cells = (
        [cell.strip() for cell in line.strip("| ").split("|")] for line in done.stdout.strip().splitlines()
    )
    return done.returncode, dict(zip(names, cells, strict=True))


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
@pytest.mark.parametrize(("kind", "times"), [("sqlite", 25), ("postgresql", 8), ("stops", 2)])
def test_nothing_acknowledged_is_lost(kind: str, times: int) -> None:
    code, row = tortured(kind, times)
    assert (row["lost"], row["duplicates"], row["still running"], row["sound"]) == ("0", "0", "0", "yes")
    assert int(row["questions"]) >= times
    assert code == 0


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_commit_after_the_call_is_caught() -> None:
    code, row = tortured("control", 15)
    assert int(row["lost"]) > 0
    assert code == 0
