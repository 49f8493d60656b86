"""Replays a body through the reader in pieces of every size, and tells what came out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hypothesis import settings

from core.errors import LLMError
from core.records import Framing
from core.wire import FORMATS
from core.wire.reader import Answer, Reader, read_whole

UNTIMED = settings(deadline=None)
CUTS = (1, 2, 3, 7, 64, None)


@dataclass
class Heard:
    answer: Answer
    error: LLMError | None


def pieces(body: bytes, size: int | None) -> Iterator[bytes]:
    yield from [body] if size is None else (body[at : at + size] for at in range(0, len(body), size))


def stream(wire: str, framing: Framing, body: bytes, size: int | None = None) -> Heard:
    reader, answer = Reader(FORMATS[wire], framing), Answer()
    try:
        for n, piece in enumerate(pieces(body, size)):
            for event in reader.feed(piece, float(n)):
                answer.add(event)
        for event in reader.close(1e6):
            answer.add(event)
    except LLMError as error:
        return Heard(answer, error)
    return Heard(answer, None)


def whole(wire: str, body: bytes) -> Heard:
    answer = Answer()
    try:
        for event in read_whole(FORMATS[wire], body):
            answer.add(event)
    except LLMError as error:
        return Heard(answer, error)
    return Heard(answer, None)
