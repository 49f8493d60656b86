"""The history's large files over HTTP: an export is sent while it is written, an import comes in pieces.

    GET export/{form}?id=...             all of the visitor's history, or these entries
    PUT import?name=...&at=...&size=...  one piece of a file; the page takes it in when all have arrived

Both know their visitor by the cookie alone. Nothing is held in memory, and no reply waits for the whole of a file.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from ..store import NotFound, StoreError
from . import session, text
from .text import t

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from ..workspace import Person
    from ..workspace.freight import Outgoing

FORMS = {"markdown": ("md", "text/markdown"), "json": ("json", "application/json"), "csv": ("csv", "text/csv")}
MARK = "x-roundtable"  # a header that no form and no other site's script may send
PIECE = 4 * 1024 * 1024
READ = 256 * 1024
PATIENCE_S = 2.0  # a small export is whole by then, and says how long it is
LOOK_S = 0.05
OUT_AT_ONCE = 8
_NAME = re.compile("[0-9a-f]{32}")
_out: set[Any] = set()


def served() -> bool:
    """Whether this session may use these addresses: our own server runs, and its cookie names this visitor."""
    return _serves and session.by_cookie()


_serves = False


def routes() -> list[Route]:
    """For the server, below the base path that it may have."""
    global _serves
    from starlette.routing import Route
    from streamlit import config

    _serves = True
    base = str(config.get_option("server.baseUrlPath") or "").strip("/")
    under = f"/{base}" if base else ""
    return [
        Route(f"{under}/export/{{form}}", _export),
        Route(f"{under}/import", _import, methods=["PUT"]),
    ]


async def _export(request: Request) -> Response:
    from starlette.responses import FileResponse, StreamingResponse

    person = await _visitor(request)
    form = request.path_params["form"]
    if person is None or form not in FORMS or request.headers.get("sec-fetch-site") == "cross-site":
        return _told(404, t("File not found."))
    if len(_out) >= OUT_AT_ONCE:
        return _told(503, t("The server is busy writing other files. Try again in a minute."))
    try:
        going = await asyncio.to_thread(_begin, person, form, request.query_params.getlist("id"))
    except StoreError as error:
        return _told(507, _why(error))
    _out.add(going)
    await asyncio.to_thread(going.begun.wait, PATIENCE_S)
    if going.error:
        _out.discard(going)
        return _told(404 if isinstance(going.error, NotFound) else 507, _why(going.error))
    ending, kind = FORMS[form]
    name = request.query_params.get("name") or f"roundtable-{datetime.now(UTC):%Y-%m-%d}"
    headers = {
        "content-disposition": f"attachment; filename*=UTF-8''{quote(name)}.{ending}",
        "cache-control": "no-store",
    }
    if going.done.is_set():
        from starlette.background import BackgroundTask

        return FileResponse(going.path, media_type=kind, headers=headers, background=BackgroundTask(_end, going))
    return StreamingResponse(_tail(going), media_type=kind, headers=headers)


def _begin(person: Person, form: Any, ids: list[str]) -> Outgoing:
    return person.freight.export(form, ids or None)


async def _tail(going: Outgoing) -> AsyncIterator[bytes]:
    """The file while it grows. An error cuts the reply off, so that no browser takes a part for the whole."""
    try:
        with await asyncio.to_thread(going.path.open, "rb") as file:
            while True:
                ended = going.done.is_set()
                piece = await asyncio.to_thread(file.read, READ)
                if piece:
                    yield piece
                elif ended:
                    break
                else:
                    await asyncio.sleep(LOOK_S)
        if going.error:
            raise going.error
    finally:
        _end(going)


def _end(going: Outgoing) -> None:
    _out.discard(going)
    going.give_up()


async def _import(request: Request) -> Response:
    from starlette.requests import ClientDisconnect
    from starlette.responses import Response

    person = await _visitor(request)
    query = request.query_params
    numbers = [query.get(name, "") for name in ("at", "size")]
    fits = all(number.isdecimal() and len(number) < 16 for number in numbers) and _NAME.fullmatch(query.get("name", ""))
    if person is None or not fits or MARK not in request.headers:
        return _told(404, t("File not found."))
    at, size = map(int, numbers)
    try:
        path = await asyncio.to_thread(person.freight.room, query["name"], size, at)
    except ValueError:
        return _told(409, t("The upload was incomplete. Choose the file again."))
    except StoreError as error:
        return _told(507, _why(error))
    came = 0
    try:
        with path.open("ab") as file:
            async for chunk in request.stream():
                came += len(chunk)
                if came > PIECE or at + came > size:
                    return _told(413, t("The upload was incomplete. Choose the file again."))
                await asyncio.to_thread(file.write, chunk)
    except ClientDisconnect:
        return Response(status_code=400)
    except OSError:
        from ..workspace.freight import NoRoom

        return _told(507, _why(NoRoom("disk")))
    return Response(status_code=204)


async def _visitor(request: Request) -> Person | None:
    """Whose cookie this is; also lets the reply speak the reader's language."""
    wished = request.query_params.get("lang") or text.choose(request.headers.get("accept-language"))
    text.speak(wished)
    return await asyncio.to_thread(session.person_of, "; ".join(request.headers.getlist("cookie")))


def _why(error: StoreError) -> str:
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


def size(number: int) -> str:
    """As people say it, in the unit that fits."""
    return f"{number / 1e9:.1f} GB".replace(".0 ", " ") if number >= 1e9 else f"{number / 1e6:.0f} MB"


def _told(status: int, sentence: str) -> Response:
    from starlette.responses import PlainTextResponse

    return PlainTextResponse(f"{sentence}\n", status_code=status, headers={"cache-control": "no-store"})
