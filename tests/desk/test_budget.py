"""What a question would take, as the person sees it before it is sent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core.assemble import build
from core.config import load
from core.desk import Desk
from core.store import database
from core.store.quota import ledger
from tests.desk.acme import opened

KEY = {"groq": "gsk_0123456789abcdef"}
MODEL = "groq/openai/gpt-oss-20b"
ME = "owner-me"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    engine = build(load(environ={}, folder=tmp_path), folder=tmp_path)
    return opened(Desk(engine, database.open(None, tmp_path / "data")))


def test_the_price_is_known_before_anything_is_sent(desk: Desk) -> None:
    (line,) = desk.price(ME, [MODEL, "sim/quick", "nobody/nothing"], "Explain tides", KEY)
    assert line.provider_id == "groq"
    assert line.requests
    assert line.requests.needed == 1
    assert line.state in ("fits", "tight")
    assert desk.windows(KEY) == desk.windows(KEY)


def test_without_its_key_nothing_is_shown(desk: Desk) -> None:
    assert desk.price(ME, [MODEL], "Explain tides") == []
    assert not [window for window in desk.windows() if window.provider_id == "groq"]


def test_what_was_asked_is_gone_from_what_is_left(desk: Desk) -> None:
    asks = desk.budget.asks([MODEL], "Explain tides", KEY)
    before = desk.budget.how_many([MODEL], "Explain tides", KEY)
    assert before
    assert ledger.reserve(desk.database, ME, asks).all_granted
    assert desk.budget.how_many([MODEL], "Explain tides", KEY) == before - 1
    assert all(window.limit != Decimal(0) for window in desk.windows(KEY))
