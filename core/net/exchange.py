"""One exchange: a signed request goes out, stamped events come in. Deadlines are wall-clock and ours alone.

A socket timeout does not stop a reply that drips, so a watch looks at three deadlines (first token, silence, whole
answer) while a read is pending and aborts the reply; a slow reader of the events never trips it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from ..errors import BadReply, LLMError, Timeout
from ..records import Delta, Head, HttpRequest, MediaPart, Reasoning, ThoughtDelta, ToolCallDelta, WireEvent
from ..wire import Format, failure
from ..wire.framing import parse
from ..wire.reader import Reader, read_whole
from ..wire.served import NOBODY, of_head
from .transport import Response, Sending, Streaming, Timeouts

AFTER_THE_END_S = 1.0
NEVER = float("inf")
OF_THE_MODEL = (Delta, Reasoning, ToolCallDelta, ThoughtDelta, MediaPart)
OnHead = Callable[[Head, bytes], None]
T = TypeVar("T")


class ReplyRedactor(Protocol):
    """Removes keys from what a provider says before it is used."""

    def clean(self, value: T) -> T: ...


async def stream(
    transport: Streaming,
    request: HttpRequest,
    wire: Format,
    timeouts: Timeouts,
    *,
    reasoning: bool,
    clock: Callable[[], float],
    redactor: ReplyRedactor,
    on_head: OnHead | None = None,
    vendor: str = "",
) -> AsyncGenerator[WireEvent]:
    """Yield the events of one reply, `at_ms` counted from now. Raises `LLMError`, without keys.

    `on_head` hears the head of the reply, with the body where it is a refusal, also without keys; `vendor` is the
    provider's id. Texts come as they are: whoever adds them to an `Answer` gives it sieves.
    """
    sent = clock()
    with _without_keys(redactor):
        async with transport.open(request) as reply:
            await _accept(reply, timeouts, redactor, on_head, vendor)
            if (served := of_head(reply.head.headers)) != NOBODY:
                yield redactor.clean(served)
            if _is_whole(request, reply.head):
                body = await _body(reply, timeouts)
                at_ms = (clock() - sent) * 1000
                for event in _read_whole(wire, request, body, timeouts, at_ms):
                    yield _redacted(event, redactor)
                return
            reader = Reader(
                wire,
                request.framing,
                max_line_bytes=timeouts.line_bytes,
                max_answer_bytes=timeouts.answer_bytes,
                max_media_bytes=timeouts.media_bytes,
            )
            first_token_s = timeouts.reasoning_first_token_s if reasoning else timeouts.first_token_s
            with DeadlineWatch(reply.abort, clock, sent, first_token_s, timeouts) as watch:
                try:
                    async for data in reply.chunks():
                        now = watch.arrived()
                        for event in reader.feed(data, (now - sent) * 1000):
                            if event.__class__ is Delta or event.__class__ is Reasoning:
                                watch.spoken = True
                                yield event
                            else:
                                watch.spoken = watch.spoken or isinstance(event, OF_THE_MODEL)
                                yield _redacted(event, redactor)
                        watch.listen(reader.ended)
                except LLMError:
                    if watch.late and not reader.ended:
                        raise Timeout(watch.late) from None
                    if not watch.late:
                        raise
            for event in reader.close((clock() - sent) * 1000):
                yield _redacted(event, redactor)


def send(
    transport: Sending,
    request: HttpRequest,
    wire: Format,
    timeouts: Timeouts,
    *,
    redactor: ReplyRedactor,
    on_head: OnHead | None = None,
    vendor: str = "",
) -> Iterator[WireEvent]:
    """Yield the events of one whole reply, unstamped: when a whole reply began is not known. Raises `LLMError`."""
    with _without_keys(redactor):
        head, body = _good_reply(transport, request, redactor, on_head, vendor)
        if (served := of_head(head.headers)) != NOBODY:
            yield redactor.clean(served)
        for event in _read_whole(wire, request, body, timeouts):
            yield _redacted(event, redactor)


def fetch(
    transport: Sending,
    request: HttpRequest,
    *,
    redactor: ReplyRedactor,
    on_head: OnHead | None = None,
    vendor: str = "",
) -> Any:
    """The JSON of a reply that is no answer (a list of models), without keys. Raises `LLMError`."""
    with _without_keys(redactor):
        try:
            return redactor.clean(parse(_good_reply(transport, request, redactor, on_head, vendor)[1]))
        except ValueError:
            raise BadReply("The reply is not JSON.") from None


def _good_reply(
    transport: Sending, request: HttpRequest, redactor: ReplyRedactor, on_head: OnHead | None = None, vendor: str = ""
) -> tuple[Head, bytes]:
    head, body = transport.send(request)
    if on_head:
        on_head(redactor.clean(head), redactor.clean(body) if head.status >= 300 else b"")
    if head.status >= 300:
        raise failure.read(head.status, head.headers, body, _now(), vendor)
    return head, body


def _read_whole(
    wire: Format, request: HttpRequest, body: bytes, timeouts: Timeouts, at_ms: float = 0.0
) -> Iterator[WireEvent]:
    return read_whole(
        wire,
        body,
        at_ms,
        echo=_echo(request),
        max_answer_bytes=timeouts.answer_bytes,
        max_media_bytes=timeouts.media_bytes,
    )


def _redacted(event: WireEvent, redactor: ReplyRedactor) -> WireEvent:
    """The event without keys in the provider's messages; what the model made is left to `Answer`."""
    return event if isinstance(event, OF_THE_MODEL) else redactor.clean(event)


@contextmanager
def _without_keys(redactor: ReplyRedactor) -> Iterator[None]:
    """Errors raised inside leave without keys."""
    try:
        yield
    except LLMError as error:
        redactor.clean(error)
        raise


def _echo(request: HttpRequest) -> str:
    """The prompt as sent, which some text-generation servers put before their answer."""
    return str((request.body or {}).get("inputs", ""))


class DeadlineWatch:
    """Aborts a reply that is late, and knows which deadline it missed (`late`, a sentence; empty: none)."""

    def __init__(
        self, abort: Callable[[], None], clock: Callable[[], float], sent: float, first_s: float, timeouts: Timeouts
    ) -> None:
        self._abort = abort
        self._clock = clock
        self._first_due = sent + first_s
        self._answer_due = sent + timeouts.answer_s
        self._gap_s = timeouts.gap_s
        self._listening_since = clock()
        self._handle: asyncio.TimerHandle | None = None
        self.spoken = False
        self.late = ""

    def __enter__(self) -> DeadlineWatch:
        self._arm()
        return self

    def __exit__(self, *_error: object) -> None:
        if self._handle:
            self._handle.cancel()

    def arrived(self) -> float:
        """Note that bytes came; until `listen` no deadline but the whole answer's counts. Returns the time."""
        self._listening_since = NEVER
        return self._clock()

    def listen(self, ended: bool) -> None:
        """Note that the next read begins; after the end mark only a moment is left for the connection to close."""
        self._listening_since = self._clock()
        if ended and self._gap_s > AFTER_THE_END_S:
            self._gap_s = AFTER_THE_END_S
            self._arm()

    def _due(self) -> tuple[float, str]:
        whole = (self._answer_due, "The answer took too long.")
        if self._listening_since == NEVER:
            return whole
        if self.spoken:
            return min(whole, (self._listening_since + self._gap_s, "The provider stopped sending during the answer."))
        return min(whole, (self._first_due, "No first token arrived in time."))

    def _arm(self) -> None:
        if self._handle:
            self._handle.cancel()
        wait_s = max(0.001, self._due()[0] - self._clock())
        self._handle = asyncio.get_running_loop().call_later(wait_s, self._look)

    def _look(self) -> None:
        due, sentence = self._due()
        if self._clock() >= due:
            self.late = sentence
            self._abort()
        else:
            self._arm()


def _is_whole(request: HttpRequest, head: Head) -> bool:
    """True when a reply to a streaming request is one JSON body."""
    return request.framing == "sse" and "application/json" in head.headers.get("content-type", "")


async def _accept(
    reply: Response, timeouts: Timeouts, redactor: ReplyRedactor, on_head: OnHead | None, vendor: str
) -> None:
    """Tell of the head; raises what a refusal says."""
    refused = reply.head.status >= 300
    refusal = await _error_body(reply, timeouts) if refused else b""
    if on_head:
        on_head(redactor.clean(reply.head), redactor.clean(refusal))
    if refused:
        raise failure.read(reply.head.status, reply.head.headers, refusal, _now(), vendor)


async def _error_body(reply: Response, timeouts: Timeouts) -> bytes:
    """The readable part of a failure's body; a break or a stall does not hide the failure."""
    body = bytearray()
    try:
        async with asyncio.timeout(timeouts.headers_s):
            async for data in reply.chunks():
                body += data
                if len(body) >= timeouts.error_bytes:
                    break
    except (LLMError, TimeoutError):
        pass
    return bytes(body[: timeouts.error_bytes])


async def _body(reply: Response, timeouts: Timeouts) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(timeouts.answer_s):
            async for data in reply.chunks():
                body += data
                if len(body) > timeouts.whole_bytes:
                    raise BadReply("The reply grew beyond the allowed size.", retryable=False)
    except TimeoutError:
        raise Timeout("The answer took too long.", tries=1) from None
    return bytes(body)


def _now() -> datetime:
    return datetime.now(UTC)
