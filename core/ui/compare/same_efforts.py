"""One model with several reasoning efforts: each effort becomes a column."""

from __future__ import annotations

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


def chooser(board: Board) -> None:
    """A popover with a button for the model of the first column, and a box for any other one."""
    if board.is_blind:
        return
    box = st.popover(
        t("Same model, several efforts"),
        icon=":material/psychology:",
        type="tertiary",
        key="same-efforts",
        on_change="rerun",
        help=t("Compare how hard one model thinks"),
    )
    if not box.open:
        return
    with box:
        st.caption(
            t(
                "Each reasoning effort becomes a column. Votes between efforts of one model do not count on the "
                "leaderboard: a model cannot win against itself."
            )
        )
        options = {option.model.id: option for option in families.options() if _is_able(option)}
        able = [model_id for model_id, option in options.items() if option.model.efforts]
        first = next((model_id for model_id in board.models if model_id in options), None)
        if first:
            name = speaker_of(first, session.engine().catalog.providers).model_name
            st.button(
                t("Compare the efforts of {model}", model=name),
                icon=":material/play_arrow:",
                key="same-efforts-first",
                on_click=_begin,
                args=(first,),
            )
        st.selectbox(
            t("Model"),
            able,
            index=None,
            key=KEY,
            placeholder=t("Search models"),
            format_func=lambda model_id: _label(options[model_id]),
            on_change=_chosen,
        )
        if not able:
            st.caption(t("No model that is ready has several reasoning efforts."))


def _is_able(option: ModelOption) -> bool:
    return option.ready and efforts.can_be_compared(option.provider, option.model)


def _label(option: ModelOption) -> str:
    levels = t(", ").join(effort_name(level) for level in efforts.levels_of(option.model))
    return f"{option.model.name} · {option.provider.label} · {levels}"


def _chosen() -> None:
    if model_id := st.session_state.get(KEY):
        _begin(model_id)


def _begin(model_id: str) -> None:
    """The columns of the next comparison; the one that is open stays in the history."""
    levels = efforts.levels_of(speaker_of(model_id, session.engine().catalog.providers).model)
    st.session_state["same-efforts"] = False
    st.session_state[blind.LOT] = False
    column_settings.give_efforts(levels)
    remember([model_id] * len(levels), None)
