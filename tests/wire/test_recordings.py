"""Every real exchange beside the project gives what was read from it by hand, however the network cuts it.

The exchanges are shared between projects and not copied; where the folder is absent, these tests say so and rest.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import BadReply, LLMError, Truncated
from core.records import Finish
from core.wire import failure
from tests.wire.replay import CUTS, Heard, stream, whole

FOLDER = Path(__file__).parents[2] / "../shared/recordings"
INDEX = FOLDER / "expected.json"
EXPECTED: dict[str, dict[str, Any]] = json.loads(INDEX.read_text(encoding="utf-8")) if INDEX.exists() else {}
WIRES = {
    "anthropic": "anthropic",
    "gemini": "gemini",
    "cohere1": "cohere",
    "cohere2": "cohere",
    "ollama": "ollama",
    "hf": "huggingface",
    "dialogflow-es": "dialogflow",
    "dialogflow-cx": "dialogflow",
}
BROKEN = {"error", "ERROR", "TIMEOUT"}
KINDS = {
    400: {"bad_request", "auth", "credits", "context_too_long", "filtered", "not_found", "forbidden", "rate_limited"},
    401: {"auth"},
    402: {"credits"},
    403: {"forbidden", "filtered", "auth", "credits"},
    404: {"not_found"},
    408: {"server"},
    410: {"not_found"},
    413: {"rate_limited", "context_too_long"},
    422: {"bad_request", "context_too_long", "not_found", "filtered"},
    429: {"rate_limited", "quota_spent", "credits", "overloaded"},
    498: {"overloaded"},
    500: {"server", "context_too_long", "overloaded"},
    503: {"overloaded", "server", "rate_limited"},
    529: {"overloaded"},
}
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def named(ok: bool) -> list[str]:
    """Answers (whole, broken or cut) on one side, replies of another status than 2xx on the other."""
    return [path for path, expectation in EXPECTED.items() if (exchange(path)["response"]["status"] < 300) is ok]


def exchange(path: str) -> dict[str, Any]:
    return dict(json.loads((FOLDER / path).read_text(encoding="utf-8")))


def body_of(path: str) -> bytes:
    return str(exchange(path)["response"]["body_text"]).encode()


def wire_of(expectation: dict[str, Any]) -> str:
    return WIRES.get(expectation["dialect"], "openai")


def framing_of(expectation: dict[str, Any]) -> Any:
    return "ndjson" if expectation["dialect"] in ("ollama", "cohere1") else "sse"


def parted(expectation: dict[str, Any]) -> tuple[set[str], str]:
    """Texts that are right, and the reasoning, after `<think>` was taken off the front."""
    text, reasoning = expectation.get("text") or "", expectation.get("reasoning") or ""
    texts = {text, expectation.get("text_stream", text)}
    if refused := expectation.get("refusal"):
        texts = {text + refused}
    if match := re.match(r"\s*<think>(.*?)</think>\s*(.*)", text, re.DOTALL):
        texts, reasoning = {match[2]}, reasoning + match[1]
    return texts, reasoning


def check(expectation: dict[str, Any], heard: Heard) -> None:
    texts, reasoning = parted(expectation)
    assert heard.answer.text in texts
    assert heard.answer.reasoning == reasoning
    check_usage(expectation, heard)
    if expectation.get("error"):
        assert heard.error is not None
        assert words(heard.error, expectation["error"])
        return
    raw = expectation.get("finish_reason")
    if raw in BROKEN and heard.error:
        return
    if expectation["stream"] and raw is None and not expectation.get("done"):
        assert isinstance(heard.error, Truncated | BadReply | None)
        assert heard.error or ends_silently(heard.answer.finish)
        return
    assert heard.error is None
    if raw in (None, "", "null"):
        assert ends_silently(heard.answer.finish)
    else:
        assert heard.answer.finish
        assert heard.answer.finish.raw == str(raw)


def ends_silently(finish: Finish | None) -> bool:
    """An end without a reason of its own: the end mark, or a prompt that was blocked."""
    return finish in (Finish("stop"), Finish("refusal")) or (finish is not None and finish.reason == "filter")


def check_usage(expectation: dict[str, Any], heard: Heard) -> None:
    expected_usage, usage = expectation.get("usage") or {}, heard.answer.usage
    if not expected_usage:
        return
    assert usage is not None
    read, wrote, thought = expected_usage.get("input"), expected_usage.get("output"), expected_usage.get("reasoning")
    if expectation["dialect"] == "anthropic" and read is not None:
        read += (expected_usage.get("cached") or 0) + (expected_usage.get("cache_write") or 0)
    if expectation["dialect"] == "gemini":
        wrote = None if wrote is None and thought is None else (wrote or 0) + (thought or 0)
    if read is not None:
        assert usage.input_tokens == read
    if expectation["dialect"] == "anthropic" and not expectation["ok"]:
        wrote = None  # what its first event counts is a guess
    if wrote is not None:
        assert usage.output_tokens in (wrote, wrote + (thought or 0))
    if thought is not None:
        assert usage.reasoning_tokens == thought
    if expected_usage.get("cached") is not None:
        assert usage.cached_tokens == expected_usage["cached"]
    if expected_usage.get("cost") is not None:
        assert float(usage.cost_usd or -1) == pytest.approx(expected_usage["cost"])


def words(error: LLMError, expected_error: Any) -> bool:
    """Whether the error speaks the provider's words and carries its code."""
    if not isinstance(expected_error, dict):
        return str(expected_error) in error.message
    message = expected_error.get("message") or ""
    message = message.strip() if isinstance(message, str) else ""
    names = {str(expected_error[name]) for name in ("code", "type") if expected_error.get(name) is not None}
    if message == "Provider returned error":  # the words of the provider behind a gateway are shown instead
        return len(error.message) > len(message)
    return message in error.message and (not names or error.code in {*names, expected_error.get("status")})


@pytest.mark.parametrize("path", named(True) or [pytest.param("", marks=pytest.mark.skip("no recordings here"))])
def test_an_answer_reads_the_same_however_it_is_cut(path: str) -> None:
    expectation, body = EXPECTED[path], body_of(path)
    if not expectation["stream"]:
        check(expectation, whole(wire_of(expectation), body))
    for size in CUTS:
        heard = stream(wire_of(expectation), framing_of(expectation), body, size)
        if expectation["stream"] or heard.answer.finish:
            check(expectation, heard)


@pytest.mark.parametrize("path", named(False) or [pytest.param("", marks=pytest.mark.skip("no recordings here"))])
def test_a_failure_reads_as_an_error_with_the_providers_words(path: str) -> None:
    expected_error, reply = EXPECTED[path]["error"], exchange(path)["response"]
    headers = {name.lower(): value for name, value in reply["headers"].items()}
    now = NOW
    if epoch := expected_error.get("reset_epoch_ms"):
        now = datetime.fromtimestamp(epoch / 1000, UTC) - timedelta(seconds=30)
        headers.pop("date", None)  # an instant counts from the reply's own date, where it has one
    error = failure.read(reply["status"], headers, reply["body_text"].encode(), now)
    assert words(error, expected_error)
    assert error.status == reply["status"]
    assert error.kind in KINDS.get(reply["status"], {"bad_request", "server", "overloaded", "bad_reply", "unreachable"})
    wishes = [
        expected_error[name]
        for name in ("retry_after_s", "retry_hint_in_message_s")
        if expected_error.get(name) is not None
    ]
    if epoch and not wishes:
        wishes = [30.0]
    wishes += [
        min(wish, 20.0 if "estimated" in expected_error.get("retry_source", "") else 86_400.0) for wish in wishes
    ]
    if wishes:
        assert any(error.retry_after_s == pytest.approx(wish, abs=1.0) for wish in wishes)
    if any("PerDay" in name for name in expected_error.get("quota_ids", ())):
        assert error.kind == "quota_spent"
        assert not error.retryable
