"""Settings of a single column: its own system prompt and sampling, stored with its lane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from ...records import AskedEffort
from .. import session
from ..base.flash import store_errors_shown
from ..base.lazy_popover import lazy_popover
from ..chat.settings import FIELDS, fields, reset
from ..text import t
from . import blind
from .board import Board, ColumnSlot, generation

DRAFTS = "compare-apart"


def settings_of(board: Board, slot: ColumnSlot) -> Mapping[str, Any]:
    """The column's own settings; {} if it has none."""
    if board.run and slot.lane:
        return board.run.apart.get(slot.lane.id, {})
    draft: Mapping[str, Any] = _drafts().get(slot.number, {})
    return draft


def possible(board: Board) -> bool:
    """Whether columns may have their own settings: not in a blind comparison."""
    return board.run is not None or not blind.is_on()


def drafts(board: Board) -> dict[int, Mapping[str, Any]]:
    """Own settings by column number, before the first question; in a blind comparison they are efforts only."""
    return {number: settings for number, settings in _drafts().items() if settings and number < len(board.places)}


def effort_of(board: Board, slot: ColumnSlot) -> AskedEffort | None:
    """The effort of a column that differs from the others', or that all have."""
    effort: AskedEffort | None = settings_of(board, slot).get("effort", generation(board).get("effort"))
    return effort


def give_efforts(levels: Sequence[AskedEffort]) -> None:
    """The columns of the next comparison differ in nothing but their efforts."""
    st.session_state[DRAFTS] = {number: {"effort": level} for number, level in enumerate(levels)}


def popover(board: Board, slot: ColumnSlot) -> None:
    """The settings of one column; drawn only while open."""
    name = t("Settings of this column")
    lazy_popover(name, _form, board, slot, icon="tune", key=f"apart-{slot.number}", tip=name)


def _form(board: Board, slot: ColumnSlot) -> None:
    own = settings_of(board, slot)
    st.caption(
        t("This column has its own settings.") if own else t("Same as the other columns, until you change something.")
    )
    fields(
        {**generation(board), **own},
        _name(slot),
        lambda field, value: _set(board, slot, field, value),
        [slot.model_id],
    )
    st.button(
        t("Use the common settings"),
        icon=":material/sync:",
        key=f"same-{slot.number}",
        disabled=not own,
        on_click=_same,
        args=(board, slot),
    )


def remark(board: Board, slot: ColumnSlot) -> None:
    """A line that names the column's own settings."""
    own = settings_of(board, slot) if possible(board) else {}
    words = [word for name, word in _words().items() if name in own]
    if words:
        st.caption(f":material/tune: {t('Own settings: {settings}', settings=', '.join(words))}")


def without(number: int) -> None:
    """Drop the settings of a removed column and renumber those to its right."""
    drafts = _drafts()
    st.session_state[DRAFTS] = {
        position - (position > number): settings for position, settings in drafts.items() if position != number
    }


def _words() -> dict[str, str]:
    return {
        "system": t("System prompt"),
        "temperature": t("Temperature"),
        "top_p": t("Top p"),
        "max_output_tokens": t("Max output tokens"),
        "seed": t("Seed"),
        "response_format": t("Answer format"),
    }


def _set(board: Board, slot: ColumnSlot, field: str, value: object) -> None:
    same = _none_if_empty(value) == _none_if_empty(generation(board).get(field))
    own = {name: current for name, current in settings_of(board, slot).items() if name != field and name in FIELDS}
    _keep(board, slot, own if same else {**own, field: value})


def _none_if_empty(value: object) -> object:
    return None if value == "" else value


def _same(board: Board, slot: ColumnSlot) -> None:
    reset(_name(slot))
    _keep(board, slot, {})


def _keep(board: Board, slot: ColumnSlot, own: Mapping[str, Any]) -> None:
    if board.run is None or slot.lane is None:
        _drafts()[slot.number] = dict(own)
        return
    with store_errors_shown():
        session.person().comparisons.set_apart(slot.lane, own)


def _drafts() -> dict[int, Mapping[str, Any]]:
    drafts: dict[int, Mapping[str, Any]] = st.session_state.setdefault(DRAFTS, {})
    return drafts


def _name(slot: ColumnSlot) -> str:
    return slot.lane.id if slot.lane else f"place-{slot.number}"
