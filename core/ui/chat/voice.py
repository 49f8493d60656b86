"""Voice beside the box: a recording is written down, and its text goes into the box; it is never sent by itself.

take(box, upload)       a recording from the box; sent at once where the person agreed to it before
draw(box)               what becomes of it, above the box
settings()              which model writes it down
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import streamlit as st

from ...errors import LLMError
from ...records import Model, Provider
from ...store import StoreError
from .. import session
from ..base.flash import flash
from ..base.time_zone import zone
from ..failures import failure, own_messages
from ..models import terms
from ..models.names import named
from ..text import language, plain, sentences, t
from . import drafts

if TYPE_CHECKING:
    from ...workspace.dictations import Dictation

EVERY_S = 0.4
HERE = {"localhost", "127.0.0.1", "::1"}


def is_offered() -> bool:
    """Whether a browser would give this page a microphone: not over plain http from another computer."""
    address = urlsplit(st.context.url or "")
    return address.scheme != "http" or address.hostname in HERE


def take(box: str, data: bytes, media_type: str) -> None:
    """For the callback of the box."""
    voice = session.person().voice
    try:
        voice.hold(box, data, media_type)
    except LLMError as error:
        message = own_messages.translated(error.message, error.origin, zone())
        flash(plain(message), warning=True)
        return
    chosen = _chosen()
    if chosen and voice.has_agreed(chosen[0].id):
        voice.write_down(box, chosen[1].id, language().partition("-")[0])


def draw(box: str) -> None:
    """Nothing where there is no recording."""
    if not session.is_open():
        return
    dictation = session.person().voice.of(box)
    if dictation is None:
        return
    with st.container(key="voice", gap="xxsmall"):
        if dictation.state in ("running", "done"):
            _running(box)
        else:
            _decide(box, dictation)


@st.fragment(run_every=EVERY_S)
def _running(box: str) -> None:
    """The recording while it is written down; then the page is run again."""
    voice = session.person().voice
    dictation = voice.of(box)
    if dictation and dictation.state == "running":
        st.caption(f":shimmer[{t('{model} is writing down what you said', model=_name(dictation.model_id))}]")
        return
    transcript = voice.fetch(box)
    if transcript and transcript.text:
        drafts.insert(box, transcript.text)
    elif transcript:
        flash(t("No words were heard in the recording."), warning=True)
    st.rerun()


def _decide(box: str, dictation: Dictation) -> None:
    """A recording that waits: for a consent, after a failure, or for a model."""
    voice, pairs = session.person().voice, _models()
    if dictation.error:
        provider = session.engine().catalog.providers.get(dictation.model_id.partition("/")[0])
        label = named(provider) if provider else ""
        sentence = failure.sentence(dictation.error, label, plain(dictation.model_id.partition("/")[2]))
        st.markdown(f":material/error: {sentences(sentence, t('Your recording is still here.'))}")
    chosen = _chosen()
    if chosen is None:
        st.markdown(t("No model that writes down speech is ready: add a key of Groq, Mistral or OpenAI."))
        st.page_link("pages/providers.py", label=t("Open Providers"), icon=":material/key:")
    elif not dictation.error:
        provider = chosen[0]
        st.markdown(
            f":material/mic: **{t('Not sent yet.')}** "
            + t("To be written down, your voice is sent to {provider}.", provider=f"**{named(provider)}**")
        )
        st.caption(terms.words([provider]))

    def send(model_id: str) -> None:
        voice.agree(model_id.partition("/")[0])
        voice.write_down(box, model_id, language().partition("-")[0])

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="voice-buttons"):
        st.audio(dictation.sound.data, format=dictation.sound.media_type, width=220)
        if chosen:
            label = t("Try again") if dictation.error else t("Write it down")
            st.button(label, icon=":material/send:", key="voice-send", on_click=send, args=(chosen[1].id,))
        if len(pairs) > 1:
            _choice(pairs, "voice-model")
        st.button(t("Discard"), type="tertiary", key="voice-drop", on_click=voice.drop, args=(box,))


def settings() -> None:
    """The model that writes down speech, for the settings of a chat; why there is no microphone, where there is
    none."""
    if not is_offered():
        st.caption(t("Browsers give the microphone only to pages over https, so you cannot dictate here."))
        return
    if pairs := _models():
        _choice(pairs, "voice-setting")


def _choice(pairs: list[tuple[Provider, Model]], key: str) -> None:
    simulated = f" ({t('simulated')})"
    names = {
        model.id: f"{provider.label} · {model.name}{simulated if provider.simulated else ''}"
        for provider, model in pairs
    }
    chosen = _chosen()
    st.selectbox(
        t("Speech to text"),
        list(names),
        index=list(names).index(chosen[1].id) if chosen and chosen[1].id in names else 0,
        format_func=lambda model_id: names[model_id],
        key=key,
        on_change=_chose,
        args=(key,),
        label_visibility="visible" if key == "voice-setting" else "collapsed",
        width=260 if key == "voice-model" else "stretch",
    )


def _chose(key: str) -> None:
    with suppress(StoreError):
        session.person().voice.choose(st.session_state[key])


def _chosen() -> tuple[Provider, Model] | None:
    """The one that the person chose, else the first."""
    pairs = _models()
    model_id = session.person().voice.chosen() if session.is_open() else ""
    return next((pair for pair in pairs if pair[1].id == model_id), pairs[0] if pairs else None)


def _models() -> list[tuple[Provider, Model]]:
    """Those that can be asked; opens no database."""
    pairs = session.engine().transcriber.models(session.keys())
    return [pair for pair in pairs if session.standing(pair[0]).may_be_asked]


def _name(model_id: str) -> str:
    provider = session.engine().catalog.providers.get(model_id.partition("/")[0])
    return t(", ").join(filter(None, (named(provider) if provider else "", plain(model_id.partition("/")[2]))))
