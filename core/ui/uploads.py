"""Limits uploads: how large a file may be, how much of them this process holds, and when they are released.

Streamlit keeps every file in memory until it forgets the session, minutes after its tab was closed, and limits neither
the total of a session nor that of all. All limits of uploads are defined here.
"""

from __future__ import annotations

import asyncio
import gc
import re
from collections import Counter, OrderedDict
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config
from streamlit import runtime as streamlit_runtime
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from .. import events
from ..errors import LLMError
from . import app_state, clients, replies
from .clients import Client
from .failures import error_id
from .text import plain, t

MB = 1024 * 1024  # as Streamlit and nginx count
FILES = 30  # per session at once
VISITOR_FILES = 100
GRACE_S = 15.0  # a lost connection is back by then, or the tab is closed
TTL_S = 115.0  # then Streamlit would forget the session, but only when another one connects
PATIENCE = 10  # tenths of a second in which a replaced file is released
HEAD = 4096  # bytes that are searched for the name of a file
REMEMBERED = 1000
ARRIVALS = 100_000
_PATH = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")
_NAME = re.compile(rb'filename="((?:[^"\\]|\\.)*)"')
Refusal = Literal["large", "session", "visitor", "files", "address", "process", "length"]


class Upload(Protocol):
    """A file from Streamlit's uploader."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """In bytes: for one visitor, in one tab or in many, which also limits a single file, and for all visitors."""

    session: int
    process: int

    @property
    def address(self) -> int:
        """For all visitors of one address, so that a cookie thrown away gives no room of its own."""
        return max(self.process // 2, self.session)


def largest_mb() -> int:
    """The largest file that can be uploaded, in MB."""
    with suppress(LLMError):
        return app_state.get().engine.settings.upload_mb
    return 200


def table_mb() -> int:
    """The largest batch file, in MB."""
    from ..batch.table import MOST_BYTES  # with all that reads tables, which the server's start does not wait for

    return min(MOST_BYTES // MB, largest_mb())


def bounds() -> Bounds:
    """The limits from the options; also sets Streamlit's own limit."""
    config.set_option("server.maxUploadSize", largest_mb())
    try:
        total_mb = app_state.get().engine.settings.uploads_mb
    except LLMError:
        total_mb = 3 * largest_mb()
    return Bounds(largest_mb() * MB, max(total_mb, largest_mb()) * MB)


_refused: OrderedDict[str, tuple[Refusal, str]] = OrderedDict()  # by file id; with the id of the log line
_arrived: OrderedDict[str, None] = OrderedDict()  # ids of files that were sent to this process
_lost: OrderedDict[str, str] = OrderedDict()  # id of a log line, by session


def refusal(upload: Upload) -> str:
    """Why this file was refused, as a sentence; "" if it was not."""
    refused = _refused.get(getattr(upload, "file_id", ""))
    if refused is None:
        return ""
    reason, event_id = refused
    return error_id.after(_sentence(reason, f"**{plain(upload.name)}**"), event_id)


def free(*file_ids: str) -> None:
    """Release files of this session that are not needed any more."""
    context = get_script_run_ctx()
    if context is not None and streamlit_runtime.exists():
        for file_id in file_ids:
            _manager().remove_file(context.session_id, file_id)


def _sentence(reason: Refusal, name: str) -> str:
    match reason:
        case "large":
            return t("{name} was not uploaded: a file can be up to {size} MB.", name=name, size=largest_mb())
        case "session":
            return t(
                "{name} was not uploaded: the files of one tab can be {size} MB in total. Reload the page and "
                "try again.",
                name=name,
                size=largest_mb(),
            )
        case "visitor":
            return t("{name} was not uploaded: your tabs hold too many files. Send some, or close tabs.", name=name)
        case "files":
            return t(
                "{name} was not uploaded: one tab can hold {number} files. Reload the page and try again.",
                name=name,
                number=FILES,
            )
        case "address" | "process":
            return t(
                "{name} was not uploaded: the server has no room for it right now. Try again in a minute.", name=name
            )
        case "length":
            return t("{name} was not uploaded: the request does not state its length.", name=name)


class _Arriving:
    """The body of one upload, counted while it arrives and cut off when a limit is reached."""

    def __init__(self, receive: Receive, uploads: Uploads, session: str) -> None:
        self._receive, self._uploads, self._session = receive, uploads, session
        self.head = b""
        self.size = 0
        self.ended = False
        self.refusal: Refusal | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        body: bytes = message.get("body", b"")
        self.head += body[: HEAD - len(self.head)]
        self.size += len(body)
        self._uploads.arriving[self._session] += len(body)
        self.ended = not message.get("more_body", False)
        self.refusal = self._uploads.refusal_for(self._session, 0)
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


class Uploads:
    """ASGI middleware that enforces the limits before a body is read, and releases the files of closed tabs."""

    def __init__(self, app: ASGIApp, bounds: Bounds | None = None) -> None:
        self.app = app
        self._bounds = bounds
        self.arriving: Counter[str] = Counter()
        self._gone: dict[str, float] = {}
        self._clients: dict[str, Client] = {}  # by session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if self._bounds is None and (scope["type"] == "websocket" or match):
            self._bounds = await asyncio.to_thread(bounds)
            watch_for_lost_files()
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
        _remember(_arrived, file_id, None, ARRIVALS)
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
        files_by_session = {name: list(files.values()) for name, files in list(_manager().file_storage.items())}
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
        holding = {*_manager().file_storage, *self.arriving}
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
        own_files = _manager().file_storage.get(session, {})
        if b"sec-fetch-mode" in headers and reason != "length" and len(own_files) < 2 * FILES and _is_active(session):
            await arriving.drain()
            _place(session, file_id, arriving.name, reason, event_id)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        replies.speak(scope)
        sentence = _sentence(reason, arriving.name or file_id)
        await replies.refuse(send, 411 if reason == "length" else 413, sentence, event_id)

    def _schedule_release(self) -> None:
        """After a websocket has closed: release the session's files unless it reconnects in time."""
        loop = asyncio.get_running_loop()
        with suppress(RuntimeError):  # the server is ending
            for session in list(_manager().file_storage):
                if not _is_active(session) and session not in self._gone:
                    self._gone[session] = loop.time()
                    loop.call_later(GRACE_S, self._free, session)
                    loop.call_later(TTL_S, self._close, session)

    def _free(self, session: str) -> None:
        if not _is_active(session):
            _manager().remove_session_files(session)
        self._gone.pop(session, None)

    def _close(self, session: str) -> None:
        """Widget state also holds the content of files, in reference cycles."""
        if not _is_active(session):
            _runtime().close_session(session)
            gc.collect()


def _length(scope: Scope) -> int | None:
    header = dict(scope["headers"]).get(b"content-length", b"")
    return int(header) if header.isdigit() else None


def _place(session: str, file_id: str, name: str, reason: Refusal, event_id: str) -> None:
    _manager().add_file(session, UploadedFileRec(file_id, name, "application/octet-stream", b""))
    _remember(_refused, file_id, (reason, event_id), REMEMBERED)


def _remember(names: OrderedDict[str, Any], name: str, value: Any, most: int) -> None:
    names[name] = value
    while len(names) > most:
        names.popitem(last=False)


def lost() -> str:
    """A sentence if this session has just handed in files that are not here; "" if not."""
    context = get_script_run_ctx()
    event_id = _lost.pop(context.session_id, "") if context else ""
    sentence = t("The connection moved to another server, which does not have your files. Attach them again.")
    return error_id.after(sentence, event_id) if event_id else ""


def watch_for_lost_files() -> None:
    """Notice files that a page has uploaded to another process, such as a replica that died. Streamlit leaves them out
    without a word, and a question would be sent without them."""
    manager = _manager()
    files_of = manager.get_files

    def get_files(session_id: str, file_ids: Sequence[str]) -> Any:
        if missing := [file_id for file_id in file_ids if file_id not in _arrived]:
            for file_id in missing:  # told once
                _remember(_arrived, file_id, None, ARRIVALS)
            _remember(_lost, session_id, events.log("upload_lost", files=len(missing)), REMEMBERED)
        return files_of(session_id, file_ids)

    manager.get_files = get_files


def _runtime() -> Runtime:
    return streamlit_runtime.get_instance()


def _manager() -> Any:
    """Streamlit's file manager: files by session, then by file id."""
    return _runtime().uploaded_file_mgr


def _is_active(session: str) -> bool:
    return _runtime().is_active_session(session)
