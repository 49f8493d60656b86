"""What waits, in the sidebar of every page: when, which model, the first words, cancel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from ...store import StoreError
from ...views.scheduled import ScheduledQuestion
from .. import session
from ..base.buttons import icon_button
from ..base.time_zone import zone
from ..models.marks import speaker_of
from ..quota import words
from ..scheduled import card
from ..text import plain, t
from . import entries as conversations

MOST_SHOWN = 5
WORDS = 40
EVERY_S = 5.0


def waiting() -> None:
    """Draw the list; nothing where nothing waits."""
    if not session.has_history():
        return
    try:
        if not session.person().scheduled.any_waiting():
            return
        entries = session.person().scheduled.waiting()
    except StoreError:
        return
    if entries:
        shown = [(entry.request_id, entry.not_before) for entry in entries]
        with st.container(gap=None, key="waiting"):
            st.fragment(_list, run_every=EVERY_S)(shown)


def _list(shown: Sequence[tuple[str, datetime]]) -> None:
    try:
        entries = session.person().scheduled.waiting()
    except StoreError:
        return
    if [entry.request_id for entry in entries] != [request_id for request_id, _ in shown]:
        st.rerun()
    st.caption(f":material/schedule: {t('Waiting ({number})', number=len(entries))}")
    for number, entry in enumerate(entries[:MOST_SHOWN]):
        _row(number, entry)
    if len(entries) > MOST_SHOWN:
        st.caption(t("and {number} more", number=len(entries) - MOST_SHOWN))


def _row(number: int, entry: ScheduledQuestion) -> None:
    model = speaker_of(entry.model_id, session.engine().catalog.providers).model_name
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"waiting-{number}"):
        label = f"{plain(entry.first_words[:WORDS])}  \n:gray[:small[{_when(entry)} · {model}]]"
        kind, target = ("comparison", entry.run_id) if entry.run_id else ("chat", entry.conversation_id)
        conversations.link(label, kind, target)
        icon_button("close", t("Cancel"), f"waiting-cancel-{number}", card.cancel, entry.request_id)


def _when(entry: ScheduledQuestion) -> str:
    now = datetime.now(UTC)
    if session.person().scheduled.lacks_key(entry):
        return t("needs its key")
    if entry.being_sent or (entry.not_before <= now and not entry.follows):
        return t("Being sent")
    return words.moment(entry.not_before, now, zone())
