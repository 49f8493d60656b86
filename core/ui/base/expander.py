"""An expander that stays as it is when its label changes; for Streamlit another label is another, closed expander."""

from __future__ import annotations

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer


def expander(label: str, *, key: str) -> ExpanderContainer:
    """Draw what is inside only while `.open`. A click that arrives together with a new label counts too."""
    drawn: dict[str, tuple[str, bool]] = st.session_state.setdefault("expanders", {})
    last_label, expanded = drawn.get(key, (label, False))
    if label != last_label:
        expanded = bool(st.session_state.get(key, expanded))
    drawn[key] = (label, expanded)
    return st.expander(label, expanded, key=key, on_change="rerun")
