"""The editor of a prompt: title, text, system prompt, and a default for each variable."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from ...store import Changed
from ...views.prompts import (
    LONGEST_DEFAULT,
    LONGEST_SYSTEM,
    LONGEST_TEXT,
    LONGEST_TITLE,
    MOST_VARIABLES,
    LibraryPrompt,
    variables,
)
from .. import session
from ..base.flash import flash, store_errors_shown
from ..text import plain, t

Done = Callable[[], None]


def draw(place: str, prompt: LibraryPrompt, done: Done) -> None:
    """The boxes; `done` is called after Save and Cancel. `place` makes their keys unique."""
    keys = {name: f"prompt-{name}-{place}-{prompt.id}" for name in ("title", "text", "system", "fault")}
    st.text_input(t("Title"), value=prompt.title, key=keys["title"], max_chars=LONGEST_TITLE)
    st.text_area(
        t("Prompt"),
        value=prompt.text,
        key=keys["text"],
        max_chars=LONGEST_TEXT,
        height=140,
        placeholder=t("Translate into {{language}}: {{text}}"),
        help=t("A name in double braces becomes a field that is filled in before the prompt is used."),
    )
    st.text_area(
        t("System prompt"),
        value=prompt.system,
        key=keys["system"],
        max_chars=LONGEST_SYSTEM,
        height=68,
        placeholder=t("How the model should behave (optional)"),
    )
    names = variables(*(str(st.session_state.get(keys[name]) or "") for name in ("text", "system")))[:MOST_VARIABLES]
    for name in names:
        st.text_input(
            t("Default of {name}", name=plain(name)),
            value=prompt.defaults.get(name, ""),
            key=f"{keys['text']}-{name}",
            max_chars=LONGEST_DEFAULT,
            placeholder=t("none"),
        )
    if st.session_state.get(keys["fault"]):
        st.error(t("A prompt needs a title and a text."))
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            t("Save"), icon=":material/check:", type="primary", key=f"prompt-save-{place}",
            on_click=_save, args=(prompt, keys, names, done),
        )  # fmt: skip
        st.button(
            t("Cancel"), type="tertiary", key=f"prompt-cancel-{place}", on_click=_leave, args=(keys, names, done)
        )  # fmt: skip


def _save(prompt: LibraryPrompt, keys: dict[str, str], names: tuple[str, ...], done: Done) -> None:
    title, text, system = (str(st.session_state.get(keys[name]) or "") for name in ("title", "text", "system"))
    if not title.strip() or not text.strip():
        st.session_state[keys["fault"]] = True
        return
    defaults = {name: str(st.session_state.get(f"{keys['text']}-{name}") or "") for name in names}
    unchanged = (text, system) == (prompt.text, prompt.system)
    with store_errors_shown():
        try:
            session.person().prompts.save(
                LibraryPrompt(prompt.id, title, text, system, defaults, prompt.from_file and unchanged)
            )
        except Changed:
            flash(t("Your library is full: it has {number} prompts. Delete one first.", number=1000), warning=True)
            return
        _leave(keys, names, done)


def _leave(keys: dict[str, str], names: tuple[str, ...], done: Done) -> None:
    for key in (*keys.values(), *(f"{keys['text']}-{name}" for name in names)):
        st.session_state.pop(key, None)
    done()
