"""The files above a box, side by side: pictures small, all others as chips that show on a click what was read of them.

A document tells how long it is and offers its pages there. One that needs a password asks for it in a row of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from ....context import cached_estimate
from ....documents.reading import Unit
from ....errors import BlockedInput
from ....views.conversation import File
from ... import attached_files, session
from ...base.buttons import icon_button
from ...base.flash import blocked
from ...models import fit
from ...text import plain, t, tn, whole
from . import held as trays
from . import notice, reading
from .held import HeldFile

SHOWN_CHARS = 2_000
PREVIEW_PX = 200
LABEL_CHARS = 30


def draw(box: str, name: str, models: Sequence[str]) -> None:
    """Every file, with a button that takes it out."""
    every = list(enumerate(trays.held(box, name)))
    for place, held in every:
        if held.is_locked:
            _locked(box, name, place, held)
    if open_files := [pair for pair in every if not pair[1].is_locked]:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="tray-chips"):
            for place, held in open_files:
                with st.container(horizontal=True, gap=None, width="content", key=f"tray-file-{place}"):
                    _chip(box, name, place, held, models)
                    _remove_button(box, name, place, held)
    for _, held in open_files:
        if held.is_document and (sentence := fault(held, models)):
            st.caption(f":orange[:material/warning: **{plain(held.file.name)}**: {sentence}]")


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


def _chip(box: str, name: str, place: int, held: HeldFile, models: Sequence[str]) -> None:
    """A picture is enlarged on a click; of any other file the click shows what was read and what can be chosen."""
    file = held.file
    if attached_files.is_picture(file):
        attached_files.draw((file,), f"tray-{place}")
        return
    size = _counted(held.unit, file.page_count) if file.page_count and file.page_count > 1 else ""
    marks = attached_files.part_of(file) or size
    label = plain(_shortened(file.name)) + (f" :gray[{marks}]" if marks else "")
    icon = ":material/warning:" if held.is_document and fault(held, models) else ":material/description:"
    with st.popover(label, icon=icon, key=f"document-{place}"), st.container(gap="xsmall", key=f"tray-about-{place}"):
        st.markdown(f"**{plain(file.name)}**")
        if file.text:
            about = t("about {tokens} tokens", tokens=whole(cached_estimate(file.text)))
            st.caption(" · ".join(filter(None, (size, attached_files.part_of(file), about))))
        _choices(box, name, place, held, models)
        if file.text:
            st.caption(f"**{t('What was read')}**")
            with st.container(height=PREVIEW_PX, border=True, key=f"read-{place}"):
                st.text(file.text[:SHOWN_CHARS] + ("…" if len(file.text) > SHOWN_CHARS else ""))


def _shortened(name: str) -> str:
    return name if len(name) <= LABEL_CHARS else f"{name[: LABEL_CHARS - 10]}…{name[-9:]}"


def _locked(box: str, name: str, place: int, held: HeldFile) -> None:
    with st.container(gap=None, key=f"locked-{place}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.caption(f":material/lock: **{plain(_shortened(held.file.name))}**", width="content")
            _password(box, name, place, held)
            _remove_button(box, name, place, held)
        _about_password(held, t("It is protected with a password, which is used once to read it and is not kept."))


def _choices(box: str, name: str, place: int, held: HeldFile, models: Sequence[str]) -> None:
    """Which pages are sent, and whether as a file."""
    file = held.file
    has_pages = bool(file.page_count and file.page_count > 1 and file.pages)
    if has_pages and held.needs_password and not held.opened:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            _password(box, name, place, held)
        _about_password(held, t("Its password is not kept: type it again to choose other pages."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if has_pages:
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
    st.text_input(
        t("Password"), key=key, type="password", width=220, autocomplete="off", placeholder=t("Password"),
        label_visibility="collapsed", on_change=_unlock, args=(box, name, held, key),
    )  # fmt: skip
    st.button(t("Open"), key=f"document-open-{place}", icon=":material/lock_open:")  # leaving the field is enough


def _about_password(held: HeldFile, why: str) -> None:
    if held.is_wrong:
        st.caption(f":orange[:material/warning: {t('This password does not open it. Type it again.')}]")
    else:
        st.caption(why)


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
    """With the password; what was read of it stands until another reading of it has succeeded."""
    password, file = str(st.session_state.get(key) or ""), held.file
    st.session_state[key] = ""
    other = _read_again(box, name, held, password=password) if password else None
    if other is None:
        return
    if other.opened is None:
        other = replace(held, is_wrong=True)
    elif file.pages and file.pages != f"1-{file.page_count}":
        other = replace(other, file=_with_pages(other.file, reading.opened(file.name, other.opened, file.pages)))
    trays.swap(box, name, held, other)


def _choose(box: str, name: str, held: HeldFile, key: str) -> None:
    pages, file = str(st.session_state.get(key) or ""), held.file
    if not held.opened:
        if other := _read_again(box, name, held, pages=pages):
            trays.swap(box, name, held, other)
        return
    notice.forget(box, name)
    try:
        chosen = reading.opened(file.name, held.opened, pages)
    except BlockedInput as error:
        notice.say(box, name, blocked(error))
        return
    other = replace(held, file=_with_pages(file, chosen), left_out=chosen.left_out, text_sha256="")
    trays.swap(box, name, held, other)


def _with_pages(file: File, chosen: HeldFile) -> File:
    return replace(file, text=chosen.file.text, pages=chosen.file.pages)


def _send_itself(box: str, name: str, held: HeldFile, key: str) -> None:
    if not st.session_state.get(key):
        trays.swap(box, name, held, replace(held, file=replace(held.file, pages=f"1-{held.file.page_count}")))
    elif other := _read_again(box, name, held):  # all of it
        trays.swap(box, name, held, replace(other, file=replace(other.file, pages="")))


def _read_again(box: str, name: str, held: HeldFile, *, pages: str = "", password: str = "") -> HeldFile | None:
    """The document in the tray, read anew; None, with a sentence, where it cannot be: it stands as it stood."""
    notice.forget(box, name)
    file, data = held.file, session.person().files.read(held.file.sha256)
    if data is None:
        notice.say(box, name, t("This file is not stored any more: attach it again."))
        return None
    page_count = file.page_count or 1
    other, sentence = reading.document(file.name, data, pages=pages, page_count=page_count, password=password)
    if other is None:
        notice.say(box, name, sentence)
        return None
    return replace(other, is_seen=True)
