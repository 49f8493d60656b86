"""One-line tips: at most one at a time, once there is something to apply it to. Closed, or done once, a tip is gone for
good, for this person in every browser and on every replica.

    tips.draw("chat")        the first tip of the page that is not gone
    tips.done("vote")        somebody who did it need not be told
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from ..store import StoreError
from . import session
from .text import t

GONE = "tips-gone"

# Page -> tip -> text, in the order in which they are shown. The name is what is stored.
TIPS: dict[str, dict[str, Callable[[], str]]] = {
    "chat": {
        "compare": lambda: t("Compare asks up to eight models the same question, side by side."),
        "auto": lambda: t("Auto, first in the list of models, picks the right size for each question."),
        "palette": lambda: t("Ctrl+K (⌘K on a Mac) opens everything: pages, chats, models, actions."),
    },
    "compare": {
        "vote": lambda: t("Vote to learn which model wins: Insights keeps your own leaderboard."),
        "blind": lambda: t("Switch on Blind before the first question, and names are hidden until you vote."),
    },
}


def draw(page: str) -> None:
    """Nothing while the database is not open: a first visit begins without tips."""
    if not session.is_open():
        return
    gone = _gone()
    name = next((name for name in TIPS[page] if name not in gone), None)
    if name is None:
        return
    with st.container(key="tip", horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.caption(f":material/tips_and_updates: {TIPS[page][name]()}", width="content")
        st.button(
            t("Close this tip"),
            icon=":material/close:",
            type="tertiary",
            key=f"close-tip-{name}",
            help=t("Close this tip"),
            on_click=done,
            args=(name,),
        )


def done(name: str) -> None:
    """The tip is not shown again."""
    if not session.is_open() or name in (gone := _gone()):
        return
    st.session_state[GONE] = gone | {name}
    with suppress(StoreError):  # then it comes back in the next session
        session.person().settings.close_tip(name)


def _gone() -> frozenset[str]:
    """Read once for a session. While they cannot be read all count as gone, so that none comes back."""
    gone: frozenset[str] | None = st.session_state.get(GONE)
    if gone is None:
        try:
            gone = st.session_state[GONE] = frozenset(session.person().settings.closed_tips())
        except StoreError:
            return frozenset(name for tips in TIPS.values() for name in tips)
    return gone
