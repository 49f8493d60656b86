"""Acme answers through a server here, and its key is asked for by name."""

from __future__ import annotations

from pathlib import Path

from core.assemble import build
from core.records import ChatRequest, Message
from tests.local_server import serving

KEY = "acme-key-0123456789"


def test_the_provider_answers(tmp_path: Path) -> None:
    with serving("quick", key=KEY) as address:
        engine = build(environ={"ACME_BASE_URL": f"{address}/v1", "ACME_API_KEY": KEY}, folder=tmp_path)
        assert engine.complete(ChatRequest([Message("user", "Hello")], model_id="acme/quick")).text == "quick"


def test_it_is_a_choice_once_it_has_a_key(tmp_path: Path) -> None:
    engine = build(environ={"ACME_API_KEY": KEY}, folder=tmp_path)
    assert "acme/quick" in {choice.model.id for choice in engine.directory.choices()}
