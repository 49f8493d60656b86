"""Small buttons used beside answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import streamlit as st

from ..text import language, t

SCRIPT = Path(__file__).parents[1] / "static" / "copy.js"
COPY = '<button type="button" class="roundtable-copy" aria-label="{label}"></button>'


def icon_button(name: str, label: str, key: str, action: Callable[..., None], *args: object) -> None:
    """A button that shows only its icon; the label is its tooltip."""
    st.button(label, icon=f":material/{name}:", help=label, key=key, type="tertiary", on_click=action, args=args)


def copy_button(text: str, name: str) -> None:
    """A button that copies the text as it was written. Only the browser can, and only within a click."""
    if not text.strip():
        return
    copy = {
        "text": text,
        "label": t("Copy the answer"),
        "done": t("Copied"),
        "refused": t("The browser did not allow copying. The text is selected: copy it with Ctrl+C or ⌘C."),
        "close": t("Close"),
    }
    html = COPY.format(label=copy["label"])  # a name from the beginning, for who hears it
    component = st.components.v2.component(
        f"roundtable-copy-{language()}", html=html, js=_script(), isolate_styles=False
    )
    component(key=f"copy-{name}", width="content", data=[copy])  # in a list: see chat/drafts.py


@cache
def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")
