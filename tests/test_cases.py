"""Inputs after public bug reports of other chat programs, each with its own check, where they lie beside us."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
CHECKS = sorted((ROOT.parent / "shared" / "cases").glob("*/check.py"))


@pytest.mark.parametrize(
    "check",
    [pytest.param(check, id=check.parent.name) for check in CHECKS]
    or [pytest.param(None, marks=pytest.mark.skip("no cases beside the project folder (../shared/cases)"))],
)
def test_a_reported_input_is_handled(check: Path) -> None:
    command = [Path(sys.executable), ROOT / "tests/moved.py", check, ROOT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100)
    assert done.stdout.splitlines()[-1:] == ["PASS"], done.stdout + done.stderr
