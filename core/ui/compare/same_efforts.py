"""One model with several reasoning efforts: each effort becomes a column."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from .. import session
from ..models import efforts, families
from ..models.choices import ModelOption
from ..models.efforts import effort_name
from ..models.marks import speaker_of
from ..text import t
from . import blind, column_settings
from .board import Board, remember

KEY = "same-efforts-model"


def draw(board: Board, *, close: Callable[[], None]) -> None:
    """A box for any model, and a button for that of the first column. `close`: what both are in, once one is chosen."""
    options = {option.model.id: option for option in families.options() if _is_able(option)}
    able = [model_id for model_id, option in options.items() if option.model.efforts]
    st.selectbox(
        t("With several efforts"),
        able,
        index=None,
        key=KEY,
        placeholder=t("Search models"),
        format_func=lambda model_id: _label(options[model_id]),
        on_change=_chosen,
        args=(close,),
    )
    if not able:
        st.caption(t("No model that is ready has several reasoning efforts."))
    first = next((model_id for model_id in board.models if model_id in options), None)
    if first:
        name = speaker_of(first, session.engine().catalog.providers).model_name
        st.button(
            t("Compare the efforts of {model}", model=name),
            icon=":material/psychology:",
            key="same-efforts-first",
            on_click=_begin,
            args=(first, close),
        )
    st.caption(
        t(
            "Each reasoning effort becomes a column. Votes between efforts of one model do not count on the "
            "leaderboard: a model cannot win against itself."
        )
    )


def _is_able(option: ModelOption) -> bool:
    return option.ready and efforts.can_be_compared(option.provider, option.model)


def _label(option: ModelOption) -> str:
    levels = t(", ").join(effort_name(level) for level in efforts.levels_of(option.model))
    return f"{option.model.name} · {option.provider.label} · {levels}"


def _chosen(close: Callable[[], None]) -> None:
    if model_id := st.session_state.get(KEY):
        _begin(model_id, close)


def _begin(model_id: str, close: Callable[[], None]) -> None:
    """The columns of the next comparison; the one that is open stays in the history."""
    levels = efforts.levels_of(speaker_of(model_id, session.engine().catalog.providers).model)
    close()
    st.session_state[blind.LOT] = False
    column_settings.give_efforts(levels)
    remember([model_id] * len(levels), None)
