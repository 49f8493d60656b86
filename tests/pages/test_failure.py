"""A failed answer in words: who refused, and what helps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import (
    KINDS,
    Auth,
    BadReply,
    BadRequest,
    Credits,
    LLMError,
    ModelNotFound,
    Overloaded,
    Oversize,
    QuotaSpent,
    RateLimited,
)
from core.records import Completion, Provider, Timing
from core.ui import text
from core.ui.answer import meta
from core.ui.failures import failure, kinds
from core.ui.models.marks import speaker_of


def our_refusal(kind: type[LLMError], **fields: object) -> LLMError:
    error = kind("words", **fields)  # type: ignore[arg-type]
    error.sent = False
    return error


@pytest.mark.parametrize("kind", [Auth, Credits, Overloaded, QuotaSpent, RateLimited])
def test_a_refusal_of_ours_does_not_speak_as_the_provider(kind: type[LLMError]) -> None:
    sentence = failure.sentence(our_refusal(kind), "Mistral", "small")
    assert sentence.startswith("Not sent: ")
    assert "asks" not in sentence
    assert failure.source(our_refusal(kind)) == "Why it was not sent"
    from_provider = kind("words", origin="provider")
    assert not failure.sentence(from_provider, "Mistral", "small").startswith("Not sent")
    assert failure.source(from_provider) == "Message from the provider"


def test_every_kind_of_error_has_words() -> None:
    assert set(kinds.KINDS) == set(KINDS)


def test_a_broken_reply_has_nobodys_words() -> None:
    assert failure.source(BadReply("the reply is empty")) == "Details"


def test_what_is_too_large_tells_both_numbers_and_who_takes_it() -> None:
    size = Oversize(14_100, 8_000, "tokens", "minute", "cask/wide")
    sentence = failure.sentence(our_refusal(RateLimited, oversize=size), "Groq", "small")
    assert sentence == "Not sent. This needs 14.1k tokens, but Groq limits small to 8k per minute."
    assert failure.advice(our_refusal(RateLimited, oversize=size)) == "Shorten it, or use cask/wide."
    alone = RateLimited("words", origin="provider", oversize=Oversize(None, 8_000))
    assert failure.sentence(alone, "GitHub", "gpt") == "This is too long: GitHub limits gpt to 8k per request."
    assert failure.advice(alone) == "Shorten it, or use another model."


def test_what_the_credit_does_not_pay_for_tells_both_numbers_and_what_to_lower() -> None:
    text.use("en")
    error = Credits("words", origin="provider", oversize=Oversize(8_192, 2_666, per="credit"))
    sentence = failure.sentence(error, "OpenRouter", "gpt")
    assert sentence == "This needs credit for 8.2k tokens, but your credit at OpenRouter covers only 2.7k."
    assert failure.advice(error).startswith("Shorten the chat, lower the maximum answer length in its settings")


def test_a_free_tiers_footer_says_free() -> None:
    text.use("en")
    timing = Timing(datetime(2026, 5, 5, tzinfo=UTC), total_ms=500.0)
    groq = Provider(id="groq", label="Groq", wire="openai", base_url="https://groq.invalid", free=True)
    paid = replace(groq, id="openai", free=False)
    for provider, suffix in ((groq, "· free"), (paid, "· price unknown")):
        answer = Completion(f"{provider.id}/m", "Hi", "", None, None, timing)
        assert meta.line(answer, speaker_of(answer.model_id, {provider.id: provider})).endswith(suffix)


@pytest.mark.parametrize(
    ("message", "code", "model"),
    [
        ("The model `x` does not exist", "model_not_found", True),
        ("models/x is not found for API version v1beta", None, True),
        ("模型不存在", "1211", True),
        ("No fixture matched", "no_fixture_match", False),
        ("HTTP 404: Not Found", None, False),
        ("Not Found", None, False),
    ],
)
def test_a_not_found_that_tells_of_no_model_may_be_the_address(message: str, code: str | None, model: bool) -> None:
    text.use("en")
    sentence = failure.sentence(ModelNotFound(message, status=404, code=code, origin="provider"), "Gateway", "x")
    assert ("has no model called x" in sentence) is model
    assert ("base URL may be wrong" in sentence) is not model


@pytest.mark.parametrize("kind", [ModelNotFound, BadRequest])
def test_where_the_list_was_asked_for_no_model_is_missing(kind: type[LLMError]) -> None:
    text.use("en")
    sentence = failure.sentence(kind("The model list is not here", origin="provider"), "Gateway", "")
    assert sentence.startswith("Gateway offers no model list")
    assert "called" not in sentence
