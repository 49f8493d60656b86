"""What a question would take, as the person sees it before it is sent."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from core import budget
from core.assemble import build
from core.options import load
from core.records import Message
from core.store.opening import open_database
from core.store.quota import ledger
from core.workspace import Workspace
from tests.workspace.acme import opened

KEY = {"groq": "gsk_0123456789abcdef"}
MODEL = "groq/openai/gpt-oss-20b"
ME = "owner-me"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    engine = build(load(environ={}, folder=tmp_path), folder=tmp_path)
    return opened(Workspace(engine, open_database(None, tmp_path / "data")))


def test_the_price_is_known_before_anything_is_sent(workspace: Workspace) -> None:
    (line,) = workspace.of(ME, KEY).quota.price([MODEL, "sim/quick", "nobody/nothing"], "Explain tides")
    assert line.provider_id == "groq"
    assert line.requests
    assert line.requests.needed == 1
    assert line.state in ("fits", "tight")
    assert workspace.of(ME, KEY).quota.windows() == workspace.of(ME, KEY).quota.windows()


def test_without_its_key_nothing_is_shown(workspace: Workspace) -> None:
    assert workspace.of(ME).quota.price([MODEL], "Explain tides") == []
    assert not [window for window in workspace.of(ME).quota.windows() if window.provider_id == "groq"]


def test_what_was_asked_is_gone_from_what_is_left(workspace: Workspace) -> None:
    asks = workspace.budget.asks([MODEL], "Explain tides", KEY)
    before = workspace.budget.how_many([MODEL], "Explain tides", KEY)
    assert before
    assert ledger.reserve(workspace.database, ME, asks).all_granted
    assert workspace.budget.how_many([MODEL], "Explain tides", KEY) == before - 1
    assert all(window.limit != Decimal(0) for window in workspace.of(ME, KEY).quota.windows())


def test_a_message_is_counted_once_and_few_are_remembered(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    monkeypatch.setattr(budget, "estimate_tokens", lambda text: counted.append(text) or len(text))
    monkeypatch.setattr(budget, "REMEMBERED", 3)
    budget.forget_tokens()
    messages = [Message("user", f"{word} " * 2) for word in ("one", "two", "three")]
    for _ in range(3):
        (line,) = workspace.of(ME, KEY).quota.price([MODEL], messages)
    assert counted == [message.text for message in messages]
    assert line.tokens
    assert line.tokens.needed == sum(map(len, counted)) + workspace.engine.settings.default_max_output_tokens
    workspace.of(ME, KEY).quota.price([MODEL], [Message("user", "four"), *messages])
    assert len(counted) > 4
    budget.forget_tokens()
