"""Whether Enter has just sent nothing, because a model cannot take the files: then the reason stands out."""

from __future__ import annotations

import streamlit as st


def note(box: str) -> None:
    st.session_state[_key(box)] = True


def forget(box: str) -> None:
    st.session_state.pop(_key(box), None)


def is_noted(box: str) -> bool:
    return _key(box) in st.session_state


def _key(box: str) -> str:
    return f"held-back-{box}"
