"""The options of a failed column: the same model at another provider, or the cached answer."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from ...records import Completion
from ...store import StoreError
from ...views.conversation import Turn
from .. import session
from ..base.flash import store_errors_shown
from ..models.names import named
from ..text import t, wait
from . import labels, same_model
from .board import Board, ColumnSlot

MOST = 3


def draw(board: Board, slot: ColumnSlot, turn: Turn, completion: Completion) -> None:
    """Draw the options inside the error card."""
    if slot.lane is None or completion.error is None or not labels.label_of(board, slot, turn.model_id).named:
        return
    if not completion.error.sent:
        st.caption(t("Nothing was sent, so no quota was used."))
    with st.container(horizontal=True, gap="xxsmall", key=f"offers-{slot.number}"):
        _elsewhere(board, slot, turn)
        _cached(board, slot, turn)


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
