"""Dialogflow: the language of the question, one session a call, and what an agent says beside plain text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.records import ChatRequest, Message, Model, Provider
from core.wire import FORMATS, dialogflow
from core.wire.language import language_of
from core.wire.reader import read_whole


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What are your opening hours?", "en"),
        ("你们几点开门？", "zh-CN"),
        ("営業時間は？", "ja"),
        ("영업시간은?", "ko"),
        ("Когда вы открыты?", "ru"),
        ("Wie kann ich ein Konto für die Firma eröffnen?", "de"),
        ("Où est la gare, pour quelle heure?", "fr"),
        ("¿Dónde está la estación, para qué hora?", "es"),
        ("42", "en"),
        ("台灣的首都是哪裡？", "zh-TW"),
        ("Що нового у Києві?", "uk"),
        ("नमस्ते", "hi"),
        ("আপনি কেমন আছেন", "bn"),
        ("حال شما چطور است", "fa"),
        ("Thời tiết hôm nay thế nào?", "vi"),
        ("Jaka jest dzisiaj pogoda?", "pl"),
        ("Bugün hava nasıl?", "tr"),
        ("Apa itu AI?", "id"),
        ("Hur är vädret idag?", "sv"),
        ("Jaké je dnes počasí?", "cs"),
        ("Hola", "es"),
        ("Bonjour", "fr"),
        ("¿Hablan francés?", "es"),
        ("Hello there", "en"),
    ],
)
def test_the_language_of_the_question(text: str, language: str) -> None:
    assert language_of(text) == language


def agent(**quirks: Any) -> Provider:
    return Provider(
        "dialogflow-es", "Dialogflow", "dialogflow", "https://x.example/agent", quirks={"api": "es", **quirks}
    )


def test_the_operators_language_goes_before_the_questions() -> None:
    ask = ChatRequest([Message("user", "你好")], request_id="r")
    body = dialogflow.encode(ask, agent(language="en"), Model("a/agent", "agent", "a"), stream=False).body
    assert body is not None
    assert body["queryInput"]["text"]["languageCode"] == "en"


def answer_text(*messages: dict[str, Any], **more: Any) -> str:
    body = {"queryResult": {"fulfillmentMessages": list(messages), **more}}
    events = read_whole(FORMATS["dialogflow"], json.dumps(body).encode())
    return "".join(getattr(event, "text", "") for event in events)


def test_what_is_said_for_another_platform_is_not_said_twice() -> None:
    text = {"text": {"text": ["Hello!"]}}
    assert (
        answer_text(text, {**text, "platform": "FACEBOOK"}, {"text": {"text": ["Hello!"]}, "platform": "SLACK"})
        == "Hello!"
    )
    assert answer_text({**text, "platform": "FACEBOOK"}, {"text": {"text": ["Hi"]}, "platform": "SLACK"}) == "Hello!"


def test_replies_cards_and_payloads_are_read() -> None:
    assert (
        answer_text({"quickReplies": {"title": "Which?", "quickReplies": ["Red", "Blue"]}}) == "Which?\n- Red\n- Blue"
    )
    assert answer_text({"card": {"title": "T", "subtitle": "S", "buttons": [{"text": "Go"}]}}) == "T\nS\n- Go"
    assert answer_text({"payload": {"richContent": [[{"type": "info", "title": "A", "subtitle": "B"}]]}}) == "A\nB"
    assert answer_text({"suggestions": {"suggestions": [{"title": "Yes"}]}}) == "- Yes"
    assert answer_text(fulfillmentText="Only this") == "Only this"
