"""A conversation on the page: the newest turns, questions on the right and answers on the left."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...records import Completion, Size
from ...views.conversation import CONTINUE, Turn
from .. import attached_files, session
from ..answer import hints, inspector
from ..answer.typed import typed
from ..answer.view import AnswerView
from ..base.buttons import copy_button
from ..models.marks import speaker_of
from ..scheduled import card as scheduled_card
from ..text import t
from . import actions, missing_key, opening
from .routing_feedback import draw, feedback_of
from .state import Chat

TURNS_FROM_HIT = 10  # turns drawn from a message that was searched for


def thread(chat: Chat, compare: Callable[[str], None]) -> AnswerView | None:
    """Draw the turns; returns the view of the running answer, None if there is none."""
    turns = list(enumerate(chat.turns, chat.view.earlier if chat.view else 0))
    turns, above, below = _visible_turns(chat, turns)
    if above:
        st.button(
            t("Show earlier ({number})", number=above),
            key="earlier",
            type="tertiary",
            icon=":material/expand_less:",
            width="stretch",
            on_click=_show_newest if chat.marked else opening.show_earlier,
            args=() if chat.marked else (chat,),
        )
    if chat.view and chat.view.partial:
        st.caption(
            t("Only the unsaved part of this conversation is shown. The rest appears when the database is back.")
        )
    open_view: AnswerView | None = None
    verdicts = feedback_of(chat)
    for number, turn in turns:
        with st.container(key="marked", gap="medium") if _holds(turn, chat.marked) else st.container(gap="medium"):
            _question(chat, number, turn)
            view = _answer(chat, number, turn, compare, verdicts)
        open_view = view if turn.state == "running" else None
    if below:
        st.button(
            t("Show newer ({number})", number=below),
            key="newest",
            type="tertiary",
            icon=":material/expand_more:",
            width="stretch",
            on_click=_show_newest,
        )
        return None
    if chat.waiting and chat.view and chat.waiting.parent_id == chat.view.leaf_id:
        _waiting(chat)
    return open_view


def _visible_turns(chat: Chat, turns: list[tuple[int, Turn]]) -> tuple[list[tuple[int, Turn]], int, int]:
    """The turns to draw, starting at the message searched for, and how many are above and below."""
    first = next((position for position, (_, turn) in enumerate(turns) if _holds(turn, chat.marked)), None)
    if first is None:
        return turns, chat.view.earlier if chat.view else 0, 0
    return turns[first : first + TURNS_FROM_HIT], turns[first][0], max(0, len(turns) - first - TURNS_FROM_HIT)


def _show_newest() -> None:
    st.query_params.pop("at", None)


def _holds(turn: Turn, message_id: str | None) -> bool:
    return bool(message_id) and message_id in (turn.question_id, turn.answer_id)


def _question(chat: Chat, number: int, turn: Turn) -> None:
    if not turn.question_id:
        return
    row = st.container(horizontal=True, horizontal_alignment="right", key=f"asked-{number}")
    if turn.prompt == CONTINUE:
        row.caption(f":material/subdirectory_arrow_right: {t('Continued')}", width="content")
    else:
        with row, st.chat_message("user", width="content"):
            typed(st.container(gap="small"), turn.prompt)
            if turn.attached:
                attached_files.draw(turn.attached, f"q{number}")
            hints.draw(turn)
    if len(turn.question_siblings) > 1:
        with st.container(horizontal=True, horizontal_alignment="right", gap="xxsmall", key=f"versions-q{number}"):
            _versions(chat, turn.question_id, turn.question_siblings, f"q{number}")


def _answer(
    chat: Chat, number: int, turn: Turn, compare: Callable[[str], None], verdicts: dict[str, Size]
) -> AnswerView:
    last = turn is chat.turns[-1]

    def buttons(place: DeltaGenerator, completion: Completion) -> None:
        with place:
            if len(turn.answer_siblings) > 1:
                _versions(chat, turn.answer_id, turn.answer_siblings, f"a{number}")
            copy_button(completion.text, str(number))
            inspector.button(turn.request_id, str(number))
            draw(turn, verdicts, str(number))
            if last and turn.question_id:
                _again_buttons(chat, turn, compare)

    with st.chat_message("assistant"):
        view = AnswerView(
            st.container(gap="small"),
            speaker_of(turn.model_id, session.engine().catalog.providers),
            str(number),
            prompt=turn.prompt if last else "",
            fixed=bool(chat.generation.get("response_format")),
        )
        if turn.answer_id and not turn.request_id and turn.completion:  # it was imported
            hints.draw_text(turn.answer_id, turn.completion.text)
        if turn.state == "scheduled" and chat.view:
            scheduled_card.draw(turn, chat.view.id, str(number))
        elif turn.state == "running" and not last:
            scheduled_card.answering(turn)
        elif turn.completion is not None:
            view.finish(
                turn.completion,
                buttons,
                (lambda: actions.again(chat, turn))
                if last and turn.question_id and not _lacks_a_key(turn.completion)
                else None,
                state=turn.state,
                go_on=(lambda: actions.go_on(chat)) if last and turn.completion.text.strip() else None,
                offers=(lambda: missing_key.offers(chat, turn))
                if last and _waits_for_a_choice(turn.completion)
                else None,
                correct=(lambda question: actions.ask(chat, question)) if last and turn.question_id else None,
                later=(lambda at: actions.send_later(chat, turn, at)) if last and turn.question_id else None,
            )
        elif not turn.answer_id and last:
            st.button(
                t("Answer this question"),
                icon=":material/refresh:",
                key="again",
                on_click=actions.again,
                args=(chat, turn),
            )
    return view


def _lacks_a_key(completion: Completion) -> bool:
    return completion.error is not None and completion.error.kind == "missing_key"


def _waits_for_a_choice(completion: Completion) -> bool:
    return completion.error is not None and completion.error.waits_for_choice


def _versions(chat: Chat, message_id: str, siblings: tuple[str, ...], name: str) -> None:
    """‹ 2/3 ›: the versions of a question or an answer."""
    position = siblings.index(message_id) if message_id in siblings else len(siblings) - 1
    for step, icon, label in ((-1, "chevron_left", t("Previous version")), (1, "chevron_right", t("Next version"))):
        target = position + step
        if step == 1:
            st.caption(f"{position + 1}/{len(siblings)}", width="content")
        st.button(
            label,
            icon=f":material/{icon}:",
            type="tertiary",
            key=f"version{step}-{name}",
            disabled=not 0 <= target < len(siblings),
            help=label,
            on_click=actions.show_version,
            args=(chat, siblings[target % len(siblings)]),
        )


def _again_buttons(chat: Chat, turn: Turn, compare: Callable[[str], None]) -> None:
    cached = turn.completion is not None and turn.completion.cached
    model = speaker_of(chat.model_id, session.engine().catalog.providers).model_name
    st.button(
        t("Send anyway") if cached else t("Retry"),
        icon=":material/refresh:",
        type="tertiary",
        key="ask-anew" if cached else "again",
        help=t("Answer again with {model}", model=model),
        on_click=actions.again,
        args=(chat, turn),
    )
    st.button(
        t("Edit the question"),
        icon=":material/edit:",
        type="tertiary",
        key="edit",
        help=t("Edit the question"),
        on_click=actions.edit,
        args=(chat, turn),
    )
    if st.button(
        t("Compare"),
        icon=":material/view_column:",
        type="tertiary",
        key="compare",
        help=t("Compare models on this question"),
    ):
        compare(turn.prompt)


def _waiting(chat: Chat) -> None:
    waiting = chat.waiting
    assert waiting
    row = st.container(horizontal=True, horizontal_alignment="right", key="asked-next")
    with row, st.chat_message("user", width="content"):
        typed(st.container(gap="small"), waiting.prompt)
        if waiting.files:
            attached_files.draw(waiting.files, "waiting")
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="xsmall"):
        st.caption(t("Queued: sent when this answer ends"), width="content")
        st.button(
            t("Remove from queue"),
            type="tertiary",
            icon=":material/undo:",
            key="take-back",
            on_click=actions.take_back,
            args=(chat,),
        )
