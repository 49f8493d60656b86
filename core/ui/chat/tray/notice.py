"""What was not attached or not sent, and why: at the files above the box, until the person has acted on it."""

from __future__ import annotations

import streamlit as st

from ...base.buttons import icon_button
from ...text import sentences, t


def say(box: str, name: str, sentence: str) -> None:
    """After what was said before: files that are chosen together may arrive in several runs."""
    earlier: str = st.session_state.get(_key(box, name), "")
    if sentence not in earlier:
        st.session_state[_key(box, name)] = sentences(earlier, sentence)


def forget(box: str, name: str) -> None:
    st.session_state.pop(_key(box, name), None)


def draw(box: str, name: str) -> None:
    """Nothing where there is nothing to say."""
    sentence: str = st.session_state.get(_key(box, name), "")
    if sentence:
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="tray-notice"):
            st.warning(sentence, icon=":material/warning:")
            icon_button("close", t("Close"), "tray-notice-close", forget, box, name)


def _key(box: str, name: str) -> str:
    return f"tray-notice-of-{box}-{name}"
