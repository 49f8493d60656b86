"""Large exports and imports of the history over HTTP: exports are streamed while written, imports come in chunks.

    GET export/{form}?id=...    the visitor's whole history, or these entries
    PUT import?name=...&at=...&size=...&server=...
                                one chunk of a file; the page imports it when all have arrived

The cookie alone identifies the visitor. No file is held in memory. Chunks are for the process that showed the page,
which `server` names; another one answers 404, so that a load balancer asks the next.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote
from uuid import uuid4

from starlette.background import BackgroundTask
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from streamlit import config

from ..store import NotFound, StoreError
from . import clients, session, text
from .text import t

if TYPE_CHECKING:  # it imports SQL
    from ..workspace import Person
    from ..workspace.transfers import ExportFile

FORMS = {
    "markdown": ("md", "text/markdown"),
    "json": ("json", "application/json"),
    "csv": ("csv", "text/csv"),
    "zip": ("zip", "application/zip"),
}
REQUIRED_HEADER = "x-roundtable"  # a header that neither a form nor another site's script can send
CHUNK_BYTES = 4 * 1024 * 1024
READ_BYTES = 256 * 1024
PATIENCE_S = 2.0  # a small export is complete by then and gets a Content-Length
LOOK_S = 0.05
MOST_EXPORTS, EXPORTS_OF_PERSON = 16, 2
_NAME = re.compile("[0-9a-f]{32}")
_exports: dict[Any, Person] = {}  # being written, and for whom


def served() -> bool:
    """Whether this session can use these addresses: our own server runs, and the cookie identifies the visitor."""
    return bool(server_name) and session.by_cookie()


server_name = ""  # of this process, once it serves


def routes() -> list[Route]:
    """The routes, below the server's base path."""
    global server_name
    server_name = uuid4().hex
    return [
        Route(f"{base()}/export/{{form}}", _export),
        Route(f"{base()}/import", _import, methods=["PUT"]),
    ]


def base() -> str:
    """The path below which the server answers, "" for the root."""
    path = str(config.get_option("server.baseUrlPath") or "").strip("/")
    return f"/{path}" if path else ""


async def _export(request: Request) -> Response:
    person = await _visitor(request)
    form = request.path_params["form"]
    if person is None or form not in FORMS or request.headers.get("sec-fetch-site") == "cross-site":
        return _plain_reply(404, t("File not found."))
    if sum(session.is_same(person, each) for each in _exports.values()) >= EXPORTS_OF_PERSON:
        return _plain_reply(429, t("Two of your exports are still being written. Try again when they are done."))
    if len(_exports) >= MOST_EXPORTS:
        return _plain_reply(503, t("The server is busy writing other files. Try again in a minute."))
    try:
        outgoing = await asyncio.to_thread(_begin, person, form, request.query_params.getlist("id"))
    except StoreError as error:
        return _plain_reply(507, _reason(error))
    _exports[outgoing] = person
    for _ in range(int(PATIENCE_S / LOOK_S)):  # no thread waits: there are six for all visitors
        if outgoing.begun.is_set():
            break
        await asyncio.sleep(LOOK_S)
    if outgoing.error:
        _exports.pop(outgoing, None)
        return _plain_reply(404 if isinstance(outgoing.error, NotFound) else 507, _reason(outgoing.error))
    ending, kind = FORMS[form]
    name = request.query_params.get("name") or f"roundtable-{datetime.now(UTC):%Y-%m-%d}"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.{ending}",
        "cache-control": "no-store",
    }
    if outgoing.done.is_set():
        return FileResponse(outgoing.path, media_type=kind, headers=headers, background=BackgroundTask(_end, outgoing))
    return StreamingResponse(_tail(outgoing), media_type=kind, headers=headers)


def _begin(person: Person, form: Any, ids: list[str]) -> ExportFile:
    return person.transfers.export(form, ids or None)


async def _tail(outgoing: ExportFile) -> AsyncIterator[bytes]:
    """The file while it grows. An error cuts the reply off, so that no browser saves a partial file as complete."""
    try:
        with await asyncio.to_thread(outgoing.path.open, "rb") as file:
            while True:
                ended = outgoing.done.is_set()
                piece = await asyncio.to_thread(file.read, READ_BYTES)
                if piece:
                    yield piece
                elif ended:
                    break
                else:
                    await asyncio.sleep(LOOK_S)
        if outgoing.error:
            raise outgoing.error
    finally:
        _end(outgoing)


def _end(outgoing: ExportFile) -> None:
    _exports.pop(outgoing, None)
    outgoing.discard()


async def _import(request: Request) -> Response:
    person = await _visitor(request)
    query = request.query_params
    numbers = [query.get(name, "") for name in ("at", "size")]
    fits = all(number.isdecimal() and len(number) < 16 for number in numbers) and _NAME.fullmatch(query.get("name", ""))
    if person is None or not fits or REQUIRED_HEADER not in request.headers:
        return _plain_reply(404, t("File not found."))
    if query.get("server", server_name) != server_name:
        async for _ in request.stream():
            pass
        return _plain_reply(404, t("The upload was incomplete. Choose the file again."))
    at, size = map(int, numbers)
    try:
        source = clients.of_scope(request.scope).address
        path = await asyncio.to_thread(person.transfers.path_for, query["name"], size, at, source)
    except ValueError:
        return _plain_reply(409, t("The upload was incomplete. Choose the file again."))
    except StoreError as error:
        return _plain_reply(507, _reason(error))
    received_bytes = 0
    try:
        with path.open("ab") as file:
            async for chunk in request.stream():
                received_bytes += len(chunk)
                if received_bytes > CHUNK_BYTES or at + received_bytes > size:
                    return _plain_reply(413, t("The upload was incomplete. Choose the file again."))
                await asyncio.to_thread(file.write, chunk)
    except ClientDisconnect:
        return Response(status_code=400)
    except OSError:
        from ..workspace.transfers import NoRoom

        return _plain_reply(507, _reason(NoRoom("disk")))
    return Response(status_code=204)


async def _visitor(request: Request) -> Person | None:
    """The owner named by the cookie; also sets the language of the reply."""
    language = request.query_params.get("lang") or text.choose(request.headers.get("accept-language"))
    text.speak(language)
    return await asyncio.to_thread(session.person_of, "; ".join(request.headers.getlist("cookie")))


def _reason(error: StoreError) -> str:
    if isinstance(error, NotFound):
        return t("File not found.")
    match getattr(error, "code", ""):
        case "large":
            return t(
                "The file is too large. The limit is {size}.",
                size=size(session.engine().settings.import_mb * 1_000_000),
            )
        case "many":
            return t("The server cannot take more files right now. Try again in a few minutes.")
        case "disk":
            return t("The server's disk is nearly full. Free some space, then try again.")
    return t("The history cannot be loaded right now. Nothing is lost; try again when the database is back.")


def _disk_full() -> str:
    return t("The server's disk is nearly full. Free some space, then try again.")


def size(number: int) -> str:
    """A file size for people."""
    return f"{number / 1e9:.1f} GB".replace(".0 ", " ") if number >= 1e9 else f"{number / 1e6:.0f} MB"


def _plain_reply(status: int, sentence: str) -> Response:
    return PlainTextResponse(f"{sentence}\n", status_code=status, headers={"cache-control": "no-store"})
