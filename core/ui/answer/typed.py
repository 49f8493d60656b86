"""A person's own text, shown as it was typed: no mark in it has a meaning, and a long one is folded."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...safety.outgoing import cleaned
from ..text import t, whole

FOLD_CHARS, FOLD_LINES = 3_000, 40
SHOWN_CHARS, SHOWN_LINES = 900, 12


def typed(place: DeltaGenerator, text: str) -> None:
    """The text; of a long one its beginning, the whole below on a click."""
    shown = cleaned(text)[0].strip("\n")
    if len(shown) <= FOLD_CHARS and shown.count("\n") < FOLD_LINES:
        place.text(shown)
        return
    beginning = "\n".join(shown[:SHOWN_CHARS].split("\n")[:SHOWN_LINES]).rstrip()
    place.text(f"{beginning} …")
    with place.expander(t("Full text: {number} characters", number=whole(len(shown))), type="compact"):
        st.text(shown)
