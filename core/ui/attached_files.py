"""The files of a question or an answer: pictures small and, on a click, large; all others by name and size.

Pictures are drawn from our own route (`file_route`), which knows the visitor by the cookie. Where a browser keeps no
cookie, Streamlit hands the bytes on.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ..views.conversation import Attached, File
from . import session, transfers
from .file_route import address
from .text import plain, t

SMALL_PX = 320
INLINE = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}


def draw(files: Sequence[Attached | File], key: str) -> None:
    """Pictures in a row, then the others as chips. `key` is different for every message of a page."""
    pictures = [file for file in files if is_picture(file)]
    if pictures:
        with st.container(horizontal=True, gap="xsmall", key=f"pictures-{key}"):
            for place, picture in enumerate(pictures):
                _thumbnail(picture, f"{key}-{place}")
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


def _thumbnail(picture: Attached | File, key: str) -> None:
    """The picture, all of it a button."""
    with st.container(width="content", gap=None, key=f"picture-{key}"):
        if not _draw(picture, 2 * SMALL_PX):
            st.caption(t("This picture is not stored any more."))
            return
        name = picture.name or t("Picture")
        if st.button(t("Enlarge {name}", name=plain(name)), key=f"enlarge-{key}"):
            _large(picture)


@st.dialog(" ", width="large")
def _large(picture: Attached | File) -> None:
    with st.container(key="picture-large"):
        _draw(picture, None)
    size = f"{picture.width} × {picture.height} px" if picture.width and picture.height else ""
    st.caption(" · ".join(filter(None, (plain(picture.name), size))))
    if transfers.served():
        st.link_button(t("Open in a new tab"), address(picture.sha256), icon=":material/open_in_new:", type="tertiary")


def _draw(picture: Attached | File, width_px: int | None) -> bool:
    """Draw it from its address, or from its bytes where this browser is not known by a cookie; False: it is gone."""
    if transfers.served():
        st.markdown(f"![{plain(picture.name) or t('Picture')}]({address(picture.sha256, width_px)})")
        return True
    data = session.person().files.read(picture.sha256)
    if data is not None:
        st.image(data, width="content" if width_px else "stretch")
    return data is not None
