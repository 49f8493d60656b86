"""A link from a model that ends to the rehearsal of its end, where the visitor has asked it something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import streamlit as st

from ...store import StoreError
from .. import session
from ..text import tn

NUMBERS = "questions-asked"
FRESH = timedelta(minutes=1)


def link(model_id: str, key: str) -> None:
    """Nothing while the database is not open, and for a model that was asked nothing."""
    number = _number(model_id)
    if not number:
        return
    query = {"rehearse": model_id}
    if st.session_state.get("language"):
        query["lang"] = st.session_state["language"]
    label = tn(
        "You asked it {number} question: try its successors on it",
        "You asked it {number} questions: try its successors on them",
        number,
    )
    with st.container(key=f"rehearse-{key}"):
        st.page_link("pages/batch.py", label=label, icon=":material/compare_arrows:", query_params=query)


def _number(model_id: str) -> int:
    """Counted again after a minute, since a page that is typed on is drawn often."""
    if not session.has_history() or not session.is_open():
        return 0
    numbers: dict[str, tuple[datetime, int]] = st.session_state.setdefault(NUMBERS, {})
    at, number = numbers.get(model_id, (None, 0))
    now = datetime.now(UTC)
    if at is None or now - at > FRESH:
        try:
            number = session.person().rehearsals.number(model_id)
        except StoreError:
            return 0
        numbers[model_id] = (now, number)
    return number
