"""The box at the bottom: type, attach, send, stop. It stays usable during an answer, and typed text is not lost.

Streamlit's own Stop (`submit_mode="stop"`) ends the script run, locks the box, and is gone after a reload; ours stops
the answer and is shown whenever one is running.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from ...views.conversation import File
from .. import uploads
from ..base.flash import flash
from ..draw_queue import DRAW_QUEUE
from ..text import t
from . import attachments, documents, drafts, voice

Send = Callable[[str, Sequence[File]], None]


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
    hold: Send | None = None,
) -> None:
    """`send` gets the text and the files; `stop` is None while nothing runs; `above` draws a line above the box.

    `hold` keeps the text and the files that came with a recording until its text is there, and files that can be read
    where another one cannot; None: no microphone.
    `price` draws the price line. `follow` scrolls along with the newest text, which Streamlit does only with a box
    that it placed itself.
    """
    bottom: AbstractContextManager[object] = st.bottom
    with bottom:
        if hold:
            voice.draw(key)
        if above:
            above()
        if price:
            price()
    with nullcontext() if follow else bottom:
        st.chat_input(
            placeholder,
            key=key,
            accept_file="multiple" if attach else False,
            file_type=f"{attachments.KINDS} {attachments.PICTURES} {documents.ENDINGS}".split() if attach else None,
            accept_audio=hold is not None and voice.is_offered(),
            max_upload_size=uploads.table_mb() if attach or hold else None,  # files.read checks smaller limits
            on_submit=_sent,
            args=(key, send, hold),
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


def _sent(key: str, send: Send, hold: Send | None) -> None:
    DRAW_QUEUE.enter()  # do not start an answer before its page can be drawn
    value = st.session_state.get(key)
    text = value if isinstance(value, str) else str(getattr(value, "text", "") or "")
    uploaded = getattr(value, "files", ()) or ()
    attached, fault = attachments.read(uploaded)
    fault = fault or uploads.lost()
    uploads.free(*(file.file_id for file in uploaded))
    sound = getattr(value, "audio", None)
    if fault:
        flash(fault, warning=True)
        drafts.put(key, text)
        if hold and attached:
            hold("", attached)
    if sound is not None and hold:
        if not fault:
            hold(text, attached)
        voice.take(key, sound.getvalue(), sound.type or "audio/wav")
        uploads.free(sound.file_id)
    elif not fault:
        send(text, attached)
