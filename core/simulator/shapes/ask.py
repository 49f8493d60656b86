"""What every shape shares: the request as read, a frame of the reply, and cheap JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from core.records import Message


@dataclass(frozen=True, slots=True)
class Ask:
    """A vendor's request in our words. `array`: the reply is a JSON list; `prefix`: text the answer repeats first."""

    model: str
    messages: tuple[Message, ...]
    stream: bool
    max_tokens: int | None = None
    seed: int | None = None
    wants_usage: bool = True
    array: bool = False
    prefix: str = ""
    media: str = "text/event-stream"


class Frame(NamedTuple):
    """Bytes due `delay_s` after the frame before them; `token` when they carry a token."""

    delay_s: float
    data: bytes
    token: bool = False


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
