"""Merge: a model writes one answer from all of them; it streams, stops and is saved like any answer."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ....records import Completion
from ....views.comparison import Opinion
from ....views.conversation import Turn
from ...answer.view import AnswerView
from ...base.buttons import copy_button
from ...chat.follow import AnswerFollower
from ...models.marks import Speaker
from ...text import t
from . import actions, opinions
from .answers import Panel


def draw(panel: Panel) -> list[AnswerFollower]:
    """Draw the form, then the merged answers; returns the running ones."""
    intro = t(
        "A model reads the answers as A, B, C, in random order and without model names, and combines them into "
        "one answer. It is saved with this comparison."
    )
    return opinions.draw(panel, "merge", intro, _opinion)


def earlier(panel: Panel) -> None:
    """Merged answers of an earlier turn."""
    opinions.earlier(panel, "merge", _opinion)


def _opinion(panel: Panel, opinion: Opinion, turn: Turn, speaker: Speaker, name: str) -> list[AnswerFollower]:
    merged = ", ".join(
        answer.column_label.label for answer in panel.answers if answer.turn.answer_id in opinion.answers
    )
    st.markdown(t("{model} merged {columns}", model=f"{speaker.mark} **{speaker.model_name}**", columns=merged))
    if turn.completion is None:
        status = opinions.status(turn, name)
        return [AnswerFollower(turn, AnswerView(st.container(gap="small"), speaker, name, status).show)]

    def buttons(place: DeltaGenerator, completion: Completion) -> None:
        with place:
            copy_button(completion.text, name)
            opinions.again_button(t("Merge again"), panel, opinion, name)
            if completion.text.strip() and st.button(
                t("Open in Chat"), icon=":material/chat_bubble:", key=f"chat-{name}", type="tertiary"
            ):
                actions.open_in_chat(panel, opinion)

    view = AnswerView(st.container(gap="small"), speaker, name)
    view.finish(turn.completion, buttons, opinions.retry(panel, opinion), state=turn.state)
    return []
