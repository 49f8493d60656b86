"""Models that a person marked with a star: first in every picker, remembered over sessions."""

from __future__ import annotations

import streamlit as st

from ...store import StoreError
from .. import session
from ..base.flash import store_errors_shown
from ..text import t
from .choices import ModelOption

STATE = "favourite-models"


def names() -> tuple[str, ...]:
    """Their ids, those marked last at the end; none for a new visitor and while the database is unavailable."""
    held: tuple[str, ...] | None = st.session_state.get(STATE)
    if held is None:
        if not session.has_history():
            return ()
        try:
            held = st.session_state[STATE] = session.person().settings.favourites()
        except StoreError:
            return ()
    return held


def first(options: list[ModelOption]) -> list[ModelOption]:
    """The same options, favourites before the others."""
    place = {model_id: number for number, model_id in enumerate(names())}
    return sorted(options, key=lambda option: place.get(option.model.id, len(place)))


def star(name: str, model_id: str) -> None:
    """The button that marks a model, or takes the mark away."""
    marked = model_id in names()
    st.button(
        t("Remove from favourites") if marked else t("Add to favourites"),
        icon=":material/star:",
        key=f"{'starred' if marked else 'star'}-{name}-{model_id}",
        type="tertiary",
        on_click=_mark,
        args=(model_id, not marked),
    )


def _mark(model_id: str, marked: bool) -> None:
    with store_errors_shown():
        session.person().settings.favour(model_id, marked)
    st.session_state.pop(STATE, None)
