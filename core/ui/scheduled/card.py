"""A waiting question in its conversation: until when, and what can be done meanwhile. Redrawn until it is sent."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from ...store import NotFound, StoreError
from ...views.conversation import Turn
from ...views.scheduled import ScheduledQuestion
from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..models.names import named
from ..quota import words
from ..text import sentences, t, tn, wait

SOON_S = 100.0  # below this `wait` shows seconds
EVERY_S, SELDOM_S = 1.0, 20.0


def draw(turn: Turn, conversation_id: str, name: str) -> None:
    """The card of a turn that waits; `name` is unique on the page."""
    entry = _entry(turn, conversation_id)
    now = datetime.now(UTC)
    st.fragment(_tick, run_every=_pace(entry, now))(turn, conversation_id, name, _pace(entry, now))


def answering(turn: Turn) -> None:
    """A sent question that others wait behind: its text so far, until it has ended."""
    st.fragment(_follow, run_every=EVERY_S)(turn)


def _follow(turn: Turn) -> None:
    try:
        progress = session.person().chats.progress(turn.request_id)
    except NotFound:
        st.rerun()
    except StoreError:
        return
    if progress.completion is not None:
        st.rerun()
    st.caption(f":shimmer[{t('Answering')}]")


def _tick(turn: Turn, conversation_id: str, name: str, pace_s: float) -> None:
    entry, now = _entry(turn, conversation_id), datetime.now(UTC)
    if (entry is None and not _still_waits(turn)) or _pace(entry, now) != pace_s:
        st.rerun()  # it was sent or cancelled; or with another timer
    with st.container(border=True, key=f"scheduled-{name}", gap="small"):
        st.markdown(f":material/schedule: {line(entry, now)}")
        if entry and session.person().scheduled.lacks_key(entry):
            _key_field(entry, name)
        with st.container(horizontal=True, gap="small"):
            if entry and not entry.follows and not entry.being_sent:
                st.button(
                    t("Send now"),
                    icon=":material/send:",
                    key=f"send-now-{name}",
                    help=t("Send it now, whatever the limit says"),
                    on_click=_send_now,
                    args=(turn.request_id,),
                )
            st.button(
                t("Cancel"),
                icon=":material/close:",
                key=f"cancel-{name}",
                help=t("It stays in the chat and is not sent"),
                on_click=cancel,
                args=(turn.request_id,),
            )


def line(entry: ScheduledQuestion | None, now: datetime) -> str:
    """What it waits for, as Markdown."""
    if entry is None:
        return t("Waits to be sent by itself.")
    if session.person().scheduled.lacks_key(entry):
        provider = session.engine().catalog.providers.get(entry.model_id.partition("/")[0])
        return t(
            "Waits for your {provider} key, which is no longer in memory: paste it again.",
            provider=named(provider) if provider else entry.model_id,
        )
    if entry.follows:
        return t("Waits for the answer above; then it is sent by itself.")
    left_s = (entry.not_before - now).total_seconds()
    if entry.being_sent or left_s <= 0:
        return f":shimmer[{t('Being sent')}]"
    when = words.moment(entry.not_before, now, zone())
    text = t("Waits until **{clock}** (in {time}); then it is sent by itself.", clock=when, time=wait(left_s))
    if entry.early:
        text = sentences(text, t("“Send now” was refused: the limit has no room for it yet."))
    elif entry.tries:
        moved = tn(
            "The limit had not reset when it was due.",
            "The limit had not reset {number} times when it was due.",
            entry.tries,
        )
        text = sentences(text, moved)
    return text


def cancel(request_id: str) -> None:
    with store_errors_shown():
        session.person().scheduled.cancel(request_id)


def _send_now(request_id: str) -> None:
    with store_errors_shown():
        session.person().scheduled.send_now(request_id)


def _key_field(entry: ScheduledQuestion, name: str) -> None:
    provider = session.engine().catalog.providers.get(entry.model_id.partition("/")[0])
    if provider is None:
        return
    field = f"paste-scheduled-{name}"
    st.text_input(
        t("Paste your {provider} key (kept in memory only)", provider=named(provider)),
        type="password",
        key=field,
        autocomplete="off",
        on_change=_pasted,
        args=(provider.id, field),
    )


def _pasted(provider_id: str, field: str) -> None:
    value = str(st.session_state.get(field) or "").strip()
    st.session_state[field] = ""
    session.paste(provider_id, value)


def _entry(turn: Turn, conversation_id: str) -> ScheduledQuestion | None:
    try:
        entries = session.person().scheduled.waiting(conversation_id)
    except StoreError:
        return None
    return next((entry for entry in entries if entry.request_id == turn.request_id), None)


def _still_waits(turn: Turn) -> bool:
    try:
        return session.person().scheduled.state(turn.request_id) == "scheduled"
    except NotFound:
        return False
    except StoreError:
        return True


def _pace(entry: ScheduledQuestion | None, now: datetime) -> float:
    soon = entry is None or entry.follows or (entry.not_before - now).total_seconds() < SOON_S
    return EVERY_S if soon else SELDOM_S
