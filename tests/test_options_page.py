"""docs/options.md says what `core/options/` says."""

from __future__ import annotations

from core.options import OPTIONS
from scripts import options


def test_the_page_is_up_to_date() -> None:
    assert options.PAGE.read_text(encoding="utf-8") == options.written(), "run: python -m scripts.options"


def test_every_option_stands_once() -> None:
    assert sorted(options.in_order()) == sorted(OPTIONS)


def test_what_a_row_says() -> None:
    rows = options.written()
    assert "| `ROUNDTABLE_ATTEMPTS` | `3` | whole number ≥ 1 and ≤ 10 |" in rows
    assert "| `ROUNDTABLE_NIGHTLY_PROBE` | `false` | true or false |" in rows
    assert "| `ROUNDTABLE_LOG_FORMAT` | `text` | `text` or `json` |" in rows
