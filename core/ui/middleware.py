"""The server around the pages: origin guard, content security policy, visitor cookie, and a warm-up so that no
visitor waits for imports.
"""

from __future__ import annotations

import asyncio
import gc
import re
import sys
import threading
from base64 import b64encode
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from . import (
    app_state,
    assets,
    callbacks,
    failover,
    file_route,
    graceful_stop,
    health,
    origin_guard,
    reply_queue,
    session_binding,
    transfers,
    upload_limits,
    visitor,
    visitor_limits,
)
from .answer import diagram_frame
from .keyboard import lookups

# A second line of defence after core.safety.outgoing: whatever a model writes, the browser contacts no other host.
POLICY = (
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "font-src 'self' data:",
    "connect-src 'self' blob:",  # a recording is read from the browser's own memory
    "frame-src 'self'",
    "worker-src 'self' blob:",
    "object-src 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "style-src 'self' 'unsafe-inline'",
)
IMPORTING_S = 0.0005
OPEN_FILES = 16_384
GC_THRESHOLD = 10_000  # containers between two looks for garbage; with Python's 700 a busy process is stopped for 0.4 s
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)


def headers(frame_ancestors: str) -> list[tuple[bytes, bytes]]:
    """The headers of every reply. Inline scripts of Streamlit's index page, and ours, are allowed by hash."""
    scripts = _INLINE.findall(assets.page().decode("utf-8"))
    hashes = [f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    # Streamlit runs a component's script from a blob, which only a script of this page can create.
    sources = " ".join(["script-src 'self' blob: 'unsafe-eval' 'wasm-unsafe-eval'", *hashes])
    policy = "; ".join((*POLICY, sources, f"frame-ancestors {frame_ancestors}"))
    return [
        (b"content-security-policy", policy.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-robots-tag", b"noindex, nofollow"),
    ]


ICON = Path(__file__).with_name("static") / "icon.svg"


def name_visitor(scope: Scope) -> list[tuple[bytes, bytes]]:
    """A cookie for a visitor without one of ours; scripts cannot read it, other sites cannot send it.

    May wait for the database if the visitor's name is not signed: do not call on the event loop.
    """
    cookies = visitor.set_cookies(session_binding.cookies_of(scope), secure=origin_guard.is_secure(scope))
    return [(b"set-cookie", cookie.encode()) for cookie in cookies]


class Guard:
    """ASGI middleware that adds `headers()` to every HTTP reply, and the visitor's cookie to the first page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self.headers and not origin_guard.is_health(scope):
            self.headers = headers((await asyncio.to_thread(origin_guard.rules)).frame_ancestors)

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = list(message.get("headers", ()))
                named = {name for name, _ in own} - {b"content-security-policy"}  # of these a browser obeys every one
                missing = (header for header in self.headers if header[0] not in named)
                message["headers"] = [*own, *missing, *origin_guard.transport_security(scope)]
                if dict(message["headers"]).get(b"content-type", b"").startswith(b"text/html"):
                    message["headers"] += await asyncio.to_thread(name_visitor, scope)
            await send(message)

        await self.app(scope, receive, guarded if scope["type"] == "http" else send)


READINESS = health.ReadinessCheck()


def routes() -> list[Route]:
    """Our icon in place of Streamlit's, exports and imports of the history, the files of questions, the way to be
    forgotten, and the checks."""

    async def mark(_: Request) -> Response:
        return FileResponse(ICON, media_type="image/svg+xml")

    async def forget(request: Request) -> Response:
        """Take the visitor's name from the browser. A form of another site cannot send the header."""
        if transfers.REQUIRED_HEADER not in request.headers:
            return Response(status_code=404)
        reply = Response(status_code=204, headers={"cache-control": "no-store"})
        for cookie in visitor.unset_cookies(secure=origin_guard.is_secure(request.scope)):
            reply.headers.append("set-cookie", cookie)
        return reply

    return [
        Route("/favicon.png", mark),
        Route(f"{transfers.base()}/forget", forget, methods=["POST"]),
        *transfers.routes(),
        *file_route.routes(),
        *lookups.routes(),
        *diagram_frame.routes(),
        *health.routes(READINESS),
    ]


def middleware() -> list[Middleware]:
    return [
        Middleware(Guard),
        Middleware(origin_guard.OriginGuard),
        Middleware(visitor_limits.VisitorLimits),
        Middleware(failover.Failover, READINESS),
        Middleware(session_binding.SessionBinding),
        Middleware(upload_limits.UploadLimits),
        Middleware(assets.Assets),
    ]


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Starts the warm-up; the server says that it is up, and a visitor who comes before the options are read waits."""
    # Imported before the server is up: beside the first visit it costs more than it does here.
    from .. import options  # noqa: F401

    assets.serving = True
    gc.set_threshold(GC_THRESHOLD)
    threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
    callbacks.install()
    graceful_stop.install()
    reply_queue.install()
    _raise_open_files()
    yield
    await asyncio.to_thread(app_state.close)


def _raise_open_files() -> None:
    """Every tab is an open file, and many systems begin with 1,024 for a process that may have more."""
    with suppress(ImportError, OSError, ValueError):  # Windows has no such limit
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, OPEN_FILES)), hard))


def warm_up() -> None:
    """Build what the first visitor needs. Failures are silent here: the visit repeats and shows them.

    An importing thread yields every 5 ms, and each file of the first page waits for it, so it yields more often until
    the first page is drawn. Not longer: every waiting thread wakes once per interval, and a hundred threads that wake
    every half millisecond leave no time for work.
    """
    usual_s = sys.getswitchinterval()
    sys.setswitchinterval(IMPORTING_S)
    with suppress(Exception):
        import streamlit.delta_generator
        import streamlit.material_icon_names

        app_state.get()
        gc.freeze()  # imports stay for good, and no session exists yet: the collector looks only at what comes now

        from .. import transcription  # noqa: F401 - the settings list its models
        from ..batch import table  # noqa: F401
        from . import layout, picker  # noqa: F401
        from .base import head  # noqa: F401
        from .chat import composer, follow, settings, thread, welcome  # noqa: F401
        from .history import menu  # noqa: F401
        from .keyboard import answer_state  # noqa: F401
        from .models import refused, terms  # noqa: F401
        from .prompts import library  # noqa: F401
        from .providers import paste_box  # noqa: F401
        from .quota import price_line, total  # noqa: F401
        from .sharing import control  # noqa: F401

        # For its first element Streamlit asks whether it runs in Python's prompt, which makes Python locate the file of
        # every module.
        streamlit.delta_generator._use_warning_has_been_displayed = True
        app_state.get().drawn.wait(app_state.PATIENCE_S)
    sys.setswitchinterval(usual_s)
