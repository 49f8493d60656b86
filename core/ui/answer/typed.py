"""A person's own text, shown verbatim: no Markdown, and a long text is collapsed."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ...safety.outgoing import cleaned
from ..text import t, whole

FOLD_CHARS, FOLD_LINES = 3_000, 40
SHOWN_CHARS, SHOWN_LINES = 900, 12


def typed(place: DeltaGenerator, text: str) -> None:
    """The text; of a long one the beginning, with the rest in an expander."""
    cleaned_text = cleaned(text)[0].strip("\n")
    if len(cleaned_text) <= FOLD_CHARS and cleaned_text.count("\n") < FOLD_LINES:
        place.text(cleaned_text)
        return
    beginning = "\n".join(cleaned_text[:SHOWN_CHARS].split("\n")[:SHOWN_LINES]).rstrip()
    place.text(f"{beginning} …")
    with place.expander(t("Full text: {number} characters", number=whole(len(cleaned_text))), type="compact"):
        st.text(cleaned_text)
