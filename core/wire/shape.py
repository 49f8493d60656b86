"""What the formats share: building a request, and reading the numbers and words of a reply safely."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Literal, cast
from urllib.parse import quote

from ..errors import BadRequest, Setup
from ..records import (
    NOTHING,
    Delta,
    Document,
    Finish,
    Framing,
    HttpRequest,
    MediaPart,
    Message,
    Model,
    Picture,
    Provider,
    Reasoning,
    Sound,
    Thought,
    ThoughtDelta,
    ToolCall,
    ToolCallDelta,
    Unshown,
)
from . import base64_media

MAX_COUNT = 1_000_000_000
JSON_HEADERS = {"content-type": "application/json"}


class Refusal(Delta):
    """Answer text by which the model declines: what follows it ends in `refusal`, not `stop`."""

    __slots__ = ()


class SoFar(Delta):
    """The whole answer up to now, where a server repeats it in every frame; the reader passes on what is new."""

    __slots__ = ()


class Repeated(Delta):
    """The whole message in one frame, which a stream may have brought in pieces before."""

    __slots__ = ()


class Last(Delta):
    """The text of a last frame: its end, or the whole once more."""

    __slots__ = ()


class RepeatedReasoning(Reasoning):
    """The same for the reasoning."""

    __slots__ = ()


class WholeCall(ToolCallDelta):
    """A whole call in one frame, without a place of its own: the reader gives it the next one."""

    __slots__ = ()


class RepeatedCall(ToolCallDelta):
    """A call in a whole message, which a stream may have brought before."""

    __slots__ = ()


class WholeThought(ThoughtDelta):
    """One that is whole, without a place of its own."""

    __slots__ = ()


class RepeatedThought(ThoughtDelta):
    """The same for reasoning that goes back."""

    __slots__ = ()


class EndMark(Finish):
    """The format's own end mark: an ordinary end unless a reason was given before."""

    __slots__ = ()


def post(
    provider: Provider, path: str, body: Mapping[str, Any], framing: Framing, headers: Mapping[str, str] = NOTHING
) -> HttpRequest:
    body = {**body, **provider.quirks.get("body", NOTHING)}
    return HttpRequest("POST", url(provider, path), {**JSON_HEADERS, **headers, **provider.headers}, body, framing)


def get(provider: Provider, path: str, headers: Mapping[str, str] = NOTHING) -> HttpRequest:
    return HttpRequest("GET", url(provider, path), {**headers, **provider.headers}, None, "json")


def url(provider: Provider, path: str) -> str:
    """`base_url` with its `{option}` fields filled, then `path`; a query of the base stays at the end.

    An option at the very front is a whole address and kept as it is; elsewhere it is quoted and stays one path segment.
    """
    base, _, query = re.sub(r"\{(\w+)\}", lambda field: _option(provider, field), provider.base_url).partition("?")
    whole = base.rstrip("/") + path
    return f"{whole}{'&' if '?' in path else '?'}{query}" if query else whole


def _option(provider: Provider, field: re.Match[str]) -> str:
    value = str(provider.options.get(field[1], "")).strip()
    if not value:
        raise Setup(f"{provider.label} needs {provider.needs.get(field[1], field[1])}")
    return value.rstrip("/") if field.start() == 0 else quote(value, safe="")


def in_path(name: str) -> str:
    """A model name as part of a path: `/` stays. Raises BadRequest for `..` and empty parts."""
    if not name.strip("/") or any(part in ("", ".", "..") for part in name.split("/")):
        raise BadRequest(f"{name!r} cannot be a model name")
    return quote(name, safe="/@")


def sampling(**values: Any) -> dict[str, Any]:
    """Only what a person set: servers refuse parameters that they would ignore at their default."""
    return {name: value for name, value in values.items() if value is not None}


def system_text(messages: Iterable[Message]) -> str:
    return "\n\n".join(message.text for message in messages if message.role == "system" and message.text.strip())


def is_own(part: Thought | ToolCall, provider: Provider, model: Model) -> bool:
    """Whether what is signed may go back: to the provider and the model that wrote it, and nowhere else."""
    return part.provider_id == provider.id and part.model_name in ("", model.name)


def turns(messages: Iterable[Message]) -> list[Message]:
    """The conversation without system texts and empty turns, neighbours of the same role joined; the results of tools
    are turns of the person."""
    out: list[Message] = []
    for message in messages:
        if message.role == "system" or message.is_empty:
            continue
        if message.role == "tool":
            message = Message("user", message.parts)
        if out and out[-1].role == message.role:
            out[-1] = Message(message.role, (*out[-1].parts, *message.parts))
        else:
            out.append(message)
    return out


def count(value: object) -> int | None:
    """A token count, or None for what cannot be one: absent, negative, not whole, above `MAX_COUNT`."""
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MAX_COUNT else None


def usd(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MAX_COUNT:
        return None
    return Decimal(str(value))


def total(*counts: int | None) -> int | None:
    """The sum of what is known; None if nothing is."""
    known_counts = [number for number in counts if number is not None]
    return sum(known_counts) if known_counts else None


def fields(value: object) -> Mapping[str, Any]:
    """`value` if it is an object, else an empty one: a missing and a null member read the same."""
    return value if isinstance(value, dict) else NOTHING


def items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def unshown(kind: str) -> Literal["picture", "sound", "video", "file"] | None:
    """What a part of this type is, by its name or media type; None for text and the like."""
    kind = kind.lower()
    for word, part_kind in (("image", "picture"), ("audio", "sound"), ("video", "video"), ("file", "file")):
        if word in kind:
            return cast(Literal["picture", "sound", "video", "file"], part_kind)
    return None


def shown(url: object, kind: Literal["picture", "sound", "video", "file"]) -> MediaPart | Unshown:
    """The part that a data URL holds, if it can be shown."""
    return part_or(base64_media.from_url(url), kind)


def part_or(
    part: Picture | Sound | Document | None, kind: Literal["picture", "sound", "video", "file"]
) -> MediaPart | Unshown:
    return MediaPart(part) if part else Unshown(kind)


def text(value: object) -> str:
    """`value` if it is text, a number as text, else ""."""
    if isinstance(value, str):
        return value
    return str(value) if type(value) is int else ""


def as_json(value: object) -> str:
    """JSON text of a parsed value; "" of nothing."""
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def from_json(raw: str) -> dict[str, Any]:
    """The object that a model wrote as JSON text; {} where it is broken or no object."""
    try:
        value = json.loads(raw or "{}")
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def names(body: object, *, keys: tuple[str, ...] = ("id", "name")) -> list[str]:
    """Model names of a listing in any of its shapes: bare, or below `data`, `models` or `result`."""
    listings = (body, *(fields(body).get(key) for key in ("data", "models", "result")))
    rows = [fields(row) for listing in listings for row in items(listing)]
    values = [next((row[key] for key in keys if isinstance(row.get(key), str)), "") for row in rows]
    return list(dict.fromkeys(name for name in values if name))
