"""What is typed into a box of something that nothing keeps yet: this tab's storage holds it over a reload and Back.

Streamlit tells the server a box's text when it loses the focus, and forgets it with the session or with the page; a
component without a face keeps it in the browser as it is typed, and brings it back where the session has nothing.
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

    `more` is kept beside the text, and `restore` gets both back. It is called before the page is drawn again.
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
    """The text of this box is kept elsewhere now."""
    st.session_state[f"used-{box}"] = session.new_id()


def _restored(name: str, restore: Restore) -> None:
    held = st.session_state.get(name)
    said: Any = held.get("restored") if held else None
    if isinstance(said, Mapping) and isinstance(said.get("text"), str):
        more = said.get("more")
        restore(said["text"], more if isinstance(more, Mapping) else {})
