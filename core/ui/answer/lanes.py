"""The columns of a comparison: in each a picker, a status with a clock, the answer, and its own Stop and Retry."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.records import Completion
from core.ui import here
from core.ui.answer.thread import copy
from core.ui.answer.view import View
from core.ui.asking import runs
from core.ui.asking.follow import Watch
from core.ui.asking.runs import Board, Lane
from core.ui.models.marks import Who, who
from core.ui.models.picker import picker
from core.ui.text import seconds, t

if TYPE_CHECKING:
    from core.desk import Turn

NARROWEST_PX = 250


class Lanes:
    """Draws all places; `watches` then holds those that still run."""

    def __init__(self, board: Board) -> None:
        self.watches: list[Watch] = []
        self._board = board
        self._ends: dict[str, Completion] = {}
        columns = len(board.models) if len(board.models) <= runs.USUAL else (len(board.models) + 1) // 2
        grid = st.grid(columns, min_column_width=NARROWEST_PX, border=True, gap="small", key="lanes")
        for place, model_id in enumerate(board.models):
            with grid.cell():
                self._place(place, model_id)

    def _place(self, place: int, model_id: str) -> None:
        board, lane = self._board, self._board.lanes[place]
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-head-{place}"):
            picker(
                f"lane-{place}", model_id, lambda chosen: runs.choose(board, place, chosen), stretch=True, note=False
            )
            if len(board.models) > runs.FEWEST:
                _icon("close", t("Remove this column"), f"remove-{place}", runs.remove, board, place)
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-state-{place}"):
            status = st.empty()
            tools = st.container(horizontal=True, gap="xxsmall", width="content", key=f"tools-{place}")
        body = st.container(gap="small")
        if lane is None:
            self._idle(place, status, tools)
        else:
            self._lane(place, lane, View(body, _who(model_id), f"lane-{place}", status), status, tools.empty())

    def _lane(self, place: int, lane: Lane, view: View, status: DeltaGenerator, slot: DeltaGenerator) -> None:
        board, turn = self._board, lane.turn

        def end(completion: Completion) -> None:
            self._ends[turn.request_id] = completion
            first = runs.fastest(board, self._end_of)
            status.caption(_end_words(completion, fastest=first is turn))
            with slot.container(horizontal=True, gap="xxsmall", width="content"):
                copy(completion.text, f"lane-{place}")
                _icon("refresh", t("Answer again"), f"again-{place}", runs.again, board, place)
            view.finish(completion, retry=lambda: runs.again(board, place), state=turn.state)

        if turn.completion:
            end(turn.completion)
        else:
            self.watches.append(Watch(turn, view.show, end))
            status.caption(f":shimmer[{t('Sent')}]")
            with slot:
                _icon("stop_circle", t("Stop this column"), f"stop-{place}", runs.stop, [turn])

    def _end_of(self, turn: Turn) -> Completion | None:
        return turn.completion or self._ends.get(turn.request_id)

    def _idle(self, place: int, status: DeltaGenerator, tools: DeltaGenerator) -> None:
        status.caption(t("Ready") if self._board.run is None else t("Not asked yet"))
        if self._board.run is not None:
            with tools:
                st.button(
                    t("Ask"),
                    icon=":material/play_arrow:",
                    key=f"play-{place}",
                    on_click=runs.again,
                    args=(self._board, place),
                )


def _who(model_id: str) -> Who:
    return who(model_id, here.engine().catalog.providers)


def _end_words(completion: Completion, *, fastest: bool) -> str:
    spent = seconds(completion.timing.total_ms or 0)
    if completion.error is not None:
        return f":red[:material/error: {t('Failed')}] · {spent}"
    if completion.finish and completion.finish.reason == "stopped":
        return f":material/stop_circle: {t('Stopped')} · {spent}"
    if completion.finish and completion.finish.reason == "truncated":
        return f":orange[:material/link_off: {t('Interrupted')}]"
    first = f" :green-badge[:material/bolt: {t('fastest')}]" if fastest else ""
    return f":green[:material/check:] {t('Done')} · {spent}{first}"


def _icon(icon: str, label: str, key: str, action: Callable[..., None], *args: object) -> None:
    st.button(label, icon=f":material/{icon}:", help=label, key=key, type="tertiary", on_click=action, args=args)
