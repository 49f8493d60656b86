"""The card of a question to a model that has no key or has ended: paste a key, or let another model answer."""

from __future__ import annotations

import streamlit as st

from ...providers.keys.recognition import recognise
from ...records import ChatRequest, Message, Model, Provider
from ...views.conversation import Turn
from .. import session
from ..base.flash import flash, store_errors_shown
from ..models import rehearsal_link
from ..models.marks import speaker_of
from ..models.names import named
from ..text import t
from . import actions
from .state import Chat


def offers(chat: Chat, turn: Turn) -> None:
    """Offer to paste a key, or to let another model answer, once or always while this provider has no key."""
    if turn.completion and turn.completion.error and turn.completion.error.kind == "model_ended":
        _instead(chat, turn)
        return
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
    fallback = _stand_in(chat, turn)
    if fallback is None:
        return
    speaker = speaker_of(fallback.id, session.engine().catalog.providers)
    name = f"{speaker.model_name} ({speaker.provider_name})"
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("Use {model} this time", model=name),
            key=f"this-time-{turn.answer_id}",
            on_click=_this_time,
            args=(chat, turn, fallback),
        )
        st.button(
            t("Always, until there is a {provider} key", provider=named(provider)),
            key=f"always-{turn.answer_id}",
            on_click=_always,
            args=(chat, turn, provider),
        )


def _instead(chat: Chat, turn: Turn) -> None:
    """For a model that has ended: let its successor, or the most similar model, answer from now on."""
    fallback = _stand_in(chat, turn)
    if fallback is None:
        return
    speaker = speaker_of(fallback.id, session.engine().catalog.providers)
    st.button(
        t("Go on with {model}", model=f"{speaker.model_name} ({speaker.provider_name})"),
        key=f"instead-{turn.answer_id}",
        on_click=actions.again,
        args=(chat, turn, fallback.id),
    )
    rehearsal_link.link(turn.model_id, f"instead-{turn.answer_id}")


def _stand_in(chat: Chat, turn: Turn) -> Model | None:
    may_leave = session.person().settings.consents("may_leave")
    history = chat.view.messages() if chat.view else []
    request = ChatRequest([*history, Message("user", turn.prompt)], turn.model_id, may_leave=may_leave)
    return session.engine().fallback.stand_in(request, session.keys())


def _pasted(chat: Chat, turn: Turn, provider_id: str, field: str) -> None:
    """The key of this provider, or whatever text holds it among others; keys of other providers are stored as well."""
    value = str(st.session_state.get(field) or "").strip()
    st.session_state[field] = ""
    providers = session.engine().catalog.providers
    keys = dict(recognise(value, providers).keys) or {provider_id: value}
    stored = [each for each, key in keys.items() if session.paste(each, key)]
    if provider_id in stored:
        actions.again(chat, turn, turn.model_id)
    elif stored:
        names = ", ".join(named(providers[each]) for each in stored)
        flash(
            t(
                "This is a key of {other}, not of {provider}. It is stored: choose a model of {other}.",
                other=names,
                provider=named(providers[provider_id]),
            )
        )


def _this_time(chat: Chat, turn: Turn, fallback: Model) -> None:
    """Ask the other model, but keep the selected one for the next question."""
    actions.again(chat, turn, fallback.id)
    actions.choose(chat, turn.model_id)


def _always(chat: Chat, turn: Turn, provider: Provider) -> None:
    with store_errors_shown():
        session.person().settings.consent("without_key", provider.id, True)
    actions.again(chat, turn, turn.model_id)
