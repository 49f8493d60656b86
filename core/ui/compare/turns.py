"""The turns of a comparison: earlier ones folded above, the newest prompt in sight, and who sees what at the next."""

from __future__ import annotations

import streamlit as st

from ...views.comparison import Round
from ..answer.typed import typed
from ..answer.view import AnswerView
from ..text import plain, t
from . import actions, names
from .analysis import bar as verdicts
from .board import Board, ColumnSlot
from .columns import end_words, grid

SHOWN = 8
LABEL = 90


def earlier(board: Board) -> None:
    """All turns but the newest, each folded; what is behind a fold is drawn only while it is open."""
    rounds = board.run.rounds[:-1] if board.run else ()
    marked = next((at for at, asked in enumerate(rounds) if _holds(board, asked)), len(rounds))
    held: int = st.session_state.get("turns-shown", SHOWN)
    hidden = min(max(0, len(rounds) - held), marked)
    if hidden:
        st.button(
            t("Show earlier ({number})", number=hidden),
            key="earlier",
            type="tertiary",
            icon=":material/expand_less:",
            on_click=lambda: st.session_state.update({"turns-shown": held + SHOWN}),
        )
    for asked in rounds[hidden:]:
        line = " ".join(asked.prompt.split())
        label = f"**{asked.number}** · {plain(line[:LABEL] + ('…' if len(line) > LABEL else ''))}"
        box = st.expander(label, _holds(board, asked), key=f"turn-{asked.number}", on_change="rerun", type="compact")
        if box.open:
            with box:
                _round(board, asked)


def _holds(board: Board, asked: Round) -> bool:
    """Whether the address leads to a message of this turn."""
    marked = st.query_params.get("at")
    turns = [turn for place in board.places if marked and (turn := board.turn(place, asked))]
    return any(marked in (turn.question_id, turn.answer_id) for turn in turns)


def _round(board: Board, asked: Round) -> None:
    if len(asked.prompt) > LABEL or "\n" in asked.prompt:
        typed(st.container(gap="small"), asked.prompt)
    _context(board, asked.follows)
    cells = grid(len(board.places), f"lanes-{asked.number}")
    for place in board.places:
        with cells.cell():
            _answer(board, place, asked)
    verdicts.earlier(board, asked)


def _answer(board: Board, place: ColumnSlot, asked: Round) -> None:
    """What one column said in an earlier turn."""
    turn = board.turn(place, asked)
    column_label = names.shown(board, place, turn.model_id if turn else None)
    st.markdown(f"**{column_label.label}**")
    if turn is None:
        st.caption(t("Not asked in this turn"))
    elif turn.completion is None:
        st.caption(t("Still answering"))
    else:
        st.caption(end_words(turn.completion, fastest=False, figures=column_label.figures))
        name = f"t{asked.number}-{place.number}"
        AnswerView(st.container(gap="small"), column_label.who, name, figures=column_label.figures).finish(
            turn.completion, state=turn.state
        )


def prompt(board: Board) -> None:
    """The newest prompt, which stays in sight while its answers are read."""
    if board.newest is None or board.run is None:
        return
    with st.container(key="prompt", gap="xxsmall"):
        with st.chat_message("user"):
            typed(st.container(gap="small"), board.newest.prompt)
        _context(board, board.newest.follows)


def _context(board: Board, lane_id: str | None) -> None:
    """Whose answers the models saw in a turn, where it was not each its own."""
    if lane_id is not None:
        st.caption(
            ":material/subdirectory_arrow_right: "
            + t("In this turn all models continued from {column}.", column=f"**{_called(board, lane_id)}**")
        )


def _called(board: Board, lane_id: str) -> str:
    place = _place_of(board, lane_id)
    return names.shown(board, place).label if place else t("a removed column")


def _place_of(board: Board, lane_id: str) -> ColumnSlot | None:
    return next((place for place in board.places if place.lane and place.lane.id == lane_id), None)


def context(board: Board) -> None:
    """Over the box: what each model sees at the next turn, and the way back to its own."""
    chosen = actions.followed(board)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="context"):
        if chosen is None:
            st.caption(t("Each model sees only its own answers."), width="content")
            return
        st.caption(
            ":material/subdirectory_arrow_right: "
            + t("In the next turn all models continue from {column}.", column=f"**{_called(board, chosen)}**"),
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
    """The columns that were taken out, each with its way back."""
    gone = board.run.removed if board.run else ()
    if not gone:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="removed"):
        st.caption(t("Removed, answers kept:"), width="content")
        for number, lane in enumerate(gone):
            column_label = names.shown(board, ColumnSlot(number, lane.model_id, lane))
            st.button(
                t("Restore {model}", model=column_label.who.model_name) if column_label.named else t("Restore"),
                icon=":material/undo:",
                key=f"put-back-{number}",
                type="tertiary",
                on_click=actions.put_back,
                args=(lane,),
            )
