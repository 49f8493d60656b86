"""A model was asked that there is no key for: the question waits in the chat, and the person says who answers it."""

from __future__ import annotations

import streamlit as st

from ...records import ChatRequest, Message, Model, Provider
from ...views.conversation import Turn
from .. import session
from ..base.flash import store_errors_shown
from ..models.called import named
from ..models.marks import who
from ..text import t
from . import chat as actions
from .state import Chat


def offers(chat: Chat, turn: Turn) -> None:
    """Paste a key, let another model answer this once, or whenever there is no key for this provider."""
    provider = session.engine().catalog.providers.get(turn.model_id.partition("/")[0])
    if provider is None or session.standing(provider).state != "no_key":
        return
    field = f"paste-here-{turn.answer_id}"
    st.caption(t("Nothing was sent. Your question is kept here."))
    st.text_input(
        t("Paste your {provider} key (kept in memory only)", provider=named(provider)),
        type="password",
        key=field,
        autocomplete="off",
        placeholder=provider.key_names[0] if provider.key_names else "",
        on_change=_pasted,
        args=(chat, turn, provider.id, field),
    )
    other = _stand_in(chat, turn)
    if other is None:
        return
    speaker = who(other.id, session.engine().catalog.providers)
    name = f"{speaker.model_name} ({speaker.provider_name})"
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("Use {model} this time", model=name),
            key=f"this-time-{turn.answer_id}",
            on_click=_this_time,
            args=(chat, turn, other),
        )
        st.button(
            t("Always, until there is a {provider} key", provider=named(provider)),
            key=f"always-{turn.answer_id}",
            on_click=_always,
            args=(chat, turn, provider),
        )


def _stand_in(chat: Chat, turn: Turn) -> Model | None:
    may_leave = session.person().settings.consents("may_leave")
    said = chat.view.messages() if chat.view else []
    request = ChatRequest([*said, Message("user", turn.prompt)], turn.model_id, may_leave=may_leave)
    return session.engine().fallback.stand_in(request, session.keys())


def _pasted(chat: Chat, turn: Turn, provider_id: str, field: str) -> None:
    value = str(st.session_state.get(field) or "").strip()
    st.session_state[field] = ""
    if session.paste(provider_id, value):
        actions.again(chat, turn, turn.model_id)


def _this_time(chat: Chat, turn: Turn, other: Model) -> None:
    """The next question goes to the model that was chosen, as before."""
    actions.again(chat, turn, other.id)
    actions.choose(chat, turn.model_id)


def _always(chat: Chat, turn: Turn, provider: Provider) -> None:
    with store_errors_shown():
        session.person().settings.consent("without_key", provider.id, True)
    actions.again(chat, turn, turn.model_id)
