"""A label at a question whose files or pasted text may try to instruct the model. It stops nothing."""

from __future__ import annotations

import streamlit as st

from ...safety.injection import Hint
from ...views.conversation import Turn
from .. import session
from ..text import t


def draw(turn: Turn) -> None:
    """The label, if there are hints; the text is searched once in a tab."""
    if not turn.question_id:  # not saved yet
        return
    searched: dict[str, tuple[Hint, ...]] = st.session_state.setdefault("hints", {})
    if turn.question_id not in searched:
        searched[turn.question_id] = session.person().outgoing.hints(turn)
    if hints := searched[turn.question_id]:
        kinds = t(", ").join(_words(hint) for hint in hints)
        st.caption(f":orange[:material/flag:] {t('This text may try to instruct the model: {what}', what=kinds)}")


def _words(hint: Hint) -> str:
    match hint:
        case "orders":
            return t("orders to a model")
        case "roles":
            return t("marks of a system message")
        case "hidden":
            return t("hidden characters")
        case "carries":
            return t("a request to send data to an address")
