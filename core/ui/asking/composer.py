"""The box at the bottom: type, attach, send, stop. It stays usable during an answer, and a half-typed text survives.

Streamlit's own Stop (`submit_mode="stop"`) ends the script run, locks the box, and is gone after a reload; ours stops
the answer itself and stands beside the box whenever one is running, whoever started it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from .. import uploads
from ..base.flash import flash
from ..text import t
from ..turnstile import TURNSTILE
from . import drafts, files
from .files import Attachment

Send = Callable[[str, Sequence[Attachment]], None]


def composer(
    placeholder: str,
    *,
    send: Send,
    stop: Callable[[], None] | None,
    key: str,
    stop_label: str = "",
    above: Callable[[], None] | None = None,
    price: Callable[[], None] | None = None,
    follow: bool = False,
    attach: bool = False,
) -> None:
    """`send` gets the text and the files; `stop` is None while nothing runs; `above` draws a line over the box.

    `price` draws what sending takes of what is left: always there, read before the click.

    `follow` keeps the newest text in sight: Streamlit scrolls along only with a box that it placed itself.
    """
    bottom: AbstractContextManager[object] = st.bottom
    with bottom:
        if above:
            above()
        if price:
            price()
    with nullcontext() if follow else bottom:
        st.chat_input(
            placeholder,
            key=key,
            accept_file="multiple" if attach else False,
            file_type=files.KINDS.split() if attach else None,
            max_upload_size=uploads.table_mb() if attach else None,  # what is too large is then told by files.read
            on_submit=_sent,
            args=(key, send),
        )
    with bottom, st.container(key="stop-slot", width="content"):
        if stop:
            st.button(
                stop_label or t("Stop"),
                icon=":material/stop_circle:",
                key=f"stop-{key}",
                type="primary",
                shortcut="Esc",
                on_click=stop,
                help=t("Stop, and keep the answer so far"),
            )


def _sent(key: str, send: Send) -> None:
    TURNSTILE.enter()  # an answer whose page cannot be drawn yet is better asked for a moment later
    value = st.session_state.get(key)
    text = value if isinstance(value, str) else str(getattr(value, "text", "") or "")
    handed = getattr(value, "files", ()) or ()
    attached, fault = files.read(handed)
    uploads.free(*(one.file_id for one in handed))
    if fault:
        flash(fault, warning=True)
        drafts.put(key, text)
    else:
        send(text, attached)
