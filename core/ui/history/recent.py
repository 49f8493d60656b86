"""The newest conversations in the sidebar, pinned ones first."""

from __future__ import annotations

import streamlit as st

from ...store import StoreError
from .. import session
from ..base.time_zone import zone
from ..text import t
from . import entries

SHOWN = 12


def recent() -> None:
    """Draw the list; the database is not read for a new visitor."""
    if not session.has_history():
        return
    try:
        page = session.person().history.recent(SHOWN)
    except StoreError:
        return
    if not page.entries:
        return
    open_ids = {st.query_params.get("c"), st.query_params.get("run")}
    last_heading = None
    with st.container(gap=None, key="recent"):
        for heading, entry in entries.by_day(page.entries, zone(), rough=True):
            if heading != last_heading:
                st.caption(heading)
                last_heading = heading
            label = entries.name(entry)
            icon = entries.icon(entry.kind) if entry.kind == "comparison" else None
            entries.link(f"**{label}**" if entry.id in open_ids else label, entry.kind, entry.id, icon=icon)
        if page.following:
            lang = {"lang": st.session_state["language"]} if st.session_state.get("language") else None
            st.page_link("pages/history.py", label=t("All conversations"), icon=":material/history:", query_params=lang)
