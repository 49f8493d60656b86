"""Replies that refuse a request in one sentence, in the language of its sender."""

from __future__ import annotations

from starlette.types import Scope, Send

from . import text
from .failures import error_id


def speak(scope: Scope) -> None:
    """Take the language of the request for the texts of its reply."""
    text.speak(text.choose(dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")))


async def refuse(send: Send, status: int, sentence: str, event_id: str = "", *, body: bool = True) -> None:
    """`event_id` is shown behind the sentence; `body`: False for the reply to HEAD."""
    content = f"{sentence} {error_id.label(event_id)}".strip().encode() + b"\n"
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(content)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": content if body else b""})
