"""The page that a link opens: read-only, without a sidebar, the same whether or not the reader has an account."""

from __future__ import annotations

import streamlit as st

from ...store import NotFound, StoreError
from ...views.sharing import ALL, MESSAGES, SharedContent
from .. import session
from ..base.head import head
from ..base.time_zone import zone
from ..history import entries
from ..sign_in import throttle
from ..text import day_and_clock, plain, t, wait
from . import content as drawing
from .address import NONE, token_of_address

SHOWN, OPENED, WRONG = "shared-shown", "shared-opened", "shared-wrong"


def draw() -> str | None:
    """Draw the page; returns the id of the reader's own copy where they have just asked for one."""
    token = token_of_address()
    if token is None:
        return None
    try:
        shared = _read(token)
    except NotFound:
        _sentence(
            t(
                "This link does not work: it is incomplete, has expired or was revoked. "
                "Ask whoever sent it for a new one."
            )
        )
        return None
    except StoreError:
        _sentence(t("The link cannot be opened right now. Try again in a minute."))
        return None
    return _page(token, shared) if shared else None


def _read(token: str) -> SharedContent | None:
    """What the link shows. None, with a sentence, while this address has to wait after wrong links."""
    from ...workspace.sharing import UnknownToken  # SQL, with the first link that is opened

    if waiting_s := throttle.link_wait_s():
        _sentence(t("Too many wrong links. Try again in {time}.", time=wait(waiting_s)))
        return None
    links = session.shared_links()
    try:
        shared = links.read(token, messages=st.session_state.get(SHOWN, MESSAGES))
    except UnknownToken:
        if token != NONE and st.session_state.get(WRONG) != token:
            st.session_state[WRONG] = token
            throttle.count_wrong_link()
        raise
    if st.session_state.get(OPENED) != shared.link_id:
        st.session_state[OPENED] = shared.link_id
        links.count_opening(token)
    return shared


def _page(token: str, shared: SharedContent) -> str | None:
    with head(plain(shared.title) or t("Untitled")):
        if session.may_act():
            st.page_link(entries.CHAT, label="Roundtable", icon=":material/open_in_new:", width="content")
    with st.container(key="shared-about"):  # its name in the stylesheet: the width of a chat
        st.caption(_words(shared))
    if shared.earlier:
        st.button(
            t("Show earlier ({number})", number=shared.earlier),
            key="earlier",
            type="tertiary",
            icon=":material/expand_less:",
            width="stretch",
            on_click=_show_earlier,
        )
    column = drawing.draw(shared, may_copy=session.may_act())
    if column is None:
        return None
    whole = session.shared_links().read(token, messages=ALL)
    return session.person().sharing.copy(session.new_id(), whole, column)


def _words(shared: SharedContent) -> str:
    kind = t("Shared chat, read-only") if shared.kind == "chat" else t("Shared comparison, read-only")
    parts = [kind]
    if not shared.follows:
        parts.append(t("as of {when}", when=day_and_clock(shared.created_at, zone())))
    if shared.expires_at:
        parts.append(t("until {when}", when=day_and_clock(shared.expires_at, zone())))
    return " · ".join(parts)


def _show_earlier() -> None:
    st.session_state[SHOWN] = st.session_state.get(SHOWN, MESSAGES) + MESSAGES


def _sentence(sentence: str) -> None:
    with st.container(horizontal_alignment="center"), st.container(key="shared-gone", width=480):
        st.space("large")
        st.markdown("# Roundtable", text_alignment="center")
        st.info(sentence, icon=":material/link_off:")
