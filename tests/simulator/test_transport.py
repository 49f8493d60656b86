"""The in-process transport: OpenAI's bytes, when they are due, and an end at once when asked."""

from __future__ import annotations

import asyncio
import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import Unreachable
from core.records import HttpRequest, Message
from core.simulator.plan import ReplyPlan, plan
from core.simulator.shapes.ask import ParsedRequest
from core.simulator.transport import Attempts, Simulator

NOW = datetime(2026, 11, 22, tzinfo=UTC)
URL = "sim://embedded/v1/chat/completions"


class Clock:
    """Time that passes only while somebody waits."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now_s

    def pause(self, delay_s: float) -> asyncio.Future[None]:
        self.sleep(delay_s)
        future = asyncio.get_running_loop().create_future()
        future.set_result(None)
        return future

    def sleep(self, delay_s: float) -> None:
        self.waits.append(delay_s)
        self.now_s += delay_s


def request(model: str, text: str = "What is rain?", **more: Any) -> HttpRequest:
    body = {"model": model, "messages": [{"role": "user", "content": text}], "stream": True, **more}
    return HttpRequest("POST", URL, {}, body, "sse")


def planned(model: str, text: str = "What is rain?", **more: Any) -> ReplyPlan:
    return plan(model, (Message("user", text),), **more, in_app=True)


def simulator(clock: Clock, speed: float = 1.0) -> Simulator:
    return Simulator(speed=speed, clock=clock, now=lambda: NOW, pause=clock.pause, sleep=clock.sleep)


async def read(transport: Simulator, request: HttpRequest) -> tuple[int, dict[str, str], list[bytes]]:
    async with transport.open(request) as reply:
        return reply.head.status, dict(reply.head.headers), [data async for data in reply.chunks()]


def frames(chunks: list[bytes]) -> list[Any]:
    lines = [line.removeprefix(b"data: ") for line in b"".join(chunks).split(b"\n\n") if line]
    return [line if line == b"[DONE]" else json.loads(line) for line in lines]


async def test_a_stream_is_openais() -> None:
    status, headers, chunks = await read(simulator(Clock()), request("quick", stream_options={"include_usage": True}))
    first, *middle, finish, usage, done = frames(chunks)
    assert (status, headers["content-type"], headers["x-roundtable-simulated"]) == (200, "text/event-stream", "1")
    assert first["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in middle) == planned("quick").text
    assert finish["choices"][0]["finish_reason"] == "stop"
    assert usage["choices"] == []
    assert usage["usage"]["completion_tokens"] == len(middle)
    assert done == b"[DONE]"


async def test_usage_comes_only_when_asked_for() -> None:
    _, _, chunks = await read(simulator(Clock()), request("quick"))
    assert all(chunk["choices"] for chunk in frames(chunks)[:-1])


async def test_each_piece_arrives_when_the_plan_says() -> None:
    clock, made = Clock(), planned("steady")
    async with simulator(clock).open(request("steady")) as reply:
        assert clock.now_s == pytest.approx(made.head_delay_s)
        seen = [clock.now_s async for _ in reply.chunks()]
    assert seen[1] == pytest.approx(made.head_delay_s + made.pieces[0].delay_s)
    assert seen[-1] == pytest.approx(made.duration_s)


async def test_a_late_reader_does_not_push_the_rest_back() -> None:
    clock, made = Clock(), planned("steady")
    async with simulator(clock).open(request("steady")) as reply:
        async for place, _ in _numbered(reply.chunks()):
            clock.now_s += 0.3 if place == 5 else 0.0
    assert clock.now_s == pytest.approx(made.duration_s)


async def _numbered(items: Any) -> Any:
    place = 0
    async for item in items:
        yield place, item
        place += 1


async def test_speed_divides_every_delay() -> None:
    clock = Clock()
    await read(simulator(clock, speed=10), request("steady"))
    assert clock.now_s == pytest.approx(planned("steady").duration_s / 10)
    quiet = Clock()
    await read(simulator(quiet, speed=math.inf), request("steady"))
    assert quiet.waits == []


def test_a_whole_reply_takes_as_long_as_its_stream() -> None:
    clock, made = Clock(), planned("thinker")
    head, body = simulator(clock).send(request("thinker", stream=False))
    message = json.loads(body)["choices"][0]["message"]
    assert (head.status, message["content"], message["reasoning_content"]) == (200, made.text, made.reasoning)
    assert clock.now_s == pytest.approx(made.duration_s)


async def test_a_limit_has_the_real_headers() -> None:
    status, headers, chunks = await read(simulator(Clock()), request("flaky:429"))
    fault = planned("flaky:429").fault
    assert fault is not None
    assert fault.retry_after_s is not None
    assert status == 429
    assert headers["x-ratelimit-remaining-requests"] == "0"
    assert headers["x-ratelimit-reset-requests"] == f"{fault.retry_after_s:g}s"
    assert int(headers["retry-after"]) == math.ceil(fault.retry_after_s)
    assert json.loads(b"".join(chunks))["error"]["code"] == "rate_limit_exceeded"


async def test_a_cut_stream_has_neither_finish_nor_end_mark() -> None:
    _, _, chunks = await read(simulator(Clock()), request("flaky:cut"))
    assert all(chunk["choices"][0]["finish_reason"] is None for chunk in frames(chunks))


def test_a_cut_whole_reply_is_half_a_body() -> None:
    _, body = simulator(Clock()).send(request("flaky:cut", stream=False))
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(body)


async def test_asking_again_is_the_next_attempt() -> None:
    transport = simulator(Clock())
    texts = ["".join(map(str, frames((await read(transport, request("steady")))[2]))) for _ in range(2)]
    assert texts[0] != texts[1]


async def test_abort_fails_a_pending_read_at_once() -> None:
    clock = Clock()
    transport = Simulator(clock=clock, now=lambda: NOW)  # real pauses, which would last for seconds
    async with asyncio.timeout(5), transport.open(request("steady")) as reply:
        chunks = reply.chunks()
        await anext(chunks)
        asyncio.get_running_loop().call_soon(reply.abort)
        with pytest.raises(Unreachable):
            await anext(chunks)
        with pytest.raises(Unreachable):
            await anext(reply.chunks())


def test_models_are_listed_and_other_addresses_are_not_there() -> None:
    transport = simulator(Clock())
    head, body = transport.send(HttpRequest("GET", "sim://embedded/v1/models", {}, None, "json"))
    assert head.status == 200
    assert [row["id"] for row in json.loads(body)["data"]] == ["quick", "steady", "slow", "flaky", "thinker"]
    head, _ = transport.send(HttpRequest("POST", "sim://embedded/v1/embeddings", {}, {}, "json"))
    assert head.status == 404


def test_attempts_are_counted_apart_and_old_ones_forgotten() -> None:
    attempts = Attempts(most=2)
    first, second, third = (ParsedRequest(name, (), True) for name in ("one", "two", "three"))
    assert [attempts.count(ask) for ask in (first, first, second, first, third, second)] == [1, 2, 1, 3, 1, 1]
