"""The FAQ's list of questions: add, search, remove."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256

import streamlit as st

from ...views.faq import FaqQuestion
from .. import session
from ..base.flash import flash, store_errors_shown
from ..text import plain, sentences, t, tn, wait
from . import login

FIELD = "faq-new"
SHOWN = 50


def add() -> None:
    with st.form("faq-add", border=False):
        st.text_area(
            t("New questions, one per line"),
            key=FIELD,
            height=100,
            placeholder=t("What are your opening hours?"),
        )
        st.form_submit_button(t("Add to the list"), icon=":material/add:", on_click=_add)


def listing(questions: Sequence[FaqQuestion]) -> None:
    """The questions that match the search, newest first."""
    if not questions:
        st.caption(t("The list is empty."))
        return
    words = ""
    if len(questions) > 5:
        words = st.text_input(
            t("Find"), key="faq-find", placeholder=t("Find in the list"), label_visibility="collapsed"
        )
    matches = [question for question in questions if words.casefold() in question.question.casefold()]
    shown = matches[: st.session_state.get("faq-shown", SHOWN)]
    st.caption(tn("{shown} of {number} question", "{shown} of {number} questions", len(questions), shown=len(shown)))
    now = datetime.now(UTC)
    for question in shown:
        _row(question, now)
    if len(shown) < len(matches):
        st.button(t("Show more"), key="faq-more", on_click=_more)


def undo() -> None:
    """A bar that can restore the question removed last."""
    removed = st.session_state.get("faq-gone")
    if removed:
        with st.container(horizontal=True, vertical_alignment="center", gap="small", border=True, key="undo-bar"):
            st.markdown(t("Removed: {question}", question=f"*{plain(removed)[:80]}*"), width="stretch")
            st.button(t("Undo"), key="faq-back", on_click=_put_back, args=(removed,))


def _row(question: FaqQuestion, now: datetime) -> None:
    name = sha256(question.question.encode("utf-8", "replace")).hexdigest()[:12]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"faq-{name}"):
        with st.container(gap=None):
            st.markdown(plain(question.question))
            st.caption(_about(question, now))
        st.button(t("Remove"), key=f"faq-off-{name}", type="tertiary", on_click=_remove, args=(question.question,))


def _about(question: FaqQuestion, now: datetime) -> str:
    age = t("added {age} ago", age=wait((now - question.marked_at).total_seconds()))
    if question.answers:
        return " · ".join(
            (age, tn("answered from the cache once", "answered from the cache {number} times", question.hits))
        )
    return " · ".join((age, t("no approved answer yet")))


def _add() -> None:
    questions = [line.strip() for line in str(st.session_state.get(FIELD, "")).splitlines() if line.strip()]
    if not questions or not login.is_logged_in():
        return
    with store_errors_shown():
        new = session.person().faq.mark(questions)
        st.session_state[FIELD] = ""
        st.session_state.pop("faq-gone", None)
        skipped = len(questions) - new
        parts = [t("Added: {number}.", number=new)] if new else []
        parts += [t("Already on the list, or empty: {number}.", number=skipped)] if skipped else []
        last_message, words = st.session_state.get("faq-added"), sentences(*parts)
        if (
            new or not last_message or last_message[0] != questions
        ):  # a second click of the same says what the first one said
            st.session_state["faq-added"] = last_message = (questions, words)
        flash(last_message[1])


def _remove(question: str) -> None:
    if login.is_logged_in():
        with store_errors_shown():
            if session.person().faq.unmark(question):
                st.session_state["faq-gone"] = question


def _put_back(question: str) -> None:
    st.session_state.pop("faq-gone", None)
    if login.is_logged_in():
        with store_errors_shown():
            session.person().faq.mark([question])


def _more() -> None:
    st.session_state["faq-shown"] = st.session_state.get("faq-shown", SHOWN) + SHOWN
