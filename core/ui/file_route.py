"""The pictures and files of questions and answers over HTTP: the only way in which their bytes reach a browser.

    GET files/{sha256}               the owner's, whom the cookie names
    GET files/{sha256}?link=TICKET   a file of the turns that a read-only link shows
        &w=320                      a picture as a thumbnail of at most so many pixels
        &name=plan.pdf              the name under which a download is saved

A picture or a sound of a listed type is drawn; anything else, SVG and HTML too, is only ever downloaded. What is not
the reader's is not found, whether it exists or not.

The address of a shared file does not hold the link's token, which no log may have: the ticket is for this file alone,
until the end of the next day, and the link is looked up at each request, so that it opens nothing once it has ended.
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..store import NotFound, StoreError
from . import app_state, session, signed_names, transfers

DRAWN = {
    *("image/png", "image/jpeg", "image/gif", "image/webp"),
    *("audio/mpeg", "audio/mp4", "audio/wav", "audio/ogg", "audio/webm", "audio/flac"),
}
WIDTHS = (160, 320, 640, 1280)  # of thumbnails, in pixels
KEPT_BYTES = 32_000_000  # of thumbnails, in memory
TICKET_DIGITS = 32  # hexadecimal
HEADERS = {
    "content-security-policy": "default-src 'none'; sandbox",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
}
OWN, OF_LINK = "private, max-age=31536000, immutable", "private, no-store"  # how long a browser keeps it
_HASH = re.compile("[0-9a-f]{64}")


def routes() -> list[Route]:
    """The route, below the server's base path."""
    return [Route(f"{transfers.base()}/files/{{sha256}}", _file)]


def address(sha256: str, width_px: int | None = None, *, name: str = "", link_id: str = "") -> str:
    """The address of a file, absolute on this server. `width_px`: of a thumbnail; `link_id`: of a read-only link that
    shows it."""
    query = {"w": width_px, "name": name, "link": link_id and _ticket(link_id, sha256, _today())}
    parameters = urlencode({key: value for key, value in query.items() if value})
    return f"{transfers.base()}/files/{sha256}" + (f"?{parameters}" if parameters else "")


async def _file(request: Request) -> Response:
    name, query = request.path_params["sha256"], request.query_params
    if not _HASH.fullmatch(name) or request.headers.get("sec-fetch-site") == "cross-site":
        return _plain(404)
    width = int(query["w"]) if re.fullmatch("[0-9]{1,5}", query.get("w", "")) else None
    cookies = "; ".join(request.headers.getlist("cookie"))
    try:
        stored = await asyncio.to_thread(_stored, name, cookies, query.get("link", ""), width)
        if stored is None:
            return _plain(404)
        media_type, data = stored
    except NotFound:
        return _plain(404)
    except StoreError:  # damaged, or away
        return _plain(503)
    headers = {**HEADERS, "cache-control": OF_LINK if query.get("link") else OWN}
    if media_type not in DRAWN:
        media_type = "application/octet-stream"
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(query.get('name') or name, safe='')}"
    return Response(data, media_type=media_type, headers=headers)


def _stored(name: str, cookies: str, ticket: str, width_px: int | None) -> tuple[str, bytes] | None:
    """The media type and the bytes of what this reader may see, of its thumbnail where a width is given."""
    if ticket:
        is_admitted = session.engine().settings.sharing == "anyone" or session.person_of(cookies)
        link_id = _link_of(ticket, name) if is_admitted else ""
        shared = session.shared_links().file(link_id, name) if link_id else None
        if shared is None or width_px is None:
            return shared
        return thumbnails.get(name, lambda: shared[1], shared[0], width_px)
    person = session.person_of(cookies)
    facts = person.files.facts(name) if person else None
    if person is None or facts is None:
        return None
    if width_px:
        return thumbnails.get(name, lambda: person.files.read(name), facts.media_type, width_px)
    data = person.files.read(name)
    return (facts.media_type, data) if data is not None else None


def _ticket(link_id: str, sha256: str, day: date) -> str:
    signature = signed_names.keyed_hash("file of a link", f"{link_id}\n{sha256}\n{day}", app_state.get().data_folder)
    return f"{link_id}.{signature[:TICKET_DIGITS]}"


def _link_of(ticket: str, sha256: str) -> str:
    """The id of the link that a ticket of today or yesterday is of; "" for any other."""
    link_id, today = ticket.partition(".")[0], _today()
    tickets = [_ticket(link_id, sha256, day) for day in (today, today - timedelta(days=1))]
    return link_id if any(hmac.compare_digest(ticket.encode(), each.encode()) for each in tickets) else ""


def _today() -> date:
    return datetime.now(UTC).date()


class Thumbnails:
    """Thumbnails that were made, by hash and width, the least recently used first. One is made at a time, which bounds
    the memory of that."""

    def __init__(self, most_bytes: int = KEPT_BYTES) -> None:
        self._most_bytes = most_bytes
        self._made: OrderedDict[tuple[str, int], tuple[bytes, str]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(
        self, name: str, read: Callable[[], bytes | None], media_type: str, width_px: int
    ) -> tuple[str, bytes] | None:
        """The thumbnail's type and bytes; `read` gets the picture where none was made yet. None where this is no
        picture, one that is too large to be drawn, or gone."""
        from ..pictures import UnreadablePicture, thumbnail

        if media_type not in DRAWN or not media_type.startswith("image/"):
            return None
        key = (name, next((each for each in WIDTHS if each >= width_px), WIDTHS[-1]))
        with self._lock:
            if key not in self._made:
                data = read()
                if data is None:
                    return None
                try:
                    self._keep(key, thumbnail(data, key[1]))
                except UnreadablePicture:
                    return None
            self._made.move_to_end(key)
            data, small_type = self._made[key]
            return small_type, data

    def clear(self) -> None:
        """Forget all of them: they are made again, of files that are still stored."""
        with self._lock:
            self._made.clear()
            self._bytes = 0

    def _keep(self, key: tuple[str, int], made: tuple[bytes, str]) -> None:
        self._made[key] = made
        self._bytes += len(made[0])
        while self._bytes > self._most_bytes and len(self._made) > 1:
            _, (oldest, _) = self._made.popitem(last=False)
            self._bytes -= len(oldest)


thumbnails = Thumbnails()


def _plain(status: int) -> Response:
    return PlainTextResponse("", status_code=status, headers={"cache-control": "no-store"})
