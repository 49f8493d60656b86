"""Our own formats and transports against the served simulator: the plan comes back, whole and in pieces."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from core.errors import Auth, LLMError, ModelNotFound, Overloaded, RateLimited, Server, Truncated
from core.net.exchange import send, stream
from core.net.sending import Requests
from core.net.streaming import Aiohttp
from core.net.transport import Timeouts
from core.records import ChatRequest, Message, Model, Provider
from core.safety.redact import Redactor
from core.simulator.plan import ReplyPlan
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
NO_KEYS = Redactor(())
both_ways = pytest.mark.parametrize("streaming", [False, True], ids=["whole", "stream"])


async def heard(served: Served, wire: str, name: str, prompt: str, streaming: bool, key: str = "any") -> Answer:
    provider = Provider(id="there", label="There", wire=wire, base_url=served.url + BASES[wire])
    model = Model(id=f"there/{name}", name=name, provider_id="there")
    ask = ChatRequest([Message("user", prompt)], max_output_tokens=100_000)
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
