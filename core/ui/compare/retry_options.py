"""The options of a failed column: the same model at another provider, the cached answer, or asking again after the
reset.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import streamlit as st

from ...records import Completion
from ...store import StoreError
from ...views.conversation import Turn
from .. import session
from ..base.flash import store_errors_shown
from ..base.time_zone import zone
from ..failures import failure
from ..models.names import named
from ..text import clock, t, wait
from . import labels, same_model
from .board import Board, ColumnSlot

MOST = 3
LONGEST = timedelta(hours=24)
TICK_S = 1.0
WAITING = "waiting-for-reset"


def draw(board: Board, slot: ColumnSlot, turn: Turn, completion: Completion) -> None:
    """Draw the options inside the error card."""
    if slot.lane is None or completion.error is None or not labels.label_of(board, slot, turn.model_id).named:
        return
    if not completion.error.sent:
        st.caption(t("Nothing was sent, so no quota was used."))
    with st.container(horizontal=True, gap="xxsmall", key=f"offers-{slot.number}"):
        _elsewhere(board, slot, turn)
        _cached(board, slot, turn)
    moment = failure.again_at(completion)
    if (moment and datetime.now(UTC) < moment < datetime.now(UTC) + LONGEST) or _waits(turn):
        _until_reset(board, slot, turn, moment or datetime.now(UTC))


def _elsewhere(board: Board, slot: ColumnSlot, turn: Turn) -> None:
    """The same model at ready providers that are not in a column yet."""
    candidates = [choice for choice in same_model.elsewhere(turn.model_id) if choice.model.id not in board.models]
    for number, choice in enumerate(candidates[:MOST]):
        st.button(
            t("Use {provider} instead", provider=named(choice.provider)),
            icon=":material/swap_horiz:",
            key=f"elsewhere-{slot.number}-{number}",
            help=t("Use the same model at that provider in this column"),
            on_click=_ask_there,
            args=(board, slot, turn, choice.model.id),
        )


def _ask_there(board: Board, slot: ColumnSlot, turn: Turn, model_id: str) -> None:
    if slot.lane is None:
        return
    comparisons = session.person().comparisons
    with store_errors_shown():
        comparisons.swap(slot.lane, model_id)
        lane = slot.lane.with_model(model_id)
        comparisons.again(board.request_id("there", turn.answer_id, model_id), lane, turn)


def _cached(board: Board, slot: ColumnSlot, turn: Turn) -> None:
    """The cached answer to the same question, if there is one."""
    assert slot.lane
    with suppress(StoreError):
        cached = session.person().comparisons.cached_answer(slot.lane, turn)
        if cached is None:
            return
        age_s = next((float(note.detail) for note in cached.notes if note.kind == "cached"), 0.0)
        st.button(
            t("Show the cached answer ({age} old)", age=wait(age_s)),
            icon=":material/history:",
            key=f"kept-{slot.number}",
            on_click=_show_cached,
            args=(board, slot, turn),
        )


def _show_cached(board: Board, slot: ColumnSlot, turn: Turn) -> None:
    if slot.lane:
        request_id = board.request_id("kept", turn.answer_id)
        with store_errors_shown():
            session.person().comparisons.again(request_id, slot.lane, turn, cached=True)


def _until_reset(board: Board, slot: ColumnSlot, turn: Turn, moment: datetime) -> None:
    """A switch, and while it is on a countdown."""
    key = f"wait-{slot.number}-{turn.answer_id}"
    st.toggle(
        t("Retry automatically at {clock}", clock=clock(moment, zone())),
        value=_waits(turn),
        key=key,
        help=t("Works only while this page is open"),
        on_change=_choose,
        args=(turn, key),
    )
    if _waits(turn) and not board.running():
        _countdown(board, slot, turn, moment)


def _choose(turn: Turn, key: str) -> None:
    chosen: set[str] = st.session_state.setdefault(WAITING, set())
    (chosen.add if st.session_state.get(key) else chosen.discard)(turn.answer_id)


def _waits(turn: Turn) -> bool:
    return turn.answer_id in st.session_state.get(WAITING, set())


@st.fragment(run_every=TICK_S)
def _countdown(board: Board, slot: ColumnSlot, turn: Turn, moment: datetime) -> None:
    left_s = (moment - datetime.now(UTC)).total_seconds()
    if left_s > 0:
        st.caption(f":material/hourglass_top: {t('Retries in {time}', time=wait(left_s))}")
        return
    st.session_state.get(WAITING, set()).discard(turn.answer_id)
    if slot.lane:
        with store_errors_shown():  # one request id for every tab that waits for this reset
            session.person().comparisons.again(f"reset-{turn.answer_id}", slot.lane, turn, insist=False)
    st.rerun()
