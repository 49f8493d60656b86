"""Shared by all formats: the parsed request, a frame of the reply, and fast JSON."""

from __future__ import annotations

import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from ...records import Message, WireEvent
from ..plan import ReplyPlan
from ..wish import NO_WISH, AnswerWish, Unreadable


@dataclass(frozen=True, slots=True)
class ParsedRequest:
    """A vendor's request in our words.

    `choices` replies are requested, each ending before a `stop` sequence. `wants_usage`: a stream sends the counts in a
    frame of their own; `vendor` selects a vendor's variant of the shape, "" for none. `array`: the reply is a JSON
    list; `prefix`: text the answer repeats first; `follows`: the id of the response that it continues.
    """

    model: str
    messages: tuple[Message, ...]
    stream: bool
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    choices: int = 1
    wants_usage: bool = True
    vendor: str = ""
    follows: str = ""
    array: bool = False
    prefix: str = ""
    media: str = "text/event-stream"
    wish: AnswerWish = NO_WISH


class Frame(NamedTuple):
    """Bytes due `delay_s` after the frame before them; `token` when they carry a token."""

    delay_s: float
    data: bytes
    token: bool = False


MOST_CHOICES = 16
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
quoted = json.encoder.encode_basestring  # a JSON string of a text, without building an encoder for it


def dumps(value: object) -> bytes:
    return ENCODER.encode(value).encode()


def sse(value: object, event: str = "") -> bytes:
    name = f"event: {event}\n".encode() if event else b""
    return b"%sdata: %s\n\n" % (name, dumps(value))


def around(encode: Callable[[str], bytes]) -> Callable[[str], bytes]:
    """An encoder that makes the frame once and afterwards only puts each text into it."""
    mark = "\u241etext\u241e"
    before, _, after = encode(mark).partition(dumps(mark))

    def place(text: str) -> bytes:
        return b"%s%s%s" % (before, quoted(text).encode(), after)

    return place


def text_of(content: Any) -> str:
    """The text of a message's content: a string, or a list of parts."""
    if isinstance(content, list):
        return "".join(str(part.get("text") or "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


def whole_number(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value >= 0 else None


def stops(value: Any) -> tuple[str, ...]:
    """Stop sequences: none, one, or a list of them."""
    sequences = [value] if isinstance(value, str) else value or []
    if not isinstance(sequences, list) or not all(isinstance(sequence, str) for sequence in sequences):
        raise Unreadable("Stop sequences must be a string or a list of strings.")
    return tuple(filter(None, sequences))


def choices(value: Any) -> int:
    """How many replies are requested; one by default."""
    if value is None:
        return 1
    if not isinstance(value, int) or not 1 <= value <= MOST_CHOICES:
        raise Unreadable(f"The number of choices must be from 1 to {MOST_CHOICES}.")
    return value


def interleave(plan: ReplyPlan) -> Iterator[tuple[float, int, WireEvent]]:
    """The pieces of all choices in the order of time: seconds since the one before, place of the choice, event."""
    if not plan.others:
        yield from ((delay_s, 0, event) for delay_s, event in plan.pieces)
        return
    before_s = 0.0
    for due_s, place, event in heapq.merge(*map(_due, range(len(plan.choices)), plan.choices), key=itemgetter(0)):
        yield due_s - before_s, place, event
        before_s = due_s


def _due(place: int, choice: ReplyPlan) -> Iterator[tuple[float, int, WireEvent]]:
    due_s = 0.0
    for delay_s, event in choice.pieces:
        due_s += delay_s
        yield due_s, place, event
