"""What one column is asked with otherwise than all: its own system prompt and sampling, kept with its lane."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from .. import session
from ..asking.settings import FIELDS, fields, reset
from ..base.flash import store_errors_shown
from ..text import t
from . import blind
from .board import Board, ColumnSlot, generation

HELD = "compare-apart"


def of(board: Board, place: ColumnSlot) -> Mapping[str, Any]:
    """The settings that a column has for itself; {} where it is asked as all are."""
    if board.run and place.lane:
        return board.run.apart.get(place.lane.id, {})
    held: Mapping[str, Any] = _drafts().get(place.number, {})
    return held


def possible(board: Board) -> bool:
    """Not in a blind comparison, which asks all alike."""
    return board.run is not None or not blind.is_on()


def drafts(board: Board) -> dict[int, Mapping[str, Any]]:
    """By place, before anything was asked."""
    return {number: held for number, held in _drafts().items() if held and number < len(board.places)}


def popover(board: Board, place: ColumnSlot) -> None:
    """The boxes of one column; drawn only while they are open."""
    mine, name = of(board, place), _name(place)
    box = st.popover(
        t("Settings of this column"),
        icon=":material/tune:",
        type="tertiary",
        key=f"apart-{place.number}",
        on_change="rerun",
        help=t("Settings of this column"),
    )
    if not box.open:
        return
    with box:
        st.caption(
            t("This column has its own settings.")
            if mine
            else t("Same as the other columns, until you change something.")
        )
        fields({**generation(board), **mine}, name, lambda field, value: _set(board, place, field, value))
        st.button(
            t("Use the common settings"),
            icon=":material/sync:",
            key=f"same-{place.number}",
            disabled=not mine,
            on_click=_same,
            args=(board, place),
        )


def remark(board: Board, place: ColumnSlot) -> None:
    """Which settings a column has for itself, in its own line."""
    mine = of(board, place) if possible(board) else {}
    words = [word for name, word in _words().items() if name in mine]
    if words:
        st.caption(f":material/tune: {t('Own settings: {settings}', settings=', '.join(words))}")


def without(number: int) -> None:
    """Forget the settings of a place that goes; those at its right move along."""
    held = _drafts()
    st.session_state[HELD] = {at - (at > number): mine for at, mine in held.items() if at != number}


def _words() -> dict[str, str]:
    return {
        "system": t("System prompt"),
        "temperature": t("Temperature"),
        "top_p": t("Top p"),
        "max_output_tokens": t("Maximum answer length, tokens"),
        "seed": t("Seed"),
    }


def _set(board: Board, place: ColumnSlot, field: str, value: object) -> None:
    same = _given(value) == _given(generation(board).get(field))
    mine = {name: held for name, held in of(board, place).items() if name != field and name in FIELDS}
    _keep(board, place, mine if same else {**mine, field: value})


def _given(value: object) -> object:
    return None if value == "" else value


def _same(board: Board, place: ColumnSlot) -> None:
    reset(_name(place))
    _keep(board, place, {})


def _keep(board: Board, place: ColumnSlot, mine: Mapping[str, Any]) -> None:
    if board.run is None or place.lane is None:
        _drafts()[place.number] = dict(mine)
        return
    with store_errors_shown():
        session.person().comparisons.set_apart(place.lane, mine)


def _drafts() -> dict[int, Mapping[str, Any]]:
    held: dict[int, Mapping[str, Any]] = st.session_state.setdefault(HELD, {})
    return held


def _name(place: ColumnSlot) -> str:
    return place.lane.id if place.lane else f"place-{place.number}"
