"""The option is read from the environment, bounded, and has its default."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import Setup
from core.options import load


def test_the_option_is_read(tmp_path: Path) -> None:
    assert load({}, folder=tmp_path).model_dump()["greeting"] == "Hello"
    assert load({"ROUNDTABLE_GREETING": "Good day"}, folder=tmp_path).model_dump()["greeting"] == "Good day"
    with pytest.raises(Setup, match="ROUNDTABLE_GREETING"):
        load({"ROUNDTABLE_GREETING": "x" * 201}, folder=tmp_path)
