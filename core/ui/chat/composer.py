"""The box at the bottom: type, attach, send, stop. It stays usable during an answer, and typed text is not lost.

Streamlit's own Stop (`submit_mode="stop"`) ends the script run, locks the box, and is gone after a reload; ours stops
the answer and is shown whenever one is running.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from .. import uploads
from ..draw_queue import DRAW_QUEUE
from ..text import t
from . import drafts, tray, uploading, voice
from .tray import reading

Send = Callable[[str], None]


def composer(
    placeholder: str,
    *,
    send: Send,
    stop: Callable[[], None] | None,
    key: str,
    draft: str,
    stop_label: str = "",
    above: Callable[[], None] | None = None,
    price: Callable[[], None] | None = None,
    follow: bool = False,
) -> None:
    """`send` gets the text; its files are in the tray of this `draft`. `stop` is None while nothing runs; `above` draws
    what stands above the box.

    `price` draws the price line. `follow` scrolls along with the newest text, which Streamlit does only with a box
    that it placed itself.
    """
    bottom: AbstractContextManager[object] = st.bottom
    with bottom:
        voice.draw(key)
        if above:
            above()
        if price:
            price()
    with nullcontext() if follow else bottom:
        st.chat_input(
            placeholder,
            key=key,
            accept_file="multiple",
            file_type=reading.endings(),
            accept_audio=voice.is_offered(),
            max_upload_size=uploads.table_mb(),  # files.put checks smaller limits
            on_submit=_sent,
            args=(key, draft, send),
        )
    with bottom:
        uploading.watch(key)
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


def _sent(key: str, draft: str, send: Send) -> None:
    DRAW_QUEUE.enter()  # do not start an answer before its page can be drawn
    value = st.session_state.get(key)
    text = value if isinstance(value, str) else str(getattr(value, "text", "") or "")
    uploaded = getattr(value, "files", ()) or ()
    fault = tray.take(key, draft, uploaded) or uploads.lost()
    uploads.free(*(file.file_id for file in uploaded))
    if fault:
        tray.say(key, draft, fault)
    sound = getattr(value, "audio", None)
    if sound is not None:
        voice.take(key, sound.getvalue(), sound.type or "audio/wav")
        uploads.free(sound.file_id)
    if sound is None and not fault:
        send(text)
    elif text:
        drafts.put(key, text)
