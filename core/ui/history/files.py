"""Export and import of conversations. Exports are generated on click, imports are previewed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from ...store import BadImport, StoreError
from ...views.history import Form
from ...views.imports import Loaded
from .. import session, transfers, uploads
from ..base.flash import flash
from ..failures.own_messages import translated
from ..text import language, plain, sentences, t
from . import import_panel
from .import_words import came, comes, flagged, left_out

FORMS: tuple[tuple[Form, str, str, str], ...] = (
    ("markdown", "Markdown", "md", "text/markdown"),
    ("json", "JSON", "json", "application/json"),
    ("csv", "CSV", "csv", "text/csv"),
)
EVERYTHING: tuple[Form, str, str, str] = ("zip", "ZIP", "zip", "application/zip")


def downloads(title: str, key: str, ids: Sequence[str] | None = None) -> None:
    """A button for each format; `ids` None: everything, and as a ZIP what is not in the history, too."""
    if session.health().waiting:
        st.caption(t("Unsaved messages are not included in these files."))
    if ids is None:
        st.caption(t("ZIP: the history, batches, calls and settings, all that is stored of you."))
    if transfers.served():
        _links(title, key, ids)
        return
    history = session.person().history

    def making(form: Form) -> Callable[[], bytes]:
        return lambda: history.export(form, ids)

    with st.container(horizontal=True, gap="xxsmall", key=f"files-{key}"):
        for form, label, ending, media_type in _forms(ids):
            st.download_button(
                label,
                making(form),
                file_name=f"{file_name(title)}.{ending}",
                mime=media_type,
                icon=":material/download:",
                key=f"{form}-{key}",
                on_click="ignore",
            )


def _forms(ids: Sequence[str] | None) -> tuple[tuple[Form, str, str, str], ...]:
    return FORMS if ids is not None else (*FORMS, EVERYTHING)


def _links(title: str, key: str, ids: Sequence[str] | None) -> None:
    """Links to the streaming export, which needs no memory for the file."""
    params = [("name", file_name(title)), ("lang", language()), *(("id", entry_id) for entry_id in ids or ())]
    with st.container(horizontal=True, gap="xxsmall", key=f"files-{key}"):
        for form, label, _, _ in _forms(ids):
            st.link_button(
                label, f"export/{form}?{urlencode(params)}", icon=":material/download:", key=f"{form}-{key}"
            )  # fmt: skip


def import_form() -> None:
    """Choose a file and import it; without our own server, after a preview."""
    st.caption(
        t("An export from Roundtable, ChatGPT, Claude, DeepSeek, Open WebUI or LibreChat: JSON, or the ZIP it came in.")
    )
    if transfers.served():
        import_panel.panel()
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
    if refusal := uploads.refusal(upload):
        st.error(refusal, icon=":material/error:")
        return
    try:
        preview = _preview(upload.file_id, upload.getvalue)
    except BadImport as error:
        st.error(
            t("Nothing was imported. {reason}", reason=plain(translated(str(error), "local", None))),
            icon=":material/error:",
        )
        return
    st.markdown(comes(preview))
    if preview.left:
        st.warning(left_out(preview), icon=":material/rule:")
    flagged(preview)
    st.button(t("Import"), type="primary", icon=":material/upload:", key="import", on_click=_load, args=(upload,))


def _preview(file_id: str, read: Callable[[], bytes]) -> Loaded:
    """Read each file once, not in every run."""
    stored = st.session_state.get("preview")
    if stored is None or stored[0] != file_id:
        try:
            stored = (file_id, session.person().history.preview(read()))
        except BadImport as error:
            stored = (file_id, error)
        st.session_state["preview"] = stored
    if isinstance(stored[1], BadImport):
        raise stored[1]
    loaded: Loaded = stored[1]
    return loaded


def _load(upload: UploadedFile) -> None:
    try:
        loaded = session.person().history.load(upload.getvalue())
    except StoreError as error:
        flash(t("Nothing was imported. {reason}", reason=plain(translated(str(error), "local", None))), warning=True)
        return
    flash(sentences(came(loaded), left_out(loaded)), warning=bool(loaded.left))
    uploads.free(upload.file_id)
    st.session_state["import-round"] = _round() + 1
    st.session_state["menu-import"] = False


def _round() -> int:
    """The number of imports: a new widget key empties the file box."""
    count: int = st.session_state.get("import-round", 0)
    return count


def file_name(title: str) -> str:
    """A portable file name: letters of any script, digits and hyphens."""
    return re.sub(r"[\W_]+", "-", title).strip("-")[:60] or "roundtable"
