"""The columns of the newest turn: each has a picker, a status with the time, buttons, and the answer.

Four are side by side, more by scrolling sideways (`pager`); on a phone one fills the screen. One can be shown alone.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.grid_container import GridContainer

from ...records import Completion
from ...views.conversation import Turn
from ..answer import inspector, served
from ..answer.view import AnswerView
from ..base.buttons import copy_button, icon_button
from ..chat.follow import AnswerFollower
from ..models.default_selection import FEWEST
from ..picker import picker
from ..scheduled import card as scheduled_card
from ..text import seconds, t
from . import actions, column_settings, cost, files, labels, pager, retry_options
from .board import Board, ColumnSlot
from .labels import ColumnLabel

NARROWEST_PX = 232  # four fit beside the sidebar on a screen of 1280 pixels


class Columns:
    """Draws all columns; afterwards `watches` has the running ones, including hidden ones."""

    def __init__(self, board: Board) -> None:
        self.watches: list[AnswerFollower] = []
        self._board = board
        self._ends: dict[str, Completion] = {}
        alone = actions.expanded(board)
        shown = [alone] if alone else board.places
        if alone:
            self._tabs(alone)
        pager.draw(board.run.id if board.run else "", len(shown))
        cells = grid(len(shown), "lanes")
        for slot in shown:
            with cells.cell():
                self._place(slot)
        for slot in board.places:
            turn = board.turn(slot)
            if alone and slot is not alone and turn and turn.state == "running" and turn.completion is None:
                self.watches.append(AnswerFollower(turn, lambda progress: None))

    def _tabs(self, alone: ColumnSlot) -> None:
        with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="lane-tabs"):
            st.button(
                t("All columns"), icon=":material/grid_view:", key="all-columns", on_click=actions.expand, args=(None,)
            )
            for slot in self._board.places:
                st.button(
                    labels.label_of(self._board, slot).label,
                    key=f"tab-{slot.number}",
                    type="secondary" if slot is alone else "tertiary",
                    on_click=actions.expand,
                    args=(slot,),
                )

    def _place(self, slot: ColumnSlot) -> None:
        board, turn = self._board, self._board.turn(slot)
        column_label = labels.label_of(board, slot)
        self._head(slot, column_label)
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-state-{slot.number}"):
            status = st.empty()
            tools = st.container(horizontal=True, gap="xxsmall", width="content", key=f"tools-{slot.number}")
        _remarks(board, slot, turn)
        cost.column(board, slot)
        answered_by = st.empty()
        body = st.container(gap="small")
        if turn is None:
            self._idle(slot, status, tools)
            return
        if board.is_blind and board.running():
            status.caption(f":shimmer[{t('Answering')}]")
            if turn.completion is None:
                self.watches.append(AnswerFollower(turn, lambda progress: None))
            return
        answerer = labels.label_of(board, slot, turn.model_id)
        fixed = bool(slot.lane and slot.lane.generation.response_format)
        view = AnswerView(body, answerer.speaker, f"lane-{slot.number}", status, figures=answerer.figures, fixed=fixed)
        self._answer(slot, turn, view, status, tools.empty(), answered_by, body)

    def _head(self, slot: ColumnSlot, column_label: ColumnLabel) -> None:
        board = self._board
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-head-{slot.number}"):
            effort = f" · {column_label.effort}" if column_label.effort else ""
            st.markdown(f"**{column_label.letter}**{effort}", width="content")
            if column_label.named:
                picker(
                    f"lane-{slot.number}",
                    slot.model_id,
                    lambda chosen: actions.choose(board, slot, chosen),
                    stretch=True,
                    load=files.load(board),
                )
            else:
                st.space("stretch")
            if column_label.named and column_settings.possible(board):
                column_settings.popover(board, slot)
            if board.run and actions.expanded(board) is None:
                icon_button("open_in_full", t("Show this column alone"), f"expand-{slot.number}", actions.expand, slot)
            if len(board.places) > FEWEST:
                icon_button("close", t("Remove this column"), f"remove-{slot.number}", actions.remove, board, slot)

    def _answer(
        self,
        slot: ColumnSlot,
        turn: Turn,
        view: AnswerView,
        status: DeltaGenerator,
        buttons: DeltaGenerator,
        answered_by: DeltaGenerator,
        body: DeltaGenerator,
    ) -> None:
        board, number = self._board, slot.number

        def end(completion: Completion) -> None:
            self._ends[turn.request_id] = completion
            figures = labels.label_of(board, slot, turn.model_id).figures
            first = actions.fastest(board, self._end_of) if figures else None
            view.finish(
                completion,
                retry=None if board.is_blind else lambda: actions.again(board, slot),
                state=turn.state,
                buttons=lambda container, ended: self._continue_buttons(container, slot, turn, ended),
                offers=None if board.is_blind else lambda: retry_options.draw(board, slot, turn, completion),
                later=None if board.is_blind else lambda at: actions.send_later(board, slot, turn, at),
            )
            status.caption(end_words(completion, fastest=first is turn, figures=figures))
            if figures and (name := served.answerer_of(completion)):
                words = t("Answered by {model}", model=f"**{name}**")
                answered_by.caption(
                    f":orange[:material/swap_horiz: {words}]" if served.is_another(completion) else words
                )
            with buttons.container(horizontal=True, gap="xxsmall", width="content"):
                if not board.is_blind:
                    icon_button("refresh", t("Retry"), f"again-{number}", actions.again, board, slot)
                copy_button(completion.text, f"lane-{number}")
                if not board.is_blind:
                    inspector.button(turn.request_id, f"lane-{number}")

        if turn.state == "scheduled" and slot.lane:
            status.caption(f":material/schedule: {t('Waiting')}")
            with body:
                scheduled_card.draw(turn, slot.lane.id, f"lane-{number}")
        elif turn.completion:
            end(turn.completion)
        else:
            self.watches.append(AnswerFollower(turn, view.show, end))
            status.caption(f":shimmer[{t('Sent')}]")
            with buttons:
                icon_button("stop_circle", t("Stop this column"), f"stop-{number}", actions.stop, [turn])

    def _continue_buttons(
        self, container: DeltaGenerator, slot: ColumnSlot, turn: Turn, completion: Completion
    ) -> None:
        """Buttons to continue all columns from this answer, or to open it in a chat."""
        if not completion.text.strip() or slot.lane is None:
            return
        chosen = actions.followed(self._board) == slot.lane.id
        with container:
            st.button(
                t("Use for all models") if chosen else t("Continue from this answer"),
                icon=":material/check:" if chosen else ":material/subdirectory_arrow_right:",
                key=f"follow-{slot.number}",
                type="tertiary",
                help=t("In the next turn every model continues from this answer instead of its own"),
                on_click=actions.follow_from,
                args=(self._board, None if chosen else slot),
            )
            if not self._board.is_blind and st.button(
                t("Open in Chat"),
                icon=":material/chat_bubble:",
                key=f"chat-{slot.number}",
                type="tertiary",
                help=t("Continue from this answer in a new chat"),
            ):
                actions.open_in_chat(slot.lane, turn)

    def _end_of(self, turn: Turn) -> Completion | None:
        return turn.completion or self._ends.get(turn.request_id)

    def _idle(self, slot: ColumnSlot, status: DeltaGenerator, tools: DeltaGenerator) -> None:
        ready = t("Random order") if self._board.is_blind else t("Ready")
        status.caption(ready if self._board.run is None else t("Not asked yet"))
        if self._board.run is not None and not self._board.is_blind:
            with tools:
                st.button(
                    t("Ask"),
                    icon=":material/play_arrow:",
                    key=f"play-{slot.number}",
                    on_click=actions.again,
                    args=(self._board, slot),
                )


def grid(columns: int, key: str) -> GridContainer:
    """Cells side by side with a minimum width; the rest is reached by scrolling."""
    return st.grid(columns, min_column_width=NARROWEST_PX, wrap=False, border=True, gap="small", key=key)


def _remarks(board: Board, slot: ColumnSlot, turn: Turn | None) -> None:
    """How a column differs from the others: own settings, a swapped model, missed turns."""
    if labels.label_of(board, slot).named:
        column_settings.remark(board, slot)
    files.remark(board, slot, lambda place, chosen: actions.choose(board, place, chosen))
    run, lane = board.run, slot.lane
    if run is None or lane is None:
        return
    if turn and turn.model_id != slot.model_id and labels.label_of(board, slot).named:
        old, new = labels.label_of(board, slot, turn.model_id).speaker, labels.label_of(board, slot).speaker
        st.caption(
            t(
                "{old} answered here; {new} takes over from the next turn.",
                old=old.model_name,
                new=f"**{new.model_name}**",
            )
        )
    missed_turns = [round_.number for round_ in run.rounds if lane.id not in round_.questions]
    if missed_turns and turn and len(run.rounds) > 1:
        st.caption(t("It did not see turn {numbers}.", numbers=", ".join(map(str, missed_turns))))


def end_words(completion: Completion, *, fastest: bool, figures: bool = True) -> str:
    """The status of an answer that has ended, with its time."""
    elapsed = f" · {seconds(completion.timing.total_ms or 0)}" if figures else ""
    if completion.error is not None:
        if completion.text.strip():
            return f":orange[:material/link_off: {t('Interrupted')}]{elapsed}"
        return f":red[:material/error: {t('Failed')}]{elapsed}"
    if completion.finish and completion.finish.reason == "stopped":
        return f":material/stop_circle: {t('Stopped')}{elapsed}"
    if completion.finish and completion.finish.reason == "truncated":
        return f":orange[:material/link_off: {t('Interrupted')}]"
    badge = f" :green-badge[:material/bolt: {t('fastest')}]" if fastest else ""
    return f":green[:material/check:] {t('Done')}{elapsed}{badge}"
