"""A prompt of the library for the rows of a new batch: columns with the names of its variables fill it in."""

from __future__ import annotations

import streamlit as st

from ...batch import template
from ...batch.table import BadTable, Table
from ...views.prompts import LibraryPrompt, variables
from ..base.buttons import icon_button
from ..chat.settings import reset
from ..prompts.library import Destination, popover
from ..text import plain, t
from . import draft

PROMPT = "batch-prompt"


def button() -> None:
    popover(Destination("batch", lambda text, system: None, for_rows=_use))


def chosen() -> LibraryPrompt | None:
    """The prompt that the rows fill in."""
    prompt: LibraryPrompt | None = st.session_state.get(PROMPT)
    return prompt


def show(table: Table, prompt_column: str) -> None:
    """Which column fills which variable."""
    prompt = chosen()
    if prompt is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="batch-prompt-row"):
        st.markdown(t("Each row fills in **{title}**", title=plain(prompt.title)), width="content")
        st.caption(_columns(prompt, table, prompt_column), width="stretch")
        icon_button("close", t("Without this prompt"), "batch-prompt-away", _away)


def _columns(prompt: LibraryPrompt, table: Table, prompt_column: str) -> str:
    try:
        by_variable = template.columns_of(prompt, table, prompt_column)
    except BadTable:
        return ""  # said below the columns
    return " · ".join(
        f"{plain(name)} ← {plain(by_variable.get(name) or prompt.defaults.get(name, ''))}"
        for name in variables(prompt.text)
    )


def _use(prompt: LibraryPrompt) -> None:
    st.session_state[PROMPT] = prompt
    if prompt.system:
        draft.wish("system", prompt.system)
        reset("batch")


def _away() -> None:
    st.session_state.pop(PROMPT, None)
