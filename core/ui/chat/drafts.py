"""Drafts: typed text belongs to its chat and survives a reload, another page and Back.

Only the browser knows it (Streamlit sends a box's text on submit), so an invisible component stores it there, under a
hashed name. This module tells the component whose box it is, which question was saved, and what the page has put into
the box.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from .. import session

SCRIPT = Path(__file__).parents[1] / "static" / "drafts.js"
NEW = ""  # the name of a new chat
FORGOTTEN = 20
Mark = tuple[int, str, str]


def keep(box: str, name: str, last_prompt: str, *, focus: bool = True) -> None:
    """Draw the component for the box with this key. `name` is the chat's id, `last_prompt` its last question.

    `focus`: who comes to the page has the cursor in the box.
    """
    put: dict[str, Any] | None = st.session_state.get(f"put-{box}")
    sent: dict[str, Any] | None = st.session_state.get(f"sent-{box}")
    page = {
        "box": box,
        "tab": st.session_state.setdefault("drafts-tab", session.new_id()),
        "key": key_of(box, name),
        "named": name != NEW,
        "focus": focus,
        "asked": _mark(last_prompt) if last_prompt else None,
        "put": put,
        "sent": sent,
        "insert": st.session_state.get(f"insert-{box}"),
        "forget": forgotten_keys(box),
    }
    component = st.components.v2.component("roundtable-drafts", js=SCRIPT.read_text(encoding="utf-8"))
    component(
        key="drafts",
        height=0,
        data=[page],  # Streamlit imports pandas to look for tables in a bare mapping
    )


def put(box: str, text: str, *, keep: bool = True) -> None:
    """Put a text into the box. `keep`: it becomes the draft; otherwise it is saved elsewhere."""
    st.session_state[box] = text
    st.session_state[f"put-{box}"] = {"id": session.new_id(), "text": text if keep else None}


def insert(box: str, text: str) -> None:
    """Add a text after what is typed in the box, which only the browser knows."""
    st.session_state[f"insert-{box}"] = {"id": session.new_id(), "text": text}


def sent(box: str, name: str, text: str) -> None:
    """The text of this chat's box was saved as a question: drop the draft."""
    st.session_state[f"sent-{box}"] = {"id": session.new_id(), "key": key_of(box, name), "mark": _mark(text)}


def forget(name: str) -> None:
    """The chat was deleted: drop its draft."""
    _forgotten().append(name)
    del _forgotten()[:-FORGOTTEN]


def remember(name: str) -> None:
    """The chat was restored: keep its drafts again."""
    if name in _forgotten():
        _forgotten().remove(name)


def forgotten_keys(box: str) -> list[str]:
    return [key_of(box, deleted) for deleted in _forgotten()]


def _forgotten() -> list[str]:
    names: list[str] = st.session_state.setdefault("forgotten-drafts", [])
    return names


def key_of(box: str, name: str) -> str:
    """The hashed name in the browser's storage."""
    return session.private_name(box, name)


def _mark(text: str) -> Mark:
    """A short fingerprint of a text that may be long, because it is sent to the browser in every run."""
    text = text.strip()
    return len(text), text[:40], text[-40:]
