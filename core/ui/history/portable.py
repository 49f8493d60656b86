"""Conversations as files, out and in. A file is made only when somebody clicks, read in only after a look at it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import streamlit as st

from ...store import BadImport, StoreError
from ...views.history import Form
from .. import freight, session, uploads
from ..base.flash import flash
from ..failures.ours import translated
from ..text import language, plain, t, tn
from . import arriving
from .arriving import conversations, left_out

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

    from ...workspace.history import Loaded

FORMS: tuple[tuple[Form, str, str, str], ...] = (
    ("markdown", "Markdown", "md", "text/markdown"),
    ("json", "JSON", "json", "application/json"),
    ("csv", "CSV", "csv", "text/csv"),
)


def downloads(title: str, key: str, ids: Sequence[str] | None = None) -> None:
    """Three buttons; `ids` None is everything."""
    if session.health().waiting:
        st.caption(t("Unsaved messages are not included in these files."))
    if freight.served():
        _links(title, key, ids)
        return
    history = session.person().history

    def making(form: Form) -> Callable[[], bytes]:
        return lambda: history.export(form, ids)

    with st.container(horizontal=True, gap="xxsmall", key=f"files-{key}"):
        for form, label, ending, media_type in FORMS:
            st.download_button(
                label,
                making(form),
                file_name=f"{file_name(title)}.{ending}",
                mime=media_type,
                icon=":material/download:",
                key=f"{form}-{key}",
                on_click="ignore",
            )


def _links(title: str, key: str, ids: Sequence[str] | None) -> None:
    """The same as addresses: the file is sent while it is written, and no memory holds it."""
    asked = [("name", file_name(title)), ("lang", language()), *(("id", each) for each in ids or ())]
    with st.container(horizontal=True, gap="xxsmall", key=f"files-{key}"):
        for form, label, _, _ in FORMS:
            st.link_button(
                label, f"export/{form}?{urlencode(asked)}", icon=":material/download:", key=f"{form}-{key}"
            )  # fmt: skip


def bring_in() -> None:
    """Choose a file and take it in; where our own server does not run, after a look at what is in it."""
    st.caption(
        t("An export from Roundtable, ChatGPT, Claude, DeepSeek, Open WebUI or LibreChat: JSON, or the ZIP it came in.")
    )
    if freight.served():
        arriving.panel()
        return
    upload = st.file_uploader(
        t("File"),
        type=["json"],
        key=f"import-{_round()}",
        max_upload_size=uploads.largest_mb(),
        label_visibility="collapsed",
    )
    if upload is None:
        return
    if refused := uploads.refusal(upload):
        st.error(refused, icon=":material/error:")
        return
    try:
        found = _preview(upload.file_id, upload.getvalue)
    except BadImport as error:
        st.error(
            t("Nothing was imported. {reason}", reason=plain(translated(str(error), "local", None))),
            icon=":material/error:",
        )
        return
    st.markdown(
        t(
            "{source}: {conversations}, {messages}.",
            source=_source(found),
            conversations=conversations(found.conversations),
            messages=tn("{number} message", "{number} messages", found.messages),
        )
    )
    if found.left:
        st.warning(left_out(found), icon=":material/rule:")
    st.button(t("Import"), type="primary", icon=":material/upload:", key="import", on_click=_load, args=(upload,))


def _preview(file_id: str, read: Callable[[], bytes]) -> Loaded:
    """Read once for every file chosen, not with every click."""
    held = st.session_state.get("preview")
    if held is None or held[0] != file_id:
        try:
            held = (file_id, session.person().history.preview(read()))
        except BadImport as error:
            held = (file_id, error)
        st.session_state["preview"] = held
    if isinstance(held[1], BadImport):
        raise held[1]
    found: Loaded = held[1]
    return found


def _load(upload: UploadedFile) -> None:
    try:
        done = session.person().history.load(upload.getvalue())
    except StoreError as error:
        flash(t("Nothing was imported. {reason}", reason=plain(translated(str(error), "local", None))), warning=True)
        return
    came = tn(
        "Imported: {number} conversation; already here: {known}.",
        "Imported: {number} conversations; already here: {known}.",
        done.conversations,
        known=done.known,
    )
    flash(f"{came} {left_out(done)}".strip(), warning=bool(done.left))
    uploads.free(upload.file_id)
    st.session_state["import-round"] = _round() + 1
    st.session_state["menu-import"] = False


def _round() -> int:
    """Counts imports: a new name empties the file box."""
    count: int = st.session_state.get("import-round", 0)
    return count


def _source(found: Loaded) -> str:
    return {
        "roundtable": "Roundtable",
        "chatgpt": "ChatGPT",
        "openwebui": "Open WebUI",
        "claude": "Claude",
        "deepseek": "DeepSeek",
        "librechat": "LibreChat",
        "plain": t("another program"),
    }[found.source]


def file_name(title: str) -> str:
    """Letters of any script, digits and hyphens: a name that every computer takes."""
    return re.sub(r"[\W_]+", "-", title).strip("-")[:60] or "roundtable"
