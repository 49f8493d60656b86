"""A conversation on the page: the newest turns, each a question at the right and an answer at the left."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.records import Completion
from core.ui import here
from core.ui.answer import painter
from core.ui.answer.view import View
from core.ui.asking import chat
from core.ui.asking.state import Conversation, Turn
from core.ui.models.marks import who
from core.ui.text import t


def thread(conversation: Conversation, compare: Callable[[str], None]) -> View | None:
    """Draw the newest turns; returns the place of the running answer, None when there is none."""
    first = _first_shown(conversation)
    if first:
        st.button(
            t("Show earlier ({number})", number=first),
            key="earlier",
            type="tertiary",
            icon=":material/expand_less:",
            width="stretch",
            on_click=_show_earlier,
            args=(conversation,),
        )
    open_view: View | None = None
    for number, turn in list(enumerate(conversation.turns))[first:]:
        last = number == len(conversation.turns) - 1
        _question(number, turn.prompt)
        view = _answer(conversation, number, turn, last, compare)
        open_view = view if turn.completion is None else None
    if conversation.queued:
        _waiting(conversation)
    return open_view


def _first_shown(conversation: Conversation) -> int:
    shown: int = st.session_state.get(f"shown-{conversation.id}", chat.SHOWN_TURNS)
    return max(0, len(conversation.turns) - shown)


def _show_earlier(conversation: Conversation) -> None:
    key = f"shown-{conversation.id}"
    st.session_state[key] = st.session_state.get(key, chat.SHOWN_TURNS) + chat.SHOWN_TURNS


def _question(number: int, prompt: str) -> None:
    row = st.container(horizontal=True, horizontal_alignment="right", key=f"asked-{number}")
    with row, st.chat_message("user", width="content"):
        painter.draw(st.container(gap="small"), prompt)


def _answer(conversation: Conversation, number: int, turn: Turn, last: bool, compare: Callable[[str], None]) -> View:
    def buttons(place: DeltaGenerator, completion: Completion) -> None:
        with place:
            copy(completion.text, str(number))
            if last:
                _again_buttons(conversation, turn, compare)

    with st.chat_message("assistant"):
        view = View(st.container(gap="small"), who(turn.model_id, here.engine().catalog.providers), str(number))
        if turn.completion is not None:
            view.finish(turn.completion, buttons, (lambda: chat.again(conversation)) if last else None)
    return view


def copy(text: str, name: str) -> None:
    """The raw text in a box of its own, whose corner has the browser's copy button."""
    if text.strip():
        with st.popover(t("Copy the answer"), icon=":material/content_copy:", type="tertiary", key=f"copy-{name}"):
            st.caption(t("Copy with the button in the corner"))
            st.code(text, language=None, wrap_lines=True, height=320 if len(text) > 900 else "content")


def _again_buttons(conversation: Conversation, turn: Turn, compare: Callable[[str], None]) -> None:
    st.button(
        t("Answer again"),
        icon=":material/refresh:",
        type="tertiary",
        key="again",
        help=t("Answer again with {model}", model=conversation.model_id.replace("_", "\\_")),
        on_click=chat.again,
        args=(conversation,),
    )
    st.button(
        t("Edit the question"),
        icon=":material/edit:",
        type="tertiary",
        key="edit",
        help=t("Edit the question"),
        on_click=chat.edit,
        args=(conversation,),
    )
    if st.button(
        t("Compare"),
        icon=":material/view_column:",
        type="tertiary",
        key="compare",
        help=t("Compare models on this question"),
    ):
        compare(turn.prompt)


def _waiting(conversation: Conversation) -> None:
    row = st.container(horizontal=True, horizontal_alignment="right", key="asked-next")
    with row, st.chat_message("user", width="content"):
        painter.draw(st.container(gap="small"), conversation.queued or "")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"):
        st.caption(t("Next: is sent when this answer ends"), width="content")
        st.button(
            t("Take back"),
            type="tertiary",
            icon=":material/undo:",
            key="take-back",
            on_click=chat.take_back,
            args=(conversation,),
        )
