"""The library as a file: export all, import what somebody shared after a look at what it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from ...store import BadImport, Changed
from ...views.prompts import (
    LONGEST_DEFAULT,
    LONGEST_SYSTEM,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_FILE_BYTES,
    MOST_VARIABLES,
    LibraryPrompt,
    LoadedPrompts,
    Misfit,
)
from .. import session, uploads
from ..answer import hints
from ..base.buttons import icon_button
from ..base.flash import flash, store_errors_shown
from ..failures.own_messages import translated
from ..text import plain, t, tn, whole

MOST_TITLES = 5


def draw(place: str, own: Sequence[LibraryPrompt], done: Callable[[], None]) -> None:
    """`done` leads back to the list; `place` makes keys unique."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        icon_button("arrow_back", t("All prompts"), f"prompt-files-back-{place}", done)
        st.markdown(f"**{t('Import, export')}**")
    if own:
        st.download_button(
            tn("Export {number} prompt", "Export {number} prompts", len(own)),
            session.person().prompts.export,
            file_name="prompts.json",
            mime="application/json",
            icon=":material/download:",
            key=f"prompt-export-{place}",
            on_click="ignore",
        )
    st.caption(t("A file with prompts that was exported here or that somebody shared (JSON)."))
    upload = st.file_uploader(
        t("File"),
        type=["json"],
        key=f"prompt-upload-{place}-{st.session_state.get('prompt-upload-round', 0)}",
        max_upload_size=min(MOST_FILE_BYTES // uploads.MB, uploads.largest_mb()),
        label_visibility="collapsed",
    )
    if upload is None:
        return
    if refusal := uploads.refusal(upload):
        st.error(refusal, icon=":material/error:")
        return
    data = upload.getvalue()
    try:
        loaded = session.person().prompts.preview(data)
    except BadImport as error:
        st.error(plain(translated(str(error), "local", None)), icon=":material/error:")
        return
    _preview(loaded)
    st.button(
        t("Import"),
        icon=":material/upload:",
        type="primary",
        key=f"prompt-load-{place}",
        disabled=not loaded.prompts,
        on_click=_load,
        args=(data, done),
    )


def _preview(loaded: LoadedPrompts) -> None:
    number = len(loaded.prompts)
    titles = t(", ").join(plain(prompt.title) for prompt in loaded.prompts[:MOST_TITLES])
    more = f" {t('and {number} more', number=number - MOST_TITLES)}" if number > MOST_TITLES else ""
    facts = [tn("{number} new prompt", "{number} new prompts", number) + (f": {titles}{more}" if number else "")]
    if loaded.known:
        facts.append(t("already here: {number}", number=loaded.known))
    st.markdown("  \n".join(facts))
    if loaded.first:
        number, misfit = loaded.first
        st.caption(
            t(
                "Skipped because damaged: {number}. First: prompt {place}, {reason}.",
                number=loaded.left,
                place=number,
                reason=_reason(misfit),
            )
        )
    if loaded.flagged:
        names = t(", ").join(f"**{plain(title)}**" for title in loaded.flagged[:MOST_TITLES])
        hints.label(t("Read these before you use them; they may try to instruct a model: {titles}", titles=names))


def _reason(misfit: Misfit) -> str:
    match misfit:
        case "object":
            return t("it is not an object")
        case "title":
            return t("it has no title of at most {number} characters", number=whole(LONGEST_TITLE))
        case "text":
            return t("it has no text of at most {number} characters", number=whole(LONGEST_TEXT))
        case "system":
            return t("its system prompt is not a text of at most {number} characters", number=whole(LONGEST_SYSTEM))
        case "variables":
            return t("it has more than {number} variables", number=MOST_VARIABLES)
        case "defaults":
            return t("its defaults are not texts of at most {number} characters", number=whole(LONGEST_DEFAULT))


def _load(data: bytes, done: Callable[[], None]) -> None:
    with store_errors_shown():
        try:
            loaded = session.person().prompts.load(data)
        except Changed:
            flash(
                t("Your library would have more than {number} prompts. Nothing was imported.", number=1000),
                warning=True,
            )
            return
        number = len(loaded.prompts)
        flash(tn("Imported: {number} prompt.", "Imported: {number} prompts.", number))
        st.session_state["prompt-upload-round"] = st.session_state.get("prompt-upload-round", 0) + 1
        done()
