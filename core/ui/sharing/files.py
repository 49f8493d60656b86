"""The files of a shared question: pictures small and, on a click, large; documents as what was read of them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...context import estimate_tokens
from ...safety.outgoing import cleaned
from ...views.conversation import File
from .. import attached_files, session, transfers
from ..file_route import address
from ..text import plain, t, whole

SHOWN_CHARS = 100_000
HEIGHT_PX = 420  # of a long text, which scrolls
SHORT_LINES, SHORT_CHARS = 18, 900


def source(link_id: str) -> attached_files.FileSource:
    """The files of a link: by their addresses where our own server runs and lets this browser in."""
    admitted = session.engine().settings.sharing == "anyone" or session.by_cookie()

    def read(sha256: str) -> bytes | None:
        file = session.shared_links().file(link_id, sha256)
        return file[1] if file else None

    def place(sha256: str, width_px: int | None) -> str:
        return address(sha256, width_px, link_id=link_id)

    return attached_files.FileSource(read, place if transfers.server_name and admitted else None)


def draw(files: Sequence[File], link_id: str, number: int) -> None:
    """All of a question; `number` is the turn's."""
    attached_files.draw([file for file in files if file.is_picture], f"shared-{number}", source(link_id))
    for place, file in enumerate(file for file in files if not file.is_picture):
        if file.text:
            _document(file, f"shared-document-{number}-{place}")
        else:
            _unread(file, link_id, f"shared-file-{number}-{place}")


def _document(file: File, key: str) -> None:
    """What was read of it, which is sent to the browser only when it is opened."""
    tokens = t("about {tokens} tokens", tokens=whole(estimate_tokens(file.text)))
    label = " · ".join(filter(None, (plain(file.name), attached_files.part_of(file), tokens)))
    box = st.expander(label, icon=":material/description:", type="compact", key=key, on_change="rerun")
    if not box.open:
        return
    text = cleaned(file.text[:SHOWN_CHARS])[0]
    is_long = len(text) > SHORT_CHARS or text.count("\n") > SHORT_LINES
    with box:
        st.code(text, language=None, wrap_lines=True, height=HEIGHT_PX if is_long else "content")
        if len(file.text) > SHOWN_CHARS:
            st.caption(
                t(
                    "The first {shown} of {number} characters are shown.",
                    shown=whole(SHOWN_CHARS),
                    number=whole(len(file.text)),
                )
            )


def _unread(file: File, link_id: str, key: str) -> None:
    """A file of which nothing was read, such as a scan or a recording: the file itself."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"box-{key}"):
        st.markdown(attached_files.chip(file), width="content")
        st.download_button(
            t("Download"),
            lambda: source(link_id).read(file.sha256) or b"",
            file_name=file.name or "file",
            mime="application/octet-stream",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
            key=key,
        )
