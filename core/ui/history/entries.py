"""An entry of the history: its day, its title, its link."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo

import streamlit as st

from ...views.history import Conversation
from ..text import date_of, plain, t

CHAT, COMPARE = "streamlit_app.py", "pages/compare.py"


def name(entry: Conversation) -> str:
    """The title as one line of Markdown."""
    return plain(entry.title) or t("Untitled")


def link(label: str, kind: str, entry_id: str, *, at: str | None = None, icon: str | None = None) -> None:
    """A link to a chat, optionally at a message, or to a comparison."""
    query = {"run": entry_id} if kind == "comparison" else {"c": entry_id}
    if at and kind != "comparison":
        query["at"] = at
    if st.session_state.get("language"):
        query["lang"] = st.session_state["language"]
    page = COMPARE if kind == "comparison" else CHAT
    st.page_link(page, label=label, icon=icon, query_params=query, width="stretch")


def icon(kind: str) -> str:
    return ":material/view_column:" if kind == "comparison" else ":material/chat_bubble:"


def by_day(entries: Sequence[Conversation], zone: tzinfo | None, *, rough: bool) -> Iterator[tuple[str, Conversation]]:
    """Each entry with its heading; `rough`: everything older than yesterday is "Earlier"."""
    today = datetime.now(UTC).astimezone(zone).date()
    for entry in entries:
        yield (t("Pinned") if entry.pinned else day(entry.updated_at.astimezone(zone).date(), today, rough)), entry


def day(date_: date, today: date, rough: bool = False) -> str:
    """Today, Yesterday, Nov 18, 2026."""
    if date_ >= today:
        return t("Today")
    if date_ == today - timedelta(days=1):
        return t("Yesterday")
    if rough:
        return t("Earlier")
    return date_of(date_)
