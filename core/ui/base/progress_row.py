"""How far a row of calls is, with a button that stops it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ..text import t


def progress_row(made: int, total: int, words: str, key: str, stop: Callable[[], None]) -> None:
    """`words` stand above the bar; `key` is the button's."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(min(made / max(total, 1), 1.0), text=words, width="stretch")
        st.button(t("Stop"), icon=":material/stop:", key=key, on_click=stop)
