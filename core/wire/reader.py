"""A reply from its bytes to its answer.

    Reader(wire, framing).feed(bytes, at_ms) -> events, stamped      read_whole(wire, body) -> the same events
    Answer().add(event) ...                    -> text, reasoning, usage, finish and times

A format decodes one frame; this module adds what takes the whole stream: reasoning inside the text is taken out, a
refusal ends in `refusal`, repeated text is passed on once, and an end without a reason is a broken connection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BadReply, Truncated
from ..records import (
    Delta,
    Finish,
    Framing,
    MediaPart,
    Part,
    Reasoning,
    Reclassified,
    Served,
    ThoughtDelta,
    ToolCallDelta,
    Unshown,
    Usage,
    WireEvent,
)
from . import served as served_models
from .answer_state import AnswerState
from .beside import MAX_MEDIA_BYTES, Collected
from .framing import END, Framer, parse
from .thinking import has_start

if TYPE_CHECKING:
    from . import Format

MALFORMED = (AttributeError, TypeError, KeyError, IndexError, ValueError)  # a frame of another shape than agreed
FIRST_FRAMES = 8  # frames that are searched for the model's name; after them only those with more than text


class Reader:
    """One stream. Raises LLMError after everything that came before the failure was yielded."""

    def __init__(
        self,
        wire: Format,
        framing: Framing,
        *,
        max_line_bytes: int = 1_000_000,
        max_answer_bytes: int = 2_000_000,
        max_media_bytes: int = MAX_MEDIA_BYTES,
    ) -> None:
        self._framer = Framer(framing, max_line_bytes)
        self._decode = wire.decode
        self._served_in = wire.served
        self._served = served_models.NOBODY
        self._whole = AnswerState(max_answer_bytes, max_media_bytes)
        self._bytes = 0
        self._frames = 0
        self.ended = False  # the end mark was seen: nothing that follows it is part of the answer

    def feed(self, data: bytes, at_ms: float) -> Iterator[WireEvent]:
        """Events in `data`, read `at_ms` after the request was sent."""
        self._bytes += len(data)
        for frame in self._framer.feed(data):
            yield from self._events(frame, at_ms)

    def close(self, at_ms: float) -> Iterator[WireEvent]:
        """What was held back; Truncated if there was neither a finish reason nor an end mark."""
        for frame in self._framer.close():
            yield from self._events(frame, at_ms)
        yield from self._whole.flush(at_ms)
        if self._bytes and not self._frames and not self.ended:
            raise BadReply("the reply holds no answer")
        if not self._whole.finished:
            if not (self.ended or (self._framer.is_one_body and self._frames == 1)):
                raise Truncated("the answer was cut off")
            yield Finish(self._whole.reason("stop"))

    def _events(self, frame: Any, at_ms: float) -> Iterator[WireEvent]:
        self.ended = self.ended or frame is END
        if self.ended:
            return
        if type(frame) is list:
            for item in frame:
                yield from self._events(item, at_ms)
            return
        self._frames += 1
        whole, may_name_model = self._whole, self._frames <= FIRST_FRAMES
        try:
            for event in self._decode(frame):
                if type(event) is Delta and whole.is_plain and not has_start(text := event.text):
                    whole.check_size(text)
                    whole.answer_parts.append(text)
                    yield Delta(text, at_ms)
                else:
                    may_name_model = may_name_model or type(event) is not Delta
                    yield from whole.add(event, at_ms)
            if may_name_model and (served := served_models.newer(self._served, self._served_in(frame))) != self._served:
                self._served = served
                yield served
        except MALFORMED:
            self._framer.unreadable()


def read_whole(
    wire: Format,
    body: bytes,
    at_ms: float = 0.0,
    *,
    echo: str = "",
    max_answer_bytes: int = 2_000_000,
    max_media_bytes: int = MAX_MEDIA_BYTES,
) -> Iterator[WireEvent]:
    """Events of a whole reply read at `at_ms`, a Finish among them. `echo` is a prompt some servers put in front.

    Raises BadReply for a body that is no JSON or holds nothing the format knows.
    """
    try:
        value = parse(body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        yield from _not_one_value(wire, body, at_ms, max_answer_bytes, max_media_bytes)
        return
    whole = AnswerState(max_answer_bytes, max_media_bytes)
    for event in chain(_decoded(wire, value), _served(wire, value)):
        if echo and type(event) is Delta:
            event, echo = Delta(event.text.removeprefix(echo)), ""
        yield from whole.add(event, at_ms)
    yield from whole.flush(at_ms)
    if not whole.finished:
        yield Finish(whole.reason("stop"))


def _decoded(wire: Format, value: Any) -> Iterator[WireEvent]:
    recognised = False
    try:
        for event in wire.decode_whole(value):
            if isinstance(event, Delta | Reasoning) and not isinstance(event.text, str):
                raise TypeError("text that is not a string")
            recognised = True
            yield event
    except MALFORMED:
        raise BadReply("the reply has an unexpected format") from None
    if not recognised:
        raise BadReply("the reply holds no answer")


def _served(wire: Format, value: Any) -> Iterator[Served]:
    named = served_models.newest(wire.served(frame) for frame in (value if isinstance(value, list) else [value]))
    if named != served_models.NOBODY:
        yield named


def _not_one_value(
    wire: Format, body: bytes, at_ms: float, max_answer_bytes: int, max_media_bytes: int
) -> Iterator[WireEvent]:
    """A server that streams although it was not asked to, or anything else."""
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not start:
        raise BadReply("the reply is empty")
    if start not in (b"d", b"e", b":", b"{", b"[", b"<"):
        raise BadReply("the reply has an unexpected format")
    framing: Framing = "ndjson" if start == b"{" else "sse"
    reader = Reader(
        wire,
        framing,
        max_line_bytes=max(len(body), 1),
        max_answer_bytes=max_answer_bytes,
        max_media_bytes=max_media_bytes,
    )
    yield from reader.feed(body, at_ms)
    yield from reader.close(at_ms)


class TextFilter(Protocol):
    """Removes what must not be seen from a text that arrives in pieces; `close` returns what it held back."""

    def feed(self, text: str) -> str: ...
    def close(self) -> str: ...


class _Text(list[str]):
    """A text in pieces: any thread may read all of it while one appends. What was joined is not joined again."""

    _joined = ("", 0)  # the text of so many pieces

    def so_far(self) -> str:
        text, joined = self._joined
        fresh = self[joined:]
        if fresh:
            text += "".join(fresh)
            self._joined = (text, joined + len(fresh))
        return text


class Answer:
    """The reducer: events in, the answer and its times out. Streams and whole replies build it alike."""

    def __init__(self, sieves: tuple[TextFilter, TextFilter] | None = None) -> None:
        """`sieves` take the keys out of the text and out of the reasoning before anybody sees them."""
        self._sieves = sieves
        self._text = _Text()
        self._reasoning = _Text()
        self._beside = Collected()
        self.unshown: list[Unshown] = []
        self._usage: Usage | None = None
        self.finish: Finish | None = None
        self.served = served_models.NOBODY
        self.ttft_ms: float | None = None
        self.first_answer_ms: float | None = None
        self.last_ms: float | None = None
        self.chunks = 0
        self.arrivals = 0

    @property
    def text(self) -> str:
        return self._text.so_far()

    @property
    def reasoning(self) -> str:
        return self._reasoning.so_far()

    def parts(self, provider_id: str = "", hide: Callable[[str], str] = str, model_name: str = "") -> tuple[Part, ...]:
        """What the answer has beside its text: thoughts to be sent back to the provider, pictures, calls of tools.
        `hide` cleans the arguments of the calls."""
        return self._beside.parts(provider_id, hide, model_name)

    @property
    def usage(self) -> Usage | None:
        """The provider's count. A zero beside a text was not counted: it becomes unknown."""
        usage = self._usage
        if usage is None or not (self._text or self._reasoning):
            return usage
        return replace(usage, input_tokens=usage.input_tokens or None, output_tokens=usage.output_tokens or None)

    def add(self, event: WireEvent) -> WireEvent:
        """The event with everything removed that must not be shown."""
        match event:
            case Delta(text=text, at_ms=at_ms):
                if self._sieves and (shown := self._sieves[0].feed(text)) is not text:
                    text, event = shown, Delta(shown, at_ms)
                self._text.append(text)
                self.first_answer_ms = at_ms if self.first_answer_ms is None else self.first_answer_ms
                self._stamp(at_ms)
            case Reasoning(text=text, at_ms=at_ms):
                if self._sieves and (shown := self._sieves[1].feed(text)) is not text:
                    text, event = shown, Reasoning(shown, at_ms)
                self._reasoning.append(text)
                self._stamp(at_ms)
            case Reclassified():
                self.close()
                self._reasoning += self._text
                self._text, self.first_answer_ms = _Text(), None
            case ToolCallDelta(at_ms=at_ms) | MediaPart(at_ms=at_ms):
                self._beside.add(event)
                self._stamp(at_ms)
            case ThoughtDelta():
                self._beside.add(event)
            case Unshown():
                self.unshown.append(event)
                self._stamp(event.at_ms)
            case Usage():
                self._usage = event if self._usage is None else _newer(self._usage, event)
            case Served():
                self.served = served_models.newer(self.served, event)
            case Finish():
                self.finish = event
        return event

    def close(self) -> list[Delta | Reasoning]:
        """What the sieves held back; the times of its pieces were noted when they came."""
        if self._sieves is None:
            return []
        text, reasoning = (sieve.close() for sieve in self._sieves)
        self._text.append(text)
        self._reasoning.append(reasoning)
        at_ms = self.last_ms or 0.0
        return [*([Reasoning(reasoning, at_ms)] if reasoning else ()), *([Delta(text, at_ms)] if text else ())]

    def _stamp(self, at_ms: float) -> None:
        self.ttft_ms = at_ms if self.ttft_ms is None else self.ttft_ms
        self.arrivals += at_ms != self.last_ms
        self.last_ms = at_ms
        self.chunks += 1


def _newer(old: Usage, new: Usage) -> Usage:
    """A newer snapshot over an older one: its fields replace, nothing is added; a zero replaces no count."""
    names = [field.name for field in fields(Usage) if field.name != "estimated"]
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in names}
    named = {name: value for name, (before, value) in pairs.items() if value is not None and (value or not before)}
    return replace(old, **named, estimated=new.estimated)
