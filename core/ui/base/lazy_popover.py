"""A quiet button, and a box behind it that is drawn only while it is open."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def lazy_popover(
    label: str, draw: Callable[..., None], *args: object, icon: str, key: str, tip: str | None = None
) -> None:
    """`draw(*args)` draws what is in the box; a click on the button runs the page again. `icon` is the name of a
    Material symbol."""
    box = st.popover(label, icon=f":material/{icon}:", type="tertiary", key=key, on_change="rerun", help=tip)
    if box.open:
        with box:
            draw(*args)
