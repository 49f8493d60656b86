"""Keeps text typed into the boxes of something not stored yet over a reload and Back.

Streamlit sends a box's text when it loses the focus, and drops it with the session or the page. An invisible component
stores it in the browser while it is typed, and restores it if the session has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import streamlit as st

from .. import session
from .drafts import NEW, key_of

SCRIPT = Path(__file__).parents[1] / "static" / "fields.js"
Restore = Callable[[str, Mapping[str, Any]], None]


def keep(box: str, restore: Restore, *, shown: bool, held: bool, more: Mapping[str, Any] | None = None) -> None:
    """Draw the component for the text area with this key. `shown`: it is on the page; `held`: the session has its text.

    `more` is stored with the text; `restore` gets both, before the page is rerun.
    """
    name = f"kept-{box}"
    field = {"box": box, "key": key_of(box, NEW), "shown": shown, "held": held, "more": dict(more or {})}
    component = st.components.v2.component("roundtable-fields", js=SCRIPT.read_text(encoding="utf-8"))
    component(
        key=name,
        height=0,
        data=[{**field, "used": st.session_state.get(f"used-{box}")}],  # a list for the same reason as in `drafts`
        on_restored_change=lambda: _restored(name, restore),
    )


def used(box: str) -> None:
    """The text of this box is stored now: drop the copy."""
    st.session_state[f"used-{box}"] = session.new_id()


def _restored(name: str, restore: Restore) -> None:
    state = st.session_state.get(name)
    restored: Any = state.get("restored") if state else None
    if isinstance(restored, Mapping) and isinstance(restored.get("text"), str):
        more = restored.get("more")
        restore(restored["text"], more if isinstance(more, Mapping) else {})
