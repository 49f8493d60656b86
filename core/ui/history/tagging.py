"""Tags for many entries at once on the History page: choose entries, then add a tag to all or take it from all."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ...views.history import Conversation, Tag
from .. import session
from ..base.flash import flash, store_errors_shown
from ..text import t, tn

CHOOSING, BOX = "choosing", "bulk-tags"


def is_on() -> bool:
    return bool(st.session_state.get(CHOOSING))


def switch() -> None:
    """The button that begins it, and ends it."""
    st.button(
        t("Done") if is_on() else t("Select"),
        icon=":material/done:" if is_on() else ":material/checklist:",
        type="tertiary",
        key="choose",
        on_click=_turn,
    )


def bar(entries: Sequence[Conversation], tags: Sequence[Tag]) -> None:
    """What is done with the chosen ones of these entries."""
    chosen = [entry.id for entry in entries if st.session_state.get(box(entry.id))]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", border=True, key="tagging"):
        st.markdown(tn("{number} selected", "{number} selected", len(chosen)), width="content")
        everything = [entry.id for entry in entries]
        whole = len(chosen) == len(everything)
        st.button(
            t("Select none") if whole else t("Select all shown"),
            type="tertiary",
            key="choose-all",
            on_click=_choose,
            args=(everything, not whole),
        )
        st.multiselect(
            t("Tags"),
            [tag.name for tag in tags],
            accept_new_options=True,
            placeholder=t("Type a tag, or choose"),
            key=BOX,
            label_visibility="collapsed",
        )
        named = bool(chosen and st.session_state.get(BOX))
        st.button(
            t("Add"), icon=":material/new_label:", key="add-tags", disabled=not named, on_click=_add, args=(chosen,)
        )
        st.button(
            t("Remove"),
            icon=":material/label_off:",
            key="take-tags",
            disabled=not named,
            on_click=_take,
            args=(chosen,),
        )


def box(entry_id: str) -> str:
    """The key of the check box of an entry."""
    return f"chosen-{entry_id}"


def check(entry: Conversation) -> None:
    st.checkbox(t("Select"), key=box(entry.id), label_visibility="collapsed")


def _turn() -> None:
    st.session_state[CHOOSING] = not is_on()


def _choose(ids: Sequence[str], chosen: bool) -> None:
    for entry_id in ids:
        st.session_state[box(entry_id)] = chosen


def _add(ids: Sequence[str]) -> None:
    words = list(st.session_state.get(BOX) or ())
    with store_errors_shown():
        session.person().history.add_tags(ids, words)
        flash(tn("{number} entry tagged.", "{number} entries tagged.", len(ids)))
    st.session_state[BOX] = []


def _take(ids: Sequence[str]) -> None:
    words = list(st.session_state.get(BOX) or ())
    with store_errors_shown():
        session.person().history.take_tags(ids, words)
        flash(tn("Tags removed from {number} entry.", "Tags removed from {number} entries.", len(ids)))
    st.session_state[BOX] = []
