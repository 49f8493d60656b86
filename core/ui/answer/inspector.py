"""The raw request and reply of an answer, for who asked: a dialog with one part for each attempt."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...records import WireRecord
from .. import session
from ..text import t

LIMITS = ("ratelimit", "rate-limit", "retry-after", "request-id", "x-request")


def button(request_id: str, name: str, place: DeltaGenerator | None = None) -> None:
    """Opens the dialog; not drawn where nothing is kept."""
    if not request_id or not session.person().chats.has_wire_records(request_id):
        return
    label = t("Request and reply")
    if (place or st).button(label, icon=":material/data_object:", type="tertiary", key=f"inspect-{name}", help=label):
        st.dialog(label, width="large")(_content)(request_id)


def _content(request_id: str) -> None:
    records = session.person().chats.wire_records(request_id)
    st.caption(
        t("As it was sent and received, without keys. Kept in memory for {minutes} minutes, and never on disk.",
          minutes=f"{session.engine().settings.inspect_minutes:g}")
    )  # fmt: skip
    if not records:
        st.info(t("It is not kept any more."))
    for number, record in enumerate(records, 1):
        title = t("Attempt {number}", number=number)
        with st.expander(f"{title} · {record.status or t('no reply')}", expanded=number == len(records)):
            _attempt(record)


def _attempt(record: WireRecord) -> None:
    st.code(f"{record.method} {record.url}\n{_lines(record.headers)}", language=None, wrap_lines=True)
    st.code(record.body, language="json", wrap_lines=True, height=240 if len(record.body) > 600 else "content")
    _cut(len(record.body), record.body_chars)
    if record.status is None:
        return
    limits = {name: value for name, value in record.reply_headers.items() if any(word in name for word in LIMITS)}
    st.code(f"{record.status}\n{_lines(limits or record.reply_headers)}", language=None, wrap_lines=True)
    st.code(record.reply, language=None, wrap_lines=True, height=320 if len(record.reply) > 600 else "content")
    _cut(len(record.reply.encode()), record.reply_bytes)


def _lines(headers: object) -> str:
    return "\n".join(f"{name}: {value}" for name, value in dict(headers).items())  # type: ignore[call-overload]


def _cut(shown: int, size: int) -> None:
    if size > shown:
        st.caption(t("Only the beginning is kept: {shown} of {size} bytes.", shown=shown, size=size))
