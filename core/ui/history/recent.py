"""The newest conversations in the sidebar, pinned ones first, each with a small menu."""

from __future__ import annotations

import streamlit as st

from ...store import StoreError
from ...views.history import Conversation
from .. import session
from ..base.time_zone import zone
from ..text import t
from . import entries
from .menu import menu, undo_bar

SHOWN = 12
TAG = "recent-tag"


def recent() -> None:
    """Draw the list; the database is not read for a new visitor."""
    if not session.has_history():
        return
    history = session.person().history
    try:
        names = [tag.name for tag in history.tags()]
        chosen = _chosen(names)
        page = history.recent(SHOWN, [chosen] if chosen else [])
    except StoreError:
        return
    with st.container(gap=None, key="recent"):
        undo_bar("sidebar")
        if names:
            _filter(names)
        open_ids = {st.query_params.get("c"), st.query_params.get("run")}
        last_heading = None
        for heading, entry in entries.by_day(page.entries, zone(), rough=True):
            if heading != last_heading:
                st.caption(heading)
                last_heading = heading
            _row(entry, entry.id in open_ids)
        if page.following:
            query = {"lang": st.session_state["language"]} if st.session_state.get("language") else {}
            if chosen:
                query["tag"] = chosen
            st.page_link(
                "pages/history.py", label=t("All conversations"), icon=":material/history:", query_params=query
            )


def _chosen(names: list[str]) -> str | None:
    """The tag to show, which lasts over all pages; None once no entry has it."""
    chosen = st.session_state.get(TAG)
    return chosen if chosen in names else None


def _filter(names: list[str]) -> None:
    st.selectbox(
        t("Tag"),
        names,
        index=None,
        placeholder=t("All tags"),
        key=TAG,
        label_visibility="collapsed",
        persist_state="session",
    )


def _row(entry: Conversation, is_open: bool) -> None:
    label = entries.name(entry)
    icon = entries.icon(entry.kind) if entry.kind == "comparison" else None
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"recent-{entry.id}"):
        entries.link(f"**{label}**" if is_open else label, entry.kind, entry.id, icon=icon)
        menu(entry.id, entry.title, entry.pinned, f"side-{entry.id}", place="sidebar")
