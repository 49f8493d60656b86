"""Our own formats and transports against the served simulator: the plan comes back, whole and in pieces."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from core.errors import Auth, LLMError, ModelNotFound, Overloaded, RateLimited, Server, Truncated
from core.net.exchange import send, stream
from core.net.sending import Requests
from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.records import ChatRequest, Message, Model, Picture, Provider, ResponseFormat, Text, ToolCall, ToolResult
from core.safety.redact import Redactor
from core.simulator.plan import ReplyPlan
from core.tools import CALCULATOR
from core.wire import FORMATS
from core.wire.reader import Answer
from tests.simulator.conftest import Served

BASES = {
    "openai": "/v1",
    "anthropic": "/v1",
    "gemini": "/v1beta",
    "cohere": "/v2",
    "ollama": "",
    "huggingface": "/models",
}
every_format = pytest.mark.parametrize("wire", BASES)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAGCAIAAABxZ0isAAAAFElEQVR4nGOUC7jEgA0wYRWlkwQAvGYBTJN4SAkAAAAASUVORK5CYII="
)
NO_KEYS = Redactor(())
both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


async def heard(
    served: Served, wire: str, name: str, prompt: str, streaming: bool, key: str = "any", ask: ChatRequest | None = None
) -> Answer:
    provider = Provider(id="there", label="There", wire=wire, base_url=served.url + BASES[wire])
    model = Model(id=f"there/{name}", name=name, provider_id="there")
    ask = ask or ChatRequest([Message("user", prompt)], max_output_tokens=100_000)
    request = FORMATS[wire].encode(ask, provider, model, stream=streaming)
    request = replace(request, headers={**request.headers, "Authorization": f"Bearer {key}"})
    answer, timeouts = Answer(), Timeouts()
    if not streaming:
        for event in send(Requests(timeouts), request, FORMATS[wire], timeouts, redactor=NO_KEYS):
            answer.add(event)
        return answer
    events = stream(
        Aiohttp(timeouts), request, FORMATS[wire], timeouts, reasoning=True, clock=time.monotonic, redactor=NO_KEYS
    )
    async for event in events:
        answer.add(event)
    return answer


async def heard_of(served: Served, wire: str, content: Any, streaming: bool, **wishes: Any) -> Answer:
    """`content`: a text, the parts of a question, or the turns of a conversation."""
    turns = content if isinstance(content, list) and isinstance(content[0], Message) else [Message("user", content)]
    ask = ChatRequest(turns, max_output_tokens=4_000, **wishes)
    return await heard(served, wire, "thinker", "", streaming, ask=ask)


def agrees(answer: Answer, made: ReplyPlan) -> None:
    assert answer.text == made.text
    assert answer.reasoning == made.reasoning
    assert answer.finish is not None
    assert made.finish is not None
    assert answer.finish.reason == made.finish.reason
    assert answer.usage is not None
    assert answer.usage.output_tokens == made.usage.output_tokens
    assert answer.usage.input_tokens in (None, made.usage.input_tokens)
    assert answer.usage.reasoning_tokens in (None, 0, made.usage.reasoning_tokens)


@every_format
@both_ways
@pytest.mark.parametrize("name", ["steady", "thinker"])
async def test_our_reader_agrees_with_the_plan(served: Served, wire: str, streaming: bool, name: str) -> None:
    prompt = f"Why does bread rise? ({wire}, {streaming}, {name})"
    agrees(await heard(served, wire, name, prompt, streaming), served.plan(name, prompt))


@every_format
async def test_every_token_is_a_piece_of_its_own(served: Served, wire: str) -> None:
    prompt = f"为什么面包会发酵？（{wire}）"
    answer = await heard(served, wire, "quick", prompt, streaming=True)
    assert answer.chunks == served.plan("quick", prompt).usage.output_tokens


@every_format
@both_ways
@pytest.mark.parametrize(
    ("name", "kind"), [("flaky:429", RateLimited), ("flaky:503", (Overloaded, Server)), ("nobody", ModelNotFound)]
)
async def test_a_refusal_has_its_kind(
    served: Served, wire: str, streaming: bool, name: str, kind: type[LLMError]
) -> None:
    with pytest.raises(kind) as caught:
        await heard(served, wire, name, f"Hello from {wire} {streaming}?", streaming)
    assert caught.value.retryable == (name != "nobody")


@pytest.mark.parametrize("wire", ["openai", "anthropic", "gemini", "huggingface"])
async def test_the_time_to_come_back_is_understood(served: Served, wire: str) -> None:
    prompt = f"When may {wire} come back?"
    fault = served.plan("flaky:429", prompt).fault
    assert fault is not None
    assert fault.retry_after_s is not None
    with pytest.raises(RateLimited) as caught:
        await heard(served, wire, "flaky:429", prompt, streaming=False)
    assert caught.value.retry_after_s is not None
    assert fault.retry_after_s <= caught.value.retry_after_s <= fault.retry_after_s + 1


@every_format
@both_ways
async def test_a_cut_reply_is_noticed(served: Served, wire: str, streaming: bool) -> None:
    with pytest.raises(LLMError) as caught:
        await heard(served, wire, "flaky:cut", f"Tell {wire} a story.", streaming)
    assert caught.value.retryable
    assert isinstance(caught.value, Truncated) or not streaming


@every_format
async def test_a_bad_key_is_an_auth_error(served: Served, wire: str) -> None:
    with pytest.raises(Auth):
        await heard(served, wire, "quick", "Hello?", streaming=False, key="bad-key-1")


@pytest.mark.parametrize("wire", ["openai", "anthropic", "gemini", "cohere", "ollama"])
def test_the_models_are_listed(served: Served, wire: str) -> None:
    provider = Provider(id="there", label="There", wire=wire, base_url=served.url + BASES[wire])
    request = FORMATS[wire].models_request(provider)
    assert request is not None
    _, body = Requests(Timeouts()).send(request)
    assert FORMATS[wire].decode_models(json.loads(body)) == ["quick", "steady", "slow", "flaky", "thinker"]


@pytest.mark.parametrize("wire", ["openai", "anthropic", "gemini", "cohere", "ollama"])
@both_ways
async def test_pictures_tools_forms_and_effort_go_there_and_back(served: Served, wire: str, streaming: bool) -> None:
    seen = await heard_of(served, wire, [Text(f"Look, {wire}."), Picture("image/png", PNG)], streaming)
    assert "8 × 6 pixels (PNG); its main colour is blue" in seen.text
    sums = f"What is 17*23, {wire}, {streaming}?"
    called = await heard_of(served, wire, sums, streaming, tools=[CALCULATOR.tool], effort="low")
    parts = called.parts("there", str)
    calls = [part for part in parts if isinstance(part, ToolCall)]
    assert [(call.name, json.loads(call.arguments)) for call in calls] == [("calculator", {"expression": "17*23"})]
    assert called.reasoning
    turns = [
        Message("user", sums),
        Message("assistant", parts),
        Message("tool", [ToolResult(calls[0].id, "calculator", "391")]),
    ]
    answer = await heard_of(served, wire, turns, streaming, tools=[CALCULATOR.tool], effort="low")
    assert "391, as the tool `calculator` says." in answer.text
    form = ResponseFormat("schema", json.dumps({"type": "object", "properties": {"age": {"type": "integer"}}}))
    formed = await heard_of(served, wire, f"Anna is 31, {wire} {streaming}.", streaming, response_format=form)
    assert json.loads(formed.text) == {"age": 31}
