"""Binds a Streamlit session to the browser that opened it, so that the id of a session alone opens nothing.

Streamlit hands a session, with its state and what waits to be sent, to whoever names its id when a websocket connects,
and takes files for it from whoever puts the id into an address. Here the browser's cookie must be the same, too. The
websocket of another browser begins a session of its own; its upload is refused.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime.scriptrunner import get_script_run_ctx

from . import visitor

MOST = 20_000
PROTOCOL = b"sec-websocket-protocol"
_UPLOAD = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")
_names: OrderedDict[str, str] = OrderedDict()  # session id -> name of the visitor whose cookie opened it


def bind() -> None:
    """Note whose session this is. For every run of a page; a visitor without a cookie cannot be bound."""
    context = get_script_run_ctx(suppress_warning=True)
    if context and context.session_id not in _names and (name := visitor.cookie_name()):
        _names[context.session_id] = name
        while len(_names) > MOST:
            _names.popitem(last=False)


class SessionBinding:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        session_id = _named_session(scope)
        if session_id and not await asyncio.to_thread(_is_open_to, session_id, scope):
            if scope["type"] == "http":
                await send({"type": "http.response.start", "status": 403, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
            scope = {**scope, "headers": [_without_session(*header) for header in scope["headers"]]}
        await self.app(scope, receive, send)


def _named_session(scope: Scope) -> str:
    """The session that a request means to open or to give a file to, "" for none."""
    if scope["type"] == "websocket":
        entries = dict(scope["headers"]).get(PROTOCOL, b"").decode("latin-1").split(",")
        return entries[2].strip() if len(entries) > 2 else ""
    match = _UPLOAD.fullmatch(scope["path"]) if scope["type"] == "http" else None
    return match[1] if match else ""


def _is_open_to(session_id: str, scope: Scope) -> bool:
    name = _names.get(session_id)
    return name is None or visitor.name_in(cookies_of(scope)) == name


def cookies_of(scope: Scope) -> str:
    """The Cookie headers of a request."""
    return b"; ".join(value for name, value in scope.get("headers", ()) if name == b"cookie").decode("latin-1")


def _without_session(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return (name, b",".join(value.split(b",")[:2])) if name == PROTOCOL else (name, value)
