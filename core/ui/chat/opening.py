"""Which conversation the page shows: the one in the address, on the branch of this tab."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from ...store import NotFound, Unavailable
from ...views.conversation import ConversationView
from .. import default_model, session
from ..base import lasting
from ..base.flash import flash, store_errors_shown
from ..text import t
from .state import Chat, generation_values, leaves, note_leaf

SHOWN = 20  # messages, so that a long chat costs no more than a short one


def current() -> Chat:
    """The chat in the address, else a new one. Only the address decides, so that Back works."""
    name = st.query_params.get("c")
    view = _read(name) if name else None
    if view is None:
        return Chat(None, default_model.current(), st.session_state.setdefault("draft", {}))
    st.session_state["conversation"] = view.id
    view, diverged = _in_this_tab(view)
    view = _send_waiting(view)
    last = view.turns[-1] if view.turns else None
    return Chat(
        view,
        _model(view),
        generation_values(view.generation),
        waiting=session.person().chats.waiting(view.id),
        editing=last if last and st.session_state.get("editing") == last.question_id else None,
        marked=st.query_params.get("at"),
        diverged=diverged,
    )


def _model(view: ConversationView) -> str:
    """The model for the next answer; this tab's choice counts even if it could not be saved."""
    chosen: str | None = st.session_state.get("models", {}).get(view.id)
    return chosen or view.model_id or default_model.current()


def _read(name: str, at: str | None = None) -> ConversationView | None:
    """The stored conversation; None, with a message, if it is not this visitor's or cannot be read."""
    at = at or st.query_params.get("at")
    try:
        with suppress(NotFound):
            return session.person().chats.get(name, messages=_shown(name), at=at)
        return session.person().chats.get(name, messages=_shown(name))
    except NotFound:
        flash(lasting.gone(t("That conversation was deleted or belongs to another browser. This is a new one.")))
        del st.query_params["c"]
        st.query_params.pop("at", None)
        st.session_state.pop("conversation", None)
    except Unavailable:
        flash(
            t("That conversation cannot be loaded: the database is unavailable. Reload when it is back."), warning=True
        )
    return None


def _in_this_tab(view: ConversationView) -> tuple[ConversationView, bool]:
    """The branch that this tab shows, and whether another tab has continued on a different one."""
    shown_leaves = leaves(view.id)
    if shown_leaves and view.leaf_id not in shown_leaves and not st.query_params.get("at"):
        leaf_id = shown_leaves[-1]
        if all(turn.answer_id != leaf_id for turn in view.turns):
            return _read(view.id, leaf_id) or view, True
        st.toast(t("Changed in another tab"), icon=":material/sync:")
    note_leaf(view.id, view.leaf_id)
    return view, False


def catch_up(chat: Chat) -> None:
    """Show the other tab's branch."""
    leaves(chat.name).clear()


def _send_waiting(view: ConversationView) -> ConversationView:
    """Send the queued question if the answer it waits for has ended: once, even from several tabs."""
    chats = session.person().chats
    waiting = chats.waiting(view.id)
    if waiting is None or view.running() or waiting.parent_id != view.leaf_id:
        return view

    model_id = _model(view)
    with store_errors_shown():
        started = chats.ask(
            waiting.request_id,
            waiting.prompt,
            model_id,
            view=view,
            parent_id=waiting.parent_id,
            generation=view.generation,
            files=waiting.files,
            decision="decided",
        )
        chats.wait(view.id, None)
        note_leaf(view.id, started.answer_message_id)
    return _read(view.id) or view


def open_(conversation_id: str) -> None:
    """Make this the open conversation, in the session and in the address."""
    st.session_state["conversation"] = conversation_id
    st.query_params.pop("at", None)
    if st.query_params.get("c") != conversation_id:
        st.query_params["c"] = conversation_id


def show_earlier(chat: Chat) -> None:
    shown: dict[str, int] = st.session_state.setdefault("shown", {})
    shown[chat.name] = _shown(chat.name) + SHOWN


def _shown(name: str) -> int:
    shown: dict[str, int] = st.session_state.setdefault("shown", {})
    return shown.get(name, SHOWN)
