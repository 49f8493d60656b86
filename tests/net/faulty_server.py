"""A provider that misbehaves on purpose: raw sockets on loopback, one fault a path, and a log of what reached it."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import struct
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email.utils import format_datetime

HEAD_SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
HEAD_COUNTED = HEAD_SSE.replace(b"Connection", b"Content-Length: 99999\r\nConnection")
DONE = b"data: [DONE]\n\n"
RESET = "reset"


def delta(text: str, finish: str | None = None, **extra: object) -> bytes:
    choice = {"index": 0, "delta": {"content": text} if text else {}, "finish_reason": finish}
    return b"data: " + json.dumps({"id": "c", "choices": [choice], **extra}).encode() + b"\n\n"


def reply(status: int, body: object, *headers: str, kind: str = "application/json") -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Type: {kind}", f"Content-Length: {len(data)}", "Connection: close"]
    return "\r\n".join([*head, *headers]).encode() + b"\r\n\r\n" + data


def error(status: int, message: str, *headers: str, **fields: object) -> bytes:
    return reply(status, {"error": {"message": message, **fields}}, *headers)


Piece = bytes | float | str
SUNSET_ON = (datetime.now(UTC) + timedelta(days=20)).date()


def ending(*headers: str) -> bytes:
    """The head of a stream whose model ends on `SUNSET_ON`."""
    lines = [
        f"Sunset: {format_datetime(datetime.combine(SUNSET_ON, time(), UTC), usegmt=True)}",
        "Deprecation: @1688169599",
        'Link: </v1/models/other>; rel="successor-version", <https://acme.example/ends>; rel="sunset"',
        *headers,
    ]
    return HEAD_SSE.replace(b"Connection", "".join(f"{line}\r\n" for line in lines).encode() + b"Connection")


GOOD: list[Piece] = [HEAD_SSE, delta("Hello"), delta(" world"), delta("", "stop"), DONE]
WHOLE = reply(200, {"choices": [{"index": 0, "message": {"content": "Hello world"}, "finish_reason": "stop"}]})
HTML = b"<!doctype html><html><body><script>alert(1)</script>Please log in</body></html>"
BOMB = gzip.compress(b" " * 300_000_000, 9)

SCRIPTS: dict[str, list[Piece]] = {
    "good": GOOD,
    "sunset": [ending(), *GOOD[1:]],
    "sunset-simulated": [ending("X-Roundtable-Simulated: 1"), *GOOD[1:]],
    "slow-headers": [30.0],
    "slow-first-token": [HEAD_SSE, 30.0],
    "keep-alive-only": [HEAD_SSE, *(b": keep-alive\n\n", 0.05) * 200],
    "silence": [HEAD_SSE, delta("Hello"), 30.0],
    "reset-before": [HEAD_COUNTED, 0.05, RESET],
    "reset-after": [HEAD_COUNTED, delta("Hello"), 0.05, RESET],
    "drip": [HEAD_SSE, *(delta("x"), 0.05) * 400],
    "cut-before": [HEAD_SSE],
    "cut-after": [HEAD_SSE, delta("Hello")],
    "no-done": GOOD[:-1],
    "open-after-done": [*GOOD, 30.0],
    "bad-utf8": [HEAD_SSE, delta("Hello").replace(b"Hello", b"He\xff\xfello"), delta("", "stop"), DONE],
    "long-line": [HEAD_SSE, delta("x" * 2_200_000), delta("", "stop"), DONE],
    "endless": [HEAD_SSE, *[delta("y" * 50_000)] * 60],
    "error-inside": [HEAD_SSE, delta("Hello"), b'data: {"error":{"code":502,"message":"upstream died"}}\n\n'],
    "error-inside-first": [HEAD_SSE, b'data: {"error":{"code":429,"message":"slow down"}}\n\n'],
    "junk-few": [HEAD_SSE, b"data: {nope\n\n", *GOOD[1:]],
    "junk-many": [HEAD_SSE, *[b"data: {nope\n\n"] * 10, *GOOD[1:]],
    "html-200": [reply(200, HTML, kind="text/html")],
    "html-502": [reply(502, HTML, kind="text/html")],
    "bomb": [reply(200, BOMB, "Content-Encoding: gzip")],
    "bomb-error": [reply(500, BOMB, "Content-Encoding: gzip")],
    "bomb-stream": [reply(200, BOMB, "Content-Encoding: gzip", kind="text/event-stream")],
    "redirect": [reply(307, b"", "Location: /stolen/v1/chat/completions")],
    "garbage": [b"BANANA\r\n\r\n"],
    "huge-header": [b"HTTP/1.1 200 OK\r\nX-Big: " + b"a" * 20_000 + b"\r\n\r\n"],
    "two-lengths": [b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello"],
    "proxy-login": [reply(511, HTML, kind="text/html")],
    "proxy-auth": [reply(407, b"")],
    "context-length": [error(400, "This maximum context length is 8192 tokens", code="context_length")],
    "bad-request": [error(400, "Unknown field")],
    "unprocessable": [reply(422, {"detail": [{"msg": "field required"}]})],
    "auth": ["auth"],
    "credits": [error(402, "Insufficient Balance")],
    "forbidden": [error(403, "Country, region, or territory not supported")],
    "gone": [error(404, "The model `x` does not exist", code="model_not_found")],
    "conflict": [error(409, "conflict")],
    "too-large": [error(413, "Request too large")],
    "rate-seconds": [error(429, "Rate limit reached", "Retry-After: 2")],
    "rate-ms": [error(429, "Rate limit reached", "Retry-After-Ms: 1500")],
    "rate-plain": [error(429, "Rate limit reached")],
    "rate-hour": [error(429, "Rate limit reached", "Retry-After: 3600")],
    "rate-day": [error(429, "Rate limit reached on requests per day (RPD): Limit 1000. Please try again in 9m6.048s.")],
    "quota": [error(429, "You exceeded your current quota", code="insufficient_quota")],
    "server-500": [error(500, "boom")],
    "loading": [reply(503, {"error": "Model X is currently loading", "estimated_time": 3.0})],
    "overloaded": [error(529, "Overloaded")],
    "teapot": [error(418, "teapot")],
    "unknown-5xx": [error(599, "odd")],
    "empty": [HEAD_SSE, delta("", "stop"), DONE],
    "no-choices": [HEAD_SSE, b'data: {"choices":[]}\n\n', DONE],
    "refusal": [HEAD_SSE, delta("I cannot.", "stop").replace(b"content", b"refusal"), DONE],
    "filter": [HEAD_SSE, delta("Hel"), delta("", "content_filter"), DONE],
    "length": [HEAD_SSE, delta("Hel"), delta("", "length"), DONE],
    "filter-silent": [HEAD_SSE, delta("", "content_filter"), DONE],
    "length-silent": [HEAD_SSE, delta("", "length"), DONE],
    "nul": [HEAD_SSE, delta("a\x00b"), delta("", "stop"), DONE],
    "surrogate": [HEAD_SSE, delta("a\ud800b"), delta("", "stop"), DONE],
    "wrong-charset": [HEAD_SSE.replace(b"stream", b"stream; charset=latin-1"), delta("é中"), delta("", "stop")],
    "deep-json": [HEAD_SSE, b"data: " + b"[" * 100_000 + b"\n\n", *GOOD[1:]],
    "absurd-usage": [HEAD_SSE, delta("Hello", "stop", usage={"prompt_tokens": -5, "completion_tokens": 1e30})],
    "whole-json": [WHOLE],
    "whole-error": [reply(200, {"error": {"message": "no credits", "code": 402}})],
    "refuses-temperature": ["temperature"],
    "refuses-effort": ["effort"],
    "fails-once": ["fails-once"],
    "stolen": GOOD,
}  # fmt: skip


@dataclass
class FaultyServer:
    """Runs on a thread; `url(fault)` is a base URL, `calls` counts requests by fault, `seen` keeps their heads."""

    port: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    seen: dict[str, list[bytes]] = field(default_factory=dict)
    bodies: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    _stop: Callable[[], object] = lambda: None

    def url(self, fault: str) -> str:
        return f"http://127.0.0.1:{self.port}/{fault}/v1"

    def start(self) -> FaultyServer:
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        assert ready.wait(5)
        return self

    def stop(self) -> None:
        self._stop()

    async def _serve(self, ready: threading.Event) -> None:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(stop.set)
        server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stop.wait()
        server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            fault = head.split(b" ")[1].split(b"/")[1].decode()
            body = await reader.readexactly(_length(head))
            self.calls[fault] += 1
            self.seen.setdefault(fault, []).append(head)
            self.bodies.setdefault(fault, []).append(json.loads(body or b"{}"))
            async for piece in self._script(fault, head):
                if piece == RESET:
                    writer.get_extra_info("socket").setsockopt(
                        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
                    )
                    writer.transport.abort()
                    return
                writer.write(piece)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _script(self, fault: str, head: bytes) -> AsyncIterator[bytes]:
        for piece in self._pieces(fault, head):
            if isinstance(piece, float):
                await asyncio.sleep(piece)
            else:
                yield piece  # type: ignore[misc]

    def _pieces(self, fault: str, head: bytes) -> list[Piece]:
        if fault == "auth":
            return [error(401, f"Incorrect API key provided: {_key(head)}", code="invalid_api_key")]
        if fault == "fails-once":
            return [error(500, "boom")] if self.calls[fault] == 1 else GOOD
        if fault == "refuses-temperature":
            refused = "temperature" in self.bodies[fault][-1]
            text = "Unsupported value: 'temperature' does not support 0.2 with this model."
            return [error(400, text, param="temperature", code="unsupported_value")] if refused else GOOD
        if fault == "refuses-effort":
            text = "Unrecognized request argument supplied: reasoning_effort"
            return [error(400, text)] if "reasoning_effort" in self.bodies[fault][-1] else GOOD
        return SCRIPTS[fault]


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 0


def _key(head: bytes) -> str:
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"authorization:"):
            return line.split(b" ")[-1].decode()
    return ""
