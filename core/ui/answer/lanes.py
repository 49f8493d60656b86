"""The columns of a comparison: in each a picker, a status with a clock, the answer, and its own Stop and Retry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.records import Completion
from core.ui import here
from core.ui.answer.thread import copy
from core.ui.answer.view import View
from core.ui.asking import runs
from core.ui.asking.state import Run, Turn
from core.ui.models.marks import who
from core.ui.models.picker import picker
from core.ui.text import seconds, t

NARROWEST_PX = 250


class Lanes:
    """Draws all lanes; `views` then holds the places of those that still run."""

    def __init__(self, models: Sequence[str], run: Run | None) -> None:
        self.views: dict[str, View] = {}
        self._run = run
        self._ends: dict[str, Callable[[], None]] = {}
        columns = len(models) if len(models) <= runs.USUAL else (len(models) + 1) // 2
        grid = st.grid(columns, min_column_width=NARROWEST_PX, border=True, gap="small", key="lanes")
        for place, model_id in enumerate(models):
            with grid.cell():
                self._lane(place, model_id, removable=len(models) > runs.FEWEST)

    def ended(self, lane: Turn) -> None:
        """Draw the end of a lane whose answer was followed in this script run."""
        self._ends[lane.request_id]()

    def _lane(self, place: int, model_id: str, *, removable: bool) -> None:
        lane = runs.lane_of(self._run, place, model_id)
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-head-{place}"):
            picker(f"lane-{place}", model_id, lambda chosen: runs.choose(place, chosen), stretch=True, note=False)
            if removable:
                _icon("close", t("Remove this column"), f"remove-{place}", runs.remove, place)
        with st.container(horizontal=True, vertical_alignment="center", gap="xxsmall", key=f"lane-state-{place}"):
            status = st.empty()
            tools = st.container(horizontal=True, gap="xxsmall", width="content", key=f"tools-{place}")
        body = st.container(gap="small")
        if lane is None:
            self._idle(place, model_id, status, tools)
            return
        speaker = who(model_id, here.engine().catalog.providers)
        view = View(body, speaker, f"lane-{place}", status)
        slot = tools.empty()

        def end() -> None:
            completion = lane.completion
            if completion:
                status.caption(_end_words(completion, fastest=self._run is not None and self._run.fastest() is lane))
                with slot.container(horizontal=True, gap="xxsmall", width="content"):
                    copy(completion.text, f"lane-{place}")
                    _icon("refresh", t("Answer again"), f"again-{place}", runs.again, self._run, place, model_id)
                view.finish(completion, retry=lambda: runs.again(self._run, place, model_id))

        if lane.completion is None:
            self.views[lane.request_id] = view
            self._ends[lane.request_id] = end
            status.caption(f":shimmer[{t('Sent')}]")
            with slot:
                _icon("stop_circle", t("Stop this column"), f"stop-{place}", runs.stop, [lane])
        else:
            end()

    def _idle(self, place: int, model_id: str, status: DeltaGenerator, tools: DeltaGenerator) -> None:
        status.caption(t("Ready") if self._run is None else t("Not asked yet"))
        if self._run is not None:
            with tools:
                st.button(
                    t("Ask"),
                    icon=":material/play_arrow:",
                    key=f"play-{place}",
                    on_click=runs.again,
                    args=(self._run, place, model_id),
                )


def _end_words(completion: Completion, *, fastest: bool) -> str:
    spent = seconds(completion.timing.total_ms or 0)
    if completion.error is not None:
        return f":red[:material/error: {t('Failed')}] · {spent}"
    if completion.finish and completion.finish.reason == "stopped":
        return f":material/stop_circle: {t('Stopped')} · {spent}"
    first = f" :green-badge[:material/bolt: {t('fastest')}]" if fastest else ""
    return f":green[:material/check:] {t('Done')} · {spent}{first}"


def _icon(icon: str, label: str, key: str, action: Callable[..., None], *args: object) -> None:
    st.button(label, icon=f":material/{icon}:", help=label, key=key, type="tertiary", on_click=action, args=args)
