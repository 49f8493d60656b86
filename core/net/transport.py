"""What a transport is. Two thin ones over the same formats: `streaming.Aiohttp` and `sending.Requests`.

Both follow no redirect, read proxies from the usual environment variables and never `.netrc`, limit the time to
connect, and turn every library error into an `LLMError` that holds neither address nor key. Each lives in a file of
its own because importing its library costs more than everything else before the first answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from ..records import Head, HttpRequest

AGENT = {"User-Agent": "roundtable"}


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long each stage of one exchange may take (seconds) and how large its parts may grow (bytes, decoded)."""

    connect_s: float = 10
    headers_s: float = 30
    first_token_s: float = 60
    reasoning_first_token_s: float = 180
    gap_s: float = 45
    answer_s: float = 300
    line_bytes: int = 30_000_000
    answer_bytes: int = 2_000_000
    media_bytes: int = 32_000_000
    error_bytes: int = 64_000

    @property
    def whole_bytes(self) -> int:
        """A whole reply: its text, and pictures and sounds in base64."""
        return self.answer_bytes + self.media_bytes * 4 // 3


class StoppedUnsent(asyncio.CancelledError):
    """A stop before anything reached the provider, so that it cannot have counted the request."""


class Response(Protocol):
    """A reply whose head has arrived and whose body is still arriving; `abort` makes a pending read fail at once."""

    @property
    def head(self) -> Head: ...
    def chunks(self) -> AsyncIterator[bytes]: ...
    def abort(self) -> None: ...


class Streaming(Protocol):
    """Opens a reply that arrives piece by piece; the request is already signed."""

    def open(self, request: HttpRequest) -> AbstractAsyncContextManager[Response]: ...


class Sending(Protocol):
    """Fetches a whole reply; the request is already signed."""

    def send(self, request: HttpRequest) -> tuple[Head, bytes]: ...
