"""The empty chat: which model answers, and example questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import streamlit as st

from .. import session
from ..base import lasting
from ..models.marks import speaker_of
from ..routing import words
from ..text import t
from . import actions, examples
from .examples import Example
from .state import Chat


class AddKey(Protocol):
    """Draws the way to a key, beside the sentence that demo models answer (`demo`)."""

    def __call__(self, *, demo: bool) -> None: ...


def welcome(chat: Chat, add_key: AddKey) -> None:
    speaker = speaker_of(chat.model_id, session.engine().catalog.providers)
    with st.container(key="welcome", gap="medium"):
        with st.container(gap="xsmall", horizontal_alignment="center"):
            st.header(t("What would you like to know?"), anchor=False, text_alignment="center")
            sentence = t(
                "{mark} {model} from {provider} will answer.",
                mark=speaker.mark,
                model=f"**{speaker.model_name}**",
                provider=speaker.provider_name,
            )
            if words.is_auto(chat.model_id):
                sentence = " ".join((speaker.mark, t("Each question goes to a model of the right size.")))
            st.caption(sentence, text_alignment="center")
        cards(examples.of_chat(), lambda question: actions.ask(chat, question))
        _hint(chat, add_key)


def cards(questions: Sequence[Example], send: Callable[[str], None]) -> None:
    """The questions as buttons that send them; below, whether the answers will last."""
    with st.grid(3, min_column_width=210, gap="xsmall", key="examples"):
        for number, (icon, kind, question) in enumerate(questions):
            st.button(
                f"**{kind}**  \n{question.replace('$', chr(92) + '$')}",
                icon=icon,
                key=f"example-{number}",
                width="stretch",
                wrap=True,
                on_click=send,
                args=(question,),
            )
    lasting.note("center")


def _hint(chat: Chat, add_key: AddKey) -> None:
    provider = speaker_of(chat.model_id, session.engine().catalog.providers).provider
    demo = bool(provider and provider.simulated)
    with st.container(horizontal=True, horizontal_alignment="center", vertical_alignment="center", gap="small"):
        if demo:
            st.caption(
                t(
                    "Demo models (simulated): no key needed, nothing leaves this computer. These examples are "
                    "answered in full."
                ),
                width="content",
            )
        add_key(demo=demo)
