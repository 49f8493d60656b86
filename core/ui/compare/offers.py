"""What a failed column offers, and does only when somebody chooses it: the same model elsewhere, a kept answer, or to
wait for the reset and ask then.
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
from ..models.called import named
from ..text import clock, t, wait
from . import names, same_model
from .board import Board, ColumnSlot

MOST = 3
LONGEST = timedelta(hours=24)
TICK_S = 1.0
WAITING = "waiting-for-reset"


def draw(board: Board, place: ColumnSlot, turn: Turn, completion: Completion) -> None:
    """Inside the card of an answer that failed."""
    if place.lane is None or completion.error is None or not names.shown(board, place, turn.model_id).named:
        return
    if not completion.error.sent:
        st.caption(t("Nothing was sent, so no quota was used."))
    with st.container(horizontal=True, gap="xxsmall", key=f"offers-{place.number}"):
        _elsewhere(board, place, turn)
        _kept(board, place, turn)
    moment = failure.again_at(completion)
    if (moment and datetime.now(UTC) < moment < datetime.now(UTC) + LONGEST) or _waits(turn):
        _until_reset(board, place, turn, moment or datetime.now(UTC))


def _elsewhere(board: Board, place: ColumnSlot, turn: Turn) -> None:
    """The same model at providers that could answer now and are not in a column yet."""
    spare = [choice for choice in same_model.elsewhere(turn.model_id) if choice.model.id not in board.models]
    for number, choice in enumerate(spare[:MOST]):
        st.button(
            t("Use {provider} instead", provider=named(choice.provider)),
            icon=":material/swap_horiz:",
            key=f"elsewhere-{place.number}-{number}",
            help=t("Use the same model at that provider in this column"),
            on_click=_ask_there,
            args=(board, place, turn, choice.model.id),
        )


def _ask_there(board: Board, place: ColumnSlot, turn: Turn, model_id: str) -> None:
    if place.lane is None:
        return
    comparisons = session.person().comparisons
    with store_errors_shown():
        comparisons.swap(place.lane, model_id)
        moved = place.lane.with_model(model_id)
        comparisons.again(board.request_id("there", turn.answer_id, model_id), moved, turn)


def _kept(board: Board, place: ColumnSlot, turn: Turn) -> None:
    """The answer that was kept from an earlier time to the same question, if there is one."""
    assert place.lane
    with suppress(StoreError):
        found = session.person().comparisons.kept(place.lane, turn)
        if found is None:
            return
        age_s = next((float(note.detail) for note in found.notes if note.kind == "cached"), 0.0)
        st.button(
            t("Show the cached answer ({age} old)", age=wait(age_s)),
            icon=":material/history:",
            key=f"kept-{place.number}",
            on_click=_show_kept,
            args=(board, place, turn),
        )


def _show_kept(board: Board, place: ColumnSlot, turn: Turn) -> None:
    if place.lane:
        request_id = board.request_id("kept", turn.answer_id)
        with store_errors_shown():
            session.person().comparisons.again(request_id, place.lane, turn, kept=True)


def _until_reset(board: Board, place: ColumnSlot, turn: Turn, moment: datetime) -> None:
    """A switch, and while it is on a countdown; the script itself looks again every second."""
    key = f"wait-{place.number}-{turn.answer_id}"
    st.toggle(
        t("Retry automatically at {clock}", clock=clock(moment, zone())),
        value=_waits(turn),
        key=key,
        help=t("Works only while this page is open"),
        on_change=_choose,
        args=(turn, key),
    )
    if _waits(turn) and not board.running():
        _countdown(board, place, turn, moment)


def _choose(turn: Turn, key: str) -> None:
    chosen: set[str] = st.session_state.setdefault(WAITING, set())
    (chosen.add if st.session_state.get(key) else chosen.discard)(turn.answer_id)


def _waits(turn: Turn) -> bool:
    return turn.answer_id in st.session_state.get(WAITING, set())


@st.fragment(run_every=TICK_S)
def _countdown(board: Board, place: ColumnSlot, turn: Turn, moment: datetime) -> None:
    left_s = (moment - datetime.now(UTC)).total_seconds()
    if left_s > 0:
        st.caption(f":material/hourglass_top: {t('Retries in {time}', time=wait(left_s))}")
        return
    st.session_state.get(WAITING, set()).discard(turn.answer_id)
    if place.lane:
        with store_errors_shown():  # one request id for every tab that waits for this reset
            session.person().comparisons.again(f"reset-{turn.answer_id}", place.lane, turn, insist=False)
    st.rerun()
