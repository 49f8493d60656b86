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
    """Draws the way to a key where demo models answer (`demo`)."""

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
            if demo := _is_demo(chat):
                st.caption(
                    t(
                        "Ask AI models of many providers, one or several side by side. See how fast each answers, what "
                        "it costs, and what is left of your quota."
                    ),
                    text_alignment="center",
                )
                sentence += "  \n" + t(
                    "Demo models are simulated: no key needed, nothing leaves this computer. These examples are "
                    "answered in full."
                )
            st.caption(sentence, text_alignment="center")
        cards(examples.of_chat(), lambda question: actions.ask(chat, question))
        with st.container(horizontal=True, horizontal_alignment="center"):
            add_key(demo=demo)


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


def _is_demo(chat: Chat) -> bool:
    provider = speaker_of(chat.model_id, session.engine().catalog.providers).provider
    return bool(provider and provider.simulated)
