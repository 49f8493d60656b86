"""The files of a question or an answer: pictures small and, on a click, large; all others by name and size.

Pictures are drawn from our own route, which knows the visitor by the cookie. Where a browser keeps no cookie, and in
shared links, Streamlit hands the bytes on.

    GET files/{sha256}?w=...     a picture of the visitor's, `w` pixels at most; a document as a download
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from urllib.parse import quote

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..records import Completion, Document, Picture, Sound
from ..store import StoreError
from ..views.conversation import Attached, File
from . import session, transfers
from .text import plain, t

PATH = "/files"
SMALL_PX = 320
INLINE = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}
KEPT = "private, max-age=31536000, immutable"
Read = Callable[[str], bytes | None]
_HASH = re.compile("[0-9a-f]{64}")


def routes() -> list[Route]:
    """The routes, below the server's base path."""
    return [Route(f"{transfers.base()}{PATH}/{{sha256}}", _answer)]


async def _answer(request: Request) -> Response:
    return await asyncio.to_thread(_reply, request)


def _reply(request: Request) -> Response:
    """404 where the visitor has no such file, whether somebody else has it or not."""
    sha256, width = request.path_params["sha256"], request.query_params.get("w", "")
    nothing = Response(status_code=404, headers={**HEADERS, "cache-control": "no-store"})
    if not _HASH.fullmatch(sha256) or request.headers.get("sec-fetch-site") == "cross-site":
        return nothing
    person = session.person_of("; ".join(request.headers.getlist("cookie")))
    try:
        stored = person.files.stored(sha256) if person else None
    except StoreError:
        return Response(status_code=503, headers={**HEADERS, "cache-control": "no-store"})
    if stored is None:
        return nothing
    data, media_type = stored
    headers = {**HEADERS, "cache-control": KEPT}
    if media_type not in INLINE:
        headers["content-disposition"] = (
            f"attachment; filename*=UTF-8''{quote(request.query_params.get('name', 'file'))}"
        )
        return Response(data, media_type="application/octet-stream", headers=headers)
    if width.isdigit() and int(width) in (SMALL_PX, 2 * SMALL_PX):
        from ..pictures import UnreadablePicture, thumbnail

        try:
            data, media_type = thumbnail(data, int(width))
        except UnreadablePicture:
            return nothing
    return Response(data, media_type=media_type, headers=headers)


def address(sha256: str, width_px: int | None = None, *, name: str = "") -> str:
    """Where the visitor's browser gets this file."""
    query = f"?w={width_px}" if width_px else f"?name={quote(name)}" if name else ""
    return f"{transfers.base()}{PATH}/{sha256}{query}"


def of_answer(completion: Completion) -> tuple[Attached, ...]:
    """The pictures and files that a model returned."""
    return tuple(
        Attached(
            part.name,
            part.media_type,
            part.size_bytes,
            part.sha256,
            width=part.width if isinstance(part, Picture) else None,
            height=part.height if isinstance(part, Picture) else None,
        )
        for part in completion.parts
        if isinstance(part, Picture | Document | Sound)
    )


def draw(files: Sequence[Attached | File], key: str, read: Read | None = None) -> None:
    """Pictures in a row, then the others as chips. `key` is different for every message of a page; `read` gets the
    bytes of files that are not the visitor's own."""
    pictures = [file for file in files if is_picture(file)]
    if pictures:
        with st.container(horizontal=True, gap="xsmall", key=f"pictures-{key}"):
            for place, picture in enumerate(pictures):
                _thumbnail(picture, f"{key}-{place}", read)
    chips = [chip(file) for file in files if not is_picture(file)]
    if chips:
        st.markdown(" ".join(chips))


def is_picture(file: Attached | File) -> bool:
    return bool(file.sha256) and file.media_type in INLINE


def chip(file: Attached | File) -> str:
    """A file's name, what was chosen of it, and its size."""
    size_bytes = file.stored_bytes if isinstance(file, File) else file.size_bytes
    size = f"{size_bytes} B" if size_bytes < 1000 else f"{size_bytes / 1000:.0f} kB"
    pages = f" · {t('pages {pages}', pages=file.pages)}" if file.pages else ""
    return f":gray-badge[:material/description: {plain(file.name)}{pages} · {size}]"


def _thumbnail(picture: Attached | File, key: str, read: Read | None) -> None:
    """The picture, all of it a button."""
    with st.container(width="content", gap=None, key=f"picture-{key}"):
        if not _draw(picture, 2 * SMALL_PX, read):
            st.caption(t("This picture is not stored any more."))
            return
        name = picture.name or t("Picture")
        if st.button(t("Enlarge {name}", name=plain(name)), key=f"enlarge-{key}"):
            _large(picture, read)


@st.dialog(" ", width="large")
def _large(picture: Attached | File, read: Read | None) -> None:
    with st.container(key="picture-large"):
        _draw(picture, None, read)
    size = f"{picture.width} × {picture.height} px" if picture.width and picture.height else ""
    st.caption(" · ".join(filter(None, (plain(picture.name), size))))
    with st.container(horizontal=True, gap="small"):
        if transfers.served() and read is None:
            where = address(picture.sha256)
            st.link_button(t("Open in a new tab"), where, icon=":material/open_in_new:", type="tertiary")
        st.download_button(
            t("Download"),
            lambda: (read or session.person().files.read)(picture.sha256) or b"",
            file_name=file_name(picture),
            mime=picture.media_type,
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key="picture-download",
        )


def file_name(picture: Attached | File) -> str:
    """With the ending of what it is now: a HEIC or BMP was made a JPEG or PNG."""
    ending = INLINE.get(picture.media_type, "bin")
    return f"{picture.name.rpartition('.')[0] or picture.name or 'picture'}.{ending}"


def _draw(picture: Attached | File, width_px: int | None, read: Read | None) -> bool:
    """Draw it from its address, or from its bytes where this browser is not known by a cookie; False: it is gone."""
    if transfers.served() and read is None:
        st.markdown(f"![{plain(picture.name) or t('Picture')}]({address(picture.sha256, width_px)})")
        return True
    data = (read or session.person().files.read)(picture.sha256)
    if data is not None:
        st.image(data, width="content" if width_px else "stretch")
    return data is not None
