"""The files of a question or an answer: pictures small and, on a click, large; all others by name and size.

Pictures are drawn from our own route (`file_route`), which knows the visitor by the cookie. Where a browser keeps no
cookie, Streamlit hands the bytes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from ..records import Completion, Document, Picture, Sound
from ..views.conversation import Attached, File
from . import session, transfers
from .file_route import address, thumbnails
from .text import plain, t

SMALL_PX = 320
INLINE = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


@dataclass(frozen=True, slots=True)
class FileSource:
    """Where the bytes of files are: `read` gets them; `address` is theirs for the browser, of a thumbnail where a width
    is given, None where the browser would not be let in."""

    read: Callable[[str], bytes | None]
    address: Callable[[str, int | None], str] | None = None


def own() -> FileSource:
    """The visitor's own."""
    return FileSource(lambda sha256: session.person().files.read(sha256), address if transfers.served() else None)


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


def draw(files: Sequence[Attached | File], key: str, source: FileSource | None = None) -> None:
    """Pictures in a row, the others as chips beside them. `key` is different for every message of a page; `source`: of
    files that are not the visitor's own."""
    if not files:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"pictures-{key}"):
        for place, picture in enumerate(filter(is_picture, files)):
            _thumbnail(picture, f"{key}-{place}", source or own())
        for file in files:
            if not is_picture(file):
                st.markdown(chip(file), width="content")


def is_picture(file: Attached | File) -> bool:
    return bool(file.sha256) and file.media_type in INLINE


def chip(file: Attached | File) -> str:
    """A file's name, what was chosen of it, and its size."""
    size_bytes = file.stored_bytes if isinstance(file, File) else file.size_bytes
    size = f"{size_bytes} B" if size_bytes < 1000 else f"{size_bytes / 1000:.0f} kB"
    parts = filter(None, (plain(file.name), part_of(file), size))
    return f":gray-badge[:material/description: {' · '.join(parts)}]"


def part_of(file: Attached | File) -> str:
    """The pages that go with the question; "" where it is all of the document."""
    if not file.pages or file.pages == f"1-{file.page_count}":
        return ""
    return t("pages {pages}", pages=file.pages.replace("-", "–"))


def _thumbnail(picture: Attached | File, key: str, source: FileSource) -> None:
    """The picture, all of it a button."""
    with st.container(width="content", gap=None, key=f"picture-{key}"):
        if not _draw(picture, 2 * SMALL_PX, source):
            st.caption(t("This picture is not stored any more."))
            return
        name = picture.name or t("Picture")
        if st.button(t("Enlarge {name}", name=plain(name)), key=f"enlarge-{key}"):
            _large(picture, source)


@st.dialog(" ", width="large")
def _large(picture: Attached | File, source: FileSource) -> None:
    with st.container(key="picture-large"):
        _draw(picture, None, source)
    size = f"{picture.width} × {picture.height} px" if picture.width and picture.height else ""
    st.caption(" · ".join(filter(None, (plain(picture.name), size))))
    with st.container(horizontal=True, gap="small"):
        if source.address:
            where = source.address(picture.sha256, None)
            st.link_button(t("Open in a new tab"), where, icon=":material/open_in_new:", type="tertiary")
        st.download_button(
            t("Download"),
            lambda: source.read(picture.sha256) or b"",
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


def _draw(picture: Attached | File, width_px: int | None, source: FileSource) -> bool:
    """Draw it from its address, or from its bytes where this browser is not known by a cookie; False: it is gone."""
    if source.address:
        st.markdown(f"![{plain(picture.name) or t('Picture')}]({source.address(picture.sha256, width_px)})")
        return True
    if width_px:  # a large picture is not read and sent again with every click on the page
        own_name = session.private_name("thumbnail", picture.sha256)  # whose it is was checked for this visitor alone
        small = thumbnails.get(own_name, lambda: source.read(picture.sha256), picture.media_type, width_px)
        data = small[1] if small else None
    else:
        data = source.read(picture.sha256)
    if data is not None:
        st.image(data, width="content" if width_px else "stretch")
    return data is not None
