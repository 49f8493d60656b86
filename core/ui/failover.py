"""One of several replicas behind a load balancer that asks another one after a 404 (deploy/nginx.conf). After a 503,
nginx would send nobody here for a while.

- A session and its files exist in one process only; others do not find them.
- A header says that another replica may be ready. Then pages and websockets are not found here while this one takes no
  questions, except for a person whose words wait here for the database: no other replica can show them.
- Such websockets are closed when this replica is told to stop. The browser connects again, to a replica that is ready,
  which shows the answers that end here.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import runtime as streamlit_runtime

from ..store import StoreError
from . import graceful_stop, origin_guard, session, session_binding
from .health import ReadinessCheck

HEADER = b"x-roundtable-ready-only"
NOT_READY = b"This replica takes no questions now.\n"
NOT_HERE = b"This session is not on this replica.\n"
SERVICE_RESTART = 1012
_UPLOAD = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")


class Failover:
    """ASGI middleware. `check` says whether this replica is ready."""

    def __init__(self, app: ASGIApp, check: ReadinessCheck) -> None:
        self.app = app
        self._check = check
        self._leaving: set[asyncio.Event] = set()  # one for each open websocket
        self._loop: asyncio.AbstractEventLoop | None = None
        graceful_stop.before(self._leave)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _is_of_another_replica(scope):
            await _drain(receive)
            await _reply(send, NOT_HERE)
        elif not _has_alternatives(scope):
            await self.app(scope, receive, send)
        elif not await self._takes(scope):
            await _reply(send, NOT_READY, "" if scope["type"] == "http" else "websocket.")
        elif scope["type"] == "websocket":
            await self._follow(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _takes(self, scope: Scope) -> bool:
        """A check that is late because this replica is busy counts for it: the others may be as busy."""
        parts = await self._check.parts()
        if parts["state"] in ("starting", "stopping"):
            return False
        can_save = parts.get("database") != "down" and parts.get("spool") != "memory"
        return can_save or await asyncio.to_thread(_has_waiting, scope)

    async def _follow(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a websocket until it ends or this replica is told to stop."""
        self._loop = asyncio.get_running_loop()
        leaving = asyncio.Event()

        async def send_until_left(message: Message) -> None:
            if not leaving.is_set():
                await send(message)

        async def close() -> None:
            await leaving.wait()
            await send({"type": "websocket.close", "code": SERVICE_RESTART})

        self._leaving.add(leaving)
        closing = asyncio.create_task(close())
        try:
            await self.app(scope, receive, send_until_left)
        finally:
            self._leaving.discard(leaving)
            closing.cancel()

    def _leave(self) -> None:
        """Called in another thread when the process is told to stop."""
        if self._loop:
            for leaving in tuple(self._leaving):
                self._loop.call_soon_threadsafe(leaving.set)


def _has_alternatives(scope: Scope) -> bool:
    """Whether the balancer could let another replica answer this, and a session would begin with it here."""
    if scope["type"] not in ("http", "websocket"):
        return False
    headers = dict(scope["headers"])
    is_visit = scope["type"] == "websocket" or b"text/html" in headers.get(b"accept", b"")
    return is_visit and HEADER in headers and not origin_guard.is_health(scope)


def _has_waiting(scope: Scope) -> bool:
    """Whether something of this browser's person waits here to be saved."""
    with suppress(StoreError):
        return session.has_waiting(session_binding.cookies_of(scope))
    return False


def _is_of_another_replica(scope: Scope) -> bool:
    match = _UPLOAD.fullmatch(scope["path"]) if scope["method"] in ("PUT", "DELETE") else None
    return bool(match and not streamlit_runtime.get_instance().is_active_session(match[1]))


async def _drain(receive: Receive) -> None:
    """Read and discard a body: a connection that is closed before its end looks broken to a proxy."""
    while (await receive()).get("more_body", False):
        pass


async def _reply(send: Send, body: bytes, prefix: str = "") -> None:
    headers: Any = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": f"{prefix}http.response.start", "status": 404, "headers": headers})
    await send({"type": f"{prefix}http.response.body", "body": body})
