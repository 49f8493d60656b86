"""Documents attached to a question: read, shown before they are sent where something is to be decided, cut to pages.

Sent at once are documents that were read whole and fit the model, with a question. All others stand above the box, with
what was read, until the next question takes them along.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import streamlit as st

from ...context import estimate_tokens
from ...documents import ranges
from ...documents.reading import DocumentText, Unit
from ...errors import BlockedInput, LLMError
from ...records import Model
from ...safety.incoming import MOST_FILE_BYTES
from ...store import StoreError
from ...views.conversation import File
from ...wire.capabilities import takes
from .. import session
from ..base.flash import blocked, flash
from ..text import plain, t, tn, whole

ENDINGS = "pdf docx xlsx pptx epub rtf htm doc xls ppt xlsb odt ods odp"  # old ones too: they are told what to save
STARTS = (b"PK\3\4", b"\xd0\xcf\x11\xe0", b"{\\rtf")
PDF = "application/pdf"
SHOWN_CHARS = 2_000
NOTES, UNITS = "document-notes", "document-units"  # by hash: what was left out, and what its pages are


def is_document(name: str, data: bytes) -> bool:
    """Whether it is read in the process for documents; a short text is decoded here."""
    if data.startswith(STARTS) or b"%PDF-" in data[:1024] or len(data) > MOST_FILE_BYTES:
        return True
    return name.lower().endswith((*(f".{ending}" for ending in ENDINGS.split()), ".html", ".ipynb"))


def read(name: str, data: bytes, *, pages: str = "", page_count: int = 0) -> tuple[File | None, str]:
    """The document as it is kept and sent, or why it cannot be. `pages` of its `page_count`; "": all."""
    try:
        numbers = ranges.parse(pages, page_count) if pages else None
        reading = session.person().documents.read(name, data, pages=numbers)
        chosen = ranges.written(numbers, page_count) if numbers else ""
        file = session.person().files.put(
            name,
            data,
            reading.media_type,
            text=reading.text,
            # A whole PDF whose pages are named goes as its text, one without as the file itself.
            pages=chosen or ("" if reading.is_pictures or not reading.has_pages else f"1-{reading.page_count}"),
            page_count=reading.page_count,
        )
    except BlockedInput as error:
        return None, blocked(error)
    except StoreError:
        return None, t("Not attached: nothing can be saved right now. Attach the file again in a moment.")
    st.session_state.setdefault(NOTES, {})[file.sha256] = _left_out(reading)
    st.session_state.setdefault(UNITS, {})[file.sha256] = reading.unit
    return file, ""


def _left_out(reading: DocumentText) -> str:
    if reading.is_pictures:
        return t("It has no text: its pages are pictures. Send the PDF itself to a model that reads PDFs.")
    if reading.left_out == "size":
        return t("Only the first {number} characters were read: choose some pages.", number=whole(len(reading.text)))
    if reading.left_out == "time":
        last = reading.pages[-1].number if reading.pages else 0
        return t("Reading took too long and ended at page {number}: choose some pages.", number=whole(last))
    return ""


def held(name: str) -> list[File]:
    """The documents that wait above the box of the chat with this name."""
    files: list[File] = st.session_state.setdefault("documents-held", {}).setdefault(name, [])
    return files


def must_wait(name: str, prompt: str, files: Sequence[File], model_id: str) -> bool:
    """Put the documents above the box where a person should look first; the others go on as they are."""
    documents = [file for file in files if file.page_count]
    lacking = any(_fault(file, model_id) for file in documents)
    if not documents or (prompt.strip() and not lacking):
        return False
    held(name)[:] = [*held(name), *(file for file in files if file not in held(name))]
    if prompt.strip():
        flash(t("Not sent yet: look at the documents above the box."), warning=True)
    return True


def forget(name: str) -> None:
    """They were sent."""
    held(name).clear()


def _fault(file: File, model_id: str) -> str:
    """Why this file should not be sent to this model as it is; "" if it can be."""
    model = _model(model_id)
    notes: dict[str, str] = st.session_state.get(NOTES, {})
    if not file.text:
        return "" if _reads_pdf(model_id) else notes.get(file.sha256) or t("It has no text.")
    tokens = estimate_tokens(file.text)
    if model and model.window_tokens and tokens > model.window_tokens:
        return t(
            "It is about {tokens} tokens; {model} reads {window}. Choose some pages, or another model.",
            tokens=whole(tokens),
            model=plain(model.name),
            window=whole(model.window_tokens),
        )
    return notes.get(file.sha256, "") if file.pages == f"1-{file.page_count}" else ""


def draw(name: str, model_id: str) -> None:
    """What was read of the documents that wait, with a choice of pages."""
    for place, file in enumerate(held(name)):
        with st.container(border=True, gap="xxsmall", key=f"document-{place}"):
            _line(name, place, file, model_id)
            if file.page_count and (fault := _fault(file, model_id)):
                st.caption(f":orange[:material/warning: {fault}]")


def _line(name: str, place: int, file: File, model_id: str) -> None:
    parts = [f"**{plain(file.name)}**"]
    if file.page_count and file.page_count > 1:
        parts.append(_counted(st.session_state.get(UNITS, {}).get(file.sha256, "page"), file.page_count))
    if file.text:
        parts.append(t("about {tokens} tokens", tokens=whole(estimate_tokens(file.text))))
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f":material/description: {' · '.join(parts)}", width="stretch")
        if file.text:
            with st.popover(t("What was read"), type="tertiary"):
                st.text(file.text[:SHOWN_CHARS] + ("…" if len(file.text) > SHOWN_CHARS else ""))
        st.button(
            t("Remove"), type="tertiary", icon=":material/close:", key=f"document-out-{place}",
            on_click=held(name).remove, args=(file,),
        )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if file.page_count and file.page_count > 1:
            key = f"document-pages-{file.sha256[:16]}-{place}"
            st.text_input(
                t("Pages"), key=key, placeholder=t("All; or as in 3-7, 9"), width=220,
                on_change=_choose, args=(name, file, key),
            )  # fmt: skip
        if _reads_pdf(model_id) and file.media_type == PDF and file.text:
            key = f"document-itself-{file.sha256[:16]}-{place}"
            st.toggle(
                t("Send the PDF itself"), value=not file.pages, key=key,
                help=t("The model sees its pictures and layout too, and may count more tokens."),
                on_change=_send_itself, args=(name, file, key),
            )  # fmt: skip


def _counted(unit: Unit, number: int) -> str:
    match unit:
        case "slide":
            return tn("{number} slide", "{number} slides", number)
        case "sheet":
            return tn("{number} sheet", "{number} sheets", number)
        case "chapter":
            return tn("{number} chapter", "{number} chapters", number)
        case "part":
            return tn("{number} part", "{number} parts", number)
    return tn("{number} page", "{number} pages", number)


def _reads_pdf(model_id: str) -> bool:
    with suppress(LLMError):
        provider, model = session.engine().catalog.find(model_id)
        return takes("document", provider, session.life(provider).row(model)) is True
    return False


def _model(model_id: str) -> Model | None:
    """None for "auto", and for a model that is not in the catalogue."""
    with suppress(LLMError):
        provider, model = session.engine().catalog.find(model_id)
        return session.life(provider).row(model)
    return None


def _choose(name: str, file: File, key: str) -> None:
    data = session.person().files.read(file.sha256)
    if data is None:
        flash(t("This file is not stored any more: attach it again."), warning=True)
        return
    chosen, fault = read(file.name, data, pages=str(st.session_state.get(key) or ""), page_count=file.page_count or 1)
    if chosen is None:
        flash(fault, warning=True)
        return
    _replace(name, file, chosen)


def _send_itself(name: str, file: File, key: str) -> None:
    _replace(name, file, replace(file, pages="" if st.session_state.get(key) else f"1-{file.page_count}"))


def _replace(name: str, file: File, other: File) -> None:
    held(name)[:] = [other if each == file else each for each in held(name)]
