"""Files that visitors hand in: how large they may be, how much of them this process holds, and when they go.

Streamlit keeps every file in memory until the session is forgotten, minutes after its tab was closed, and counts
neither the files of a session nor those of all. Here is the one place that says how large what may be.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter, OrderedDict
from collections.abc import MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from ..errors import LLMError
from . import app_state, text
from .text import plain, t

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send
    from streamlit.runtime import Runtime

MB = 1024 * 1024  # as Streamlit and nginx count
FILES = 30  # that a session may hold at once
GRACE_S = 15.0  # a lost connection is back by then, or the tab is gone
TTL_S = 115.0  # then Streamlit would forget the session, but only when somebody else comes
PATIENCE = 10  # tenths of a second in which a file that is being replaced goes away
HEAD = 4096  # bytes in which the name of a file stands
REMEMBERED = 1000
_PATH = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")
_NAME = re.compile(rb'filename="((?:[^"\\]|\\.)*)"')
Why = Literal["large", "session", "files", "process", "length"]


class Upload(Protocol):
    """What Streamlit hands over."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Bounds:
    """In bytes: what one session may hold, a single file too, and what all sessions may."""

    session: int
    process: int


def largest_mb() -> int:
    """The largest file that can be handed in: an export to be imported."""
    with suppress(LLMError):
        return app_state.get().engine.settings.upload_mb
    return 200


def table_mb() -> int:
    """The largest table of prompts."""
    from ..batch.table import MOST_BYTES

    return min(MOST_BYTES // MB, largest_mb())


def bounds() -> Bounds:
    """From the options, which Streamlit's own limit then follows."""
    from streamlit import config

    config.set_option("server.maxUploadSize", largest_mb())
    try:
        together = app_state.get().engine.settings.uploads_mb
    except LLMError:
        together = 3 * largest_mb()
    return Bounds(largest_mb() * MB, max(together, largest_mb()) * MB)


_refused: OrderedDict[str, Why] = OrderedDict()  # by file id


def refusal(upload: Upload) -> str:
    """Why this file came without its content, as a sentence; "" when it came whole."""
    why = _refused.get(getattr(upload, "file_id", ""))
    return _sentence(why, f"**{plain(upload.name)}**") if why else ""


def free(*file_ids: str) -> None:
    """Give back the memory of this session's files that were read and are not needed again."""
    from streamlit import runtime as streamlit_runtime
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    context = get_script_run_ctx()
    if context is not None and streamlit_runtime.exists():
        for file_id in file_ids:
            _manager().remove_file(context.session_id, file_id)


def _sentence(why: Why, name: str) -> str:
    match why:
        case "large":
            return t("{name} was not uploaded: a file can be up to {size} MB.", name=name, size=largest_mb())
        case "session":
            return t(
                "{name} was not uploaded: the files of one tab can be {size} MB in total. Reload the page and "
                "try again.",
                name=name,
                size=largest_mb(),
            )
        case "files":
            return t(
                "{name} was not uploaded: one tab can hold {number} files. Reload the page and try again.",
                name=name,
                number=FILES,
            )
        case "process":
            return t(
                "{name} was not uploaded: the server has no room for it right now. Try again in a minute.", name=name
            )
        case "length":
            return t("{name} was not uploaded: the request does not state its length.", name=name)


class _Arriving:
    """The body of one upload, counted while it arrives and cut off where there is no more room."""

    def __init__(self, receive: Receive, shelf: Uploads, session: str) -> None:
        self._receive, self._shelf, self._session = receive, shelf, session
        self.head = b""
        self.size = 0
        self.ended = False
        self.why: Why | None = None

    async def receive(self) -> Message:
        message = await self._receive()
        body: bytes = message.get("body", b"")
        self.head += body[: HEAD - len(self.head)]
        self.size += len(body)
        self._shelf.arriving[self._session] += len(body)
        self.ended = not message.get("more_body", False)
        self.why = self._shelf.why_not(self._session, 0)
        return {"type": "http.disconnect"} if self.why else message

    async def drain(self) -> None:
        """Take the rest and keep nothing: a browser hears an answer only when it has sent all."""
        while not self.ended:
            message = await self._receive()
            self.head += message.get("body", b"")[: HEAD - len(self.head)]
            self.ended = not message.get("more_body", False)

    @property
    def name(self) -> str:
        found = _NAME.search(self.head)
        return found[1].decode("utf-8", "replace").replace("%22", '"') if found else ""


class Uploads:
    """ASGI middleware that holds the bounds before a body is read, and frees the files of tabs that are gone."""

    def __init__(self, app: ASGIApp, given: Bounds | None = None) -> None:
        self.app = app
        self._bounds = given
        self.arriving: Counter[str] = Counter()
        self._gone: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if scope["type"] == "websocket":
            try:
                await self.app(scope, receive, send)
            finally:
                self._note_gone()
        elif found is None:
            await self.app(scope, receive, send)
        else:
            if self._bounds is None:
                self._bounds = await asyncio.to_thread(bounds)
            await self._take(scope, receive, send, *found.groups())

    async def _take(self, scope: Scope, receive: Receive, send: Send, session: str, file_id: str) -> None:
        arriving = _Arriving(receive, self, session)
        why = await self._room(session, _length(scope))
        if why is None:
            try:
                why = await self._through(scope, arriving, send)
            finally:
                self.arriving[session] -= arriving.size
                self.arriving += Counter()  # forgets those at zero
                self._note_gone()  # the tab may have been closed meanwhile
        if why is not None:
            await self._refuse(scope, arriving, send, session, file_id, why)

    async def _through(self, scope: Scope, arriving: _Arriving, send: Send) -> Why | None:
        """Hand the upload to Streamlit; why it was cut off, if it was."""
        from starlette.requests import ClientDisconnect

        async def unless_cut(message: MutableMapping[str, Any]) -> None:
            if arriving.why is None:
                await send(message)

        try:
            await self.app(scope, arriving.receive, unless_cut)
        except ClientDisconnect:
            if arriving.why is None:
                raise
        return arriving.why

    async def _room(self, session: str, length: int | None) -> Why | None:
        if length is None:
            return "length"
        why = self.why_not(session, length)
        for _ in range(PATIENCE):
            if why not in ("session", "files"):
                break
            await asyncio.sleep(0.1)
            why = self.why_not(session, length)
        return why

    def why_not(self, session: str, more: int) -> Why | None:
        """Why `more` bytes of this session have no place, beside what is held and what arrives; None when they have."""
        assert self._bounds
        held = {name: list(files.values()) for name, files in list(_manager().file_storage.items())}
        mine = held.get(session, [])
        sizes = {name: sum(len(file.data) for file in files) for name, files in held.items()}
        if more > self._bounds.session + MB:  # the envelope of the form is not the file's
            return "large"
        if sizes.get(session, 0) + self.arriving[session] + more > self._bounds.session + MB:
            return "session"
        if more and len(mine) >= FILES:
            return "files"
        if sum(sizes.values()) + self.arriving.total() + more > self._bounds.process:
            return "process"
        return None

    async def _refuse(
        self, scope: Scope, arriving: _Arriving, send: Send, session: str, file_id: str, why: Why
    ) -> None:
        """A script reads 413 and a sentence. A page would show its reader the status as an "AxiosError", so it gets
        the file without content, and says the sentence itself."""
        headers = dict(scope["headers"])
        placed = _manager().file_storage.get(session, {})
        if b"sec-fetch-mode" in headers and why != "length" and len(placed) < 2 * FILES and _is_active(session):
            await arriving.drain()
            _place(session, file_id, arriving.name, why)
            await send({"type": "http.response.start", "status": 204, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        text.speak(text.choose(headers.get(b"accept-language", b"").decode("latin-1")))
        body = f"{_sentence(why, arriving.name or file_id)}\n".encode()
        kind = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 411 if why == "length" else 413, "headers": kind})
        await send({"type": "http.response.body", "body": body})

    def _note_gone(self) -> None:
        """A websocket has closed: look again whether its session came back, and free its files if it did not."""
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
        """Its widgets hold the content of its files too."""
        if not _is_active(session):
            _runtime().close_session(session)


def _length(scope: Scope) -> int | None:
    said = dict(scope["headers"]).get(b"content-length", b"")
    return int(said) if said.isdigit() else None


def _place(session: str, file_id: str, name: str, why: Why) -> None:
    from streamlit.runtime.uploaded_file_manager import UploadedFileRec

    _manager().add_file(session, UploadedFileRec(file_id, name, "application/octet-stream", b""))
    _refused[file_id] = why
    while len(_refused) > REMEMBERED:
        _refused.popitem(last=False)


def _runtime() -> Runtime:
    from streamlit import runtime as streamlit_runtime

    return streamlit_runtime.get_instance()


def _manager() -> Any:
    """Streamlit's store of files: by session, then by file."""
    return _runtime().uploaded_file_mgr


def _is_active(session: str) -> bool:
    return _runtime().is_active_session(session)
