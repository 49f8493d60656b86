"""The box at the bottom: type, send, stop. It stays usable while an answer runs, and a half-typed text survives.

Streamlit's own Stop (`submit_mode="stop"`) ends the script run, locks the box, and is gone after a reload; ours stops
the answer itself and stands beside the box whenever one is running, whoever started it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from core.ui.text import t


def composer(
    placeholder: str,
    *,
    send: Callable[[str], None],
    stop: Callable[[], None] | None,
    key: str,
    stop_label: str = "",
    above: Callable[[], None] | None = None,
    follow: bool = False,
) -> None:
    """`send` gets the text; `stop` is None while nothing runs; `above` draws a line over the box.

    `follow` keeps the newest text in sight: Streamlit scrolls along only with a box that it placed itself.
    """
    bottom: AbstractContextManager[object] = st.bottom
    with bottom:
        if above:
            above()
    with nullcontext() if follow else bottom:
        st.chat_input(placeholder, key=key, on_submit=_sent, args=(key, send))
    with bottom, st.container(key="stop-slot", width="content"):
        if stop:
            st.button(
                stop_label or t("Stop"),
                icon=":material/stop_circle:",
                key=f"stop-{key}",
                type="primary",
                shortcut="Esc",
                on_click=stop,
                help=t("Stop the answer and keep what has come"),
            )


def _sent(key: str, send: Callable[[str], None]) -> None:
    send(str(st.session_state.get(key) or ""))
