"""Binds a Streamlit session to the browser that opened it, so that an id of another's session opens nothing.

Streamlit hands a session, with its state and what waits to be sent, to whoever names its id when a websocket connects;
it takes files for it from whoever puts the id into an address, makes a download for whoever names its button, and gives
a file that was made to whoever has its address. Here the browser's cookie must be the same, too. The websocket of
another browser begins a session of its own; its upload and its download are refused.

Of the messages that Streamlit understands, only those that our pages send reach it; its metrics are nobody's.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, MutableMapping
from typing import Any

import streamlit.runtime as streamlit_runtime
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from .. import events
from . import visitor

MOST = 20_000
PROTOCOL = b"sec-websocket-protocol"
# Not: emptying the caches of all, the server's Git state, and writing files beside the app for programming assistants.
MESSAGES = {"rerun_script", "stop_script", "file_urls_request", "app_heartbeat", "backend_operation_request"}
OPERATIONS = {"deferred_file", "dataframe_chunk"}
_UPLOAD = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")
_MEDIA = re.compile(r".*/media/([0-9a-f]+)(?:\.[^/]*)?")  # not Streamlit's fonts in /static/media/
_FIGURES = re.compile(r".*/_stcore/metrics/?")  # of the process, which Streamlit gives to everybody
_MEDIA_SENT = re.compile(rb"/media/([0-9a-f]+)")
_names: OrderedDict[str, str] = OrderedDict()  # session id -> name of the visitor whose cookie opened it
_readers: OrderedDict[str, set[str | None]] = OrderedDict()  # file id -> visitors to whom its address was sent


def bind() -> None:
    """Note whose session this is. For every run of a page; a visitor without a cookie cannot be bound."""
    context = get_script_run_ctx(suppress_warning=True)
    if context and context.session_id not in _names and (name := visitor.cookie_name()):
        _names[context.session_id] = name
        _drop_old(_names)


class SessionBinding:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._connect(scope, receive, send)
        elif (status := await _refusal(scope)) is None:
            await self.app(scope, receive, send)
        else:
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b""})

    async def _connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        # It may wait for the options to be read, and few messages need it.
        naming = asyncio.create_task(asyncio.to_thread(visitor.name_in, cookies_of(scope)))
        if (session_id := _named_session(scope)) and not _is_open_to(session_id, await naming):
            scope = {**scope, "headers": [_without_session(*header) for header in scope["headers"]]}

        async def allowed() -> Message:
            while True:
                message = await receive()
                if await _may_pass(message.get("bytes"), naming):
                    return message

        async def noted(message: MutableMapping[str, Any]) -> None:
            for file_id in _MEDIA_SENT.findall(message.get("bytes") or b""):
                _note_reader(file_id.decode(), await naming)
            await send(message)

        await self.app(scope, allowed, noted)


async def _refusal(scope: Scope) -> int | None:
    """The status for a browser that this address is not for."""
    path = scope.get("path", "")
    upload, media = _UPLOAD.fullmatch(path), _MEDIA.fullmatch(path)
    if _FIGURES.fullmatch(path):
        return 404
    if scope["type"] != "http" or not (upload or media):
        return None
    name = await asyncio.to_thread(visitor.name_in, cookies_of(scope))
    if upload:
        return None if _is_open_to(upload[1], name) else 403
    return None if media and name in _readers.get(media[1], ()) else 404


async def _may_pass(frame: bytes | None, naming: Awaitable[str | None]) -> bool:
    """Whether a message of this visitor's page may reach Streamlit, which answers to what is no message itself."""
    message = BackMsg()
    try:
        message.ParseFromString(frame or b"")
    except Exception:
        return True
    kind = message.WhichOneof("type")
    passes = kind is None or kind in MESSAGES
    if kind == "backend_operation_request":
        operation = message.backend_operation_request
        passes = operation.WhichOneof("payload") in OPERATIONS
        if operation.HasField("deferred_file"):
            passes = _is_open_to(_maker(operation.deferred_file.file_id), await naming)
    if not passes:
        events.log("request_refused", message=kind)
    return passes


def _note_reader(file_id: str, name: str | None) -> None:
    _readers.setdefault(file_id, set()).add(name)
    _readers.move_to_end(file_id)
    _drop_old(_readers)


def _maker(file_id: str) -> str:
    """The session whose button makes this file; Streamlit tells nobody but itself."""
    entry = streamlit_runtime.get_instance().media_file_mgr._deferred_callables.get(file_id)
    return entry["session_id"] if entry else ""


def _named_session(scope: Scope) -> str:
    """The session that a websocket means to open, "" for none."""
    entries = dict(scope["headers"]).get(PROTOCOL, b"").decode("latin-1").split(",")
    return entries[2].strip() if len(entries) > 2 else ""


def _is_open_to(session_id: str, name: str | None) -> bool:
    return _names.get(session_id) in (None, name)


def cookies_of(scope: Scope) -> str:
    """The Cookie headers of a request."""
    return b"; ".join(value for name, value in scope.get("headers", ()) if name == b"cookie").decode("latin-1")


def _without_session(name: bytes, value: bytes) -> tuple[bytes, bytes]:
    return (name, b",".join(value.split(b",")[:2])) if name == PROTOCOL else (name, value)


def _drop_old(entries: OrderedDict[str, Any]) -> None:
    while len(entries) > MOST:
        entries.popitem(last=False)
