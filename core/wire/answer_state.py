"""The answer of one reply while it is read: what each event of a format becomes before anybody sees it.

Reasoning inside the text is taken out, repeated text passed on once, a refusal ends in `refusal`, calls of tools and
pictures get their places, and all of it has its bounds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ..errors import BadReply
from ..records import (
    Delta,
    Finish,
    MediaPart,
    Reasoning,
    Reclassified,
    ThoughtDelta,
    ToolCallDelta,
    Unshown,
    WireEvent,
)
from .beside import MAX_MEDIA_BYTES, Beside
from .shape import EndMark, Last, Refusal, Repeated, RepeatedReasoning, SoFar
from .thinking import Piece, Splitter

OWN_TAG = re.compile(r"^\s*<think>|</think>\s*$")  # left in by a server that has separated the reasoning
SHORTEST_REPEATED = 24  # characters; a shorter last piece may equal the text before it by chance


class AnswerState:
    """The state of the answer so far, and the events that follow from it."""

    def __init__(self, max_answer_bytes: int, max_media_bytes: int = MAX_MEDIA_BYTES) -> None:
        self.max_answer_bytes = max_answer_bytes
        self._beside = Beside(max_media_bytes)
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
            case ToolCallDelta() | ThoughtDelta() | MediaPart():
                self.size_bytes += self._beside.size_of(event)
                self.check_size("")
                if placed := self._beside.placed(event):
                    yield replace(placed, at_ms=at_ms)
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
