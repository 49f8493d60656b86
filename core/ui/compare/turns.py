"""The turns of a comparison: earlier ones collapsed, the newest prompt, and what the models see at the next turn."""

from __future__ import annotations

import streamlit as st

from ...views.comparison import Round
from .. import tips
from ..answer import hints, inspector
from ..answer.typed import typed
from ..answer.view import AnswerView
from ..text import plain, t
from . import actions, files, labels
from .analysis import bar as verdicts
from .board import Board, ColumnSlot
from .columns import end_words, grid

SHOWN = 8
LABEL = 90


def earlier(board: Board) -> None:
    """All turns except the newest, each in an expander that is drawn only while open."""
    rounds = board.run.rounds[:-1] if board.run else ()
    marked_position = next((position for position, round_ in enumerate(rounds) if _holds(board, round_)), len(rounds))
    shown: int = st.session_state.get("turns-shown", SHOWN)
    hidden = min(max(0, len(rounds) - shown), marked_position)
    if hidden:
        st.button(
            t("Show earlier ({number})", number=hidden),
            key="earlier",
            type="tertiary",
            icon=":material/expand_less:",
            on_click=lambda: st.session_state.update({"turns-shown": shown + SHOWN}),
        )
    for round_ in rounds[hidden:]:
        line = " ".join(round_.prompt.split())
        label = f"**{round_.number}** · {plain(line[:LABEL] + ('…' if len(line) > LABEL else ''))}"
        box = st.expander(label, _holds(board, round_), key=f"turn-{round_.number}", on_change="rerun", type="compact")
        if box.open:
            with box:
                _round(board, round_)


def _holds(board: Board, round_: Round) -> bool:
    """Whether the address points to a message of this turn."""
    marked = st.query_params.get("at")
    turns = [turn for slot in board.places if marked and (turn := board.turn(slot, round_))]
    return any(marked in (turn.question_id, turn.answer_id) for turn in turns)


def _round(board: Board, round_: Round) -> None:
    if len(round_.prompt) > LABEL or "\n" in round_.prompt:
        typed(st.container(gap="small"), round_.prompt)
    files.of_round(board, round_)
    _hints(board, round_)
    _context(board, round_.follows)
    cells = grid(len(board.places), f"lanes-{round_.number}")
    for slot in board.places:
        with cells.cell():
            _answer(board, slot, round_)
    verdicts.earlier(board, round_)


def _answer(board: Board, slot: ColumnSlot, round_: Round) -> None:
    """One column's answer in an earlier turn."""
    turn = board.turn(slot, round_)
    column_label = labels.label_of(board, slot, turn.model_id if turn else None)
    st.markdown(f"**{column_label.label}**")
    if turn is None:
        st.caption(t("Not asked in this turn"))
    elif turn.completion is None:
        st.caption(t("Waiting") if turn.state == "scheduled" else t("Still answering"))
    else:
        st.caption(end_words(turn.completion, fastest=False, figures=column_label.figures))
        name = f"t{round_.number}-{slot.number}"
        request_id = "" if board.is_blind else turn.request_id
        AnswerView(st.container(gap="small"), column_label.speaker, name, figures=column_label.figures).finish(
            turn.completion,
            state=turn.state,
            buttons=lambda place, _completion: inspector.button(request_id, name, place),
        )


def prompt(board: Board) -> None:
    """The newest prompt, which stays visible while its answers are read."""
    if board.newest is None or board.run is None:
        return
    with st.container(key="prompt", gap="xxsmall"):
        with st.chat_message("user"):
            typed(st.container(gap="small"), board.newest.prompt)
            files.of_round(board, board.newest)
        _hints(board, board.newest)
        _context(board, board.newest.follows)


def _hints(board: Board, round_: Round) -> None:
    """Once for all columns, which were asked the same."""
    turns = [turn for slot in board.places if (turn := board.turn(slot, round_))]
    if turns:
        hints.draw(turns[0])


def _context(board: Board, lane_id: str | None) -> None:
    """Which column's answer all models continued from in a turn, if any."""
    if lane_id is not None:
        st.caption(
            ":material/subdirectory_arrow_right: "
            + t("In this turn all models continued from {column}.", column=f"**{_column_name(board, lane_id)}**")
        )


def _column_name(board: Board, lane_id: str) -> str:
    slot = _place_of(board, lane_id)
    return labels.label_of(board, slot).label if slot else t("a removed column")


def _place_of(board: Board, lane_id: str) -> ColumnSlot | None:
    return next((slot for slot in board.places if slot.lane and slot.lane.id == lane_id), None)


def context(board: Board) -> None:
    """What the models see at the next turn, and how to reset it."""
    chosen = actions.followed(board)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", width="content", key="context"):
        if chosen is None:
            st.caption(t("Each model sees only its own answers."), width="content")
            if board.run and not board.running():
                tips.draw("compare")
            return
        st.caption(
            ":material/subdirectory_arrow_right: "
            + t("In the next turn all models continue from {column}.", column=f"**{_column_name(board, chosen)}**"),
            width="content",
        )
        st.button(
            t("Each from its own answer"),
            type="tertiary",
            key="own-answers",
            icon=":material/undo:",
            on_click=actions.follow_from,
            args=(board, None),
        )


def removed(board: Board) -> None:
    """The removed columns, each with a button to put it back."""
    lanes = board.run.removed if board.run else ()
    if not lanes:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="removed"):
        st.caption(t("Removed, answers kept:"), width="content")
        for number, lane in enumerate(lanes):
            column_label = labels.label_of(board, ColumnSlot(number, lane.model_id, lane))
            st.button(
                t("Restore {model}", model=column_label.speaker.model_name) if column_label.named else t("Restore"),
                icon=":material/undo:",
                key=f"put-back-{number}",
                type="tertiary",
                on_click=actions.put_back,
                args=(lane,),
            )
