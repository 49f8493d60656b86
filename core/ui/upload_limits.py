"""Limits uploads before a body is read, and releases the files of closed tabs.

Streamlit keeps every file in memory until it forgets the session, minutes after its tab was closed, and limits neither
the total of a session nor that of all.
"""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .. import events
from . import clients, replies, uploads
from .clients import Client
from .uploads import FILES, MB, Bounds, Refusal

VISITOR_FILES = 100
GRACE_S = 15.0  # a lost connection is back by then, or the tab is closed
TTL_S = 115.0  # then Streamlit would forget the session, but only when another one connects
PATIENCE = 10  # tenths of a second in which a replaced file is released
HEAD = 4096  # bytes that are searched for the name of a file
_PATH = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")
_NAME = re.compile(rb'filename="((?:[^"\\]|\\.)*)"')


class _Arriving:
    """The body of one upload, counted while it arrives and cut off when a limit is reached."""

    def __init__(self, receive: Receive, limits: UploadLimits, session: str) -> None:
        self._receive, self._limits, self._session = receive, limits, session
        self.head = b""
        self.size = 0
        self.ended = False
        self.refusal: Refusal | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        body: bytes = message.get("body", b"")
        self.head += body[: HEAD - len(self.head)]
        self.size += len(body)
        self._limits.arriving[self._session] += len(body)
        self.ended = not message.get("more_body", False)
        self.refusal = self._limits.refusal_for(self._session, 0)
        return {"type": "http.disconnect"} if self.refusal else message

    async def drain(self) -> None:
        """Read and discard the rest: a browser reads the response only after sending the whole body."""
        while not self.ended:
            message = await self._receive()
            self.head += message.get("body", b"")[: HEAD - len(self.head)]
            self.ended = not message.get("more_body", False)

    @property
    def name(self) -> str:
        match = _NAME.search(self.head)
        return match[1].decode("utf-8", "replace").replace("%22", '"') if match else ""


class UploadLimits:
    """ASGI middleware in front of Streamlit's upload route."""

    def __init__(self, app: ASGIApp, bounds: Bounds | None = None) -> None:
        self.app = app
        self._bounds = bounds
        self.arriving: Counter[str] = Counter()
        self._gone: dict[str, float] = {}
        self._clients: dict[str, Client] = {}  # by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if self._bounds is None and (scope["type"] == "websocket" or match):
            self._bounds = await asyncio.to_thread(uploads.bounds)
            uploads.watch_for_lost_files()
        if scope["type"] == "websocket":
            try:
                await self.app(scope, receive, send)
            finally:
                self._schedule_release()
        elif match is None:
            await self.app(scope, receive, send)
        else:
            await self._take(scope, receive, send, *match.groups())

    async def _take(self, scope: Scope, receive: Receive, send: Send, session: str, file_id: str) -> None:
        self._clients[session] = clients.of_scope(scope)
        arriving = _Arriving(receive, self, session)
        uploads.note_arrival(file_id)
        reason = await self._room(session, _length(scope))
        if reason is None:
            try:
                reason = await self._forward(scope, arriving, send)
            finally:
                self.arriving[session] -= arriving.size
                self.arriving += Counter()  # forgets those at zero
                self._forget_clients()
                self._schedule_release()  # the tab may have been closed meanwhile
        if reason is not None:
            await self._refuse(scope, arriving, send, session, file_id, reason)

    async def _forward(self, scope: Scope, arriving: _Arriving, send: Send) -> Refusal | None:
        """Pass the upload to Streamlit; returns why it was cut off, if it was."""

        async def unless_cut(message: MutableMapping[str, Any]) -> None:
            if arriving.refusal is None:
                await send(message)

        try:
            await self.app(scope, arriving.receive, unless_cut)
        except ClientDisconnect:
            if arriving.refusal is None:
                raise
        return arriving.refusal

    async def _room(self, session: str, length: int | None) -> Refusal | None:
        if length is None:
            return "length"
        reason = self.refusal_for(session, length)
        for _ in range(PATIENCE):
            if reason not in ("session", "visitor", "files"):
                break
            await asyncio.sleep(0.1)
            reason = self.refusal_for(session, length)
        return reason

    def refusal_for(self, session: str, more: int) -> Refusal | None:
        """Why `more` bytes of this session do not fit beside what is held and what is arriving; None if they do."""
        assert self._bounds
        files_by_session = {
            name: list(files.values()) for name, files in list(uploads.file_manager().file_storage.items())
        }
        sizes = Counter({name: sum(len(file.data) for file in files) for name, files in files_by_session.items()})
        sizes.update(self.arriving)
        if more > self._bounds.session + MB:  # the form around the file is not counted
            return "large"
        if sizes[session] + more > self._bounds.session + MB:
            return "session"
        if more and len(files_by_session.get(session, ())) >= FILES:
            return "files"
        client = self._of(session)
        tabs = [name for name in sizes if client.visitor and self._of(name).visitor == client.visitor]
        numbers = [len(files_by_session.get(name, ())) for name in tabs]
        if sum(sizes[name] for name in tabs) + more > self._bounds.session + MB or sum(numbers) > VISITOR_FILES:
            return "visitor"
        nearby = [name for name in sizes if client.address and self._of(name).address == client.address]
        if sum(sizes[name] for name in nearby) + more > self._bounds.address + MB:
            return "address"
        if sizes.total() + more > self._bounds.process:
            return "process"
        return None

    def _forget_clients(self) -> None:
        holding = {*uploads.file_manager().file_storage, *self.arriving}
        self._clients = {session: client for session, client in self._clients.items() if session in holding}

    def _of(self, session: str) -> Client:
        return self._clients.get(session, clients.NOBODY)

    async def _refuse(
        self, scope: Scope, arriving: _Arriving, send: Send, session: str, file_id: str, reason: Refusal
    ) -> None:
        """A script gets 413 and a sentence. Streamlit's page would show the status as "AxiosError", so for it the
        upload succeeds with an empty file, and our page shows the sentence."""
        headers = dict(scope["headers"])
        event_id = events.log("upload_refused", reason=reason, bytes=_length(scope))
        own_files = uploads.file_manager().file_storage.get(session, {})
        if (
            b"sec-fetch-mode" in headers
            and reason != "length"
            and len(own_files) < 2 * FILES
            and uploads.is_active(session)
        ):
            await arriving.drain()
            uploads.place_refused(session, file_id, arriving.name, reason, event_id)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        replies.speak(scope)
        sentence = uploads.sentence(reason, arriving.name or file_id)
        await replies.refuse(send, 411 if reason == "length" else 413, sentence, event_id)

    def _schedule_release(self) -> None:
        """After a websocket has closed: release the session's files unless it reconnects in time."""
        loop = asyncio.get_running_loop()
        with suppress(RuntimeError):  # the server is ending
            for session in list(uploads.file_manager().file_storage):
                if not uploads.is_active(session) and session not in self._gone:
                    self._gone[session] = loop.time()
                    loop.call_later(GRACE_S, self._free, session)
                    loop.call_later(TTL_S, self._close, session)

    def _free(self, session: str) -> None:
        if not uploads.is_active(session):
            uploads.file_manager().remove_session_files(session)
        self._gone.pop(session, None)

    def _close(self, session: str) -> None:
        """Widget state also holds the content of files, in reference cycles."""
        if not uploads.is_active(session):
            uploads.runtime().close_session(session)
            gc.collect()


def _length(scope: Scope) -> int | None:
    header = dict(scope["headers"]).get(b"content-length", b"")
    return int(header) if header.isdigit() else None
