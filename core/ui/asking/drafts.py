"""What is typed and not sent: it belongs to its chat, and survives a reload, another page and Back.

The browser alone knows it (Streamlit sends a box's text when it is submitted), so a component without a face keeps it
there, under a name that tells nothing. Here is noted what the component must know: whose box it is, which question was
kept, what the page itself has put into the box.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from .. import session

SCRIPT = Path(__file__).parents[1] / "static" / "drafts.js"
NEW = ""  # the name of a chat that nothing was asked in
FORGOTTEN = 20
Mark = tuple[int, str, str]


def keep(box: str, name: str, asked: str) -> None:
    """Draw the component for the box with this key. `name` is the chat's id, `asked` its last question."""
    put: dict[str, Any] | None = st.session_state.get(f"put-{box}")
    sent: dict[str, Any] | None = st.session_state.get(f"sent-{box}")
    page = {
        "box": box,
        "key": key_of(box, name),
        "named": name != NEW,
        "asked": _mark(asked) if asked else None,
        "put": put,
        "sent": sent,
        "forget": [key_of(box, gone) for gone in _forgotten()],
    }
    component = st.components.v2.component("roundtable-drafts", js=SCRIPT.read_text(encoding="utf-8"))
    component(
        key="drafts",
        height=0,
        data=[page],  # Streamlit imports pandas to look for tables in a bare mapping
    )


def put(box: str, text: str, *, keep: bool = True) -> None:
    """Put a text into the box. It becomes the draft, unless it is kept elsewhere anyway."""
    st.session_state[box] = text
    st.session_state[f"put-{box}"] = {"id": session.new_id(), "text": text if keep else None}


def sent(box: str, name: str, text: str) -> None:
    """The text of this chat's box was kept as a question: it is no draft any more."""
    st.session_state[f"sent-{box}"] = {"id": session.new_id(), "key": key_of(box, name), "mark": _mark(text)}


def forget(name: str) -> None:
    """The chat was deleted."""
    _forgotten().append(name)
    del _forgotten()[:-FORGOTTEN]


def remember(name: str) -> None:
    """It was brought back; a draft that is begun now is kept."""
    if name in _forgotten():
        _forgotten().remove(name)


def _forgotten() -> list[str]:
    names: list[str] = st.session_state.setdefault("forgotten-drafts", [])
    return names


def key_of(box: str, name: str) -> str:
    """The name in the browser's storage, which tells nothing."""
    return session.private_name(box, name)


def _mark(text: str) -> Mark:
    """Enough to know the text again; it may be long, and goes to the browser with every run."""
    text = text.strip()
    return len(text), text[:40], text[-40:]
