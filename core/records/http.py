"""One exchange with a server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Framing = Literal["sse", "ndjson", "json"]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One exchange before it is signed: `headers` hold no key; `body` is sent as JSON, else `content` as it is."""

    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None
    framing: Framing
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Head:
    """Status line and headers of a reply; header names in lower case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WireRecord:
    """One exchange as a person may look at it: no keys, cut to a size. `body_chars` and `reply_bytes` count all of it;
    `status` None: nothing came back."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: str
    body_chars: int
    status: int | None
    reply_headers: Mapping[str, str]
    reply: str
    reply_bytes: int
