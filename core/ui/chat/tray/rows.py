"""The files above a box: pictures and texts side by side, each document in a row of its own with what was read of it.

A document tells how long it is and offers its pages; one that needs a password asks for it where it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ....context import cached_estimate
from ....documents.reading import Unit
from ....errors import BlockedInput
from ... import attached_files, session
from ...base.buttons import icon_button
from ...base.flash import blocked, flash
from ...models import fit
from ...text import plain, t, tn, whole
from . import held as trays
from . import reading
from .held import HeldFile

SHOWN_CHARS = 2_000


def draw(box: str, name: str, models: Sequence[str]) -> None:
    """Every file, with a button that takes it out."""
    every = list(enumerate(trays.held(box, name)))
    small = [pair for pair in every if not pair[1].is_document]
    if small:
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key="tray-small"):
            for place, held in small:
                with st.container(horizontal=True, gap=None, width="content", key=f"tray-file-{place}"):
                    attached_files.draw((held.file,), f"tray-{place}")
                    _remove_button(box, name, place, held)
    for place, held in every:
        if held.is_document:
            with st.container(border=True, gap="xxsmall", key=f"document-{place}"):
                _document(box, name, place, held, models)


def fault(held: HeldFile, models: Sequence[str]) -> str:
    """What a person should know before this file is sent to these models; "" for nothing."""
    file = held.file
    if held.is_locked:
        return t("It is protected with a password.")
    if not file.text:
        reads = bool(models) and all(map(fit.reads_pdf, models)) and not held.needs_password
        return "" if reads or not file.page_count else reading.left_out(held) or t("It has no text.")
    goes_itself = file.media_type == reading.PDF and not file.pages
    is_whole = file.pages in ("", f"1-{file.page_count}") or held.left_out.startswith(reading.PAGES)
    return reading.left_out(held) if is_whole and not goes_itself else ""


def _document(box: str, name: str, place: int, held: HeldFile, models: Sequence[str]) -> None:
    file = held.file
    parts = [f"**{plain(file.name)}**"]
    if file.page_count and file.page_count > 1:
        parts.append(_counted(held.unit, file.page_count))
    if file.text:
        parts.append(t("about {tokens} tokens", tokens=whole(cached_estimate(file.text))))
    icon = ":material/lock:" if held.is_locked else ":material/description:"
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f"{icon} {' · '.join(parts)}", width="stretch")
        if file.text:
            with st.popover(t("What was read"), type="tertiary"):
                st.text(file.text[:SHOWN_CHARS] + ("…" if len(file.text) > SHOWN_CHARS else ""))
        _remove_button(box, name, place, held)
    if held.is_locked:
        _password(box, name, place, held)
        return
    _choices(box, name, place, held, models)
    if sentence := fault(held, models):
        st.caption(f":orange[:material/warning: {sentence}]")


def _choices(box: str, name: str, place: int, held: HeldFile, models: Sequence[str]) -> None:
    """Which pages are sent, and whether as a file."""
    file = held.file
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if file.page_count and file.page_count > 1 and file.pages:
            key = f"document-pages-{file.sha256[:16]}-{place}"
            chosen = "" if file.pages == f"1-{file.page_count}" else file.pages
            st.text_input(
                t("Pages"), chosen, key=key, placeholder=t("Pages: all, or as in 3-7, 9"), width=220,
                on_change=_choose, args=(box, name, held, key), label_visibility="collapsed",
            )  # fmt: skip
        is_pdf = file.media_type == reading.PDF and file.text and not held.needs_password
        if is_pdf and any(map(fit.reads_pdf, models)):
            key = f"document-itself-{file.sha256[:16]}-{place}"
            st.toggle(
                t("Send the PDF itself"), value=not file.pages, key=key,
                help=t("The model sees its pictures and layout too, and may count more tokens."),
                on_change=_send_itself, args=(box, name, held, key),
            )  # fmt: skip


def _password(box: str, name: str, place: int, held: HeldFile) -> None:
    """A field for the password. It is in no draft, and empty again as soon as it was tried."""
    key = f"document-password-{place}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text_input(
            t("Password"), key=key, type="password", width=220, autocomplete="off", placeholder=t("Password"),
            label_visibility="collapsed", on_change=_unlock, args=(box, name, held, key),
        )  # fmt: skip
        st.button(t("Open"), key=f"document-open-{place}", icon=":material/lock_open:")  # leaving the field is enough
    if held.is_wrong:
        st.caption(f":orange[:material/warning: {t('This password does not open it. Type it again.')}]")
    else:
        st.caption(t("It is protected with a password, which is used once to read it and is not kept."))


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


def _remove_button(box: str, name: str, place: int, held: HeldFile) -> None:
    label = t("Remove {name}", name=plain(held.file.name))
    icon_button("close", label, f"tray-out-{place}", trays.remove, box, name, held)


def _unlock(box: str, name: str, held: HeldFile, key: str) -> None:
    password = str(st.session_state.get(key) or "")
    st.session_state[key] = ""
    if password:
        _read_again(box, name, held, password=password)


def _choose(box: str, name: str, held: HeldFile, key: str) -> None:
    pages, file = str(st.session_state.get(key) or ""), held.file
    if held.opened:
        try:
            chosen = reading.opened(file.name, held.opened, pages)
        except BlockedInput as error:
            flash(blocked(error), warning=True)
            return
        text = replace(file, text=chosen.file.text, pages=chosen.file.pages)
        trays.swap(box, name, held, replace(held, file=text, left_out=chosen.left_out, text_sha256=""))
        return
    other = _read_again(box, name, held, pages=pages)
    if other and other.is_locked:
        flash(t("To choose other pages, type the password again."), warning=True)


def _send_itself(box: str, name: str, held: HeldFile, key: str) -> None:
    if not st.session_state.get(key):
        trays.swap(box, name, held, replace(held, file=replace(held.file, pages=f"1-{held.file.page_count}")))
        return
    other = _read_again(box, name, held)  # all of it, and not behind a password
    if other and other.is_locked:
        flash(t("Its password keeps models from reading the PDF itself. Open it to send its text."), warning=True)
    elif other:
        trays.swap(box, name, other, replace(other, file=replace(other.file, pages="")))


def _read_again(box: str, name: str, held: HeldFile, *, pages: str = "", password: str = "") -> HeldFile | None:
    """The document in the tray, read anew; None, with a sentence, where it cannot be: it stands as it stood."""
    file, data = held.file, session.person().files.read(held.file.sha256)
    if data is None:
        flash(t("This file is not stored any more: attach it again."), warning=True)
        return None
    page_count = file.page_count or 1
    other, sentence = reading.document(file.name, data, pages=pages, page_count=page_count, password=password)
    if other is None:
        flash(sentence, warning=True)
        return None
    other = replace(other, is_seen=True)
    trays.swap(box, name, held, other)
    return other
