"""The simulator over real HTTP, in the shapes of six vendors; only the end of an address counts.

    …/chat/completions  …/completions  …/responses     OpenAI and everything compatible
    …/messages                                         Anthropic
    …/models/{m}:generateContent | streamGenerateContent    Gemini
    …/chat                                             Cohere v2
    …/api/chat  …/api/generate                         Ollama
    /  …/generate  …/generate_stream  …/models/{m}     Hugging Face
    …/audio/transcriptions                             OpenAI, Groq and Mistral: says how long the recording is
    /_simulator/calls                                  what was asked and when it was answered (DELETE forgets it)

Other requests (models, token counts, health) are in lookups.py. Pages of any origin may call it. Any key or none is
accepted; one that begins with `bad-key` gets the vendor's 401.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from aiohttp import web
from aiohttp.http import HttpVersion11

from . import lookups, transcription
from .calls import Calls, SimulatedCall
from .choices import plan_choices
from .frame_player import Player
from .plan import ReplyPlan, SimulatedFailure
from .response_store import ResponseStore
from .shapes import SHAPES, Shape, for_path, responses, status
from .shapes.ask import ParsedRequest
from .transport import Attempts
from .wish import Unreadable

SIMULATED = {"X-Roundtable-Simulated": "1"}
FOR_PAGES = {**SIMULATED, "Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "*"}
OWN = "/_simulator/calls"  # closed to web pages: they must not read what was asked
# What the names of their clients contain, and the prefix of their paths.
AGENTS = {"mistral": "/mistral", "ai21": "/studio", "groq": "/groq"}
MOST_BODY_BYTES = 32_000_000
ANTHROPIC = "anthropic-version"  # the header that its clients send
KEY_HEADERS = ("Authorization", "x-api-key", "x-goog-api-key", "api-key")


class SimulatorServer:
    """Plans and plays. `speed` divides every delay; `math.inf` answers at once."""

    def __init__(
        self,
        seed: int = 0,
        speed: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._seed = seed
        self._speed = speed
        self._clock = clock
        self._now = now
        self._attempts = Attempts()
        self._responses = ResponseStore()
        self.calls = Calls()

    def application(self) -> web.Application:
        app = web.Application(client_max_size=MOST_BODY_BYTES)
        app.router.add_get(OWN, self._report)
        app.router.add_delete(OWN, self._forget)
        app.router.add_get("/{path:.*}", self._look_up)
        app.router.add_options("/{path:.*}", _preflight)
        app.router.add_post("/{path:.*}", self._answer)
        return app

    async def listen(self, port: int = 0, host: str = "127.0.0.1") -> tuple[web.AppRunner, int]:
        """Start listening; returns the runner, to be cleaned up, and the port that was bound."""
        runner = web.AppRunner(self.application(), access_log=None, handler_cancellation=True, shutdown_timeout=0.5)
        await runner.setup()
        await web.TCPSite(runner, host, port, backlog=1024).start()
        return runner, int(runner.addresses[0][1])

    async def _report(self, _request: web.Request) -> web.Response:
        return web.Response(body=self.calls.report(self._clock()), headers=SIMULATED, content_type="application/json")

    async def _forget(self, _request: web.Request) -> web.Response:
        self.calls.clear()
        return web.Response(body=b"{}", headers=SIMULATED, content_type="application/json")

    async def _look_up(self, request: web.Request) -> web.Response:
        reply_found = _refused(request) or lookups.get(request.path, ANTHROPIC in request.headers)
        return _json(reply_found.status, reply_found.body, media=reply_found.media)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        if request.path.rstrip("/").endswith(transcription.PATH):
            return await _transcribe(request)
        received_s = self._clock()
        body = await request.read()
        reply_found = _refused(request) if _bad_key(request) else lookups.post(request.path, body, self._now())
        if reply_found:
            return _json(reply_found.status, reply_found.body)
        name = for_path(request.path)
        if name is None:
            return _json(404, lookups.NOWHERE)
        shape = SHAPES[name]
        ask, made, attempt = self._plan(shape, request, body)
        call = SimulatedCall(f"req_{made.reply_id}", name, ask.model, ask.stream, attempt, received_s)
        call.input_tokens = made.input_tokens
        self.calls.begin(call)
        try:
            reply = await self._reply(shape, request, ask, made, call)
        except (asyncio.CancelledError, ConnectionError):
            call.outcome = "gone"
            raise
        finally:
            self.calls.end(call, self._clock())
        return reply

    def _plan(self, shape: Shape, request: web.Request, body: bytes) -> tuple[ParsedRequest, ReplyPlan, int]:
        try:
            ask = self._responses.with_history(shape.read(lookups.json_object(body), _target(request)))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            why = str(error) if isinstance(error, Unreadable) else lookups.NOT_UNDERSTOOD
            fault = SimulatedFailure("bad_request", why)
            return ParsedRequest("", (), False), ReplyPlan("", "unreadable", 0.0, fault=fault), 1
        if _bad_key(request):
            return ask, ReplyPlan(ask.model, "refused", 0.0, fault=lookups.BAD_KEY), 1
        attempt = self._attempts.count(ask)
        made = plan_choices(ask, seed=self._seed, attempt=attempt)
        if shape is responses and made.finish:
            self._responses.keep(responses.response_id(made), ask, made)
        return ask, made, attempt

    async def _reply(
        self, shape: Shape, request: web.Request, ask: ParsedRequest, made: ReplyPlan, call: SimulatedCall
    ) -> web.StreamResponse:
        now = self._now()
        headers = {**FOR_PAGES, "x-request-id": call.id, **shape.headers(made.quota, made.fault, now)}
        if made.fault:
            await self._wait(made.head_delay_s)
            call.outcome, call.status = "fault", status(call.shape, made.fault)
            return _json(call.status, shape.failure(ask, made.fault), headers)
        if ask.stream:
            return await self._stream(shape, request, ask, made, call, headers)
        await self._wait(made.duration_s)
        call.sent(made.total.output_tokens or 0, self._clock())
        call.outcome = "cut" if made.cut else "done"
        body = shape.whole(ask, made, now)
        return await _half(request, body, headers) if made.cut else _json(200, body, headers)

    async def _stream(
        self,
        shape: Shape,
        request: web.Request,
        ask: ParsedRequest,
        made: ReplyPlan,
        call: SimulatedCall,
        headers: dict[str, str],
    ) -> web.StreamResponse:
        reply = web.StreamResponse(headers={**headers, "Content-Type": ask.media, "Cache-Control": "no-cache"})
        chunked = request.version >= HttpVersion11
        if chunked:
            reply.enable_chunked_encoding()
        await self._wait(made.head_delay_s)
        await reply.prepare(request)
        await reply.write(b"")  # the head, now and not with the first frame
        transport = cast("asyncio.WriteTransport", request.transport)
        if transport is None:
            raise ConnectionResetError
        frames = shape.stream(ask, made, self._now())
        player = Player(frames, transport, call, clock=self._clock, speed=self._speed, chunked=chunked)
        player.start()
        try:
            await player.done
        finally:
            player.stop()
        call.outcome = "cut" if made.cut else "done"
        await reply.write_eof()
        return reply

    async def _wait(self, delay_s: float) -> None:
        if delay_s / self._speed > 0:
            await asyncio.sleep(delay_s / self._speed)


async def _transcribe(request: web.Request) -> web.Response:
    if _bad_key(request):
        return _json(401, SHAPES["openai"].failure(ParsedRequest("", (), False), lookups.BAD_KEY))
    if not request.content_type.startswith("multipart/"):
        reply_found = transcription.reply(None, {})
    else:
        form = await request.post()
        part = form.get("file")
        data = part.file.read() if isinstance(part, web.FileField) else None
        reply_found = transcription.reply(data, {name: value for name, value in form.items() if isinstance(value, str)})
    return _json(reply_found.status, reply_found.body, media=reply_found.media)


def _target(request: web.Request) -> str:
    """Path and query as a shape reads them; some vendors' clients are recognised by their user agent."""
    agent = request.headers.get("User-Agent", "").lower()
    vendor = next((prefix for name, prefix in AGENTS.items() if name in agent), "")
    return f"{vendor}{request.path}?{request.query_string}" if request.query_string else f"{vendor}{request.path}"


async def _preflight(request: web.Request) -> web.Response:
    """A browser's CORS preflight."""
    if request.path == OWN:
        return web.Response(status=404, headers=SIMULATED)
    return web.Response(
        status=204,
        headers={
            **FOR_PAGES,
            "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
            "Access-Control-Allow-Headers": request.headers.get("Access-Control-Request-Headers", "*"),
            "Access-Control-Allow-Private-Network": "true",
            "Access-Control-Max-Age": "86400",
        },
    )


def _bad_key(request: web.Request) -> bool:
    keys = [request.headers.get(name, "").removeprefix("Bearer ") for name in KEY_HEADERS]
    return any(key.startswith("bad-key") for key in (*keys, request.query.get("key", "")))


def _refused(request: web.Request) -> lookups.LookupReply | None:
    """The refusal of a look-up with a bad key; for a question the plan refuses it."""
    if not _bad_key(request):
        return None
    return lookups.refuse(request.method, request.path, ANTHROPIC in request.headers)


def _json(
    code: int, body: bytes, headers: dict[str, str] | None = None, media: str = "application/json"
) -> web.Response:
    return web.Response(status=code, body=body, headers={**FOR_PAGES, **(headers or {})}, content_type=media)


async def _half(request: web.Request, body: bytes, headers: dict[str, str]) -> web.StreamResponse:
    """Announce the whole body, send half of it, and hang up."""
    reply = web.StreamResponse(headers={**headers, "Content-Type": "application/json"})
    reply.content_length = len(body)
    await reply.prepare(request)
    await reply.write(body[: len(body) // 2])
    if request.transport:
        request.transport.close()
    return reply
