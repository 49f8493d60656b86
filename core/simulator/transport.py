"""The simulator in this process: answers `sim://` requests in the OpenAI shape, so that the real decoder, retries and
limits do their work.

    POST sim://…/chat/completions    SSE when the body says "stream": true, else whole JSON
    POST sim://…/audio/transcriptions    `file` in the body is the recording's bytes
    GET  sim://…/models

The same request sent again is the next attempt: another variant of the text, new random faults. The hosts of `HOSTS`
serve the same models at another speed and with other texts, like several providers of one model; `oneword` is quantised
at one of them.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ..errors import Unreachable
from ..records import Head, HttpRequest
from . import one_word, transcription
from .choices import plan_choices
from .models import PROFILES, RATION, RATIONED
from .plan import ReplyPlan, SimulatedFailure, out_of_quota
from .shapes import openai
from .shapes.ask import Frame, ParsedRequest

REMEMBERED = 2_048
HOSTS = {"north": (1, 0.6), "south": (2, 1.5)}  # how many variants ahead, how many times as fast
Pause = Callable[[float], "asyncio.Future[None]"]


class Attempts:
    """Counts how often the same request was made; forgets the oldest; thread-safe."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[int, int] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, ask: ParsedRequest, host: str = "") -> int:
        """The number of this attempt; each requested choice counts as one."""
        name = hash((host, ask.model, ask.messages, ask.max_tokens, ask.seed, ask.stop, ask.wish))
        with self._lock:
            before = self._seen.pop(name, 0)
            self._seen[name] = before + ask.choices
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
        return before + 1


class Ration:
    """Counts the questions of a minute by the clock; thread-safe."""

    def __init__(self, most: int = RATION) -> None:
        self._most = most
        self._minute: datetime | None = None
        self._used = 0
        self._lock = threading.Lock()

    def wait_s(self, now: datetime) -> float:
        """Take one; where none is left, the seconds until the next minute."""
        minute = now.replace(second=0, microsecond=0)
        with self._lock:
            if minute != self._minute:
                self._minute, self._used = minute, 0
            if self._used < self._most:
                self._used += 1
                return 0.0
        return math.ceil(60 - (now - minute).total_seconds())


def pause(delay_s: float) -> asyncio.Future[None]:
    """A future that is done after `delay_s`; failing it early ends the wait."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[None] = loop.create_future()
    loop.call_later(delay_s, _wake, future)
    return future


def _wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


class PlayedReply:
    """A reply being played; `abort` may be called from the loop's thread at any time."""

    def __init__(
        self, head: Head, frames: Iterator[Frame], clock: Callable[[], float], pause: Pause, speed: float
    ) -> None:
        self.head = head
        self._frames = frames
        self._clock = clock
        self._pause = pause
        self._speed = speed
        self._pending: asyncio.Future[None] | None = None
        self._aborted = False

    async def chunks(self) -> AsyncIterator[bytes]:
        """Each frame when it is due, counted from the head, so that delays do not add up."""
        due_s = self._clock()
        for delay_s, data, _ in self._frames:
            due_s += delay_s / self._speed
            await self.wait(due_s - self._clock())
            yield data

    async def wait(self, delay_s: float) -> None:
        if not self._aborted and delay_s > 0:
            self._pending = self._pause(delay_s)
            await self._pending
        if self._aborted:
            raise _gone()

    def abort(self) -> None:
        self._aborted = True
        if self._pending and not self._pending.done():
            self._pending.set_exception(_gone())


def _gone() -> Unreachable:
    return Unreachable("The connection was closed while the reply was still arriving.", retryable=False)


class Simulator:
    """A transport, streaming and sending. `speed` divides every delay (`math.inf`: no waiting at all)."""

    def __init__(
        self,
        seed: int = 0,
        speed: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        pause: Pause = pause,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._seed = seed
        self._speed = speed
        self._clock = clock
        self._now = now
        self._pause = pause
        self._sleep = sleep
        self._attempts = Attempts()
        self._ration = Ration()

    @asynccontextmanager
    async def open(self, request: HttpRequest) -> AsyncIterator[PlayedReply]:
        """The reply, once its head is due; the body follows at the model's pace."""
        head, head_delay_s, frames = self._reply(request)
        speed = self._speed * _host(request)[1]
        reply = PlayedReply(head, frames, self._clock, self._pause, speed)
        await reply.wait(head_delay_s / speed)
        try:
            yield reply
        finally:
            reply.abort()

    def send(self, request: HttpRequest) -> tuple[Head, bytes]:
        """The whole reply, after the time it takes to write it."""
        head, delay_s, frames = self._reply(request)
        parts = list(frames)
        delay_s = (delay_s + math.fsum(part.delay_s for part in parts)) / (self._speed * _host(request)[1])
        if delay_s > 0:
            self._sleep(delay_s)
        return head, b"".join(part.data for part in parts)

    def _reply(self, request: HttpRequest) -> tuple[Head, float, Iterator[Frame]]:
        if request.method == "GET" and request.url.endswith("/models"):
            return _json(200, openai.list_models(list(PROFILES)))
        if request.method == "POST" and request.url.endswith(transcription.PATH):
            return _transcribe(_form(request))
        if request.method != "POST" or not request.url.endswith("/chat/completions"):
            fault = SimulatedFailure("unknown_model", "The simulator has no such address.")
            return _json(404, openai.failure(ParsedRequest("", (), False), fault))
        ask = openai.read(dict(request.body or {}), request.url)
        attempt = self._attempts.count(ask, request.url) + _host(request)[0]
        ask = replace(ask, model=one_word.at_host(ask.model, _host_name(request)))
        made = plan_choices(ask, seed=self._seed, attempt=attempt, in_app=True)
        wait_s = self._ration.wait_s(self._now()) if ask.model.rpartition("/")[2] == RATIONED else 0.0
        return self._answer(ask, out_of_quota(made, wait_s) if wait_s else made)

    def _answer(self, ask: ParsedRequest, made: ReplyPlan) -> tuple[Head, float, Iterator[Frame]]:
        now = self._now()
        headers = {
            "x-roundtable-simulated": "1",
            "x-request-id": f"req_{made.reply_id}",
            **openai.headers(made.quota, made.fault, now),
        }
        if made.fault:
            headers["content-type"] = "application/json"
            body = openai.failure(ask, made.fault)
            return Head(made.fault.status, headers), made.head_delay_s, iter([Frame(0.0, body)])
        if ask.stream:
            headers["content-type"] = "text/event-stream"
            return Head(200, headers), made.head_delay_s, openai.stream(ask, made, now)
        headers["content-type"] = "application/json"
        return Head(200, headers), made.duration_s, iter([Frame(0.0, whole(ask, made, now))])


def _host(request: HttpRequest) -> tuple[int, float]:
    """How many variants ahead a host is, and how many times as fast."""
    return HOSTS.get(_host_name(request), (0, 1.0))


def _host_name(request: HttpRequest) -> str:
    return request.url.removeprefix("sim://").partition("/")[0]


def whole(ask: ParsedRequest, made: ReplyPlan, now: datetime) -> bytes:
    """The whole body; of a cut reply only the first half, which is not valid JSON."""
    body = openai.whole(ask, made, now)
    return body[: len(body) // 2] if made.cut else body


def _form(request: HttpRequest) -> dict[str, Any]:
    """The fields of a form, the file's as bytes."""
    if not request.content:
        return dict(request.body or {})
    from email.parser import BytesParser

    head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
    parts = BytesParser().parsebytes(head + request.content).walk()
    fields: dict[str, Any] = {}
    for part in parts:
        data, name = part.get_payload(decode=True), part.get_param("name", header="content-disposition")
        if isinstance(data, bytes):
            fields[str(name)] = data if part.get_filename() else data.decode()
    return fields


def _transcribe(form: dict[str, Any]) -> tuple[Head, float, Iterator[Frame]]:
    recording = form.pop("file", None)
    made = transcription.reply(recording if isinstance(recording, bytes) else None, form)
    return _json(made.status, made.body)


def _json(status: int, body: bytes) -> tuple[Head, float, Iterator[Frame]]:
    headers = {"content-type": "application/json", "x-roundtable-simulated": "1"}
    return Head(status, headers), 0.02, iter([Frame(0.0, body)])
