"""A reply from its bytes to its answer.

    Reader(wire, framing).feed(bytes, at_ms) -> events, stamped      read_whole(wire, body) -> the same events
    Answer().add(event) ...                    -> text, reasoning, usage, finish and times

A format decodes one frame; this module adds what takes the whole stream: reasoning inside the text is taken out, a
refusal ends in `refusal`, repeated text is passed on once, and an end without a reason is a broken connection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import BadReply, Truncated
from ..records import Delta, Finish, Framing, Reasoning, Reclassified, Served, Unshown, Usage, WireEvent
from . import served as served_models
from .framing import END, Framer, parse
from .shape import EndMark, Last, Refusal, Repeated, RepeatedReasoning, SoFar
from .thinking import Piece, Splitter, has_start

if TYPE_CHECKING:
    from . import Format

MALFORMED = (AttributeError, TypeError, KeyError, IndexError, ValueError)  # a frame of another shape than agreed
OWN_TAG = re.compile(r"^\s*<think>|</think>\s*$")  # left in by a server that has separated the reasoning
FIRST_FRAMES = 8  # frames that are searched for the model's name; after them only those with more than text
SHORTEST_REPEATED = 24  # characters; a shorter last piece may equal the text before it by chance


class Reader:
    """One stream. Raises LLMError after everything that came before the failure was yielded."""

    def __init__(
        self,
        wire: Format,
        framing: Framing,
        *,
        max_line_bytes: int = 1_000_000,
        max_answer_bytes: int = 2_000_000,
    ) -> None:
        self._framer = Framer(framing, max_line_bytes)
        self._decode = wire.decode
        self._served_in = wire.served
        self._served = served_models.NOBODY
        self._whole = _AnswerState(max_answer_bytes)
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


class _AnswerState:
    """The state of the answer so far, and the events that follow from it."""

    def __init__(self, max_answer_bytes: int) -> None:
        self.max_answer_bytes = max_answer_bytes
        self.size_bytes = 0
        self.finished = False
        self.refused = False
        self.is_plain = False  # text without a tag in it may be passed on as it is
        self._reasoned = False  # apart from the text
        self._so_far = ""
        self._splitter = Splitter()
        self.answer_parts = self._splitter.answer_parts

    def add(self, event: WireEvent, at_ms: float) -> Iterator[WireEvent]:
        match event:
            case SoFar(text=text):
                fresh = text[len(self._so_far) :] if text.startswith(self._so_far) else text
                self._so_far += fresh
                yield from self._text(fresh, at_ms)
            case Repeated(text=text):
                yield from self._text(self._unsent(text), at_ms)
            case Last(text=text):
                repeats = len(text) >= SHORTEST_REPEATED and text.strip() == "".join(self.answer_parts).strip()
                yield from self._text("" if repeats else text, at_ms)
            case Delta(text=text):
                self.refused = self.refused or type(event) is Refusal
                yield from self._text(text, at_ms)
            case RepeatedReasoning() if self._reasoned:
                return
            case Reasoning(text=text):
                self.check_size(text)
                text = OWN_TAG.sub("", text) if "think>" in text else text
                self._reasoned = True
                self._splitter.reasoned()
                yield Reasoning(text, at_ms)
            case Unshown():
                yield replace(event, at_ms=at_ms)
            case EndMark() if self.finished:
                return
            case Finish(reason=reason, raw=raw):
                yield from self.flush(at_ms)
                self.finished = True
                yield Finish(self.reason(reason), raw)
            case _:
                yield event

    def _text(self, text: str, at_ms: float) -> Iterator[WireEvent]:
        self.check_size(text)
        for piece in self._splitter.feed(text):
            yield _at(piece, at_ms)
        self.is_plain = self._splitter.is_plain

    def _unsent(self, text: str) -> str:
        """What a whole message adds to an answer streamed before it: all of it, its end, or nothing."""
        sent = "".join(self.answer_parts)
        if not sent.strip():
            return text
        whole = Splitter()
        for _piece in (*whole.feed(text), *whole.close()):
            pass
        message = "".join(whole.answer_parts)
        if message.startswith(sent):
            return message.removeprefix(sent)
        return "" if 2 * len(message) > len(sent) else text  # a short one is no whole message

    def flush(self, at_ms: float) -> Iterator[WireEvent]:
        for piece in self._splitter.close():
            yield _at(piece, at_ms)

    def reason(self, reason: Any) -> Any:
        return "refusal" if self.refused and reason == "stop" else reason

    def check_size(self, text: str) -> None:
        """Every text passes here before it is shown, so that a wrong type counts as an unreadable frame."""
        self.size_bytes += len(text) if text.isascii() else len(text.encode())
        if self.size_bytes > self.max_answer_bytes:
            raise BadReply(f"the answer is too long (over {self.max_answer_bytes} bytes)", retryable=False)


def _at(piece: Piece, at_ms: float) -> Piece:
    return Reclassified(at_ms) if isinstance(piece, Reclassified) else type(piece)(piece.text, at_ms)


def read_whole(
    wire: Format, body: bytes, at_ms: float = 0.0, *, echo: str = "", max_answer_bytes: int = 2_000_000
) -> Iterator[WireEvent]:
    """Events of a whole reply read at `at_ms`, a Finish among them. `echo` is a prompt some servers put in front.

    Raises BadReply for a body that is no JSON or holds nothing the format knows.
    """
    try:
        value = parse(body.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        yield from _not_one_value(wire, body, at_ms, max_answer_bytes)
        return
    whole = _AnswerState(max_answer_bytes)
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


def _not_one_value(wire: Format, body: bytes, at_ms: float, max_answer_bytes: int) -> Iterator[WireEvent]:
    """A server that streams although it was not asked to, or anything else."""
    start = body[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not start:
        raise BadReply("the reply is empty")
    if start not in (b"d", b"e", b":", b"{", b"[", b"<"):
        raise BadReply("the reply has an unexpected format")
    framing: Framing = "ndjson" if start == b"{" else "sse"
    reader = Reader(wire, framing, max_line_bytes=max(len(body), 1), max_answer_bytes=max_answer_bytes)
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
    names = ("input_tokens", "output_tokens", "reasoning_tokens", "cached_tokens", "cost_usd")
    pairs = {name: (getattr(old, name), getattr(new, name)) for name in names}
    named = {name: value for name, (before, value) in pairs.items() if value is not None and (value or not before)}
    return replace(old, **named, estimated=new.estimated)
