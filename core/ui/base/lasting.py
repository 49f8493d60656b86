"""What a visitor is told where the server loses its files whenever it sleeps or restarts."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from .. import hosting
from ..text import sentences, t


def note(alignment: Literal["left", "center"] = "left") -> None:
    """Before anything is lost: on the empty pages and on History."""
    if not hosting.history_lasts():
        st.caption(
            t("Nothing is kept here when this server sleeps or restarts. Export what you want to keep."),
            text_alignment=alignment,
        )


def gone(sentence: str) -> str:
    """The sentence that something is not there, with this reason where it may be the cause."""
    if hosting.history_lasts():
        return sentence
    return sentences(sentence, t("It may also be gone because the server slept or was restarted."))
