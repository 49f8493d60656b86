"""Who may be asked about a picture: the models that see."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core import ChatRequest, Message, build
from core.options import load
from core.records import Model, Picture, Provider, Text
from core.router import seeing
from core.routing.candidates import Choice

PICTURE = Picture("image/png", b"png", width=8, height=8)
PLACE = Provider("acme", "Acme", "openai", "https://something.invalid/v1")
SEES = Choice(PLACE, Model("acme/sees", "sees", "acme", input=("text", "image")))
BLIND = Choice(PLACE, Model("acme/blind", "blind", "acme", input=("text",)))
UNKNOWN = Choice(PLACE, Model("acme/unknown", "unknown", "acme"))
AGENT = Choice(replace(PLACE, wire="dialogflow"), UNKNOWN.model)


def with_picture(**fields: object) -> ChatRequest:
    return ChatRequest([Message("user", [Text("What is this?"), PICTURE])], **fields)  # type: ignore[arg-type]


def test_a_picture_is_for_models_that_see() -> None:
    assert seeing(with_picture(), [BLIND, UNKNOWN, SEES]) == [SEES]


def test_without_any_those_of_which_nothing_is_known_are_tried() -> None:
    assert seeing(with_picture(), [BLIND, AGENT, UNKNOWN]) == [UNKNOWN]
    assert seeing(with_picture(), [BLIND, AGENT]) == [BLIND, AGENT]


def test_an_earlier_picture_counts_and_a_text_leaves_all() -> None:
    talk = [*with_picture().messages, Message("assistant", "A cat"), Message("user", "Its colour?")]
    assert seeing(ChatRequest(talk), [BLIND, SEES]) == [SEES]
    assert seeing(ChatRequest([Message("user", "Hello")]), [BLIND, SEES]) == [BLIND, SEES]


def test_auto_asks_a_model_that_sees_whatever_its_size(tmp_path: Path) -> None:
    quiet = {"ROUNDTABLE_LOCAL_SERVERS": "false", "MISTRAL_API_KEY": "0123456789abcdef"}
    with build(load(environ=quiet, folder=tmp_path), folder=tmp_path) as engine:
        chosen = [engine.prepare(with_picture(model_id=name)) for name in ("auto", "auto/big", "auto/small")]
        blind = engine.prepare(with_picture(model_id="groq/openai/gpt-oss-20b"), {"groq": "gsk_0123456789abcdef"})
    assert {"image" in question.model.input for question in chosen} == {True}
    assert blind.forbidden
    assert "cannot see pictures" in blind.forbidden.message
