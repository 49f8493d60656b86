"""The server around the pages: a content policy on every reply, and a warm-up so that no visitor pays for imports."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import streamlit as st
    from starlette.middleware import Middleware
    from starlette.types import ASGIApp, Receive, Scope, Send

# A second wall behind core.safety.outgoing: whatever a model writes, the browser asks no other host for anything.
POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "frame-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
    )
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)


class Guard:
    """ASGI middleware that puts `HEADERS` on every HTTP reply."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *HEADERS]
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)


def middleware() -> list[Middleware]:
    from starlette.middleware import Middleware

    return [Middleware(Guard)]


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """While the server runs; starts the warm-up beside it."""
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield


def warm_up() -> None:
    """Build what the first visitor needs. A failure here is silent: the visit meets it again and shows it."""
    from contextlib import suppress

    with suppress(Exception):
        from core.ui import frame, runtime  # noqa: F401
        from core.ui.answer import thread  # noqa: F401
        from core.ui.asking import welcome  # noqa: F401

        runtime.get()
