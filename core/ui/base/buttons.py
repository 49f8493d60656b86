"""Small buttons used beside answers."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ..text import t


def icon_button(name: str, label: str, key: str, action: Callable[..., None], *args: object) -> None:
    """A button that shows only its icon; the label is its tooltip."""
    st.button(label, icon=f":material/{name}:", help=label, key=key, type="tertiary", on_click=action, args=args)


def copy_button(text: str, name: str) -> None:
    """A popover with the raw text in a code block, which has a copy button in its corner."""
    if text.strip():
        with st.popover(t("Copy the answer"), icon=":material/content_copy:", type="tertiary", key=f"copy-{name}"):
            st.caption(t("Copy it with the button in the corner"))
            st.code(text, language=None, wrap_lines=True, height=320 if len(text) > 900 else "content")
