"""The columns of the newest turn: in each a picker, a status with a clock, its buttons, and the answer.

Four stand side by side, more by scrolling sideways; on a phone one fills the screen. One can be shown alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...records import Completion
from ...views.conversation import Turn
from ..answer.view import AnswerView
from ..asking.follow import AnswerFollower
from ..base.buttons import copy_button, icon_button
from ..models.line_up import FEWEST
from ..picker import picker
from ..text import seconds, t
from . import actions, apart, names, offers, same_model
from .board import Board, ColumnSlot
from .names import ColumnLabel

if TYPE_CHECKING:
    from streamlit.elements.lib.grid_container import GridContainer

NARROWEST_PX = 320


class Columns:
    """Draws all columns; `watches` then holds those that still run, the hidden ones too."""

    def __init__(self, board: Board) -> None:
        self.watches: list[AnswerFollower] = []
        self._board = board
        self._ends: dict[str, Completion] = {}
        alone = actions.expanded(board)
        drawn = [alone] if alone else board.places
        if alone:
            self._tabs(alone)
        cells = grid(len(drawn), "lanes")
        for place in drawn:
            with cells.cell():
                self._place(place)
        for place in board.places:
            turn = board.turn(place)
            if alone and place is not alone and turn and turn.completion is None:
                self.watches.append(AnswerFollower(turn, lambda progress: None))

    def _tabs(self, alone: ColumnSlot) -> None:
        with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="lane-tabs"):
            st.button(
                t("All columns"), icon=":material/grid_view:", key="all-columns", on_click=actions.expand, args=(None,)
            )
            for place in self._board.places:
                st.button(
                    names.shown(self._board, place).label,
                    key=f"tab-{place.number}",
                    type="secondary" if place is alone else "tertiary",
                    on_click=actions.expand,
                    args=(place,),
                )

    def _place(self, place: ColumnSlot) -> None:
        board, turn = self._board, self._board.turn(place)
        column_label = names.shown(board, place)
        self._head(place, column_label)
        with st.container(
            horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-state-{place.number}"
        ):
            status = st.empty()
            tools = st.container(horizontal=True, gap="xxsmall", width="content", key=f"tools-{place.number}")
        _remarks(board, place, turn)
        body = st.container(gap="small")
        if turn is None:
            self._idle(place, status, tools)
            return
        if board.is_blind and board.running():
            status.caption(f":shimmer[{t('Answering')}]")
            if turn.completion is None:
                self.watches.append(AnswerFollower(turn, lambda progress: None))
            return
        answerer = names.shown(board, place, turn.model_id)
        view = AnswerView(body, answerer.who, f"lane-{place.number}", status, figures=answerer.figures)
        self._answer(place, turn, view, status, tools.empty())

    def _head(self, place: ColumnSlot, column_label: ColumnLabel) -> None:
        board = self._board
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-head-{place.number}"):
            st.markdown(f"**{column_label.letter}**", width="content")
            if column_label.named:
                picker(
                    f"lane-{place.number}",
                    place.model_id,
                    lambda chosen: actions.choose(board, place, chosen),
                    stretch=True,
                    note=same_model.is_one(board),
                )
            else:
                st.space("stretch")
            if column_label.named and apart.possible(board):
                apart.popover(board, place)
            if board.run and actions.expanded(board) is None:
                icon_button(
                    "open_in_full", t("Show this column alone"), f"expand-{place.number}", actions.expand, place
                )
            if len(board.places) > FEWEST:
                icon_button("close", t("Remove this column"), f"remove-{place.number}", actions.remove, board, place)

    def _answer(
        self, place: ColumnSlot, turn: Turn, view: AnswerView, status: DeltaGenerator, slot: DeltaGenerator
    ) -> None:
        board, number = self._board, place.number

        def end(completion: Completion) -> None:
            self._ends[turn.request_id] = completion
            figures = names.shown(board, place, turn.model_id).figures
            first = actions.fastest(board, self._end_of) if figures else None
            view.finish(
                completion,
                retry=None if board.is_blind else lambda: actions.again(board, place),
                state=turn.state,
                buttons=lambda where, done: self._onward(where, place, turn, done),
                offers=None if board.is_blind else lambda: offers.draw(board, place, turn, completion),
            )
            status.caption(end_words(completion, fastest=first is turn, figures=figures))
            with slot.container(horizontal=True, gap="xxsmall", width="content"):
                if not board.is_blind:
                    icon_button("refresh", t("Retry"), f"again-{number}", actions.again, board, place)
                copy_button(completion.text, f"lane-{number}")

        if turn.completion:
            end(turn.completion)
        else:
            self.watches.append(AnswerFollower(turn, view.show, end))
            status.caption(f":shimmer[{t('Sent')}]")
            with slot:
                icon_button("stop_circle", t("Stop this column"), f"stop-{number}", actions.stop, [turn])

    def _onward(self, where: DeltaGenerator, place: ColumnSlot, turn: Turn, completion: Completion) -> None:
        """What can follow an answer: everybody's next turn, or a chat of its own."""
        if not completion.text.strip() or place.lane is None:
            return
        chosen = actions.followed(self._board) == place.lane.id
        with where:
            st.button(
                t("Use for all models") if chosen else t("Continue from this answer"),
                icon=":material/check:" if chosen else ":material/subdirectory_arrow_right:",
                key=f"follow-{place.number}",
                type="tertiary",
                help=t("In the next turn every model continues from this answer instead of its own"),
                on_click=actions.follow_from,
                args=(self._board, None if chosen else place),
            )
            if not self._board.is_blind and st.button(
                t("Open in Chat"),
                icon=":material/chat_bubble:",
                key=f"chat-{place.number}",
                type="tertiary",
                help=t("Continue from this answer in a new chat"),
            ):
                actions.open_in_chat(place.lane, turn)

    def _end_of(self, turn: Turn) -> Completion | None:
        return turn.completion or self._ends.get(turn.request_id)

    def _idle(self, place: ColumnSlot, status: DeltaGenerator, tools: DeltaGenerator) -> None:
        ready = t("Random order") if self._board.is_blind else t("Ready")
        status.caption(ready if self._board.run is None else t("Not asked yet"))
        if self._board.run is not None and not self._board.is_blind:
            with tools:
                st.button(
                    t("Ask"),
                    icon=":material/play_arrow:",
                    key=f"play-{place.number}",
                    on_click=actions.again,
                    args=(self._board, place),
                )


def grid(columns: int, key: str) -> GridContainer:
    """Cells side by side, never narrower than what reads well: what does not fit is reached by scrolling."""
    return st.grid(columns, min_column_width=NARROWEST_PX, wrap=False, border=True, gap="small", key=key)


def _remarks(board: Board, place: ColumnSlot, turn: Turn | None) -> None:
    """Where a column is not like the others: another model from now on, late to join."""
    if names.shown(board, place).named:
        apart.remark(board, place)
    run, lane = board.run, place.lane
    if run is None or lane is None:
        return
    if turn and turn.model_id != place.model_id and names.shown(board, place).named:
        old, new = names.shown(board, place, turn.model_id).who, names.shown(board, place).who
        st.caption(
            t(
                "{old} answered here; {new} takes over from the next turn.",
                old=old.model_name,
                new=f"**{new.model_name}**",
            )
        )
    missed = [asked.number for asked in run.rounds if lane.id not in asked.questions]
    if missed and turn and len(run.rounds) > 1:
        st.caption(t("It did not see turn {numbers}.", numbers=", ".join(map(str, missed))))


def end_words(completion: Completion, *, fastest: bool, figures: bool = True) -> str:
    """The status of an answer that has ended, with how long it took."""
    spent = f" · {seconds(completion.timing.total_ms or 0)}" if figures else ""
    if completion.error is not None:
        if completion.text.strip():
            return f":orange[:material/link_off: {t('Interrupted')}]{spent}"
        return f":red[:material/error: {t('Failed')}]{spent}"
    if completion.finish and completion.finish.reason == "stopped":
        return f":material/stop_circle: {t('Stopped')}{spent}"
    if completion.finish and completion.finish.reason == "truncated":
        return f":orange[:material/link_off: {t('Interrupted')}]"
    first = f" :green-badge[:material/bolt: {t('fastest')}]" if fastest else ""
    return f":green[:material/check:] {t('Done')}{spent}{first}"
